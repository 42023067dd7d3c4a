"""Markdown: front matter, and the text of its blocks, one paragraph a line."""

from __future__ import annotations

import re
from collections.abc import Iterator

from briefing.collect.decode import UnreadableError, decode
from briefing.collect.pages import markup
from briefing.ports import Document, RawArticle
from briefing.report import Problem
from briefing.text import visible

_FRONT = re.compile(r"\s*---[ \t]*\n(?P<lines>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|$)")
_LINE = re.compile(r"(?P<key>[A-Za-z_]{2,20})\s*:\s*(?P<value>.*\S)\s*$")
_LINES_LIMIT = 60  # of front matter


def read(document: Document) -> Iterator[RawArticle | Problem]:
    """One article: its title is the front matter's, else the first heading of the first level."""
    try:
        text = visible(decode(document.data))
    except UnreadableError as error:
        yield Problem(document.name, str(error))
        return
    stated, text = _front_matter(text)
    headings, lines = _lines(text)
    title = stated.get("title") or next(iter(headings), None)
    yield RawArticle(
        id=document.id,
        text="\n".join(lines),
        title=title,
        published=stated.get("date") or stated.get("published"),
        publisher=stated.get("publisher"),
        url=stated.get("url"),
        author=stated.get("author"),
        language=stated.get("language") or stated.get("lang"),
        trusted_title=title is not None,
        place=document.name,
    )


def _front_matter(text: str) -> tuple[dict[str, str], str]:
    """The `key: value` lines between `---` lines at the top, and the text below; nothing else of YAML is read."""
    match = _FRONT.match(text)
    if not match or match["lines"].count("\n") > _LINES_LIMIT:
        return {}, text
    stated: dict[str, str] = {}
    for line in match["lines"].splitlines():
        if pair := _LINE.match(line):
            value = pair["value"]
            if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
                value = value[1:-1].replace('\\"', '"') if value[0] == '"' else value[1:-1].replace("''", "'")
            if value not in ("", "null", "~"):
                stated.setdefault(pair["key"].lower(), value)
    return stated, text[match.end() :]


def _lines(text: str) -> tuple[list[str], list[str]]:
    """First-level headings, and all lines in order, as a reader of the rendered text sees them.

    Links keep their text; images, and what raw HTML hides, have none.
    """
    from markdown_it import MarkdownIt

    rendered = MarkdownIt("commonmark").enable("table").render(text)
    tree, _ = markup.parse(f"<html><body>{rendered}</body></html>")
    shown = markup.visible(tree)
    return [" ".join(heading.text_content().split()) for heading in shown.iter("h1")], markup.blocks(shown)
