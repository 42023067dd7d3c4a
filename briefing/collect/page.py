"""A web page saved to a file: its article's text through trafilatura, its fields from what the page states."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from briefing.collect import markup, metadata
from briefing.collect.decode import UnreadableError, decode
from briefing.ports import Document, RawArticle
from briefing.report import Problem

# trafilatura tells through the log that a page holds no text; we tell it as a Problem.
logging.getLogger("trafilatura").addHandler(logging.NullHandler())

_ELEMENT_LIMIT = 30_000  # three times what the longest pages have; more would take trafilatura many seconds


def read(document: Document) -> Iterator[RawArticle | Problem]:
    """One article: the page's. Hidden elements, comments and attributes never become text; nothing is fetched."""
    if len(document.data) > markup.SIZE_LIMIT:
        yield Problem(document.name, "is larger than 5 MiB, which no article's page is; give its text")
        return
    try:
        text = decode(document.data, markup=True)
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
    stated = metadata.stated(tree)
    shown = markup.visible(tree)
    head = metadata.head_lines(shown)
    yield RawArticle(
        id=document.id,
        text="\n".join([stated.title or "", *head, *_body(shown)]),
        title=stated.title,
        published=stated.published or metadata.shown_date(shown) or metadata.modified_date(stated, head),
        publisher=stated.publisher,
        url=stated.url or document.url,
        author=stated.author,
        language=stated.language,
        flags=stated.flags,
        trusted_title=stated.title is not None,
        place=document.name,
    )


def _body(tree: Any) -> list[str]:
    """The lines of the article among those of the page; all of them where the page is too small, or huge, to tell."""
    if sum(1 for _ in tree.iter()) > _ELEMENT_LIMIT:
        return markup.blocks(tree)
    from trafilatura import bare_extraction

    found = bare_extraction(tree, include_comments=False, include_tables=True, with_metadata=False)
    body = getattr(found, "body", None)  # the function's type also allows what an older option returned
    return markup.blocks(tree if body is None else body)
