"""A deadline for a whole call: what drips bytes, or never answers, is left behind."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import TypeVar

from briefing.errors import ModelError

T = TypeVar("T")

TICK = 0.1  # seconds between two looks at whether the run was stopped

_own = threading.local()


def within(seconds: float, function: Callable[[], T], stop: threading.Event | None = None) -> T:
    """What `function` returns or raises, if it does so within `seconds`.

    It runs in a daemon thread of its own, which is left behind when its time is over: it may ask `left` whether anybody
    still waits, and never holds up the end of the process. Raises ModelError("timeout") when it did not end in time or
    `stop` was set before it did.
    """
    ended: SimpleQueue[tuple[bool, T | BaseException]] = SimpleQueue()
    ends = time.monotonic() + seconds

    def run() -> None:
        _own.ends = ends
        try:
            ended.put((True, function()))
        except BaseException as error:  # noqa: BLE001 - it is raised again where it is waited for
            ended.put((False, error))

    threading.Thread(target=run, name="model call", daemon=True).start()
    while True:
        if stop is not None and stop.is_set():
            raise ModelError("timeout", "the run was stopped before the endpoint answered")
        remaining = ends - time.monotonic()
        try:
            well, outcome = ended.get(timeout=max(0.0, remaining if stop is None else min(remaining, TICK)))
        except Empty:
            if remaining > TICK:
                continue
        else:
            break
        if time.monotonic() >= ends:
            raise overdue(seconds)
    if well:
        return outcome  # type: ignore[return-value]  # the flag says which of the two it is
    raise outcome  # type: ignore[misc]  # likewise


def left() -> float:
    """Seconds left to the function that `within` runs in this thread; without end outside of one."""
    return float(getattr(_own, "ends", float("inf"))) - time.monotonic()


def overdue(seconds: float) -> ModelError:
    """What is raised when a call's time is over."""
    return ModelError("timeout", f"the endpoint gave no whole answer within {seconds:.3g} s")
