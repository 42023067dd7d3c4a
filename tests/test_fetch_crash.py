"""`briefing fetch` is killed at any moment: the store is whole, and the next run makes it what it would have been."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from briefing.fetch.round import Round
from briefing.sources import Source
from briefing.store import open_store
from briefing.store.sources import add
from tests.command import environment
from tests.newsroom import NOW, Newsroom, newsroom
from tests.postgres import Server, name_of
from tests.stored import rows

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
KILLS = 100 if SOAK else 20
PASSING = {  # what differs between two stores that have been told the same
    "sources": {"id"},
    "source_states": set[str](),
    "articles": set[str](),
    "article_versions": {"id"},
    "items": {"id"},
}

Story = dict[str, list[dict[str, Any]]]


class Forks:
    """A process that has everything loaded, and runs `briefing fetch` in a fork of itself whenever it is told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def begin(self, place: str, **kill: int) -> int:
        """Begin a fetch, which kills itself `before` or `after` its nth transaction is stored; its process id."""
        changes = {"BRIEFING_STORE": place, "BRIEFING_FETCH__INTRANET": "127.0.0.0/8", "BRIEFING_FETCH__TIMEOUT": "10"}
        return self._say(json.dumps([changes, kill]))

    def ended(self) -> int:
        """How it ended: its exit code, or a signal as a negative number. Until then its process id is no other's."""
        return self._say("")

    def run(self, place: str, **kill: int) -> int:
        """Begin, and wait for the end."""
        self.begin(place, **kill)
        return self.ended()

    def _say(self, line: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-m", "tests.test_fetch_crash"]
    with subprocess.Popen(
        command, cwd=root, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Forks(process)
        process.kill()


@pytest.fixture(scope="module")
def room() -> Iterator[Newsroom]:
    with newsroom(["127.0.0.2", "127.0.0.3"], feeds=4, items=5, latency=0.003) as running:
        yield running


@pytest.fixture(scope="module")
def template(room: Newsroom, migrated: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with the sources, that nothing was fetched into yet."""
    file = tmp_path_factory.mktemp("template") / "store.sqlite"
    shutil.copyfile(migrated["sqlite"], file)
    file.chmod(0o600)
    _add_sources(str(file), room)
    return file


@pytest.fixture(scope="module")
def whole(forks: Forks, template: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Story, float]:
    """What a store holds after a run that nothing happened to, and how long that takes."""
    place = _copy(template, tmp_path_factory.mktemp("whole"))
    began = time.monotonic()
    assert forks.run(place) == 0
    seconds = time.monotonic() - began
    once = _story(place)
    assert len(once["articles"]) == 20
    assert len(once["article_versions"]) == 40  # the teaser, and the page's text
    assert forks.run(place) == 0
    assert _story(place) == once  # a run too many changes nothing either
    return once, seconds


@pytest.mark.parametrize("number", range(KILLS // 2))
def test_killed_at_any_moment_it_leaves_a_whole_store_that_the_next_run_completes(
    forks: Forks, template: Path, whole: tuple[Story, float], tmp_path: Path, number: int
):
    story, seconds = whole
    place = _copy(template, tmp_path)
    process = forks.begin(place)
    time.sleep(random.Random(number).uniform(0, seconds))
    os.kill(process, signal.SIGKILL)
    assert forks.ended() in {-signal.SIGKILL, 0}  # it may just have ended
    _check(Path(place))
    assert forks.run(place) == 0
    assert _story(place) == story


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 1 + KILLS // 4))
def test_killed_around_a_transaction_it_leaves_a_whole_store_that_the_next_run_completes(
    forks: Forks, template: Path, whole: tuple[Story, float], tmp_path: Path, moment: str, number: int
):
    place = _copy(template, tmp_path)
    how = forks.run(place, **{moment: number})
    assert how == -signal.SIGKILL or (number > 3 and how == 0)  # what is ready at a time is stored at a time
    _check(Path(place))
    assert forks.run(place) == 0
    assert _story(place) == whole[0]


def test_killed_again_and_again_it_gets_ever_further(
    forks: Forks, template: Path, whole: tuple[Story, float], tmp_path: Path
):
    place = _copy(template, tmp_path)
    told = []
    while forks.run(place, after=6) == -signal.SIGKILL:  # four feeds are asked each time, and then some pages
        _check(Path(place))
        told.append(len(_story(place)["article_versions"]))
        assert len(told) < 20
    assert told == sorted(told)
    assert len(told) >= 2
    assert _story(place) == whole[0]


@pytest.mark.parametrize("number", range(KILLS // 5))
def test_killed_on_postgresql_it_leaves_a_store_that_the_next_run_completes(
    forks: Forks, whole: tuple[Story, float], postgresql: Server, served: str, number: int
):
    place = postgresql.fresh(name_of(served))
    process = forks.begin(place, **({"before": 2 + number} if number % 2 else {}))
    if number % 2 == 0:
        time.sleep(random.Random(number).uniform(0, whole[1]))
        os.kill(process, signal.SIGKILL)
    assert forks.ended() in {-signal.SIGKILL, 0}
    _eventually(lambda: forks.run(place) == 0)  # the server has to notice first that who held the lock is no more
    assert _story(place) == whole[0]
    postgresql.command(f"DROP DATABASE {name_of(place)} WITH (FORCE)")


@pytest.fixture(scope="module")
def served(room: Newsroom, postgresql: Server) -> str:
    """As `template`, on a PostgreSQL server."""
    place = postgresql.fresh()
    _add_sources(place, room)
    return place


def _add_sources(place: str, room: Newsroom) -> None:
    with open_store(place) as database:
        database.write(lambda connection: [add(connection, Source(url=url), NOW) for url in room.addresses])


def _copy(template: Path, folder: Path) -> str:
    """A store of one's own, with nothing beside it that belongs to another."""
    place = folder / "store.sqlite"
    shutil.copyfile(template, place)
    place.chmod(0o600)
    return str(place)


def _check(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
        assert (
            connection.execute("INSERT INTO article_words(article_words) VALUES ('integrity-check')").fetchall() == []
        )


def _story(place: str) -> Story:
    with open_store(place) as database:
        found = {
            name: [{key: value for key, value in row.items() if key not in passing} for row in rows(database, name)]
            for name, passing in PASSING.items()
        }
    return {name: sorted(known, key=repr) for name, known in found.items()}


def _eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)


def _fork_on_demand() -> None:
    """Load everything; then, for each line of standard input, fetch in a fork; tell its process id, then its end."""
    import trafilatura

    import briefing.cli.fetching
    import briefing.collect.feeds.read
    import briefing.collect.pages.read
    import briefing.web

    loaded = (trafilatura, briefing.cli, briefing.collect, briefing.web, Round)
    while line := sys.stdin.readline():
        changes, kill = json.loads(line)
        child = os.fork()
        if child == 0:
            os.environ.update(changes)
            _fetch(kill, loaded)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        sys.stdin.readline()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


def _fetch(kill: dict[str, int], _loaded: object) -> None:
    from sqlalchemy import Engine, event

    from briefing.cli import main
    from briefing.store import Database

    done = 0
    write = Database.write

    def counted(self: Database, *arguments: Any, **fields: Any) -> Any:
        nonlocal done
        result = write(self, *arguments, **fields)
        done += 1
        if done == kill.get("after"):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    def about_to_commit(connection: Any) -> None:
        is_write = connection.get_execution_options().get("mode") == "write"
        if is_write and done + 1 == kill.get("before"):
            os.kill(os.getpid(), signal.SIGKILL)

    Database.write = counted  # type: ignore[method-assign]  # in a process that is there to be killed
    event.listen(Engine, "commit", about_to_commit)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    sys.argv = ["briefing", "fetch", "-q"]
    code: Any = 0
    try:
        main()
    except SystemExit as end:
        code = end.code or 0
    os._exit(code)


if __name__ == "__main__":
    _fork_on_demand()
