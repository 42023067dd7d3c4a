"""The command line: `briefing VERB`. Data on standard output, everything else on standard error.

Exit codes: 0 good, 1 error (`audit`: it does not hold), 2 usage or configuration, 3 partial, 4 nothing new, 5 the model
failed under `--no-fallback`, 6 mail could not be sent, 130 interrupted (143 by SIGTERM). Each verb imports what it
needs when it runs, so that `--help` stays quick.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated

import typer

from briefing import __version__
from briefing.cli.copies import prompts, schema, templates
from briefing.cli.doctoring import doctor
from briefing.cli.editing import edit
from briefing.cli.fetching import fetch, search, status
from briefing.cli.looking import audit, check, extract, group
from briefing.cli.mailing import recipients, run, send
from briefing.cli.scheduling import schedule
from briefing.cli.serving import serve
from briefing.cli.settings import config
from briefing.cli.sources import add, export, import_opml, init, remove
from briefing.cli.writing import build, replay, summarize
from briefing.errors import BriefingError
from briefing.parallel import is_out_of_memory

INTERRUPTED = 130
_NO_MEMORY = (
    "briefing: out of memory: this run could not go on; close other programs, "
    "or lower [fetch] workers (BRIEFING_FETCH__WORKERS=2), and run it again"
)

app = typer.Typer(
    name="briefing",
    help="Turns many news articles into one briefing in which every sentence carries its sources.\n\n"
    "Example: briefing build seeds/ -o briefings/",
    epilog="Exit codes: 0 good, 1 error (audit: it does not hold), 2 usage or configuration, 3 partial (something "
    "could not be read, or the language model failed; the rest went out), 4 nothing new, 5 the model failed under "
    "--no-fallback, 6 mail could not be sent, 130 interrupted (143 by SIGTERM).",
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
VERBS: tuple[Callable[..., None], ...] = (
    init, add, edit, remove, import_opml, export, fetch, status, search,
    build, summarize, replay, group, extract, check, audit,
    run, send, recipients, serve, doctor, schema, templates, prompts,
)  # fmt: skip
for verb in VERBS:
    app.command("import" if verb is import_opml else None)(verb)
app.add_typer(schedule, name="schedule")
app.add_typer(config, name="config")


def main() -> None:
    """Run the command line; the errors of ours end it with their message and exit code."""
    if isinstance(sys.stdout, TextIOWrapper):  # data is UTF-8 whatever the locale; a lone surrogate is told as \udcff
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    if sys.stderr is None:  # closed by the caller; `print` would then say on standard output what is no data
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for as long as the program runs
    try:
        app(prog_name="briefing")
    except BriefingError as error:
        print(f"briefing: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except SystemExit as end:
        if end.code == INTERRUPTED:
            print(
                "briefing: interrupted; what was stored, and what a language model answered, is kept", file=sys.stderr
            )
        raise
    except Exception as error:
        if is_out_of_memory(error):
            told = _NO_MEMORY
        elif isinstance(error, OSError):
            told = _of_system(error)
        else:
            raise
        error.__traceback__ = None  # what its frames hold is free again, to say it with
        print(told, file=sys.stderr)
        sys.exit(1)


def _of_system(error: OSError) -> str:
    return f"briefing: {error.strerror or error}: {error.filename or ''}".rstrip(": ")


def _show_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    pass
