"""A program that looks every minute at what is due, for where there is neither systemd nor cron: in a container."""

from __future__ import annotations

import logging
import os
import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Any

from apscheduler.executors.debug import DebugExecutor
from apscheduler.schedulers.blocking import BlockingScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.cron import CronTrigger

from briefing.errors import BriefingError

LIMIT = timedelta(minutes=30)
"""How long one look may take before it is broken off; the timer's unit has the same."""

_PATIENCE = 4.0  # seconds for the work under way; where mail goes out, it takes five more (briefing.deliver.stopping)
_JOB = "look"


class Fresh:
    """Says a line unless it was said in the turn before: what is so every minute is told when it begins."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._before: frozenset[str] = frozenset()
        self._said: set[str] = set()

    def __call__(self, line: str) -> None:
        """Say the line, if it is news."""
        if line not in self._before and line not in self._said:
            self._tell(line)
        self._said.add(line)

    def turn(self) -> None:
        """Begin the next turn."""
        self._before, self._said = frozenset(self._said), set()


def serve(
    due: Callable[[], None],
    tell: Callable[[str], None],
    *,
    heartbeat: Path | None = None,
    limit: timedelta = LIMIT,
    trigger: BaseTrigger | None = None,
) -> int:
    """Call `due` at once and then each minute, until a signal ends it; gives the exit code.

    SIGTERM ends it with 0, SIGINT with 130, at once where nothing is under way. Otherwise `due` may end within a few
    seconds and is then interrupted by SystemExit or KeyboardInterrupt. It is also interrupted, and called again at its
    next minute, where it takes longer than `limit`. What it raises is told in a line. `heartbeat` is a file that is
    touched before and after each call. Must be called in the main thread; `trigger` is another clock, for tests.
    """
    logging.getLogger("apscheduler").setLevel(logging.CRITICAL)  # what there is to say is told here
    daemon = _Daemon(due, tell, heartbeat, limit.total_seconds())
    with _Handling(daemon):
        try:
            daemon.run(trigger or CronTrigger(minute="*", timezone=UTC))
        except (SystemExit, KeyboardInterrupt):
            if not daemon.asked:  # it is not one of ours
                raise
    return 130 if daemon.asked == signal.SIGINT else 0


class _Minutes(BlockingScheduler):  # type: ignore[misc] # no type information is shipped
    """The scheduler, ended by what `is_over` says, and no later than a minute after the clock was set back."""

    def __init__(self, is_over: Callable[[], bool]) -> None:
        super().__init__(timezone=UTC, executors={"default": DebugExecutor()})  # it works in this very thread
        self._is_over = is_over

    def _process_jobs(self) -> float:
        wait: float | None = super()._process_jobs()
        if self._is_over():
            self.shutdown(wait=False)
            return 0.0
        if wait is None or wait > 61:
            self.modify_job(_JOB, next_run_time=datetime.now(UTC) + timedelta(minutes=1))
            return 60.0
        return wait


class _Daemon:
    """Works in the main thread, so that signals reach the work itself, as Ctrl-C does."""

    def __init__(
        self, due: Callable[[], None], tell: Callable[[str], None], heartbeat: Path | None, limit: float
    ) -> None:
        self._due = due
        self._tell = tell
        self._heartbeat = heartbeat
        self._limit = limit
        self._at_work = False
        self._is_late = False
        self._is_own = False  # the next signal comes from the alarm
        self.asked = 0  # the signal that asked for the end

    def run(self, trigger: BaseTrigger) -> None:
        scheduler = _Minutes(lambda: bool(self.asked))
        scheduler.add_job(
            self.look, trigger, id=_JOB, coalesce=True, max_instances=1, misfire_grace_time=None,
            next_run_time=datetime.now(UTC),
        )  # fmt: skip
        scheduler.start()

    def look(self) -> None:
        """One call of `due`, whatever comes of it."""
        self._at_work, self._is_late, self._is_own = True, False, False
        self._beat()
        try:
            if not self.asked:
                _alarm(self._limit)
                self._due()
        except (SystemExit, KeyboardInterrupt):
            if self._is_late and not self.asked:
                self._tell(f"broken off after {self._limit / 60:.3g} min; what is left is done at the next look")
            else:  # who caught the signal may have been the work itself
                self.asked = self.asked or signal.SIGTERM
        except Exception as error:  # noqa: BLE001 - whatever it is, the next look may go well
            named = "" if isinstance(error, BriefingError) else f"{type(error).__name__}: "
            self._tell(named + " ".join(str(error).split()))
        _alarm(0)
        self._beat()
        self._at_work = False

    def signalled(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - the signature is theirs
        """Note that the end is asked for; interrupt the work where it does not end, and whatever swallows that."""
        is_own, self._is_own = self._is_own, False
        if not is_own:
            first, self.asked = not self.asked, self.asked or number
            if first:
                _alarm(_PATIENCE)
            if first and self._at_work:
                return
        raise KeyboardInterrupt if self.asked == signal.SIGINT else SystemExit(128 + signal.SIGTERM)

    def alarmed(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002 - likewise
        """Time is up. Said by a signal again: what is under way may have taken that over, to end in its own way."""
        self._is_late, self._is_own = not self.asked, True
        os.kill(os.getpid(), self.asked or signal.SIGTERM)

    def _beat(self) -> None:
        if self._heartbeat is not None:
            try:
                self._heartbeat.touch()
            except OSError as error:
                self._tell(f"cannot touch {self._heartbeat}: {error.strerror}; correct --heartbeat")


class _Handling:
    """While it is entered, signals go to the daemon."""

    def __init__(self, daemon: _Daemon) -> None:
        self._wanted = {signal.SIGTERM: daemon.signalled, signal.SIGINT: daemon.signalled}
        if hasattr(signal, "SIGALRM"):
            self._wanted[signal.SIGALRM] = daemon.alarmed
        self._before: dict[int, Any] = {}

    def __enter__(self) -> None:
        if threading.current_thread() is threading.main_thread():
            self._before = {number: signal.signal(number, handler) for number, handler in self._wanted.items()}

    def __exit__(self, *_: object) -> None:
        _alarm(0)
        for number, handler in self._before.items():
            signal.signal(number, handler)


def _alarm(seconds: float) -> None:
    """Let the alarm ring in so many seconds and every few from then on; 0: not at all. Not on Windows."""
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_REAL, seconds, _PATIENCE if seconds else 0)
