"""Addresses that may be linked, and links to the exact passage by text fragment.

Text fragments: https://wicg.github.io/scroll-to-text-fragment/, `#:~:text=[prefix-,]start[,end][,-suffix]`.
"""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit, urlunsplit

from briefing.text import visible

MAX_URL = 2048
_EXACT_WORDS = 12  # a passage of at most so many words is named whole, a longer one by its two ends
_EDGE_WORDS = 5
_CONTEXT_WORDS = 3
_MAX_DIRECTIVE = 1500
_REFUSED = re.compile(r"[\s\\\x00-\x20\x7f]")
_HOST = re.compile(r"(?!\.)(?:[a-z0-9_-]{1,63}\.?)+|\[[0-9a-f:.]+\]")
# Percent-encoded everywhere, though a URL allows them: what would end a link in Markdown or an attribute in HTML.
_KEPT = "%/?:@!$&+,;=~-._"


class Url(str):
    """An address that passed `safe_url`: templates may write it as a link's target without escaping it as text."""

    __slots__ = ()


def safe_url(address: str | None) -> Url | None:
    """An http or https address with a host, percent-encoded; None for every other one.

    Refused besides other schemes: white space, controls and backslashes inside (browsers drop or rewrite them) and a
    user name before the host (`https://paper.example@evil.example`).
    """
    address = (address or "").strip(" ")
    if not address or len(address) > MAX_URL or _REFUSED.search(address) or visible(address) != address:
        return None
    try:
        parts = urlsplit(address)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode() if "[" not in parts.netloc else f"[{parts.hostname}]"
    except (ValueError, UnicodeError):
        return None
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or not _HOST.fullmatch(host):
        return None
    netloc = host if port is None else f"{host}:{port}"
    path, query, fragment = (quote(part, safe=_KEPT) for part in parts[2:])
    return Url(urlunsplit((parts.scheme, netloc, path, query, fragment)))


def passage_url(address: str | None, text: str, start: int, end: int) -> Url | None:
    """A link to the passage `text[start:end]` (half-open) of the page at `address`; None where that is no safe address.

    A browser that does not find the passage opens the page at its top, so a page that has changed does no harm.
    """
    url = safe_url(address)
    if url is None:
        return None
    directive = text_directive(text, start, end)
    page, _, fragment = url.partition("#")
    fragment = fragment.split(":~:")[0]
    return Url(f"{page}#{fragment}:~:{directive}") if directive else Url(f"{page}#{fragment}" if fragment else page)


def text_directive(text: str, start: int, end: int) -> str | None:
    """`text=...` that names the passage `text[start:end]`, in whole words; None where it holds no whole word.

    Context is added where the words alone stand more than once in `text`: browsers go to the first place that fits.
    """
    start, end = _whole_words(text, start, end)
    lines = [line.split() for line in text[start:end].splitlines() if line.strip()]
    if not lines:
        return None
    page = f" {' '.join(text.split())} ".casefold()
    before, after = _neighbours(text, start, end)
    if len(lines) == 1 and len(lines[0]) <= _EXACT_WORDS:
        parts = [_encode(lines[0])]
        unique = _occurrences(page, lines[0]) <= 1
        context_after = before == [] and not unique
    else:
        opening = _shortest_unique(page, lines[0])
        parts = [_encode(opening), _encode(lines[-1][-_EDGE_WORDS:])]
        unique = _occurrences(page, opening) <= 1
        context_after = False
    if not unique and before:
        parts.insert(0, _encode(before) + "-")
    if context_after and after:
        parts.append("-" + _encode(after))
    directive = "text=" + ",".join(parts)
    return directive if len(directive) <= _MAX_DIRECTIVE else None


def _whole_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the parts of words at its edges: browsers match whole words only."""
    while 0 < start < end and text[start].isalnum() and text[start - 1].isalnum():
        start += 1
    while start < end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end -= 1
    return start, end


def _neighbours(text: str, start: int, end: int) -> tuple[list[str], list[str]]:
    """The last words before the span and the first after it, within its paragraph."""
    before = text[text.rfind("\n", 0, start) + 1 : start].split()[-_CONTEXT_WORDS:]
    after = text[end:].partition("\n")[0].split()[:_CONTEXT_WORDS]
    return before, after


def _shortest_unique(page: str, line: list[str]) -> list[str]:
    """The first words of a line: as few as make them unique on the page, within the two limits."""
    for count in range(_EDGE_WORDS, _EXACT_WORDS):
        if _occurrences(page, line[:count]) <= 1:
            return line[:count]
    return line[:_EXACT_WORDS]


def _occurrences(page: str, words: list[str]) -> int:
    return page.count(" ".join(words).casefold())


def _encode(words: list[str]) -> str:
    """Words percent-encoded for a text directive, whose own marks are `-`, `,` and `&`."""
    return quote(" ".join(words), safe="", errors="ignore").replace("-", "%2D")
