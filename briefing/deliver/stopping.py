"""SIGTERM and SIGINT while mail goes out: end after the message under way, and at once where that takes too long."""

from __future__ import annotations

import os
import signal
import threading
from types import FrameType
from typing import Any, Self

PATIENCE = 5.0  # seconds that a message under way has to end


class Stop:
    """While it is entered, the first of these signals is only noted in `asked`; the second, or time, interrupts.

    Who entered it ends the program then, with exit code 128 and the signal's number. Outside the main thread, where
    signals cannot be caught, it does nothing.
    """

    def __init__(self) -> None:
        self.asked = 0
        self._before: dict[int, Any] = {}
        self._timer: threading.Timer | None = None

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                self._before[number] = signal.signal(number, self._asked)
        return self

    def __exit__(self, *_: object) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _asked(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature is theirs
        if self.asked:
            raise KeyboardInterrupt if number == signal.SIGINT else SystemExit(128 + number)
        self.asked = number
        self._timer = threading.Timer(PATIENCE, os.kill, (os.getpid(), number))
        self._timer.daemon = True
        self._timer.start()
