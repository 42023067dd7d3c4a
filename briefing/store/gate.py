"""The work under way on a database: who may begin, and waiting for its end."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from briefing.store.failures import StoreError

_AT_EXIT = 5.0  # seconds to wait at the end for work under way


class Gate:
    """Counts the work under way: SQLite does not survive a connection that is closed while another thread uses it."""

    def __init__(self) -> None:
        self._idle = threading.Condition()
        self._running = 0
        self._shut = False

    @contextmanager
    def passed(self, place: str) -> Iterator[None]:
        """Count as work under way. Raises StoreError once it is shut."""
        with self._idle:
            if self._shut:
                raise StoreError(f"{place} is closed")
            self._running += 1
        try:
            yield
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()

    def shut(self) -> bool:
        """Let none begin any more; whether all that was under way has ended."""
        with self._idle:
            self._shut = True
            return self._idle.wait_for(lambda: self._running == 0, _AT_EXIT)
