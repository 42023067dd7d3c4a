"""Functions called in other processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from briefing.aside import Aside, AsideError, here
from briefing.errors import UsageError
from tests.command import environment

SLOW = "time:sleep"
FOREVER = "re:fullmatch"  # never lets another thread of its process run
HUNG = ("(a+)+b", "a" * 40)


class OddError(Exception):
    """An error that can be pickled and does not come back."""

    def __init__(self, one: str, other: str) -> None:
        super().__init__(one + other)


def whose(_: object = None) -> int:
    return os.getpid()


def loaded() -> set[str]:
    return set(sys.modules)


def complain() -> None:
    raise OddError("can", "not")


def chatter() -> str:
    sys.stdout.write("not an answer\n")
    return "answer"


@pytest.fixture
def aside():
    with Aside(seconds=20, processes=1) as made:
        yield made


def test_a_function_gives_what_it_gives_and_raises_what_it_raises_here(aside):
    for call in (aside, here):
        assert call("math:hypot", 3, 4) == 5
        with pytest.raises(ZeroDivisionError):
            call("operator:floordiv", 1, 0)
        with pytest.raises(UsageError, match="no_such"):
            call("briefing.no_such:thing")


def test_an_error_that_cannot_come_back_is_told_in_words(aside):
    with pytest.raises(RuntimeError, match="OddError: cannot"):
        aside("tests.test_aside:complain")


def test_a_process_is_started_once_and_is_not_ours(aside):
    first, second = aside("tests.test_aside:whose"), aside("tests.test_aside:whose")
    assert first == second != os.getpid()


def test_processes_may_be_started_before_the_first_call_with_what_they_need(monkeypatch):
    started: list[Any] = []
    start = subprocess.Popen

    def counted(*given: Any, **how: Any) -> Any:
        started.append(start(*given, **how))
        return started[-1]

    monkeypatch.setattr("briefing.aside.subprocess.Popen", counted)
    with Aside(processes=2, loads=("colorsys", "briefing.no_such"), at_once=1) as aside:
        assert len(started) == 1
        assert all("colorsys" in aside("tests.test_aside:loaded") for _ in range(2))  # each process in its turn
        assert len(started) == 2


def test_what_a_function_prints_is_no_answer(aside, capfd):
    assert aside("tests.test_aside:chatter") == "answer"
    aside.close()
    assert capfd.readouterr().out == ""


def test_as_many_calls_at_a_time_as_there_are_processes():
    with Aside(processes=2) as aside, ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: aside("tests.test_aside:whose"), range(40)))) <= 2


@pytest.mark.parametrize(("name", "args"), [(SLOW, (60,)), (FOREVER, HUNG)])
def test_a_call_that_takes_too_long_is_ended_and_the_next_goes_on(name, args):
    with Aside(seconds=0.5, processes=1) as aside:
        began = time.monotonic()
        with pytest.raises(AsideError, match=r"took more than 0\.5 s"):
            aside(name, *args)
        assert time.monotonic() - began < 20
        assert aside("math:hypot", 3, 4) == 5


@pytest.mark.parametrize("name", ["os:_exit", "os:abort"])
def test_a_process_that_dies_costs_its_call_alone(aside, name):
    with pytest.raises(AsideError):
        aside(name, *([3] if name == "os:_exit" else []))
    assert aside("math:hypot", 3, 4) == 5


@contextmanager
def alarm(after: float) -> Iterator[None]:
    """An exception in the middle of whatever is under way, as Ctrl-C is one."""

    def ring(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, after)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_call_that_is_broken_off_leaves_its_answer_to_nobody(aside):
    assert aside("operator:index", 1) == 1
    with pytest.raises(KeyboardInterrupt), alarm(0.3):
        aside(SLOW, 2)
    assert [aside("operator:index", number) for number in (100, 101)] == [100, 101]


def test_a_process_that_was_ended_while_it_had_nothing_to_do_costs_nothing(aside):
    os.kill(aside("tests.test_aside:whose"), signal.SIGKILL)
    time.sleep(0.2)
    assert aside("math:hypot", 3, 4) == 5


def test_one_that_was_stopped_is_ended(monkeypatch):
    monkeypatch.setattr("briefing.aside._GRACE", 0.2)
    with Aside(seconds=0.5, processes=1) as aside:
        os.kill(aside("tests.test_aside:whose"), signal.SIGSTOP)
        with pytest.raises(AsideError):
            aside("math:hypot", 3, 4)
        assert aside("math:hypot", 3, 4) == 5


def test_the_end_waits_for_no_call(aside):
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(aside, SLOW, 60)
        process = aside_pid(aside)
        aside.close()
        with pytest.raises(AsideError):
            call.result(timeout=20)
    assert not Path(f"/proc/{process}").exists()


def aside_pid(aside: Aside) -> int:
    for _ in range(200):
        if aside._started:
            return next(iter(aside._started))._process.pid
        time.sleep(0.05)
    raise AssertionError("no process was started")


def test_where_no_process_can_be_started_the_function_is_called_here(aside, monkeypatch):
    def refused(*_: object, **__: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(subprocess, "Popen", refused)
    assert aside("tests.test_aside:whose") == os.getpid()


CALLER = """
import sys, threading, time
from briefing.aside import Aside
aside = Aside(processes=1)
aside("math:hypot", 3, 4)
print(next(iter(aside._started))._process.pid, flush=True)
threading.Thread(target=aside, args=("time:sleep", 2), daemon=True).start()
time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="needs /proc")
def test_a_caller_that_is_killed_leaves_no_process_behind():
    with subprocess.Popen([sys.executable, "-c", CALLER], stdout=subprocess.PIPE, env=environment()) as caller:
        assert caller.stdout is not None
        process = int(caller.stdout.readline())
        caller.send_signal(signal.SIGKILL)
        caller.wait()
    for _ in range(200):
        if not Path(f"/proc/{process}").exists():
            break
        time.sleep(0.05)
    else:
        pytest.fail("it is still there")


def test_a_script_in_the_folder_of_the_program_is_not_taken_for_a_library(tmp_path, monkeypatch):
    (tmp_path / "json.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with Aside(processes=1) as aside:
        assert aside("math:hypot", 3, 4) == 5


def test_many_threads_share_one_process(aside):
    found: list[float] = []
    threads = [threading.Thread(target=lambda: found.append(aside("math:hypot", 3, 4))) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [5.0] * 20
