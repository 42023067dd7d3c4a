"""What the store has collected, as an edition is made from it, and what it has to do without."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select

from briefing.collect import Collected
from briefing.fetch.telling import count, day
from briefing.report import Problem
from briefing.sources import named
from briefing.store import Database
from briefing.store.lookup import in_window
from briefing.store.schema import briefings
from briefing.store.sources import Kept, listed

_QUERY = re.compile(r"(?<=\S)\?\S+?(?=[:,;]?(?:\s|$))")
_NAMED = 8  # sources that one line names


@dataclass(frozen=True, slots=True)
class Lack:
    """What is said of sources that an edition has to do without: a line, and whether it was not so at the last one."""

    line: str
    is_new: bool


def collected(
    database: Database, start: datetime, end: datetime | None, now: datetime, only: Sequence[str] = ()
) -> tuple[Collected, tuple[Lack, ...]]:
    """The stored articles that count from `start` on and before `end` (None: now), and the sources that failed.

    `only` are addresses, names or tags: what no other source has shown is left out; none means all sources. The
    articles' document names each source that failed; the lines are for one who is told each day. Raises UsageError for
    a name that no source has.
    """
    known = database.read(listed)
    if only:
        meant = named((one.source for one in known), only)
        known = [one for one in known if one.source.url in meant]
    articles = database.read(in_window, start, end, [one.id for one in known] if only else None)
    without = missing(known, now)
    problems = [Problem(_public(one.source.shown), _public(why)) for one, why in without]
    lacks = tuple(missing_lines(without, now, database.read(_last_made)))
    return Collected(tuple(articles), tuple(sorted(problems, key=lambda one: (one.source, one.error)))), lacks


def missing(known: Iterable[Kept], now: datetime) -> list[tuple[Kept, str]]:
    """The sources that an edition made now has to do without, and why, in words; of one that ended, for a day."""
    found = []
    for one in known:
        if one.state.ended_at is not None and now - one.state.ended_at > timedelta(days=1):
            continue
        if (since := _since(one)) is not None:
            days = (now - since) // timedelta(days=1)
            age = f"for {count(days, 'day')}" if days else f"since {day(since)}"
            never = "" if one.state.succeeded_at else "never read yet, "
            found.append((one, f"{never or 'not read '}{age}: {one.state.error or 'gone for good'}"))
    return sorted(found, key=lambda pair: (pair[0].source.shown, pair[1]))


def missing_lines(without: Sequence[tuple[Kept, str]], now: datetime, told: datetime | None) -> Iterator[Lack]:
    """What `missing` found, for one who is told each day: what fails since the last edition, and the others in a line.

    The last edition was made at `told`, None where there was none.
    """
    old = []
    for one, why in without:
        since = _since(one)
        if told is not None and since is not None and since <= told:
            old.append((one, now - since))
        else:
            yield Lack(f"{one.source.shown}: {why}", is_new=True)
    if old:
        names = [one.source.shown for one, _ in old]
        named = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
        days = sum(age >= timedelta(days=1) for _, age in old)
        long = (", for days" if days == len(old) else f", {days} for days") if days else ""
        are = "is" if len(old) == 1 else "are"
        line = f"{count(len(old), 'source')} {are} still missing{long}: {named}; see `briefing status`"
        yield Lack(line, is_new=False)


def _public(text: str) -> str:
    """As readers may see it: addresses without what stands behind their ?, where feeds have their keys."""
    return _QUERY.sub("?…", text)


def _last_made(connection: Connection) -> datetime | None:
    return connection.execute(select(func.max(briefings.c.made_at))).scalar()


def _since(one: Kept) -> datetime | None:
    return one.state.failing_since or one.state.ended_at
