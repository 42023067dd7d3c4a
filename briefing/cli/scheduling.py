"""The verbs of the timer: schedule install, remove, next, due and run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from briefing.cli.shared import AsJson, Config, now_of, open_settings_store, progress_bar
from briefing.console import print_json, tell, tell_each
from briefing.errors import UsageError

if TYPE_CHECKING:
    from briefing.schedule.install import Place

schedule = typer.Typer(
    name="schedule",
    help="Make and send each profile's edition at its hour, unattended.\n\nExample: briefing schedule install",
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

System = Annotated[bool, typer.Option("--system", help="In the system's systemd, as root; else this user's own.")]
Cron = Annotated[bool, typer.Option("--cron", help="In your crontab, also where systemd works.")]


@schedule.command()
def install(
    show: Annotated[bool, typer.Option("--print", help="Only print what would be written.")] = False,
    system: System = False,
    cron: Cron = False,
    user: Annotated[
        str, typer.Option("--user", metavar="NAME", help="With --system: the user it runs as.")
    ] = "briefing",
    config: Config = None,
) -> None:
    """Have systemd, or else cron, look at what is due, from now on and after each start of the machine.

    Example: briefing schedule install --print
    """
    from briefing.config import DEFAULT_FILE, load_settings
    from briefing.schedule.install import chosen, text_of
    from briefing.schedule.install import install as put
    from briefing.schedule.job import job_of

    place = _place(system=system, cron=cron)
    if place is None:
        try:
            place = chosen()
        except UsageError:
            if not show:
                raise
            place = "user"  # to be taken elsewhere
    job = job_of(load_settings(config), config or DEFAULT_FILE, system=place == "system", user=user)
    if show:
        print(text_of(job, place), end="")
        return
    tell_each(put(job, place))


@schedule.command()
def remove(system: System = False, cron: Cron = False) -> None:
    """Take away what `install` wrote; what is stored, and what was sent, stays.

    Example: briefing schedule remove
    """
    from briefing.schedule.install import remove as take_away

    tell_each(take_away(_place(system=system, cron=cron)))


@schedule.command("next")
def next_runs(
    count: Annotated[int, typer.Option("-n", min=1, max=1000, metavar="N", help="Editions at most.")] = 5,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Tell which editions come next, each at its profile's own clock.

    Example: briefing schedule next -n 10
    """
    from briefing.config import load_settings
    from briefing.schedule.due import coming

    settings = load_settings(config)
    if not settings.profiles:
        raise UsageError("there is no profile yet: add a table [profiles.morning] to briefing.toml")
    found = coming(settings.profiles, now_of()(), count)
    if as_json:
        rows = [{"profile": one.profile, "day": str(one.day), "at": one.at.isoformat()} for one in found]
        print_json({"editions": rows})
        return
    width = max((len(one.profile) for one in found), default=0)
    for one in found:
        moved = "" if one.at.date() == one.day else f"  (the edition of {one.day})"
        print(f"{one.profile:<{width}}  {one.at:%a %Y-%m-%d %H:%M} {one.at.tzname()}{moved}")


@schedule.command()
def due(
    config: Config = None,
    quiet: Annotated[bool, typer.Option("-q", "--quiet", help="Say nothing where another one is at it.")] = False,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Tell what waits, too.")] = False,
) -> None:
    """Do what is due now, and nothing twice: what timers call, and you may at any time.

    Example: briefing schedule due
    """
    from briefing.store.lock import AlreadyRunning

    try:
        code = _look(config, tell, verbose=verbose)
    except AlreadyRunning:
        if not quiet:
            raise
        code = 0
    if code:
        raise typer.Exit(code)


@schedule.command()
def run(
    heartbeat: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Touched at each look, for a check of health.")
    ] = None,
    config: Config = None,
) -> None:
    """Stay running and look every minute at what is due, until SIGTERM (exit code 0) or Ctrl-C: for containers.

    Example: briefing schedule run --heartbeat /tmp/heartbeat
    """
    from briefing.config import load_settings
    from briefing.schedule.daemon import Fresh, serve

    load_settings(config)  # what is wrong with it now ends the program; later it is told, and looked at again
    say = Fresh(tell)

    def look() -> None:
        say.turn()
        code = _look(config, say)
        if code > 128:  # a signal, which it has caught itself
            raise SystemExit(code)

    tell("looks every minute at what is due")
    code = serve(look, say, heartbeat=heartbeat)
    if code:
        raise typer.Exit(code)


def _look(config: Path | None, say: Callable[[str], None], *, verbose: bool = False) -> int:
    from briefing.cli.mailing import tools_of
    from briefing.morning.due import run_due

    with open_settings_store(config) as (settings, database), progress_bar(quiet=True) as bar:
        return run_due(database, settings, replace(tools_of(bar, quiet=True), tell=say, warn=say), verbose=verbose)


def _place(*, system: bool, cron: bool) -> Place | None:
    if system and cron:
        raise UsageError("--system and --cron at once: one of them")
    return "system" if system else "cron" if cron else None
