"""Feeds, saved or fetched: each item an article of its own id, dated only if it says so, and nothing expanded."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.collect import collect
from briefing.collect.cleaning.clean import clean
from briefing.collect.feeds import fragment
from briefing.collect.feeds import tolerant as feed_tolerant
from briefing.collect.feeds import tree as feed_tree
from briefing.collect.feeds.read import read
from briefing.collect.pages.markup import fragment_blocks
from briefing.domain import Article
from briefing.ports import Document, RawArticle
from briefing.report import Problem
from briefing.text import single_line
from tests.strategies import hostile_text

_NEWS = "A ferry hit a pier in Kestrel Bay on Monday, the coastguard said."
_ATOM = '<feed xmlns="http://www.w3.org/2005/Atom"><title>The Winch</title>{}</feed>'


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


def _raw(feed: str | bytes, url: str | None = None, charset: str | None = None) -> list[RawArticle]:
    data = feed if isinstance(feed, bytes) else feed.encode()
    results = read(Document("feed.xml", "feed.xml", data, url, charset))
    return [result for result in results if isinstance(result, RawArticle)]


def _raw_item(item: str, url: str | None = None) -> RawArticle:
    (article,) = _raw(_rss(item), url)
    return article


def _entry(entry: str, url: str | None = None) -> RawArticle:
    (article,) = _raw(_ATOM.format(f"<entry>{entry}</entry>"), url)
    return article


def _json(*items: object, **stated: object) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "The Winch", "items": items, **stated})


def _rows(labelled: Path, name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (labelled / name).read_text(encoding="utf-8").split("\n") if line]


def _bytes(row: dict[str, Any]) -> bytes:
    if "b64" in row:
        return base64.b64decode(row["b64"])
    return base64.b64decode(row["content"]) if row["encoding"] == "base64" else row["content"].encode()


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
        (" \n", "is empty"),
        ("<!doctype html><html><body>Login</body></html>", "is no feed"),
        ('{"error": "rate limited"}', "is no feed"),
        ('{"items": [{"title": "T"}]}', "is no feed"),
        ('{"version": "https://jsonfeed.org/version/1", "items"', "is no feed"),
        ("<opml version='2.0'><body><outline text='x'/></body></opml>", "is no feed but a list of feeds"),
        ("%PDF-1.7", "is no feed"),
        (_rss(), "is a feed without items"),
        (_json(), "is a feed without items"),
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
        is_open = "</channel>" not in feed[:cut]
        assert any("breaks off" in problem.error for problem in problems) is is_open


def _hostile_entities() -> list[str]:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "lol"}">' for n in range(10))
    blow_up = f'<!ENTITY b "{"a" * 60_000}">'
    secret = '<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;'
    quoted = '<!-- \' ]> --><!ENTITY q "]>lollol"><!ENTITY f SYSTEM "file:///etc/passwd">'
    uses = ((laughs, "&l9;"), (blow_up, "&b;" * 20_000), (secret, "&f;"), (quoted, "&q;&f;"))
    return [
        _rss(f"<guid>1</guid><title>T</title><description>{use}</description>").replace(
            "<rss", f"<!DOCTYPE {name} [{entities}]><rss", 1
        )
        for entities, use in uses
        for name in ("rss", "x><!DOCTYPE rss")
    ]


@pytest.mark.parametrize("feed", _hostile_entities())
def test_entities_of_its_own_are_never_expanded(feed: str) -> None:
    tracemalloc.start()
    start = time.perf_counter()
    articles, _ = _read(feed)
    took, (_, peak) = time.perf_counter() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    text = "".join(article.text for article in articles)
    assert "lollol" not in text
    assert "aaaa" not in text
    assert "root:" not in text
    assert took < 1
    assert peak < 64e6


def test_nothing_is_asked_for_over_the_network() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        port = server.getsockname()[1]
        outside = f'SYSTEM "http://127.0.0.1:{port}/hit"'
        for doctype in (f"[<!ENTITY x {outside}>]", f"[<!ENTITY % p {outside}> %p;]", outside):
            for feed in (_rss("<title>&x;</title>"), _rss("<title>&x;</title><b>"), "<rss>&x;", "<opml>&x;</opml>"):
                _read(f"<!DOCTYPE rss {doctype}>" + feed.replace('<?xml version="1.0"?>', ""))
        _read(_rss(f"<title>T</title><link>http://127.0.0.1:{port}/</link><img src='http://127.0.0.1:{port}/'/>"))
        with pytest.raises(BlockingIOError):
            server.accept()


def test_a_title_of_nothing_but_undefined_entities_is_none() -> None:
    feed = _rss(f"<guid>1</guid><title>&c;</title><description>{_NEWS}</description>")
    (article,), _ = _read(feed.replace("<rss", '<!DOCTYPE rss [<!ENTITY c "x">]><rss', 1))
    assert article.title is None


def test_depth_is_no_trouble() -> None:
    start = time.perf_counter()
    deep = "<a>" * 3000 + "</a>" * 3000
    articles, _ = _read(_rss("<guid>1</guid><title>T</title>", channel=f"<title>x</title>{deep}"))
    assert [article.id for article in articles] == ["1"]
    _read(_rss(f"<guid>1</guid><title>T</title><description>{'&lt;div&gt;' * 100_000}x</description>"))
    _read(_rss(f"<guid>1</guid><title>T</title><description>{'<div>' * 100_000}x</description>"))
    assert time.perf_counter() - start < 4


@pytest.mark.parametrize(
    "broken",
    [
        "<a>" * 130_000,
        "<" * 1_000_000,
        "&" * 1_000_000,
        "".join(f"<a{n}:b xmlns:a{n}='u{n}'/>" for n in range(20_000)),
        "<a " + " ".join(f"a{n}='1'" for n in range(100_000)) + ">",
        "<a b='" + "<x y='" * 100_000,
        "<![CDATA[" * 100_000,
        "<!--" * 200_000,
        "<!DOCTYPE a [" * 100_000,
    ],
    ids=lambda broken: broken[:12],
)
def test_markup_made_to_cost_time_costs_little(broken: str) -> None:
    start = time.perf_counter()
    _read(_rss(f"<title>T</title>{broken}"))
    assert time.perf_counter() - start < 5  # 0.2 s here; feedparser takes 4 to 100 s for some of them


def test_of_a_flood_the_first_items_are_read_and_the_rest_is_told() -> None:
    feed = _rss(*(f"<guid>{n}</guid><title>Report {n}</title>" for n in range(100_000)))
    for flood in (feed, feed.replace("Harbour Post", "Harbour & Post"), _json(*({"id": str(n)} for n in range(2500)))):
        start = time.perf_counter()
        articles, problems = _read(flood)
        assert time.perf_counter() - start < 5
        assert [article.id for article in articles] == [str(n) for n in range(2000)]
        assert [problem.error for problem in problems] == ["holds more than 2,000 items; the first 2,000 are read"]


def test_of_an_endless_item_the_beginning_is_read_and_the_rest_is_told() -> None:
    (article,), (problem,) = _read(
        _rss(f"<guid>1</guid><title>T</title><description>{'word ' * 200_000}</description>")
    )
    assert 400_000 < len(article.body) <= 500_000
    assert problem == Problem("feed.xml item 1", "is longer than 500,000 characters; what stands beyond is not read")


def test_two_hundred_feeds_take_a_second() -> None:
    words = "The ferry struck the pier at Kestrel Bay and the harbour master told reporters so".split() * 4
    text = f'<p>{" ".join(words)} <a href="https://e.example/">more</a></p><p>And so &amp;amp; on.</p>'
    items = [
        f"<title>Report {n}</title><link>https://e.example/{n}</link><guid>{n}</guid>"
        f"<pubDate>Mon, 02 Mar 2026 20:40:00 GMT</pubDate><description><![CDATA[{text}]]></description>"
        for n in range(50)
    ]
    feed = _rss(*items).encode()
    start = time.perf_counter()
    for _ in range(50):
        assert sum(1 for _ in read(Document("f", "f", feed))) == 50
    assert time.perf_counter() - start < 2  # 0.12 s here for a quarter of them


def test_an_rdf_item_is_an_article() -> None:
    (article,) = _raw(
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://w.example/"><title>The Winch</title>'
        '<dc:language>de</dc:language></channel><item rdf:about="urn:1"><title>Ferry</title>'
        f"<link>https://w.example/1</link><description>{_NEWS}</description><dc:date>2026-03-02T20:40+01:00</dc:date>"
        "<dc:creator>Anna Reyes</dc:creator></item></rdf:RDF>"
    )
    assert (article.id, article.title, article.url, article.text) == ("urn:1", "Ferry", "https://w.example/1", _NEWS)
    assert (article.publisher, article.author, article.language) == ("The Winch", "Anna Reyes", "de")
    assert (article.published, article.published_from) == ("2026-03-02T20:40:00+01:00", "feed")


def test_a_json_feed_item_is_an_article() -> None:
    (article,) = _raw(
        _json(
            {
                "id": 7,
                "url": "/1",
                "title": "Ferry &amp; pier",
                "content_html": f"<p>{_NEWS}</p><script>x()</script><p>More.</p>",
                "summary": "Short.",
                "date_published": "2026-03-02T20:40:00+01:00",
                "date_modified": "2026-03-03T20:40:00+01:00",
                "authors": [{"name": "Anna Reyes"}],
            },
            language="en",
        ),
        url="https://winch.example/feed.json",
    )
    assert (article.id, article.guid, article.url) == ("7", "7", "https://winch.example/1")
    assert (article.title, article.text) == ("Ferry & pier", f"{_NEWS}\nMore.")
    assert (article.published, article.updated) == ("2026-03-02T20:40:00+01:00", "2026-03-03T20:40:00+01:00")
    assert (article.publisher, article.author, article.language) == ("The Winch", "Anna Reyes", "en")


def test_what_has_a_wrong_type_in_a_json_feed_costs_no_other_item() -> None:
    odd: list[object] = [None, 5, "x", [], {"title": {}, "authors": [3, None], "url": [], "id": True}]
    articles = _raw(_json(*odd, {"id": "ok", "title": "<b>\ud800T", "content_text": "1 < 2 & 3"}, language=3))
    assert [(one.guid, one.title, one.text) for one in articles] == [(None, None, ""), ("ok", "T", "1 < 2 & 3")]


def test_files_are_read_by_what_they_hold(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(_json({"id": "json", "title": "One", "content_text": _NEWS}), encoding="utf-8")
    (tmp_path / "b.xml").write_text(_rss(f"<guid>rss</guid><description>{_NEWS}</description>"), encoding="utf-8")
    (tmp_path / "c.xml").write_text(_json({"id": "xml", "title": "Two", "content_text": _NEWS}), encoding="utf-8")
    (tmp_path / "d.json").write_text('{"id": "row", "text": "A row."}', encoding="utf-8")
    collected = collect([str(tmp_path)])
    assert [article.id for article in collected.articles] == ["json", "row", "rss", "xml"]
    assert collected.problems == ()


def test_a_packed_feed_is_unpacked() -> None:
    assert _raw(gzip.compress(_rss("<guid>1</guid><title>T</title>").encode()))[0].id == "1"


def test_a_stated_time_keeps_its_zone_and_a_change_is_no_publication() -> None:
    article = _entry(
        "<id>1</id><published>2026-03-02T23:40:00-08:00</published><updated>2026-03-04T01:00:00Z</updated>"
    )
    assert (article.published, article.updated) == ("2026-03-02T23:40:00-08:00", "2026-03-04T01:00:00+00:00")
    assert _raw_item("<guid>2026-03-02</guid><title>T</title>").published is None
    assert _raw_item("<guid>1</guid><pubDate>03/04/2026</pubDate>").published_from is None


@pytest.mark.parametrize(
    "link",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "//",
        "https://",
        "http://[1",
        "https://e .example/a",
        "https://e.example/\u202egpj",
        "mailto:a@e.example",
        "https://e.example:0/",
        "https://e.example/" + "a" * 2000,
    ],
)
def test_a_link_that_leads_nowhere_on_the_web_is_none_and_its_item_stays(link: str) -> None:
    for feed in (_rss(f"<title>T</title><link>{link}</link>"), _json({"title": "T", "url": link})):
        (article,) = _raw(feed)
        assert (article.title, article.url) == ("T", None)


@pytest.mark.parametrize(
    ("entry", "url"),
    [
        ('<link href="../1"/>', "https://w.example/1"),
        ('<link href="1" xml:base="https://b.example/x/"/>', "https://b.example/x/1"),
        (
            '<link rel="enclosure" href="/1.mp3"/><link rel="self" href="/1.atom"/><link href="/1"/>',
            "https://w.example/1",
        ),
        ('<link type="application/pdf" href="/1.pdf"/><link type="text/html" href="/1"/>', "https://w.example/1"),
        ('<link rel="enclosure" href="/1.mp3"/>', None),
        ('<link rel="replies" href="/1#comments"/>', None),
        ('<content src="/1.mp3" type="text/html"/>', None),
        ('<link href="\n https://w.example/1 \n"/>', "https://w.example/1"),
    ],
)
def test_an_entrys_link_is_that_of_its_page(entry: str, url: str | None) -> None:
    assert _entry(f"<title>T</title>{entry}", "https://w.example/news/feed").url == url


def test_a_space_in_a_link_is_written_as_browsers_write_it() -> None:
    assert _raw_item("<link>https://w.example/a b?c d</link>").url == "https://w.example/a%20b?c%20d"


def test_a_link_in_rss_is_resolved_and_a_permanent_id_is_one() -> None:
    assert _raw_item("<link>/1</link>", "https://w.example/feed").url == "https://w.example/1"
    assert _raw_item("<link>/1</link>").url is None
    assert _raw_item("<guid>https://w.example/1</guid>").url == "https://w.example/1"
    assert _raw_item('<guid isPermaLink="false">https://w.example/1</guid>').url is None
    assert _raw_item('<enclosure url="https://w.example/1.mp3"/><title>T</title>').url is None


def test_a_guid_is_kept_as_it_stands_on_one_short_line() -> None:
    assert _raw_item("<guid> tag:w.example,2026:1 </guid>").guid == "tag:w.example,2026:1"
    assert _raw_item("<guid>a\nb\u202e</guid>").guid == "a b"
    assert len(_raw_item(f"<guid>{'x' * 5000}</guid>").guid or "") == 2000
    assert _raw_item("<title>T</title>").guid is None


@pytest.mark.parametrize(
    "author",
    ["anna@w.example (Anna Reyes)", "Anna Reyes (anna@w.example)", "Anna Reyes &lt;anna@w.example&gt;", "Anna Reyes"],
)
def test_an_authors_name_is_told_from_the_address(author: str) -> None:
    assert _raw_item(f"<author>{author}</author><title>T</title>").author == "Anna Reyes"


@pytest.mark.parametrize(
    "description",
    [
        "Ferry hits pier",
        "Ferry hits pier.",
        '&lt;a href="/1"&gt;Ferry hits pier&lt;/a&gt;&amp;nbsp;&lt;font&gt;The Harbour Post&lt;/font&gt;',
    ],
)
def test_a_summary_that_only_repeats_the_title_is_no_text(description: str) -> None:
    assert _raw_item(f"<title>Ferry hits pier</title><description>{description}</description>").text == ""


def test_text_in_elements_and_escaped_text_read_alike() -> None:
    inline = (
        f'<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{_NEWS}</p><p>1 &lt; 2</p></div></content>'
    )
    assert _entry(f"<id>1</id>{inline}").text == f"{_NEWS}\n1 < 2"
    escaped = f'<content type="html">&lt;p&gt;{_NEWS}&lt;/p&gt;&lt;p&gt;1 &amp;lt; 2&lt;/p&gt;</content>'
    assert _entry(f"<id>1</id>{escaped}").text == f"{_NEWS}\n1 < 2"
    title = '<title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">A <b>ferry</b> &amp; a pier</div></title>'
    assert _entry(title).title == "A ferry & a pier"
    assert _raw_item(f"<title>T</title><description><p>{_NEWS}</p>More</description>").text == f"{_NEWS}\nMore"


def test_what_other_modules_call_by_the_same_name_is_not_taken_for_the_item() -> None:
    media = 'xmlns:media="http://search.yahoo.com/mrss/"'
    article = _raw_item(f"<media:title {media}>A picture</media:title><title>T</title>")
    assert article.title == "T"
    video = (
        f"<media:group {media}><media:title>V</media:title><media:description>{_NEWS}</media:description></media:group>"
    )
    assert (_entry(f"<title>T</title>{video}").title, _entry(f"<title>T</title>{video}").text) == ("T", _NEWS)


@pytest.mark.parametrize(
    "damage",
    [
        "<title>Fish & chips &nbsp;&copy; &bogus; &#146;</title>",
        "<title>Fish & chips</title><b>",
        "<title>Fish & chips</title><dc2:creator>x</dc2:creator>",
    ],
)
def test_broken_feeds_are_read(damage: str) -> None:
    feed = _rss(f"<guid>1</guid>{damage}<link>https://w.example/1?a=1&b=2</link>", "<guid>2</guid><title>T</title>")
    first, second = _raw(feed)
    assert (first.guid, first.url, second.guid) == ("1", "https://w.example/1?a=1&b=2", "2")
    assert (first.title or "").startswith("Fish & chips")


def test_references_mean_what_browsers_read_in_them() -> None:
    assert _raw_item("<title>Don&#146;t &nbsp;&eacute;</title>").title == "Don’t é"
    assert _raw_item("<title><![CDATA[A &amp; B&nbsp;C & D]]></title>").title == "A & B C & D"


@pytest.mark.parametrize("before", ["\n \n", "<!-- by a program -->", "Warning: no cache in line 3\n"])
def test_what_stands_before_a_feed_does_not_hide_it(before: str) -> None:
    assert [one.guid for one in _raw(before + _rss("<guid>1</guid><title>T</title>"))] == ["1"]


def test_item_in_marked_text_is_no_item() -> None:
    quoted = "<![CDATA[To write one, begin with <item> and go on.]]>"
    articles, problems = _read(_rss(f"<guid>1</guid><title>T</title><description>{quoted}</description>"))
    assert ([article.id for article in articles], problems) == (["1"], [])


@pytest.mark.parametrize(
    ("sent", "declared", "actual"),
    [
        (None, "utf-8", "utf-8"),
        ("iso-8859-1", "utf-8", "utf-8"),
        ("utf-8", "iso-8859-1", "iso-8859-1"),
        (None, "utf-8", "windows-1252"),
        ("windows-1252", None, "windows-1252"),
        ("utf-8", None, "utf-8-sig"),
        (None, "utf-16", "utf-16"),
        (None, "utf-16", "utf-16-le"),
        (None, "utf-16", "utf-16-be"),
        (None, "utf-32", "utf-32"),
        ("text/xml", "bogus-9", "utf-8"),
        ("iso-8859-1", "windows-1250", "windows-1250"),
    ],
)
def test_the_encoding_is_found_whoever_lies_about_it(sent: str | None, declared: str | None, actual: str) -> None:
    title = "Zürich: „Straße“ – fünf Häuser überflutet"
    declaration = f'<?xml version="1.0" encoding="{declared}"?>' if declared else '<?xml version="1.0"?>'
    feed = _rss(f"<title>{title}</title>").replace('<?xml version="1.0"?>', declaration)
    encoding = actual if actual != "iso-8859-1" else "windows-1252"
    (article,) = _raw(feed.encode(encoding), charset=sent)
    assert article.title == title


def test_a_feed_cut_inside_a_character_keeps_its_encoding() -> None:
    feed = _rss("<guid>1</guid><title>Zürich</title>", "<guid>2</guid><title>ü").encode()
    (article,) = _raw(feed[: feed.rindex("ü".encode()) + 1])
    assert article.title == "Zürich"


def test_known_encodings_are_found(labelled: Path) -> None:
    for row in _rows(labelled, "attacks/own_encoding_cases.jsonl"):
        (article,) = _raw(_bytes(row), charset=row["header_charset"])
        assert article.title == row["expected_title"], row["id"]


def test_known_odd_feeds_are_no_trouble_and_leave_no_markup(labelled: Path) -> None:
    items = 0
    for name in (
        "feeds/feedparser_tests.jsonl",
        "attacks/feedparser_sanitize.jsonl",
        "attacks/feedparser_illformed.jsonl",
        "attacks/feedparser_encoding.jsonl",
        "attacks/own_feed_cases.jsonl",
    ):
        for row in _rows(labelled, name):
            for article in _raw(_bytes(row), url="https://w.example/feed"):
                items += 1
                fields = (article.title, article.author, article.publisher, article.guid, article.language, article.url)
                assert not any("\n" in field for field in fields if field)
                assert article.url is None or article.url.lower().startswith(("http://", "https://"))
                assert not any(mark in article.text.lower() for mark in ("<script", "onclick=", "javascript:alert"))
    assert items > 1000


def test_the_quick_reader_says_what_feedparser_says(labelled: Path) -> None:
    differing: set[tuple[str, str, str]] = set()
    compared = 0
    for row in _rows(labelled, "feeds/feedparser_tests.jsonl"):
        text = _bytes(row).decode("utf-8", "replace")
        quick, tolerant = feed_tree.read(text, None), feed_tolerant.read(text, None)
        for one, other in zip(quick.items if quick else (), tolerant.items if tolerant else (), strict=False):
            for field in ("title", "link", "published"):
                said = getattr(one, field).strip(), getattr(other, field).strip()
                compared += 1
                if said[0] != said[1] and "<" not in said[0]:
                    differing.add((field, *said))
    assert compared > 1000
    assert differing == {
        ("title", "", "Savage Love"),  # a picture's title
        ("link", "http://www.example.com/alternate", "http://www.example.com/enclosure"),  # never an enclosure
        ("link", "http://example.com/1", ""),  # rdf:about of an item without a link
        ("link", "http://example.c[o.test/", ""),  # refused later, by `web_address`
        *(("link", "", said) for said in ("1", "Correct Value", "Incorrect Value", "/relative/link")),  # ids
        ("published", "2003-12-31T10:14:55Z", ""),  # dc:date, which feedparser calls an update
    }


_INLINE = st.sampled_from(("a", "b", "em", "span", "strong"))
_TEXT = st.sampled_from(
    ("ferry", " said ", "AT&T", " &amp; ", "&lt;b&gt;", "&nbsp;", "\n", "&#8217;s", "1 > 0", "\u202e", "| x |")
)


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    attribute = st.sampled_from(
        (
            "",
            ' class="wp-block x"',
            " style='width:9em'",
            " id='a' data-b='c'",
            ' href="https://e.example/?a=1&b=2"',
            " title='x | y'",
            " width=3",
        )
    )
    inline = st.builds("<{0}{1}>{2}</{0}>".format, _INLINE, attribute, _TEXT)
    block = st.builds(
        "<{0}{1}>{2}</{0}>".format, st.sampled_from(("div", "blockquote", "ul", "figure")), attribute, inner
    )
    leaf = st.builds("<{0}{1}>{2}</{0}>".format, st.sampled_from(("p", "h2", "li")), attribute, _TEXT)
    void = st.builds("<{}{}>".format, st.sampled_from(("br", "img", "hr")), st.sampled_from(("", "/", " alt='a'")))
    return st.lists(st.one_of(inline, block, leaf, void, _TEXT), max_size=4).map("".join)


@given(st.recursive(_TEXT, _nested, max_leaves=12))
def test_simple_fragments_read_the_same_with_and_without_a_parser(piece: str) -> None:
    assert fragment.lines(piece) == fragment_blocks(piece)


@pytest.mark.parametrize(
    "hiding",
    [
        'style="display:none"',
        "STYLE='color:#fff; background:#FFF'",
        "style=display:none",
        'style="display:&#110;one"',
        'class="sr-only"',
        "class=sr-only",
        'class="x newsletter-box"',
        'id="comments"',
        "hidden",
        'aria-hidden="true"',
        "data-x=1 hidden",
        "title='x' style='opacity:0'",
    ],
)
def test_what_may_hide_something_goes_through_the_parser(hiding: str) -> None:
    news = "<p>A ferry hit a pier in Kestrel Bay on Monday, the coastguard said, and nobody was hurt.</p>"
    assert fragment.lines(f"{news}<p {hiding}>Two.</p>") == fragment_blocks(f"{news}<p>") != []


@given(hostile_text, hostile_text, hostile_text)
def test_whatever_an_item_says_it_is_one_article_of_clean_fields(title: str, link: str, text: str) -> None:
    (article,) = _raw(
        _json({"id": title, "title": title, "url": link, "content_html": text, "authors": [{"name": text}]})
    )
    for field in (article.title, article.url, article.author, article.guid):
        assert field is None or (single_line(field) == field and field)
    clean(article).text.encode()
