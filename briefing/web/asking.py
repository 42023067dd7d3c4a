"""What is asked of the web, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from briefing.errors import BriefingError

WebFailure = Literal[
    "deadline",  # no whole answer in the time given
    "connection",  # refused, unreachable, reset, closed before it answered
    "dns",  # the name was not found, its server failed, or did not answer in time
    "tls",  # the certificate or the protocol would not do
    "address",  # malformed, or not an address of the public internet
    "scheme",  # neither http nor https, or from https down to http
    "redirects",  # too many, in a circle, or to nowhere
    "size",  # longer than may be read
    "headers",  # too many header fields, or too long
    "coding",  # compressed in a way that was not asked for, or that does not decode
    "status",  # any status but 200 and 304
    "robots",  # robots.txt does not allow it
    "robots-unread",  # the host answered, but its robots.txt could not be read: nothing is allowed for now
    "protocol",  # no HTTP, or an answer that makes no sense
]
"""Why an address gave nothing."""

UNANSWERED: frozenset[WebFailure] = frozenset(("deadline", "connection", "dns", "tls", "address"))
"""What fails at a host that does not answer, whatever it is asked for."""

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host (ASCII, no final dot) for a port, as text. Raises OSError, `socket.gaierror` as a rule."""


class WebError(BriefingError):
    """One address gave nothing: `kind` says why, `status` is the HTTP status where there was one.

    `retry_after` is how many seconds the server asked to wait, between 1 s and 24 h; None where it did not say. The
    message names the address that was asked for, without credentials. `elsewhere`: it failed where a redirect led.
    Where a robots.txt could not be had, as its host does not answer, `kind` says how that failed, as for any address.
    """

    def __init__(
        self,
        kind: WebFailure,
        message: str,
        *,
        status: int | None = None,
        retry_after: float | None = None,
        elsewhere: bool = False,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.status = status
        self.retry_after = retry_after
        self.elsewhere = elsewhere


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A GET. `limit` is in bytes after decoding.

    `etag` and `last_modified` are what an earlier answer had: the same again is a 304. User name and password in `url`
    are sent as Basic authentication, to its own host alone. With `robots`, as for pages, robots.txt is obeyed.
    """

    url: str
    limit: int = 10 * 1024 * 1024
    etag: str | None = None
    last_modified: str | None = None
    accept: str = "*/*"
    robots: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A 200 with its decoded bytes, or a 304 without any.

    `url` is the address that answered, `moved` where the permanent redirects (301, 308) before any other led, None
    where the first was temporary or there was none. Both are without fragment and credentials. `content_type` is the
    media type in lower case, `charset` what Content-Type says of it. A 304 without `etag` or `last_modified` has those
    of the ask. `damaged`: the transfer ended before its end, and `data` is what came. `to_all`: where robots.txt was
    asked for, too, it is the same, as a host answers that has one page for every address.
    """

    status: int
    url: str
    moved: str | None = None
    data: bytes = b""
    content_type: str | None = None
    charset: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    damaged: bool = False
    to_all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an ask may take, and whom it may reach.

    `timeout` is seconds for all of an ask: names, redirects, tries, waits between them and every byte; waiting for the
    host's turn is not in it. `headers` counts fields, `header_bytes` their bytes. `pause` is seconds from the end of a
    request to the next one to the same public host. `intranet` lists hosts that may be reached although they are not
    public: names, addresses and networks (`wiki.corp`, `127.0.0.1`, `10.0.0.0/8`), each on any port, or on the one
    that it ends in (`wiki.corp:8000`, `[::1]:8000`). `contact` is added to the User-Agent.
    """

    timeout: float = 30.0
    redirects: int = 5
    headers: int = 200
    header_bytes: int = 64 * 1024
    pause: float = 1.0
    intranet: frozenset[str] = frozenset()
    contact: str | None = None
