"""What a feed says, before anything of it is trusted: strings as the feed holds them, markup and all."""

from __future__ import annotations

from dataclasses import dataclass

ITEM_LIMIT = 2_000  # items of one feed or sitemap that are read


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An item. `id` is its own or empty; `content` is its whole text, else its summary, as HTML unless `is_plain`.

    `link` is resolved against the document where the feed says how; `published` and `updated` are as stated;
    `source` is whom the feed has it from.
    """

    id: str = ""
    title: str = ""
    content: str = ""
    is_plain: bool = False
    link: str = ""
    published: str = ""
    updated: str = ""
    author: str = ""
    language: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed: its own title and language, empty where it states none, and its items in order."""

    title: str
    language: str
    items: tuple[Item, ...]
