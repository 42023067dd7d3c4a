"""One source asked once: what it has shown that is new, and what becomes of it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import datetime

from briefing.canonical import without_credentials
from briefing.errors import BriefingError, UsageError
from briefing.fetch import fate
from briefing.fetch.hosts import Hosts
from briefing.fetch.news import Found, News, Reading, UnreadableError, unreadable
from briefing.parallel import is_out_of_memory
from briefing.ports import Document
from briefing.sources import Source, SourceState
from briefing.store import Database
from briefing.store.known import shown
from briefing.store.sources import Fetch, Kept
from briefing.web import Answer, Ask, Web, WebError

PAGE_BYTES = 5 * 1024 * 1024  # decoded
_FOLLOWING = 30.0  # seconds
_FEED_BYTES = 10 * 1024 * 1024
PAGE_TYPES = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
TO_ALL = "gives one page for every address: is there a login page in between, or does it need a browser?"
_FEED_TYPES = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What came of asking a source: how it stands now, the entry of the log, and what it showed."""

    kept: Kept
    state: SourceState
    log: Fetch
    news: News = field(default_factory=News)


def poll(kept: Kept, web: Web, hosts: Hosts, reading: Reading, database: Database, run: str, now: datetime) -> Polled:
    """Ask a source; nothing is stored. A source that fails is a value: its state and its log say why."""
    log = Fetch(
        run=run, source_id=kept.id, url=without_credentials(kept.state.address), at=now, seconds=0.0, outcome="read"
    )
    if (left := hosts.left(kept.state.address)) is not None:
        return _left(kept, log, left)
    began = time.monotonic()
    try:
        polled = _asked(kept, web, hosts, reading, database, log)
    except WebError as error:
        hosts.note(kept.state.address, error)
        polled = _failed(kept, log, fate.failed(kept.state, error.kind, str(error), now, error))
    except (UnreadableError, UsageError) as error:  # UsageError: its kind is not to be had
        polled = _failed(kept, log, fate.failed(kept.state, "content", str(error), now))
    except BriefingError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise
        polled = _failed(kept, log, fate.failed(kept.state, "content", unreadable(error), now))
    return replace(polled, log=replace(polled.log, seconds=round(time.monotonic() - began, 3)))


def _asked(kept: Kept, web: Web, hosts: Hosts, reading: Reading, database: Database, log: Fetch) -> Polled:
    answer = web.get(_ask(kept.source, kept.state))
    hosts.note(kept.state.address, None)
    state = fate.answered(kept.state, answer, log.at)
    if answer.status == 304:
        return Polled(kept=kept, state=state, log=replace(log, outcome="unchanged"))
    if answer.to_all:
        raise UnreadableError(TO_ALL)
    before = database.read(shown, kept.id) if kept.state.succeeded_at else frozenset()
    news = _read(kept.source, answer, web, reading, before, log.at)
    if news.is_cut:
        state = replace(state, etag=None, modified=None)  # it is asked for again, whole
    notes = "; ".join(news.notes) or None
    return Polled(kept=kept, state=state, log=replace(log, items=len(news.shown), error=notes), news=news)


def cannot_store(polled: Polled, why: str) -> Polled:
    """What becomes of a source whose news the store will not have: a failure of ours, and it is asked again."""
    state = fate.failed(polled.kept.state, "store", why, polled.log.at)
    return _failed(polled.kept, polled.log, state)


def document_of(name: str, answer: Answer) -> Document:
    """The bytes of an answer, to be read."""
    return Document(name, answer.url, answer.data, answer.url, answer.charset)


def _ask(source: Source, state: SourceState) -> Ask:
    page = source.kind == "page"
    return Ask(
        url=state.address,
        limit=PAGE_BYTES if page else _FEED_BYTES,
        etag=state.etag,
        last_modified=state.modified,
        accept=PAGE_TYPES if page else _FEED_TYPES,
        robots=page,
    )


def _read(source: Source, answer: Answer, web: Web, reading: Reading, before: frozenset[str], now: datetime) -> News:
    document = document_of(source.shown, answer)
    wrong = ("breaks off before its end",) if answer.damaged else ()
    if source.kind != "sitemap":
        return reading.news(source, document, before, now, wrong)
    found = _followed(source, reading.found_in(source.kind, document), web, reading)
    return reading.chosen(source, found, before, now, wrong)


def _followed(source: Source, found: Found, web: Web, reading: Reading) -> Found:
    """With the entries of the sitemaps that an index names; begun within half a minute, not later."""
    ends = time.monotonic() + _FOLLOWING
    found = replace(found, notes=()) if found.leads_to else found  # that it is an index is nothing wrong
    for child in found.leads_to:
        if time.monotonic() > ends:
            missed = f"not all of its {len(found.leads_to)} sitemaps could be read within {_FOLLOWING:g} s"
            return replace(found, notes=(*found.notes, missed))
        try:
            answer = web.get(Ask(url=child, limit=_FEED_BYTES, accept=_FEED_TYPES))
            more = reading.found_in(source.kind, document_of(child, answer))
        except (WebError, UnreadableError) as error:
            more = Found((), (str(error),))
        found = replace(found, raws=found.raws + more.raws, notes=found.notes + more.notes)
    return found


def _left(kept: Kept, log: Fetch, error: WebError) -> Polled:
    """What becomes of a source whose host is left alone: where that asks for time it `waits`, else it has failed."""
    if error.kind == "status":
        return Polled(kept=kept, state=fate.waits(kept.state, error, log.at), log=replace(log, outcome="waits"))
    return _failed(kept, log, fate.failed(kept.state, error.kind, str(error), log.at))


def _failed(kept: Kept, log: Fetch, state: SourceState) -> Polled:
    outcome = "ended" if state.ended_at else "failed"
    return Polled(
        kept=kept, state=state, log=replace(log, outcome=outcome, error_kind=state.error_kind, error=state.error)
    )
