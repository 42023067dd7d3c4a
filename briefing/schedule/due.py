"""What is due now for every profile, done in turn: what fails for one does not keep the others from theirs.

It may be called at any time, by anybody, as often as they like: what has been done stands in the ledger. That two do
not call it at once is the caller's care.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Literal, Protocol
from zoneinfo import ZoneInfo

from briefing.errors import BriefingError, NothingNew
from briefing.schedule.times import Plan, next_fires, plan
from briefing.store.lock import AlreadyRunning

_log = logging.getLogger(__name__)

BETWEEN_LOOKS = timedelta(minutes=10)
"""How long it takes at most, by any of the timers, until somebody looks again."""

Kind = Literal[
    "ran",
    "empty",  # there was nothing to brief
    "failed",
    "skipped",  # days that get no edition any more
    "waiting",  # it failed, and waits until it is tried again; or another program is at it
    "ahead",  # the newest edition is of a day to come: the clock has been set back
]


class Profile(Protocol):
    """What has to be known of a profile: its local hour, and for how long after it an edition is still made."""

    @property
    def hour(self) -> time: ...  # noqa: D102 - the class tells
    @property
    def zone(self) -> ZoneInfo: ...  # noqa: D102 - likewise
    @property
    def grace(self) -> timedelta: ...  # noqa: D102 - likewise


class Ledger(Protocol):
    """What is remembered of each profile's editions."""

    def last_day(self, profile: str, /) -> date | None:
        """The newest local day that is settled: its edition was made, or given up by `skipped`."""

    def known_since(self, profile: str, now: datetime, /) -> datetime:
        """When the profile was first asked for, which is noted at the first time."""

    def skipped(self, profile: str, days: Sequence[date], now: datetime, /) -> None:
        """Note that these days, the oldest first, get no edition: `last_day` is not before them any more."""

    def not_before(self, profile: str, day: date, /) -> datetime | None:
        """Until when an edition that failed has to wait; None where it may be made at once."""


@dataclass(frozen=True, slots=True)
class Happening:
    """What came of a profile: `days` are those meant, the oldest first, `unnamed` how many more there are before."""

    profile: str
    kind: Kind
    days: tuple[date, ...]
    why: str | None = None
    unnamed: int = 0
    error: Exception | None = None

    @property
    def line(self) -> str:
        """The same in a line."""
        day = self.days[-1]
        told = {
            "ran": f"the edition of {day} is made",
            "empty": f"no edition of {day}: {self.why}",
            "failed": f"the edition of {day} failed: {self.why}",
            "waiting": f"the edition of {day} waits: {self.why}",
            "skipped": f"no edition of {self._span}: {self.why}",
            "ahead": f"the newest edition is of {day}, which is to come: the clock was wrong then or is now; "
            f"the next is made after it (at once: briefing run {self.profile})",
        }
        return f"{self.profile}: {told[self.kind]}"

    @property
    def _span(self) -> str:
        count = len(self.days) + self.unnamed
        if count == 1:
            return str(self.days[0])
        if self.unnamed:
            return f"{count} days up to {self.days[-1]}"
        return f"{self.days[0]} to {self.days[-1]} ({count} days)"


@dataclass(frozen=True, slots=True)
class Coming:
    """An edition to come: the profile's name, the local day, the instant by the profile's own clock."""

    profile: str
    day: date
    at: datetime


def due(
    now: datetime, profiles: Mapping[str, Profile], ledger: Ledger, run: Callable[[str, date], None]
) -> list[Happening]:
    """Make the editions that are due, in the order of their hours, and give up those that are too late.

    `run` makes the edition of a profile and a local day, and settles it in the ledger. Where it raises, the edition is
    as before, and the others are made all the same.
    """
    happenings: list[Happening] = []
    waiting: list[tuple[datetime, str, date]] = []
    for name, profile in profiles.items():
        try:
            planned = _planned(now, name, profile, ledger)
        except Exception as error:  # noqa: BLE001 - a fault in one profile is not to cost the others their editions
            happenings.append(_failed(name, now.date(), error))
            continue
        happenings += _given_up(name, profile, planned)
        if planned.due is not None:
            waiting.append((planned.due.at, name, planned.due.day))
    return happenings + [_made(now, name, day, ledger, run) for _, name, day in sorted(waiting)]


def coming(profiles: Mapping[str, Profile], now: datetime, count: int) -> list[Coming]:
    """The next `count` editions of all profiles together, the soonest first."""
    found: list[Coming] = []
    for name, profile in profiles.items():
        zone = profile.zone
        found += [Coming(name, one.day, one.at.astimezone(zone)) for one in next_fires(profile.hour, zone, now, count)]
    return sorted(found, key=lambda one: (one.at.timestamp(), one.profile))[:count]


def lines(happenings: Iterable[Happening], *, verbose: bool = False) -> list[str]:
    """What is worth telling: without `verbose` nothing that would be said anew at every call."""
    return [one.line for one in happenings if verbose or one.kind not in {"waiting", "ahead"}]


def _planned(now: datetime, name: str, profile: Profile, ledger: Ledger) -> Plan:
    """What is to be done for a profile; what gets no edition any more is noted.

    One that is first seen just after its hour may have been set up before it: nobody had looked since. One that was
    first seen at a moment to come was so by a wrong clock.
    """
    known_since = min(ledger.known_since(name, now), now) - BETWEEN_LOOKS
    planned = plan(profile.hour, profile.zone, profile.grace, now, ledger.last_day(name), known_since)
    if planned.skipped:
        ledger.skipped(name, planned.skipped, now)
    return planned


def _given_up(name: str, profile: Profile, planned: Plan) -> list[Happening]:
    if planned.ahead is not None:
        return [Happening(name, "ahead", (planned.ahead,))]
    if not planned.skipped:
        return []
    hours = f"{profile.grace.total_seconds() / 3600:.3g} h"
    why = f"not made within {hours} of its hour, or before the next one's"
    return [Happening(name, "skipped", planned.skipped, why, planned.unnamed)]


def _made(now: datetime, name: str, day: date, ledger: Ledger, run: Callable[[str, date], None]) -> Happening:
    try:
        until = ledger.not_before(name, day)
        if until is not None and until > now:
            return Happening(name, "waiting", (day,), f"it failed, and is tried again at {until:%H:%M} UTC")
        run(name, day)
    except AlreadyRunning as error:
        return Happening(name, "waiting", (day,), str(error), error=error)
    except NothingNew as error:
        return Happening(name, "empty", (day,), str(error), error=error)
    except Exception as error:  # noqa: BLE001 - as where it is planned
        return _failed(name, day, error)
    return Happening(name, "ran", (day,))


def _failed(name: str, day: date, error: Exception) -> Happening:
    """An error of ours in its own words; any other is a fault, of which the log keeps where it was."""
    if isinstance(error, BriefingError):
        return Happening(name, "failed", (day,), str(error), error=error)
    _log.error("%s: %s", name, type(error).__name__, exc_info=error)
    return Happening(name, "failed", (day,), f"{type(error).__name__}: {error}", error=error)
