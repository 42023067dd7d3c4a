"""Dates as articles state them: read strictly, kept as stated, never guessed.

A stated date is a string in one of three RFC 3339 shapes: a day `2024-01-10`, a local time without zone
`2024-01-10T09:30:00`, or a full timestamp `2024-01-10T09:30:00+02:00`.
"""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar enero janvier",
            "february feb februar febrero février",
            "march mar märz maerz marzo mars",
            "april apr abril avril",
            "may mai mayo",
            "june jun juni junio juin",
            "july jul juli julio juillet",
            "august aug agosto août",
            "september sep sept septiembre septembre",
            "october oct oktober okt octubre octobre",
            "november nov noviembre novembre",
            "december dec dezember dez diciembre décembre",
        ),
        start=1,
    )
    for name in names.split()
}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_FIRST, _BEYOND = 1600, 2200  # years: printed news begins in 1605
_MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
_DAY_FIRST = rf"(?P<d1>\d{{1,2}})(?:st|nd|rd|th|\.)?\s+(?:de\s+)?(?P<m1>{_MONTH})\.?,?\s+(?:de\s+)?(?P<y1>\d{{4}})"
_MONTH_FIRST = rf"(?P<m2>{_MONTH})\.?\s+(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y2>\d{{4}})"
_ISO_DAY = r"(?P<y3>\d{4})-(?P<m3>\d{2})-(?P<d3>\d{2})"
_ISO_DAY_ALONE = re.compile(r"\d{4}-\d{2}-\d{2}")
_TIME = (
    r"(?:[\sT,|–-]*(?:at\s+|um\s+)?(?P<hour>\d{1,2})(?::|\.|h)(?P<minute>\d{2})(?::(?P<second>\d{2})(?:\.\d+)?)?"
    r"\s*(?P<half>[ap]\.?m\.?)?(?:\s*uhr)?\s*(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?)?"
)
_WRITTEN = re.compile(rf"\b(?:{_DAY_FIRST}|{_MONTH_FIRST}|{_ISO_DAY}){_TIME}", re.IGNORECASE)


def find_stated(text: str) -> tuple[str, int, int] | None:
    """The first full date (day, month and year) written in `text`: as stated, with its span; None if none is.

    Numeric dates other than ISO ones (`03/04/2024`) are ambiguous and are not read.
    """
    for match in _WRITTEN.finditer(text):
        stated = _from_match(match)
        if stated is not None:
            return stated, match.start(), match.end()
    return None


@lru_cache(maxsize=4096)  # an item's date is asked for where it is read, known again and cleaned
def parse_stated(value: str | None) -> str | None:
    """A stated date from a field that should hold one: RFC 3339, ISO 8601, RFC 2822, or written out; else None."""
    value = (value or "").strip()
    if _ISO_DAY_ALONE.fullmatch(value):
        return value if _day(value) else None
    moment = _machine_written(value)
    if moment is None:
        found = find_stated(value)
        return found[0] if found else None
    return moment.isoformat(timespec="seconds") if _FIRST <= moment.year < _BEYOND else None


def instant(stated: str | None) -> datetime | None:
    """The first instant that a stated date can mean, in UTC (a missing zone is read as UTC); None if undated."""
    if stated is None:
        return None
    try:
        moment = datetime.fromisoformat(stated)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def day(stated: str | None) -> str | None:
    """The day of a stated date, in the zone that it was stated in."""
    return stated[:10] if stated else None


def utc_text(moment: datetime) -> str:
    """A moment as `2024-10-22T06:30:00Z`."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def parse_age(text: str) -> timedelta:
    """`24h`, `3d`, `90m`, `2w` as a duration. Raises ValueError otherwise."""
    match = re.fullmatch(r"(\d{1,6})\s*([mhdw])", text.strip().lower())
    if not match:
        raise ValueError(f"{text!r} is no age: write a number and m, h, d or w, such as 24h or 7d")
    unit = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}[match[2]]
    return timedelta(**{unit: int(match[1])})


def age_text(age: timedelta) -> str:
    """A duration as `parse_age` reads it, in whole minutes."""
    minutes = round(age.total_seconds() / 60)
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes and minutes % size == 0:
            return f"{minutes // size}{unit}"
    return f"{minutes}m"


def _from_match(match: re.Match[str]) -> str | None:
    part = match.groupdict()
    if part["d1"]:
        year, month, number = part["y1"], MONTHS[part["m1"].lower()], part["d1"]
    elif part["d2"]:
        year, month, number = part["y2"], MONTHS[part["m2"].lower()], part["d2"]
    else:
        year, month, number = part["y3"], int(part["m3"]), part["d3"]
    try:
        if not _FIRST <= int(year) < _BEYOND:
            return None
        return date(int(year), month, int(number)).isoformat() + _time_of(part)
    except ValueError:
        return None


def _time_of(part: Mapping[str, str | None]) -> str:
    """`T14:30:00`, with the zone if one is stated; empty where no sound time is."""
    if not part["hour"]:
        return ""
    hour, minute, second = int(part["hour"]), int(part["minute"] or 0), int(part["second"] or 0)
    half = (part["half"] or "").lower()[:1]
    if half:
        hour = hour % 12 + (12 if half == "p" else 0) if 1 <= hour <= 12 else 24
    if hour > 23 or minute > 59 or second > 59:
        return ""
    zone = (part["zone"] or "").upper()
    if zone in ("Z", "UTC", "GMT"):
        zone = "+00:00"
    elif zone and ":" not in zone:
        zone = f"{zone[:3]}:{zone[3:]}"
    return f"T{hour:02}:{minute:02}:{second:02}{zone}"


def _day(value: str) -> date | None:
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _machine_written(value: str) -> datetime | None:
    """A moment in ISO 8601 or RFC 2822, without zone where none is known."""
    if len(value) > len("2024-01-10"):  # what is shorter states no more than a day
        with suppress(ValueError):
            return datetime.fromisoformat(value)
    with suppress(ValueError, TypeError, IndexError, OverflowError):
        moment = parsedate_to_datetime(value)
        return moment.replace(tzinfo=None) if value.endswith("-0000") else moment  # RFC 2822: no zone is known
    return None


@dataclass(frozen=True, slots=True)
class Clock:
    """The run's one clock. `fixed` means that the moment was given, so that nothing may tell how long a run took."""

    now: datetime
    fixed: bool
    started: float = 0.0

    @property
    def day(self) -> str:
        """The day in the clock's own zone."""
        return self.now.date().isoformat()

    def seconds(self) -> float | None:
        """Seconds since the clock was read, rounded to hundredths; None under a fixed clock."""
        return None if self.fixed else round(time.monotonic() - self.started, 2)


def clock(environment: Mapping[str, str]) -> Clock:
    """The time now, or what `SOURCE_DATE_EPOCH` fixes it to (seconds since 1970, UTC).

    Raises ValueError where that variable holds anything else.
    """
    told = environment.get("SOURCE_DATE_EPOCH")
    if told is None:
        return Clock(datetime.now().astimezone(), fixed=False, started=time.monotonic())
    try:
        return Clock(datetime.fromtimestamp(int(told), UTC), fixed=True)
    except (ValueError, OverflowError, OSError) as error:
        raise ValueError(f"SOURCE_DATE_EPOCH={told!r} is no time: give whole seconds since 1970") from error
