"""What checks are given, and what they find."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from briefing.config import ProfileSettings, Settings

Level = Literal["good", "warn", "bad", "skipped"]
"""`bad` keeps an edition from being made or read; `warn` may, some day; `skipped` could not be looked at."""

_COMMAND = 10  # seconds for a command of the system's


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found, and what to do about it."""

    level: Level
    what: str
    todo: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What is examined: the settings, the file that they came from, and the profiles that are meant.

    `name_servers` are addresses and ports to ask instead of the system's resolver.
    """

    settings: Settings
    file: Path
    names: tuple[str, ...]
    now: datetime
    name_servers: tuple[tuple[str, int], ...] = field(default=())

    @property
    def profiles(self) -> dict[str, ProfileSettings]:
        """The profiles that are meant, by name."""
        return {name: self.settings.profiles[name] for name in self.names}


Check = Callable[[Setup], Iterable[Finding]]


def good(what: str) -> Finding:
    """As it should be."""
    return Finding("good", what)


def warn(what: str, todo: str) -> Finding:
    """Something to look at."""
    return Finding("warn", what, todo)


def bad(what: str, todo: str) -> Finding:
    """Something that does not work."""
    return Finding("bad", what, todo)


def skipped(what: str, todo: str | None = None) -> Finding:
    """Something that could not be looked at, and why."""
    return Finding("skipped", what, todo)


def why_not_writable(folder: Path) -> str | None:
    """Why no file can be made in a folder, or in the nearest above it where it is not there yet; None where one can."""
    try:
        with tempfile.TemporaryFile(dir=nearest(folder)):
            return None
    except OSError as error:
        return error.strerror or str(error)


def nearest(path: Path) -> Path:
    """The path itself, or the nearest folder above it that is there."""
    return next((one for one in (path.absolute(), *path.absolute().parents) if os.path.lexists(one)), Path("/"))


def said(*words: str) -> str | None:
    """What a command of the system's prints; None where there is none such, or it fails."""
    try:
        done = subprocess.run(  # noqa: S603 - words of our own, and no shell
            words, capture_output=True, timeout=_COMMAND, check=False, stdin=subprocess.DEVNULL,
            encoding="utf-8", errors="replace", env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None
