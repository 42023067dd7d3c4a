"""Where templates lie, and copies of them to be edited."""

from __future__ import annotations

from pathlib import Path

from briefing.errors import UsageError

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
    source = template_folder()
    names = sorted(path.name for path in source.iterdir() if path.suffix == ".jinja")
    copies = [target / name for name in names]
    for path in copies:
        if path.exists() or path.is_symlink():
            raise UsageError(f"{path} is there already: move it away, or name another folder")
    try:
        target.mkdir(parents=True, exist_ok=True)
        for name, path in zip(names, copies, strict=True):
            with path.open("xb") as file:
                file.write((source / name).read_bytes())
    except OSError as error:
        raise UsageError(f"cannot copy the templates to {target}: {error.strerror}") from error
    return copies
