"""What the INPUT arguments name: files to be read, with their ids."""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from briefing.errors import UsageError
from briefing.report import Problem

STDIN = "-"
_NO_INPUT = re.compile(r"\.|README|LICENSE|truth\.json$", re.IGNORECASE)
_NO_FILE = "is no regular file"
_LEADS_OUTSIDE = "is a link that leads outside the folder, which is not followed; give what it leads to as an INPUT"
_ADDRESS = re.compile(r"[a-z][a-z0-9+.\-]*://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class File:
    """A file to be read: where it is, what messages call it, the id of its article, and the INPUT it came by."""

    path: Path
    name: str
    id: str
    source: str
    link: bool = False


def files(inputs: Sequence[str], endings: Collection[str]) -> tuple[list[File], list[Problem]]:
    """The files that `inputs` name, each physical file once, in an order that does not depend on theirs.

    A file reached through two INPUTs belongs to the outermost. Raises UsageError for an empty INPUT and for a path that
    is not there.
    """
    found: list[File] = []
    problems: list[Problem] = []
    for given in sorted(set(inputs) - {STDIN}):
        if not given.strip():
            raise UsageError("an INPUT is empty: name a file or a folder; the current folder is .")
        path = Path(given)
        if not os.path.lexists(path):
            raise UsageError(f"{given}: no such file or folder")
        if path.is_dir():
            inside = list(_walk(path, endings))
            found += (one for one in inside if isinstance(one, File))
            problems += (one for one in inside if isinstance(one, Problem))
            if not inside:
                problems.append(Problem(_readable(given), f"no article in this folder; read are {_listed(endings)}"))
        elif path.suffix.lower() not in endings:
            problems.append(
                Problem(_readable(given), f"files ending in {path.suffix!r} are not read; read are {_listed(endings)}")
            )
        elif not path.is_file():
            problems.append(Problem(_readable(given), _NO_FILE))
        else:
            source = os.path.abspath(given)  # noqa: PTH100 - not resolved
            found.append(File(path.resolve(), _readable(given), _readable(path.name), _readable(source)))
    return _once(found), list(dict.fromkeys(problems))


def is_address(given: str) -> bool:
    """Whether an INPUT names something on the web."""
    return bool(_ADDRESS.match(given))


def label(source: str, parts: int) -> str:
    """The last `parts` parts of an INPUT's path, as it is put in front of an id."""
    return "/".join(Path(source).parts[-parts:]).lstrip("/") or source


def _walk(folder: Path, endings: Collection[str]) -> Iterator[File | Problem]:
    source = os.path.abspath(folder)  # noqa: PTH100 - a symbolic link keeps the name that it was given by
    inside = folder.resolve()
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for path in (Path(parent, name) for name in folders):  # none that is a link is entered
            if path.is_symlink() and not path.resolve().is_relative_to(inside):
                yield Problem(_readable(path.as_posix()), _LEADS_OUTSIDE)
        for path in (Path(parent, name) for name in sorted(names)):
            if _NO_INPUT.match(path.name) or path.suffix.lower() not in endings:
                continue
            shown = _readable(path.as_posix())
            if not path.exists():
                yield Problem(shown, "is a link that leads nowhere")
            elif not (resolved := path.resolve()).is_relative_to(inside):
                yield Problem(shown, _LEADS_OUTSIDE)
            elif not path.is_file():
                yield Problem(shown, _NO_FILE)
            else:
                inner = _readable(path.relative_to(folder).as_posix())
                yield File(resolved, shown, inner, _readable(source), path.is_symlink())


def _readable(path: str) -> str:
    """A path as text that can be written: a byte that is no UTF-8 is told as its escape."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _once(found: list[File]) -> list[File]:
    """Each physical file once: the outermost INPUT's, a real path before a link to it."""
    first: dict[Path, File] = {}
    for file in sorted(found, key=lambda file: (len(Path(file.source).parts), file.source, file.link, file.id)):
        first.setdefault(file.path, file)
    return sorted(first.values(), key=lambda file: (file.source, file.id))


def _listed(endings: Collection[str]) -> str:
    return " ".join(sorted(endings))
