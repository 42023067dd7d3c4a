"""Settings: flag over environment over file over default.

A `briefing.toml` in the working folder, or the file that `--config` names, sets what a user would otherwise repeat on
every call. `BRIEFING_TITLE` and the like set the same from the environment.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from briefing.errors import UsageError

DEFAULT_FILE = Path("briefing.toml")


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _number(value: object) -> object:
    """Refuses `true`, which would be read as 1."""
    if isinstance(value, bool):
        raise ValueError("Input should be a whole number")  # noqa: TRY004 - what pydantic turns into its own error
    return value


Count = Annotated[int, BeforeValidator(_number), Field(ge=1)]


class Settings(BaseSettings):
    """What a user can set, in `briefing.toml` or as `BRIEFING_` and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix="BRIEFING_", extra="forbid", frozen=True)

    title: str = "Daily briefing"
    output: Path = Path("briefings")
    formats: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), Field(min_length=1)] = ("md", "html", "json")
    writer: Literal["auto", "extractive", "model"] = "auto"
    max_events: Count | None = None
    words: Count = 160
    templates: Path | None = None


def load_settings(path: Path | None = None, **flags: Any) -> Settings:
    """Settings from all places; a flag that is None was not given.

    Raises UsageError that names the file, the line and the fix.
    """
    file = path or DEFAULT_FILE
    text, values = _read(file) if path is not None or file.is_file() else ("", {})
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
            return init_settings, env_settings, InitSettingsSource(settings_cls, values)

    try:
        return FromFile(**given)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        key = str(problem["loc"][0])
        place = _place(file, text, key, given)
        if problem["type"] == "extra_forbidden":
            known = ", ".join(Settings.model_fields)
            raise UsageError(f"{place}: unknown setting {key!r}; known are {known}") from error
        raise UsageError(f"{place}: {key} = {problem['input']!r}: {problem['msg']}") from error


def _read(file: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise UsageError(f"cannot read the configuration {file}: {error.strerror}; correct --config") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError(f"{file} line {line} is not UTF-8: save it as UTF-8") from error
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} {_line_of(error, text)}: no valid TOML: {error}; write it as key = value") from error


def _line_of(error: tomllib.TOMLDecodeError, text: str) -> str:
    """`line N`: the parser says so in its message only, and says `end of document` of the last line."""
    stated = re.search(r"\bline (\d+)", str(error))
    return f"line {stated[1] if stated else len(text.splitlines())}"


def _place(file: Path, text: str, key: str, given: Mapping[str, Any]) -> str:
    """The flag or the environment variable that a value came from, else `FILE line N`: in the order that they win."""
    if key in given:
        return f"--{key.replace('_', '-')}"
    variable = f"BRIEFING_{key.upper()}"
    if key in Settings.model_fields and any(name.upper() == variable for name in os.environ):
        return variable
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(rf"\s*\[*\s*[\"']?{re.escape(key)}\b", line):
            return f"{file} line {number}"
    return str(file)
