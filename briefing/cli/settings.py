"""The verb that tells how the program is set up: config."""

from __future__ import annotations

from typing import Annotated

import typer

from briefing.cli.shared import AsJson, Config
from briefing.console import print_json

config = typer.Typer(help="Tell how the program is set up.", no_args_is_help=True, rich_markup_mode=None)


@config.command()
def show(
    origin: Annotated[bool, typer.Option("--origin", help="Tell where each setting comes from, too.")] = False,
    changed: Annotated[bool, typer.Option("--changed", help="Only what is not as it was delivered.")] = False,
    as_json: AsJson = False,
    file: Config = None,
) -> None:
    """Print all settings as they are in force; secrets are masked.

    Example: briefing config show --origin
    """
    from briefing.config.origin import settings_in_force

    found = [one for one in settings_in_force(file) if not changed or one.origin != "default"]
    if as_json:
        rows = [{"name": one.name, "value": one.value, "origin": one.origin} for one in found]
        print_json({"settings": rows})
        return
    width = max((len(one.name) for one in found), default=0)
    for one in found:
        value = one.shown
        print(f"{one.name:<{width}}  {value}" + (f"   ({one.origin})" if origin else ""))
