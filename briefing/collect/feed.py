"""RSS and Atom saved to a file: each item is an article."""

from __future__ import annotations

import io
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from briefing.collect import markup
from briefing.collect.plain import paragraphs
from briefing.collect.rows import KEYS, content_hash
from briefing.dates import parse_stated
from briefing.ports import Document, RawArticle
from briefing.report import Problem
from briefing.text import single_line

_DOCTYPE = re.compile(rb"<!DOCTYPE[^\[>]{0,1000}(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_LOOKS_LIKE_HTML = re.compile(r"<\s*/?\s*[a-zA-Z][^<>]*>")
_ENTITIES = re.compile(r"(?:\s*&#?\w+;)+")
_STARTS = re.compile(rb"<(?:item|entry)[\s>]")
_ENDS = re.compile(rb"</(?:item|entry)\s*>")
_MARKED_WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")


def read(document: Document) -> Iterator[RawArticle | Problem]:
    """The items of a feed. The document type goes first: no entity of its own is ever expanded, nothing is opened."""
    import feedparser

    data = document.data
    if not data.strip():
        yield Problem(document.name, "is empty")
        return
    if not data.startswith(_MARKED_WIDE):
        data = data.replace(b"\0", b"")
    # what is cut off in the middle of an item is not handed on as if it were whole
    starts = [match.start() for match in _STARTS.finditer(data)]
    cut = bool(starts) and not _ENDS.search(data, starts[-1])
    if cut:
        data = data[: starts[-1]]
    parsed = feedparser.parse(
        io.BytesIO(_DOCTYPE.sub(b"", data, count=1)), sanitize_html=False, resolve_relative_uris=False
    )
    if not parsed.get("version") and not parsed.entries:
        yield Problem(document.name, "is no RSS or Atom feed; a web page is saved as .html")
        return
    if cut:
        yield Problem(document.name, "breaks off in the middle of an item; the whole items before it are kept")
    if not parsed.entries and not cut:
        yield Problem(document.name, "is a feed without items")
    yield from _articles(document, parsed)


def _articles(document: Document, parsed: Any) -> Iterator[RawArticle]:
    found = [
        _article(entry, parsed.feed, f"{document.name} item {number}")
        for number, entry in enumerate(parsed.entries, start=1)
    ]
    texts: dict[str, set[tuple[str | None, str]]] = defaultdict(set)
    for article in found:
        texts[article.id].add((article.title, article.text))
    for article in found:
        # an id that a feed gives to two items tells neither: both go by their content, as those without an id do
        if article.id and len(texts[article.id]) == 1:
            yield article
        else:
            stated = {key: value for key in KEYS if (value := getattr(article, key)) is not None}
            yield replace(article, id=f"{document.id}#{content_hash(stated)}")


def _article(answering: Any, channel: Mapping[str, Any], place: str) -> RawArticle:
    entry = dict(answering.items())  # feedparser's own mapping answers for a missing date with another one
    source = entry.get("source") or {}
    return RawArticle(
        id=single_line(entry.get("id") or ""),
        text=_text(entry),
        title=_field(entry.get("title")),
        published=parse_stated(entry.get("published")) or parse_stated(entry.get("updated")),
        publisher=_field(source.get("title") or channel.get("title")),
        url=entry.get("link"),
        author=_field(entry.get("author")),
        language=channel.get("language"),
        place=place,
    )


def _field(value: str | None) -> str | None:
    """A field's visible text; None where it is nothing but references to entities that nobody defines."""
    text = markup.plain(value or "")
    return None if _ENTITIES.fullmatch(text) else text or None


def _text(entry: Mapping[str, Any]) -> str:
    """The lines of the item's content, else of its summary."""
    contents = [one.get("value") or "" for one in entry.get("content") or ()]
    text = max(contents, key=len, default="") or entry.get("summary") or ""
    if _LOOKS_LIKE_HTML.search(text) or "&" in text:
        return "\n".join(markup.fragment_blocks(text))
    return paragraphs(text)
