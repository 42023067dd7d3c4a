"""The daemon: it looks every minute, whatever a look comes to, and ends when it is told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.triggers.interval import IntervalTrigger

from briefing.errors import DeliveryFailed
from briefing.schedule.daemon import _JOB, Fresh, _Minutes, serve

OFTEN = IntervalTrigger(seconds=0.001, timezone=UTC)
# A look that prints where it is, and says how it works and how often: in a process, to be sent signals.
PROGRAM = """
import signal, sys, time
from datetime import timedelta
from apscheduler.triggers.interval import IntervalTrigger
import briefing.schedule.daemon as daemon
from briefing.schedule.daemon import serve

daemon._PATIENCE = 5 if sys.argv[1] == "idle" else 0.3
say = lambda line: print(line, flush=True)
count = 0

def idle():
    say("looked")

def short():
    say("begun")
    time.sleep(0.1)
    say("finished")

def long():
    say("begun")
    try:
        time.sleep(20)
    except BaseException as error:
        say(f"interrupted by {type(error).__name__}")
        raise

def deaf():
    say("begun")
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            time.sleep(20)
        except BaseException:
            say("did not listen")
            if "again" in globals():
                raise
            globals()["again"] = True

def own():
    asked = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: asked.append(number))
    say("begun")
    while not asked:
        time.sleep(0.01)
    signal.signal(signal.SIGTERM, before)
    say("ended in its own way")
    raise SystemExit(143)

def late():
    global count
    count += 1
    say(f"look {count}")
    if count == 1:
        time.sleep(20)

limit = timedelta(seconds=0.2) if sys.argv[1] == "late" else timedelta(minutes=30)
seconds = 0.05 if sys.argv[1] == "late" else 60
code = serve(globals()[sys.argv[1]], say, limit=limit, trigger=IntervalTrigger(seconds=seconds))
say(f"ended {code}")
sys.exit(code)
"""


class Daemon:
    """One in a process of its own."""

    def __init__(self, look: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, look], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> tuple[list[str], int, str]:
        out, err = self.process.communicate(timeout=15)
        return out.splitlines(), self.process.returncode, err


@pytest.fixture
def daemon():
    """Starts a daemon, whose end the test may leave to this."""
    started: list[Daemon] = []

    def start(look: str) -> Daemon:
        started.append(Daemon(look))
        return started[-1]

    yield start
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


class Done(BaseException):
    """Ends a daemon in a test's own thread."""


def counted(number: int, each: Callable[[int], None] = lambda _: None) -> Callable[[], None]:
    """A look that asks for the end at its nth call, as a signal does."""
    calls = 0

    def look() -> None:
        nonlocal calls
        calls += 1
        if calls > number + 100:  # a daemon that does not end would hold up all tests
            os._exit(99)
        if calls >= number:
            raise SystemExit(143)
        each(calls)

    return look


def test_it_looks_at_once_and_again_until_it_is_ended():
    seen: list[int] = []
    assert serve(counted(5, seen.append), print, trigger=OFTEN) == 0
    assert seen == [1, 2, 3, 4]


def test_by_itself_it_looks_at_every_full_minute(monkeypatch):
    waits: list[tuple[datetime, float]] = []
    look = _Minutes._process_jobs

    def watched(self: _Minutes) -> float:
        waits.append((datetime.now(UTC), look(self)))
        raise SystemExit(143)

    monkeypatch.setattr(_Minutes, "_process_jobs", watched)
    with pytest.raises(SystemExit):
        serve(lambda: None, print)
    ((now, wait),) = waits
    assert 0 < wait <= 60
    assert (now + timedelta(seconds=wait)).second in {59, 0}


def test_what_a_look_raises_is_told_in_a_line_and_ends_nothing():
    def fail(number: int) -> None:
        raise DeliveryFailed("no server\nat all") if number == 1 else ValueError("a\nfault")

    told: list[str] = []
    assert serve(counted(3, fail), told.append, trigger=OFTEN) == 0
    assert told == ["no server at all", "ValueError: a fault"]


def test_the_heartbeat_is_touched_before_and_after_each_look(tmp_path):
    beat = tmp_path / "heartbeat"
    seen: list[float] = []

    def look(number: int) -> None:
        seen.append(beat.stat().st_mtime)
        os.utime(beat, (0, 0))

    serve(counted(3, look), print, heartbeat=beat, trigger=OFTEN)
    assert len(seen) == 2
    assert all(time.time() - one < 60 for one in [*seen, beat.stat().st_mtime])


def test_a_heartbeat_that_cannot_be_touched_is_told_and_ends_nothing(tmp_path):
    told: list[str] = []
    say = Fresh(told.append)
    assert serve(counted(4), say, heartbeat=tmp_path / "no" / "beat", trigger=OFTEN) == 0
    assert len(told) == 1
    assert "correct --heartbeat" in told[0]


def test_no_two_looks_are_at_work_at_once_and_no_thread_is_left():
    before = threading.active_count()
    seen: list[int] = []
    serve(counted(20, lambda _: seen.append(threading.active_count())), print, trigger=OFTEN)
    assert set(seen) == {before}
    assert threading.active_count() == before


def test_the_time_between_two_looks_does_not_count_to_how_long_a_look_may_take():
    seen: list[int] = []
    every = IntervalTrigger(seconds=0.3, timezone=UTC)
    assert serve(counted(3, seen.append), print, limit=timedelta(seconds=0.15), trigger=every) == 0
    assert seen == [1, 2]


def test_the_handlers_of_before_are_there_again():
    numbers = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM)
    before = [signal.getsignal(number) for number in numbers]
    serve(counted(1), print, trigger=OFTEN)
    assert [signal.getsignal(number) for number in numbers] == before
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)


def test_where_the_next_look_is_hours_away_by_a_clock_that_was_set_back_it_is_a_minute_away(monkeypatch):
    found: list[tuple[float, timedelta]] = []
    look = _Minutes._process_jobs

    def watched(self: _Minutes) -> float:
        wait = look(self)
        found.append((wait, self.get_job(_JOB).next_run_time - datetime.now(UTC)))
        raise SystemExit(143)

    monkeypatch.setattr(_Minutes, "_process_jobs", watched)
    with pytest.raises(SystemExit):
        serve(lambda: None, print, trigger=IntervalTrigger(hours=2, timezone=UTC))
    ((wait, until),) = found
    assert wait == 60
    assert timedelta(seconds=50) < until <= timedelta(minutes=1)


def test_thousands_of_looks_leave_nothing_behind():
    import gc

    counts: list[int] = []

    def look(number: int) -> None:
        if number in {200, 2000}:
            gc.collect()
            counts.append(len(gc.get_objects()))

    serve(counted(2001, look), print, trigger=OFTEN)
    assert counts[1] - counts[0] < 100


# signals


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_with_nothing_under_way_it_ends_at_once(daemon, number, code):
    one = daemon("idle")
    assert one.line() == "looked"
    time.sleep(0.05)
    began = time.monotonic()
    one.signal(number)
    assert one.end() == ([f"ended {code}"], code, "")
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)])
def test_a_look_that_is_soon_done_is_finished_first(daemon, number, code):
    one = daemon("short")
    assert one.line() == "begun"
    one.signal(number)
    assert one.end() == (["finished", f"ended {code}"], code, "")


@pytest.mark.parametrize(
    ("number", "kind", "code"), [(signal.SIGTERM, "SystemExit", 0), (signal.SIGINT, "KeyboardInterrupt", 130)]
)
def test_a_look_that_takes_long_is_interrupted(daemon, number, kind, code):
    one = daemon("long")
    assert one.line() == "begun"
    one.signal(number)
    assert one.end() == ([f"interrupted by {kind}", f"ended {code}"], code, "")


def test_a_second_signal_interrupts_at_once(daemon):
    one = daemon("long")
    assert one.line() == "begun"
    one.signal(signal.SIGTERM)
    time.sleep(0.05)
    one.signal(signal.SIGTERM)
    assert one.end()[0] == ["interrupted by SystemExit", "ended 0"]


def test_a_look_that_swallows_the_interruption_is_interrupted_again(daemon):
    one = daemon("deaf")
    assert one.line() == "begun"
    one.signal(signal.SIGTERM)
    assert one.end() == (["did not listen", "did not listen", "ended 0"], 0, "")


def test_work_that_takes_the_signal_itself_ends_in_its_own_way(daemon):
    one = daemon("own")
    assert one.line() == "begun"
    one.signal(signal.SIGTERM)
    assert one.end() == (["ended in its own way", "ended 0"], 0, "")


def test_a_look_that_takes_too_long_is_broken_off_and_the_next_one_comes(daemon):
    one = daemon("late")
    assert one.line() == "look 1"
    assert "broken off" in one.line()
    assert one.line() == "look 2"
    one.signal(signal.SIGTERM)
    _, code, err = one.end()
    assert (code, err) == (0, "")


def test_an_end_that_is_nobodys_signal_is_not_hidden(monkeypatch):
    def never(self: _Minutes) -> float:
        raise Done

    monkeypatch.setattr(_Minutes, "_process_jobs", never)
    with pytest.raises(Done):
        serve(lambda: None, print)


# what is said


def test_a_line_is_said_when_it_becomes_so_and_again_when_it_was_not_so_for_a_turn():
    told: list[str] = []
    say = Fresh(told.append)
    for turn in (["a", "a"], ["a", "b"], [], ["a"]):
        say.turn()
        for line in turn:
            say(line)
    assert told == ["a", "b", "a"]


def test_it_imports_nothing_that_the_other_verbs_do_not_need_until_it_is_run():
    code = "import sys, briefing.schedule.due, briefing.schedule.times; print('apscheduler' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd())
    assert done.stdout == "False\n"
