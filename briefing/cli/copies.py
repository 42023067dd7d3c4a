"""The verbs that give out what a user may read or change: schema, templates, prompts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from briefing.console import print_json

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Where to put the copies.")]


def schema() -> None:
    """Print the JSON Schema of the briefing's JSON.

    Example: briefing schema > briefing.schema.json
    """
    from briefing.edition import json_schema

    print_json(json_schema())


def templates(
    folder: Folder,
) -> None:
    """Copy our templates, to be changed; give the folder to `build --templates`.

    Example: briefing templates my-templates/
    """
    from briefing.render import copy_templates

    print("\n".join(map(str, copy_templates(folder))))


def prompts(
    folder: Folder,
) -> None:
    """Copy our prompts, to be changed; give the folder to `build --prompts`.

    Example: briefing prompts my-prompts/
    """
    from briefing.write.model.prompts import copy_prompts

    print("\n".join(map(str, copy_prompts(folder))))
