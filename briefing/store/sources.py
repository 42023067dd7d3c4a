"""Sources and how they have fared, in the store."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from briefing.sources import Source, SourceState
from briefing.store.rows import insert_rows
from briefing.store.schema import articles, fetches, source_states, sources

_SOURCE = tuple(one.name for one in fields(Source))
_STATE = tuple(one.name for one in fields(SourceState))

# Made once: these run for every source of a run.
_IS_THERE = select(sources.c.id).where(sources.c.id == bindparam("key"), sources.c.added_at == bindparam("added"))
_TITLE = update(sources).where(sources.c.id == bindparam("key"))
_SAVE = update(source_states).where(source_states.c.source_id == bindparam("key"))


@dataclass(frozen=True, slots=True)
class Kept:
    """A source as it is stored."""

    id: int
    source: Source
    state: SourceState
    added_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetch:
    """An entry of the fetch log: `outcome` is `read`, `unchanged` (304), `failed` or `ended` (410)."""

    run: str
    source_id: int
    url: str
    at: datetime
    seconds: float
    outcome: str
    error_kind: str | None = None
    error: str | None = None
    items: int = 0
    new: int = 0
    edited: int = 0


_FETCH = tuple(one.name for one in fields(Fetch))


def add(connection: Connection, source: Source, now: datetime) -> bool:
    """Store a source; False where its address is there already, which then is left as it is."""
    known = connection.execute(select(sources.c.id).where(sources.c.url == source.url)).first()
    if known:
        return False
    row = {**asdict(source), "tags": list(source.tags), "folder": list(source.folder), "added_at": now}
    identifier = connection.execute(insert(sources).values(row)).inserted_primary_key
    assert identifier is not None  # noqa: S101 - for the type checker: an insert of one row has its key
    state = SourceState(address=source.url)
    connection.execute(insert(source_states).values(source_id=identifier[0], **asdict(state)))
    return True


def change(connection: Connection, url: str, /, **values: object) -> bool:
    """Set some of a source's own fields; False where there is no such source."""
    lists = {key: list(value) if isinstance(value, tuple) else value for key, value in values.items()}
    return connection.execute(update(sources).where(sources.c.url == url).values(lists)).rowcount > 0


def remove(connection: Connection, *urls: str) -> int:
    """Take sources out, by their addresses; their articles stay. How many were there."""
    return sum(connection.execute(delete(sources).where(sources.c.url == url)).rowcount for url in urls)


def listed(connection: Connection) -> list[Kept]:
    """Every source, in the order in which they were added."""
    rows = connection.execute(
        select(sources, source_states)
        .join(source_states, source_states.c.source_id == sources.c.id)
        .order_by(sources.c.id)
    )
    return [_kept(row) for row in rows]


def gave(connection: Connection) -> dict[int, tuple[int, datetime]]:
    """By source: how many articles of it are stored (0: left out), and when the last new one was seen."""
    query = (
        select(articles.c.source_id, func.count(), func.max(articles.c.first_seen))
        .where(articles.c.source_id.is_not(None))
        .group_by(articles.c.source_id)
    )
    return {source_id: (number, newest) for source_id, number, newest in connection.execute(query)}


def is_there(connection: Connection, one: Kept) -> bool:
    """Whether a source is still stored: SQLite gives the number of one that was taken out to the next."""
    return connection.execute(_IS_THERE, {"key": one.id, "added": one.added_at}).first() is not None


def save_state(connection: Connection, source_id: int, state: SourceState) -> None:
    """Store how a source has fared."""
    connection.execute(_SAVE, {"key": source_id} | {name: getattr(state, name) for name in _STATE})


def save_title(connection: Connection, source_id: int, title: str) -> None:
    """Store what a source calls itself."""
    connection.execute(_TITLE, {"key": source_id, "title": title})


def log(connection: Connection, entry: Fetch) -> None:
    """Enter an asking into the fetch log."""
    insert_rows(connection, fetches, [{name: getattr(entry, name) for name in _FETCH}])


def last_fetches(connection: Connection, since: datetime, limit: int = 100) -> Sequence[Row[tuple[object, ...]]]:
    """The fetch log from `since` on, newest first, at most `limit` entries."""
    query = select(fetches).where(fetches.c.at >= since).order_by(fetches.c.id.desc()).limit(limit)
    return connection.execute(query).all()


def _kept(row: Row[tuple[object, ...]]) -> Kept:
    found = row._mapping  # noqa: SLF001 - the library's public name for a row as a mapping
    source = {key: found[sources.c[key]] for key in _SOURCE}
    source |= {"tags": tuple(source["tags"]), "folder": tuple(source["folder"])}
    state = {key: found[source_states.c[key]] for key in _STATE}
    return Kept(found[sources.c.id], Source(**source), SourceState(**state), found[sources.c.added_at])
