"""What an address turned out to be, and the feeds and sitemaps that a page or a robots.txt names."""

from __future__ import annotations

import gzip
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.collect.feeds.discovery import Found, feeds_of, kind_of, sitemaps_of
from briefing.ports import Document

_RSS = 'type="application/rss+xml"'


def _page(head: str = "", body: str = "") -> Document:
    text = f"<!doctype html><html><head><title>W</title>{head}</head><body>{body}</body></html>"
    return Document("page", "page", text.encode(), "https://www.w.example/news/")


def _addresses(head: str = "", body: str = "") -> list[str]:
    return [found.url for found in feeds_of(_page(head, body))]


def test_a_feed_of_the_head_has_its_address_its_title_and_its_kind() -> None:
    head = (
        f'<link rel="alternate" {_RSS} title="The &lt;b&gt;Winch&lt;/b&gt; &amp; Co" href="/feed">'
        '<link rel="ALTERNATE home" type="Application/Atom+XML; charset=utf-8" href="atom.xml">'
        '<link rel="alternate" type="application/feed+json" href="https://o.example/f.json"/>'
    )
    assert feeds_of(_page(head)) == [
        Found("https://www.w.example/feed", "The Winch & Co", "rss"),
        Found("https://www.w.example/news/atom.xml", None, "atom"),
        Found("https://o.example/f.json", None, "json"),
    ]


def test_a_relation_called_feed_is_one() -> None:
    assert _addresses('<link rel="feed" href="/x">') == ["https://www.w.example/x"]


@pytest.mark.parametrize(
    "link",
    [
        '<link rel="alternate" type="application/json" href="/wp-json/1">',
        '<link rel="alternate" type="application/json+oembed" href="/oembed">',
        '<link rel="alternate" hreflang="de" href="/de/">',
        '<link rel="stylesheet" type="text/css" href="/feed.css">',
        f'<link rel="alternate" {_RSS} href="javascript:alert(1)">',
        f'<link rel="alternate" {_RSS} href="">',
        f'<link rel="alternate" {_RSS}>',
        f'<link rel="alternate" {_RSS} href="/news/">',
    ],
)
def test_what_is_no_feed_is_not_named(link: str) -> None:
    assert _addresses(link) == []


def test_the_base_of_the_page_counts() -> None:
    link = f'<link rel="alternate" {_RSS} href="feed">'
    assert _addresses(f'<base href="/a/">{link}') == ["https://www.w.example/a/feed"]
    assert _addresses(f'<base href="javascript:x">{link}') == ["https://www.w.example/news/feed"]


@pytest.mark.parametrize(
    "path", ["/feed", "/feed/", "/x/rss", "/rss.xml", "/atom.xml", "/index.xml", "/index.rdf", "/w.rss", "/feed.json"]
)
def test_links_that_end_like_feeds_come_after_those_of_the_head(path: str) -> None:
    body = f'<p><a href="{path}">Our feed</a> <a href="/about">About</a> <a href="/feedback">Write</a></p>'
    head = f'<link rel="alternate" {_RSS} href="/z">'
    assert _addresses(head, body) == ["https://www.w.example/z", f"https://www.w.example{path}"]


def test_links_to_feeds_of_other_sites_are_not_the_pages() -> None:
    body = '<a href="https://other.example/feed">Theirs</a><a href="https://w.example/feed">Ours</a>'
    assert _addresses(body=body) == ["https://w.example/feed"]


def test_feeds_of_comments_come_last_and_each_feed_once() -> None:
    head = (
        f'<link rel="alternate" {_RSS} title="W » Comments Feed" href="/comments/feed/">'
        f'<link rel="alternate" {_RSS} title="W" href="/feed/"><link rel="alternate" {_RSS} href="/feed/">'
    )
    assert _addresses(head, '<a href="/feed/">Feed</a>') == [
        "https://www.w.example/feed/",
        "https://www.w.example/comments/feed/",
    ]


def test_a_flood_of_feeds_is_bounded() -> None:
    start = time.perf_counter()
    many = "".join(f'<link rel="alternate" {_RSS} href="/{n}">' for n in range(20_000))
    assert len(_addresses(many)) == 50
    assert time.perf_counter() - start < 5


def test_a_robots_txt_names_sitemaps_those_for_news_first() -> None:
    robots = (
        "User-agent: *\nDisallow: /x\nSitemap: https://w.example/sitemap.xml\n"
        "  SITEMAP : https://w.example/news.xml \r\n"
        "# Sitemap: https://w.example/no.xml\nsitemap:https://w.example/sitemap.xml\nSitemap: /relative.xml\n"
        "Sitemap: file:///etc/passwd\nSitemap:\nSitemap-x: https://w.example/y"
    )
    assert sitemaps_of(robots) == ["https://w.example/news.xml", "https://w.example/sitemap.xml"]


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("<rss version='2.0'><channel/></rss>", "feed"),
        (
            '<?xml version="1.0"?>\n<!-- x -->\n<?xml-stylesheet href="x"?><feed xmlns="http://www.w3.org/2005/Atom"/>',
            "feed",
        ),
        ('<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"/>', "feed"),
        ('<!DOCTYPE rss PUBLIC "-//Netscape//DTD" "http://n.example/rss-0.91.dtd"><rss version="0.91"/>', "feed"),
        ('Warning: line 3\n<?xml version="1.0"?><rss version="2.0"/>', "feed"),
        ('{"version": "https://jsonfeed.org/version/1.1", "title": "T", "items": []}', "feed"),
        ('<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"/>', "sitemap"),
        ("<sitemapindex/>", "sitemap"),
        ("<!doctype html><title>RSS</title><p>&lt;rss&gt;", "page"),
        ("\n<!-- saved -->\n<!DOCTYPE HTML PUBLIC '-//W3C//DTD'><html><body><rss version='2'>", "page"),
        ("<html xmlns='http://www.w3.org/1999/xhtml'></html>", "page"),
        ("<div>Only a part</div>", "page"),
        ('{"error": "rate limited"}', None),
        ("{broken", None),
        ("<opml version='2.0'/>", None),
        ("User-agent: *\nDisallow:", None),
        ("", None),
        ("%PDF-1.7", None),
    ],
)
def test_a_body_is_known_by_what_it_holds(body: str, kind: str | None) -> None:
    assert kind_of(Document("b", "b", body.encode())) == kind
    assert kind_of(Document("b", "b", gzip.compress(body.encode()))) == kind
    assert kind_of(Document("b", "b", "\ufeff".encode() + body.encode())) == kind or body == "%PDF-1.7"


def test_a_body_is_known_in_any_encoding() -> None:
    for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32"):
        assert kind_of(Document("b", "b", "<rss version='2.0'><channel/></rss>".encode(encoding))) == "feed"


@pytest.mark.parametrize(
    "body", [" " * 60_000, "<!--" * 15_000, "<?" * 30_000, "<!-- -->" * 8_000, "<!DOCTYPE " * 6_000]
)
def test_bodies_made_to_cost_time_cost_little(body: str) -> None:
    start = time.perf_counter()
    kind_of(Document("b", "b", (body + "x").encode()))
    assert time.perf_counter() - start < 1


@given(st.binary(max_size=300))
def test_whatever_bytes_it_gets_it_names_or_not(data: bytes) -> None:
    document = Document("b", "b", data, "https://w.example/")
    assert kind_of(document) in ("feed", "sitemap", "page", None)
    assert all(found.url.startswith("http") for found in feeds_of(document))
