"""Sitemaps: the pages that a site names, newest first, and the sitemaps of an index; nothing opened or expanded."""

from __future__ import annotations

import gzip
import time
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.collect.feeds.read import read as read_feed
from briefing.collect.feeds.sitemap import follow, is_sitemap, read, unpacked
from briefing.ports import Document, RawArticle
from briefing.report import Problem

_SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9" '
    'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)


def _sitemap(*entries: str) -> str:
    urls = "".join(f"<url>{entry}</url>" for entry in entries)
    return f'<?xml version="1.0" encoding="UTF-8"?><urlset {_SPACES}>{urls}</urlset>'


def _index(*entries: str) -> str:
    return f"<sitemapindex {_SPACES}>" + "".join(f"<sitemap>{one}</sitemap>" for one in entries) + "</sitemapindex>"


def _news(number: int, day: str, title: str = "Ferry hits pier") -> str:
    return (
        f"<loc>https://w.example/{number}</loc><news:news><news:publication><news:name>The Winch</news:name>"
        f"<news:language>en</news:language></news:publication><news:publication_date>{day}</news:publication_date>"
        f"<news:title>{title}</news:title></news:news>"
    )


def _document(text: str | bytes, url: str | None = "https://w.example/sitemap.xml") -> Document:
    return Document("map", "map", text if isinstance(text, bytes) else text.encode(), url)


def _read(text: str | bytes) -> tuple[list[RawArticle], list[str]]:
    results = list(read(_document(text)))
    articles = [one for one in results if isinstance(one, RawArticle)]
    return articles, [one.error for one in results if isinstance(one, Problem)]


def test_a_page_of_a_news_sitemap_has_its_title_its_date_and_its_publisher() -> None:
    (article,), problems = _read(_sitemap(_news(1, "2026-03-02T20:40:00+01:00", "Ferry &amp; pier")))
    assert problems == []
    assert (article.id, article.guid, article.url) == ("https://w.example/1",) * 3
    assert (article.title, article.text) == ("Ferry & pier", "")
    assert (article.published, article.published_from) == ("2026-03-02T20:40:00+01:00", "feed")
    assert (article.publisher, article.language, article.place) == ("The Winch", "en", "map page 1")


def test_a_page_of_a_plain_sitemap_has_its_address_and_its_last_change_alone() -> None:
    (article,), _ = _read(_sitemap("<loc>\n https://w.example/1\n</loc><lastmod>2026-03-02</lastmod>"))
    assert (article.url, article.title, article.text) == ("https://w.example/1", None, "")
    assert (article.published, article.published_from, article.updated) == (None, None, "2026-03-02")


def test_pages_come_newest_first_and_those_without_a_date_last() -> None:
    undated = "<loc>https://w.example/4</loc>"
    pages = _sitemap(undated, _news(1, "2026-03-01"), _news(3, "2026-03-03T01:00:00Z"), _news(2, "2026-03-02"))
    articles, _ = _read(pages)
    assert [article.url for article in articles] == [f"https://w.example/{number}" for number in (3, 2, 1, 4)]


def test_of_a_flood_the_newest_pages_are_read_and_the_rest_is_told() -> None:
    many = [f"<loc>https://w.example/{n}</loc><lastmod>2026-01-{1 + n % 28:02}</lastmod>" for n in range(50_000)]
    start = time.perf_counter()
    articles, problems = _read(_sitemap(*many))
    assert time.perf_counter() - start < 8
    assert len(articles) == 2000
    assert {article.updated for article in articles} == {"2026-01-27", "2026-01-28"}
    assert problems == ["names more than 2,000 pages; the newest 2,000 are read"]


def test_a_pictures_title_and_address_are_not_the_pages() -> None:
    picture = (
        "<image:image><image:loc>https://w.example/1.jpg</image:loc><image:title>A boat</image:title></image:image>"
    )
    (article,), _ = _read(_sitemap(f"{picture}<loc>https://w.example/1</loc>"))
    assert (article.url, article.title) == ("https://w.example/1", None)


@pytest.mark.parametrize("address", ["javascript:alert(1)", "file:///etc/passwd", "", "https://", "https://a b/"])
def test_what_is_no_web_address_is_no_page(address: str) -> None:
    articles, problems = _read(_sitemap(f"<loc>{address}</loc>"))
    assert (articles, problems) == ([], ["is a sitemap without pages"])


def test_markup_in_a_title_is_none() -> None:
    (article,), _ = _read(_sitemap(_news(1, "2026-03-02", "&lt;b&gt;Ferry&lt;/b&gt;\n\u202epier")))
    assert article.title == "Ferry pier"


def test_an_index_names_its_sitemaps_those_for_news_first_then_the_newest() -> None:
    index = _index(
        "<loc>/old.xml</loc><lastmod>2020-01-01</lastmod>",
        "<loc>/new.xml</loc><lastmod>2026-03-02T10:00:00Z</lastmod>",
        "<loc>/undated.xml</loc>",
        "<loc>https://w.example/news.xml</loc>",
        "<loc>javascript:alert(1)</loc>",
        "<loc>/new.xml</loc>",
    )
    assert follow(_document(index)) == [f"https://w.example/{n}.xml" for n in ("news", "new", "old", "undated")]


def test_ten_sitemaps_of_an_index_are_followed() -> None:
    many = [f"<loc>https://w.example/{n}.xml</loc><lastmod>{2000 + n}-01-01</lastmod>" for n in range(100)]
    assert follow(_document(_index(*many))) == [f"https://w.example/{n}.xml" for n in range(99, 89, -1)]


def test_an_index_holds_no_pages_and_a_sitemap_names_no_sitemaps() -> None:
    assert _read(_index("<loc>/1.xml</loc>")) == ([], ["is an index of sitemaps and names no pages itself"])
    assert follow(_document(_sitemap("<loc>https://w.example/1</loc>"))) == []
    assert follow(_document("no sitemap")) == []


def test_a_packed_sitemap_is_unpacked() -> None:
    packed = gzip.compress(_sitemap(_news(1, "2026-03-02")).encode())
    assert is_sitemap(_document(packed))
    assert [article.url for article in _read(packed)[0]] == ["https://w.example/1"]
    assert follow(_document(gzip.compress(_index("<loc>/1.xml</loc>").encode()))) == ["https://w.example/1.xml"]


def test_a_packed_bomb_is_unpacked_to_ten_mebibytes() -> None:
    packing = zlib.compressobj(9, wbits=31)
    head = _sitemap(_news(1, "2026-03-02")).removesuffix("</urlset>").encode()
    bomb = packing.compress(head) + b"".join(packing.compress(b" " * 1_000_000) for _ in range(200)) + packing.flush()
    tracemalloc.start()
    assert len(unpacked(bomb)) == 10 * 1024 * 1024 + 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 32e6
    _, problems = _read(bomb)
    assert problems[0] == "is larger than 10 MiB; what stands beyond is not read"


def test_of_a_sitemap_that_breaks_off_the_whole_entries_are_kept() -> None:
    text = _sitemap(_news(1, "2026-03-03"), _news(2, "2026-03-02"), _news(3, "2026-03-01"))
    for cut in range(text.index("<url>") + 5, len(text) - len("</urlset>"), 19):
        articles, problems = _read(text[:cut])
        # the last entry of what breaks off may be whole, but nothing tells so
        whole = text[:cut].count("<url>") - 1
        assert [article.url for article in articles] == [f"https://w.example/{n}" for n in range(1, whole + 1)]
        assert problems[0] == "breaks off; the whole entries before that are kept"


def test_a_damaged_sitemap_is_read_as_far_as_it_goes() -> None:
    undeclared = "<urlset><url><loc>https://w.example/1?a&b</loc><news:title>T</news:title></url></urlset>"
    articles, _ = _read(undeclared)
    assert [(article.url, article.title) for article in articles] == [("https://w.example/1?a&b", "T")]


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "is empty"),
        ("<html><body>Login</body></html>", "is no sitemap"),
        ("<rss><channel/></rss>", "is no sitemap"),
        ("\0\0\0\0", "is empty"),
        ("\x1f\x8bno gzip", "is no sitemap"),
    ],
)
def test_what_is_no_sitemap_is_told(text: str, error: str) -> None:
    articles, problems = _read(text)
    assert articles == []
    assert len(problems) == 1
    assert error in problems[0] or text.startswith("\0")


def test_entities_are_never_expanded() -> None:
    entities = '<!DOCTYPE urlset [<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY l "lol">]>'
    (article,), _ = _read(entities + _sitemap(_news(1, "2026-03-02", "&f;&l;&l;")).split("?>", 1)[1])
    assert article.title is not None
    assert "root:" not in article.title
    assert "lol" not in article.title


def test_a_sitemap_given_as_a_file_is_read_as_one() -> None:
    results = list(read_feed(_document(_sitemap(_news(1, "2026-03-02")))))
    assert [one.url for one in results if isinstance(one, RawArticle)] == ["https://w.example/1"]


def test_a_feed_that_speaks_of_sitemaps_is_none() -> None:
    feed = "<rss><channel><title>T</title><item><title>The &lt;urlset&gt; element</title></item></channel></rss>"
    assert not is_sitemap(_document(feed))
    assert not is_sitemap(_document(feed.replace("The &lt;urlset&gt;", "<![CDATA[<urlset >]]>")))


@given(st.binary(max_size=300))
def test_whatever_bytes_it_gets_it_reads_or_tells(data: bytes) -> None:
    assert list(read(_document(data)))
    assert follow(_document(data)) == []
    assert len(unpacked(data)) <= max(len(data), 10 * 1024 * 1024 + 1)
