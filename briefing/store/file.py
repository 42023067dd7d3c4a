"""A SQLite file: how it is made, and how its connections and transactions begin."""

from __future__ import annotations

import errno
import logging
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from briefing.store.damage import BadValue, row_of
from briefing.store.failures import StoreError

_PATIENCE = 30.0  # seconds to wait for another program that opens a new file too

_log = logging.getLogger(__name__)


def make(path: Path) -> None:
    """Make a missing file and its folder, for their owner alone. Raises StoreError where that cannot be.

    A file that is there is not opened: to close it would let go of all locks that this program has on it by other
    connections (POSIX; sqlite.org/howtocorrupt.html, 2.2), and another program could take away the log under them.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        mode = path.stat().st_mode & 0o777
        if not os.access(path, os.R_OK | os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        if path.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    except OSError as error:
        raise StoreError(
            f"cannot use {path}: {error.strerror}; make it writable, or name another place (store = ...)"
        ) from error
    if mode & 0o077 and os.name == "posix":
        _log.warning("%s can be read by others (mode %04o): chmod 600 %s", path, mode, path)


def prepare(connection: Any, _record: Any) -> None:
    """What every connection of the driver begins with."""
    connection.row_factory = row_of
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

    end = time.monotonic() + _PATIENCE
    while True:
        try:
            if connection.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
                wrong = connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
                if wrong != "ok":
                    raise BadValue(wrong)
                connection.execute("PRAGMA auto_vacuum = INCREMENTAL")  # counts before the first page is written
                connection.execute("PRAGMA journal_mode = WAL")
        except UnicodeDecodeError as error:  # SQLite's message quotes the file
            raise BadValue("a name in its list of tables is no UTF-8") from error
        except sqlite3.OperationalError as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def begin(connection: Connection) -> None:
    """Begin a transaction of the connection's `mode`."""
    mode = connection.get_execution_options().get("mode", "write")
    connection.exec_driver_sql(f"PRAGMA query_only = {int(mode == 'read')}")
    connection.exec_driver_sql(f"PRAGMA foreign_keys = {int(mode != 'alter')}")
    connection.exec_driver_sql("BEGIN" if mode == "read" else "BEGIN IMMEDIATE")
