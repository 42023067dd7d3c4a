"""HTTP/1.1 over the judged network: a transport of httpx2 around the connection pool of httpcore2."""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Iterator

import httpcore2
import httpx2

from briefing.web.addresses import Intranet
from briefing.web.asking import Limits, Resolve
from briefing.web.encryption import trusting_the_system
from briefing.web.failures import Cut, Fault
from briefing.web.network import Network, Stream

IDLE = 15.0  # seconds that a connection is kept open for the next request
KEPT_OPEN = 32  # connections
LONGEST_ANSWER = "Receive buffer too long"  # how h11 says that a head does not end


class Transport(httpx2.BaseTransport):
    """One request and its answer. Follows, decodes and repeats nothing. Raises Fault, and so does reading the body.

    A request's extension `timeout` holds the point of `time.monotonic` at which it ends, as `{"read": ..., ...}`.
    """

    def __init__(self, limits: Limits, intranet: Intranet, resolve: Resolve, verify: ssl.SSLContext | None) -> None:
        self._limits = limits
        self._pool = httpcore2.ConnectionPool(
            ssl_context=verify if verify is not None else trusting_the_system(),
            max_connections=None,
            max_keepalive_connections=KEPT_OPEN,
            keepalive_expiry=IDLE,
            network_backend=Network(intranet, resolve, limits.header_bytes),
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """The head of the answer; its body is read from the stream."""
        asked = httpcore2.Request(
            method=request.method,
            url=httpcore2.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=b"",
            extensions=request.extensions,
        )
        try:
            answered = self._pool.handle_request(asked)
        except (httpcore2.ProtocolError, httpcore2.NetworkError, httpcore2.TimeoutException) as error:
            raise _fault(error) from error
        stream = answered.extensions.get("network_stream")
        try:
            self._check(answered.headers)
        except Fault:
            answered.close()
            raise
        if isinstance(stream, Stream):
            stream.headed()
        return httpx2.Response(
            status_code=answered.status,
            headers=answered.headers,
            stream=_Body(answered, stream if isinstance(stream, Stream) else None),
        )

    def close(self) -> None:
        """Closes every connection, those in use too."""
        self._pool.close()

    def _check(self, fields: list[tuple[bytes, bytes]]) -> None:
        if len(fields) > self._limits.headers:
            raise Fault("headers", f"more than {self._limits.headers} header fields")
        if sum(len(name) + len(value) + 4 for name, value in fields) > self._limits.header_bytes:
            raise Fault("headers", f"header fields of more than {self._limits.header_bytes} bytes")


class _Body(httpx2.SyncByteStream):
    def __init__(self, answered: httpcore2.Response, stream: Stream | None) -> None:
        self._answered = answered
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        pieces = self._answered.stream
        if not isinstance(pieces, Iterable):
            raise Fault("protocol", "an answer without a body to read")
        try:
            yield from pieces
        except httpcore2.RemoteProtocolError as error:
            raise (Cut() if self._stream is not None and self._stream.ended else _fault(error)) from error
        except (httpcore2.ProtocolError, httpcore2.NetworkError, httpcore2.TimeoutException) as error:
            raise _fault(error) from error

    def close(self) -> None:
        self._answered.close()


def _fault(error: Exception) -> Fault:
    text = str(error)
    if isinstance(error, httpcore2.RemoteProtocolError) and "disconnected" in text:
        return Fault("connection", "the connection was closed without an answer", again=True)
    if LONGEST_ANSWER in text:
        return Fault("headers", "a head that does not end")
    if isinstance(error, httpcore2.NetworkError):
        return Fault("connection", "the connection was reset", again=True)
    return Fault("protocol", f"no answer of HTTP: {text.partition(': ')[0][:200]}")
