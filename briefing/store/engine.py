"""The database itself: one SQLite file by default, PostgreSQL by its address.

Work is handed over as a function of a connection, so that it can be done again: `Database.write` runs it in one
transaction, and anew where PostgreSQL was restarted or asks for it. On both, a writer waits until it is the only one
before it looks at anything, so that what it has read still holds when it writes; readers go on beside it.
"""

from __future__ import annotations

import logging
import os
import random
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolUsedUp

from briefing.errors import UsageError
from briefing.store.failures import StoreError, named, transient

MEMORY = ":memory:"  # a store that ends with its Database: for tests
PATIENCE = 30.0  # seconds to wait for another program that writes, and for a connection that others use
CONNECTIONS = 5

_TRIES = 8  # with the waits between them, half a minute at most: a server is back by then
_AT_EXIT = 5.0  # seconds to wait at the end for work under way
_WRITERS = 0x6272696566696E67  # PostgreSQL's lock for them: a number of our own

P = ParamSpec("P")
Result = TypeVar("Result")
Work = Callable[Concatenate[Connection, P], Result]

_log = logging.getLogger(__name__)


class Database:
    """An open database. Safe between threads. Every method raises StoreError, in words, where it cannot go on.

    `place` is what messages call it: a file's path, or an address without its password. `file` is None for PostgreSQL
    and in memory. Work must not call back into the same Database: a writer waits for all others to end.
    """

    def __init__(self, engine: Engine, place: str, file: Path | None) -> None:
        self.engine = engine
        self.place = place
        self.file = file
        self._reached = False
        self._gate = _Gate()
        self._end = weakref.finalize(self, _end, self._gate, engine)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.engine.dialect.name

    def write(self, work: Work[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """`work(connection, ...)` in one transaction: all of it is kept, or nothing. It may be run more than once."""
        return self._run("write", work, args, kwargs)

    def read(self, work: Work[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """`work(connection, ...)` on one state of the database; it cannot write."""
        return self._run("read", work, args, kwargs)

    def alter(self, work: Work[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """As `write`, for a change of tables: SQLite makes a table anew, whose rows must not take others with them."""
        return self._run("alter", work, args, kwargs)

    def close(self) -> None:
        """Wait for the work under way, begin none any more, and end all connections."""
        self._end()

    def _run(self, mode: str, work: Callable[..., Result], args: Any, kwargs: Any) -> Result:
        with self._gate.passed(self.place):
            for attempt in range(1, _TRIES + 1):
                try:
                    with self._connection(mode) as connection, connection.begin():
                        self._reached = True
                        return work(connection, *args, **kwargs)
                except PoolUsedUp as error:
                    raise StoreError(f"{self.place}: no connection was free for {PATIENCE:g} s") from error
                except DBAPIError as error:
                    if attempt == _TRIES or not transient(error, reached=self._reached):
                        raise named(error, self.place) from error
                    time.sleep(random.uniform(0.5, 1.0) * 0.1 * 2**attempt)  # noqa: S311 - spreads tries, hides nothing
            raise AssertionError("unreachable")

    def _connection(self, mode: str) -> Connection:
        options: dict[str, Any] = {"mode": mode}
        if self.dialect == "postgresql":
            # A writer reads what is there once it has the lock: a snapshot from before would be too old.
            options["isolation_level"] = "REPEATABLE READ" if mode == "read" else "READ COMMITTED"
            options["postgresql_readonly"] = mode == "read"
        return self.engine.connect().execution_options(**options)


def connect(place: str | Path) -> Database:
    """The database that a path or a `postgresql://` address names; a missing file is made, for its owner alone.

    Raises UsageError for an address that is none, and StoreError where the file or the server cannot be used.
    """
    stated = str(place)
    if "://" in stated:
        return _server(stated)
    if stated == MEMORY:
        return Database(_sqlite(MEMORY, connections=1), MEMORY, None)
    path = Path(stated)
    _make(path)
    return Database(_sqlite(str(path), connections=CONNECTIONS), str(path), path)


def _server(stated: str) -> Database:
    try:
        url = make_url(stated)
    except (ArgumentError, ValueError) as error:  # their messages may hold the password
        raise UsageError("store: this is no address of a database; write a password's / @ : # ? as %XX") from error
    if url.get_backend_name() not in {"postgresql", "postgres"}:
        raise UsageError(f"store = {_shown(url)!r}: give a file's path, or a postgresql:// address")
    try:
        engine = create_engine(
            url.set(drivername="postgresql+psycopg"),
            pool_pre_ping=True,
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=PATIENCE,
            connect_args={"connect_timeout": 10, "application_name": "briefing"},
        )
    except (NoSuchModuleError, ImportError) as error:
        raise UsageError('PostgreSQL needs the postgres extra: pip install "briefing[postgres]"') from error
    event.listen(engine, "begin", _begin_on_server)
    return Database(engine, _shown(url), None)


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            mode = os.fstat(descriptor).st_mode & 0o777
        finally:
            os.close(descriptor)
    except OSError as error:
        raise StoreError(
            f"cannot use {path}: {error.strerror}; make it writable, or name another place (store = ...)"
        ) from error
    if mode & 0o077 and os.name == "posix":
        _log.warning("%s can be read by others (mode %04o): chmod 600 %s", path, mode, path)


def _sqlite(database: str, connections: int) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=database),
        connect_args={"timeout": PATIENCE, "check_same_thread": False},
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=PATIENCE,
    )
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _prepare(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    _share(connection)
    # FULL, not NORMAL: a power cut must not forget that a mail was sent or money spent. It costs 3 ms a transaction
    # (200 small ones: 0.8 s instead of 0.25), and a run has few; a killed program forgets nothing with either.
    connection.execute("PRAGMA synchronous = FULL")


def _share(connection: Any) -> None:
    """Lets one program write while others read. SQLite does not wait for others that open a new file too; we do.

    Only a file that is not set up yet is written to: to open one must not wait for a writer.
    """
    import sqlite3

    end = time.monotonic() + PATIENCE
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # counts before the first page is written
                connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _begin(connection: Connection) -> None:
    mode = connection.get_execution_options().get("mode", "write")
    connection.exec_driver_sql(f"PRAGMA query_only = {int(mode == 'read')}")
    connection.exec_driver_sql(f"PRAGMA foreign_keys = {int(mode != 'alter')}")
    connection.exec_driver_sql("BEGIN" if mode == "read" else "BEGIN IMMEDIATE")


def _begin_on_server(connection: Connection) -> None:
    if connection.get_execution_options().get("mode", "read") != "read":
        wait = f"set_config('lock_timeout', '{int(PATIENCE * 1000)}', true)"
        connection.exec_driver_sql(f"SELECT {wait}, pg_advisory_xact_lock({_WRITERS})")


def _shown(url: URL) -> str:
    return url.set(query={}).render_as_string(hide_password=True)


class _Gate:
    """Counts the work under way: SQLite does not survive a connection that is closed while another thread uses it."""

    def __init__(self) -> None:
        self._idle = threading.Condition()
        self._running = 0
        self._shut = False

    @contextmanager
    def passed(self, place: str) -> Iterator[None]:
        with self._idle:
            if self._shut:
                raise StoreError(f"{place} is closed")
            self._running += 1
        try:
            yield
        finally:
            with self._idle:
                self._running -= 1
                self._idle.notify_all()

    def shut(self) -> bool:
        """Let none begin any more; whether all that was under way has ended."""
        with self._idle:
            self._shut = True
            return self._idle.wait_for(lambda: self._running == 0, _AT_EXIT)


def _end(gate: _Gate, engine: Engine) -> None:
    if gate.shut():
        engine.dispose()
