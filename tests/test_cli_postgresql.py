"""The command line on a store that is a PostgreSQL server, by an address with a password."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.command import DAY, Answer, briefing, environment
from tests.forks import story_of
from tests.newsroom import Newsroom, newsroom
from tests.postgres import Server, name_of

VERBS = (["init"], ["import", "feeds.opml"], ["fetch"], ["build"], ["search", "museum"], ["status", "--json"])
LOOPBACK = "127.0.0.0/8"


@pytest.fixture(scope="module")
def room() -> Iterator[Newsroom]:
    with newsroom(["127.0.0.2", "127.0.0.3"], feeds=4, items=8, latency=0.05) as running:
        yield running


@pytest.fixture
def stored(postgresql: Server) -> Iterator[str]:
    """The address of a database of one's own."""
    place = postgresql.fresh()
    yield place
    postgresql.command(f"DROP DATABASE {name_of(place)} WITH (FORCE)")


@pytest.fixture
def run(room: Newsroom, stored: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """The command in a folder of its own, whose settings name the server."""
    monkeypatch.chdir(tmp_path)
    settle(tmp_path, stored)
    (tmp_path / "feeds.opml").write_bytes(room.opml())
    state = str(tmp_path / "state")
    return lambda *arguments: briefing(*arguments, BRIEFING_STATE=state, BRIEFING_FETCH__INTRANET=LOOPBACK)


def settle(folder: Path, place: str) -> None:
    """The settings that say where the store is."""
    settings = folder / "briefing.toml"
    settings.touch(mode=0o600)
    settings.write_text(f'store = "{place}"\n')


def test_from_nothing_to_a_briefing_on_a_server_whose_password_is_shown_nowhere(
    run, postgresql, stored, room, tmp_path, caplog
):
    answers = []
    for verb in VERBS:
        answers.append(run(*verb))
        assert answers[-1].code == 0, answers[-1].err
    *_, found, status = answers
    titles = {one.title for feed in range(4) for one in room.stories(feed)}
    assert any(title in found.out for title in titles)
    assert {one["url"] for one in status.json["sources"]} == set(room.addresses)
    document = json.loads((tmp_path / "briefings" / f"{DAY}.json").read_text())
    assert {one["title"] for one in document["articles"]} <= titles
    assert document["events"]
    assert len(story_of(stored)["article_versions"]) == 64  # each teaser and each page: they are on the server
    assert not (tmp_path / "state" / "store.sqlite").exists()
    made = [path for path in tmp_path.rglob("*") if path.is_file() and path.name != "briefing.toml"]
    assert made
    shown = [*(one.out + one.err for one in answers), *(path.read_text(errors="replace") for path in made)]
    assert postgresql.secret not in "".join([*shown, caplog.text, postgresql.log()])


def test_a_server_without_that_database_is_named_without_the_password(run, postgresql, stored, tmp_path):
    settle(tmp_path, stored.replace(name_of(stored), "nowhere"))
    answer = run("fetch")
    assert answer.code == 1
    assert f"postgresql://reader:***@127.0.0.1:{postgresql.port}/nowhere cannot be used" in answer.err
    assert postgresql.secret not in answer.out + answer.err


def test_a_server_that_is_restarted_at_once_in_the_middle_of_fetch_has_the_rows_of_an_undisturbed_one(
    run, postgresql, stored, room, tmp_path
):
    assert run("import", "feeds.opml").code == 0
    other = postgresql.fresh(name_of(stored))
    assert run("fetch").code == 0
    once = story_of(stored)
    settle(tmp_path, other)
    before = len(room.requests)
    command = [sys.executable, "-m", "briefing", "fetch"]
    own = environment(BRIEFING_FETCH__INTRANET=LOOPBACK)
    with subprocess.Popen(
        command, cwd=tmp_path, env=own, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as fetching:
        while len(room.requests) < before + 16:  # robots.txt, the feeds, and some pages
            assert fetching.poll() is None
            time.sleep(0.005)
        postgresql.crash()
        asked = len(room.requests)
        postgresql.start()
        said, _ = fetching.communicate(timeout=60)
    assert fetching.returncode == 0, said
    assert len(room.requests) > asked  # it went on
    assert len(once["article_versions"]) == 64
    assert story_of(other) == once
    assert postgresql.secret not in said + postgresql.log()
