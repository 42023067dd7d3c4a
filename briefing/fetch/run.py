"""One round over the reader's sources: those that are due are asked, then the pages of what is new.

What the network gives is read and cleaned in several threads; what is stored is stored by the caller's thread alone, a
source together with what is known of it, so that a run that is killed has lost nothing but what was under way.
"""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from briefing.canonical import without_credentials
from briefing.errors import UsageError
from briefing.fetch import fate
from briefing.fetch.pages import PAGES, Page, Pages, bounded, host_of
from briefing.fetch.poll import Polled, cannot_store, poll
from briefing.parallel import as_done
from briefing.report import Problem
from briefing.sources import Source
from briefing.store import Database, Refused
from briefing.store import articles as kept_articles
from briefing.store import sources as kept_sources
from briefing.store.articles import Stored
from briefing.store.lookup import pages_wanted
from briefing.store.retention import forget, mark_seen
from briefing.store.sources import Kept
from briefing.web import Web

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What a round is asked for. `pages_within` is how old an article's page may be fetched; None fetches none.

    `again` asks also the sources that wait after failures, or have ended; `only` are addresses, names or tags, all
    sources where it is empty.
    """

    workers: int = 20
    pages_within: timedelta | None = timedelta(days=2)
    again: bool = False
    only: tuple[str, ...] = ()


@dataclass(slots=True)
class Round:
    """What a round came to; `failed` are the sources that could not be read, `notes` what else was wrong."""

    asked: int = 0
    unchanged: int = 0
    waiting: int = 0
    ended: int = 0
    stored: Stored = field(default_factory=Stored)
    pages: int = 0
    page_failures: int = 0
    failed: list[Problem] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    notes: list[Problem] = field(default_factory=list)
    page_problems: list[Problem] = field(default_factory=list)


def fetch(
    database: Database,
    web: Web,
    wishes: Wishes,
    clock: Callable[[], datetime],
    progress: Progress = lambda *_: None,
    keep: timedelta | None = None,
) -> Round:
    """Ask the sources that are due, then fetch pages; before the first of a day, forget what is older than `keep`.

    Raises UsageError for a name that no source has, StoreError where the store cannot be used.
    """
    result = Round()
    known = database.read(kept_sources.listed)
    unknown = [name for name in wishes.only if not any(_named(one.source, (name,)) for one in known)]
    if unknown:
        raise UsageError(
            f"no such source: {', '.join(map(without_credentials, unknown))}; `briefing status` lists them"
        )
    chosen = [one for one in known if not wishes.only or _named(one.source, wishes.only)]
    now = clock()
    if keep is not None and not database.read(kept_sources.last_fetches, now.replace(hour=0, minute=0, second=0)):
        database.write(forget, now - keep)
    due = [one for one in chosen if wishes.again or fate.is_due(one.state, now)]
    result.ended = sum(one.state.ended_at is not None and not wishes.again for one in chosen)
    result.waiting = len(chosen) - len(due) - result.ended
    _poll_all(database, web, wishes, due, clock, result, progress)
    if wishes.pages_within is not None:
        _fetch_pages(database, web, wishes, {one.id: one.source for one in chosen}, clock, result, progress)
    return result


def _poll_all(
    database: Database,
    web: Web,
    wishes: Wishes,
    due: Sequence[Kept],
    clock: Callable[[], datetime],
    result: Round,
    progress: Progress,
) -> None:
    run = secrets.token_hex(8)

    def ask(kept: Kept) -> Polled:
        return poll(kept, web, database, run, clock())

    progress("fetch", 0, len(due))
    done = 0
    for some in as_done(ask, due, wishes.workers, lambda one: host_of(one.state.address)):
        polled = [one for _, one in some]
        for one, stored in _stored(database, polled):
            _count(result, one, stored)
        done += len(polled)
        progress("fetch", done, len(due))


def _count(result: Round, polled: Polled, stored: Stored) -> None:
    result.asked += 1
    result.stored += stored
    result.unchanged += polled.log.outcome == "unchanged"
    name = polled.kept.source.shown
    if polled.state.failures:
        result.failed.append(Problem(name, polled.state.error or "failed"))
        result.kinds[polled.state.error_kind or ""] += 1
    result.notes += (Problem(name, note) for note in polled.notes)


def _stored(database: Database, polled: Sequence[Polled]) -> list[tuple[Polled, Stored]]:
    """What is done at a time, stored in one transaction; one by one where the store will not have something of it."""
    try:
        return list(zip(polled, database.write(_save_each, polled), strict=True))
    except Refused as error:
        if len(polled) > 1:
            return [pair for one in polled for pair in _stored(database, [one])]
        if not polled[0].fresh:
            raise
        return _stored(database, [cannot_store(polled[0], str(error))])


def _save_each(connection: Connection, polled: Sequence[Polled]) -> list[Stored]:
    """What is done at a time, in one transaction: each costs a few milliseconds, however small."""
    return [_save(connection, one) for one in polled]


def _save(connection: Connection, polled: Polled) -> Stored:
    """A source's news and what is known of it together: what was not stored is asked for again."""
    if not kept_sources.is_there(connection, polled.kept.id):
        return Stored()  # it was taken out meanwhile
    kept, source = polled.kept, polled.kept.source
    stored = Stored()
    if polled.fresh:
        stored = kept_articles.save_entries(
            connection, (kept.id, source.url), polled.fresh, polled.shared, polled.log.at
        )
    mark_seen(connection, kept.id, polled.shown, polled.log.at)
    kept_sources.save_state(connection, kept.id, polled.state)
    kept_sources.log(connection, replace(polled.log, new=stored.new, edited=stored.edited))
    if polled.title and not source.title:
        kept_sources.change(connection, source.url, title=polled.title)
    return stored


def _fetch_pages(
    database: Database,
    web: Web,
    wishes: Wishes,
    sources: dict[int, Source],
    clock: Callable[[], datetime],
    result: Round,
    progress: Progress,
) -> None:
    assert wishes.pages_within is not None  # noqa: S101 - for the type checker
    now = clock()
    most = max([PAGES, *(one.max_pages for one in sources.values() if one.max_pages is not None)])
    waiting = database.read(pages_wanted, now, now - wishes.pages_within, most)
    wanted = bounded((one for one in waiting if one.source_id in sources), sources)
    if not wanted:
        return
    progress("pages", 0, len(wanted))
    pages = Pages(web, sources, now)
    done = 0
    for some in as_done(pages, wanted, wishes.workers, lambda one: host_of(one.url)):
        read = [page for _, page in some]
        for page, stored in zip(read, database.write(_save_pages, read, clock()), strict=True):
            # the page of a teaser completes what is new; only another text of a page is an edit
            result.stored += stored if "feed-text" not in page.wanted.article.flags else Stored()
            result.pages += page.error is None
            if page.error is not None:
                result.page_failures += 1
                result.page_problems.append(Problem(page.wanted.url, page.error))
        done += len(read)
        progress("pages", done, len(wanted))


def _save_pages(connection: Connection, read: Sequence[Page], now: datetime) -> list[Stored]:
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
        for page in read
    ]


def _named(source: Source, only: Sequence[str]) -> bool:
    wanted = {one.casefold() for one in only}
    return bool(
        wanted
        & {
            source.url.casefold(),
            source.public_url.casefold(),
            source.shown.casefold(),
            *(tag.casefold() for tag in source.tags),
        }
    )
