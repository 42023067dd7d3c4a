"""One GET to an address that the settings name: bounded in time and size, following nothing."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from briefing.web.encryption import trusting_the_system, why_refused

SECONDS = 10.0
_LARGEST = 1_000_000  # octets of an answer


class Unreachable(Exception):
    """No answer, and why, in words without the address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of any status."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def date(self) -> datetime | None:
        """When the server says that it is; None where it does not."""
        try:
            stated = parsedate_to_datetime(self.headers.get("date") or "")
        except (ValueError, TypeError, IndexError):
            return None
        return stated if stated.tzinfo is not None else stated.replace(tzinfo=UTC)


def get(url: str, headers: Mapping[str, str] | None = None) -> Answer:
    """The answer, of at most `_LARGEST` octets, within `SECONDS`. Raises Unreachable, UsageError."""
    import httpx2

    ends = time.monotonic() + SECONDS
    sent = {"Accept-Encoding": "identity", **(headers or {})}
    try:
        with (
            httpx2.Client(timeout=SECONDS, verify=trusting_the_system()) as client,
            client.stream("GET", url, headers=sent) as response,
        ):
            body = b""
            for piece in response.iter_raw():
                body += piece
                if len(body) > _LARGEST or time.monotonic() > ends:
                    raise Unreachable("its answer has no end")
            return Answer(response.status_code, response.headers, body)
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
        raise Unreachable(_why(error)) from None  # what is raised may hold the headers


def _why(error: BaseException) -> str:
    import httpx2

    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return why_refused(cause)
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, httpx2.ConnectTimeout):
        return f"no connection within {SECONDS:g} s"
    if isinstance(error, httpx2.TimeoutException):
        return f"no answer within {SECONDS:g} s"
    if isinstance(error, httpx2.ConnectError):
        return f"no connection ({error})"
    return type(error).__name__ + (f": {error}" if isinstance(error, httpx2.TransportError | httpx2.InvalidURL) else "")
