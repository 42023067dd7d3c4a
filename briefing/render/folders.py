"""Where templates lie, and copies of them to be edited."""

from __future__ import annotations

from pathlib import Path

from briefing.errors import UsageError
from briefing.files import copy_new

PACKAGE = Path(__file__).resolve().parent.parent


def template_folder(package: Path = PACKAGE) -> Path:
    """Our own templates: inside the package in a wheel, else the repository's `templates/` beside it.

    Raises UsageError where neither is there.
    """
    for folder in (package / "templates", package.parent / "templates"):
        if (folder / "briefing.html.jinja").is_file():
            return folder
    raise UsageError(f"the templates are missing from {package}: install briefing again")


def copy_templates(target: Path) -> list[Path]:
    """Copies our templates into `target` to be edited; the paths written, in order of name.

    Raises UsageError that names the file where one is there already: nothing is written then.
    """
    return copy_new(sorted(path for path in template_folder().iterdir() if path.suffix == ".jinja"), target)
