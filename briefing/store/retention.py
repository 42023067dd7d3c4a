"""Forgetting: what is old, is shown by no source any more and is cited by no briefing.

An entry is old when its source was last read with it before the time given, and has been read without it since; a
source that fails, or says nothing, makes none old. So an article that is still shown, however old, does not come back
as a new one. An article goes with its last entry, unless a text of it is new or cited. Of an article that stays, old
texts that nothing cites go, but never the newest.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Delete, delete, exists, func, select, update

from briefing.store.schema import (
    answers,
    article_versions,
    articles,
    citations,
    events,
    fetches,
    items,
    sends,
    spending,
)

_MANY = 500  # values in one IN


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """How many rows went."""

    articles: int
    versions: int
    items: int
    events: int
    fetches: int
    answers: int
    sends: int
    spending: int


def mark_seen(connection: Connection, source_id: int, digests: Collection[str], now: datetime) -> None:
    """Note what a source shows now, by the digests of its entries. Entries stored in the same fetch have this `now`."""
    shown = sorted(digests)
    for start in range(0, len(shown), _MANY):
        some = items.c.digest.in_(shown[start : start + _MANY])
        connection.execute(update(items).where(items.c.source_id == source_id, some).values(last_seen=now))


def forget(connection: Connection, before: datetime, log_before: datetime | None = None) -> Forgotten:
    """Take out what is older than `before`; of the logs of fetches and of spending, what is older than `log_before`.

    Without `log_before`, that is `before`. Briefings stay, and the texts that they cite.
    """
    logs = before if log_before is None else log_before
    gone = {
        "items": _items(before),
        "articles": _articles(before),
        "versions": _versions(before),
        "events": delete(events).where(events.c.last_told < before),
        "fetches": delete(fetches).where(fetches.c.at < logs),
        "answers": delete(answers).where(answers.c.kept_at < before),
        "sends": delete(sends).where(sends.c.changed_at < before, sends.c.state.in_(("sent", "failed"))),
        "spending": delete(spending).where(spending.c.day < logs.date().isoformat()),
    }
    versions = select(func.count()).select_from(article_versions)
    had = connection.execute(versions).scalar_one()
    counts = {name: connection.execute(statement).rowcount for name, statement in gone.items()}
    counts["versions"] = had - connection.execute(versions).scalar_one()
    if connection.dialect.name == "sqlite":
        _shrink(connection)
    return Forgotten(**counts)


def _items(before: datetime) -> Delete:
    other = items.alias()
    newest = select(func.max(other.c.last_seen)).where(other.c.source_id == items.c.source_id).scalar_subquery()
    return delete(items).where(items.c.last_seen < before, items.c.last_seen < newest)


def _articles(before: datetime) -> Delete:
    """Those without an entry: `_items` comes first."""
    texts = article_versions.alias()
    return delete(articles).where(
        articles.c.first_seen < before,
        ~exists().where(items.c.article_id == articles.c.id),
        ~exists().where(citations.c.article_id == articles.c.id),
        ~exists().where(texts.c.article_id == articles.c.id, texts.c.seen_at >= before),
    )


def _versions(before: datetime) -> Delete:
    return delete(article_versions).where(
        article_versions.c.seen_at < before,
        ~exists().where(
            articles.c.id == article_versions.c.article_id, articles.c.latest == article_versions.c.version
        ),
        ~exists().where(
            citations.c.article_id == article_versions.c.article_id, citations.c.sha256 == article_versions.c.sha256
        ),
    )


def _shrink(connection: Connection) -> None:
    """Give back a file's empty pages where they are more than a quarter: fewer are soon filled again."""
    pages, free = (
        connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "freelist_count")
    )
    if free * 4 > pages:
        for _ in range(free):  # one by one: Python's driver does not go on by itself
            connection.exec_driver_sql("PRAGMA incremental_vacuum(1)")
