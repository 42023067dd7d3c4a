"""Briefings in the store: what was told, and the texts that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, Tuple, delete, insert, select, tuple_, update

from briefing.domain import Article, Briefing, Citation, Event
from briefing.store.schema import article_versions, articles, briefings, citations, event_articles, events
from briefing.store.versions import article_of

_MANY = 500  # values in one IN

Text = tuple[str, str]  # an article's id and the SHA-256 of its text
Value = TypeVar("Value")


def save(connection: Connection, briefing: Briefing, document: str, now: datetime) -> None:
    """Store a briefing and its JSON, instead of the one with its id; the texts that it cites are kept from then on.

    Articles that the store does not have, since they were read from elsewhere, leave no trace but the document.
    """
    row = {"date": briefing.date, "title": briefing.title, "made_at": now, "document": document}
    if not connection.execute(update(briefings).where(briefings.c.id == briefing.id).values(row)).rowcount:
        connection.execute(insert(briefings).values(id=briefing.id, **row))
    connection.execute(delete(citations).where(citations.c.briefing_id == briefing.id))
    ids = set(_cited(briefing))
    cited = [(one.id, one.sha256) for one in briefing.articles if one.id in ids]
    rows = [
        {"briefing_id": briefing.id, "article_id": key, "sha256": sha256} for key, sha256 in _stored(connection, cited)
    ]
    if rows:
        connection.execute(insert(citations), rows)
    for event in briefing.events:
        _save_event(connection, event, now)


def texts(connection: Connection, wanted: Iterable[Text]) -> dict[str, Article]:
    """The articles by id, each with the text of the given SHA-256; those that the store does not have are left out."""
    found: dict[str, Article] = {}
    for some in _in_parts(wanted):
        query = select(article_versions).where(_texts().in_(some))
        for row in connection.execute(query).mappings():
            found[row["article_id"]] = article_of(row)
    return found


def _cited(briefing: Briefing) -> Iterator[str]:
    """The ids of the articles that anything in the briefing cites."""
    for event in briefing.events:
        told: list[tuple[Citation, ...]] = [event.headline.citations]
        told += [one.citations for one in event.sentences] + [one.citations for one in event.facts]
        told += [version.citations for one in event.disagreements for version in one.versions]
        yield from (citation.article_id for citations in told for citation in citations)


def _stored(connection: Connection, wanted: Iterable[Text]) -> Iterator[Text]:
    for some in _in_parts(wanted):
        query = select(article_versions.c.article_id, article_versions.c.sha256).where(_texts().in_(some))
        yield from ((row.article_id, row.sha256) for row in connection.execute(query))


def _save_event(connection: Connection, event: Event, now: datetime) -> None:
    told = {"storyline_id": event.storyline_id, "title": event.headline.text, "last_told": now}
    if not connection.execute(update(events).where(events.c.id == event.id).values(told)).rowcount:
        connection.execute(insert(events).values(id=event.id, first_told=now, **told))
    known = select(event_articles.c.article_id).where(event_articles.c.event_id == event.id)
    for some in _in_parts(event.article_ids):
        query = select(articles.c.id).where(articles.c.id.in_(some), articles.c.id.not_in(known))
        rows = [{"event_id": event.id, "article_id": key} for key in connection.execute(query).scalars()]
        if rows:
            connection.execute(insert(event_articles), rows)


def _texts() -> Tuple:
    return tuple_(article_versions.c.article_id, article_versions.c.sha256)


def _in_parts(values: Iterable[Value]) -> Iterator[list[Value]]:
    rest = iter(values)
    while some := list(islice(rest, _MANY)):
        yield some
