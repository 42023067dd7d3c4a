"""Articles and their versions in the store: an article is stored once however often it is fetched.

`briefing.store.entries` says when an entry is an article that is known already. A text that was stored is never
changed: another one under the same article is its next version.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Connection, bindparam, func, insert, select, update

from briefing.canonical import site
from briefing.dates import instant
from briefing.domain import Article
from briefing.sources import PageState
from briefing.store.entries import Entry, Known, ids, same
from briefing.store.lookup import Wanted, in_parts, latest
from briefing.store.schema import article_versions, articles, items, sources
from briefing.store.versions import row_of

_LATE = timedelta(days=1)

# Made once: to make a statement of fifty values takes as long as to run it.
_SOME: BindParameter[Any] = bindparam("some", expanding=True)
_HERE = items.c.source_id == bindparam("source")
_ITEM = (items.c.article_id, items.c.guid, items.c.link, items.c.title, items.c.source_id, items.c.id)
_SHOWN = select(items.c.digest, items.c.last_seen).where(_HERE, items.c.digest.in_(_SOME))
_LAST_SEEN = select(func.max(items.c.last_seen)).where(_HERE)
_WITH_LINK = select(*_ITEM).where(items.c.link.in_(_SOME))
_WITH_GUID = select(*_ITEM).where(_HERE, items.c.guid.in_(_SOME))
_TAKEN = select(articles.c.id).where(articles.c.id.in_(_SOME))


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh:
    """An entry that was not seen in these words before, its article as cleaned, and the page to be fetched, if any."""

    entry: Entry
    article: Article
    page_url: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """How many articles are new, and how many have a new version."""

    new: int = 0
    edited: int = 0

    def __add__(self, other: Stored) -> Stored:
        return Stored(self.new + other.new, self.edited + other.edited)


def unseen(connection: Connection, source_id: int, digests: Collection[str]) -> set[str]:
    """Those of `digests` that the source did not show when it was last read: new ones, and those that come back."""
    last = connection.execute(_LAST_SEEN, {"source": source_id}).scalar()
    shown: set[str] = set()
    for some in in_parts(digests):
        rows = connection.execute(_SHOWN, {"source": source_id, "some": some})
        shown.update(row.digest for row in rows if row.last_seen == last)
    return set(digests) - shown


def save_entries(
    connection: Connection,
    source: tuple[int, str],
    fresh: Sequence[Fresh],
    shared: Collection[str],
    now: datetime,
) -> Stored:
    """Store what a source, by its id and address, has shown and was not seen before; `shared` as in `entries.same`."""
    source_id, source_url = source
    known = _known(connection, source_id, [one.entry for one in fresh])
    before = _stored(connection, source_id, [one.entry.digest for one in fresh])
    taken = _taken(connection, source_url, fresh)
    rows = _Rows()
    edits: dict[str, Fresh] = {}
    for one in fresh:
        known_as = same(one.entry, list(known.of(one.entry)), shared)
        identifier = known_as or ""
        if known_as is None:
            short, long = ids(source_url, one.entry)
            # an id whose entry is gone (the source was taken out, or it was forgotten) is the article that it was
            free = short is not None and (short not in taken or not known.has_link(one.entry.link))
            identifier = short if short is not None and free else long
        if known_as is not None or identifier in taken:
            edits[identifier] = one
        else:
            taken.add(identifier)
            rows.add_new(identifier, source_id, one, now)
        if one.entry.digest not in before:
            rows.add_item(identifier, source_id, one.entry, now)
        known.add(Known(article_id=identifier, guid=one.entry.guid, link=one.entry.link, title=one.entry.title))
    edits = {key: one for key, one in edits.items() if key not in rows.new}
    rows.insert(connection)
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
    added = add_version(connection, replace(article, id=wanted.article.id), now)
    if not added:  # what is said about a text may change; the text itself never does
        texts = (article_versions.c.article_id == wanted.article.id) & (article_versions.c.sha256 == article.sha256)
        connection.execute(update(article_versions).where(texts).values(flags=list(article.flags)))
    return Stored(0, int(added))


def add_version(connection: Connection, article: Article, now: datetime) -> bool:
    """Store a text as its article's newest version; False where it is the newest already. An old text may come back."""
    query = (
        select(articles.c.latest, articles.c.first_seen, article_versions.c.sha256)
        .join(article_versions, latest())
        .where(articles.c.id == article.id)
    )
    newest, first_seen, sha256 = connection.execute(query).one()
    if sha256 == article.sha256:
        return False
    old = select(article_versions.c.version).where(
        article_versions.c.article_id == article.id, article_versions.c.sha256 == article.sha256
    )
    number = connection.execute(old).scalar()
    if number is None:
        number = (
            1
            + connection.execute(
                select(func.max(article_versions.c.version)).where(article_versions.c.article_id == article.id)
            ).scalar_one()
        )
        values = {**row_of(article), "article_id": article.id, "version": number, "seen_at": now}
        connection.execute(insert(article_versions).values(values))
    when = counts_from(article, first_seen)
    connection.execute(update(articles).where(articles.c.id == article.id).values(latest=number, counts_from=when))
    return bool(number > newest)


def counts_from(article: Article, first_seen: datetime) -> datetime:
    """When an article became news to us.

    It is its publication; where we saw it first within a day after that, it is when we saw it, so that what is
    published just before an edition and found just after it is in the next one. Undated, it is when we saw it.
    """
    published = instant(article.published)
    if published is None or timedelta(0) <= first_seen - published <= _LATE:
        return first_seen
    return min(published, first_seen)


class _Found:
    """Stored entries by what they are known by, and those of this run beside them."""

    def __init__(self, found: Iterable[Known]) -> None:
        self._by_key: dict[tuple[str, str], list[Known]] = defaultdict(list)
        for one in found:
            self.add(one)

    def add(self, one: Known) -> None:
        if one.link is not None:
            self._by_key["link", one.link].append(one)
        if one.guid is not None and one.here:
            self._by_key["guid", one.guid].append(one)

    def of(self, entry: Entry) -> Iterator[Known]:
        yield from self._by_key.get(("link", entry.link or ""), ())
        yield from self._by_key.get(("guid", entry.guid or ""), ())

    def has_link(self, link: str | None) -> bool:
        """Whether an entry with this address is known."""
        return link is not None and bool(self._by_key.get(("link", link)))


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
                "counts_from": counts_from(one.article, now),
                "latest": 1,
                "page": "wanted" if one.page_url else "none",
                "page_url": one.page_url,
                "page_tries": 0,
            }
        )
        self._versions.append({**row_of(one.article), "article_id": identifier, "version": 1, "seen_at": now})

    def add_item(self, identifier: str, source_id: int, entry: Entry, now: datetime) -> None:
        self._items.append(
            {
                "source_id": source_id,
                "article_id": identifier,
                "digest": entry.digest,
                "guid": entry.guid,
                "link": entry.link,
                "title": entry.title,
                "last_seen": now,
            }
        )

    def insert(self, connection: Connection) -> None:
        for table, rows in ((articles, self._articles), (article_versions, self._versions), (items, self._items)):
            if rows:
                connection.execute(insert(table), rows)


def _edit(connection: Connection, source: tuple[int, str], edits: Mapping[str, Fresh], now: datetime) -> int:
    """New versions of articles whose entry has changed; where the text is the page's, the page is asked for anew.

    An article is of the source that showed it first, until one of the article's own site shows it: only its wording
    counts, so that no source can put its words under another's address.
    """
    edited = 0
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
            edited += add_version(connection, replace(one.article, id=identifier), now)
    return edited


def _is_nearer(one: Fresh, source_url: str, other_url: str) -> bool:
    """Whether a source is of the article's own site, and the other one is not."""
    own = site(one.entry.raw.url)
    return own is not None and site(source_url) == own != site(other_url)


def _known(connection: Connection, source_id: int, entries: Sequence[Entry]) -> _Found:
    """The stored entries that share an address, or within the source a guid, with one of `entries`."""
    found: dict[int, Known] = {}
    for query, values in (
        (_WITH_LINK, {one.link for one in entries if one.link}),
        (_WITH_GUID, {one.guid for one in entries if one.guid}),
    ):
        for some in in_parts(values):
            for row in connection.execute(query, {"source": source_id, "some": some}):
                found[row.id] = Known(
                    article_id=row.article_id,
                    guid=row.guid,
                    link=row.link,
                    title=row.title,
                    here=row.source_id == source_id,
                )
    return _Found(found.values())


def _stored(connection: Connection, source_id: int, digests: Collection[str]) -> set[str]:
    """Those of `digests` that the source has ever shown."""
    found: set[str] = set()
    for some in in_parts(digests):
        found.update(connection.execute(_SHOWN, {"source": source_id, "some": some}).scalars())
    return found


def _taken(connection: Connection, source_url: str, fresh: Sequence[Fresh]) -> set[str]:
    """The ids, among those that the entries may get or are known by, that articles have already."""
    wanted = {one for each in fresh for one in ids(source_url, each.entry) if one is not None}
    taken: set[str] = set()
    for some in in_parts(wanted):
        taken.update(connection.execute(_TAKEN, {"some": some}).scalars())
    return taken
