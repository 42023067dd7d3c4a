"""The pages of new articles: the whole text in place of a feed's teaser."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from briefing.domain import Article
from briefing.fetch.article import from_page
from briefing.fetch.poll import PAGE_BYTES, PAGE_TYPES, UnreadableError, read_answer, unreadable
from briefing.sources import PageState, Source
from briefing.store.articles import Wanted
from briefing.web import Ask, Web, WebError

PAGES = 30  # pages of a source in one run, unless the source has a bound of its own
_TRIES = 4
_WAITS = (timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))
_SILENT = frozenset(("deadline", "connection", "dns", "tls", "address"))  # what the host's other pages would meet too
_FOR_GOOD = frozenset(("address", "scheme", "size", "content"))
_GONE = frozenset((401, 402, 403, 404, 410, 451))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What came of fetching a page: the article, with the page's text or marked by what the page says, or why not."""

    wanted: Wanted
    state: PageState
    article: Article | None = None
    error: str | None = None
    after: datetime | None = None


@dataclass(slots=True)
class Pages:
    """Fetches pages; a host that does not answer is asked once in a run. Called from several threads at once."""

    web: Web
    sources: Mapping[int, Source]
    now: datetime
    _silent: dict[str, str] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __call__(self, wanted: Wanted) -> Page:
        """The page of an article. Never raises: a page that fails is a value."""
        host = host_of(wanted.url)
        with self._lock:
            silent = self._silent.get(host)
        if silent is not None:
            return Page(wanted=wanted, state="wanted", error=silent, after=wanted_after(wanted, self.now))
        try:
            return self._fetched(wanted)
        except WebError as error:
            if error.kind in _SILENT:
                with self._lock:
                    self._silent[host] = str(error)
            return self._failed(wanted, str(error), for_good=error.kind in _FOR_GOOD or error.status in _GONE)
        except UnreadableError as error:
            return self._failed(wanted, str(error), for_good=True)
        except Exception as error:  # noqa: BLE001 - whatever a text does to our own code, the other pages go on
            return self._failed(wanted, unreadable(error), for_good=True)

    def _fetched(self, wanted: Wanted) -> Page:
        answer = self.web.get(Ask(url=wanted.url, limit=PAGE_BYTES, accept=PAGE_TYPES, robots=True))
        raws, notes = read_answer("page", wanted.url, answer)
        if not raws:
            return self._failed(wanted, notes[0] if notes else "holds no article", for_good=True)
        source = self.sources.get(wanted.source_id) if wanted.source_id is not None else None
        article, whole = from_page(raws[0], source, wanted.article, self.now)
        if whole:
            return Page(wanted=wanted, state="had", article=article)
        return Page(wanted=wanted, state="failed", article=article, error="gives no more text than the feed")

    def _failed(self, wanted: Wanted, why: str, *, for_good: bool) -> Page:
        if for_good or wanted.tries + 1 >= _TRIES:
            return Page(wanted=wanted, state="failed", error=why)
        return Page(wanted=wanted, state="wanted", error=why, after=wanted_after(wanted, self.now))


def _is_for_good(error: WebError) -> bool:
    """Whether asking again would be in vain. A robots.txt that could not be read forbids for now, no longer."""
    if error.kind == "robots":
        return "could not be read" not in str(error)
    return error.kind in _FOR_GOOD or error.status in _GONE


def wanted_after(wanted: Wanted, now: datetime) -> datetime:
    """When a page that failed is asked again."""
    return now + _WAITS[min(wanted.tries, len(_WAITS) - 1)]


def bounded(wanted: Iterable[Wanted], sources: Mapping[int, Source]) -> list[Wanted]:
    """Of each source's pages as many as one run may fetch, the newest first."""
    counts: Counter[int | None] = Counter()
    chosen = []
    for one in wanted:
        source = sources.get(one.source_id) if one.source_id is not None else None
        most = PAGES if source is None or source.max_pages is None else source.max_pages
        counts[one.source_id] += 1
        if counts[one.source_id] <= most:
            chosen.append(one)
    return chosen


def host_of(url: str) -> str:
    """Host and port of an address, as it is asked one request at a time."""
    return urlsplit(url).netloc.rpartition("@")[2].lower()
