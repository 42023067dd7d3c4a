"""The output formats, each a `ports.Format`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from briefing.domain import Article, Briefing
from briefing.edition import to_json
from briefing.render.environment import fill
from briefing.render.page import STORY, page_of


def html(briefing: Briefing, articles: Mapping[str, Article], templates: Path | None = None) -> str:
    """One HTML file that needs nothing else: no script, nothing from elsewhere."""
    return fill("briefing.html.jinja", "html", {"page": page_of(briefing, articles)}, templates)


def markdown(briefing: Briefing, articles: Mapping[str, Article], templates: Path | None = None) -> str:
    """Markdown with footnotes, as GitHub, Obsidian and Pandoc read it."""
    return fill("briefing.md.jinja", "md", {"page": page_of(briefing, articles)}, templates)


def story(briefing: Briefing, articles: Mapping[str, Article], templates: Path | None = None) -> str:
    """Markdown in which each event reads like an article of a newspaper, its facts in a box, its proof below."""
    return fill("story.md.jinja", "md", {"page": page_of(briefing, articles, STORY)}, templates)


def plain(briefing: Briefing, articles: Mapping[str, Article], templates: Path | None = None) -> str:
    """Plain text of 72 columns; addresses are not broken."""
    return fill("briefing.txt.jinja", "txt", {"page": page_of(briefing, articles)}, templates)


def json(briefing: Briefing, articles: Mapping[str, Article], templates: Path | None = None) -> str:  # noqa: ARG001 - a Format takes them
    """The briefing as data, to the published schema."""
    return to_json(briefing)


def summary(briefing: Briefing, articles: Mapping[str, Article], templates: Path | None = None) -> str:
    """Markdown of the single event of a briefing."""
    return fill("summary.md.jinja", "md", {"page": page_of(briefing, articles)}, templates)
