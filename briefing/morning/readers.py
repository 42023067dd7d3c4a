"""Who gets a profile's edition: the addresses that its settings and its file name, each once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from briefing.config import ProfileSettings
from briefing.deliver.addresses import address, key
from briefing.errors import UsageError


@dataclass(frozen=True, slots=True)
class Readers:
    """The addresses to write to, as an envelope has them, each mailbox once; and what is wrong with lines of the file.

    A line that is no address stops nobody else.
    """

    addresses: tuple[str, ...]
    problems: tuple[str, ...] = ()


def readers(own: ProfileSettings) -> Readers:
    """Whom a profile names, in that order. The file has one address a line; what follows # is a remark.

    Raises UsageError for an address in the settings that is none, and for a file that cannot be read.
    """
    problems = []
    found: dict[str, str] = {}
    for stated in own.recipients:
        reader = address(stated)
        found.setdefault(key(reader), reader)
    if own.recipients_file is not None:
        file = own.recipients_file.expanduser()
        for number, line in enumerate(_lines(file), start=1):
            stated = line.split("#", 1)[0].strip()
            if not stated:
                continue
            try:
                reader = address(stated)
            except UsageError as error:
                problems.append(f"{file} line {number}: {error}")
                continue
            found.setdefault(key(reader), reader)
    return Readers(tuple(found.values()), tuple(problems))


def _lines(file: Path) -> list[str]:
    if file.exists() and not file.is_file():  # of a pipe, nobody knows when it ends
        raise UsageError(f"recipients_file: {file} is no file")
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UsageError(f"recipients_file: cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError(f"recipients_file: {file} line {line} is not UTF-8: save it as UTF-8") from error
