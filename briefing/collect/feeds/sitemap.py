"""Sitemaps: the pages of a site, those of a news sitemap with their titles and dates (https://www.sitemaps.org/)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from briefing.collect.decode import UnreadableError
from briefing.collect.feeds.addresses import web_address
from briefing.collect.feeds.item import ITEM_LIMIT
from briefing.collect.feeds.xml_text import first_element, mended, parse, xml_text
from briefing.collect.pages import markup
from briefing.dates import instant, parse_stated
from briefing.ports import Document, RawArticle
from briefing.report import Problem

SIZE_LIMIT = 10 * 1024 * 1024  # bytes, after unpacking
FOLLOWED = 10  # sitemaps of an index that are asked for
_ROOTS = ("urlset", "sitemapindex")
_WITHIN = 4096  # characters; the root stands at the top
_SNIFFED = 16_384  # bytes
_ENTRY = re.compile(r"<(?:[\w.-]{1,40}:)?(?:url|sitemap)[\s>]")
_NEVER = datetime.min.replace(tzinfo=UTC)


def is_sitemap(document: Document) -> bool:
    """Whether a document is a sitemap or an index of some, packed or not."""
    head = unpacked(document.data, _SNIFFED)[:_SNIFFED]
    # most feeds: nothing has to be decoded to know better
    if not any(name.encode() in head.replace(b"\0", b"") for name in _ROOTS):
        return False
    try:
        return first_element(xml_text(replace(document, data=head))) in _ROOTS
    except UnreadableError:
        return False


def read(document: Document) -> Iterator[RawArticle | Problem]:
    """The pages that a sitemap names, newest first: with title and date in a news sitemap, else by address alone.

    At most `ITEM_LIMIT` are read. An index holds no pages: `follow` gives the sitemaps that it names.
    """
    root, problem = _root(document)
    if problem is not None:
        yield problem
    if root is None:
        return
    if _local(root) == "sitemapindex":
        yield Problem(document.name, "is an index of sitemaps and names no pages itself")
        return
    pages = [page for element in root.iterchildren("*") if (page := _page(_said(element), document)) is not None]
    if not pages:
        yield Problem(document.name, "is a sitemap without pages")
    if len(pages) > ITEM_LIMIT:
        told = f"names more than {ITEM_LIMIT:,} pages; the newest {ITEM_LIMIT:,} are read"
        yield Problem(document.name, told)
    newest = sorted(pages, key=lambda page: instant(page.published or page.updated) or _NEVER, reverse=True)
    for number, page in enumerate(newest[:ITEM_LIMIT], start=1):
        yield replace(page, place=f"{document.name} page {number}")


def follow(document: Document) -> list[str]:
    """The addresses of the sitemaps that an index names, newest first, those for news before all others; at most ten.

    Empty for a document that is no index.
    """
    root, _ = _root(document)
    if root is None or _local(root) != "sitemapindex":
        return []
    found: dict[str, datetime] = {}
    for element in root.iterchildren("*"):
        said = _said(element)
        address = web_address(said.get("loc"), document.url)
        if address is not None:
            found.setdefault(address, instant(parse_stated(said.get("lastmod"))) or _NEVER)
    newest = sorted(found, key=lambda address: ("news" in address.lower(), found[address]), reverse=True)
    return newest[:FOLLOWED]


def unpacked(data: bytes, limit: int = SIZE_LIMIT) -> bytes:
    """The bytes of a gzip file, at most `limit` and one more; `data` itself where it is none.

    What is damaged is given as far as it goes.
    """
    if not data.startswith(b"\x1f\x8b"):
        return data
    unpacking = zlib.decompressobj(wbits=31)
    try:
        return unpacking.decompress(data, limit + 1)
    except zlib.error:
        return b""


def _root(document: Document) -> tuple[Any, Problem | None]:
    """The tree of a sitemap and what was wrong with it; None for the tree where it cannot be read."""
    data = unpacked(document.data)
    if not data.strip():
        return None, Problem(document.name, "is empty")
    problem = None
    if len(data) > SIZE_LIMIT:
        data = data[:SIZE_LIMIT]
        problem = Problem(document.name, "is larger than 10 MiB; what stands beyond is not read")
    try:
        text = xml_text(replace(document, data=data))
    except UnreadableError as error:
        return None, Problem(document.name, f"is no sitemap: {error}")
    root = parse(text, document.url)
    if root is None:
        text = mended(text)
        root = parse(text, document.url)
    if root is None and (whole := _without_last(text)):
        root = parse(whole, document.url)
        problem = problem or Problem(document.name, "breaks off; the whole entries before that are kept")
    if root is None:
        root = parse(text, document.url, recover=True)
        problem = problem or Problem(document.name, "is damaged; what can be read of it is")
    if root is None or _local(root) not in _ROOTS:
        return None, Problem(document.name, "is no sitemap: it cannot be read as one")
    return root, problem


def _without_last(text: str) -> str | None:
    """A sitemap that breaks off, up to its last entry, closed; None for one that does not or has none."""
    starts = [match.start() for match in _ENTRY.finditer(text)]
    root = re.search(r"<((?:[\w.-]{1,40}:)?(?:urlset|sitemapindex))[\s>]", text[:_WITHIN])
    return f"{text[: starts[-1]]}</{root[1]}>" if root and starts and f"</{root[1]}" not in text else None


def _local(element: Any) -> str:
    name: str = element.tag
    # a prefix that nobody declared stays before the name
    return name.rpartition("}")[2].rpartition(":")[2]


def _said(element: Any) -> dict[str, str]:
    """What the elements of an entry say, by their local names; those of its news and publication parts, too."""
    said: dict[str, str] = {}
    for child in element.iter("*"):
        # pictures and films have titles and addresses of their own
        space = child.tag.rpartition("}")[0] or child.tag.rpartition(":")[0]
        if child.text and "image" not in space and "video" not in space:
            said.setdefault(_local(child), child.text.strip())
    return said


def _page(said: Mapping[str, str], document: Document) -> RawArticle | None:
    address = web_address(said.get("loc"), document.url)
    if address is None:
        return None
    title, publisher = (markup.plain(said.get(name, "")) or None for name in ("title", "name"))
    published = parse_stated(said.get("publication_date"))
    return RawArticle(
        id=address,
        guid=address,
        text="",
        title=title,
        published=published,
        published_from="feed" if published else None,
        updated=parse_stated(said.get("lastmod")),
        publisher=publisher,
        url=address,
        language=said.get("language") or None,
        place=document.name,
    )
