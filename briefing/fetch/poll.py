"""One source asked once: what it has shown that is new, and what becomes of it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from briefing.canonical import without_credentials
from briefing.collect.feeds.read import EMPTY
from briefing.collect.feeds.sitemap import follow
from briefing.dates import instant
from briefing.errors import BriefingError
from briefing.fetch import KINDS, fate
from briefing.fetch.article import from_entry
from briefing.ports import Document, RawArticle, Reader, load
from briefing.report import Problem
from briefing.sources import Source, SourceState
from briefing.store import Database
from briefing.store.articles import Fresh, unseen
from briefing.store.entries import Entry, entry, shared_keys
from briefing.store.sources import Fetch, Kept
from briefing.web import Answer, Ask, Web, WebError

ITEMS = 2000  # entries of a source that are read at once, unless the source has a bound of its own
PAGE_BYTES = 5 * 1024 * 1024  # decoded
_FOLLOWING = 30.0  # seconds
_RECENT = timedelta(days=3)
# Elements, of which each takes hundreds of bytes while it is read, however short it is. The longest article's page has
# ten thousand; a feed of many items is cut before it is read, and may have more.
_TAGS = {"page": 200_000}
_TAGS_OF_FEED, _TAGS_OF_MANY_ITEMS = 400_000, 1_000_000
_READING = threading.BoundedSemaphore(2)  # what is read at a time: a body can take twenty times its length meanwhile
_FEED_BYTES = 10 * 1024 * 1024
PAGE_TYPES = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"
_FEED_TYPES = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """What came of asking a source: `fresh` are the entries that it did not show last time, `shown` all its digests.

    `notes` are what was wrong with an answer that could be read.
    """

    kept: Kept
    state: SourceState
    log: Fetch
    fresh: tuple[Fresh, ...] = ()
    shown: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    title: str | None = None
    notes: tuple[str, ...] = ()


class UnreadableError(Exception):
    """What a source gave holds nothing of what it should. The message says what it is instead."""


def poll(kept: Kept, web: Web, database: Database, run: str, now: datetime) -> Polled:
    """Ask a source; nothing is stored. A source that fails is a value: its state and its log say why."""
    log = Fetch(
        run=run, source_id=kept.id, url=without_credentials(kept.state.address), at=now, seconds=0.0, outcome="read"
    )
    began = time.monotonic()
    try:
        polled = _asked(kept, web, database, log, now)
    except WebError as error:
        polled = _failed(kept, log, fate.failed(kept.state, error.kind, str(error), now, error))
    except UnreadableError as error:
        polled = _failed(kept, log, fate.failed(kept.state, "content", str(error), now))
    except BriefingError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a text does to our own code, the other sources go on
        polled = _failed(kept, log, fate.failed(kept.state, "content", unreadable(error), now))
    return replace(polled, log=replace(polled.log, seconds=round(time.monotonic() - began, 3)))


def _asked(kept: Kept, web: Web, database: Database, log: Fetch, now: datetime) -> Polled:
    source = kept.source
    answer = web.get(_ask(source, kept.state))
    state = fate.answered(kept.state, answer, now)
    if answer.status == 304:
        return Polled(kept=kept, state=state, log=replace(log, outcome="unchanged"))
    raws, notes = _read(source, answer, web, now)
    most = source.max_items or ITEMS
    if len(raws) > most:
        notes.append(f"shows {len(raws)} entries, of which the first {most} are read")
    entries = list({one.digest: one for one in map(entry, raws[:most])}.values())
    new = database.read(unseen, kept.id, [one.digest for one in entries])
    titles = Counter(title for raw in raws if (title := raw.channel or raw.publisher))
    return Polled(
        kept=kept,
        state=state,
        log=replace(log, items=len(entries), error="; ".join(notes) or None),
        fresh=tuple(_fresh(one, source, now) for one in entries if one.digest in new),
        shown=frozenset(one.digest for one in entries),
        shared=shared_keys(entries),
        title=titles.most_common(1)[0][0] if titles else None,
        notes=tuple(notes),
    )


def cannot_store(polled: Polled, why: str) -> Polled:
    """What becomes of a source whose news the store will not have: a failure of ours, and it is asked again."""
    state = fate.failed(polled.kept.state, "store", why, polled.log.at)
    return _failed(polled.kept, polled.log, state)


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


def _read(source: Source, answer: Answer, web: Web, now: datetime) -> tuple[list[RawArticle], list[str]]:
    """The entries of an answer and of what it leads to, and what was wrong with them."""
    raws, notes = read_answer(source.kind, source.shown, answer)
    if source.kind == "sitemap":
        raws, notes = _followed(source, answer, web, raws, notes)
        # a sitemap of a whole site says when a page was changed, not when it was news
        raws = [raw for raw in raws if raw.published or not _is_old(raw.updated, now)]
    if answer.damaged:
        notes.append("breaks off before its end")
    if not raws and notes and notes != [EMPTY]:
        raise UnreadableError(notes[0])
    return raws, notes


def _followed(
    source: Source, answer: Answer, web: Web, raws: list[RawArticle], notes: list[str]
) -> tuple[list[RawArticle], list[str]]:
    """The entries of the sitemaps that an index names, beside its own; begun within half a minute, not later."""
    ends = time.monotonic() + _FOLLOWING
    children = follow(document_of(source.shown, answer))
    notes = [] if children else notes
    for child in children:
        if time.monotonic() > ends:
            notes.append(f"not all of its {len(children)} sitemaps could be read within {_FOLLOWING:g} s")
            break
        try:
            found = web.get(Ask(url=child, limit=_FEED_BYTES, accept=_FEED_TYPES))
            more, wrong = read_answer(source.kind, child, found)
        except (WebError, UnreadableError) as error:
            more, wrong = [], [str(error)]
        raws, notes = raws + more, notes + wrong
    return raws, notes


def _is_old(stated: str | None, now: datetime) -> bool:
    moment = instant(stated)
    return moment is not None and now - moment > _RECENT


def read_answer(kind: str, name: str, answer: Answer) -> tuple[list[RawArticle], list[str]]:
    """The entries of an answer, and in words what was wrong with it.

    Raises UnreadableError where the reader of its kind breaks down: whatever a body does to a parser, others go on.
    """
    reader: Reader = load(KINDS.get(kind, kind))
    raws: list[RawArticle] = []
    notes: list[str] = []
    if _is_crowded(kind, answer.data):
        return raws, ["holds more elements than any feed or article does"]
    try:
        with _READING:
            for found in reader(document_of(name, answer)):
                if isinstance(found, Problem):
                    notes.append(found.error)
                else:
                    raws.append(found)
    except Exception as error:
        raise UnreadableError(unreadable(error)) from error
    return raws, notes


def _is_crowded(kind: str, data: bytes) -> bool:
    many = data.count(b"<item") + data.count(b"<entry") > ITEMS
    most = _TAGS.get(kind, _TAGS_OF_MANY_ITEMS if many else _TAGS_OF_FEED)
    return data.count(b"<") > most or data.count(b"{") > most


def unreadable(error: Exception) -> str:
    """What is said of a text that breaks a reader: a fault of ours, whatever the text is."""
    return f"cannot be read, which is a fault of briefing: {type(error).__name__}: {error}"[:300]


def document_of(name: str, answer: Answer) -> Document:
    """The bytes of an answer, to be read."""
    return Document(name, answer.url, answer.data, answer.url, answer.charset)


def _fresh(one: Entry, source: Source, now: datetime) -> Fresh:
    article = from_entry(one.raw, source, now)
    is_teaser = "feed-text" in article.flags
    wants = source.kind != "page" and (source.text == "page" or (source.text == "auto" and is_teaser))
    return Fresh(entry=one, article=article, page_url=article.url if wants else None)


def _failed(kept: Kept, log: Fetch, state: SourceState) -> Polled:
    outcome = "ended" if state.ended_at else "failed"
    return Polled(
        kept=kept, state=state, log=replace(log, outcome=outcome, error_kind=state.error_kind, error=state.error)
    )
