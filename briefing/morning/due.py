"""What a timer calls: the sources where their hour has come, the editions that are due, the mail that waits."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from briefing.config import Settings
from briefing.errors import BriefingError
from briefing.fetch.telling import in_lines
from briefing.morning.posting import alarm, post_all
from briefing.morning.run import refresh, run
from briefing.morning.tools import Tools
from briefing.schedule.due import Happening, due, lines
from briefing.store import Database, editions, sends
from briefing.store.lock import AlreadyRunning, held
from briefing.store.sources import last_fetches, listed


@dataclass(frozen=True, slots=True)
class _Timed:
    """What the schedule has to know of a profile."""

    hour: time
    zone: ZoneInfo
    grace: timedelta


@dataclass(frozen=True, slots=True)
class _Ledger:
    """What the store remembers of each profile's days."""

    database: Database

    def last_day(self, profile: str) -> date | None:
        return self.database.read(editions.last_settled, profile)

    def known_since(self, profile: str, now: datetime) -> datetime:
        return self.database.write(editions.known_since, profile, now)

    def skipped(self, profile: str, days: Sequence[date], now: datetime) -> None:
        self.database.write(editions.note_missed, profile, days, now)

    def not_before(self, profile: str, day: date) -> datetime | None:
        found = self.database.read(editions.edition_of, profile, day)
        return found.next_at if found is not None else None


def timed(settings: Settings) -> dict[str, _Timed]:
    """The profiles' hours, in the order that they are set up."""
    return {name: _Timed(own.hour, own.zone, own.grace) for name, own in settings.profiles.items()}


def run_due(database: Database, settings: Settings, tools: Tools, *, verbose: bool = False) -> int:
    """Do what is due now, of all of it as much as works; the exit code of the worst that happened.

    Raises AlreadyRunning where another program does so.
    """
    with held(database, "schedule"):
        codes = [_fetch(database, settings, tools)]
        happenings = due(tools.clock(), timed(settings), _Ledger(database), _runner(database, settings, tools, codes))
        for line in lines(happenings, verbose=verbose):
            tools.tell(line)
        _alarm_of_missed(settings, happenings, tools)
        codes += [_code(one) for one in happenings]
        codes.append(_send(database, settings, tools))
    return max(codes)


def _runner(database: Database, settings: Settings, tools: Tools, codes: list[int]) -> Callable[[str, date], None]:
    def make(name: str, day: date) -> None:
        morning = run(database, settings, name, tools, day)
        codes.append(morning.exit_code)
        if morning.posted is not None and morning.posted.stopped:
            raise SystemExit(morning.exit_code)

    return make


def _fetch(database: Database, settings: Settings, tools: Tools) -> int:
    """Ask the sources where `fetch.every` is over since it was last done, so that no feed rolls over unseen."""
    every = settings.fetch.every
    now = tools.clock()
    if not every or not database.read(listed) or database.read(last_fetches, now - every):
        return 0
    try:
        result = refresh(database, settings, tools)
    except BriefingError as error:
        tools.warn(str(error))
        return error.exit_code
    for line in in_lines(result, quiet=True, verbose=False) if result is not None else ():
        tools.warn(line)
    return 0


def _send(database: Database, settings: Settings, tools: Tools) -> int:
    """Send what waits: what was turned away for a while, or queued by a program that was killed."""
    waiting = database.read(sends.due, tools.clock(), 1) or database.read(sends.in_state, "sending")
    if not waiting:
        return 0
    try:
        posted = post_all(database, settings, tools)
    except AlreadyRunning:
        return 0
    except BriefingError as error:
        tools.warn(str(error))
        return error.exit_code
    if posted.stopped:
        raise SystemExit(posted.exit_code)
    return posted.exit_code


def _alarm_of_missed(settings: Settings, happenings: Sequence[Happening], tools: Tools) -> None:
    missed = [one.line for one in happenings if one.kind == "skipped"]
    if missed:
        text = "\n".join(missed) + "\n\nWas this machine off? briefing schedule next tells what comes.\n"
        alarm(settings, "briefing: editions were missed", text, tools)


def _code(one: Happening) -> int:
    if one.kind != "failed":
        return 0
    return one.error.exit_code if isinstance(one.error, BriefingError) else 1
