"""Trying again: what may well succeed at the next try is tried, within one deadline for tries and waits together."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from itertools import chain, repeat
from typing import TYPE_CHECKING

from briefing.errors import Failure, ModelError
from briefing.llm import Attempt
from briefing.llm.failures import Cut
from briefing.ports import Reply, Request

if TYPE_CHECKING:
    from tenacity import RetryCallState

BASE = 0.5  # seconds: the longest first wait; it doubles with every try
LONGEST = 8.0  # seconds: the longest wait that no server asked for

FIRST = 0.6  # of the deadline that the first try may take, so that one which hangs leaves time for another

_PASSING: frozenset[Failure] = frozenset(("timeout", "connection", "busy", "server"))


class Patient:
    """A `Provider` that tries `attempt` up to `tries` times within `deadline` seconds, waits included.

    The first try may take `FIRST` of it.

    Waits are random between 0 and a bound that doubles ("full jitter", Brooker, "Exponential backoff and jitter",
    2015), or as long as the server asked. Where a wait would pass the deadline, the last error is raised at once. When
    `stop` is set, waiting ends and no further try is made. `sleep` and `clock` stand in for the real ones in tests.
    """

    def __init__(
        self,
        attempt: Attempt,
        deadline: float = 120.0,
        tries: int = 6,
        stop: threading.Event | None = None,
        *,
        sleep: Callable[[float], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._attempt = attempt
        self._deadline = deadline
        self._tries = tries
        self._stop = stop if stop is not None else threading.Event()
        self._sleep = sleep
        self._clock = clock

    def __call__(self, request: Request) -> Reply:
        """The reply of the first try that has one. Raises the ModelError of the last."""
        from tenacity import Retrying, retry_if_exception, sleep_using_event

        ends = self._clock() + self._deadline
        shares = chain([FIRST] if self._tries > 1 else [], repeat(1.0))

        def over(state: RetryCallState) -> bool:
            passed = self._clock() + state.upcoming_sleep >= ends
            return passed or state.attempt_number >= self._tries

        retrying = Retrying(
            retry=retry_if_exception(_passes),
            wait=_wait,
            stop=over,
            sleep=self._sleep if self._sleep is not None else sleep_using_event(self._stop),
            reraise=True,
        )
        return retrying(self._once, request, ends, shares)

    def _once(self, request: Request, ends: float, shares: Iterator[float]) -> Reply:
        if self._stop.is_set():
            raise ModelError("timeout", "the run was stopped")
        return self._attempt(request, (ends - self._clock()) * next(shares))


def _passes(error: BaseException) -> bool:
    return isinstance(error, Cut) or (isinstance(error, ModelError) and error.kind in _PASSING)


def _wait(state: RetryCallState) -> float:
    from tenacity import wait_random_exponential

    jittered = float(wait_random_exponential(multiplier=BASE, max=LONGEST)(state))
    error = state.outcome.exception() if state.outcome is not None else None
    asked = error.retry_after if isinstance(error, ModelError) else None
    return max(jittered, asked or 0.0)
