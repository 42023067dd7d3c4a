"""From what a source shows to the article that is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from briefing.domain import Article
from briefing.fetch.article import WHOLE, from_entry, from_page
from briefing.ports import RawArticle
from briefing.sources import Source

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADDRESS = "https://a.example/7"
SOURCE = Source(url="https://a.example/feed")
TEASER = "The ferry hit the pier on Monday."
WORDS = "The council met again on Monday and agreed on the repair of the old pier in the harbour. "
ENTRY = RawArticle(
    id="x", title="Ferry hits pier", text=TEASER, published="2026-03-02T08:00:00+00:00", published_from="feed",
    publisher="The Post", url="https://a.example/7",
)  # fmt: skip
PAGE = RawArticle(
    id="p", title="Ferry hits pier in the harbour", text=WORDS * 12, published="2026-02-20", published_from="page",
    author="Anna Reyes", url="https://a.example/news/7",
)  # fmt: skip


def stored(**rest: Any) -> Article:
    return from_entry(replace(ENTRY, **rest), SOURCE, NOW)


def test_a_teaser_is_marked_as_what_the_feed_says():
    assert stored().flags == ("feed-text",)


def test_a_text_long_enough_to_be_the_article_is_not():
    assert stored(text=WORDS * WHOLE).flags == ()


def test_what_the_reader_says_of_a_source_wins_over_what_it_says_of_itself():
    article = from_entry(ENTRY, replace(SOURCE, publisher="Harbour Post", owner="Tidewater Group"), NOW)
    assert (article.publisher, article.owner) == ("Harbour Post", "Tidewater Group")


@pytest.mark.parametrize(
    ("stated", "kept"),
    [
        ("2026-03-02T08:00:00+00:00", "2026-03-02T08:00:00+00:00"),
        ("2026-03-02T12:00:01+00:00", "2026-03-02T12:00:00Z"),
        ("2099-01-01T00:00:00+00:00", "2026-03-02T12:00:00Z"),
        ("2026-03-02T20:00:00", "2026-03-02T20:00:00"),
        ("2026-03-03T09:00:00", "2026-03-02T12:00:00Z"),
        ("2026-03-03", "2026-03-03"),
        ("2026-03-04", "2026-03-02T12:00:00Z"),
        ("1970-01-01T00:00:00+00:00", None),
        (None, None),
    ],
    ids=[
        "the past", "a second ahead", "2099", "a time without zone, which may be east of us",
        "and one that is too late everywhere", "a day that has begun in the east", "the day after", "no date", "none",
    ],
)  # fmt: skip
def test_no_date_lies_after_the_fetch(stated, kept):
    assert stored(published=stated).published == kept


def test_a_page_brings_the_text_and_the_entry_the_date_and_the_publisher():
    article, whole = from_page(PAGE, ADDRESS, SOURCE, replace(stored(), id="seven"), NOW)
    assert whole
    assert (article.id, article.title, article.body) == ("seven", PAGE.title, (WORDS * 12).strip())
    assert (article.published, article.published_from) == (ENTRY.published, "feed")
    assert (article.publisher, article.author, article.url) == ("The Post", "Anna Reyes", "https://a.example/news/7")
    assert article.flags == ()


def test_a_page_that_says_the_same_makes_the_entry_the_whole_article():
    entry = stored(text=WORDS * 4)
    assert entry.flags == ("feed-text",)
    page = replace(PAGE, text=WORDS * 4)
    assert from_page(page, ADDRESS, SOURCE, entry, NOW) == (replace(entry, flags=()), True)
    for other in (replace(page, flags=("paywalled",)), replace(page, text="Something else was said at length. " * 10)):
        article, whole = from_page(other, ADDRESS, SOURCE, entry, NOW)
        assert not whole
        assert "feed-text" in article.flags
    begun = stored(text=f"{WORDS * 4} Read more")
    assert from_page(replace(page, text=begun.body), ADDRESS, SOURCE, begun, NOW)[1] is False


def test_the_pages_date_stands_where_the_feed_states_none():
    article, _ = from_page(PAGE, ADDRESS, SOURCE, stored(published=None, published_from=None), NOW)
    assert (article.published, article.published_from) == ("2026-02-20", "page")


def test_a_page_in_the_future_is_clamped_too():
    article, _ = from_page(replace(PAGE, published="2099-01-01"), ADDRESS, SOURCE, stored(published=None), NOW)
    assert article.published == "2026-03-02T12:00:00Z"


@pytest.mark.parametrize("text", ["", "Please log in.", TEASER])
def test_a_page_that_gives_no_more_than_the_feed_leaves_the_feeds_text(text):
    known = stored()
    assert from_page(replace(PAGE, text=text), ADDRESS, SOURCE, known, NOW) == (known, False)


@pytest.mark.parametrize("flag", ["paywalled", "script-only"])
def test_and_what_the_page_says_of_itself_is_marked(flag):
    article, whole = from_page(replace(PAGE, text="", flags=(flag,)), ADDRESS, SOURCE, stored(), NOW)
    assert (article.body, article.flags, whole) == (TEASER, ("feed-text", flag), False)


def test_a_page_made_by_scripts_is_never_taken_for_the_article():
    _, whole = from_page(replace(PAGE, flags=("script-only",)), ADDRESS, SOURCE, stored(), NOW)
    assert not whole


def test_no_page_speaks_for_another_site():
    article, _ = from_page(replace(PAGE, url="https://victim.example/other"), ADDRESS, SOURCE, stored(), NOW)
    assert article.url == ADDRESS


@pytest.mark.parametrize("end", ["… Continue reading", "[…]", "Read more »", "..."])
def test_a_long_text_that_goes_on_elsewhere_is_a_teaser(end):
    assert stored(text=f"{WORDS * WHOLE}\n{end}").flags == ("feed-text",)


def test_a_page_that_has_its_text_already_may_be_shortened_but_not_lost():
    known, _ = from_page(PAGE, ADDRESS, SOURCE, stored(), NOW)
    shorter, taken = from_page(replace(PAGE, text=WORDS * 9), ADDRESS, SOURCE, known, NOW)
    assert (shorter.body, taken) == ((WORDS * 9).strip(), True)
    assert from_page(replace(PAGE, text=WORDS * 3), ADDRESS, SOURCE, known, NOW) == (known, False)


def test_an_item_that_names_another_paper_is_still_its_feeds_word():
    claims = stored(publisher="Reuters", channel="My Feed")
    assert (claims.publisher, claims.owner) == ("Reuters", "My Feed")
    assert stored(publisher="My Feed", channel="My Feed").owner is None
    article, _ = from_page(PAGE, ADDRESS, SOURCE, claims, NOW)
    assert article.owner is None


@pytest.mark.parametrize(
    "odd", ["0001-01-01", "0001-01-01T00:00:00", "9999-12-31T23:59:59", "2026-03-02T08:00:00+23:59"]
)
def test_odd_dates_do_no_harm(odd):
    assert stored(published=odd).title == "Ferry hits pier"
