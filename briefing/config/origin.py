"""The settings in force, each with where it comes from: what `briefing config show` prints."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time, timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from briefing.config.loading import load_settings, read_file, variable_of
from briefing.config.places import line_of
from briefing.config.settings import Settings
from briefing.dates import age_text

MASK = "***"
_CREDENTIALS = re.compile(r"(?<=://)\S+@")  # up to the last @: a password may hold one, and a / too
_QUERY = re.compile(r"(://[^?#\s]*)\?[^#\s]+")  # as `?password=` of a database, `?key=` of a gateway or a feed


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting in force. `value` is a plain value, masked where it is secret; `origin` is a place, or `default`."""

    name: str
    value: Any
    origin: str

    @property
    def shown(self) -> str:
        """The value as a file would state it."""
        return "-" if self.value is None else json.dumps(self.value, ensure_ascii=False)


def settings_in_force(path: Path | None = None) -> list[Setting]:
    """All settings, in the order that they are declared. Raises UsageError as `load_settings` does."""
    settings = load_settings(path)
    file, text, values = read_file(path)
    return [Setting(".".join(keys), value, _origin(keys, file, text, values)) for keys, value in _leaves(settings, ())]


def _leaves(value: object, keys: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _leaves(getattr(value, name), (*keys, name))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, (*keys, str(name)))
    else:
        yield keys, _plain(value)


def _plain(value: object) -> Any:
    if isinstance(value, SecretStr):
        return MASK if value.get_secret_value() else None
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, timedelta):
        return age_text(value)
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, str | Path):
        return _QUERY.sub(rf"\1?{MASK}", _CREDENTIALS.sub(f"{MASK}@", str(value)))
    return value


def _origin(keys: tuple[str, ...], file: Path, text: str, values: Mapping[str, Any]) -> str:
    if keys[0] in Settings.model_fields and (variable := variable_of(keys)) is not None:
        return variable
    stated: Any = values
    for key in keys:
        if not isinstance(stated, Mapping) or key not in stated:
            return "default"
        stated = stated[key]
    line = line_of(text, keys)
    return str(file) if line is None else f"{file} line {line}"
