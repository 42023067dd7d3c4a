"""An edition as files in a folder, which take their places together, when all of them are written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from briefing.domain import Article, Briefing
from briefing.errors import BriefingError, UsageError
from briefing.files import is_full, write_together
from briefing.render import file_ending, render

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def write_edition(
    briefing: Briefing,
    articles: Mapping[str, Article],
    folder: Path,
    formats: Sequence[str],
    templates: Path | None = None,
    profile: str | None = None,
) -> list[Path]:
    """Write `DATE.ENDING`, or `DATE-PROFILE.ENDING`, for every format, after all are rendered; the paths, in order.

    Raises UsageError for a folder that cannot be written to and for a target that is a link, BriefingError where the
    disk is full. The earlier files are then as they were.
    """
    if not _DAY.fullmatch(briefing.date):
        raise UsageError(f"{briefing.date!r} is no day to name files after: write it as 2024-10-22")
    stem = briefing.date if profile is None else f"{briefing.date}-{profile}"
    rendered = {folder / f"{stem}.{file_ending(name)}": render(briefing, name, articles, templates) for name in formats}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in rendered:
            if path.is_symlink():
                raise UsageError(
                    f"{path} is a link: remove it, or name another folder with -o, or output in briefing.toml"
                )
        write_together(rendered)
    except OSError as error:
        if is_full(error):
            raise BriefingError(
                f"the disk is full: nothing was written to {folder}, and what is there is as it was "
                f"({error.strerror}); make room, and run it again"
            ) from error
        raise UsageError(
            f"cannot write to {folder}: {error.strerror}; name another folder with -o, or output in briefing.toml"
        ) from error
    return list(rendered)
