"""A finished briefing as text: Markdown, HTML, JSON or plain text.

A format is one function and one line in `FORMATS`. Those that people read are Jinja templates over the same view
(`view.Page`), which a user's own folder can replace or extend.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from briefing.domain import Article, Briefing
from briefing.errors import UsageError
from briefing.ports import Format, load
from briefing.render.folders import copy_templates, template_folder

__all__ = [
    "FORMATS", "check_formats", "check_templates", "copy_templates", "file_ending", "render", "summary",
    "template_folder",
]  # fmt: skip

FORMATS: dict[str, str] = {
    "md": "briefing.render.formats:markdown",
    "html": "briefing.render.formats:html",
    "json": "briefing.render.formats:json",
    "txt": "briefing.render.formats:plain",
    "story": "briefing.render.formats:story",
}
_ENDINGS = {"story": "story.md"}  # a format's file ending, where it is not the format's own name


def file_ending(format_name: str) -> str:
    """What a file of this format is named after its date: `html`, `story.md`."""
    return _ENDINGS.get(format_name, format_name)


def check_formats(names: Iterable[str]) -> None:
    """Raises UsageError for a format that is not there."""
    for name in names:
        if name not in FORMATS:
            raise UsageError(f"unknown format {name!r}: known are {', '.join(FORMATS)}")


def check_templates(own: Path | None) -> None:
    """Raises UsageError where a user's folder of templates is not there, or one in it cannot be read."""
    from briefing.render.environment import check_templates as check

    check(own)


def render(briefing: Briefing, format_name: str, articles: Mapping[str, Article], templates: Path | None = None) -> str:
    """The briefing in one of `FORMATS`; `articles` hold the full texts by id where they are at hand.

    Templates in the folder `templates` win over ours. Raises UsageError for an unknown format and for a template that
    cannot be filled.
    """
    check_formats([format_name])
    write: Format = load(FORMATS[format_name])
    return write(briefing, articles, templates)


def summary(briefing: Briefing, articles: Mapping[str, Article], templates: Path | None = None) -> str:
    """Markdown of a briefing's single event: its headline and sentences with footnotes."""
    from briefing.render.formats import summary as write

    return write(briefing, articles, templates)
