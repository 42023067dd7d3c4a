"""Forgetting: what is old, shown no more and not cited goes; nothing comes back as new."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, func, insert, select

from briefing.domain import Article
from briefing.store import Database, open_store
from briefing.store.answers import StoredAnswers
from briefing.store.retention import Forgotten, forget, mark_seen
from briefing.store.schema import articles, briefings, citations, fetches, items, spending
from briefing.store.search import search
from tests.stored import DAY, NOW, add_article, add_source, add_version, article, counts, rows

NOTHING = Forgotten(articles=0, versions=0, items=0, events=0, fetches=0, answers=0, sends=0, spending=0)


class Reader:
    """A reader of one source who fetches as the program does: what has a known digest is not stored again."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.source_id = database.write(add_source)

    def fetch(self, now: datetime, *shown: Article) -> int:
        """How many articles are new."""
        return self.database.write(self._fetch, now, shown)

    def _fetch(self, connection: Connection, now: datetime, shown: tuple[Article, ...]) -> int:
        digests = {one.sha256 for one in shown}
        known = set(connection.execute(select(items.c.digest).where(items.c.digest.in_(digests))).scalars())
        mark_seen(connection, self.source_id, digests, now)
        fresh = [one for one in shown if one.sha256 not in known]
        for one in fresh:
            add_article(connection, one, now, self.source_id)
        return len(fresh)

    def forget(self, now: datetime, days: int = 30) -> Forgotten:
        return self.database.write(forget, now - days * DAY)


@pytest.fixture
def reader(store):
    return Reader(store)


def known(database: Database) -> list[str]:
    return [row["id"] for row in rows(database, "articles")]


def test_an_old_article_that_its_source_shows_no_more_goes_with_all_that_was_its(reader, store):
    old, new = article("old", body="The whale sank."), article("new", body="The ferry sank.")
    reader.fetch(NOW, old)
    reader.fetch(NOW + 40 * DAY, new)
    assert reader.forget(NOW + 40 * DAY) == replace(NOTHING, articles=1, versions=1, items=1)
    assert known(store) == ["new"]
    assert counts(store, "article_versions", "items") == {"article_versions": 1, "items": 1}
    assert store.read(search, "whale", 9) == []


def test_what_is_not_old_stays(reader, store):
    reader.fetch(NOW, article("one"))
    reader.fetch(NOW + 20 * DAY, article("two", body="Other."))
    assert reader.forget(NOW + 29 * DAY) == NOTHING
    assert known(store) == ["one", "two"]


def test_after_forgetting_the_same_feed_gives_no_new_article(reader, store):
    shown = [article(f"a{number}", body=f"Text {number}.") for number in range(5)]
    assert reader.fetch(NOW, *shown) == 5
    for month in range(1, 13):
        now = NOW + month * 30 * DAY
        assert reader.fetch(now, *shown) == 0
        assert reader.forget(now, days=20) == NOTHING


def test_a_feed_that_did_not_change_for_long_and_then_shows_old_and_new_gives_the_new_alone(reader):
    shown = [article(f"a{number}", body=f"Text {number}.") for number in range(5)]
    reader.fetch(NOW, *shown)  # from then on it answers “not modified”
    assert reader.forget(NOW + 300 * DAY) == NOTHING
    assert reader.fetch(NOW + 300 * DAY, *shown, article("new", body="New.")) == 1


def test_an_entry_that_is_left_out_once_is_still_known(reader):
    one, other = article("one"), article("two", body="Other.")
    reader.fetch(NOW, one, other)
    reader.fetch(NOW + 60 * DAY, one, other)
    reader.fetch(NOW + 61 * DAY, other)
    reader.forget(NOW + 61 * DAY)
    assert reader.fetch(NOW + 62 * DAY, one, other) == 0


def test_a_source_that_shows_nothing_any_more_makes_nothing_go(reader, store):
    reader.fetch(NOW, article("one"))
    reader.fetch(NOW + 60 * DAY)
    assert reader.forget(NOW + 60 * DAY) == NOTHING
    assert known(store) == ["one"]


def test_what_one_source_shows_no_more_stays_while_another_does(store):
    first, second = Reader(store), Reader.__new__(Reader)
    second.database, second.source_id = store, store.write(add_source, "http://b.test/")
    one = article("one")
    first.fetch(NOW, one)
    row = {"source_id": second.source_id, "article_id": "one", "digest": "theirs", "last_seen": NOW}
    store.write(lambda connection: connection.execute(insert(items).values(row)))
    first.fetch(NOW + 60 * DAY, article("two", body="Other."))
    assert first.forget(NOW + 60 * DAY) == replace(NOTHING, items=1)
    assert known(store) == ["one", "two"]


def test_the_cited_text_and_the_newest_stay_and_those_between_go(reader, store):
    texts = [article("one", body=f"Text {number}.") for number in range(4)]
    reader.fetch(NOW, texts[0])
    for hours, text in enumerate(texts[1:], start=1):
        store.write(add_version, text, NOW + timedelta(hours=hours))
    briefing = {"id": "b", "date": "2026-11-24", "title": "", "made_at": NOW, "document": ""}
    store.write(lambda connection: connection.execute(insert(briefings).values(briefing)))
    row = {"briefing_id": "b", "article_id": "one", "sha256": texts[1].sha256}
    store.write(lambda connection: connection.execute(insert(citations).values(row)))
    reader.fetch(NOW + 60 * DAY, article("two", body="Other."))
    assert reader.forget(NOW + 60 * DAY) == replace(NOTHING, items=1, versions=2)
    left = [row["sha256"] for row in rows(store, "article_versions") if row["article_id"] == "one"]
    assert left == [texts[1].sha256, texts[3].sha256]


def test_an_old_article_with_a_new_text_stays(reader, store):
    reader.fetch(NOW, article("one"))
    store.write(add_version, article("one", body="Another."), NOW + 50 * DAY)
    reader.fetch(NOW + 60 * DAY, article("two", body="Other."))
    assert reader.forget(NOW + 60 * DAY) == replace(NOTHING, items=1, versions=1)
    assert known(store) == ["one", "two"]


def test_logs_and_kept_answers_go_by_their_own_age(reader, store):
    def log(connection: Connection, day: int) -> None:
        at = NOW - day * DAY
        row = {"run": "r", "url": "u", "seconds": 0.1, "outcome": "read", "items": 0, "new": 0, "edited": 0}
        connection.execute(insert(fetches).values(source_id=reader.source_id, at=at, **row))
        spent = {"day": at.date().isoformat(), "run": "r", "tokens": 1, "cost": None, "state": "settled"}
        connection.execute(insert(spending).values(spent))

    for day in (1, 10, 40):
        store.write(log, day)
        StoredAnswers(store, "e", lambda day=day: NOW - day * DAY).put(f"q{day}", "{}")  # type: ignore[misc]
    gone = store.write(forget, NOW - 30 * DAY, NOW - 5 * DAY)
    assert gone == replace(NOTHING, fetches=2, spending=2, answers=1)
    assert counts(store, "fetches", "spending", "answers") == {"fetches": 1, "spending": 1, "answers": 2}


def pages(connection: Connection) -> int:
    return int(connection.exec_driver_sql("PRAGMA page_count").scalar_one())


def test_over_400_days_a_store_grows_no_further_than_what_it_keeps():
    chance = random.Random(7)
    words = ["".join(chance.choices("abcdefghij", k=6)) for _ in range(3000)]
    with open_store(":memory:") as database:
        reader, sizes = Reader(database), []
        for day in range(400):
            shown = [article(f"{day}.{n}", f"Day {day}", " ".join(chance.choices(words, k=60))) for n in range(4)]
            reader.fetch(NOW + day * DAY, *shown)
            reader.forget(NOW + day * DAY, days=20)
            sizes.append(database.read(pages))
        newest = database.read(lambda connection: connection.execute(select(func.max(articles.c.first_seen))).scalar())
        assert newest == NOW + 399 * DAY
        assert counts(database, "articles")["articles"] == 4 * 21
        assert max(sizes[100:]) <= 1.5 * max(sizes[:50])


def test_a_file_that_has_become_empty_shrinks(tmp_path):
    path = tmp_path / "store.sqlite"
    with open_store(path) as database:
        reader = Reader(database)
        shown = [article(f"a{number}", body=f"{number} " + "x y z " * 2000) for number in range(100)]
        reader.fetch(NOW, *shown)
        reader.fetch(NOW + 60 * DAY, article("last"))
    before = path.stat().st_size
    with open_store(path) as database:
        assert database.write(forget, NOW + 50 * DAY).articles == 100
    assert path.stat().st_size < before / 2
