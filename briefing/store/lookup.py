"""What the store has of articles, as it is asked for: the window of an edition, the pages wanted, texts by their id."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, and_, exists, func, or_, select

from briefing.domain import Article
from briefing.store.schema import article_versions, articles, items
from briefing.store.versions import article_of

_MANY = 500  # values in one IN: SQLite and PostgreSQL take many more


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A page to be fetched for an article, whose newest text is `article`."""

    article: Article
    url: str
    source_id: int | None
    tries: int


def pages_wanted(connection: Connection, now: datetime, since: datetime, most: int = 100) -> list[Wanted]:
    """The pages to be fetched now for articles that count from `since` on, newest first, `most` of a source."""
    newest_first = (articles.c.counts_from.desc(), articles.c.id)
    place = func.row_number().over(partition_by=articles.c.source_id, order_by=newest_first)
    waiting = (
        select(articles.c.id, place.label("place"))
        .where(
            articles.c.page == "wanted",
            articles.c.counts_from >= since,
            or_(articles.c.page_after.is_(None), articles.c.page_after <= now),
        )
        .subquery()
    )
    query = (
        select(articles.c.page_url, articles.c.source_id, articles.c.page_tries, article_versions)
        .join(article_versions, latest())
        .join(waiting, and_(waiting.c.id == articles.c.id, waiting.c.place <= most))
        .order_by(*newest_first)
    )
    return [
        Wanted(article=article_of(row._mapping), url=row.page_url, source_id=row.source_id, tries=row.page_tries)  # noqa: SLF001
        for row in connection.execute(query)
    ]


def page_failures(connection: Connection, since: datetime) -> dict[int, tuple[int, str]]:
    """Of each source's articles that count from `since` on: how many pages gave nothing, and why the newest did not."""
    query = (
        select(articles.c.source_id, articles.c.page_error)
        .where(articles.c.counts_from >= since, articles.c.page_error.is_not(None), articles.c.source_id.is_not(None))
        .order_by(articles.c.counts_from)
    )
    found: dict[int, tuple[int, str]] = {}
    for source_id, error in connection.execute(query):
        found[source_id] = (found.get(source_id, (0, ""))[0] + 1, error)
    return found


def in_window(
    connection: Connection, start: datetime, end: datetime | None, sources: Collection[int] | None = None
) -> list[Article]:
    """The newest text of every article that counts from `start` on and before `end` (None: now), in order of id.

    `sources` are the ids of those that have shown it, one of them at least; None: any.
    """
    query = select(article_versions).join(articles, latest()).where(articles.c.counts_from >= start)
    if end is not None:
        query = query.where(articles.c.counts_from < end)
    if sources is not None:
        shown = exists().where(items.c.article_id == articles.c.id, items.c.source_id.in_(sources))
        query = query.where(or_(articles.c.source_id.in_(sources), shown))
    return [article_of(row._mapping) for row in connection.execute(query.order_by(articles.c.id))]  # noqa: SLF001


def newest(connection: Connection, identifiers: Collection[str]) -> dict[str, Article]:
    """The newest text of articles, by id; those that are not stored are left out."""
    found: dict[str, Article] = {}
    for some in in_parts(identifiers):
        query = select(article_versions).join(articles, latest()).where(articles.c.id.in_(some))
        found.update((row.article_id, article_of(row._mapping)) for row in connection.execute(query))  # noqa: SLF001
    return found


def latest() -> Any:
    """The condition that a version is its article's newest."""
    return and_(article_versions.c.article_id == articles.c.id, article_versions.c.version == articles.c.latest)


def in_parts(values: Collection[str]) -> Iterator[list[str]]:
    """Values for one IN at a time, sorted."""
    rest = iter(sorted(values))
    while some := list(islice(rest, _MANY)):
        yield some
