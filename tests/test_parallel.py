"""Several items at once: in order, counted, ended by the first error, and never in the way of the program's end."""

from __future__ import annotations

import errno
import subprocess
import sys
import threading
import time
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.parallel import as_done, each, is_out_of_memory
from tests.command import environment

PATIENCE = 10.0  # seconds: only a failing test waits so long


@given(st.lists(st.integers(), max_size=30), st.integers(1, 8))
def test_the_results_are_in_the_order_of_the_items(items, workers):
    assert each(lambda item: item * 2, items, workers) == [item * 2 for item in items]


def test_an_item_that_ends_last_keeps_its_place():
    others = threading.Barrier(2)
    second = threading.Event()

    def work(item: int) -> int:
        others.wait(PATIENCE)
        if item == 0:
            assert second.wait(PATIENCE)
        else:
            second.set()
        return item

    assert each(work, [0, 1], 2) == [0, 1]


@pytest.mark.parametrize("workers", [1, 2, 7, 50])
def test_progress_is_told_of_every_item_once_and_counts_up(workers):
    told: list[int] = []
    each(str, range(20), workers, told.append)
    assert told == list(range(1, 21))


@pytest.mark.parametrize("workers", [1, 4])
def test_progress_is_told_in_the_callers_thread(workers):
    told: set[int] = set()
    each(str, range(8), workers, lambda _: told.add(threading.get_ident()))
    assert told == {threading.get_ident()}


def test_nothing_to_do_is_nothing_done():
    told: list[int] = []
    assert each(str, [], 4, told.append) == []
    assert told == []


@pytest.mark.parametrize(("items", "workers"), [(range(5), 1), (range(1), 8)], ids=["one worker", "one item"])
def test_one_at_a_time_runs_in_the_callers_own_thread(items, workers):
    assert set(each(lambda _: threading.get_ident(), items, workers)) == {threading.get_ident()}


def test_as_many_items_as_workers_are_worked_on_at_once_and_no_more():
    together = threading.Barrier(3)
    lock = threading.Lock()
    now, most = 0, 0

    def work(_item: int) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        together.wait(PATIENCE)
        with lock:
            now -= 1
        together.wait(PATIENCE)

    each(work, range(9), 3)
    assert most == 3


@pytest.mark.parametrize("workers", [1, 3])
def test_the_first_error_is_raised_as_it_is(workers):
    wrong = LookupError("no such thing")

    def work(item: int) -> int:
        if item == 1:
            raise wrong
        return item

    with pytest.raises(LookupError) as raised:
        each(work, range(3), workers)
    assert raised.value is wrong


def test_after_an_error_what_is_not_begun_is_not_begun_any_more():
    begun: list[int] = []
    both, let_go, over = threading.Barrier(2), threading.Event(), threading.Event()

    def work(item: int) -> None:
        begun.append(item)
        if item < 2:
            both.wait(PATIENCE)
        if item == 0:
            raise ValueError("the first")
        if item == 1:
            let_go.wait(PATIENCE)
            over.set()

    with pytest.raises(ValueError, match="the first"):
        each(work, range(50), 2)
    let_go.set()
    assert over.wait(PATIENCE)
    time.sleep(0.05)  # in which a thread that had not heard of the error would go through all the items
    assert sorted(begun) == [0, 1]


@pytest.mark.parametrize("raised", [KeyboardInterrupt, SystemExit])
def test_an_interrupt_within_an_item_comes_out_too(raised):
    def work(item: int) -> None:
        if item == 1:
            raise raised

    with pytest.raises(raised):
        each(work, range(2), 2)


def test_an_error_of_progress_ends_the_work_too():
    begun: list[int] = []

    def progress(_done: int) -> None:
        raise OSError("the terminal is gone")

    with pytest.raises(OSError, match="terminal"):
        each(begun.append, range(1000), 1, progress)
    assert begun == [0]


def test_threads_are_daemons_so_that_the_program_ends_while_a_call_is_under_way():
    program = (
        "import threading\nfrom briefing.parallel import each\n"
        "def work(item):\n    if item == 0: raise ValueError\n    threading.Event().wait(60)\n"
        "try: each(work, [1, 0], 2)\nexcept ValueError: print('ended')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True, env=environment()
    )
    assert done.stdout == "ended\n"


@given(st.lists(st.integers(0, 3), max_size=30), st.integers(1, 6))
def test_what_is_done_comes_with_its_position_whatever_the_keys(keys, workers):
    done = dict(chain.from_iterable(as_done(lambda key: key * 2, keys, workers, lambda key: key)))
    assert done == {position: key * 2 for position, key in enumerate(keys)}


def test_of_one_key_one_item_is_worked_on_at_a_time_and_in_order():
    busy: set[str] = set()
    order: list[str] = []
    lock = threading.Lock()

    def work(item: str) -> None:
        with lock:
            assert item[0] not in busy
            busy.add(item[0])
            order.append(item)
        time.sleep(0.001)
        with lock:
            busy.remove(item[0])

    items = [f"{host}{number}" for number in range(10) for host in "abc"]
    assert sum(map(len, as_done(work, items, 3, lambda item: item[0]))) == len(items)
    assert all([one for one in order if one[0] == host] == [f"{host}{n}" for n in range(10)] for host in "abc")


def test_one_slow_key_holds_up_no_other():
    others = threading.Event()

    def work(item: str) -> str:
        if item == "slow":
            assert others.wait(PATIENCE)
        elif item == "last":
            others.set()
        return item

    items = ["slow", "slow", "slow", "quick", "last"]
    done = [items[index] for some in as_done(work, items, 2, lambda item: item == "slow") for index, _ in some]
    assert done[:2] == ["quick", "last"]


def test_workers_wait_for_a_slow_consumer():
    begun = 0
    lock = threading.Lock()

    def work(_: int) -> None:
        nonlocal begun
        with lock:
            begun += 1

    results = as_done(work, range(100), 2)
    had = len(next(results))
    time.sleep(0.05)
    assert begun <= had + 5  # two in waiting, two in hand, one just taken
    assert sum(map(len, results)) == 100 - had


def test_what_is_done_while_the_consumer_is_busy_comes_at_once():
    results = as_done(str, range(20), 4)
    next(results)
    time.sleep(0.05)
    assert len(next(results)) == 4


def test_a_consumer_that_stops_lets_the_workers_go():
    before = threading.active_count()
    results = as_done(str, range(100), 4)
    next(results)
    results.close()
    end = time.monotonic() + PATIENCE
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.005)
    assert threading.active_count() <= before


class Threads:
    """A system that gives so many threads, and then no more."""

    def __init__(self, most: int, error: Exception) -> None:
        self._most = most
        self._error = error
        self._start = threading.Thread.start
        self.asked = 0
        self.given: set[threading.Thread] = set()

    def start(self, thread: threading.Thread) -> None:
        self.asked += 1
        if len(self.given) == self._most:
            raise self._error
        self.given.add(thread)
        self._start(thread)


@pytest.fixture
def threads(monkeypatch):
    """Lets the system give so many threads, and then fail."""

    def limited(most: int, error: Exception) -> Threads:
        system = Threads(most, error)

        def start(thread: threading.Thread) -> None:
            system.start(thread)

        monkeypatch.setattr(threading.Thread, "start", start)
        return system

    return limited


NO_THREAD = [RuntimeError("can't start new thread"), MemoryError()]


@pytest.mark.parametrize("error", NO_THREAD, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("most", [1, 3])
def test_where_fewer_threads_are_given_than_wanted_those_do_all_the_work(threads, most, error):
    system = threads(most, error)
    done = each(lambda item: (item * 2, threading.current_thread()), range(50), 8)
    assert [result for result, _ in done] == [item * 2 for item in range(50)]
    assert system.asked == most + 1  # it is not asked over and over
    assert {thread for _, thread in done} <= system.given


@pytest.mark.parametrize("error", NO_THREAD, ids=lambda error: type(error).__name__)
def test_where_no_thread_is_given_the_callers_own_does_the_work_in_order(threads, error):
    threads(0, error)
    done = list(as_done(lambda _: threading.get_ident(), range(20), 8, lambda item: item % 3))
    assert done == [[(index, threading.get_ident())] for index in range(20)]


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (RuntimeError("can't start new thread"), True),
        (ImportError("libx.so: failed to map segment from shared object"), True),
        (SystemError("error return without exception set"), True),
        (SystemError("<built-in function x> returned NULL without setting an exception"), True),
        (OSError(errno.ENOMEM, "Cannot allocate memory"), True),
        (OSError(errno.ENOSPC, "No space left on device"), False),
        (RuntimeError("a bug"), False),
        (SystemError("bad call"), False),
        (ImportError("No module named 'x'"), False),
        (ValueError("can't start new thread"), False),
    ],
    ids=repr,
)
def test_too_little_memory_is_told_from_other_errors(error, expected):
    assert is_out_of_memory(error) is expected
