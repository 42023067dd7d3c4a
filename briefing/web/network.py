"""Sockets: names asked for once, every address judged, and every operation held to the deadline.

httpcore2 hands on the `timeout` that a request carries. Here it is no duration, which would start anew with every byte,
but the point of `time.monotonic` at which the request ends.
"""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

import httpcore2

from briefing.web.addresses import Address, Intranet
from briefing.web.asking import Resolve
from briefing.web.deadline import overdue, until
from briefing.web.encryption import why_refused
from briefing.web.failures import Fault
from briefing.web.resolving import addresses_of

TRIED = 6  # addresses of one host
READ = 64 * 1024  # bytes that httpcore2 reads at once

_REASONS = {
    errno.ECONNREFUSED: "the connection was refused: nothing listens there",
    errno.ENETUNREACH: "there is no way to it; is this machine connected?",
    errno.EHOSTUNREACH: "the host cannot be reached",
}


class Network(httpcore2.NetworkBackend):
    """Opens connections to judged addresses alone. `heading` is how many bytes an answer's head may take."""

    def __init__(self, intranet: Intranet, resolve: Resolve, heading: int) -> None:
        self._intranet = intranet
        self._resolve = resolve
        self._heading = heading

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - the seam's signature
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,  # noqa: ARG002 - likewise
    ) -> httpcore2.NetworkStream:
        """A connection to the first address that may be reached and answers.

        Each has an equal share of the time left. Raises Fault: `dns`, `address`, `connection` or `deadline`.
        """
        ends = _point(timeout)
        addresses = self._judged(host, port, addresses_of(host, port, ends, self._resolve))
        for number, address in enumerate(addresses):
            share = until(ends) / (len(addresses) - number)
            try:
                return Stream(dialled(address, port, share), self._heading)
            except OSError as error:
                last = error
        if isinstance(last, TimeoutError):
            raise overdue() from last
        raise Fault("connection", _REASONS.get(last.errno or 0, f"no connection: {last.strerror or last}")) from last

    def _judged(self, host: str, port: int, addresses: Iterable[Address]) -> list[Address]:
        """Those that may be reached, the first `TRIED`. Raises Fault("address") where there is none."""
        reasons = {address: self._intranet.why_not(host, address, port) for address in addresses}
        open_ones = [address for address, reason in reasons.items() if reason is None]
        if not open_ones:
            reason = next(iter(reasons.values()))
            raise Fault("address", f"not asked: {reason}; if it is meant, add {host} to intranet under [fetch]")
        return open_ones[:TRIED]


class Stream(httpcore2.NetworkStream):
    """A connected socket. `ended`: the other side has closed it."""

    def __init__(self, connected: socket.socket, heading: int) -> None:
        self._socket = connected
        self._heading = heading
        self._room: int | None = None  # bytes that the head may still take; None once it has been read
        self._closed = False
        self.ended = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come. Raises Fault: `deadline`, `headers`, or `connection` where it was reset."""
        if self._room is not None and self._room <= 0:
            raise Fault("headers", f"a head of more than {self._heading} bytes")
        try:
            self._socket.settimeout(until(_point(timeout)))
            data = self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise overdue() from error
        except (OSError, ValueError) as error:
            reason = "the client was closed" if self._closed else "the connection was reset"
            raise Fault("connection", reason, again=not self._closed) from error
        if not data and self._closed:  # by another thread: this is no body's end
            raise Fault("connection", "the client was closed")
        self.ended = self.ended or not data
        if self._room is not None:
            self._room -= len(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Sends a request. Where it cannot, an answer may still be there to be read: see httpcore2's `WriteError`."""
        self._room = self._heading + READ
        try:
            self._socket.settimeout(until(_point(timeout)))
            self._socket.sendall(buffer)
        except TimeoutError as error:
            raise overdue() from error
        except (OSError, ValueError) as error:
            raise httpcore2.WriteError(str(error)) from error

    def headed(self) -> None:
        """The head has been read: what comes now is the body, whose reader has a limit of its own."""
        self._room = None

    def close(self) -> None:
        """Ends the connection; a thread that reads from it notices."""
        self._closed = True
        with suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
        with suppress(OSError):
            self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """The same connection, encrypted and verified. Raises Fault: `tls`, `deadline` or `connection`."""
        try:
            self._socket.settimeout(until(_point(timeout)))
            encrypted = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
        except TimeoutError as error:
            fault = overdue()
            fault.__cause__ = error
        except (ssl.SSLError, ValueError) as error:
            fault = Fault("tls", why_refused(error))
            fault.__cause__ = error
        except OSError as error:
            fault = Fault("connection", "the connection was reset before it was encrypted", again=True)
            fault.__cause__ = error
        else:
            return Stream(encrypted, self._heading)
        self.close()
        raise fault

    def get_extra_info(self, info: str) -> Any:
        """What httpcore2 asks for: the negotiated protocol, and whether something has come on an idle connection."""
        if info == "ssl_object":
            return self._socket if isinstance(self._socket, ssl.SSLSocket) else None
        if info == "is_readable":
            return _readable(self._socket)
        return None


def dialled(address: Address, port: int, seconds: float) -> socket.socket:
    """A connected socket; the address is a number, so nothing is resolved again. Raises OSError."""
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    made = socket.socket(family, socket.SOCK_STREAM)
    try:
        made.settimeout(seconds)
        made.connect((str(address), port))
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    except BaseException:
        made.close()
        raise
    return made


def _readable(connected: socket.socket) -> bool:
    """An idle connection on which something came, most often its end."""
    import select

    if connected.fileno() < 0:
        return True
    if hasattr(select, "poll"):
        poll = select.poll()
        poll.register(connected, select.POLLIN)
        return bool(poll.poll(0))
    return bool(select.select([connected], [], [], 0)[0])


def _point(timeout: float | None) -> float:
    if timeout is None:
        raise Fault("deadline", "a request without a deadline")
    return timeout
