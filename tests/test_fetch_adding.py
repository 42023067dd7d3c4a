"""Sources as the reader words them, means them and changes them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.errors import UsageError
from briefing.fetch.adding import placed, worded
from briefing.fetch.changing import Change, change_all
from briefing.sources import BOUND_LIMIT, POLICIES, Source, SourceState, named
from briefing.store.sources import add, listed, save_state
from briefing.text import single_line
from tests.stored import DAY, NOW
from tests.strategies import hostile_text

PLAIN = Source(url="https://a.test/Feed", name="A", tags=("x", "y"))
WORDS = st.none() | hostile_text
SOURCES = st.builds(
    Source, url=st.just("https://a.test/"), kind=st.sampled_from(("feed", "page", "sitemap")), name=WORDS,
    publisher=WORDS, owner=WORDS, tags=st.lists(hostile_text, max_size=3).map(tuple), text=st.sampled_from(POLICIES),
    max_items=st.none() | st.integers(1, BOUND_LIMIT), max_pages=st.none() | st.integers(0, BOUND_LIMIT),
)  # fmt: skip


@given(SOURCES)
def test_words_are_single_lines_or_refused(source):
    try:
        found = worded(source)
    except UsageError:
        return
    words = [found.name, found.publisher, found.owner, *found.tags]
    assert all(one is None or (one and one == single_line(one)) for one in words)
    assert not any("," in tag for tag in found.tags)
    assert len(found.tags) == len(set(found.tags))
    assert worded(found) == found
    assert replace(found, name=None, publisher=None, owner=None, tags=()) == replace(
        source, name=None, publisher=None, owner=None, tags=()
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "x" * 301), ("owner", "x" * 301), ("tags", ("a,b",)), ("tags", ("",)), ("tags", ("x" * 301,)),
     ("text", "bogus"), ("kind", "bogus"), ("kind", "")],
)  # fmt: skip
def test_what_can_be_no_setting_is_refused(field, value):
    with pytest.raises(UsageError):
        worded(replace(PLAIN, **{field: value}))


def test_a_kind_of_ones_own_is_taken():
    assert worded(replace(PLAIN, kind="mine:Reader")).kind == "mine:Reader"


def test_a_source_keeps_its_settings_wherever_it_is_placed():
    found = placed(replace(PLAIN, max_items=5), "https://b.test/", "page", "B")
    assert found == replace(PLAIN, max_items=5, url="https://b.test/", kind="page", title="B")
    with pytest.raises(UsageError, match="is no address"):
        placed(PLAIN, "b.test", "feed")


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("https://a.test/Feed", {"A"}), ("https://a.test/feed", {"B"}), ("HTTPS://A.TEST/FEED", {"A", "B"}),
        ("https://c.test/", {"C"}), ("https://me:secret@c.test/", {"C"}), ("a", {"A"}), ("X", {"A", "C"}),
        ("Old title", {"C"}), ("straße", {"B"}), ("STRASSE", {"B"}),
    ],
)  # fmt: skip
def test_a_source_is_meant_by_its_address_its_name_or_a_tag(word, meant):
    known = [
        PLAIN,
        Source(url="https://a.test/feed", name="B", tags=("Straße",)),
        Source(url="https://me:secret@c.test/", title="old Title", tags=("x",)),
    ]
    names = {one.url: "C" if one.name is None else one.name for one in known}
    assert {names[url] for url in named(known, [word])} == meant


def test_words_that_mean_no_source_are_all_told_without_passwords():
    with pytest.raises(UsageError, match=r"no such source: nosuch, https://c\.test/;"):
        named([PLAIN], ["nosuch", "A", "https://me:canary@c.test/"])
    assert named([PLAIN], []) == frozenset()


@given(st.lists(st.sampled_from("abAB")), st.lists(st.sampled_from("abAB")), st.lists(st.sampled_from("abAB")))
def test_tags_are_taken_away_whatever_their_case_and_then_added(had, untags, tags):
    found = Change(tags=tuple(tags), untags=tuple(untags)).of(replace(PLAIN, tags=tuple(had))).tags
    gone = {one.casefold() for one in untags}
    assert set(found) == {one for one in had if one.casefold() not in gone} | set(tags)
    assert len(found) == len(set(found))


def test_a_change_of_several_sources_is_all_or_nothing(store):
    for number in range(3):
        store.write(add, Source(url=f"https://a.test/{number}", tags=("x",)), NOW)
    before = store.read(listed)
    for words, values in (
        (["x", "nosuch"], {"owner": "G"}),
        (["x"], {"name": "N"}),
        (["x"], {"url": "https://b.test/"}),
    ):
        with pytest.raises(UsageError):
            change_all(store, words, Change(values=values))
    assert store.read(listed) == before
    assert len(change_all(store, ["x"], Change(values={"name": None, "owner": "G"}))) == 3
    assert {one.source.owner for one in store.read(listed)} == {"G"}


@pytest.mark.parametrize(
    ("values", "left"),
    [
        ({"owner": "G", "max_pages": 3}, {}),
        ({"max_items": 3}, {"etag": None, "modified": None}),
        ({"url": "https://a.test/Feed"}, "new"),  # it was asked elsewhere
        ({"url": "https://b.test/"}, "new"),
    ],
)
def test_what_is_known_of_how_a_source_fares_goes_as_far_as_it_no_longer_holds(store, values, left):
    store.write(add, PLAIN, NOW)
    (kept,) = store.read(listed)
    state = SourceState(
        address="https://moved.test/", etag="1", modified="x", checked_at=NOW, succeeded_at=NOW - DAY,
        failing_since=NOW, failures=3, error_kind="dns", error="no such host", next_at=NOW + DAY, ended_at=NOW,
        moved_to="https://moved.test/", moved_seen=2,
    )  # fmt: skip
    store.write(save_state, kept.id, state)
    ((before, after),) = change_all(store, ["A"], Change(values=values))
    assert (before, after) == (PLAIN, replace(PLAIN, **values))
    (kept,) = store.read(listed)
    assert kept.source == after
    fresh = SourceState(address=after.url, succeeded_at=NOW - DAY)
    assert kept.state == (fresh if left == "new" else replace(state, **left))


def test_at_the_address_where_it_is_asked_already_a_source_keeps_what_is_known_of_it(store):
    store.write(add, PLAIN, NOW)
    (kept,) = store.read(listed)
    store.write(save_state, kept.id, replace(kept.state, etag="1", checked_at=NOW))
    change_all(store, ["A"], Change(values={"url": PLAIN.url}))
    assert store.read(listed)[0].state.etag == "1"
