"""The timer: does anything call `briefing schedule due`, and has it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from briefing.doctor.finding import Finding, Setup, bad, good, said, skipped, warn
from briefing.doctor.kept import opened
from briefing.errors import BriefingError
from briefing.schedule.install import SYSTEM
from briefing.schedule.units import TIMER
from briefing.store.editions import Edition, newest

_DAY = timedelta(days=1)


def check(setup: Setup) -> Iterator[Finding]:
    """What is installed on this machine, and what each profile's last day came to."""
    if not setup.profiles:
        yield skipped("there is no profile, so nothing is due at an hour")
        return
    installed = [*_units(), *_cron()]
    yield from installed
    editions = _last(setup)
    recent = any(one.made_at > setup.now - _DAY * 2 for one in editions.values())
    if not installed and recent:
        yield good("none on this machine, but something makes editions: a daemon, or a timer elsewhere")
    elif not installed:
        yield warn(
            "nothing calls `briefing schedule due` by itself",
            "briefing schedule install writes a timer; in a container: briefing schedule run",
        )
    for name in setup.profiles:
        if name in editions:
            yield _of_day(name, editions[name])


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


def _last(setup: Setup) -> dict[str, Edition]:
    try:
        with opened(setup) as database:
            if database is None:
                return {}
            found = {name: database.read(newest, name) for name in setup.profiles}
    except BriefingError:
        return {}
    return {name: rows[0] for name, rows in found.items() if rows}


def _of_day(name: str, one: Edition) -> Finding:
    if one.state == "failed":
        return bad(
            f"{name}: the edition of {one.day} failed: {one.error or 'no reason is kept'}", f"briefing run {name}"
        )
    if one.state == "missed":
        return warn(f"{name}: the edition of {one.day} was missed", "was this machine off at its hour?")
    told = "was made" if one.state == "made" else "had no news"
    return good(f"{name}: the edition of {one.day} {told}")
