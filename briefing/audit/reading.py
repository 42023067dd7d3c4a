"""A finished briefing's JSON while it is read: a part of the wrong kind is noted and read as an empty one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not hold: where, why (a gate's reason, `schema`, `offset`, `quote`, `article` or `count`), in words."""

    where: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A document's parts while they are read: a part of the wrong kind is noted and read as an empty one."""

    findings: list[Finding] = field(default_factory=list)

    def note(self, where: str, reason: str, message: str) -> None:
        """Add a finding."""
        self.findings.append(Finding(where, reason, message))

    def part(
        self, value: Any, where: str, kinds: Mapping[str, type], later: Mapping[str, type] = MappingProxyType({})
    ) -> dict[str, Any]:
        """The named values of an object, each of its kind. Those of `later` may be absent, as in older briefings."""
        if not isinstance(value, Mapping):
            self.note(where, "schema", f"must be an object, is {shown(value)}")
            return {key: kind() for key, kind in (*kinds.items(), *later.items())}
        found = {}
        for key, kind in (*kinds.items(), *later.items()):
            given = value.get(key)
            right = isinstance(given, kind) and not (kind is int and isinstance(given, bool))
            if not right and (key in kinds or key in value):
                self.note(where, "schema", f"`{key}` must be {_KINDS[kind]}, is {shown(given)}")
            found[key] = given if right else kind()
        return found

    def words(self, values: Sequence[Any], where: str) -> list[str]:
        """The strings of a list."""
        for value in values:
            if not isinstance(value, str):
                self.note(where, "schema", f"must hold strings, holds {shown(value)}")
        return [value for value in values if isinstance(value, str)]


_KINDS: dict[type, str] = {str: "a string", int: "a whole number", list: "a list", dict: "an object"}


def quoted(text: str) -> str:
    """Text for a message, in quotation marks."""
    return f"“{clipped(text, 160)}”"


def clipped(text: str, length: int = 40) -> str:
    """Text for a message: on one line, without what a terminal obeys, not too long."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: length + 1])
    return shown if len(shown) <= length else shown[:length] + "…"


def shown(value: Any) -> str:
    """A JSON value for a message, however large or deep it is."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return f"“{clipped(value)}”"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else "a huge number"
    if isinstance(value, float):
        return repr(value)
    return "an object" if isinstance(value, Mapping) else "a list"
