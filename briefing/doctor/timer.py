"""The timer: is there one to call `briefing schedule due`, and does it."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from briefing.doctor.finding import Finding, Setup, bad, good, said, skipped, warn
from briefing.doctor.kept import opened
from briefing.errors import BriefingError
from briefing.fetch.telling import day
from briefing.schedule.install import SYSTEM
from briefing.schedule.units import TIMER
from briefing.store.editions import Edition, looked_at, newest

_RECENT = timedelta(minutes=30)  # some looks, of any of the timers


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store knows: when a timer last looked, and each profile's last day."""

    looked_at: datetime | None = None
    editions: dict[str, Edition] = field(default_factory=dict)


def check(setup: Setup) -> Iterator[Finding]:
    """What is installed on this machine, whether any timer looks, and what each profile's last day came to."""
    if not setup.profiles:
        yield skipped("there is no profile, so nothing is due at an hour")
        return
    installed = [*_units(), *_cron()]
    yield from installed
    known = _known(setup)
    if not any(one.level == "bad" for one in installed):  # that it does not run is told then
        yield from _of_looks(known, setup.now, is_installed=bool(installed))
    for name, one in known.editions.items() if known is not None else ():
        yield _of_day(name, one)


def _of_looks(known: _Known | None, now: datetime, *, is_installed: bool) -> Iterator[Finding]:
    """What it means when a timer last looked; `known` is None where no store tells."""
    last = known.looked_at if known is not None else None
    if last is not None and abs(now - last) <= _RECENT:
        yield good(f"a timer looked at {last.astimezone():%H:%M}")
    elif not is_installed:
        yield warn(
            f"nothing calls `briefing schedule due` by itself{f' since {day(last)}' if last is not None else ''}",
            "briefing schedule install writes a timer; in a container: briefing schedule run",
        )
    elif known is not None and _seconds_up() > _RECENT.total_seconds():
        yield warn(
            f"it has not looked at what is due {f'since {day(last)}' if last is not None else 'yet'}",
            "is it of this configuration? its log tells (journalctl, or cron's mail); a new one needs some minutes",
        )


def _seconds_up() -> float:
    """Since the start of this machine, before which no timer could look."""
    return time.monotonic()


def _units(folder: Path | None = None) -> Iterator[Finding]:
    stated = os.environ.get("XDG_CONFIG_HOME", "")
    users = (Path(stated) if stated.startswith("/") else Path.home() / ".config") / "systemd" / "user"
    for path, scope in ((folder or users, ("--user",)), (SYSTEM, ())):
        if not (path / TIMER).is_file():
            continue
        command = " ".join(("systemctl", *scope))
        if said("systemctl", *scope, "is-active", TIMER) == "active":
            yield good(f"{path / TIMER} runs; {command} list-timers shows when")
        else:
            yield bad(f"{path / TIMER} is there and does not run", f"{command} enable --now {TIMER}")


def _cron() -> Iterator[Finding]:
    table = said("crontab", "-l") or ""
    rows = [row for row in table.splitlines() if not row.lstrip().startswith("#")]
    if any(" schedule due" in row for row in rows):
        yield good("your crontab has a line for it")


def _known(setup: Setup) -> _Known | None:
    """None where there is no store, or it cannot be read, which its own check tells."""
    try:
        with opened(setup) as database:
            if database is None:
                return None
            found = {name: database.read(newest, name) for name in setup.profiles}
            return _Known(database.read(looked_at), {name: rows[0] for name, rows in found.items() if rows})
    except BriefingError:
        return None


def _of_day(name: str, one: Edition) -> Finding:
    if one.state == "failed":
        return bad(
            f"{name}: the edition of {one.day} failed: {one.error or 'no reason is kept'}", f"briefing run {name}"
        )
    if one.state == "missed":
        return warn(f"{name}: the edition of {one.day} was missed", "was this machine off at its hour?")
    told = "was made" if one.state == "made" else "had no news"
    return good(f"{name}: the edition of {one.day} {told}")
