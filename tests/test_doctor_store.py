"""The doctor on what is kept: the store, its sources, the outbox, the days of the profiles, and the timer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from briefing.doctor import asked, kept, outbox, timer
from briefing.doctor.finding import Setup
from briefing.doctor.kept import size
from briefing.letters import Letter
from briefing.sources import Source
from briefing.store import Database, editions, open_store
from briefing.store.recipients import note_bounce
from briefing.store.sends import begin, due, queue, settle, try_later
from briefing.store.sources import Fetch, add, listed, log, save_state
from tests.examined import NOW, command, levels, one, setup, told

HOUR = timedelta(hours=1)
DAY = date(2026, 11, 24)
LETTER = Letter("Subject", "<p>x</p>", "x", NOW)
CHECKS = (kept.check, asked.check, outbox.check, timer.check)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def opened(file):
    with open_store(file) as database:
        yield database


def fetched(database: Database, at=NOW, url="https://a.example/feed") -> None:
    """A source that was asked at a moment."""
    database.write(add, Source(url=url, kind="feed"), NOW)
    (source,) = (one for one in database.read(listed) if one.source.url == url)
    entry = Fetch(run="r", source_id=source.id, url=url, at=at, seconds=0.1, outcome="read")
    database.write(log, entry)


def fares(database: Database, url: str, **state: Any) -> None:
    """A source in a state."""
    database.write(add, Source(url=url, kind="feed"), NOW)
    (source,) = (one for one in database.read(listed) if one.source.url == url)
    database.write(save_state, source.id, replace(source.state, checked_at=NOW, **state))


# the store


def test_a_store_that_is_whole_and_was_fed_is_good(tmp_path, opened):
    fetched(opened, NOW - HOUR)
    found = list(kept.check(setup(tmp_path)))
    assert levels(found) == ["good", "good"]
    assert found[0].what.startswith(f"{tmp_path}/store.sqlite: whole, revision ")
    assert "KB" in found[0].what
    assert found[1].what.startswith("last fetched 2026-11-24 ")


@pytest.mark.parametrize("check", CHECKS)
def test_where_there_is_no_store_none_is_made(tmp_path, file, check):
    assert "bad" not in levels(check(setup(tmp_path, profiles={"morning": {}})))
    assert not file.exists()


def test_a_store_that_is_not_there_yet_is_told_of_init(tmp_path):
    assert told(kept.check, setup(tmp_path)).startswith(
        f"warn: there is none yet at {tmp_path}/store.sqlite -> briefing"
    )


def test_a_store_that_could_not_even_be_made_is_bad(tmp_path):
    found = one(kept.check, setup(tmp_path, store="/proc/nowhere/store.sqlite"))
    assert (found.level, "none can be made" in found.what) == ("bad", True)


@pytest.mark.parametrize(
    "data", [b"no database at all, and long enough to be looked at" * 50, b"SQLite format 3\0" * 99]
)
def test_a_store_that_is_none_is_bad(tmp_path, file, data):
    file.write_bytes(data)
    assert told(kept.check, setup(tmp_path)).startswith(f"bad: {file}")
    assert file.read_bytes() == data


def test_a_damaged_store_is_bad_and_the_way_out_is_told(tmp_path, file):
    with open_store(file) as database:
        for number in range(200):
            database.write(add, Source(url=f"https://a.example/{number}", kind="feed"), NOW)
    data = bytearray(file.read_bytes())
    data[4096 * 3 : 4096 * 12] = bytes(4096 * 9)
    file.write_bytes(data)
    (tmp_path / "store.sqlite-wal").unlink(missing_ok=True)
    found = one(kept.check, setup(tmp_path))
    assert (found.level, "is damaged" in found.what, ".recover" in found.what) == ("bad", True, True)


def test_a_store_of_a_later_version_is_bad(tmp_path, file, opened):
    opened.write(lambda connection: connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'"))
    assert "written by a later version" in told(kept.check, setup(tmp_path))


def test_a_store_of_an_older_version_is_to_be_looked_at_and_left_as_it_is(tmp_path, file, opened):
    opened.write(lambda connection: connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'"))
    found = one(kept.check, setup(tmp_path))
    assert (found.level, "older version" in found.what) == ("warn", True)
    assert not list(tmp_path.glob("*.backup-*"))


def test_a_store_that_others_can_read_is_to_be_looked_at(tmp_path, file, opened):
    file.chmod(0o644)
    assert f"warn: {file} can be read by others (mode 0644) -> chmod 600 {file}" in told(kept.check, setup(tmp_path))


def test_a_store_that_was_never_fed_is_told(tmp_path, opened):
    assert "skipped: nothing was ever fetched -> briefing fetch" in told(kept.check, setup(tmp_path))


@pytest.mark.parametrize(("hours", "level"), [(3, "good"), (4, "warn")])
def test_a_store_that_was_not_fed_for_three_rounds_is_to_be_looked_at(tmp_path, opened, hours, level):
    fetched(opened, NOW - HOUR * hours)
    assert levels(kept.check(setup(tmp_path)))[1] == level


def test_where_nothing_is_fetched_by_itself_an_old_fetch_is_good(tmp_path, opened):
    fetched(opened, NOW - HOUR * 400)
    assert "bad" not in levels(kept.check(setup(tmp_path, fetch={"every": "0m"})))
    assert "warn" not in levels(kept.check(setup(tmp_path, fetch={"every": "0m"})))


def test_copies_of_older_versions_are_told_when_they_are_many(tmp_path, opened):
    for number in range(4):
        (tmp_path / f"store.sqlite.backup-000{number}").write_bytes(b"x" * 1_000_000)
    assert "warn: 4 copies of older versions take 4.0 MB" in told(kept.check, setup(tmp_path))


def test_a_store_on_a_server_is_looked_at(tmp_path, postgresql):
    address = postgresql.fresh()
    with open_store(address) as database:
        fetched(database, NOW)
    text = told(kept.check, setup(tmp_path, store=address))
    assert text.startswith("good: postgresql")
    assert ", on a server" in text
    assert list(tmp_path.iterdir()) == []


def test_a_server_that_is_down_is_bad_and_its_password_is_not_told(tmp_path):
    given = setup(tmp_path, store="postgresql://jo:canary-secret@127.0.0.1:1/briefing")
    found = one(kept.check, given)
    assert (found.level, "PostgreSQL" in (found.todo or "")) == ("bad", True)
    assert "canary" not in repr(found)


@pytest.mark.parametrize(
    ("octets", "words"), [(0, "0.0 KB"), (12_345_678, "12.3 MB"), (3e9, "3.0 GB"), (4e12, "4.0 TB")]
)
def test_a_size_is_told_in_words(octets, words):
    assert size(octets) == words


# the sources


def test_no_sources_are_to_be_looked_at(tmp_path, opened):
    assert told(asked.check, setup(tmp_path)).startswith("warn: there are none -> briefing add URL")


def test_sources_that_work_are_good(tmp_path, opened):
    fares(opened, "https://a.example/feed")
    opened.write(add, Source(url="https://b.example/feed", kind="feed"), NOW)
    found = one(asked.check, setup(tmp_path))
    assert (found.level, found.what) == ("good", "2 in all: 1 good, 1 not asked yet")


def test_a_source_that_fails_is_told_with_its_day(tmp_path, opened):
    fares(opened, "https://a.example/feed")
    fares(opened, "https://b.example/feed", failing_since=NOW - HOUR * 72, failures=9, error="canary")
    found = one(asked.check, setup(tmp_path))
    assert (found.level, found.todo) == ("warn", "briefing status tells why, and when each is asked again")
    assert found.what.startswith("2 in all: 1 good, 1 failing (https://b.example/feed since 2026-11-21 ")


def test_where_all_sources_fail_it_is_bad(tmp_path, opened):
    fares(opened, "https://a.example/feed", failing_since=NOW, failures=1, error="x")
    fares(opened, "https://b.example/feed", ended_at=NOW)
    assert one(asked.check, setup(tmp_path)).level == "bad"


def test_a_sources_password_is_not_told(tmp_path, opened):
    fares(opened, "https://jo:canary@a.example/feed", failing_since=NOW, failures=1, error="x")
    assert "canary" not in told(asked.check, setup(tmp_path))


# the outbox


@pytest.fixture
def waiting(opened):
    """Two messages that are queued."""
    edition = opened.write(editions.note_made, "morning", DAY, None, LETTER, NOW)
    opened.write(queue, edition, [("a@example.org", "<1@x>"), ("b@example.org", "<2@x>")], NOW)
    return opened


def test_an_empty_outbox_is_good(tmp_path, opened):
    assert one(outbox.check, setup(tmp_path)).what == "nothing waits"


def test_mail_on_its_way_is_good_and_to_be_looked_at_after_an_hour(tmp_path, waiting):
    assert one(outbox.check, setup(tmp_path)).what == "2 messages on the way"
    (first, *_) = waiting.read(due, NOW)
    waiting.write(begin, first, NOW)
    waiting.write(try_later, first, "451 busy", NOW + HOUR, NOW)
    found = one(outbox.check, setup(tmp_path, now=NOW + HOUR * 2))
    assert (found.level, found.what) == ("warn", "2 messages waiting for over an hour, the last answer: 451 busy")


def test_mail_of_unknown_fate_wants_a_decision(tmp_path, waiting):
    (first, *_) = waiting.read(due, NOW)
    waiting.write(begin, first, NOW)
    waiting.write(settle, first, "unknown", None, NOW)
    text = told(outbox.check, setup(tmp_path))
    assert text.startswith("warn: nobody knows whether 1 message arrived -> briefing send --unknown resend")


def test_mailboxes_that_refuse_mail_are_counted_and_not_named(tmp_path, opened):
    opened.write(note_bounce, "ada@example.org", "550 no such user", NOW)
    text = told(outbox.check, setup(tmp_path))
    assert text.startswith("warn: 1 mailbox refused mail")
    assert text.endswith("-> briefing send --list tells who; briefing recipients PROFILE --restore ADDRESS tries again")
    assert "ada" not in text


# the timer


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine of its own: its commands, its home, its systemd."""
    commands = tmp_path / "bin"
    command(commands, "crontab", "", 1)
    command(commands, "systemctl", "inactive", 3)
    monkeypatch.setenv("PATH", str(commands))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(timer, "SYSTEM", tmp_path / "system")
    monkeypatch.setattr(timer, "_seconds_up", lambda: 86_400.0)
    return tmp_path


def with_timer(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / "briefing.timer").touch()


def morning(folder: Path, **changes: Any) -> Setup:
    return setup(folder, profiles={"morning": {"time_zone": "Europe/Berlin"}}, **changes)


def test_without_a_profile_no_timer_is_needed(machine):
    assert one(timer.check, setup(machine)).level == "skipped"


def test_a_profile_that_nothing_calls_is_to_be_looked_at(machine):
    found = one(timer.check, morning(machine))
    assert (found.level, "briefing schedule install" in (found.todo or "")) == ("warn", True)


def test_a_timer_of_the_users_that_runs_is_good(machine):
    with_timer(machine / "config" / "systemd" / "user")
    command(machine / "bin", "systemctl", "active\n")
    assert told(timer.check, morning(machine)).startswith(f"good: {machine}/config/systemd/user/briefing.timer runs")


def test_a_timer_of_the_systems_that_runs_is_good(machine):
    with_timer(machine / "system")
    command(machine / "bin", "systemctl", "active\n")
    found = one(timer.check, morning(machine))
    assert (found.level, found.what.endswith("runs; systemctl list-timers shows when")) == ("good", True)


def test_a_timer_that_is_there_and_does_not_run_is_bad(machine):
    with_timer(machine / "config" / "systemd" / "user")
    found = one(timer.check, morning(machine))
    assert (found.level, found.todo) == ("bad", "systemctl --user enable --now briefing.timer")
    (machine / "bin" / "systemctl").unlink()
    assert one(timer.check, morning(machine)).level == "bad"


def test_a_line_of_cron_is_good_and_one_that_is_off_is_none(machine):
    command(machine / "bin", "crontab", "# x\n*/5 * * * * cd /x && briefing schedule due --config /x/briefing.toml\n")
    assert one(timer.check, morning(machine)).what == "your crontab has a line for it"
    command(machine / "bin", "crontab", "# */5 * * * * briefing schedule due --config /x/briefing.toml\n")
    assert one(timer.check, morning(machine)).level == "warn"


def test_an_edition_that_was_made_by_hand_is_no_timer(machine):
    with open_store(machine / "store.sqlite") as database:
        database.write(editions.note_made, "morning", DAY, None, LETTER, NOW)
    first, second = timer.check(morning(machine))
    assert (first.level, "briefing schedule install" in (first.todo or "")) == ("warn", True)
    assert (second.level, second.what) == ("good", "morning: the edition of 2026-11-24 was made")


def looked(folder: Path, at=NOW) -> None:
    with open_store(folder / "store.sqlite") as database:
        database.write(editions.known_since, "morning", at)


@pytest.mark.parametrize(("minutes", "level"), [(0, "good"), (30, "good"), (31, "warn"), (-600, "warn")])
def test_a_timer_that_looked_within_half_an_hour_is_good_wherever_it_is(machine, minutes, level):
    looked(machine)
    found = one(timer.check, morning(machine, now=NOW + timedelta(minutes=minutes)))
    assert found.level == level
    shown = NOW.astimezone()
    if level == "good":
        assert found.what == f"a timer looked at {shown:%H:%M}"
    else:
        assert found.what == f"nothing calls `briefing schedule due` by itself since {shown:%Y-%m-%d %H:%M}"


def with_cron(folder: Path) -> None:
    command(folder / "bin", "crontab", "*/5 * * * * cd /x && briefing schedule due --config /x/briefing.toml\n")


def test_a_timer_that_is_installed_and_looks_is_good(machine):
    looked(machine)
    with_cron(machine)
    assert levels(timer.check(morning(machine))) == ["good", "good"]


def test_a_timer_that_is_installed_and_does_not_look_is_to_be_looked_at(machine, monkeypatch):
    with_cron(machine)
    open_store(machine / "store.sqlite").close()
    assert "warn: it has not looked at what is due yet -> " in told(timer.check, morning(machine))
    looked(machine)
    later = morning(machine, now=NOW + HOUR)
    assert levels(timer.check(later)) == ["good", "warn"]
    assert f"it has not looked at what is due since {NOW.astimezone():%Y-%m-%d %H:%M} -> " in told(timer.check, later)
    monkeypatch.setattr(timer, "_seconds_up", lambda: 60.0)  # the machine was off
    assert levels(timer.check(later)) == ["good"]


def test_of_a_timer_that_does_not_run_nothing_more_is_said(machine):
    with_timer(machine / "config" / "systemd" / "user")
    looked(machine)
    assert one(timer.check, morning(machine, now=NOW + HOUR)).level == "bad"


def test_a_day_that_failed_is_bad_and_one_that_was_missed_to_be_looked_at(machine):
    with open_store(machine / "store.sqlite") as database:
        database.write(editions.note_failed, "morning", DAY, "no source could be read", NOW, NOW)
        text = told(timer.check, morning(machine))
        assert "bad: morning: the edition of 2026-11-24 failed: no source could be read -> briefing run morning" in text
        database.write(editions.note_missed, "morning", [DAY], NOW)
        assert "warn: morning: the edition of 2026-11-24 was missed" in told(timer.check, morning(machine))
        database.write(editions.note_empty, "morning", DAY, NOW)
        assert "good: morning: the edition of 2026-11-24 had no news" in told(timer.check, morning(machine))
