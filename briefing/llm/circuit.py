"""A circuit breaker: an endpoint that is down is left alone, so that a run without it still ends on time.

After Nygard, "Release It!" (2007): closed, open, half open. Here it opens for good after a few failed probes, for a run
has an end, and every event can be told without the model.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from briefing.errors import Failure, ModelError
from briefing.llm import Attempt
from briefing.ports import Reply, Request

TICK = 0.05  # seconds between two looks of a caller that waits
GROWTH = 4.0  # how much longer the wait before every further probe is
SECOND_LOOKS = 2  # further tries of a probe that a live, if failing, server answered

# What says that the endpoint is down, that nothing later in this run can succeed, and that it was never asked.
BUSIEST = 20  # answers in a row that it is busy, each waited for, after which a run does without the endpoint

_DOWN: frozenset[Failure] = frozenset(("timeout", "connection", "server", "body"))
_FINAL: frozenset[Failure] = frozenset(("key", "quota", "model"))
_UNASKED: frozenset[Failure] = frozenset(("cap", "rehearsal", "circuit"))
_ANSWERED: frozenset[Failure] = frozenset(("server", "body"))


class Circuit:
    """An `Attempt` that stops asking an endpoint which failed `failures` times in a row; several threads share it.

    Then callers wait, within their own seconds, for `cooldown` seconds, one of them probes, and success lets all go on.
    Every failed probe makes the next wait four times as long; after `probes` of them no more are made in this run, and
    every call raises ModelError("circuit"). Errors of kind `key`, `quota` and `model` are final at once, `busy` after
    `BUSIEST` in a row: later calls get the same error, unasked. An answer of any other kind, the first `busy` included,
    shows a live endpoint and ends the count.
    When `stop` is set, nobody waits any longer. `clock` and `sleep` stand in for the real ones in tests.
    """

    def __init__(
        self,
        attempt: Attempt,
        failures: int = 5,
        cooldown: float = 2.0,
        probes: int = 2,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        stop: threading.Event | None = None,
    ) -> None:
        self._attempt = attempt
        self._failures = failures
        self._cooldown = cooldown
        self._probes = probes
        self._clock = clock
        self._sleep = sleep
        self._stop = stop
        self._lock = threading.Lock()
        self._close()
        self._final: tuple[Failure, str] | None = None

    def _close(self) -> None:
        self._row = 0  # failures since the last sign of life
        self._busy = 0  # answers that it is busy since the last of another kind
        self._last = ""  # what the last of them said
        self._opens: float | None = None  # when a probe may be made; None where the circuit is closed
        self._probing = False
        self._failed_probes = 0
        self._looks = 0  # tries of the present probe

    def __call__(self, request: Request, seconds: float) -> Reply:
        """What the attempt returns or raises; ModelError without asking while the circuit is open."""
        ends = self._clock() + seconds
        probe = self._admitted(ends)
        try:
            reply = self._attempt(request, self._left(ends))
        except ModelError as error:
            self._failed(error, probe=probe)
            if self._final is not None and error.kind in _DOWN:
                raise ModelError(*self._final) from None  # so that nobody waits to try again
            raise
        except BaseException:
            self._release(probe=probe)
            raise
        with self._lock:
            self._close()
        return reply

    def _left(self, ends: float) -> float:
        """Seconds left for a try. Raises ModelError where there are none."""
        left = ends - self._clock()
        if left <= 0:
            raise ModelError("circuit", f"no time was left to ask the endpoint again: {self._last or 'it is slow'}")
        return left

    def _admitted(self, ends: float) -> bool:
        """Waits until a call may be made; whether it is a probe. Raises ModelError where none may be made in time."""
        while True:
            with self._lock:
                if self._final is not None:
                    raise ModelError(*self._final)
                if self._opens is None:
                    return False
                now = self._clock()
                if now >= self._opens and not self._probing:
                    self._probing = True
                    return True
                until = min(ends, max(self._opens, now + TICK))
            if now >= ends or (self._stop is not None and self._stop.is_set()):
                raise ModelError("circuit", f"the endpoint is left alone for now: {self._last}")
            self._sleep(min(TICK, until - now))

    def _failed(self, error: ModelError, *, probe: bool) -> None:
        with self._lock:
            if error.kind in _FINAL:
                self._final = self._final or (error.kind, str(error))
            elif error.kind == "busy":
                busy = self._busy + 1
                self._close()
                self._busy = busy
                if busy >= BUSIEST:
                    self._final = ("busy", f"the endpoint was busy {busy} times in a row: {error}")
            elif error.kind not in _DOWN and error.kind not in _UNASKED:
                self._close()
            elif error.kind in _DOWN:
                self._row += 1
                self._last = str(error)
                if probe and self._opens is not None:
                    self._probe_failed(error.kind)
                elif self._opens is None and self._row >= self._failures:
                    self._opens = self._clock() + self._cooldown
            if probe:
                self._probing = False

    def _probe_failed(self, kind: Failure) -> None:
        """Counts a failed probe; a server that answers with an error is looked at again at once, a few times."""
        if kind in _ANSWERED and self._looks < SECOND_LOOKS:
            self._looks += 1
            return
        self._looks = 0
        self._failed_probes += 1
        self._opens = self._clock() + self._cooldown * GROWTH**self._failed_probes
        if self._failed_probes >= self._probes:
            self._final = ("circuit", f"the endpoint failed {self._row} times in a row: {self._last}")

    def _release(self, *, probe: bool) -> None:
        if probe:
            with self._lock:
                self._probing = False
