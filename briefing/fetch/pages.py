"""The pages of new articles: the whole text in place of a feed's teaser."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from briefing.domain import Article
from briefing.fetch.hosts import Hosts
from briefing.fetch.news import Reading, UnreadableError, unreadable
from briefing.fetch.poll import PAGE_BYTES, PAGE_TYPES, TO_ALL, document_of
from briefing.parallel import is_out_of_memory
from briefing.sources import PageState, Source
from briefing.store.lookup import Wanted
from briefing.web import Ask, Web, WebError

PAGES = 30  # pages of a source in one run, unless the source has a bound of its own
_TRIES = 4
AGAIN = timedelta(hours=12)
LONGEST = 600.0  # seconds after which a run begins no page any more
_WAITS = (timedelta(minutes=30), timedelta(hours=2), timedelta(hours=8))
_LEFT_AFTER = 1  # silent failures of a host after which its other pages are left for a later run
_FOR_GOOD = frozenset(("address", "scheme", "size", "content", "robots"))
_GONE = frozenset((401, 402, 403, 404, 410, 451))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What came of fetching a page: the article, with the page's text or marked by what the page says, or why not.

    `asked` is False where it was left for a later run.
    """

    wanted: Wanted
    state: PageState
    article: Article | None = None
    error: str | None = None
    after: datetime | None = None
    asked: bool = True


@dataclass(slots=True)
class Pages:
    """Fetches pages. Called from several threads at once.

    A host that does not answer, or asks for time, is left alone for the rest of a run. A page that gave its text is
    asked once more half a day later: news is corrected when it is new.
    """

    web: Web
    reading: Reading
    sources: Mapping[int, Source]
    now: datetime
    ends: float = field(default_factory=lambda: time.monotonic() + LONGEST)
    hosts: Hosts = field(default_factory=Hosts)

    def __call__(self, wanted: Wanted) -> Page:
        """The page of an article. Never raises: a page that fails is a value."""
        try:
            return self._not_now(wanted) or self._fetched(wanted)
        except WebError as error:
            self.hosts.note(wanted.url, error)
            for_good = error.kind in _FOR_GOOD or error.status in _GONE
            return self._failed(wanted, str(error), for_good=for_good, after=self._until(error))
        except UnreadableError as error:
            return self._failed(wanted, str(error), for_good=True)
        except Exception as error:
            if is_out_of_memory(error):
                raise
            return self._failed(wanted, unreadable(error), for_good=True)

    def _not_now(self, wanted: Wanted) -> Page | None:
        """A page that is left for a later run; None where it is to be asked for."""
        left = self.hosts.left(wanted.url, _LEFT_AFTER)
        if left is not None:
            until = self._until(left) or wanted_after(wanted, self.now)
            return Page(wanted=wanted, state="wanted", error=str(left), after=until, asked=False)
        if time.monotonic() > self.ends:
            return Page(wanted=wanted, state="wanted", error="was not asked for: no time was left", asked=False)
        return None

    def _fetched(self, wanted: Wanted) -> Page:
        answer = self.web.get(Ask(url=wanted.url, limit=PAGE_BYTES, accept=PAGE_TYPES, robots=True))
        self.hosts.note(wanted.url, None)
        if answer.to_all:
            return self._failed(wanted, TO_ALL, for_good=False)
        source = self.sources.get(wanted.source_id) if wanted.source_id is not None else None
        document = document_of(wanted.url, answer)
        article, whole = self.reading.page(document, answer.url, source, wanted.article, self.now)
        # what says the same as its entry is not asked again: the same words parted otherwise would pass for an edit
        if whole and (had_before(wanted) or article.sha256 == wanted.article.sha256):
            return Page(wanted=wanted, state="had", article=article)
        if whole:
            return Page(wanted=wanted, state="wanted", article=article, after=self.now + AGAIN)
        if had_before(wanted):  # what was a whole page and is none now says nothing of the text that it gave
            return self._failed(wanted, "gives less than half of the text that it gave before", for_good=True)
        return Page(wanted=wanted, state="failed", article=article, error="gives no more text than the feed")

    def _until(self, error: WebError) -> datetime | None:
        return self.now + timedelta(seconds=error.retry_after) if error.retry_after is not None else None

    def _failed(self, wanted: Wanted, why: str, *, for_good: bool, after: datetime | None = None) -> Page:
        if had_before(wanted):
            return Page(wanted=wanted, state="had", error=why)
        if for_good or wanted.tries + 1 >= _TRIES:
            return Page(wanted=wanted, state="failed", error=why)
        return Page(wanted=wanted, state="wanted", error=why, after=after or wanted_after(wanted, self.now))


def had_before(wanted: Wanted) -> bool:
    """Whether the article has its page's text already."""
    return wanted.tries > 0 and "feed-text" not in wanted.article.flags


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
