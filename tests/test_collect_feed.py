"""Saved feeds: each item an article, under its own id, dated only if it says so, and nothing expanded or fetched."""

from __future__ import annotations

import time

import pytest

from briefing.collect import clean
from briefing.collect.feed import read
from briefing.domain import Article
from briefing.ports import Document, RawArticle
from briefing.report import Problem

_NEWS = "A ferry hit a pier in Kestrel Bay on Monday, the coastguard said."


def _rss(*items: str, channel: str = "<title>The Harbour Post</title><language>en-gb</language>") -> str:
    wrapped = "".join(f"<item>{item}</item>" for item in items)
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        f'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>{channel}{wrapped}</channel></rss>'
    )


def _read(feed: str | bytes) -> tuple[list[Article], list[Problem]]:
    data = feed if isinstance(feed, bytes) else feed.encode()
    results = list(read(Document("feed.xml", "feed.xml", data)))
    raw = [result for result in results if isinstance(result, RawArticle)]
    return [clean(one) for one in raw], [result for result in results if isinstance(result, Problem)]


def _item(item: str) -> Article:
    (article,), problems = _read(_rss(item))
    assert problems == []
    return article


def test_an_rss_item_is_an_article() -> None:
    article = _item(
        f"<title>Ferry hits pier</title><guid>hp-1</guid><link>https://harbourpost.example/1</link>"
        f"<pubDate>Mon, 02 Mar 2026 20:40:00 +0100</pubDate><dc:creator>Anna Reyes</dc:creator>"
        f"<description>{_NEWS}</description>"
    )
    assert (article.id, article.title, article.body) == ("hp-1", "Ferry hits pier", _NEWS)
    assert article.published == "2026-03-02T20:40:00+01:00"
    assert (article.publisher, article.author, article.language) == ("The Harbour Post", "Anna Reyes", "en")
    assert article.url == "https://harbourpost.example/1"


def test_an_atom_entry_is_an_article() -> None:
    articles, problems = _read(
        '<feed xmlns="http://www.w3.org/2005/Atom"><title>The Winch</title><entry><title>We are out</title>'
        '<id>urn:1</id><link href="https://winch.example/1"/><published>2026-03-03T09:00:00Z</published>'
        "<updated>2026-03-05T09:00:00Z</updated>"
        f"<content type='html'>&lt;p&gt;{_NEWS}&lt;/p&gt;</content></entry></feed>"
    )
    assert problems == []
    assert [(a.id, a.published, a.publisher, a.body) for a in articles] == [
        ("urn:1", "2026-03-03T09:00:00+00:00", "The Winch", _NEWS)
    ]


def test_the_whole_content_goes_before_the_summary() -> None:
    article = _item(
        "<guid>1</guid><description>Short.</description>"
        f"<content:encoded><![CDATA[<p>{_NEWS}</p><p>And more.</p>]]></content:encoded>"
    )
    assert article.body.split("\n") == [_NEWS, "And more."]


def test_an_item_without_an_id_goes_by_file_and_content() -> None:
    article = _item(
        f"<title>Ferry hits pier</title><link>https://harbourpost.example/1</link><description>{_NEWS}</description>"
    )
    assert article.id.startswith("feed.xml#")
    assert len(article.id) == len("feed.xml#") + 12


def test_an_id_given_to_two_items_tells_neither() -> None:
    articles, _ = _read(
        _rss(
            "<guid>1</guid><title>One</title>", "<guid>1</guid><title>Two</title>", "<guid>2</guid><title>Three</title>"
        )
    )
    assert [article.id == str(number) for number, article in enumerate(articles, start=1)] == [False, False, False]
    assert len({article.id for article in articles}) == 3
    assert articles[2].id == "2"


def test_the_source_of_an_item_is_its_publisher() -> None:
    article = _item(
        f'<guid>1</guid><source url="https://winch.example/feed">The Winch</source><description>{_NEWS}</description>'
    )
    assert article.publisher == "The Winch"


@pytest.mark.parametrize(
    "date", ["", "yesterday", "Mon, 30 Feb 2026 10:00:00 GMT", "Mon, 02 Mar 9999 10:00:00 GMT", "hp-2026"]
)
def test_a_date_that_is_none_is_null(date: str) -> None:
    assert (
        _item(
            f"<guid>2026-03-02</guid><title>T</title><pubDate>{date}</pubDate><description>{_NEWS}</description>"
        ).published
        is None
    )


@pytest.mark.parametrize(
    "nothing",
    [
        "&lt;script&gt;{}&lt;/script&gt;",
        "&lt;p hidden&gt;{}&lt;/p&gt;",
        "&lt;!-- {} --&gt;",
        "&lt;img alt='{}'&gt;",
        "&lt;p class='sr-only'&gt;{}&lt;/p&gt;",
    ],
)
def test_what_a_reader_does_not_see_never_becomes_text(nothing: str) -> None:
    content = f"&lt;p&gt;{_NEWS}&lt;/p&gt;" + nothing.replace("{}", "The captain was drunk.")
    article = _item(f"<guid>1</guid><title>T</title><description>{content}</description>")
    assert article.body == _NEWS


def test_fields_are_stripped_to_what_is_visible() -> None:
    article = _item("<guid>1</guid><title>A &lt;b&gt;ferry&lt;/b&gt; &amp;amp; a\u202e pier&#13;&#10;Bcc: x</title>")
    assert article.title == "A ferry & a pier Bcc: x"


def test_a_title_that_is_nothing_but_markup_is_shown_as_text() -> None:
    assert (
        _item("<guid>1</guid><title>&lt;img src=x onerror=alert(1)&gt;</title>").title == "<img src=x onerror=alert(1)>"
    )


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ("", "is empty"),
        ("<!doctype html><html><body>Login</body></html>", "is no RSS or Atom feed"),
        ('{"error": "rate limited"}', "is no RSS or Atom feed"),
        ("<opml version='2.0'><body><outline text='x'/></body></opml>", "is no RSS or Atom feed"),
        (_rss(), "is a feed without items"),
    ],
)
def test_what_is_no_feed_is_told(content: str, error: str) -> None:
    articles, problems = _read(content)
    assert articles == []
    assert [problem.source for problem in problems] == ["feed.xml"]
    assert error in problems[0].error


def test_of_a_feed_that_breaks_off_the_whole_items_are_kept() -> None:
    feed = _rss(*(f"<guid>{n}</guid><title>Report {n}</title><description>{_NEWS}</description>" for n in range(1, 4)))
    for cut in range(feed.index("<item>") + 6, len(feed), 23):
        articles, problems = _read(feed[:cut])
        whole = feed[:cut].count("</item>")
        assert [article.id for article in articles] == [str(n) for n in range(1, whole + 1)]
        assert all(article.body == _NEWS for article in articles)
        in_item = feed[:cut].count("<item>") > whole
        assert any("breaks off" in problem.error for problem in problems) is in_item


def test_entities_of_its_own_are_never_expanded() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
    blow_up = f'<!ENTITY b "{"a" * 60_000}">'
    secret = '<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;'
    start = time.perf_counter()
    for entities, use in ((laughs, "&l9;"), (blow_up, "&b;" * 20_000), (secret, "&f;")):
        feed = _rss(f"<guid>1</guid><title>T</title><description>{use}</description>")
        articles, _ = _read(feed.replace("<rss", f"<!DOCTYPE rss [{entities}]><rss", 1))
        text = "".join(article.text for article in articles)
        assert "lollol" not in text
        assert "aaaa" not in text
        assert "root:" not in text
    assert time.perf_counter() - start < 10


def test_a_title_of_nothing_but_undefined_entities_is_none() -> None:
    feed = _rss(f"<guid>1</guid><title>&c;</title><description>{_NEWS}</description>")
    (article,), _ = _read(feed.replace("<rss", '<!DOCTYPE rss [<!ENTITY c "x">]><rss', 1))
    assert article.title is None


def test_depth_and_number_are_no_trouble() -> None:
    start = time.perf_counter()
    deep = "<a>" * 3000 + "</a>" * 3000
    articles, _ = _read(_rss("<guid>1</guid><title>T</title>", channel=f"<title>x</title>{deep}"))
    assert [article.id for article in articles] == ["1"]
    nested = "&lt;div&gt;" * 100_000
    _read(_rss(f"<guid>1</guid><title>T</title><description>{nested}x</description>"))
    many, _ = _read(_rss(*(f"<guid>{n}</guid><title>Report {n}</title>" for n in range(3000))))
    assert len(many) == 3000
    assert time.perf_counter() - start < 20
