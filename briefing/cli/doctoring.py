"""The verb that looks whether everything works: doctor."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from briefing.cli.shared import AsJson, Config, Quiet, now_of, progress_bar
from briefing.console import print_json
from briefing.errors import UsageError

if TYPE_CHECKING:
    from briefing.doctor.examining import Examined


def doctor(
    profile: Annotated[
        str | None, typer.Option("--profile", metavar="NAME", help="Look at this profile alone [default: at all].")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Check settings, store, sources, model, mail, disk, clock and timer; say what to do about each.

    Nothing is changed, no mail is sent. The exit code is 1 if something is bad.

    Example: briefing doctor
    """
    from briefing.doctor.telling import as_dict, is_good, lines

    examined = _examined(config, profile, quiet=quiet or as_json)
    if as_json:
        print_json(as_dict(examined))
    else:
        for line in lines(examined):
            print(line)
    if not is_good(examined):
        raise typer.Exit(1)


def _examined(config: Path | None, profile: str | None, *, quiet: bool) -> list[Examined]:
    from briefing.config import DEFAULT_FILE, load_settings
    from briefing.doctor.examining import examine, not_set_up, silent
    from briefing.doctor.finding import Setup

    try:
        with silent():  # who can read a secret is told by a check
            settings = load_settings(config)
    except UsageError as error:
        return not_set_up(error)
    names = tuple(settings.profiles) if profile is None else (profile,)
    for name in names:
        settings.profile(name)
    setup = Setup(settings=settings, file=config or DEFAULT_FILE, names=names, now=now_of()())
    with progress_bar(quiet=quiet) as bar:
        return examine(setup, bar)
