"""What came of sources and pages, stored: a source's news together with what is known of it, or nothing of both."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from briefing.fetch.pages import Page
from briefing.fetch.poll import Polled, cannot_store
from briefing.store import Database, Refused
from briefing.store import articles as kept_articles
from briefing.store import sources as kept_sources
from briefing.store.articles import Stored
from briefing.store.retention import mark_seen


def keep(database: Database, polled: Sequence[Polled]) -> list[tuple[Polled, Stored]]:
    """Store what is done at a time in one transaction: each costs a few milliseconds, however small.

    Where the store will not have something of it, they are stored one by one, and the source of that has failed.
    """
    try:
        return list(zip(polled, database.write(_save_each, polled), strict=True))
    except Refused as error:
        if len(polled) > 1:
            return [pair for one in polled for pair in keep(database, [one])]
        if not polled[0].news.fresh:
            raise
        return keep(database, [cannot_store(polled[0], str(error))])


def keep_pages(database: Database, pages: Sequence[Page], now: datetime) -> Iterable[tuple[Page, Stored]]:
    """Store what pages gave."""
    return zip(pages, database.write(_save_pages, pages, now), strict=True)


def _save_each(connection: Connection, polled: Sequence[Polled]) -> list[Stored]:
    return [_save(connection, one) for one in polled]


def _save(connection: Connection, polled: Polled) -> Stored:
    """A source's news and what is known of it together: what was not stored is asked for again."""
    kept, news = polled.kept, polled.news
    if not kept_sources.is_there(connection, kept):
        return Stored()  # it was taken out meanwhile
    stored = Stored()
    if news.fresh:
        source = kept.id, kept.source.url
        stored = kept_articles.save_entries(connection, source, news.fresh, news.shared, polled.log.at)
    if rest := news.shown.difference(one.entry.digest for one in news.fresh):
        mark_seen(connection, kept.id, rest, polled.log.at)
    kept_sources.save_state(connection, kept.id, polled.state)
    kept_sources.log(connection, replace(polled.log, new=stored.new, edited=stored.edited))
    if news.title and not kept.source.title:
        kept_sources.save_title(connection, kept.id, news.title)
    return stored


def _save_pages(connection: Connection, pages: Sequence[Page], now: datetime) -> list[Stored]:
    return [
        kept_articles.save_page(
            connection,
            page.wanted,
            page.article,
            page.state,
            now,
            asked=page.asked,
            page_after=page.after,
            page_error=page.error,
        )
        for page in pages
    ]
