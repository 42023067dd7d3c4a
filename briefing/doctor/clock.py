"""The clock, and the time zones that days are counted in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from briefing.deliver.way_out import public_place
from briefing.doctor.asking import Unreachable, get
from briefing.doctor.finding import Finding, Setup, bad, good, said, skipped, warn
from briefing.errors import UsageError

YEARS = range(2025, 2100)
SOME, MUCH = timedelta(seconds=30), timedelta(minutes=5)
_BY_HAND = "set it right, and have it kept right: timedatectl set-ntp true"


def check(setup: Setup) -> Iterator[Finding]:
    """The year, whether the system keeps the clock right or another machine agrees, and the zones' data."""
    now = datetime.now(UTC)
    if now.year not in YEARS:
        yield bad(f"this machine says that it is the year {now.year}", _BY_HAND)
    else:
        yield from _kept_right(setup)
    yield from _zones(setup)


def _kept_right(setup: Setup) -> Iterator[Finding]:
    if said("timedatectl", "show", "--property=NTPSynchronized", "--value") == "yes":
        yield good("kept right over the network (NTP)")
        return
    url = _other_machine(setup)
    stated = None
    if url is not None:
        try:
            stated = get(url).date
        except (Unreachable, UsageError):  # the check of that address tells it
            stated = None
    if stated is None:
        yield skipped("whether it is right cannot be known here", "timedatectl status tells, where there is systemd")
    else:
        yield of_difference(datetime.now(UTC) - stated)


def of_difference(difference: timedelta) -> Finding:
    """What it means that this machine is so much ahead of another, or behind it."""
    off = abs(difference)
    seconds = round(off.total_seconds())
    what = f"{seconds} s {'ahead of' if difference > timedelta(0) else 'behind'} another machine's"
    if off > MUCH:
        return bad(what, f"{_BY_HAND}; editions would come at the wrong hour")
    return warn(what, _BY_HAND) if off > SOME else good("right, as another machine's clock says")


def _other_machine(setup: Setup) -> str | None:
    settings = setup.settings
    if settings.mail.public_url is not None:
        return f"{public_place(settings.mail.public_url)}/health"
    return settings.model.base_url


def _zones(setup: Setup) -> Iterator[Finding]:
    wanted = dict.fromkeys(own.time_zone for own in setup.profiles.values() if own.time_zone is not None)
    for name in (*wanted, "Europe/Berlin"):
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            yield bad(f"no data of the time zone {name}", "pip install tzdata")
            return
    for name, own in setup.profiles.items():
        try:
            str(own.zone)
        except Exception as error:  # noqa: BLE001 - tzlocal raises what it likes where a system's zone is set oddly
            yield bad(f"this machine's own time zone cannot be read: {error}", f"set time_zone under [profiles.{name}]")
            return
