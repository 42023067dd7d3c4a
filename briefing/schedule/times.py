"""When editions are due: one of each local day, at a local time, whatever the clocks of a time zone do.

All of it is pure: what time it is, and what has been done, is given. So whoever looks may look as often as they like,
and however late.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

NAMED_AT_MOST = 366  # skipped days that are told one by one: a year's

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Firing:
    """The edition of a local day, and the instant (UTC) at which it is due."""

    day: date
    at: datetime


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done for one profile now.

    `due` is the one edition to be made; `skipped` are the days that get none any more, the oldest first, `unnamed` how
    many more there are before those. `ahead`: the newest settled day, where its hour is still to come, for the clock
    has been set back; until then there is nothing to do.
    """

    due: Firing | None = None
    skipped: tuple[date, ...] = ()
    unnamed: int = 0
    ahead: date | None = None


def fires(hour: time, zone: ZoneInfo, day: date) -> datetime | None:
    """The instant (UTC) at which the edition of a local day is due.

    Of an hour that is there twice it is the first; for one that the clocks leap over, the instant at which they do,
    which may be the next day's first. None where there is no such day in the zone, as 30 December 2011 in Apia, and
    where it is beyond the calendar.
    """
    try:
        stated = datetime.combine(day, hour.replace(microsecond=0, fold=0), tzinfo=zone)
        at = stated.astimezone(UTC)
        if at.astimezone(zone) == stated:  # of one zone, so what the clock on the wall shows is compared
            return at
        leap = _leap(stated, stated.replace(fold=1).astimezone(UTC), at)
        days = (leap - _SECOND).astimezone(zone).date(), leap.astimezone(zone).date()
    except OverflowError:
        return None
    return leap if day in days else None


def _leap(stated: datetime, before: datetime, after: datetime) -> datetime:
    """The instant between two at which the clock on the wall leaps over what is stated (PEP 495 says which two)."""
    zone = stated.tzinfo

    def is_past(seconds: int) -> bool:
        return (before + timedelta(seconds=seconds)).astimezone(zone) > stated

    between = range(int((after - before).total_seconds()))
    return before + timedelta(seconds=bisect_left(between, x=True, key=is_past))


def next_fires(hour: time, zone: ZoneInfo, after: datetime, count: int) -> list[Firing]:
    """The next `count` editions that are due later than `after`; fewer where the calendar ends."""
    found: list[Firing] = []
    day = after.astimezone(zone).date()
    while len(found) < count:
        at = fires(hour, zone, day)
        if at is not None and at > after:
            found.append(Firing(day, at))
        if day >= date.max - _DAY:  # its instant may be beyond the calendar
            break
        day += _DAY
    return found


def plan(
    hour: time, zone: ZoneInfo, grace: timedelta, now: datetime, last_day: date | None, known_since: datetime
) -> Plan:
    """What is to be done now, where all days up to `last_day` are settled: made, or given up.

    The newest day whose hour has come is due for as long as `grace` after it, both ends included; every older one that
    is not settled is skipped. What was due before `known_since` is neither.
    """
    newest = _newest(hour, zone, now)
    if last_day is not None:
        settled = fires(hour, zone, last_day)
        if settled is not None and settled > now:
            return Plan(ahead=last_day)
    if newest is None:
        return Plan()
    pending: list[Firing] = []
    day = newest.day
    while len(pending) <= NAMED_AT_MOST and (last_day is None or day > last_day):
        at = fires(hour, zone, day)
        if at is not None:
            if at < known_since:
                break
            pending.append(Firing(day, at))
        day -= _DAY
    due = pending.pop(0) if pending and now - newest.at <= grace else None
    named = [one.day for one in pending[:NAMED_AT_MOST]]
    older = 0
    if len(pending) + (due is not None) > NAMED_AT_MOST:
        older = _older(hour, zone, named[-1], last_day, known_since)
    return Plan(due, tuple(reversed(named)), older)


def _newest(hour: time, zone: ZoneInfo, now: datetime) -> Firing | None:
    """The newest edition whose hour has come.

    The next local day is looked at, too: where clocks are set back over midnight it has begun, and is yet to begin.
    """
    today = now.astimezone(zone).date()
    for ahead in (1, 0, -1, -2):
        try:
            day = today + ahead * _DAY
        except OverflowError:
            continue
        at = fires(hour, zone, day)
        if at is not None and at <= now:
            return Firing(day, at)
    return None


def _older(hour: time, zone: ZoneInfo, oldest: date, last_day: date | None, known_since: datetime) -> int:
    """How many days there are before the oldest that is named: reckoned, for there may be millions."""
    first = next_fires(hour, zone, known_since - _SECOND, 1)[0].day
    if last_day is not None:
        first = max(first, last_day + _DAY)
    return max(0, (oldest - first).days)
