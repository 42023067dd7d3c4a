"""Many rows of one table at once, handed to the driver as it wants them.

SQLAlchemy makes the statement and says how each column's values are written; to have it look at every value of ten
thousand rows takes longer than the database takes to store them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Dialect, Table, insert

from briefing.store.versions import Written

_Write = Callable[[Any], Any]


def insert_rows(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert `rows`, all with the same columns; nothing where there are none."""
    if not rows:
        return
    statement, columns, positional = _statement(connection.dialect, table, tuple(rows[0]))
    written = zip(*(_column([row[name] for row in rows], write) for name, write in columns), strict=True)
    if positional:
        connection.exec_driver_sql(statement, list(written))
    else:
        names = [name for name, _ in columns]
        connection.exec_driver_sql(statement, [dict(zip(names, values, strict=True)) for values in written])


def _column(values: list[Any], write: _Write | None) -> list[Any]:
    if write is None:
        return values
    first = values[0]
    if type(first) is not Written and all(value is first for value in values):  # such as the moment of a run
        return [write(first)] * len(values)
    # a plain text again: SQLite's driver asks of every other kind how it is to be adapted
    return [str(value) if type(value) is Written else write(value) for value in values]


@lru_cache(maxsize=32)
def _statement(
    dialect: Dialect, table: Table, names: tuple[str, ...]
) -> tuple[str, tuple[tuple[str, _Write | None], ...], bool]:
    """The driver's statement; its columns in order, with what writes their values (None: as they are); the style."""
    compiled = insert(table).inline().compile(dialect=dialect, column_keys=names)
    ordered = compiled.positiontup or names
    columns = tuple((name, table.c[name].type.dialect_impl(dialect).bind_processor(dialect)) for name in ordered)
    return str(compiled), columns, compiled.positional
