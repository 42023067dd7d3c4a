"""Bringing a store up to the head: all steps in one transaction, and before them a copy of the file."""

from __future__ import annotations

import logging
import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, inspect

from briefing.store.engine import Database
from briefing.store.failures import StoreError
from briefing.store.revision import revision
from briefing.store.schema import metadata

MIGRATIONS = Path(__file__).parent / "migrations"

_log = logging.getLogger(__name__)


def upgrade(database: Database) -> None:
    """Run the migrations that a store lacks. Where one fails, or another program was quicker, nothing is changed."""
    database.alter(_upgrade, database)


def _upgrade(connection: Connection, database: Database) -> None:
    from alembic import command
    from alembic.config import Config

    found = revision(connection)
    if found is None:
        _check_empty(connection, database)
    elif database.file is not None:
        _log.warning(
            "%s is brought up to date; as it was, it is kept in %s", database.place, _copy(database.file, found)
        )
    else:
        _log.warning("%s is brought up to date", database.place)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    if database.dialect == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise StoreError(f"{database.place}: rows point at rows that are not there; nothing was changed")


def _check_empty(connection: Connection, database: Database) -> None:
    """Refuses a file with tables; on a server, where others may have theirs, tables of our names."""
    tables = set(inspect(connection).get_table_names())
    if tables if database.dialect == "sqlite" else tables & set(metadata.tables):
        raise StoreError(f"{database.place} belongs to another program: name another place (store = ...)")


def _copy(file: Path, found: str) -> Path:
    """A copy of the file as it was before the transaction under way, for its owner alone; half a copy is never seen."""
    copy = file.with_name(f"{file.name}.backup-{found}-{datetime.now(UTC):%Y%m%dT%H%M%SZ}")
    part = copy.with_name(f"{copy.name}.part")
    try:
        os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(part)) as target:
            source.backup(target)
        part.replace(copy)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        raise StoreError(f"cannot copy {file} before bringing it up to date: {error}; make room beside it") from error
    return copy
