"""Feeds that are broken, or of kinds that few write, as feedparser reads them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import Any

from briefing.collect.feeds.item import ITEM_LIMIT, Feed, Item

# What feedparser raises on damage that it does not foresee, such as a picture's width that is no number.
_FAILURES = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def read(data: str | bytes, base: str | None) -> Feed | None:
    """The first `ITEM_LIMIT` items of what feedparser takes for a feed that came from `base`; None where it is none.

    `data` that is bytes is decoded by feedparser, too. Nothing is fetched: it is given a stream.
    """
    import feedparser

    headers = {"content-location": base} if base else {}
    if isinstance(data, str):
        headers["content-type"] = "application/xml; charset=utf-8"
        data = data.encode("utf-8", errors="replace")
    try:
        parsed = feedparser.parse(
            io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False, response_headers=headers
        )
    except _FAILURES:
        return None
    if not parsed.get("version") and not parsed.entries:
        return None
    return Feed(
        parsed.feed.get("title") or "",
        parsed.feed.get("language") or "",
        tuple(_item(entry) for entry in parsed.entries[:ITEM_LIMIT]),
    )


def _item(answering: Any) -> Item:
    entry = dict(answering.items())  # feedparser's own mapping answers for a missing date with another one
    content, is_plain = _content(entry)
    source = entry.get("source") or {}
    return Item(
        id=entry.get("id") or "",
        title=entry.get("title") or "",
        content=content,
        is_plain=is_plain,
        link=entry.get("link") or "",
        published=entry.get("published") or entry.get("created") or "",
        updated=entry.get("updated") or "",
        author=(entry.get("author_detail") or {}).get("name") or entry.get("author") or "",
        language=entry.get("language") or "",
        source=source.get("title") or "",
    )


def _content(entry: Mapping[str, Any]) -> tuple[str, bool]:
    """The longest content, else the summary, and whether it is plain text."""
    contents = [one for one in entry.get("content") or () if one.get("value")]
    if contents:
        longest = max(contents, key=lambda one: len(one["value"]))
        return longest["value"], longest.get("type") == "text/plain"
    return entry.get("summary") or "", (entry.get("summary_detail") or {}).get("type") == "text/plain"
