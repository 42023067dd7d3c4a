"""From a host's name to its addresses, within a deadline that the system's resolver does not know of."""

from __future__ import annotations

import socket
import threading
from collections.abc import Sequence
from ipaddress import ip_address
from queue import Empty, SimpleQueue

from briefing.web.addresses import Address
from briefing.web.asking import Resolve
from briefing.web.deadline import until
from briefing.web.failures import Fault

_NOT_FOUND = frozenset(
    getattr(socket, name) for name in ("EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY") if hasattr(socket, name)
)


def by_system(host: str, port: int) -> Sequence[str]:
    """What the system's resolver says, in its order, each address once. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def addresses_of(host: str, port: int, ends: float, resolve: Resolve) -> tuple[Address, ...]:
    """The addresses of a host, asked for once; a host that is an address is not asked for.

    `ends` is a point of `time.monotonic`. The question runs in a daemon thread, left behind when it takes longer.
    Raises Fault("dns"), whose reason says whether the name is unknown, its server failed, or nobody answered in time.
    """
    try:
        return (ip_address(host),)
    except ValueError:
        pass
    answered: SimpleQueue[Sequence[str] | Exception] = SimpleQueue()

    def ask() -> None:
        try:
            answered.put(resolve(host, port))
        except Exception as error:  # noqa: BLE001 - it is told where it is waited for
            answered.put(error)

    left = until(ends)
    threading.Thread(target=ask, name=f"name of {host}", daemon=True).start()
    try:
        answer = answered.get(timeout=left)
    except Empty:
        raise Fault("dns", f"no name server answered in time for {host}") from None
    if isinstance(answer, Exception):
        raise Fault("dns", _reason(host, answer)) from answer
    try:
        addresses = tuple(ip_address(text) for text in answer)
    except ValueError as error:
        raise Fault("dns", f"the name server's answer for {host} is no address") from error
    if not addresses:
        raise Fault("dns", f"{host} has no address")
    return addresses


def _reason(host: str, error: Exception) -> str:
    if isinstance(error, socket.gaierror) and error.errno in _NOT_FOUND:
        return f"the name {host} was not found; check its spelling"
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return f"the name servers failed to answer for {host}, or cannot be reached; try later"
    return f"the name server failed for {host}: {error}"
