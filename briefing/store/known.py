"""What the store knows entries by, looked up: `briefing.store.entries` says which of them are the same article."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Connection, Row, Select, bindparam, func, select

from briefing.store.entries import Entry, Known
from briefing.store.lookup import in_parts
from briefing.store.schema import articles, items

# Made once: to make a statement of fifty values takes as long as to run it.
_HERE = items.c.source_id == bindparam("source")
_FEW = 4  # values that SQLite looks up one by one, in whatever index suits these best
_ITEM = (*(items.c[name] for name in ("article_id", "guid", "link", "title", "published", "source_id", "id")),)
_ANY = select(items.c.id).where(_HERE).limit(1)
_LAST_SEEN = select(func.max(items.c.last_seen)).where(_HERE).scalar_subquery()
_SHOWN = select(items.c.digest).where(_HERE, items.c.last_seen == _LAST_SEEN)


class _Among:
    """A statement for rows with a column among many values.

    SQLite takes these as one text, so that it is one statement however many there are: to write out a hundred places
    takes longer than to look the values up.
    """

    def __init__(self, statement: Select[Any], column: Column[str]) -> None:
        values = func.json_each(bindparam("some")).table_valued("value")
        self._in_file = statement.where(column.in_(select(values.c.value)))
        self._on_server = statement.where(column.in_(bindparam("some", expanding=True)))

    def rows(self, connection: Connection, values: Collection[str], **here: int) -> Iterator[Row[Any]]:
        """The rows that have one of `values`."""
        in_file = connection.dialect.name == "sqlite"
        for some in in_parts(values):
            if in_file and len(some) > _FEW:
                yield from connection.execute(self._in_file, {"some": json.dumps(some), **here})
            else:
                yield from connection.execute(self._on_server, {"some": some, **here})


_STORED = _Among(select(items.c.digest).where(_HERE), items.c.digest)
_WITH_LINK = _Among(select(*_ITEM), items.c.link)
_WITH_GUID = _Among(select(*_ITEM).where(_HERE), items.c.guid)
_WITH_TITLE = _Among(select(*_ITEM).where(_HERE), items.c.title)
_TAKEN = _Among(select(articles.c.id), articles.c.id)


def shown(connection: Connection, source_id: int) -> frozenset[str]:
    """The digests of what a source showed when it was last read: what is not among them is new, or has come back."""
    return frozenset(connection.execute(_SHOWN, {"source": source_id}).scalars())


def is_first(connection: Connection, source_id: int) -> bool:
    """Whether a source has shown nothing yet."""
    return connection.execute(_ANY, {"source": source_id}).first() is None


def stored(connection: Connection, source_id: int, digests: Collection[str]) -> set[str]:
    """Those of `digests` that a source has ever shown."""
    return {row.digest for row in _STORED.rows(connection, digests, source=source_id)}


def taken(connection: Connection, identifiers: Collection[str]) -> set[str]:
    """Those of `identifiers` that articles have already."""
    return {row.id for row in _TAKEN.rows(connection, identifiers)}


def known(connection: Connection, source_id: int, entries: Sequence[Entry], *, first: bool = False) -> Found:
    """The stored entries that share an address, or within the source a guid or a title, with one of `entries`.

    `first`: the source has shown nothing yet.
    """
    rows = list(_WITH_LINK.rows(connection, {one.link for one in entries if one.link}))
    if not first:
        rows += _WITH_GUID.rows(connection, {one.guid for one in entries if one.guid}, source=source_id)
        rows += _WITH_TITLE.rows(connection, {one.title for one in entries if one.title}, source=source_id)
    found: dict[int, Known] = {}
    for row in rows:
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
