"""What language models took, in a file that outlives the run: a cap for a day holds over runs, restarts and processes.

A call is entered at the most that it can take before it is made, and corrected once it is answered. A run that dies in
between leaves its entry as it stands, so that a crash can only count too much.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from briefing.errors import ModelError, UsageError

PATIENCE = 30.0  # seconds to wait for another process that writes

_HAIR = 1e-9  # money: sums of decimal fractions miss by less
_VERSION = 1
_TABLE = """
CREATE TABLE IF NOT EXISTS spending (
    id INTEGER PRIMARY KEY,
    day TEXT NOT NULL,
    run TEXT NOT NULL,
    tokens INTEGER NOT NULL,
    cost REAL,
    state TEXT NOT NULL CHECK (state IN ('reserved', 'settled'))
)"""
_SUM = "SELECT total(tokens), total(coalesce(cost, tokens * ?)) FROM spending WHERE "


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The most that a run and a day (UTC) may take, in tokens in and out and in money; None is no cap."""

    tokens_per_run: int | None = None
    cost_per_run: float | None = None
    tokens_per_day: int | None = None
    cost_per_day: float | None = None

    @property
    def money(self) -> bool:
        """Whether there is a cap in money."""
        return self.cost_per_run is not None or self.cost_per_day is not None


class Spent(NamedTuple):
    """What was taken, reservations included; `cost` leaves out what had no price when it was taken."""

    tokens: int
    cost: float


def _end(lock: threading.Lock, connection: sqlite3.Connection) -> None:
    """Close the connection after the entry under way, and let none begin: at the end of a run, calls may be in flight.

    SQLite does not survive a connection that is closed while another thread uses it.
    """
    lock.acquire()  # for good: what still waits for it ends with the program
    connection.close()


class Ledger:
    """Entries of what was spent, in the SQLite file `path`, or in memory where that is None. Safe between threads.

    The file and its folder are made for their owner alone. Every method raises UsageError where the file is damaged or
    cannot be written.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()
        with self._named():
            self._connection = _opened(path)
        weakref.finalize(self, _end, self._lock, self._connection)

    def reserve(self, day: str, run: str, tokens: int, cost: float | None, caps: Caps, highest: float = 0.0) -> int:
        """Enter the most that a call can take, and return the entry's id.

        `day` is a date in UTC, `cost` None where there is no price. To a cap in money, an earlier entry without a
        price counts `highest` for each of its tokens. Raises ModelError("cap") where a cap would be passed, and enters
        nothing.
        """
        with self._transaction() as connection:
            for name, key, most_tokens, most_cost in (
                ("run", run, caps.tokens_per_run, caps.cost_per_run),
                ("day", day, caps.tokens_per_day, caps.cost_per_day),
            ):
                spent = Spent(*connection.execute(f"{_SUM} {name} = ?", (highest, key)).fetchone())
                if most_tokens is not None and spent.tokens + tokens > most_tokens:
                    raise _passed(name, "tokens", f"{most_tokens} tokens", f"{spent.tokens:.0f}", f"{tokens}")
                if most_cost is not None and spent.cost + (cost or 0.0) > most_cost + _HAIR:
                    raise _passed(name, "cost", f"{most_cost:g}", f"{spent.cost:.4g}", f"{cost or 0.0:.4g}")
            cursor = connection.execute(
                "INSERT INTO spending (day, run, tokens, cost, state) VALUES (?, ?, ?, ?, 'reserved')",
                (day, run, tokens, cost),
            )
            return int(cursor.lastrowid or 0)

    def settle(self, reservation: int, tokens: int, cost: float | None) -> None:
        """Correct an entry to what the call took in fact."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE spending SET tokens = ?, cost = ?, state = 'settled' WHERE id = ?", (tokens, cost, reservation)
            )

    def release(self, reservation: int) -> None:
        """Strike an entry out: its call took nothing."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM spending WHERE id = ?", (reservation,))

    def spent(self, day: str) -> Spent:
        """What all runs took on a day (a date in UTC)."""
        with self._transaction() as connection:
            tokens, cost = connection.execute(f"{_SUM} day = ?", (0.0, day)).fetchone()
            return Spent(int(tokens), cost)

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction that no other process can write beside; undone where its body raises."""
        with self._lock, self._named():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _named(self) -> Iterator[None]:
        """Turns what SQLite and the file system raise into an error that names the file and the fix."""
        try:
            yield
        except sqlite3.Error as error:
            if _locked(error):
                raise UsageError(
                    f"another program has locked {self._path}, which holds what was spent, for {PATIENCE:g} s: end it"
                ) from error
            raise self._unusable(str(error)) from error
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error

    def _unusable(self, why: str) -> UsageError:
        return UsageError(
            f"cannot use {self._path}, which holds what was spent: {why}; make it writable, "
            "or move it away to start at zero"
        )


def _opened(path: Path | None) -> sqlite3.Connection:
    """A connection to the file, which is made if it is missing. Raises sqlite3.Error or OSError."""
    if path is not None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path or ":memory:", timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        _prepare(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection) -> None:
    _share(connection)
    connection.execute("BEGIN IMMEDIATE")
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version not in {0, _VERSION}:
        raise sqlite3.DatabaseError("it is of a later version of the program")
    connection.execute(_TABLE)
    for column in ("day", "run"):
        connection.execute(f"CREATE INDEX IF NOT EXISTS spending_{column} ON spending ({column})")
    connection.execute(f"PRAGMA user_version = {_VERSION}")
    connection.execute("COMMIT")


def _share(connection: sqlite3.Connection) -> None:
    """Lets one process write while others read. SQLite does not wait for others that open a new file too; we do."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if not _locked(error) or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _locked(error: sqlite3.Error) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def _passed(name: str, unit: str, most: str, spent: str, needed: str) -> ModelError:
    return ModelError(
        "cap",
        f"the {name}'s cap of {most} would be passed: {spent} spent or reserved, and this call may take {needed}; "
        f"raise {unit}_per_{name}",
    )
