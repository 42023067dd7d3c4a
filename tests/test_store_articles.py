"""An article is stored once however often it is fetched; its texts are versions that never change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError

from briefing.fetch.article import from_entry
from briefing.ports import RawArticle
from briefing.sources import Source
from briefing.store import Database, StoreError
from briefing.store.articles import Stored, add_version, counts_from, save_entries, save_page
from briefing.store.entries import Fresh, entry, shared_keys
from briefing.store.known import shown as shown_last
from briefing.store.lookup import in_window, newest, pages_wanted
from briefing.store.retention import mark_seen
from briefing.store.schema import items
from briefing.store.sources import remove
from briefing.store.versions import row_of
from tests.stored import DAY, NOW, add_source, rows

SOURCE = Source(url="http://a.test/feed")
TEXT = "The ferry hit the pier on Monday. Fourteen people were hurt."


def raw(number: int = 1, **rest) -> RawArticle:
    stated = {
        "id": "x", "guid": f"g{number}", "url": f"https://a.test/{number}", "title": f"Report {number}", "text": TEXT,
        "published": "2026-11-23T10:00:00+00:00", "published_from": "feed",
    }  # fmt: skip
    return RawArticle(**{**stated, **rest})


def shown(
    store: Database, raws: Sequence[RawArticle], now: datetime = NOW, source: Source = SOURCE, *, pages: bool = False
) -> Stored:
    """What a poll does with what a source shows."""
    known = {row["url"]: row["id"] for row in rows(store, "sources")}
    source_id = known.get(source.url) or store.write(add_source, source.url)
    by_digest = {one.digest: (one, raw) for raw in raws for one in (entry(raw),)}
    entries = [one for one, _ in by_digest.values()]
    before = store.read(shown_last, source_id)
    fresh = [
        Fresh(entry=one, version=row_of(from_entry(raw, source, now)), page_url=raw.url if pages else None)
        for one, raw in by_digest.values()
        if one.digest not in before
    ]
    stored = store.write(save_entries, (source_id, source.url), fresh, shared_keys(entries), now)
    store.write(mark_seen, source_id, {one.digest for one in entries}, now)
    return stored


def texts(store: Database) -> list[tuple[int, str]]:
    return [(row["version"], row["body"]) for row in rows(store, "article_versions")]


def test_what_a_source_shows_is_stored(store):
    assert shown(store, [raw(1), raw(2)]) == Stored(new=2)
    found = store.read(in_window, NOW - DAY, NOW + DAY)
    assert [one.title for one in sorted(found, key=lambda one: one.title or "")] == ["Report 1", "Report 2"]
    assert found[0].published == "2026-11-23T10:00:00+00:00"
    assert found[0].sentences


def test_the_same_again_stores_nothing(store):
    shown(store, [raw(1), raw(2)])
    before = [rows(store, name) for name in ("articles", "article_versions", "items")]
    assert shown(store, [raw(2), raw(1)]) == Stored()
    assert [rows(store, name) for name in ("articles", "article_versions", "items")] == before


def test_an_entry_with_another_text_is_the_articles_next_version_and_the_first_stays(store):
    shown(store, [raw(1)])
    assert shown(store, [raw(1, text="The ferry hit the pier on Tuesday.")]) == Stored(edited=1)
    assert texts(store) == [(1, TEXT), (2, "The ferry hit the pier on Tuesday.")]
    (found,) = store.read(in_window, NOW - DAY, NOW + DAY)
    assert found.body == "The ferry hit the pier on Tuesday."


def test_a_text_that_comes_back_is_the_version_that_it_was(store):
    for text in (TEXT, "The ferry hit the pier on Tuesday.", TEXT):
        shown(store, [raw(1, text=text, updated=text)])
    shown(store, [raw(1, text=TEXT, updated="again")])
    assert [version for version, _ in texts(store)] == [1, 2]
    (found,) = store.read(in_window, NOW - DAY, NOW + DAY)
    assert found.body == TEXT


def test_a_text_is_stored_once_for_an_article(store):
    shown(store, [raw(1)])
    (one,) = store.read(in_window, NOW - DAY, NOW + DAY)
    assert store.write(add_version, one.id, row_of(one), NOW) is False


def test_two_sources_that_show_one_article_have_one(store):
    shown(store, [raw(1)])
    other = Source(url="http://b.test/feed")
    assert shown(store, [raw(1, guid="other", title="In other words", text="Short.")], source=other) == Stored()
    assert [body for _, body in texts(store)] == [TEXT]


@pytest.mark.parametrize("turn", [1, -1])
def test_reused_guids_and_shared_addresses_stay_apart_in_any_order(store, turn):
    feed = [
        raw(1),
        raw(2, guid="g1"),
        raw(3, guid=None, url="https://a.test/"),
        raw(4, guid=None, url="https://a.test/"),
        raw(5, guid=None, url=None),
        raw(6, guid=None, url=None),
    ]
    assert shown(store, feed) == Stored(new=6)
    assert shown(store, feed[::turn]) == Stored()
    assert shown(store, feed[2:4][::turn] + feed[:1]) == Stored()


def test_a_store_that_fails_in_the_middle_has_nothing_of_the_source(store, monkeypatch):
    source_id = store.write(add_source, SOURCE.url)
    twice = Fresh(entry=entry(raw(1)), version=row_of(from_entry(raw(1), SOURCE, NOW)))
    with pytest.raises(StoreError) as caught:
        store.write(save_entries, (source_id, SOURCE.url), [twice, twice], frozenset(), NOW)
    assert isinstance(caught.value.__cause__, IntegrityError)
    assert rows(store, "articles") == rows(store, "items") == []


def test_an_undated_article_counts_from_when_it_was_first_seen():
    assert counts_from(None, NOW) == NOW


def test_a_late_one_counts_from_when_it_came_so_that_no_edition_misses_it():
    assert counts_from("2026-11-23T10:00:00+00:00", NOW) == NOW


def test_an_old_one_counts_from_when_it_was_published():
    assert counts_from("2026-11-20T10:00:00+00:00", NOW) == datetime.fromisoformat("2026-11-20T10:00:00+00:00")


def test_the_window_is_half_open(store):
    shown(store, [raw(1, published=None)])
    assert len(store.read(in_window, NOW, NOW + DAY)) == 1
    assert store.read(in_window, NOW - DAY, NOW) == []


class TestPages:
    def test_the_newest_come_first_and_old_ones_not_at_all(self, store):
        shown(
            store, [raw(1, published="2026-11-22T10:00:00+00:00"), raw(2), raw(3, published="2026-01-01")], pages=True
        )
        wanted = store.read(pages_wanted, NOW, NOW - 2 * DAY)
        assert [one.url for one in wanted] == ["https://a.test/2", "https://a.test/1"]
        assert wanted[0].article.title == "Report 2"

    def test_a_page_that_was_had_is_the_next_version_and_is_wanted_no_more(self, store):
        shown(store, [raw(1)], pages=True)
        (wanted,) = store.read(pages_wanted, NOW, NOW - DAY)
        whole = replace(wanted.article, body=f"{TEXT}\nMuch more was said.")
        assert store.write(save_page, wanted, whole, "had", NOW, page_error=None) == Stored(edited=1)
        assert store.read(pages_wanted, NOW, NOW - DAY) == []
        assert [body for _, body in texts(store)] == [TEXT, f"{TEXT}\nMuch more was said."]

    def test_a_page_that_failed_waits_for_its_time(self, store):
        shown(store, [raw(1)], pages=True)
        (wanted,) = store.read(pages_wanted, NOW, NOW - DAY)
        after = NOW + timedelta(hours=1)
        store.write(save_page, wanted, None, "wanted", NOW, page_after=after, page_error="answers 500")
        assert store.read(pages_wanted, NOW, NOW - DAY) == []
        (again,) = store.read(pages_wanted, after, NOW - DAY)
        assert again.tries == 1

    def test_what_a_page_says_of_itself_is_noted_on_the_text_that_stays(self, store):
        shown(store, [raw(1)], pages=True)
        (wanted,) = store.read(pages_wanted, NOW, NOW - DAY)
        marked = replace(wanted.article, flags=(*wanted.article.flags, "paywalled"))
        assert store.write(save_page, wanted, marked, "failed", NOW, page_error="x") == Stored()
        found = store.read(newest, [wanted.article.id])[wanted.article.id]
        assert found.flags == ("feed-text", "paywalled")

    def test_an_entry_that_changes_asks_for_the_page_anew_and_the_pages_text_stays_until_then(self, store):
        shown(store, [raw(1)], pages=True)
        (wanted,) = store.read(pages_wanted, NOW, NOW - DAY)
        store.write(
            save_page, wanted, replace(wanted.article, body=f"{TEXT}\nMore.", flags=()), "had", NOW, page_error=None
        )
        assert shown(store, [raw(1, text="A new teaser.")], pages=True) == Stored()
        (again,) = store.read(pages_wanted, NOW, NOW - DAY)
        assert again.article.body == f"{TEXT}\nMore."


def test_a_wording_that_comes_back_is_the_newest_text_again(store):
    for hours, text in enumerate((TEXT, "A wrong text.", TEXT)):
        shown(store, [raw(1, text=text)], now=NOW + timedelta(hours=hours))
    (found,) = store.read(in_window, NOW - DAY, NOW + DAY)
    assert found.body == TEXT
    assert [version for version, _ in texts(store)] == [1, 2]


def test_two_wordings_that_are_shown_at_once_do_not_flip(store):
    feed = [raw(1), raw(1, text="The same in other words.")]
    for hours in range(3):
        shown(store, feed, now=NOW + timedelta(hours=hours))
    (found,) = store.read(in_window, NOW - DAY, NOW + DAY)
    assert found.body == TEXT


def test_the_entries_of_a_live_blog_are_articles_of_their_own(store):
    feed = [raw(1, guid=f"g{number}", text=f"Entry {number}.") for number in range(3)]
    assert shown(store, feed) == Stored(new=3)
    assert shown(store, feed) == Stored()


def test_no_source_puts_its_words_under_anothers_address(store):
    shown(store, [raw(1)])
    other = Source(url="https://evil.test/feed")
    for text in ("Short.", "Shorter."):
        shown(store, [raw(1, guid="other", text=text)], source=other)
    assert [body for _, body in texts(store)] == [TEXT]


def test_where_another_was_quicker_the_articles_own_site_takes_it_over(store):
    other, own = Source(url="https://evil.test/feed"), Source(url="https://a.test/feed")
    shown(store, [raw(1, text="The words of somebody else.")], source=other)
    assert shown(store, [raw(1, publisher="Own")], source=own) == Stored(edited=1)
    shown(store, [raw(1, text="The other words of somebody else.")], source=other)
    (found,) = store.read(in_window, NOW - DAY, NOW + DAY)
    assert (found.body, found.publisher) == (TEXT, "Own")


FEED = [
    raw(1),
    raw(2, guid="g1"),
    raw(3, guid=None, url="https://a.test/"),
    raw(4, guid=None, url="https://a.test/"),
    raw(5, guid=None, url=None),
    raw(6, guid="same", url=None, title=None, text="One."),
    raw(7, guid="same", url=None, title=None, text="Two."),
]


def test_a_source_that_was_taken_out_and_added_again_brings_nothing_twice(store):
    assert shown(store, FEED) == Stored(new=len(FEED))
    before = rows(store, "articles")
    for _ in range(2):
        assert store.write(remove, SOURCE.url)
        assert shown(store, FEED).new == 0
    assert {row["id"] for row in rows(store, "articles")} == {row["id"] for row in before}


def test_entries_that_were_forgotten_come_back_as_the_articles_that_they_were(store):
    shown(store, FEED)
    store.write(lambda connection: connection.execute(delete(items)))
    assert shown(store, FEED).new == 0


@pytest.mark.parametrize("bad", ["\0", "\ud800", "\ufffe", "x" * 100_000, "\U0010ffff", "'; DROP TABLE items; --"])
def test_whatever_a_source_says_of_an_entry_can_be_stored(store, bad):
    said = dict.fromkeys(("guid", "title", "text", "publisher", "author", "language"), f"a{bad}b")
    odd = raw(1, url=f"https://a.test/{bad}", **said)
    assert shown(store, [odd]) == Stored(new=1)
    assert shown(store, [odd]) == Stored()


@pytest.mark.parametrize("count", [4, 5, 30])
@pytest.mark.parametrize("mark", ["'\"\\", "é\u0301", "\0", "\ud800", "\U0001f6a2", "%s ? :some"])
def test_however_many_are_looked_up_at_once_each_is_known_again(store, count, mark):
    feed = [
        raw(number, guid=f"{mark}{number}", url=f"https://a.test/{mark}/{number}", title=f"{mark} {number}")
        for number in range(count)
    ]
    assert shown(store, feed) == Stored(new=count)
    edited = [replace(one, text=f"{TEXT} {number} were hurt badly.") for number, one in enumerate(feed)]
    assert shown(store, edited) == Stored(edited=count)
    moved = [replace(one, url=None, text=f"{number} were hurt.") for number, one in enumerate(feed)]
    assert shown(store, moved) == Stored(edited=count)
