"""`briefing fetch` is killed at any moment: the store is whole, and the next run makes it what it would have been."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from briefing.sources import Source
from briefing.store import open_store
from briefing.store.sources import add
from tests.forks import Forks, Story, forking, story_of
from tests.newsroom import NOW, Newsroom, newsroom
from tests.postgres import Server, name_of

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
KILLS = 100 if SOAK else 20  # at random moments
EDGES = 25 if SOAK else 5  # transactions, each before and after it is stored
SERVED = 20 if SOAK else 4  # on a server


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    with forking() as running:
        yield running


@pytest.fixture(scope="module")
def room() -> Iterator[Newsroom]:
    with newsroom(["127.0.0.2", "127.0.0.3"], feeds=4, items=5, latency=0.02) as running:
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
    first = _copy(template, tmp_path_factory.mktemp("first"))
    assert forks.run(first) == 0  # it takes longer than all others, half of whose moments would be after their end
    place = _copy(template, tmp_path_factory.mktemp("whole"))
    began = time.monotonic()
    assert forks.run(place) == 0
    seconds = time.monotonic() - began
    once = story_of(place)
    assert story_of(first) == once
    assert len(once["articles"]) == 20
    assert len(once["article_versions"]) == 40  # the teaser, and the page's text
    assert forks.run(place) == 0
    assert story_of(place) == once  # a run too many changes nothing either
    return once, seconds


@pytest.mark.parametrize("number", range(KILLS))
def test_killed_at_any_moment_it_leaves_a_whole_store_that_the_next_run_completes(
    forks: Forks, template: Path, whole: tuple[Story, float], tmp_path: Path, number: int
):
    once, seconds = whole
    place = _copy(template, tmp_path)
    process = forks.begin(place)
    time.sleep(random.Random(number).uniform(0, seconds))
    os.kill(process, signal.SIGKILL)
    assert forks.ended() in {-signal.SIGKILL, 0}  # it may just have ended
    _check(Path(place))
    assert forks.run(place) == 0
    assert story_of(place) == once


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 1 + EDGES))
def test_killed_around_a_transaction_it_leaves_a_whole_store_that_the_next_run_completes(
    forks: Forks, template: Path, whole: tuple[Story, float], tmp_path: Path, moment: str, number: int
):
    place = _copy(template, tmp_path)
    how = forks.run(place, **{moment: number})
    assert how == -signal.SIGKILL or (number > 3 and how == 0)  # what is ready at a time is stored at a time
    _check(Path(place))
    assert forks.run(place) == 0
    assert story_of(place) == whole[0]


def test_killed_again_and_again_it_gets_ever_further(
    forks: Forks, template: Path, whole: tuple[Story, float], tmp_path: Path
):
    place = _copy(template, tmp_path)
    told = []
    while forks.run(place, after=6) == -signal.SIGKILL:  # four feeds are asked each time, and then some pages
        _check(Path(place))
        told.append(len(story_of(place)["article_versions"]))
        assert len(told) < 20
    assert told == sorted(told)
    assert len(told) >= 2
    assert story_of(place) == whole[0]


@pytest.mark.parametrize("number", range(SERVED))
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
    assert story_of(place) == whole[0]
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


def _eventually(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.1)
