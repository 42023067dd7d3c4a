"""The database itself: one SQLite file by default, PostgreSQL by its address.

Work is handed over as a function of a connection, so that it can be done again: `Database.write` runs it in one
transaction, and anew where PostgreSQL was restarted or asks for it. On both, a writer waits until it is the only one
before it looks at anything, so that what it has read still holds when it writes; readers go on beside it.
"""

from __future__ import annotations

import random
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, Self, TypeVar

from sqlalchemy import URL, Connection, Engine, QueuePool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolUsedUp

from briefing.errors import BriefingError, UsageError
from briefing.store.damage import BadValue, garbled, strict, unsound
from briefing.store.failures import StoreError, damaged, named, transient
from briefing.store.file import begin, make, prepare
from briefing.store.gate import Gate

MEMORY = ":memory:"  # a store that ends with its Database: for tests
PATIENCE = 30.0  # seconds to wait for another program that writes, and for a connection that others use
CONNECTIONS = 5

_TRIES = 8  # with the waits between them, half a minute at most: a server is back by then
_WRITERS = 0x6272696566696E67  # PostgreSQL's lock for them: a number of our own

P = ParamSpec("P")
Result = TypeVar("Result")
Work = Callable[Concatenate[Connection, P], Result]


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
        self._gate = Gate()
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

    @property
    def size(self) -> int:
        """Bytes of a file, without what is not taken into it yet; 0 for a database that is none."""
        return self.file.stat().st_size if self.file is not None else 0

    def check(self) -> None:
        """Read a whole file, one or two seconds a GB; raises StoreError where SQLite finds something wrong with it.

        What is damaged would be damaged further by what is written, and could be saved no more.
        """
        if self.file is not None and (why := self._unsound()):
            raise damaged(self.place, why)

    def close(self) -> None:
        """Wait for the work under way, begin none any more, and end all connections."""
        self._end()

    def _run(self, mode: str, work: Callable[..., Result], args: Any, kwargs: Any) -> Result:
        with self._gate.passed(self.place):
            if mode == "alter":
                self.check()
            try:
                return self._done(mode, work, args, kwargs)
            except BadValue as error:
                raise damaged(self.place, str(error)) from error
            except BriefingError:
                raise
            except Exception as error:
                # a fault of ours stays one, unless the file is such that no work on it can go well
                if self.file is not None and (why := self._unsound()):
                    raise damaged(self.place, why) from error
                if type(error).__module__.startswith("alembic."):  # there is no such version
                    raise damaged(self.place, str(error)) from error
                raise

    def _done(self, mode: str, work: Callable[..., Result], args: Any, kwargs: Any) -> Result:
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

    def _unsound(self) -> str | None:
        try:
            return self._done("read", unsound, (), {})
        except BadValue as error:
            return str(error)

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
    make(path)
    return Database(_sqlite(str(path), connections=CONNECTIONS), str(path), path)


def _server(stated: str) -> Database:
    try:
        url = make_url(stated)
    except (ArgumentError, ValueError) as error:  # their messages may hold the password
        raise UsageError("store: this is no address of a database; write a password's / @ : # ? as %XX") from error
    if "@" in (url.host or ""):  # what stands before it is a part of the password
        raise UsageError("store: this is no address of a database; write a password's / @ : # ? as %XX")
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
        raise UsageError('PostgreSQL needs its driver: pip install "psycopg[binary]"') from error
    event.listen(engine, "begin", _begin_on_server)
    return Database(engine, _shown(url), None)


def _sqlite(database: str, connections: int) -> Engine:
    engine = create_engine(
        URL.create("sqlite", database=database),
        connect_args={"timeout": PATIENCE, "check_same_thread": False},
        poolclass=QueuePool,
        pool_size=connections,
        max_overflow=0,
        pool_timeout=PATIENCE,
    )
    strict(engine)
    event.listen(engine, "handle_error", garbled)
    event.listen(engine, "connect", prepare)
    event.listen(engine, "begin", begin)
    return engine


def _begin_on_server(connection: Connection) -> None:
    if connection.get_execution_options().get("mode", "read") != "read":
        wait = f"set_config('lock_timeout', '{int(PATIENCE * 1000)}', true)"
        connection.exec_driver_sql(f"SELECT {wait}, pg_advisory_xact_lock({_WRITERS})")


def _shown(url: URL) -> str:
    return url.set(query={}).render_as_string(hide_password=True)


def _end(gate: Gate, engine: Engine) -> None:
    if gate.shut():
        engine.dispose()
