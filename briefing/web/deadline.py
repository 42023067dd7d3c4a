"""How long an ask may still take."""

from __future__ import annotations

import time

from briefing.web.failures import Fault


class Deadline:
    """A point in time, `seconds` from now, that waiting for others moves on. Of one thread."""

    def __init__(self, seconds: float) -> None:
        self.ends = time.monotonic() + seconds

    def extend(self, seconds: float) -> None:
        """Time that does not count."""
        self.ends += seconds

    def left(self) -> float:
        """Seconds left; none or less when it is over."""
        return self.ends - time.monotonic()


def until(ends: float) -> float:
    """Seconds until the point `ends` of `time.monotonic`, more than 0. Raises Fault("deadline") when it has passed."""
    left = ends - time.monotonic()
    if left <= 0:
        raise overdue()
    return left


def overdue() -> Fault:
    """What is raised when an ask's time is over."""
    return Fault("deadline", "no whole answer in the time given")
