"""Reading the settings from all places, and saying what is wrong with them and where."""

from __future__ import annotations

import logging
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsError

from briefing.config.places import line_of
from briefing.config.settings import Settings
from briefing.errors import UsageError

_log = logging.getLogger(__name__)

DEFAULT_FILE = Path("briefing.toml")
OPENAI = {"name": "OPENAI_MODEL", "base_url": "OPENAI_BASE_URL", "api_key": "OPENAI_API_KEY"}
SECRETS = frozenset(("api_key", "password", "unsubscribe_key"))
_NOT_IN_FILE = (("mail", "password"), ("mail", "unsubscribe_key"))


def load_settings(path: Path | None = None, **flags: Any) -> Settings:
    """Settings from all places; a flag that is None was not given.

    Raises UsageError that names the file, the line and the fix.
    """
    file, text, values = read_file(path)
    given = {key: value for key, value in flags.items() if value is not None}

    class FromFile(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature is theirs
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - as above
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            usual = {key: os.environ[name] for key, name in OPENAI.items() if os.environ.get(name)}
            openai = InitSettingsSource(settings_cls, {"model": usual} if usual else {})
            return init_settings, env_settings, openai, InitSettingsSource(settings_cls, values)

    try:
        return FromFile(**given)
    except ValidationError as error:
        raise UsageError(_message(error, file, text, given)) from error
    except SettingsError as error:
        found = re.search(r'field "(\w+)"', str(error))
        name = f"BRIEFING_{found[1].upper()}" if found else "a variable BRIEFING_..."
        raise UsageError(
            f"{name} is a table, and what it holds is none: set the names within it, as {name}__NAME, or write JSON"
        ) from None


def read_file(path: Path | None) -> tuple[Path, str, dict[str, Any]]:
    """The configuration file, its text and its values; an absent default one has none.

    Raises UsageError that names the file, the line and the fix.
    """
    file = path or DEFAULT_FILE
    if path is None and not file.is_file():
        return file, "", {}
    try:
        text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise UsageError(f"cannot read the configuration {file}: {error.strerror}; correct --config") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{file} line {line} is not UTF-8: save it as UTF-8") from error
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} {_line_of(error, text)}: no valid TOML: {error}; {_advice(str(error))}") from error
    _refuse_secrets(file, text, values)
    _warn_of_readers(file, values)
    return file, text, values


def variable_of(path: Sequence[str]) -> str | None:
    """The variable of the environment that sets `path`, or a table around it; None where none does."""
    variables = [f"BRIEFING_{'__'.join(path[:depth]).upper()}" for depth in range(len(path), 0, -1)]
    if path[0] == "model" and len(path) > 1:
        variables.append(OPENAI.get(path[1], ""))
    if path[0] in Settings.model_fields:
        return next((one for one in variables if any(name.upper() == one for name in os.environ)), None)
    return None


def _message(error: ValidationError, file: Path, text: str, given: Mapping[str, Any]) -> str:
    problem = error.errors(include_url=False)[0]
    path = [str(part) for part in problem["loc"] if part != "[key]"]
    place, key = _place(file, text, path, given), ".".join(path[: _depth(path)])
    if problem["type"] == "extra_forbidden":
        return f"{place}: unknown setting {key!r}; known are {', '.join(_known(path[:-1]))}"
    shown = _shown(path, problem["input"], is_table=problem["type"] in {"model_type", "dict_type"})
    return f"{place}: {key} = {shown}: {problem['msg'].removeprefix('Value error, ')}"


def _shown(path: Sequence[str], value: object, *, is_table: bool) -> str:
    """A wrong value as it may be told: where a table was expected, or before an @, it may be a secret."""
    if SECRETS.intersection(path) or path[0] == "store" or is_table:
        return "***"
    return re.sub(r"[^\s'\"]*:[^\s'\"]*@", "***@", repr(value))


def _depth(path: Sequence[str]) -> int:
    """How many parts of `path` name a setting: what follows is a place within its value."""
    fields: Any = Settings
    for depth, part in enumerate(path, start=1):
        fields = _inner(fields, part)
        if fields is None:
            return depth
    return len(path)


def _known(path: Sequence[str]) -> list[str]:
    """The names that the table at `path` takes."""
    fields: Any = Settings
    for part in path:
        fields = _inner(fields, part)
    return list(fields.model_fields) if isinstance(fields, type) and issubclass(fields, BaseModel) else []


def _inner(kind: Any, name: str) -> Any:
    """The table that `name` is within a table, or within a mapping of tables; None where it is a plain value."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        field = kind.model_fields.get(name)
        kind = field.annotation if field is not None else None
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            return kind
        return kind if get_origin(kind) is dict else None
    return get_args(kind)[1] if get_origin(kind) is dict and not isinstance(kind, UnionType) else None


def _refuse_secrets(file: Path, text: str, values: Mapping[str, Any]) -> None:
    for table, name in _NOT_IN_FILE:
        if isinstance(values.get(table), dict) and name in values[table]:
            raise UsageError(
                f"{file} line {line_of(text, (table, name))}: {table}.{name} does not belong in this file: "
                f"set BRIEFING_{table.upper()}__{name.upper()}, or {table}.{name}_file to a file of its own"
            )


def _warn_of_readers(file: Path, values: Mapping[str, Any]) -> None:
    """A file with a key, or a password of the store, should be for its owner alone."""
    model, store = values.get("model"), values.get("store")
    secret = isinstance(model, dict) and "api_key" in model
    secret |= isinstance(store, str) and "@" in store and ":" in store.partition("://")[2].rpartition("@")[0]
    if secret and os.name == "posix" and file.stat().st_mode & 0o077:
        _log.warning("%s holds a secret and can be read by others: chmod 600 %s", file, file)


def _advice(said: str) -> str:
    """What to do about what the parser says."""
    if "declare" in said or "overwrite" in said.lower():
        return "it stands there twice: leave one of them"
    if "Illegal character '\\n'" in said or "Unterminated" in said:
        return 'a text ends with the " that it began with'
    return 'write it as key = value, and a text in "..."'


def _line_of(error: tomllib.TOMLDecodeError, text: str) -> str:
    """`line N`: the parser says so in its message only, and says `end of document` of the last line."""
    stated = re.search(r"\bline (\d+)", str(error))
    return f"line {stated[1] if stated else len(text.splitlines())}"


def _place(file: Path, text: str, path: Sequence[str], given: Mapping[str, Any]) -> str:
    """The flag or the environment variable that a value came from, else `FILE line N`: in the order that they win."""
    key, *inner = path
    if key in given and (not inner or inner[0] in given[key] if isinstance(given[key], Mapping) else True):
        return f"--{key.replace('_', '-')}"
    if (variable := variable_of(path)) is not None:
        return variable
    line = line_of(text, path)
    return str(file) if line is None else f"{file} line {line}"
