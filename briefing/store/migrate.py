"""Opening a store: a new or older one is brought up to the head, a newer one and a foreign database are refused."""

from __future__ import annotations

from pathlib import Path

from briefing.store.engine import Database, connect
from briefing.store.failures import StoreError
from briefing.store.revision import revision

HEAD = "0003"  # the newest of `migrations/versions`: while a store stands there, Alembic is not even imported


def open_store(place: str | Path) -> Database:
    """The store at `place`, a file's path or a `postgresql://` address; a missing file is made.

    Before a file is brought up to the head, a copy is put beside it. Raises StoreError where the store is of a later
    version, is not ours or cannot be used, and UsageError where the address is none; then it is as it was before.
    """
    database = connect(place)
    try:
        found = _accepted(database)
        if found != HEAD:
            from briefing.store.upgrade import upgrade

            upgrade(database)
    except BaseException:
        database.close()
        raise
    return database


def peek(place: str | Path) -> Database | None:
    """The store at `place`, to be read and not written: None where there is none yet, or an older one.

    Nothing is made and nothing brought up. Raises as `open_store` does.
    """
    if "://" not in str(place) and not Path(place).exists():
        return None
    database = connect(place)
    try:
        if _accepted(database) == HEAD:
            return database
    except BaseException:
        database.close()
        raise
    database.close()
    return None


def _accepted(database: Database) -> str | None:
    found = database.read(revision)
    if found is not None and found != HEAD and (len(found) != len(HEAD) or not found.isdigit()):
        raise StoreError(f"{database.place} belongs to another program: name another place (store = ...)")
    if found is not None and found > HEAD:
        raise StoreError(
            f"{database.place} was written by a later version of briefing: install that, or name another place"
            " (store = ...)"
        )
    return found
