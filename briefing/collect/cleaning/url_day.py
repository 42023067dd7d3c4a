"""The day that an address states in its path, as most news sites write it: `/2024/01/10/ferry-hits-pier`."""

from __future__ import annotations

import re
from datetime import date
from urllib.parse import urlsplit

_YEAR, _MONTH, _DAY = r"((?:19|20)\d{2})", r"(0?[1-9]|1[0-2])", r"(0?[1-9]|[12]\d|3[01])"
_YEAR_FIRST = (
    re.compile(rf"/{_YEAR}/{_MONTH}/{_DAY}(?=/|$)"),
    re.compile(rf"[/_.-]{_YEAR}([_.-]){_MONTH}\2{_DAY}(?=[/_.-]|$)"),
    re.compile(r"[/_-](20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=[/_.-]|$)"),
)
# A day that can be no month: written in this order it means the same in every country.
_DAY_FIRST = re.compile(rf"[/_-](1[3-9]|2\d|3[01])([_.-]){_MONTH}\2{_YEAR}(?=[/_.-]|$)")


def read(url: str | None) -> str | None:
    """The only day in the path of `url`, as `2024-01-10`; None where it holds none, several, or an impossible one."""
    if not url:
        return None
    try:
        path = urlsplit(url).path
    except ValueError:
        return None
    found = {
        _day(*(part for part in match.groups() if part.isdigit()))
        for pattern in _YEAR_FIRST
        for match in pattern.finditer(path)
    }
    for match in _DAY_FIRST.finditer(path):
        number, month, year = (part for part in match.groups() if part.isdigit())
        found.add(_day(year, month, number))
    return found.pop() if len(found) == 1 else None


def _day(year: str, month: str, number: str) -> str | None:
    try:
        return date(int(year), int(month), int(number)).isoformat()
    except ValueError:
        return None
