"""Plain text: paragraphs are lines, or blocks between blank lines where the lines were wrapped to a width."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from briefing.collect.decode import UnreadableError, decode
from briefing.ports import Document, RawArticle
from briefing.report import Problem
from briefing.text import visible

_ENDS = re.compile(r"""[.!?…:]["'”’»)\]]*$""")


def read(document: Document) -> Iterator[RawArticle | Problem]:
    """One article: the whole file. Its title is left to cleaning, which knows furniture."""
    try:
        text = decode(document.data)
    except UnreadableError as error:
        yield Problem(document.name, str(error))
        return
    yield RawArticle(id=document.id, text=paragraphs(text), trusted_title=False, place=document.name)


def paragraphs(text: str) -> str:
    """`text` with one paragraph a line.

    Lines inside a block are joined only where the block was clearly wrapped: to a width of 50 to 100 characters that
    the whole text keeps, every line so full that the next line's first word had no room, most lines ending in mid
    sentence.
    """
    blocks = [block.split("\n") for block in re.split(r"\n[ \n]*\n", visible(text).strip("\n"))]
    stripped = [[line.strip() for line in block if line.strip()] for block in blocks]
    width = max((len(line) for block in stripped if len(block) > 1 for line in block), default=0)
    return "\n".join(
        " ".join(block) if 50 <= width <= 100 and _wrapped(block, width) else "\n".join(block) for block in stripped
    )


def _wrapped(lines: list[str], width: int) -> bool:
    if len(lines) < 2:
        return False
    full = all(len(line) + 1 + len(following.split(maxsplit=1)[0]) > width for line, following in pairwise(lines))
    ended = sum(bool(_ENDS.search(line)) for line in lines[:-1])
    return full and 2 * ended < len(lines) - 1 + (len(lines) > 2)
