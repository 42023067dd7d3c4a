"""The prompts: files that a user may copy and change. Each is the unchanging part of a request, and stands first."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from briefing.errors import UsageError
from briefing.files import copy_new

NAMES = ("write", "repair", "judge")
PACKAGE = Path(__file__).resolve().parent.parent.parent


@dataclass(frozen=True, slots=True)
class Prompts:
    """The texts of the three prompts."""

    write: str
    repair: str
    judge: str

    @property
    def sha256(self) -> str:
        """SHA-256 over the three texts, each with its name, as hexadecimal digits: the version in a briefing."""
        parts = "".join(f"{name}\0{getattr(self, name)}\0" for name in NAMES)
        return hashlib.sha256(parts.encode()).hexdigest()


def load_prompts(folder: Path | None = None, package: Path = PACKAGE) -> Prompts:
    """The prompts, those in the user's `folder` before ours.

    Raises UsageError for a folder that is none or holds no prompt, and for a file that cannot be read or is empty.
    """
    if folder is not None:
        if not folder.is_dir():
            raise UsageError(f"{folder} is no folder of prompts: make one with `briefing prompts DIR`")
        if not any((folder / f"{name}.md").is_file() for name in NAMES):
            raise UsageError(f"{folder} holds none of {', '.join(f'{name}.md' for name in NAMES)}")
    return Prompts(**{name: _read(name, folder, package) for name in NAMES})


def copy_prompts(target: Path) -> list[Path]:
    """Copies our prompts into `target` to be edited; the paths written. Raises UsageError where one is there."""
    return copy_new((_own_folder(PACKAGE) / f"{name}.md" for name in NAMES), target)


def _read(name: str, folder: Path | None, package: Path) -> str:
    path = folder / f"{name}.md" if folder is not None and (folder / f"{name}.md").is_file() else None
    path = path or _own_folder(package) / f"{name}.md"
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").strip()
    except OSError as error:
        raise UsageError(f"cannot read the prompt {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"the prompt {path} is not UTF-8: save it as UTF-8") from error
    if not text:
        raise UsageError(f"the prompt {path} is empty: write it, or remove the file to use ours")
    return text


def _own_folder(package: Path) -> Path:
    for folder in (package / "prompts", package.parent / "prompts"):
        if (folder / "write.md").is_file():
            return folder
    raise UsageError(f"the prompts are missing from {package}: install briefing again")
