"""The server on its port, until a signal ends it."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from types import FrameType
from typing import Any

import uvicorn
from starlette.applications import Starlette

from briefing.errors import UsageError

_LONGEST_LINE = 16 * 1024  # octets of a request's head
_AT_ONCE = 200  # connections; more are told to come back
_LEAVE = 10  # seconds for answers under way when it ends


def server_of(program: Starlette) -> uvicorn.Server:
    """A server that writes down nothing of what it is asked, and believes no header of who asks."""
    return uvicorn.Server(
        uvicorn.Config(
            program, access_log=False, log_config=None, log_level="error", server_header=False, proxy_headers=False,
            lifespan="off", ws="none", http="h11", h11_max_incomplete_event_size=_LONGEST_LINE,
            limit_concurrency=_AT_ONCE, timeout_keep_alive=5, timeout_graceful_shutdown=_LEAVE,
        )
    )  # fmt: skip


def bound(host: str, port: int) -> socket.socket:
    """A socket that listens there; port 0 is any free one. Raises UsageError where that cannot be."""
    try:
        family, _, _, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        return socket.create_server((str(place[0]), port), family=family, backlog=256)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno and error.errno > 0 else error.strerror  # of a name: below 0
        raise UsageError(
            f"cannot listen at {host}, port {port}: {why}; choose others with --host and --port"
        ) from error


def place_of(listener: socket.socket) -> str:
    """The address that the socket is asked by."""
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def run(program: Starlette, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT; what is being answered then is answered. Must be called in the main thread."""
    server = server_of(program)

    def ended(_number: int, _frame: FrameType | None) -> None:
        """What uvicorn raises again when all is done, and what comes before it listens for signals itself."""
        server.should_exit = True

    before: dict[int, Callable[..., Any] | int | None] = {
        number: signal.signal(number, ended) for number in (signal.SIGTERM, signal.SIGINT)
    }
    try:
        server.run(sockets=[listener])
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        listener.close()
