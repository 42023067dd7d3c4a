"""Sources and how they have fared, in the store."""

from __future__ import annotations

from dataclasses import replace

from briefing.sources import Source, SourceState
from briefing.store.sources import Fetch, add, change, gave, last_fetches, listed, log, remove, save_state
from tests.stored import DAY, NOW, add_article, article, rows

SOURCE = Source(
    url="https://a.test/feed", kind="feed", name="A", title="The A", publisher="A News", owner="Group", tags=("x", "y"),
    folder=("News", "Local"), text="page", max_items=5, max_pages=0,
)  # fmt: skip


def test_a_source_comes_back_as_it_was_added(store):
    assert store.write(add, SOURCE, NOW)
    (kept,) = store.read(listed)
    assert kept.source == SOURCE
    assert kept.state == SourceState(address=SOURCE.url)
    assert kept.added_at == NOW


def test_a_source_is_added_once_and_keeps_what_it_has(store):
    store.write(add, SOURCE, NOW)
    assert not store.write(add, replace(SOURCE, name="B"), NOW)
    assert [one.source.name for one in store.read(listed)] == ["A"]


def test_sources_are_listed_in_the_order_of_their_coming(store):
    for number in (3, 1, 2):
        store.write(add, Source(url=f"https://a.test/{number}"), NOW)
    assert [one.source.url[-1] for one in store.read(listed)] == ["3", "1", "2"]


def test_how_a_source_has_fared_is_kept_to_the_last_field(store):
    store.write(add, SOURCE, NOW)
    (kept,) = store.read(listed)
    state = SourceState(
        address="https://b.test/feed", etag='"1"', modified="x", checked_at=NOW, succeeded_at=NOW - DAY,
        failing_since=NOW, failures=3, error_kind="dns", error="no such host", next_at=NOW + DAY, ended_at=NOW,
        moved_to="https://b.test/feed", moved_seen=2,
    )  # fmt: skip
    store.write(save_state, kept.id, state)
    (after,) = store.read(listed)
    assert after.state == state
    assert after.source == SOURCE


def test_a_source_can_be_changed(store):
    store.write(add, SOURCE, NOW)
    assert store.write(change, SOURCE.url, name="B", tags=("z",))
    (kept,) = store.read(listed)
    assert (kept.source.name, kept.source.tags) == ("B", ("z",))
    assert not store.write(change, "https://nowhere.test/", name="B")


def test_a_source_that_is_taken_out_leaves_its_articles(store):
    store.write(add, SOURCE, NOW)
    (kept,) = store.read(listed)
    store.write(add_article, article(), NOW, kept.id)
    store.write(log, Fetch(run="r", source_id=kept.id, url=SOURCE.url, at=NOW, seconds=0.1, outcome="read"))
    assert store.write(remove, SOURCE.url)
    assert store.read(listed) == rows(store, "items") == rows(store, "fetches") == []
    assert [(row["id"], row["source_id"]) for row in rows(store, "articles")] == [("a", None)]
    assert not store.write(remove, SOURCE.url)


def test_several_sources_are_taken_out_at_once(store):
    urls = [f"https://a.test/{number}" for number in range(3)]
    for url in urls:
        store.write(add, Source(url=url), NOW)
    assert store.write(remove, urls[0], urls[2], "https://nowhere.test/") == 2
    assert [one.source.url for one in store.read(listed)] == [urls[1]]


def test_a_source_is_known_by_its_new_address_once_it_is_changed(store):
    store.write(add, SOURCE, NOW)
    assert store.write(change, SOURCE.url, url="https://b.test/feed")
    assert [one.source for one in store.read(listed)] == [replace(SOURCE, url="https://b.test/feed")]


def test_what_each_source_gave_is_counted_with_the_moment_of_the_last(store):
    for number in range(3):
        store.write(add, Source(url=f"https://a.test/{number}"), NOW)
    first, second, _ = store.read(listed)
    for name, at, source_id in (
        ("a", NOW, first.id),
        ("b", NOW + DAY, first.id),
        ("c", NOW, second.id),
        ("d", NOW, None),
    ):
        store.write(add_article, article(name, body=name), at, source_id)
    assert store.read(gave) == {first.id: (2, NOW + DAY), second.id: (1, NOW)}


def test_what_was_asked_is_logged_the_newest_first(store):
    store.write(add, SOURCE, NOW)
    (kept,) = store.read(listed)
    for number in range(3):
        at = NOW + number * DAY
        store.write(
            log, Fetch(run="r", source_id=kept.id, url=SOURCE.url, at=at, seconds=0.1, outcome="read", new=number)
        )
    assert [row.new for row in store.read(last_fetches, NOW + DAY)] == [2, 1]
