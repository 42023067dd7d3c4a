"""One round over the reader's sources: those that are due are asked, then the pages of what is new.

Several threads ask; what comes is read and cleaned in processes of their own, and stored by the caller's thread alone,
so that a run that is killed has lost nothing but what was under way.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from briefing.aside import Aside, Call
from briefing.fetch import fate
from briefing.fetch.hosts import Hosts, host_of
from briefing.fetch.keeping import keep, keep_pages
from briefing.fetch.news import READERS, Reading
from briefing.fetch.pages import PAGES, Pages, bounded
from briefing.fetch.poll import Polled, poll
from briefing.fetch.round import Round, Wishes
from briefing.parallel import as_done
from briefing.sources import Source, named
from briefing.store import Database, search
from briefing.store import sources as kept_sources
from briefing.store.lookup import pages_wanted
from briefing.store.retention import forget
from briefing.store.sources import Kept
from briefing.web import Web

Progress = Callable[[str, int, int], None]

_SMALL = 100_000_000  # bytes of a store, of which the check takes a fifth of a second
_TEXTS = 1000  # whose words are taken into the index at a time: fewer take longer, and more hold up the end


def fetch(
    database: Database,
    web: Web,
    wishes: Wishes,
    clock: Callable[[], datetime],
    progress: Progress = lambda *_: None,
    keep_for: timedelta | None = None,
    call: Call | None = None,
) -> Round:
    """Ask the sources that are due, then fetch pages.

    A store is checked before each round, a large one before the first of a day; then what is older than `keep_for` is
    forgotten.

    `call` calls what reads the answers; None: in processes of its own, which end with the round. Raises UsageError for
    a name that no source has, StoreError where the store cannot be used.
    """
    known = database.read(kept_sources.listed)
    meant = named((one.source for one in known), wishes.only)
    chosen = [one for one in known if not wishes.only or one.source.url in meant]
    now = clock()
    is_first = not database.read(kept_sources.last_fetches, now.replace(hour=0, minute=0, second=0))
    if is_first or database.size < _SMALL:
        database.check()
    if is_first and keep_for is not None:
        database.write(forget, now - keep_for)
    due = [one for one in chosen if wishes.again or fate.is_due(one.state, now)]
    ended = sum(one.state.ended_at is not None and not wishes.again for one in chosen)
    # of what was never asked there is something to be read for sure, of one host's one answer at a time
    hosts = {host_of(one.state.address) for one in due if one.state.checked_at is None}
    with Aside(loads=READERS, at_once=min(len(hosts), wishes.workers)) if call is None else nullcontext(call) as caller:
        run = _Run(
            database,
            web,
            Reading(caller),
            wishes,
            clock,
            progress,
            Round(ended=ended, waiting=len(chosen) - len(due) - ended),
        )
        run.poll_all(due)
        if wishes.pages_within is not None:
            run.fetch_pages({one.id: one.source for one in chosen}, wishes.pages_within)
    if not database.read(search.is_whole):
        database.write(search.index)
    return run.result


@dataclass(frozen=True, slots=True)
class _Run:
    database: Database
    web: Web
    reading: Reading
    wishes: Wishes
    clock: Callable[[], datetime]
    progress: Progress
    result: Round
    hosts: Hosts = field(default_factory=Hosts)

    def poll_all(self, due: Sequence[Kept]) -> None:
        """Ask the sources, one of a host at a time, and store what they show."""
        name = secrets.token_hex(8)

        def ask(kept: Kept) -> Polled:
            return poll(kept, self.web, self.hosts, self.reading, self.database, name, self.clock())

        self.progress("fetch", 0, len(due))
        done = new = 0
        for some in as_done(ask, due, self.wishes.workers, lambda one: host_of(one.state.address)):
            for polled, stored in keep(self.database, [one for _, one in some]):
                self.result.count(polled, stored)
                new += stored.new + stored.edited
            if new >= _TEXTS:
                self.database.write(search.index)
                new = 0
            done += len(some)
            self.progress("fetch", done, len(due))

    def fetch_pages(self, sources: Mapping[int, Source], within: timedelta) -> None:
        """Fetch the pages that the articles of `sources` want, and store what they give."""
        now = self.clock()
        most = max([PAGES, *(one.max_pages for one in sources.values() if one.max_pages is not None)])
        waiting = self.database.read(pages_wanted, now, now - within, most)
        wanted = bounded((one for one in waiting if one.source_id in sources), sources)
        if not wanted:
            return
        self.progress("pages", 0, len(wanted))
        pages = Pages(self.web, self.reading, sources, now, hosts=self.hosts)
        done = 0
        for some in as_done(pages, wanted, self.wishes.workers, lambda one: host_of(one.url)):
            for page, stored in keep_pages(self.database, [page for _, page in some], self.clock()):
                self.result.count_page(page, stored)
            done += len(some)
            self.progress("pages", done, len(wanted))
