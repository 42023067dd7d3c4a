"""What the store knows entries by, looked up: `briefing.store.entries` says which of them are the same article."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import BindParameter, Connection, Select, bindparam, func, select

from briefing.store.entries import Entry, Known
from briefing.store.lookup import in_parts
from briefing.store.schema import articles, items

# Made once: to make a statement of fifty values takes as long as to run it.
_SOME: BindParameter[Any] = bindparam("some", expanding=True)
_HERE = items.c.source_id == bindparam("source")
_ITEM = (*(items.c[name] for name in ("article_id", "guid", "link", "title", "published", "source_id", "id")),)
_ANY = select(items.c.id).where(_HERE).limit(1)
_LAST_SEEN = select(func.max(items.c.last_seen)).where(_HERE).scalar_subquery()
_SHOWN = select(items.c.digest).where(_HERE, items.c.last_seen == _LAST_SEEN)
_STORED = select(items.c.digest).where(_HERE, items.c.digest.in_(_SOME))
_WITH_LINK = select(*_ITEM).where(items.c.link.in_(_SOME))
_WITH_GUID = select(*_ITEM).where(_HERE, items.c.guid.in_(_SOME))
_WITH_TITLE = select(*_ITEM).where(_HERE, items.c.title.in_(_SOME))
_TAKEN = select(articles.c.id).where(articles.c.id.in_(_SOME))


def shown(connection: Connection, source_id: int) -> frozenset[str]:
    """The digests of what a source showed when it was last read: what is not among them is new, or has come back."""
    return frozenset(connection.execute(_SHOWN, {"source": source_id}).scalars())


def is_first(connection: Connection, source_id: int) -> bool:
    """Whether a source has shown nothing yet."""
    return connection.execute(_ANY, {"source": source_id}).first() is None


def stored(connection: Connection, source_id: int, digests: Collection[str]) -> set[str]:
    """Those of `digests` that a source has ever shown."""
    found: set[str] = set()
    for some in in_parts(digests):
        found.update(connection.execute(_STORED, {"source": source_id, "some": some}).scalars())
    return found


def taken(connection: Connection, identifiers: Collection[str]) -> set[str]:
    """Those of `identifiers` that articles have already."""
    found: set[str] = set()
    for some in in_parts(identifiers):
        found.update(connection.execute(_TAKEN, {"some": some}).scalars())
    return found


def known(connection: Connection, source_id: int, entries: Sequence[Entry], *, first: bool = False) -> Found:
    """The stored entries that share an address, or within the source a guid or a title, with one of `entries`.

    `first`: the source has shown nothing yet.
    """
    wanted: list[tuple[Select[Any], Collection[str]]] = [(_WITH_LINK, {one.link for one in entries if one.link})]
    if not first:
        wanted += [
            (_WITH_GUID, {one.guid for one in entries if one.guid}),
            (_WITH_TITLE, {one.title for one in entries if one.title}),
        ]
    found: dict[int, Known] = {}
    for query, values in wanted:
        for some in in_parts(values):
            for row in connection.execute(query, {"source": source_id, "some": some}):
                found[row.id] = Known(
                    article_id=row.article_id,
                    guid=row.guid,
                    link=row.link,
                    title=row.title,
                    published=row.published,
                    here=row.source_id == source_id,
                )
    return Found(found.values())


class Found:
    """Entries by what they are known by, and those of this run beside them."""

    def __init__(self, found: Iterable[Known]) -> None:
        self._by_key: dict[tuple[str, str], list[Known]] = defaultdict(list)
        for one in found:
            self.add(one)

    def add(self, one: Known) -> None:
        """Take in one more."""
        if one.link is not None:
            self._by_key["link", one.link].append(one)
        if one.here:
            for name, value in (("guid", one.guid), ("title", one.title)):
                if value is not None:
                    self._by_key[name, value].append(one)

    def of(self, entry: Entry) -> list[Known]:
        """Those that share something with `entry`; one that shares several things, as often."""
        found: list[Known] = []
        for name, value in (("link", entry.link), ("guid", entry.guid), ("title", entry.title)):
            if value is not None:
                found += self._by_key.get((name, value), ())
        return found

    def has_link(self, link: str | None) -> bool:
        """Whether an entry with this address is known."""
        return link is not None and bool(self._by_key.get(("link", link)))
