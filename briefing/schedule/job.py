"""What a timer is to call, and what that needs, as the settings say."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import time
from pathlib import Path

from briefing.config import Settings
from briefing.errors import UsageError

STATE = Path("/var/lib/briefing")
"""Where a unit of the system's keeps the store, where the configuration does not say otherwise."""

_USER = re.compile(r"[a-z_][a-z0-9_-]{0,30}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A call of the program. All paths are absolute.

    `command` is how the program itself is called. `hours` are the profiles' local hours with the names of their zones
    (None: this machine's own). `writable` and `readable` are what it writes to and reads beside its configuration,
    `secrets` its files of secrets by the setting that names them. The user whom it runs as, in a unit of the system's,
    keeps the store in `STATE` where `keeps_state` says so.
    """

    command: tuple[str, ...]
    config: Path
    hours: tuple[tuple[time, str | None], ...] = ()
    writable: tuple[Path, ...] = ()
    readable: tuple[Path, ...] = ()
    secrets: tuple[tuple[str, Path], ...] = ()
    keeps_state: bool = False
    user: str = "briefing"

    @property
    def words(self) -> tuple[str, ...]:
        """The whole call."""
        return (*self.command, "schedule", "due", "--config", str(self.config), "--quiet")


def own_command() -> tuple[str, ...]:
    """How this very program is called: by its script, else as a module of this Python."""
    script = Path(sys.executable).absolute().with_name("briefing")  # not resolved: a link is what makes a venv
    return (str(script),) if script.is_file() else (str(Path(sys.executable).absolute()), "-m", "briefing")


def job_of(
    settings: Settings, config: Path, *, system: bool = False, user: str = "briefing", command: tuple[str, ...] = ()
) -> Job:
    """The call for a configuration; `system` for one that another user makes.

    Raises UsageError where there is no configuration or no profile to call it for, or no such user can be.
    """
    file = config.absolute()
    if not file.is_file():
        raise UsageError(f"no configuration {file}: make one with `briefing init`, or name it with --config")
    if not settings.profiles:
        raise UsageError(f"{file} has no profile: add a table [profiles.morning] with its hour and recipients")
    if not _USER.fullmatch(user):
        raise UsageError(f"--user {user!r} is no name of a user")
    folder = file.parent
    return Job(
        command=command or own_command(),
        config=file,
        hours=tuple((one.hour, one.time_zone) for one in settings.profiles.values()),
        writable=tuple(dict.fromkeys(folder / path.expanduser() for path in _written(settings, system=system))),
        readable=tuple(dict.fromkeys(folder / path.expanduser() for path in _read(settings))),
        secrets=tuple(_secrets(settings, folder)),
        keeps_state=system and settings.state is None,
        user=user,
    )


def _written(settings: Settings, *, system: bool) -> Iterator[Path]:
    yield STATE if system and settings.state is None else settings.state_folder
    if settings.store is not None and isinstance(settings.store_place, Path):
        yield settings.store_place.parent
    yield settings.output
    if settings.mail.folder is not None:
        yield settings.mail.folder


def _read(settings: Settings) -> Iterator[Path]:
    stated = (settings.templates, settings.prompts, settings.mail.certificates)
    files = (one.recipients_file for one in settings.profiles.values())
    yield from (path for path in (*stated, *files) if path is not None)


def _secrets(settings: Settings, folder: Path) -> Iterator[tuple[str, Path]]:
    for name in ("password_file", "unsubscribe_key_file"):
        file: Path | None = getattr(settings.mail, name)
        if file is not None and "$" not in str(file):  # a variable is told by whoever sets it
            yield f"mail.{name}", folder / file.expanduser()
