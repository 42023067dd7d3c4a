"""What tells a damaged SQLite file from a fault of ours: values of no column's kind, and SQLite's own check.

A flipped bit may leave a file that SQLite reads without complaint, with a moment that is none or a number for a text.
Such values are found where a row is decoded, before anything works with them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import JSON, Connection, Dialect, Engine, ExceptionContext, Float, Integer, Text

_SHOWN = 60  # characters of a value in a message


class BadValue(Exception):
    """A stored value is none of its column's kind: what was read, in words."""


def strict(engine: Engine) -> None:
    """Have every value that a SQLite engine reads be of its column's kind; else BadValue. Moments check themselves."""
    kinds = {Text: _Text, Integer: _Integer, Float: _Float, JSON: _Json}
    engine.dialect.colspecs = {**engine.dialect.colspecs, **kinds}


def row_of(_cursor: Any, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """A row as the driver gives it: no column of ours holds bytes."""
    if bytes in map(type, row):
        raise BadValue("bytes stand where a text or a number should")
    return row


def garbled(context: ExceptionContext) -> None:
    """Raises BadValue where what the driver itself was to read, a column's name or a message, is no text."""
    if isinstance(context.original_exception, UnicodeDecodeError):
        raise BadValue("a name in its list of tables is no UTF-8") from context.original_exception


def unsound(connection: Connection) -> str | None:
    """The first thing that SQLite finds wrong with a file; None where it finds nothing. It reads the whole file."""
    said = str(connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar())
    return None if said == "ok" else said.strip().replace("\n", " ")


def bad(kind: str, value: object) -> BadValue:
    """The error for a value that is no `kind`."""
    return BadValue(f"{repr(value)[:_SHOWN]} is no {kind}")


def _checked(kind: str, *types: type) -> Callable[[Any], Any]:
    def check(value: Any) -> Any:
        if value is None or type(value) in types:
            return value
        raise bad(kind, value)

    return check


class _Text(Text):
    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ARG002 - the signature is theirs
        return _checked("text", str)


class _Integer(Integer):
    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ARG002 - as above
        return _checked("whole number", int)


class _Float(Float[float]):
    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ARG002 - as above
        return _checked("number", float, int)


class _Json(JSON):
    def result_processor(self, dialect: Dialect, coltype: object) -> Any:  # noqa: ARG002 - as above
        return _list_of


def _list_of(stored: Any) -> Any:
    """The list that a column of ours holds as JSON: of texts, or of spans."""
    if stored is None:
        return None
    try:
        value = json.loads(stored)
    except (ValueError, TypeError, RecursionError) as error:
        raise bad("JSON", stored) from error
    if type(value) is not list or not all(type(one) is str or _is_span(one) for one in value):
        raise bad("list of texts or spans", value)
    return value


def _is_span(value: object) -> bool:
    return type(value) is list and len(value) == 2 and type(value[0]) is type(value[1]) is int
