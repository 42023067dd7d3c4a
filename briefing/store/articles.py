"""Articles and their versions in the store: an article is stored once however often it is fetched.

`briefing.store.entries` says when an entry is an article that is known already. A text that was stored is never
changed: another one under the same article is its next version.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select, update

from briefing.canonical import site
from briefing.dates import instant
from briefing.domain import Article
from briefing.sources import PageState
from briefing.store.entries import Entry, Fresh, ids, same
from briefing.store.known import is_first, known, stored, taken
from briefing.store.lookup import Wanted, latest
from briefing.store.retention import mark_seen
from briefing.store.rows import insert_rows
from briefing.store.schema import article_versions, articles, items, sources
from briefing.store.versions import row_of

_LATE = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Stored:
    """How many articles are new, and how many have a new version."""

    new: int = 0
    edited: int = 0

    def __add__(self, other: Stored) -> Stored:
        return Stored(self.new + other.new, self.edited + other.edited)


def save_entries(
    connection: Connection,
    source: tuple[int, str],
    fresh: Sequence[Fresh],
    shared: Collection[str],
    now: datetime,
) -> Stored:
    """Store what a source, by its id and address, has shown and was not seen before; `shared` as in `entries.same`."""
    source_id, source_url = source
    may_be = {one.entry.digest: ids(source_url, one.entry) for one in fresh}
    first = is_first(connection, source_id)
    found = known(connection, source_id, [one.entry for one in fresh], first=first)
    before = set() if first else stored(connection, source_id, may_be)
    ours = taken(connection, {one for both in may_be.values() for one in both if one is not None})
    rows = _Rows()
    edits: dict[str, Fresh] = {}
    for one in fresh:
        known_as = same(one.entry, found.of(one.entry), shared)
        identifier = known_as or ""
        if known_as is None:
            short, long = may_be[one.entry.digest]
            # an id whose entry is gone (the source was taken out, or it was forgotten) is the article that it was
            free = short is not None and (short not in ours or not found.has_link(one.entry.link))
            identifier = short if short is not None and free else long
        if known_as is not None or identifier in ours:
            edits[identifier] = one
        else:
            ours.add(identifier)
            rows.add_new(identifier, source_id, one, now)
        if one.entry.digest not in before:
            rows.add_item(identifier, source_id, one.entry, now)
        found.add(one.entry.known_as(identifier))
    edits = {key: one for key, one in edits.items() if key not in rows.new}
    rows.insert(connection)
    mark_seen(connection, source_id, before, now)
    return Stored(len(rows.new), _edit(connection, (source_id, source_url), edits, now))


def save_page(
    connection: Connection,
    wanted: Wanted,
    article: Article | None,
    state: PageState,
    now: datetime,
    *,
    asked: bool = True,
    **fate: Any,
) -> Stored:
    """Store what an article's page gave: a new version where `article` has another text; `fate` is of its columns."""
    values = {"page": state, "page_tries": wanted.tries + asked, **fate}
    connection.execute(update(articles).where(articles.c.id == wanted.article.id).values(values))
    if article is None:
        return Stored()
    added = add_version(connection, wanted.article.id, row_of(article), now)
    if not added:  # what is said about a text may change; the text itself never does
        texts = (article_versions.c.article_id == wanted.article.id) & (article_versions.c.sha256 == article.sha256)
        connection.execute(update(article_versions).where(texts).values(flags=list(article.flags)))
    return Stored(0, int(added))


def add_version(connection: Connection, identifier: str, version: Mapping[str, Any], now: datetime) -> bool:
    """Store a text as its article's newest version; False where it is the newest already. An old text may come back.

    `version` is as `versions.row_of` gives it.
    """
    query = (
        select(articles.c.latest, articles.c.first_seen, article_versions.c.sha256)
        .join(article_versions, latest())
        .where(articles.c.id == identifier)
    )
    newest, first_seen, sha256 = connection.execute(query).one()
    if sha256 == version["sha256"]:
        return False
    own = article_versions.c.article_id == identifier
    old = select(article_versions.c.version).where(own, article_versions.c.sha256 == version["sha256"])
    number = connection.execute(old).scalar()
    if number is None:
        number = 1 + connection.execute(select(func.max(article_versions.c.version)).where(own)).scalar_one()
        row = {**version, "article_id": identifier, "version": number, "seen_at": now}
        insert_rows(connection, article_versions, [row])
    when = counts_from(version["published"], first_seen)
    connection.execute(update(articles).where(articles.c.id == identifier).values(latest=number, counts_from=when))
    return bool(number > newest)


def counts_from(stated: str | None, first_seen: datetime) -> datetime:
    """When an article became news to us, by when it says it was published.

    It is its publication; where we saw it first within a day after that, it is when we saw it, so that what is
    published just before an edition and found just after it is in the next one. Undated, it is when we saw it.
    """
    published = instant(stated)
    if published is None or timedelta(0) <= first_seen - published <= _LATE:
        return first_seen
    return min(published, first_seen)


class _Rows:
    """What is to be inserted, many rows at once."""

    def __init__(self) -> None:
        self.new: set[str] = set()
        self._articles: list[dict[str, Any]] = []
        self._versions: list[dict[str, Any]] = []
        self._items: list[dict[str, Any]] = []

    def add_new(self, identifier: str, source_id: int, one: Fresh, now: datetime) -> None:
        self.new.add(identifier)
        self._articles.append(
            {
                "id": identifier,
                "source_id": source_id,
                "first_seen": now,
                "counts_from": counts_from(one.version["published"], now),
                "latest": 1,
                "page": "wanted" if one.page_url else "none",
                "page_url": one.page_url,
                "page_tries": 0,
            }
        )
        self._versions.append({**one.version, "article_id": identifier, "version": 1, "seen_at": now})

    def add_item(self, identifier: str, source_id: int, entry: Entry, now: datetime) -> None:
        self._items.append(
            {
                "source_id": source_id,
                "article_id": identifier,
                "digest": entry.digest,
                "guid": entry.guid,
                "link": entry.link,
                "title": entry.title,
                "published": entry.published,
                "last_seen": now,
            }
        )

    def insert(self, connection: Connection) -> None:
        """Insert them all."""
        for table, rows in ((articles, self._articles), (article_versions, self._versions), (items, self._items)):
            insert_rows(connection, table, rows)


def _edit(connection: Connection, source: tuple[int, str], edits: Mapping[str, Fresh], now: datetime) -> int:
    """New versions of articles whose entry has changed; where the text is the page's, the page is asked for anew.

    An article is of the source that showed it first, until one of the article's own site shows it: only its wording
    counts, so that no source can put its words under another's address.
    """
    edited = 0
    if not edits:
        return edited
    query = (
        select(articles.c.page, articles.c.source_id, article_versions.c.flags, sources.c.url)
        .join(article_versions, latest())
        .outerjoin(sources, sources.c.id == articles.c.source_id)
    )
    for identifier, one in edits.items():
        row = connection.execute(query.where(articles.c.id == identifier)).one()
        if row.source_id not in {None, source[0]} and not _is_nearer(one, source[1], row.url):
            continue
        values: dict[str, Any] = {"source_id": source[0]}
        if one.page_url:
            values |= {"page": "wanted", "page_url": one.page_url, "page_tries": 0, "page_after": None}
        connection.execute(update(articles).where(articles.c.id == identifier).values(values))
        if row.page == "none" or "feed-text" in row.flags:
            edited += add_version(connection, identifier, one.version, now)
    return edited


def _is_nearer(one: Fresh, source_url: str, other_url: str) -> bool:
    """Whether a source is of the article's own site, and the other one is not."""
    own = site(one.entry.url)
    return own is not None and site(source_url) == own != site(other_url)
