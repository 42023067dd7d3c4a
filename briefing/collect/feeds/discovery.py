"""What an address turned out to be, and where a page or a robots.txt says that feeds and sitemaps are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlsplit

from briefing.collect.decode import UnreadableError, decode
from briefing.collect.feeds.addresses import web_address
from briefing.collect.feeds.jsonfeed import is_json_feed
from briefing.collect.feeds.sitemap import unpacked
from briefing.collect.feeds.xml_text import first_element
from briefing.collect.pages import markup
from briefing.collect.stated import parse as parse_json
from briefing.ports import Document

FeedKind = Literal["rss", "atom", "json"]

FOUND_LIMIT = 50  # feeds of a page, sitemaps of a robots.txt
_SNIFFED = 65_536  # bytes
_TYPES: dict[str, FeedKind] = {
    "application/rss+xml": "rss",
    "application/rdf+xml": "rss",
    "application/atom+xml": "atom",
    "application/feed+json": "json",
}
# How addresses of feeds end. A link in a page's text is a weaker sign than its head, and counts on its own site alone.
_ENDING = re.compile(
    r"/(?:feed|rss|atom|rdf)/?$|/(?:feed|rss|atom|index)\.(?:xml|rdf)$|\.(?:rss|atom)$|/feed\.json$", re.IGNORECASE
)
_COMMENTS = re.compile(r"comments?\b|kommentare", re.IGNORECASE)
_SITEMAP = re.compile(r"^[ \t\ufeff]*sitemap[ \t]*:[ \t]*(\S{1,2000})", re.IGNORECASE | re.MULTILINE)
_FEED_START = re.compile(r"<(?:[\w.-]{1,40}:)?(?:rss|feed|RDF)\s[^>]{0,2000}(?:version|xmlns)\b")
_DOCTYPE_HTML = re.compile(r"(?:\s++|<\?[^>]*+>|<!--.*?-->)*+<!doctype\s+html\b", re.IGNORECASE | re.DOTALL)
_IS: dict[str, Literal["feed", "sitemap", "page"]] = {
    **dict.fromkeys(("rss", "feed", "rdf"), "feed"),
    **dict.fromkeys(("urlset", "sitemapindex"), "sitemap"),
    **dict.fromkeys("html head body meta title link script style div main article section p h1 table".split(), "page"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A feed that a page names: its absolute address, what the page calls it, and its kind."""

    url: str
    title: str | None
    kind: FeedKind


def kind_of(document: Document) -> Literal["feed", "sitemap", "page"] | None:
    """What a body is by what it holds, whatever its header or its name says; None for what is neither."""
    data = unpacked(document.data, _SNIFFED)
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        try:
            return "feed" if is_json_feed(parse_json(data.removeprefix(b"\xef\xbb\xbf"))) else None
        except ValueError:
            return None
    try:
        head = decode(data[:_SNIFFED], markup=True, charset=document.charset)
    except UnreadableError:
        return None
    if _DOCTYPE_HTML.match(head):
        return "page"
    first = first_element(head)
    if first:
        return _IS.get(first)
    # some feeds follow a warning that the server's program printed
    return "feed" if _FEED_START.search(head[:8192]) else None


def feeds_of(document: Document) -> list[Found]:
    """The feeds that a page names, likeliest first: of its head, then linked in its text; feeds of comments last."""
    try:
        tree, _ = markup.parse(decode(document.data, markup=True, charset=document.charset))
    except UnreadableError:
        return []
    if tree is None:
        return []
    base = document.url
    for element in tree.iter("base"):
        base = web_address(element.get("href"), document.url) or base
        break
    found: dict[str, Found] = {}
    for one in (*_in_head(tree, base), *_in_text(tree, base)):
        if one.url != document.url:
            found.setdefault(one.url, one)
    return sorted(found.values(), key=_is_of_comments)[:FOUND_LIMIT]


def sitemaps_of(robots: str) -> list[str]:
    """The sitemaps that the text of a robots.txt names, those for news first."""
    stated = _SITEMAP.findall(robots[:500_000])
    known = dict.fromkeys(address for one in stated if (address := web_address(one)))
    return sorted(known, key=lambda address: "news" not in address.lower())[:FOUND_LIMIT]


def _in_head(tree: Any, base: str | None) -> Iterator[Found]:
    for element in tree.iter("link"):
        relations = (element.get("rel") or "").lower().split()
        kind = _TYPES.get((element.get("type") or "").partition(";")[0].strip().lower())
        address = web_address(element.get("href"), base)
        if address is None or "stylesheet" in relations:
            continue
        if kind is not None and "alternate" in relations:
            yield Found(address, _title(element.get("title")), kind)
        elif "feed" in relations:
            yield Found(address, _title(element.get("title")), kind or _kind(address))


def _in_text(tree: Any, base: str | None) -> Iterator[Found]:
    site = _site(base)
    for element in tree.iter("a"):
        address = web_address(element.get("href"), base)
        if address is None or not _ENDING.search(urlsplit(address).path):
            continue
        if site is None or _site(address) == site:
            yield Found(address, _title(element.text_content()), _kind(address))


def _site(address: str | None) -> str | None:
    return (urlsplit(address).hostname or "").removeprefix("www.") if address else None


def _kind(address: str) -> FeedKind:
    path = urlsplit(address).path.lower()
    return "json" if path.endswith(".json") else "atom" if "atom" in path else "rss"


def _title(value: str | None) -> str | None:
    return markup.plain((value or "")[:300]) or None


def _is_of_comments(found: Found) -> bool:
    return bool(_COMMENTS.search(found.title or "") or _COMMENTS.search(urlsplit(found.url).path))
