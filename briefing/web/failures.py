"""What goes wrong on the way to an answer, before it is told as a `WebError`."""

from __future__ import annotations

import re
import time
from datetime import UTC
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from briefing.web.asking import WebError, WebFailure

SHORTEST, LONGEST = 1.0, 24 * 3600.0  # seconds that a server may ask us to wait
SHOWN = 200  # characters of an address in a message

_PASSING = frozenset((500, 502, 503, 504))
_SECONDS = re.compile(r"[+-]?\d+(\.\d+)?")
_USERINFO = re.compile(r"^(\s*[a-zA-Z][a-zA-Z0-9+.-]*:)?([/\\]*)[^/?#]*@")
_LOOSE = re.compile(
    r"^(\s*[a-zA-Z][a-zA-Z0-9+.-]*:)?(//)[^/?#@\[\]]*:(?!\d*(?:[/?#]|$)).*@", re.DOTALL
)  # p/ss, unquoted
_FIX = {
    401: "give a user name and password in the address",
    407: "the server takes itself for a proxy",
    410: "it is gone for good: remove it from the sources",
    429: "it was asked too often",
}


class Fault(Exception):
    """Something went wrong, and `kind` says what; `again` where another try may go well."""

    def __init__(
        self,
        kind: WebFailure,
        reason: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        again: bool = False,
    ) -> None:
        super().__init__(reason)
        self.kind = kind
        self.reason = reason
        self.status = status
        self.retry_after = retry_after
        self.again = again
        self.at: str | None = None  # where a redirect had led by then

    def told(self, url: str, seconds: float) -> WebError:
        """The error as the caller of `url` gets it, who gave it so many seconds."""
        way = f" (redirected to {shown(self.at)})" if self.at is not None else ""
        given = f" ({seconds:g} s)" if self.kind == "deadline" else ""
        message = f"{shown(url)}{way}: {self.reason}{given}"
        elsewhere = self.at is not None
        return WebError(self.kind, message, status=self.status, retry_after=self.retry_after, elsewhere=elsewhere)


class Cut(Fault):
    """The connection ended before the body did: what came may still be of use."""

    def __init__(self) -> None:
        super().__init__("connection", "the connection was closed before the whole answer had come", again=True)


def shown(url: str) -> str:
    """The address as a message may print it: without credentials and control characters, and not for pages."""
    bare = _USERINFO.sub(r"\1\2", _LOOSE.sub(r"\1\2", url))
    printable = "".join(character if character.isprintable() else "\N{REPLACEMENT CHARACTER}" for character in bare)
    return printable if len(printable) <= SHOWN else f"{printable[: SHOWN - 1]}…"


def refused_by(status: int, retry_after: str | None) -> Fault:
    """The fault of an answer with `status`, given its Retry-After field."""
    try:
        reason = f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        reason = str(status)
    wait = seconds_to_wait(retry_after)
    again = status in _PASSING and wait is None
    notes = [_FIX[status]] if status in _FIX else []
    notes += [f"it asks to wait for {wait:.0f} s"] if wait is not None else []
    return Fault("status", "; ".join([reason, *notes]), status=status, retry_after=wait, again=again)


def seconds_to_wait(field: str | None) -> float | None:
    """What Retry-After asks for (RFC 9110, 10.2.3), between 1 s and 24 h; None where it says nothing readable."""
    if field is None:
        return None
    text = field.strip()
    if _SECONDS.fullmatch(text):
        wanted = float(text)
    else:
        try:
            moment = parsedate_to_datetime(text)
            aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            wanted = aware.timestamp() - time.time()
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    return min(max(wanted, SHORTEST), LONGEST)
