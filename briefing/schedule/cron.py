"""The line that has cron look at what is due, and the table that it stands in, whose other lines stay as they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from briefing.errors import UsageError

MARK = "# briefing schedule install, for "
_LONGEST = 990  # bytes of a command; Debian's cron refuses one of 999
_PLAIN = re.compile(r"[\w@+=:,./-]+", re.ASCII)
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def cron_line(words: Sequence[str], config: Path) -> str:
    """Two lines: one that says whose the other is, and one that calls the program every five minutes.

    Raises UsageError where a path cannot be written in a line of cron's.
    """
    if any(map(_CONTROL.search, words)):
        raise UsageError(f"{config} or the program's path has a line break or the like in it: rename it")
    command = f"cd {quoted(str(config.parent))} && {' '.join(map(quoted, words))}"
    if len(command.encode()) > _LONGEST:
        raise UsageError(f"the paths of the program and of {config} are too long for a line of cron's: move them")
    return f"{MARK}{config}\n*/5 * * * * {command}\n"


def quoted(word: str) -> str:
    """A word as the shell reads it once cron has read it.

    cron takes % for the end of the line, unless a backslash is before it, also in quotes; so it stands outside them,
    where no other backslash can be before that one (crontab(5)).
    """
    if _PLAIN.fullmatch(word):
        return word
    return "'" + word.replace("'", "'\"'\"'").replace("%", "'\\%'") + "'"


def with_line(table: str, line: str) -> str:
    """The table with our lines for a configuration: in place of those that are there, else at its end."""
    mark = line.partition("\n")[0]
    kept = without_line(table, Path(mark.removeprefix(MARK)))
    if kept and not kept.endswith("\n"):
        kept += "\n"
    return kept + line


def without_line(table: str, config: Path | None = None) -> str:
    """The table without our lines for a configuration; without one, for any."""
    rows = re.findall(r"[^\n]*\n|[^\n]+", table)
    kept: list[str] = []
    ours = False
    for row in rows:
        if ours and " schedule due --config " in row:
            ours = False
            continue
        stated = row.rstrip("\n").removeprefix(MARK) if row.startswith(MARK) else None
        ours = stated is not None and (config is None or stated == str(config))
        if not ours:
            kept.append(row)
    return "".join(kept)
