"""What only one program may do at a time."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
import time

import pytest

from briefing.store import StoreError, open_store
from briefing.store.lock import held

HOLD = """
import sys, time
from briefing.store import open_store
from briefing.store.lock import held
with held(open_store(sys.argv[1]), "fetch"):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(store, place):
    """Another program that holds the lock."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, place], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.wait(10)
    process.stdout.close()


def test_what_another_program_does_is_refused_at_once_and_named(store, holder):
    began = time.monotonic()
    with pytest.raises(StoreError, match=r"another `fetch` is running.*wait for it to end"), held(store, "fetch"):
        pass
    assert time.monotonic() - began < 2


def test_another_name_is_free(store, holder):
    with held(store, "send"):
        pass


def test_a_program_that_is_killed_lets_go(store, holder):
    holder.send_signal(signal.SIGKILL)
    holder.wait(10)
    end = time.monotonic() + 5  # a server notices a moment later
    while True:
        try:
            with held(store, "fetch"):
                return
        except StoreError:
            if store.dialect == "sqlite" or time.monotonic() > end:
                raise
            time.sleep(0.02)


def test_the_process_that_holds_a_file_is_named(tmp_path):
    with open_store(tmp_path / "store.sqlite") as database:
        process = subprocess.Popen([sys.executable, "-c", HOLD, database.place], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(StoreError, match=rf"\(process {process.pid}\)"), held(database, "fetch"):
            pass
        process.kill()
        process.communicate()


def test_it_is_free_again_after_an_error_and_for_the_next(store):
    def fail() -> None:
        with held(store, "fetch"):
            raise RuntimeError("a bug")

    with pytest.raises(RuntimeError):
        fail()
    for _ in range(20):
        with held(store, "fetch"):
            pass


def test_another_thread_is_another(store):
    refused = []

    def other() -> None:
        try:
            with held(store, "fetch"):
                pass
        except StoreError as error:
            refused.append(str(error))

    with held(store, "fetch"):
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(refused) == 1


def test_work_goes_on_beside_it(store):
    with held(store, "fetch"):
        assert store.write(lambda connection: connection.exec_driver_sql("SELECT 1").scalar()) == 1


def test_its_file_is_for_its_owner_alone(tmp_path):
    with open_store(tmp_path / "store.sqlite") as database, held(database, "fetch"):
        assert (tmp_path / "store.sqlite.lock-fetch").stat().st_mode & 0o777 == 0o600


def test_a_store_in_memory_has_no_others(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_store(":memory:") as database, held(database, "fetch"), held(database, "fetch"):
        assert list(tmp_path.iterdir()) == []


@pytest.fixture
def full(tmp_path, monkeypatch):
    """A store in a file, and a way to let a call of the system fail on its lock's file."""
    with open_store(tmp_path / "store.sqlite") as database:

        def fail(call: str, number: int, module: object = os) -> None:
            def failing(*_: object) -> None:
                raise OSError(number, os.strerror(number))

            monkeypatch.setattr(module, call, failing)

        yield database, fail
        monkeypatch.undo()


@pytest.mark.parametrize("call", ["ftruncate", "write"])
@pytest.mark.parametrize(
    ("number", "repair"),
    [
        (errno.EIO, "Input/output error; see to the disk"),
        (errno.EACCES, "Permission denied; make it and its folder writable"),
        (errno.EROFS, "Read-only file system; make it and its folder writable"),
        (errno.ENOSPC, "No space left on device"),
        (errno.EDQUOT, "make room, and run it again"),
    ],
)
def test_a_lock_that_cannot_be_written_is_named_with_the_repair(full, tmp_path, call, number, repair):
    database, fail = full
    fail(call, number)
    with pytest.raises(StoreError) as raised, held(database, "fetch"):
        pass
    assert str(tmp_path / "store.sqlite.lock-fetch") in str(raised.value)
    assert repair in str(raised.value)
    assert ("the disk is full" in str(raised.value)) == (number in {errno.ENOSPC, errno.EDQUOT})


def test_a_lock_that_cannot_be_opened_is_named_with_the_repair(full, tmp_path):
    database, fail = full
    fail("open", errno.EIO)
    with pytest.raises(StoreError, match=r"cannot use .*lock-fetch: Input/output error; see to the disk"):
        held(database, "fetch").__enter__()


@pytest.mark.skipif(sys.platform == "win32", reason="locks by flock")
def test_a_file_system_without_locks_is_not_taken_for_another_fetch(full):
    import fcntl

    database, fail = full
    fail("flock", errno.ENOLCK, fcntl)
    with pytest.raises(StoreError, match=r"cannot use .*lock-fetch: No locks available"):
        held(database, "fetch").__enter__()


def test_after_a_lock_that_could_not_be_written_it_is_free(full, monkeypatch):
    database, fail = full
    fail("ftruncate", errno.EIO)
    with pytest.raises(StoreError):
        held(database, "fetch").__enter__()
    monkeypatch.undo()
    with held(database, "fetch"):
        pass


def test_an_error_of_the_work_itself_is_not_said_of_the_lock(full):
    database, _ = full
    with pytest.raises(OSError, match="of the work") as raised, held(database, "fetch"):
        raise OSError(errno.EIO, "of the work")
    assert not isinstance(raised.value, StoreError)
