"""Rows of a store, for tests that need some."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from briefing.domain import Article
from briefing.store import Database
from briefing.store.schema import article_versions, articles, items, metadata, sources
from briefing.store.versions import row_of

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def article(identifier: str = "a", title: str | None = "Ferry hits pier", body: str = "The ferry hit it.") -> Article:
    return Article(id=identifier, title=title, body=body)


def add_source(connection: Connection, url: str = "http://a.test/", now: datetime = NOW) -> int:
    row = {"url": url, "kind": "feed", "tags": [], "folder": [], "text": "auto", "added_at": now}
    return int(connection.execute(insert(sources).values(row).returning(sources.c.id)).scalar_one())


def add_article(connection: Connection, one: Article, now: datetime = NOW, source_id: int | None = None) -> None:
    """A new article; with an item where a source is named."""
    row = {"id": one.id, "source_id": source_id, "first_seen": now, "counts_from": now, "latest": 0}
    connection.execute(insert(articles).values(**row, page="none", page_tries=0))
    add_version(connection, one, now)
    if source_id is not None:
        key = {"source_id": source_id, "article_id": one.id, "digest": one.sha256, "last_seen": now}
        connection.execute(insert(items).values(**key, link=f"http://a.test/{one.id}"))


def add_version(connection: Connection, one: Article, now: datetime = NOW) -> None:
    """Another text of an article, as its newest."""
    number = 1 + connection.execute(select(articles.c.latest).where(articles.c.id == one.id)).scalar_one()
    connection.execute(insert(article_versions).values(**row_of(one), version=number, seen_at=now))
    connection.execute(update(articles).where(articles.c.id == one.id).values(latest=number))


def counts(database: Database, *names: str) -> dict[str, int]:
    """How many rows tables have."""

    def count(connection: Connection) -> dict[str, int]:
        tables = [metadata.tables[name] for name in names]
        return {
            table.name: int(connection.execute(select(func.count()).select_from(table)).scalar_one())
            for table in tables
        }

    return database.read(count)


def rows(database: Database, name: str) -> list[dict[str, Any]]:
    """All rows of a table."""
    table = metadata.tables[name]
    query = select(table).order_by(*table.primary_key)
    return database.read(lambda connection: [dict(row) for row in connection.execute(query).mappings()])
