"""Source kinds of a user's own, as `module:Name`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from briefing.ports import Document, RawArticle


def broken(document: Document) -> Iterator[RawArticle]:
    """An article that breaks whatever cleans it."""
    yield RawArticle(id=document.id, text=cast("str", None))


def dying(document: Document) -> Iterator[RawArticle]:
    """What ends the process that reads it, as a fault in a compiled parser does."""
    import os

    os.abort()
    yield RawArticle(id=document.id, text="")


def lines(document: Document) -> Iterator[RawArticle]:
    """An article a line."""
    for number, line in enumerate(document.data.decode().splitlines()):
        yield RawArticle(id=f"{number}", guid=f"{number}", title=line, text=f"{line}, it was said on Monday.")
