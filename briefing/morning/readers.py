"""Who gets a profile's edition: the addresses that its settings and its file name, each once."""

from __future__ import annotations

from pathlib import Path

from briefing.config import ProfileSettings
from briefing.deliver.addresses import address, key
from briefing.errors import UsageError


def readers(own: ProfileSettings) -> tuple[str, ...]:
    """The addresses to write to, as an envelope has them, in the order that they are first named.

    The file has one address a line; what follows # is a remark. Raises UsageError that names the line.
    """
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
                raise UsageError(f"{file} line {number}: {error}") from error
            found.setdefault(key(reader), reader)
    return tuple(found.values())


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise UsageError(f"recipients_file: cannot read {file}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise UsageError(f"recipients_file: {file} line {line} is not UTF-8: save it as UTF-8") from error
