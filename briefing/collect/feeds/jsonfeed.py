"""JSON Feed, versions 1 and 1.1 (https://www.jsonfeed.org/version/1.1/)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from briefing.collect.feeds.addresses import resolved
from briefing.collect.feeds.item import ITEM_LIMIT, Feed, Item


def is_json_feed(value: object) -> bool:
    """Whether a JSON value says that it is a JSON Feed, or is one that forgot to say so."""
    if not isinstance(value, dict) or not isinstance(value.get("items"), list):
        return False
    version = value.get("version")
    return (isinstance(version, str) and "jsonfeed.org" in version) or ("home_page_url" in value or "feed_url" in value)


def read(value: Mapping[str, Any], base: str | None) -> Feed:
    """The first `ITEM_LIMIT` items of a JSON Feed that came from `base`.

    What has another type than it should is left out.
    """
    home = base or _string(value.get("feed_url")) or _string(value.get("home_page_url"))
    items = [item for item in value["items"] if isinstance(item, dict)]
    return Feed(
        _string(value.get("title")),
        _string(value.get("language")),
        tuple(_item(item, value, home) for item in items[:ITEM_LIMIT]),
    )


def _item(item: Mapping[str, Any], feed: Mapping[str, Any], home: str) -> Item:
    whole, plain = _string(item.get("content_html")), _string(item.get("content_text"))
    return Item(
        id=_string(item.get("id")),
        title=_string(item.get("title")),
        content=whole or plain or _string(item.get("summary")),
        is_plain=not whole,
        link=resolved(_string(item.get("url")), home),
        published=_string(item.get("date_published")),
        updated=_string(item.get("date_modified")),
        author=_author(item) or _author(feed),
        language=_string(item.get("language")),
    )


def _author(thing: Mapping[str, Any]) -> str:
    authors = thing.get("authors")
    candidates = [*authors, thing.get("author")] if isinstance(authors, list) else [thing.get("author")]
    names = (_string(one.get("name")) for one in candidates if isinstance(one, dict))
    return next((name for name in names if name), "")


def _string(value: object) -> str:
    if type(value) is int:  # not `isinstance`: a boolean would pass
        return str(value)
    return value.strip() if isinstance(value, str) else ""
