"""What stands between quotation marks was said in these words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from briefing.domain import Reason
from briefing.gate.compare import holds, plain
from briefing.ports import Claim, Passage

# Opening mark -> the marks that close it. German and Swedish close with marks that open elsewhere.
_CLOSING = {
    "“": "”“",
    "„": "“”",
    "«": "»",
    "»": "«",
    "”": "”",
    '"': '"',
    "＂": "＂",
    "‘": "’",
    "‚": "‘’",
    "‹": "›",
    "'": "'",
    "「": "」",
    "『": "』",
}
_MARKS = re.compile(f"[{''.join(sorted({*_CLOSING, *''.join(_CLOSING.values())}))}]")
DEEPEST = 8  # quotations in quotations: what lies deeper is compared as part of the outer ones
_SINGLE = "‘’'‹‚"
# Marks that open only where a word begins: elsewhere they are apostrophes, inch signs or closing marks.
_AMBIGUOUS = "'‘”»"


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`quotation` where a quoted string of two words or more stands in no passage, or a verbatim claim does not.

    Quotation marks, dashes, ellipses and spaces may differ, the first letter's case too, and a comma or a point before
    the closing mark is the quoting sentence's own. Caught: He said “we will never leave” from “we will not leave”.
    Passed: He called it a "fraught moment" from “This is a fraught moment,” he said.
    """
    if claim.kind == "verbatim":
        return None if any(claim.text in passage.text for passage in passages) else "quotation"
    for quoted in quotations(claim.text):
        piece = plain(quoted).rstrip(",. ").lstrip(". ")
        if len(piece.split()) < 2:
            continue
        other = piece[0].swapcase() + piece[1:]
        if not any(holds(plain(p.text), piece) or holds(plain(p.text), other) for p in passages):
            return "quotation"
    return None


def quotations(text: str) -> list[str]:
    """What stands between quotation marks, inner quotations after the outer ones' start, in order of their ends.

    A double mark that is never closed quotes up to the end; a single one is taken for an apostrophe.
    """
    found: list[str] = []
    opened: list[tuple[str, int]] = []
    for match in _MARKS.finditer(text):
        place, mark = match.start(), match.group()
        level = next((i for i in reversed(range(len(opened))) if mark in _CLOSING[opened[i][0]]), None)
        if level is not None and _closes(text, place, mark):
            found.append(text[opened[level][1] : place])
            del opened[level:]
        elif mark in _CLOSING and len(opened) < DEEPEST and _opens(text, place, mark):
            opened.append((mark, place + 1))
    found.extend(text[start:] for mark, start in opened if mark not in _SINGLE)
    return found


def _opens(text: str, place: int, mark: str) -> bool:
    before, after = text[place - 1 : place] if place else "", text[place + 1 : place + 2]
    if mark == '"':
        return not before.isdigit()  # 5'10" is a height
    if mark not in _AMBIGUOUS:
        return True
    return bool(after.strip()) and not after.isdigit() and (not before or not (before.isalnum() or before in ".,!?"))


def _closes(text: str, place: int, mark: str) -> bool:
    """Whether a mark closes: an apostrophe inside a word does not."""
    return mark not in "'’‘" or not (text[place + 1 : place + 2].isalnum() and text[place - 1 : place].isalnum())
