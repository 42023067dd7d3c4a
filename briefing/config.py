"""Settings: flag over environment over file over default.

A `briefing.toml` in the working folder, or the file that `--config` names, sets what a user would otherwise repeat on
every call. `BRIEFING_TITLE` and the like set the same from the environment.
"""

from __future__ import annotations

import re
import tomllib
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


class Settings(BaseSettings):
    """What a user can set, in `briefing.toml` or as `BRIEFING_` and the name in capitals."""

    model_config = SettingsConfigDict(env_prefix="BRIEFING_", extra="forbid", frozen=True)

    title: str = "Daily briefing"
    output: Path = Path("briefings")
    formats: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), Field(min_length=1)] = ("md", "html", "json")
    writer: Literal["auto", "extractive", "model"] = "auto"
    max_events: Annotated[int, Field(ge=1)] | None = None
    words: Annotated[int, Field(ge=1)] = 160
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
        place = _place(file, text, key)
        if problem["type"] == "extra_forbidden":
            known = ", ".join(Settings.model_fields)
            raise UsageError(f"{place}: unknown setting {key!r}; known are {known}") from error
        raise UsageError(f"{place}: {key} = {problem['input']!r}: {problem['msg']}") from error


def _read(file: Path) -> tuple[str, dict[str, Any]]:
    try:
        text = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
    except OSError as error:
        raise UsageError(f"cannot read the configuration {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 (byte {error.start}): save it as UTF-8") from error
    try:
        return text, tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file} is no valid TOML: {error}") from error


def _place(file: Path, text: str, key: str) -> str:
    """`FILE line N` where the key stands in the file, else the flag or environment variable that it came from."""
    for number, line in enumerate(text.splitlines(), start=1):
        if re.match(rf"\s*\[*\s*[\"']?{re.escape(key)}\b", line):
            return f"{file} line {number}"
    return f"--{key.replace('_', '-')} or BRIEFING_{key.upper()}"
