"""One request to a host at a time, and a pause between two."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from briefing.web.deadline import Deadline
from briefing.web.failures import Fault


class Turns:
    """Whose turn it is at each host and port. Shared by threads; a turn ends with its `with` block."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hosts: dict[tuple[str, int], _Host] = {}
        self._closed = threading.Event()

    @contextmanager
    def turn(self, host: str, port: int, pause: float, deadline: Deadline) -> Iterator[None]:
        """The turn at a host, no sooner than `pause` seconds after the last one there ended.

        `deadline` is moved on by the wait. Raises Fault("connection") when `close` was called before it came.
        """
        began = time.monotonic()
        with self._lock:
            state = self._hosts.setdefault((host, port), _Host())
        with state.lock:
            left = state.ended + pause - time.monotonic()
            if self._closed.wait(left) if left > 0 else self._closed.is_set():
                raise closed()
            deadline.extend(time.monotonic() - began)
            try:
                yield
            finally:
                state.ended = time.monotonic()

    def close(self) -> None:
        """Ends every wait: no turn is given any more."""
        self._closed.set()

    @property
    def closed(self) -> bool:
        """Whether `close` was called."""
        return self._closed.is_set()


class _Host:
    __slots__ = ("ended", "lock")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.ended = float("-inf")  # when the last turn did


def closed() -> Fault:
    """What is raised of a client that was closed."""
    return Fault("connection", "not asked: the client was closed")
