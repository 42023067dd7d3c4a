"""A web page saved to a file: its article's text through trafilatura, its fields from what the page states."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any

from briefing.collect.cleaning import marks, url_day
from briefing.collect.cleaning.byline import parse as parse_byline
from briefing.collect.decode import UnreadableError, decode
from briefing.collect.pages import body, headline, markup, metadata, published, scripted
from briefing.collect.pages.markup import Line
from briefing.domain import Flag
from briefing.ports import Document, RawArticle
from briefing.report import Problem

# trafilatura tells through the log that a page holds no text; we tell it as a Problem.
logging.getLogger("trafilatura").addHandler(logging.NullHandler())

_AFTER = 8  # lines below the article in which a paywall's prompt stands


def read(document: Document) -> Iterator[RawArticle | Problem]:
    """One article: the page's. Hidden elements, comments and attributes never become text; nothing is fetched.

    A page whose article only scripts would make gives its title, no text and the flag `script-only`.
    """
    if len(document.data) > markup.SIZE_LIMIT:
        yield Problem(document.name, "is larger than 5 MiB, which no article's page is; give its text")
        return
    try:
        text = decode(document.data, markup=True, charset=document.charset)
    except UnreadableError as error:
        yield Problem(document.name, str(error))
        return
    tree, cut = markup.parse(text)
    if tree is None:
        yield Problem(document.name, "is no web page: it holds no element")
        return
    if cut:
        yield Problem(
            document.name, f"nests its elements deeper than {markup.DEPTH_LIMIT}; what lies deeper was left out"
        )
    yield _article(tree, document)


def _article(tree: Any, document: Document) -> RawArticle:
    stated = metadata.stated(tree)
    marked, day_of_page = published.marked(tree), metadata.day_of_page(tree)
    scripts = scripted.scripts(tree)
    shown = markup.visible(tree)
    page = markup.lines(shown)
    told = body.read(shown, page)
    flags = (*stated.flags, *_paywall(page, told))
    if scripted.is_script_only(scripts, page, told):
        told, flags = [], (*flags, "script-only")
    title = stated.title if stated.sure else headline.above(page, told) or stated.title
    heading = headline.find(shown, page, title)
    start = headline.below(page, heading)
    told = body.below(page, told, start)
    head = published.head_lines(page, start)
    url = stated.url or document.url
    day = (
        stated.published
        or published.shown(shown, page, heading, start)
        or marked
        or day_of_page
        or published.in_titles([title, stated.window])
    )
    if day is None and not any(line and line.published for line in map(parse_byline, head)) and not url_day.read(url):
        day = stated.modified  # when the page was changed counts only where nothing says when it was published
    return RawArticle(
        id=document.id,
        text="\n".join([title or "", *head, *body.lead(page, told, start), *told]),
        title=title,
        published=day,
        published_from="page" if day else None,
        publisher=stated.publisher,
        url=url,
        author=stated.author,
        language=stated.language,
        flags=flags,
        trusted_title=title is not None,
        place=document.name,
    )


def _paywall(page: Sequence[Line], told: Sequence[str]) -> tuple[Flag, ...]:
    """`paywalled` where right below the article's last line the reader is asked to pay to read on."""
    held = set(told)
    last = max((index for index, line in enumerate(page) if line.text in held), default=None)
    if last is None:
        return ()
    return ("paywalled",) if marks.paywalled(line.text for line in page[last + 1 : last + 1 + _AFTER]) else ()
