"""Text of others made harmless for Markdown, and wrapped for plain text.

HTML needs nothing here: Jinja's autoescape does it.
"""

from __future__ import annotations

import re
import unicodedata

from briefing.text import visible

_SPACE = re.compile(r"\s+")
# Brackets end a run: a code span may hold none, for in `[title `]: x`](…)` a reader finds the definition of a link.
_RUN = re.compile(r"[^\s`\[\]]+|[`\[\]]")
# What a reader of Markdown may turn into a link by itself. It becomes a code span, the one form that GitHub, Obsidian,
# Pandoc and linkifiers all leave alone: several of them look for addresses after entities are decoded, so that
# writing the colon or the "@" as an entity is not enough.
_LINK_LIKE = re.compile(r"//|www\.|mailto:|xmpp:|tel:|[\w.+-]@[\w.-]", re.IGNORECASE)
_BEFORE_LINK = "({<\"'“‘„«"
_AFTER_LINK = ".,;:!?…)}>\"'”’»"
_MARK = re.compile(
    r"""(?P<dot>(?<=.)\.(?=[^\W\d_]{2}))      # host.example: linkifiers need no scheme
      | &(?=[\#a-zA-Z])                       # an entity
      | ={2,} | %{2,}                         # ==highlight== and %%comment%% of Obsidian
      | [\\`*_\[\]<>{}\#~^$|@]
    """,
    re.VERBOSE,
)
# At the start of a block: list items, setext underlines, definitions.
_OPENER = re.compile(r"( ?)(?:([-+=:])|(\d+)([.)])(?=\s|$))")


def inline(text: str) -> str:
    """Visible text on one line: every run of white space is one space, outer ones included."""
    return _SPACE.sub(" ", visible(text))


def markdown(text: str) -> str:
    """Text as Markdown that shows it and does nothing else: no link, image, HTML, footnote, heading, list or maths.

    Holds for CommonMark, GitHub, Obsidian and Pandoc. Line ends become spaces: a value never opens a block.
    """
    text = inline(text)
    opener = _OPENER.match(text)
    start = opener.end() if opener else 0
    escaped = _RUN.sub(_escape_run, text[start:])
    if escaped.endswith("!"):  # a footnote's mark behind it would make it an image
        escaped = escaped[:-1] + "\\!"
    if opener is None:
        return escaped
    return opener[1] + (f"\\{opener[2]}" if opener[2] else f"{opener[3]}\\{opener[4]}") + escaped


def _escape_run(match: re.Match[str]) -> str:
    run = match.group()
    if not _LINK_LIKE.search(run):
        return _MARK.sub(_escape_mark, run)
    body = run.lstrip(_BEFORE_LINK)
    before = run[: len(run) - len(body)]
    link = body.rstrip(_AFTER_LINK)
    after = body[len(link) :]
    return _MARK.sub(_escape_mark, before) + (f"`{link}`" if link else "") + _MARK.sub(_escape_mark, after)


def _escape_mark(match: re.Match[str]) -> str:
    return "&#46;" if match["dot"] else "".join("\\" + character for character in match.group())


def wrap(text: str, indent: str = "", first: str | None = None, width: int = 72) -> str:
    """Text in lines of at most `width` columns, the first behind `first`, the others behind `indent`.

    Wide characters (Chinese, Japanese, Korean) count two columns. An address is never broken.
    """
    first = indent if first is None else first
    room = width - max(len(indent), len(first))
    lines = [""]
    for word in inline(text).split():
        for piece in _pieces(word, room):
            if lines[-1] and _columns(lines[-1]) + 1 + _columns(piece) > room:
                lines.append("")
            lines[-1] += f" {piece}" if lines[-1] else piece
    return "\n".join((first if number == 0 else indent) + line for number, line in enumerate(lines))


def _pieces(word: str, columns: int) -> list[str]:
    """A word in pieces that fit a line; an address stays whole."""
    if _columns(word) <= columns or "://" in word:
        return [word]
    pieces, used = [""], 0
    for character in word:
        if used + _columns(character) > columns:
            pieces.append("")
            used = 0
        pieces[-1] += character
        used += _columns(character)
    return pieces


def _columns(text: str) -> int:
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(character) else 2 if unicodedata.east_asian_width(character) in "WF" else 1
        for character in text
    )
