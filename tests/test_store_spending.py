"""The ledger in the store: caps hold over threads, processes, restarts and crashes, on both kinds of database."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from briefing.errors import ModelError
from briefing.llm.caps import Caps, Spent
from briefing.store import StoreError, engine, open_store
from briefing.store.spending import Spending
from tests.stored import rows

DAY = "2026-11-23"
NONE = Caps()

PROCESS = """
import sys
from briefing.errors import ModelError
from briefing.llm.caps import Caps
from briefing.store import open_store
from briefing.store.spending import Spending
place, run, day = sys.argv[1:]
print("ready", flush=True)
sys.stdin.readline()
ledger = Spending(open_store(place))
done = 0
for _ in range(100):
    try:
        ledger.settle(ledger.reserve(day, run, 10, None, Caps(tokens_per_day=2000)), 10, None)
        done += 1
    except ModelError:
        break
print(done)
"""


def test_what_was_spent_is_still_there_when_the_store_is_opened_again(place):
    with open_store(place) as database:
        ledger = Spending(database)
        ledger.settle(ledger.reserve(DAY, "r", 5, 1.0, NONE), 3, 0.5)
    with open_store(place) as database:
        assert Spending(database).spent(DAY) == Spent(3, 0.5)


def test_a_reservation_counts_in_full_until_it_is_settled_or_released(store):
    ledger = Spending(store)
    first, second = ledger.reserve(DAY, "r", 5, 1.0, NONE), ledger.reserve(DAY, "r", 7, None, NONE)
    assert ledger.spent(DAY) == Spent(12, 1.0)
    ledger.settle(first, 4, 0.25)
    ledger.release(second)
    assert ledger.spent(DAY) == Spent(4, 0.25)
    assert [(row["run"], row["state"]) for row in rows(store, "spending")] == [("r", "settled")]


def test_days_and_runs_are_apart(store):
    ledger = Spending(store)
    ledger.reserve(DAY, "r1", 5, None, NONE)
    assert ledger.spent("2026-11-24") == Spent(0, 0.0)
    ledger.reserve(DAY, "r2", 5, None, Caps(tokens_per_run=5))
    ledger.reserve("2026-11-24", "r3", 5, None, Caps(tokens_per_day=5))


@pytest.mark.parametrize(
    "caps", [Caps(tokens_per_run=9), Caps(tokens_per_day=9), Caps(cost_per_run=0.9), Caps(cost_per_day=0.9)], ids=str
)
def test_what_would_pass_a_cap_is_refused_and_not_entered(store, caps):
    ledger = Spending(store)
    ledger.reserve(DAY, "r", 5, 0.5, caps)
    with pytest.raises(ModelError, match=r"cap of .* would be passed") as caught:
        ledger.reserve(DAY, "r", 5, 0.5, caps)
    assert caught.value.kind == "cap"
    assert ledger.spent(DAY) == Spent(5, 0.5)


def test_what_had_no_price_counts_at_the_highest_one(store):
    ledger = Spending(store)
    ledger.reserve(DAY, "r", 500, None, NONE)
    ledger.reserve(DAY, "r", 1, 0.5, Caps(cost_per_day=1.0), highest=0.001)
    with pytest.raises(ModelError, match="1 spent"):
        ledger.reserve(DAY, "r", 1, 0.0001, Caps(cost_per_day=1.0), highest=0.001)


def test_threads_that_reserve_at_once_share_the_cap_of_the_day(store):
    ledger = Spending(store)

    def until_capped(number: int) -> int:
        for done in range(100):
            try:
                ledger.reserve(DAY, f"r{number}", 10, None, Caps(tokens_per_day=500))
            except ModelError:
                return done
        return 100

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(until_capped, range(8))) == 50
    assert ledger.spent(DAY).tokens == 500


def test_processes_that_begin_at_once_share_the_cap_of_the_day(place):
    command = [sys.executable, "-c", PROCESS, place]
    processes = [
        subprocess.Popen([*command, f"r{number}", DAY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(4)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    done = [process.communicate(timeout=60)[0] for process in processes]
    assert [process.returncode for process in processes] == [0] * 4
    assert sum(map(int, done)) == 200
    with open_store(place) as database:
        assert Spending(database).spent(DAY).tokens == 2000


def test_a_file_that_another_program_does_not_let_go_of_is_named_and_used_once_it_does(tmp_path, monkeypatch):
    monkeypatch.setattr(engine, "PATIENCE", 0.05)
    path = tmp_path / "store.sqlite"
    ledger = Spending(open_store(path))
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match=r"locked .*store\.sqlite"):
        ledger.reserve(DAY, "r", 5, None, NONE)
    assert ledger.spent(DAY).tokens == 0  # readers go on
    other.close()
    ledger.reserve(DAY, "r", 5, None, NONE)


def test_a_new_file_that_another_program_is_writing_to_is_waited_for(tmp_path):
    path = tmp_path / "store.sqlite"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.1, other.close)
    timer.start()
    assert Spending(open_store(path)).spent(DAY).tokens == 0
    timer.join()
