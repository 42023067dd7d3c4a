"""One at a time: what only one program may do with a store, such as fetching, and what the others are told."""

from __future__ import annotations

import errno
import hashlib
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from briefing.files import is_full
from briefing.store.engine import Database
from briefing.store.failures import StoreError, named

_BETWEEN = 0.2  # seconds between two looks whether another program is done
Result = TypeVar("Result")


class AlreadyRunning(StoreError):
    """Another program is at it. Nothing is wrong, and nothing was done."""


@contextmanager
def held(database: Database, name: str) -> Iterator[Callable[[], None]]:
    """Hold the store's lock of a name, which the end of the program frees too, however it ends.

    What it gives raises StoreError where the lock is held no more: a server that was restarted has let go of it.

    Raises AlreadyRunning at once where another program, or thread, holds it. A store in memory has no others.
    """
    if database.dialect == "postgresql":
        with _held_on_server(database, name) as still:
            yield still
    elif database.file is not None:
        with _held_file(database.file.with_name(f"{database.file.name}.lock-{name.replace(' ', '-')}"), name):
            yield _surely
    else:
        yield _surely


def in_turn(work: Callable[[], Result], patience: float) -> Result:
    """What `work` gives, begun again while another program is at it, for so many seconds; then AlreadyRunning."""
    ends = time.monotonic() + patience
    while True:
        try:
            return work()
        except AlreadyRunning:
            if time.monotonic() >= ends:
                raise
        time.sleep(_BETWEEN)


def _surely() -> None:
    """A lock of the system's is held until its holder ends."""


@contextmanager
def _held_file(file: Path, name: str) -> Iterator[None]:
    """The file stays: were it removed, a third program could lock a new one beside who still waits for the old one."""
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _unusable(file, error) from error
    try:
        try:
            _take(descriptor, name)
        except OSError as error:
            raise _unusable(file, error) from error
        yield
    finally:
        with suppress(OSError):  # it is closed, and let go, whatever is said
            os.close(descriptor)


def _take(descriptor: int, name: str) -> None:
    """Lock the file and write into it who has. Raises StoreError where another has, OSError where it cannot be used."""
    if not _lock(descriptor):
        holder = os.read(descriptor, 20).decode(errors="replace").strip()
        raise _taken(name, f" (process {holder})" if holder.isdigit() else "")
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())


def _lock(descriptor: int) -> bool:
    """Whether the file could be locked, until it is closed; False where another has locked it. Raises OSError."""
    if sys.platform == "win32":
        import msvcrt

        os.lseek(descriptor, 100, os.SEEK_SET)  # beyond the number, which others read
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        os.lseek(descriptor, 0, os.SEEK_SET)
    else:
        import fcntl

        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _unusable(file: Path, error: OSError) -> StoreError:
    """The error in words, by what can be done about it."""
    if is_full(error):
        return StoreError(f"the disk is full: cannot write to {file} ({error.strerror}); make room, and run it again")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return StoreError(f"cannot use {file}: {error.strerror}; make it and its folder writable")
    return StoreError(f"cannot use {file}: {error.strerror}; see to the disk and its folder, and run it again")


@contextmanager
def _held_on_server(database: Database, name: str) -> Iterator[Callable[[], None]]:
    """On a connection of its own, which holds the lock as long as it lives."""
    key = int.from_bytes(hashlib.sha256(f"briefing {name}".encode()).digest()[:8], "big", signed=True)
    try:
        connection = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        connection.detach()
        free = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": key}).scalar()
    except DBAPIError as error:
        raise named(error, database.place) from error
    try:
        if not free:
            raise _taken(name, "")

        def still() -> None:
            try:
                connection.execute(text("SELECT 1"))
            except DBAPIError as error:
                raise StoreError(
                    f"{database.place} was restarted, and another `{name}` may be running: run it again"
                ) from error

        yield still
    finally:
        with suppress(DBAPIError), connection:  # a server that was restarted meanwhile has let go
            if free:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": key})


def _taken(name: str, holder: str) -> AlreadyRunning:
    return AlreadyRunning(f"another `{name}` is running{holder}: wait for it to end, or end it")
