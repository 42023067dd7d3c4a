"""Where in a TOML file a setting stands, so that a message can name the line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence

_TABLE = re.compile(r"\s*(\[\[?[^\[\]=]+\]\]?)\s*(?:#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"\n]*"|'[^'\n]*')(?:\s*\.\s*(?:[\w-]+|"[^"\n]*"|'[^'\n]*'))*)\s*=""")


def line_of(text: str, path: Sequence[str]) -> int | None:
    """The line, counted from 1, that states the setting `path` or the innermost table around it; None where none does.

    Keys within an inline table stand in the line of that table.
    """
    best: tuple[int, int] | None = None
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if found := _TABLE.match(line):
            stated = table = _keys(found[1])
        elif found := _KEY.match(line):
            stated = (*table, *_keys(f"{found[1]} = 0"))
        else:
            continue
        depth = len(stated)
        if depth and tuple(path[:depth]) == stated and (best is None or depth > best[0]):
            best = depth, number
    return None if best is None else best[1]


def _keys(statement: str) -> tuple[str, ...]:
    """The keys of a table's head, or of an assignment, from the outermost on."""
    try:
        value: object = tomllib.loads(statement)
    except tomllib.TOMLDecodeError:  # a line within a text of several lines
        return ()
    keys = []
    while isinstance(value, list | dict) and value:
        if isinstance(value, list):
            value = value[0]
            continue
        key, value = next(iter(value.items()))
        keys.append(key)
    return tuple(keys)
