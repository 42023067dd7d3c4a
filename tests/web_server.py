"""A raw HTTP server on loopback that answers as it is told, well or badly, with no library between it and the socket.

    with serving({"/feed": reply(b"<rss/>"), "/old": redirect("/feed"), "/slow": drip()}) as site:
        ...  # site.url("/feed")
    assert site.paths == ["/old", "/feed"]

A handler is given the request and the wire; it returns True where the connection stays open. It is called from several
threads. An unknown path is a 404. Nothing of a handler outlives the `with` block: `Wire.rest` and all sends end then.
"""

from __future__ import annotations

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count


@dataclass(frozen=True, slots=True)
class Seen:
    """A request as it came: header names in lower case, connections and requests counted from 1."""

    method: str
    path: str
    headers: Mapping[str, str]
    connection: int
    number: int
    host: str  # the address that was connected to


class Wire:
    """The server's end of a connection."""

    def __init__(self, connected: socket.socket, stop: threading.Event) -> None:
        self._socket = connected
        self._stop = stop

    def send(self, data: bytes) -> None:
        """Raises OSError when the client has closed the connection, or the server ends."""
        if self._stop.is_set():
            raise ConnectionAbortedError
        self._socket.sendall(data)

    def rest(self, seconds: float = 60.0) -> None:
        """Does nothing for so long. Raises OSError when the server ends."""
        if self._stop.wait(seconds):
            raise ConnectionAbortedError

    def reset(self) -> None:
        """Closes with an RST instead of a FIN."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    def until_closed(self) -> None:
        """Returns when the client closes the connection. Raises OSError when the server ends first."""
        self._socket.settimeout(0.05)
        while True:
            with suppress(TimeoutError):
                if not self._socket.recv(4096):
                    return
            self.rest(0.0)


Handler = Callable[[Seen, Wire], bool | None]


@dataclass
class Site:
    """A running server, and what it was asked, in order of arrival."""

    port: int
    scheme: str = "http"
    requests: list[Seen] = field(default_factory=list)
    connections: int = 0
    cut_off: threading.Event = field(default_factory=threading.Event)
    """Set when a client closed a connection while an answer was being sent to it."""

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        return [seen.path for seen in self.requests]


def head(status: int = 200, headers: Mapping[str, str] | Sequence[tuple[str, str]] = ()) -> bytes:
    """A status line and header fields, with the empty line after them."""
    fields = headers.items() if isinstance(headers, Mapping) else headers
    lines = [f"HTTP/1.1 {status} Told", *(f"{name}: {value}" for name, value in fields), "", ""]
    return "\r\n".join(lines).encode("latin-1")


def reply(body: bytes = b"", status: int = 200, headers: Mapping[str, str] | None = None) -> Handler:
    """A whole answer, after which the connection stays open."""
    length = {} if status in (204, 304) else {"Content-Length": str(len(body))}
    data = head(status, {**length, **(headers or {})}) + body

    def handle(_: Seen, wire: Wire) -> bool:
        wire.send(data)
        return True

    return handle


def redirect(location: str, status: int = 302) -> Handler:
    return reply(b"", status, {"Location": location})


def raw(*parts: bytes) -> Handler:
    """These bytes, and then the end of the connection."""

    def handle(_: Seen, wire: Wire) -> None:
        for part in parts:
            wire.send(part)

    return handle


def drip(before: bytes = head(200), drop: bytes = b"x", every: float = 0.02) -> Handler:
    """A byte now and then, for ever."""

    def handle(_: Seen, wire: Wire) -> None:
        wire.send(before)
        while True:
            wire.send(drop)
            wire.rest(every)

    return handle


def hang(before: bytes = b"") -> Handler:
    """So much, and then nothing until the client goes away."""

    def handle(_: Seen, wire: Wire) -> None:
        if before:
            wire.send(before)
        wire.until_closed()

    return handle


def reset(before: bytes = b"", after: float = 0.05) -> Handler:
    """So much, time for it to arrive, and a reset."""

    def handle(_: Seen, wire: Wire) -> None:
        if before:
            wire.send(before)
            wire.rest(after)
        wire.reset()

    return handle


def endless(piece: bytes, before: bytes | None = None) -> Handler:
    """A chunked body without end, as quickly as it is taken."""
    chunk = b"%x\r\n%s\r\n" % (len(piece), piece)

    def handle(_: Seen, wire: Wire) -> None:
        wire.send(before if before is not None else head(200, {"Transfer-Encoding": "chunked"}))
        while True:
            wire.send(chunk)

    return handle


def in_turn(*handlers: Handler) -> Handler:
    """The first handler for the first request, and so on; the last for all others."""
    numbers = count()

    def handle(seen: Seen, wire: Wire) -> bool | None:
        return handlers[min(next(numbers), len(handlers) - 1)](seen, wire)

    return handle


@contextmanager
def serving(
    paths: Mapping[str, Handler] | Handler,
    hosts: Sequence[str] = ("127.0.0.1",),
    tls: ssl.SSLContext | None = None,
) -> Iterator[Site]:
    """A server on one free port of all the addresses given; a handler alone answers every path."""
    stop = threading.Event()
    with ExitStack() as stack:
        listeners = _listening(hosts)
        site = Site(listeners[0].getsockname()[1], "https" if tls is not None else "http")
        threads: list[threading.Thread] = []
        lock = threading.Lock()
        for listener in listeners:
            serve = _Serving(listener, paths, site, tls, stop, lock, threads)
            threads.append(threading.Thread(target=serve.accept, daemon=True))
            threads[-1].start()
        stack.callback(_end, stop, listeners, threads, lock)
        yield site


def _listening(hosts: Sequence[str]) -> list[socket.socket]:
    for _ in range(20):
        made: list[socket.socket] = []
        try:
            for host in hosts:
                family = socket.AF_INET6 if ":" in host else socket.AF_INET
                port = made[0].getsockname()[1] if made else 0
                made.append(socket.create_server((host, port), family=family, backlog=256))
        except OSError:  # the port is taken at another of the addresses
            for listener in made:
                listener.close()
        else:
            return made
    raise OSError("no port is free at all the addresses")


def _end(
    stop: threading.Event, listeners: Sequence[socket.socket], threads: list[threading.Thread], lock: threading.Lock
) -> None:
    stop.set()
    for listener in listeners:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    with lock:
        running = list(threads)
    for thread in running:
        thread.join(5)


class _Serving:
    def __init__(
        self,
        listener: socket.socket,
        paths: Mapping[str, Handler] | Handler,
        site: Site,
        tls: ssl.SSLContext | None,
        stop: threading.Event,
        lock: threading.Lock,
        threads: list[threading.Thread],
    ) -> None:
        self._listener = listener
        self._paths = paths
        self._site = site
        self._tls = tls
        self._stop = stop
        self._lock = lock
        self._threads = threads

    def accept(self) -> None:
        while not self._stop.is_set():
            try:
                connected, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._site.connections += 1
                thread = threading.Thread(target=self._talk, args=(connected, self._site.connections), daemon=True)
                self._threads.append(thread)
            thread.start()

    def _talk(self, connected: socket.socket, number: int) -> None:
        host = connected.getsockname()[0]
        try:
            connected.settimeout(5)
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                connected = self._tls.wrap_socket(connected, server_side=True)
            buffer = b""
            while not self._stop.is_set():
                asked, buffer = self._asked(connected, buffer)
                if asked is None or not self._answer(asked, connected, number, host):
                    return
        except OSError:
            return  # no TLS was agreed on
        finally:
            connected.close()

    def _asked(self, connected: socket.socket, buffer: bytes) -> tuple[bytes | None, bytes]:
        connected.settimeout(0.1)
        while b"\r\n\r\n" not in buffer:
            try:
                data = connected.recv(65536)
            except TimeoutError:
                if self._stop.is_set():
                    return None, b""
                continue
            except OSError:
                return None, b""
            if not data:
                return None, b""
            buffer += data
        asked, _, left = buffer.partition(b"\r\n\r\n")
        connected.settimeout(5)
        return asked, left

    def _answer(self, asked: bytes, connected: socket.socket, connection: int, host: str) -> bool:
        line, *fields = asked.decode("latin-1").split("\r\n")
        method, path, _ = line.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (field.partition(":") for field in fields)}
        with self._lock:
            seen = Seen(method, path, headers, connection, len(self._site.requests) + 1, host)
            self._site.requests.append(seen)
        handler = self._paths if callable(self._paths) else self._paths.get(path, reply(b"", 404))
        try:
            return bool(handler(seen, Wire(connected, self._stop)))
        except OSError:
            if not self._stop.is_set():
                self._site.cut_off.set()
            return False
