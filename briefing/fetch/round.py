"""What a round over the sources is asked for, and what it came to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import timedelta

from briefing.fetch.fate import Outcome
from briefing.fetch.pages import Page
from briefing.fetch.poll import Polled
from briefing.report import Problem
from briefing.store.articles import Stored


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
    """What a round came to: the outcome of each source that was asked, how many were not, and what the pages gave.

    `waiting` sources were left for later after failures, or since their host asks for time. `notes` are what was wrong
    with answers that could be read, `page_problems` the pages that gave nothing more.
    """

    outcomes: list[Outcome] = field(default_factory=list)
    waiting: int = 0
    ended: int = 0
    stored: Stored = field(default_factory=Stored)
    pages: int = 0
    notes: list[Problem] = field(default_factory=list)
    page_problems: list[Problem] = field(default_factory=list)

    @property
    def asked(self) -> int:
        """How many sources were asked."""
        return len(self.outcomes)

    @property
    def unchanged(self) -> int:
        """How many of them have shown what they had shown before."""
        return sum(one.log.outcome == "unchanged" for one in self.outcomes)

    @property
    def failed(self) -> list[Problem]:
        """The sources that could not be read."""
        return [Problem(one.source.shown, one.after.error or "failed") for one in self.outcomes if one.has_failed]

    @property
    def kinds(self) -> Counter[str]:
        """How many have failed in each way."""
        return Counter(one.after.error_kind or "" for one in self.outcomes if one.has_failed)

    def count(self, polled: Polled, stored: Stored) -> None:
        """Take in what came of a source."""
        if polled.log.outcome == "waits":
            self.waiting += 1
            return
        log = replace(polled.log, new=stored.new, edited=stored.edited)
        source, before = polled.kept.source, polled.kept.state
        self.outcomes.append(Outcome(source=source, before=before, after=polled.state, log=log))
        self.stored += stored
        self.notes += (Problem(source.shown, note) for note in polled.news.notes)

    def count_page(self, page: Page, stored: Stored) -> None:
        """Take in what came of a page."""
        # the page of a teaser completes what is new; only another text of a page is an edit
        self.stored += stored if "feed-text" not in page.wanted.article.flags else Stored()
        if page.error is None:
            self.pages += 1
        else:
            self.page_problems.append(Problem(page.wanted.url, page.error))
