"""When an entry of a feed is an article that is known already."""

from __future__ import annotations

from dataclasses import replace

import pytest

from briefing.ports import RawArticle
from briefing.store.entries import Entry, Known, entry, ids, same, shared_keys

RAW = RawArticle(
    id="1", guid="post-7", url="https://a.example/news/7", title="Ferry hits pier", text="The ferry hit the pier."
)


def known(raw: RawArticle, article_id: str = "old", *, here: bool = True) -> Known:
    one = entry(raw)
    return Known(article_id=article_id, guid=one.guid, link=one.link, title=one.title, here=here)


def is_same(new: RawArticle, old: RawArticle, *, here: bool = True) -> bool:
    return same(entry(new), [known(old, here=here)]) == "old"


@pytest.mark.parametrize(
    "changed",
    [
        {"text": "The ferry hit the pier at noon."},
        {"title": "Ferry hits pier, 14 hurt"},
        {"url": "http://www.a.example/news/7/?utm_source=rss#top"},
        {"url": "https://a.example/news/7-ferry-hits-pier"},
        {"guid": "post-8"},
        {"guid": None, "title": "Ferry hits pier, 14 hurt"},
        {"url": None, "title": "Ferry hits pier, 14 hurt"},
        {"guid": None, "url": "https://a.example/news/7"},
    ],
    ids="+".join,
)
def test_an_entry_that_changed_in_part_is_the_same_article(changed):
    assert is_same(replace(RAW, **changed), RAW)


@pytest.mark.parametrize(
    "changed",
    [
        {"url": "https://a.example/news/8", "title": "Port closed"},
        {"guid": "post-8", "title": "Port closed"},
        {"guid": "post-8", "url": "https://a.example/news/8"},
        {"guid": None, "url": "https://a.example/news/8"},
        {"guid": None, "url": None},
    ],
    ids=["a reused guid", "one address under many entries", "one title twice", "one title, no guid", "a title alone"],
)
def test_an_entry_that_shares_only_one_thing_is_another_article(changed):
    assert not is_same(replace(RAW, **changed), RAW)


def test_an_address_that_several_entries_share_does_not_tell_an_article():
    front = replace(RAW, guid=None, url="https://a.example/")
    other = replace(front, title="Port closed")
    assert is_same(other, front)
    assert same(entry(other), [known(front)], shared_keys([entry(other), entry(front)])) is None
    assert same(entry(replace(front, title="Third")), [known(front, "a"), known(other, "b")]) is None


def test_a_guid_means_something_within_its_source_alone():
    assert not is_same(replace(RAW, url=None), replace(RAW, url=None), here=False)
    assert is_same(replace(RAW, title="In other words", guid="x"), replace(RAW, guid=None), here=False)


def test_a_guid_that_is_an_address_is_compared_as_one():
    new, old = replace(RAW, url=None, guid="http://a.example/7"), replace(RAW, url=None, guid="https://a.example/7/")
    assert is_same(replace(new, title="x"), old)


def test_of_several_known_articles_it_is_the_one_with_most_in_common():
    one = known(replace(RAW, title="Other", url=None), "one")
    two = known(RAW, "two")
    assert same(entry(RAW), [one, two]) == same(entry(RAW), [two, one]) == "two"


def test_the_id_of_an_article_is_that_of_its_address_wherever_it_was_found():
    twin = replace(RAW, url="http://www.a.example/news/7?fbclid=1", guid=None, title="x")
    assert ids("https://a.example/feed", entry(RAW))[0] == ids("https://b.example/feed", entry(twin))[0]


def test_where_the_address_will_not_do_the_id_is_of_all_that_the_entry_says_and_of_its_source():
    bare = replace(RAW, url=None, guid=None)
    said = [RAW, bare, replace(bare, text="Another."), replace(RAW, url=None), replace(RAW, url=None, text="Another.")]
    found = {
        ids(source, entry(one))[1] for one in said for source in ("https://a.example/feed", "https://b.example/feed")
    }
    assert len(found) == 10
    assert all(len(one) == 16 for one in found)
    assert ids("https://a.example/feed", entry(bare))[0] is None


@pytest.mark.parametrize(
    "key", ["guid", "url", "title", "text", "published", "updated", "publisher", "author", "language"]
)
def test_the_digest_is_of_all_that_an_entry_says(key):
    changed: RawArticle = replace(RAW, **{key: "2026-03-02"})  # type: ignore[arg-type]
    assert entry(changed).digest != entry(RAW).digest


def test_the_digest_is_not_of_where_it_was_read():
    assert isinstance(entry(RAW), Entry)
    assert entry(replace(RAW, id="other", place="elsewhere")).digest == entry(RAW).digest
