"""What several verbs share: their options, and reading what INPUT names."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from briefing.errors import UsageError

if TYPE_CHECKING:
    from briefing.collect import Collected
    from briefing.progress import Bar

PARTIAL = 3

Inputs = Annotated[
    list[str],
    typer.Argument(metavar="INPUT...", help="Files, folders (.txt .md .html .jsonl .json .xml), or - for JSON Lines."),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Only errors on standard error.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Tell what each stage found.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Config = Annotated[Path | None, typer.Option("--config", help="Settings [default: briefing.toml, if there is one].")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="DIR", help="Where to [default: briefings/].")]
Templates = Annotated[Path | None, typer.Option(metavar="DIR", help="Your templates, before ours.")]


def collect_inputs(inputs: Sequence[str], *, quiet: bool) -> Collected:
    """What INPUT names, read and cleaned, under a progress bar."""
    from briefing.collect import collect

    with progress_bar(quiet=quiet) as bar:
        return collect(inputs, stdin=sys.stdin.buffer, progress=lambda done, total: bar("read", done, total))


def progress_bar(*, quiet: bool) -> Bar:
    """A progress bar on standard error, shown only on a terminal."""
    from briefing.progress import Bar

    return Bar(shown=not quiet and sys.stderr.isatty())


def bytes_of(path: Path) -> bytes:
    """A file's bytes. Raises UsageError that names it."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
