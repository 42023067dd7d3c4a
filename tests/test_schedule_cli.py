"""`briefing schedule`: what its verbs print, and how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import briefing, environment

CONFIG = """
state = "state"
[fetch]
every = "1d"
[profiles.morning]
hour = "06:30"
time_zone = "Europe/Berlin"
[profiles.evening]
hour = "18:00"
time_zone = "Asia/Tokyo"
"""


@pytest.fixture
def config(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file: Path = tmp_path / "briefing.toml"
    file.write_text(CONFIG)
    return file


def test_next_tells_each_edition_by_its_profiles_own_clock(config):
    answer = briefing("schedule", "next", "-n", "3")
    assert (answer.code, answer.err) == (0, "")
    assert answer.out.splitlines() == [
        "evening  Tue 2024-10-22 18:00 JST", "morning  Wed 2024-10-23 06:30 CEST", "evening  Wed 2024-10-23 18:00 JST",
    ]  # fmt: skip


def test_next_as_json_has_the_local_day_and_the_instant(config):
    rows = briefing("schedule", "next", "-n", "2", "--json").json["editions"]
    assert rows == [
        {"profile": "evening", "day": "2024-10-22", "at": "2024-10-22T18:00:00+09:00"},
        {"profile": "morning", "day": "2024-10-23", "at": "2024-10-23T06:30:00+02:00"},
    ]


def test_over_the_change_of_clocks_the_hour_stays_as_the_clock_on_the_wall_shows_it(config):
    rows = briefing("schedule", "next", "-n", "20", "--json").json["editions"]
    berlin = [row["at"] for row in rows if row["profile"] == "morning"]
    assert "2024-10-26T06:30:00+02:00" in berlin
    assert "2024-10-27T06:30:00+01:00" in berlin


@pytest.mark.parametrize("verb", [["next"], ["install", "--cron", "--print"]])
def test_without_a_profile_it_says_what_to_write(verb, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "briefing.toml").touch()
    answer = briefing("schedule", *verb)
    assert answer.code == 2
    assert "[profiles.morning]" in answer.err


@pytest.mark.parametrize(
    ("flag", "words"), [("--cron", ["*/5 * * * *"]), ("--system", ["[Service]", "User=news", "[Timer]"])]
)
def test_install_print_prints_and_writes_nothing(config, flag, words):
    answer = briefing("schedule", "install", flag, "--print", "--user", "news")
    assert answer.code == 0
    assert all(word in answer.out for word in [*words, f"schedule due --config {config} --quiet"])
    assert [path.name for path in config.parent.iterdir()] == ["briefing.toml"]


def test_install_print_prints_also_where_there_is_neither_systemd_nor_cron(config):
    answer = briefing("schedule", "install", "--print", PATH=str(config.parent))
    assert answer.code == 0
    assert "[Service]" in answer.out
    assert briefing("schedule", "install", PATH=str(config.parent)).code == 2


def test_system_and_cron_at_once_is_a_usage_error(config):
    answer = briefing("schedule", "install", "--system", "--cron")
    assert (answer.code, answer.out) == (2, "")
    assert "one of them" in answer.err


def test_due_with_nothing_due_is_silent_however_often_it_is_called(config):
    for _ in range(2):
        answer = briefing("schedule", "due")
        assert (answer.code, answer.out, answer.err) == (0, "", "")


def test_a_timer_is_told_nothing_where_another_one_is_at_it_and_a_person_is(config):
    from briefing.store import open_store
    from briefing.store.lock import held

    briefing("schedule", "due")
    with open_store(config.parent / "state" / "store.sqlite") as database, held(database, "schedule"):
        timer, person = briefing("schedule", "due", "--quiet"), briefing("schedule", "due")
    assert (timer.code, timer.err) == (0, "")
    assert person.code == 1
    assert "another" in person.err


def test_run_with_settings_that_are_wrong_ends_at_once(config):
    config.write_text("titel = 3\n")
    answer = briefing("schedule", "run")
    assert answer.code == 2
    assert "titel" in answer.err


def test_run_looks_until_it_is_ended_and_what_is_wrong_meanwhile_is_told(config):
    beat = config.parent / "beat"
    command = [sys.executable, "-m", "briefing", "schedule", "run", "--heartbeat", str(beat)]
    known = {**environment(), "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=config.parent, env=known)
    try:
        assert process.stderr is not None
        assert "looks every minute" in process.stderr.readline()
        while not beat.exists():
            assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=20)
    finally:
        if process.poll() is None:
            process.kill()
            process.communicate()
    assert (process.returncode, said) == (0, "")


def test_every_verb_has_an_example():
    for verb in ("install", "remove", "next", "due", "run"):
        answer = briefing("schedule", verb, "--help")
        assert answer.code == 0
        assert f"Example: briefing schedule {verb}" in answer.out
