"""What a database raises, in words: what is wrong, with which file or server, and what to do."""

from __future__ import annotations

import re
import sqlite3

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from briefing.errors import BriefingError

# PostgreSQL: serialization failure, deadlock; its shutdown, crash and start; too many connections.
_AGAIN = frozenset(("40001", "40P01", "57P01", "57P02", "57P03", "53300"))
_LOCKED = "55P03"
_FULL = "53100"
_NO_TEXT = re.compile(r"Could not decode to UTF-8 column '([^']*)'")
_LACKS = re.compile(r"no such (?:table|column|index|module)|has no column")


class StoreError(BriefingError):
    """The store cannot be used. The message names it and the repair; what was stored before is untouched."""


class Refused(StoreError):
    """The store is sound, but will not have what it was given."""


def transient(error: DBAPIError, *, reached: bool) -> bool:
    """Whether the same work may go well if it is done again: PostgreSQL was restarted, or another run was quicker.

    `reached` says that the server was there before: what does not answer at all is then on its way back.
    """
    if isinstance(error.orig, sqlite3.Error):
        return False  # SQLite has waited already
    state = getattr(error.orig, "sqlstate", None)
    return error.connection_invalidated or state in _AGAIN or (reached and state is None and _unconnected(error))


def named(error: DBAPIError, place: str) -> StoreError:
    """The error in words."""
    if isinstance(error, IntegrityError | DataError):
        return Refused(f"the store {place} refused: {_first_line(error)}")
    if isinstance(error.orig, sqlite3.Error):
        return _of_file(error, getattr(error.orig, "sqlite_errorcode", 0) & 0xFF, place)
    state = getattr(error.orig, "sqlstate", None)
    if state == _LOCKED:
        return _locked(place)
    if state == _FULL:
        return _full(place)
    return StoreError(f"the database {place} cannot be used: {_first_line(error)}; see to it, and run it again")


def _of_file(error: DBAPIError, code: int, place: str) -> StoreError:
    said = _first_line(error)
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return _locked(place)
    if code == sqlite3.SQLITE_FULL:
        return _full(place)
    if code in {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}:
        return StoreError(f"cannot write to {place}: {said}; make the file and its folder writable")
    if what := _damage(said, code):
        return damaged(place, what)
    if code == sqlite3.SQLITE_IOERR:
        return StoreError(f"{place} cannot be read or written: {said}; see to the disk, and run it again")
    return StoreError(f"the store {place} refused: {said}")


def _damage(said: str, code: int) -> str | None:
    """What is damaged, where SQLite's message says so."""
    if code in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT}:
        return said
    if no_text := _NO_TEXT.match(said):  # it goes on with the whole text
        return f"a text in its column {no_text[1]} is no UTF-8"
    return f"{said}, which every store has" if _LACKS.search(said) else None


def damaged(place: str, what: str) -> StoreError:
    """A SQLite file that holds what it cannot hold, and the two ways out."""
    return StoreError(
        f"{place} is damaged: {what}; put back a copy (FILE.backup-...), or move it away "
        f'and save what can be saved: sqlite3 "{place}" .recover | sqlite3 new.sqlite'
    )


def _locked(place: str) -> StoreError:
    return StoreError(f"another program has locked {place} for too long: end it, or wait for it")


def _full(place: str) -> StoreError:
    return StoreError(f"the disk is full: nothing more could be stored in {place}; make room, and run it again")


def _unconnected(error: DBAPIError) -> bool:
    """Whether no connection was there: psycopg says so by the kind of its error alone."""
    return type(error.orig).__name__ in {"OperationalError", "ConnectionTimeout"}


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).strip().split("\n", maxsplit=1)[0]
