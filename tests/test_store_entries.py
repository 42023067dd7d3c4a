"""When an entry of a feed is an article that is known already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.ports import RawArticle
from briefing.store.entries import Entry, Known, entry, ids, same, shared_keys

RAW = RawArticle(
    id="1", guid="post-7", url="https://a.example/news/7", title="Ferry hits pier", text="The ferry hit the pier."
)


def known(raw: RawArticle, article_id: str = "old", *, here: bool = True) -> Known:
    one = entry(raw)
    return Known(
        article_id=article_id, guid=one.guid, link=one.link, title=one.title, here=here, published=one.published
    )


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
    page = replace(RAW, guid=None, url="https://a.example/today")
    other = replace(page, title="Ferry hits pier again")
    assert is_same(other, page)
    assert same(entry(other), [known(page)], shared_keys([entry(other), entry(page)])) is None
    third = replace(page, title="A third thing")
    assert same(entry(third), [known(page, "a"), known(other, "b")]) is None


@pytest.mark.parametrize(
    "front", ["https://a.example", "http://www.a.example/", "https://a.example/?utm_source=rss#top"]
)
def test_the_front_page_of_a_site_tells_nothing_as_address_or_guid(front):
    for one in (
        replace(RAW, guid=None, url=front),
        replace(RAW, guid=front, url=None),
        replace(RAW, guid=front, url=front),
    ):
        assert not is_same(replace(one, title="Ferry hits pier again"), one)
        assert not is_same(replace(one, title="Port closed"), one)
        assert ids("https://a.example/feed", entry(one))[0] is None
    assert is_same(replace(RAW, url=front, title="Port closed"), replace(RAW, url=front))  # by its guid
    assert ids("https://a.example/feed", entry(replace(RAW, url="https://a.example/?p=7")))[0] is not None


class TestOneAddressAndNoGuid:
    PAGE = replace(RAW, guid=None, url="https://a.example/live")

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("Ferry hits pier", "14 hurt as ferry rams harbour wall"),
            ("Rat lehnt Brücke ab", "Die Brücke wird nicht gebaut"),
            ("大阪港でフェリー衝突", "フェリーが桟橋に衝突、14人けが"),
            ("Ferry hits pier", None),
            (None, "Ferry hits pier"),
        ],
    )
    def test_an_edited_headline_is_the_same_article(self, before, after):
        assert is_same(replace(self.PAGE, title=after), replace(self.PAGE, title=before))

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("Ferry hits pier", "Council approves the budget"),
            ("Live: Ferry hits pier", "Live: Council approves the budget"),
            ("Latest news", "Live updates"),
            ("大阪港でフェリー衝突", "市議会が予算案を可決"),
        ],
    )
    def test_a_page_that_is_used_again_for_other_news_is_another_article(self, before, after):
        assert not is_same(replace(self.PAGE, title=after), replace(self.PAGE, title=before))

    def test_a_headline_in_other_words_is_the_same_article_at_the_same_moment_of_publication(self):
        old = replace(self.PAGE, published="2026-11-23T10:00:00+00:00")
        new = replace(old, title="Fourteen injured in harbour")
        assert is_same(new, old)
        assert not is_same(replace(new, published="2026-11-24T08:00:00+00:00"), old)
        assert not is_same(replace(new, published="2026-11-23"), replace(old, published="2026-11-23"))

    def test_with_a_guid_or_from_another_source_the_address_is_enough(self):
        other = replace(self.PAGE, title="Council approves the budget")
        assert is_same(replace(other, guid="x"), self.PAGE)
        assert is_same(other, self.PAGE, here=False)

    def test_once_it_has_stood_for_several_the_next_edit_is_of_the_one_that_it_has_most_words_of(self):
        stored = [known(self.PAGE, "ferry"), known(replace(self.PAGE, title="Council approves the budget"), "council")]
        for title, found in (
            ("Council approves budget with a cut", "council"),
            ("Ferry hits pier, 14 hurt", "ferry"),
            ("Ferry service starts anew on Monday", None),
        ):
            assert same(entry(replace(self.PAGE, title=title)), stored) == found


class TestTitleAndMoment:
    MOMENT = "2026-11-23T10:00:00+00:00"
    OLD = replace(RAW, url="https://a.example/s/aaa", guid="sid-1", published=MOMENT)
    NEW = replace(RAW, url="https://a.example/s/bbb", guid="sid-2", published=MOMENT, text="More of it.")

    def test_what_changes_its_address_and_guid_with_every_fetch_is_one_article(self):
        assert is_same(self.NEW, self.OLD)
        assert is_same(replace(self.NEW, published="Mon, 23 Nov 2026 11:00:00 +0100"), self.OLD)
        assert is_same(replace(self.NEW, guid=None), self.OLD)

    @pytest.mark.parametrize(
        "changed",
        [
            {"published": "2026-11-24T10:00:00+00:00"},
            {"published": None},
            {"title": "Port closed"},
            {"title": None},
        ],
        ids="+".join,
    )
    def test_with_another_title_or_moment_it_is_another(self, changed):
        assert not is_same(replace(self.NEW, **changed), self.OLD)

    @pytest.mark.parametrize("day", ["2026-11-23", "2026-11-23T00:00:00+02:00", "2026-11-23T00:00:00"])
    def test_a_day_or_midnight_is_no_moment(self, day):
        assert entry(replace(self.NEW, published=day)).published == "2026-11-23"
        assert not is_same(replace(self.NEW, published=day), replace(self.OLD, published=day))

    def test_of_another_source_it_is_another(self):
        assert not is_same(self.NEW, self.OLD, here=False)

    def test_short_news_under_one_title_at_one_moment_are_articles_of_their_own(self):
        shown = [entry(self.OLD), entry(self.NEW)]
        assert same(shown[1], [known(self.OLD)], shared_keys(shown)) is None
        assert same(entry(replace(self.NEW, url="https://a.example/s/ccc", guid="sid-3")), [
            known(self.OLD, "a"), known(self.NEW, "b")
        ]) is None  # fmt: skip

    def test_an_address_or_a_guid_that_is_another_articles_contradicts(self):
        for other in (replace(RAW, url=self.NEW.url, guid="x"), replace(RAW, url="https://a.example/x", guid="sid-2")):
            stored = [known(self.OLD, "old"), known(replace(other, title="Port closed"), "other")]
            assert same(entry(self.NEW), stored) is None


class TestNeitherAddressNorGuid:
    BARE = replace(RAW, url=None, guid=None)

    def test_the_same_title_is_the_same_article(self):
        assert is_same(replace(self.BARE, text="More of it."), self.BARE)
        assert not is_same(replace(self.BARE, text="More of it."), self.BARE, here=False)
        assert not is_same(replace(self.BARE, title=None, text="More of it."), replace(self.BARE, title=None))

    @pytest.mark.parametrize(
        ("before", "after", "expected"),
        [
            ("2026-11-22", "2026-11-23", False),
            ("2026-11-23T06:00:00+00:00", "2026-11-23T18:00:00+00:00", False),
            ("2026-11-23", None, False),
            ("2026-11-23", "2026-11-23", True),
            ("2026-11-23", "2026-11-23T18:00:00+00:00", True),
        ],
    )
    def test_the_weather_of_another_day_is_another_article(self, before, after, expected):
        old = replace(self.BARE, title="Weather", published=before)
        assert is_same(replace(old, text="Rain.", published=after), old) is expected

    def test_a_title_that_several_have_at_once_does_not_tell(self):
        shown = [entry(self.BARE), entry(replace(self.BARE, text="Another."))]
        assert same(shown[1], [known(self.BARE)], shared_keys(shown)) is None
        weather = [entry(replace(self.BARE, published=day)) for day in ("2026-11-22", "2026-11-23")]
        assert same(weather[1], [known(replace(self.BARE, published="2026-11-23"))], shared_keys(weather)) == "old"


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


class Shelf:
    """A store in memory, of one source: what `briefing.store.articles` does with entries."""

    def __init__(self) -> None:
        self.articles: set[str] = set()
        self.known: list[Known] = []
        self.before: frozenset[str] = frozenset()

    def show(self, raws: Sequence[RawArticle]) -> int:
        """How many articles are new."""
        entries = list({one.digest: one for one in map(entry, raws)}.values())
        shared, before, had = shared_keys(entries), self.before, len(self.articles)
        self.before = frozenset(one.digest for one in entries)
        for one in entries:
            if one.digest not in before:
                self._save(one, shared)
        return len(self.articles) - had

    def _save(self, one: Entry, shared: frozenset[str]) -> None:
        found = same(one, self.known, shared)
        if found is None:
            short, long = ids("https://a.example/feed", one)
            has_link = any(other.link == one.link for other in self.known)
            found = short if short is not None and not has_link else long
        self.articles.add(found)
        self.known.append(one.known_as(found))


raws = st.builds(
    RawArticle,
    id=st.just("x"),
    guid=st.sampled_from([None, "g1", "g2", "https://a.example/"]),
    url=st.sampled_from([None, "https://a.example/", "https://a.example/1", "https://a.example/2"]),
    title=st.sampled_from(["Ferry hits pier", "Ferry sinks", "Council meets", "Weather"]),
    published=st.sampled_from([None, "2026-11-22", "2026-11-23T10:00:00+00:00", "2026-11-23T18:00:00+00:00"]),
    text=st.sampled_from(["One.", "Two."]),
)
feeds = st.lists(raws, max_size=6)


@given(feeds, st.randoms())
def test_the_same_feed_twice_gives_nothing_new_in_any_order(feed, chance):
    shelf = Shelf()
    shelf.show(feed)
    assert shelf.show(feed) == 0
    chance.shuffle(feed)
    assert shelf.show(feed) == 0


@given(feeds, feeds)
def test_a_feed_that_comes_back_whole_gives_nothing_new(feed, other):
    shelf = Shelf()
    shelf.show(feed)
    shelf.show([])
    assert shelf.show(feed) == 0
    shelf.show(other)
    shelf.show(feed)
    shelf.show(other)
    assert shelf.show(feed) == 0


@given(st.lists(raws, min_size=2, max_size=2))
def test_two_entries_that_are_shown_at_once_with_other_addresses_and_guids_are_two_articles(two):
    one, other = (replace(raw, guid=f"g{number}", url=f"https://a.example/{number}") for number, raw in enumerate(two))
    assert Shelf().show([one, other]) == 2


@given(raws, st.integers(2, 5))
def test_session_ids_in_address_and_guid_give_one_article_where_a_moment_is_stated(raw, times):
    shelf = Shelf()
    stated = replace(raw, published="2026-11-23T10:00:00+00:00")
    found = [
        shelf.show([replace(stated, guid=f"s{number}", url=f"https://a.example/s{number}", text=f"{number}.")])
        for number in range(times)
    ]
    assert found == [1] + [0] * (times - 1)
