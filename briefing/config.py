"""Settings: flag over environment over file over default.

A `briefing.toml` in the working folder, or the file that `--config` names, sets what a user would otherwise repeat on
every call. `BRIEFING_TITLE` and the like set the same from the environment; a name within a table has two underscores
before it (`BRIEFING_MODEL__TIMEOUT`). A language model's name, address and key are read from `OPENAI_MODEL`,
`OPENAI_BASE_URL` and `OPENAI_API_KEY` too, as other programs read them.
"""

from __future__ import annotations

import logging
import os
import re
import tomllib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from briefing.dates import parse_age
from briefing.errors import UsageError

_log = logging.getLogger(__name__)

DEFAULT_FILE = Path("briefing.toml")


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _number(value: object) -> object:
    """Refuses `true`, which would be read as 1."""
    if isinstance(value, bool):
        raise ValueError("Input should be a whole number")  # noqa: TRY004 - what pydantic turns into its own error
    return value


def _age(value: object) -> object:
    return parse_age(value) if isinstance(value, str) else value


Age = Annotated[timedelta, BeforeValidator(_age)]
Count = Annotated[int, BeforeValidator(_number), Field(ge=1)]


Amount = Annotated[float, BeforeValidator(_number), Field(ge=0)]
Seconds = Annotated[float, BeforeValidator(_number), Field(gt=0)]
Address = Annotated[str, Field(pattern=r"^https?://")]
_OPENAI = {"name": "OPENAI_MODEL", "base_url": "OPENAI_BASE_URL", "api_key": "OPENAI_API_KEY"}


class PriceSettings(BaseModel):
    """What a model costs, in money for a million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: Amount
    output: Amount


class ModelSettings(BaseModel):
    """The table `[model]`: which language model writes, and what it may cost."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = "gpt-5-mini"
    provider: str = "openai"
    base_url: Address | None = None
    api_key: SecretStr | None = None
    judge: str | None = None
    timeout: Seconds = 120
    calls: Count = 4
    answer_tokens: Count | None = None
    event_tokens: Count = 6000
    fallback: bool = True
    prices: dict[str, PriceSettings] = {}
    tokens_per_run: Count | None = None
    tokens_per_day: Count | None = None
    cost_per_run: Amount | None = None
    cost_per_day: Amount | None = None

    @property
    def caps(self) -> dict[str, float | None]:
        """The caps by their names."""
        names = ("tokens_per_run", "tokens_per_day", "cost_per_run", "cost_per_day")
        return {name: getattr(self, name) for name in names}

    @property
    def reachable(self) -> bool:
        """Whether a key or an address says that there is a model to ask."""
        return bool(self.base_url or (self.api_key and self.api_key.get_secret_value()))


class FetchSettings(BaseModel):
    """The table `[fetch]`: how the reader's sources are asked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timeout: Seconds = 30
    workers: Count = 20
    pause: Amount = 1.0
    intranet: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)] = ()
    contact: str | None = None
    pages: bool = True
    pages_within: Age = timedelta(days=2)
    keep: Age = timedelta(days=90)


_TABLES: dict[str, type[BaseModel]] = {"model": ModelSettings, "fetch": FetchSettings}


class Settings(BaseSettings):
    """What a user can set, in `briefing.toml` or as `BRIEFING_` and the name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="BRIEFING_", env_nested_delimiter="__", extra="forbid", frozen=True, protected_namespaces=()
    )

    title: str = "Daily briefing"
    output: Path = Path("briefings")
    formats: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), Field(min_length=1)] = ("md", "html", "json")
    writer: Literal["auto", "extractive", "model"] = "auto"
    max_events: Count | None = None
    words: Count = 160
    templates: Path | None = None
    prompts: Path | None = None
    state: Path | None = None
    store: Annotated[str | None, Field(repr=False, min_length=1)] = None  # an address may hold a password
    model: ModelSettings = ModelSettings()
    fetch: FetchSettings = FetchSettings()

    @property
    def state_folder(self) -> Path:
        """Where the program keeps its state: as stated, else where this system keeps such things."""
        from platformdirs import user_state_path

        return self.state.expanduser() if self.state is not None else user_state_path("briefing", appauthor=False)

    @property
    def store_place(self) -> str | Path:
        """Where the store is: the address or the path that is stated, else a file in the state folder."""
        if self.store is None:
            return self.state_folder / "store.sqlite"
        return self.store if "://" in self.store else Path(self.store).expanduser()


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
            usual = {key: os.environ[name] for key, name in _OPENAI.items() if os.environ.get(name)}
            openai = InitSettingsSource(settings_cls, {"model": usual} if usual else {})
            return init_settings, env_settings, openai, InitSettingsSource(settings_cls, values)

    try:
        return FromFile(**given)
    except ValidationError as error:
        raise UsageError(_message(error, file, text, given)) from error


def _message(error: ValidationError, file: Path, text: str, given: Mapping[str, Any]) -> str:
    problem = error.errors(include_url=False)[0]
    path = [str(part) for part in problem["loc"]]
    table = _TABLES.get(path[0]) if len(path) > 1 else None
    place, key = _place(file, text, path, given), ".".join(path if table else path[:1])
    if problem["type"] == "extra_forbidden":
        known = ", ".join(table.model_fields if table and len(path) == 2 else Settings.model_fields)
        return f"{place}: unknown setting {key!r}; known are {known}"
    shown = "***" if path[-1] == "api_key" or path[0] == "store" else repr(problem["input"])
    return f"{place}: {key} = {shown}: {problem['msg']}"


def _read(file: Path) -> tuple[str, dict[str, Any]]:
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
        raise UsageError(f"{file} {_line_of(error, text)}: no valid TOML: {error}; write it as key = value") from error
    _warn_of_readers(file, values)
    return text, values


def _warn_of_readers(file: Path, values: Mapping[str, Any]) -> None:
    """A file with a key, or a password of the store, should be for its owner alone."""
    model, store = values.get("model"), values.get("store")
    secret = isinstance(model, dict) and "api_key" in model
    secret |= isinstance(store, str) and "@" in store and ":" in store.partition("://")[2].rpartition("@")[0]
    if secret and os.name == "posix" and file.stat().st_mode & 0o077:
        _log.warning("%s holds a secret and can be read by others: chmod 600 %s", file, file)


def _line_of(error: tomllib.TOMLDecodeError, text: str) -> str:
    """`line N`: the parser says so in its message only, and says `end of document` of the last line."""
    stated = re.search(r"\bline (\d+)", str(error))
    return f"line {stated[1] if stated else len(text.splitlines())}"


def _place(file: Path, text: str, path: Sequence[str], given: Mapping[str, Any]) -> str:
    """The flag or the environment variable that a value came from, else `FILE line N`: in the order that they win."""
    key, *inner = path
    if key in given and (not inner or inner[0] in given[key] if isinstance(given[key], Mapping) else True):
        return f"--{key.replace('_', '-')}"
    variables = [f"BRIEFING_{'__'.join(path[:depth]).upper()}" for depth in range(len(path), 0, -1)]
    if key == "model" and inner:
        variables.append(_OPENAI.get(inner[0], ""))
    for variable in variables if key in Settings.model_fields else ():
        if any(name.upper() == variable for name in os.environ):
            return variable
    for wanted in (*reversed(inner), key):
        for number, line in enumerate(text.splitlines(), start=1):
            if re.match(rf"\s*\[*\s*(?:(?:model|fetch)\.)?[\"']?{re.escape(wanted)}\b", line):
                return f"{file} line {number}"
    return str(file)
