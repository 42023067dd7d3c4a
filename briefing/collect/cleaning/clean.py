"""From what a reader found to a clean article: furniture out, fields in, nothing guessed, no news lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import get_args
from unicodedata import is_normalized
from urllib.parse import urlsplit

from briefing.collect.cleaning import marks, url_day
from briefing.collect.cleaning.byline import Byline, author_name, copyright_holder, dateline_day, parse
from briefing.collect.cleaning.credit import agency, dateline
from briefing.collect.cleaning.furniture import BYLINE, PUBLISHER, TAIL_BYLINE, repeats, rule_for, strip, title_words
from briefing.collect.cleaning.language import language
from briefing.dates import parse_stated
from briefing.domain import Article, DateOrigin, Flag, Span
from briefing.ports import RawArticle
from briefing.text import sentence_spans, single_line, visible

_FIELD_LENGTH = 300  # characters of a title, an author, a publisher
_TITLE_LENGTH = 200  # characters of a first line that reads like a title
_HEAD = 8  # blocks in which a title, its repetition, or a label may stand
_FLAGS: tuple[Flag, ...] = get_args(Flag)
_DATELINES = 3  # blocks of the body that may open on a dateline
# What nearly every address is: no user's name, nothing that a reader does not see, a port that is one.
_PLAIN_ADDRESS = re.compile(r"https?://[a-zA-Z0-9][a-zA-Z0-9.-]*(?::(?:[1-9]\d{0,3}|[1-5]\d{4}))?(?:[/?#][!-~]*)?")
_ENDS = re.compile(r"""[.,;:…]["'”’»)\]]*$""")
_ENDS_IN_INITIALS = re.compile(r"(?:\b[A-Z]\.){2,}$")


def clean(raw: RawArticle) -> Article:
    """The article that `raw` holds. Cleaning a cleaned title and body again changes neither.

    What stands in a field of its own wins over what the text says; unknown is None.
    """
    blocks = _blocks(raw.text)
    title, page = _titled(raw, blocks)
    own_author = _field(author_name(single_line(raw.author))) if raw.author else None
    kept, removed = strip(page, title=title, author=own_author)
    lines = list(_stated(removed)) if removed else []
    author = _first(own_author, *[line.author for line in lines])
    publisher = _first(_field(raw.publisher), *[line.publisher for line in lines])
    published, published_from = _published(raw, lines, kept)
    datelines = [dateline(block) for block in kept[:_DATELINES]]
    by_line = [line.credit for line in lines if line.credit != publisher]
    credit = _first(*[credited for credited, _ in datelines], *by_line, agency(author) if author else None)
    url, body = _address(raw.url), "\n".join(kept)
    told: dict[Flag, bool] = {
        "ai-written": marks.ai_written(blocks, author),
        "opinion": any(line.opinion for line in lines) or marks.opinion(blocks[:_HEAD] + blocks[-3:], title, url),
        "correction": marks.corrected(kept),
        "paywalled": marks.paywalled([block for block, _ in removed]),
        "wire": credit is not None,
        "no-text": not body,
    }
    known = language(raw.language, f"{title or ''}\n{body}")
    return Article(
        id=raw.id,
        title=title,
        body=body,
        published=published,
        published_from=published_from,
        publisher=publisher,
        url=url,
        author=author,
        language=known,
        flags=tuple([flag for flag in _FLAGS if told.get(flag) or flag in raw.flags]),
        credit=credit,
        sentences=_sentences(kept, known, len(title) + 2 if title else 0, [length for _, length in datelines]),
    )


def _blocks(text: str) -> list[str]:
    """The lines of a text that hold something, as a reader sees them."""
    if not _is_plain(text.replace("\n", "")):
        text = visible(text)
    elif "  " not in text and "\n " not in text and " \n" not in text:  # nothing but single spaces between words
        return [block for line in text.split("\n") if (block := line.strip(" "))]
    return [block for line in text.split("\n") if (block := " ".join(line.split()))]


def _published(raw: RawArticle, lines: Sequence[Byline], kept: Sequence[str]) -> tuple[str | None, DateOrigin | None]:
    """When the article was published, and what states it: its own field, its text, its address."""
    if field := parse_stated(raw.published):
        return field, raw.published_from
    said = _first(*(line.published for line in lines), *(dateline_day(block) for block in kept[:_DATELINES]))
    if said:
        return said, "text"
    if day := url_day.read(raw.url):
        return day, "url"
    changed = _first(*(line.updated for line in lines))
    return changed, "text" if changed else None


def _titled(raw: RawArticle, blocks: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """The title, and the blocks of the page below it: what stands above a title is the page's chrome."""
    head = blocks[:_HEAD]
    if title := _field(raw.title):
        wanted = title_words(title)
        for index, block in enumerate(head):
            if block == title or repeats(block, wanted):
                return title, blocks[index + 1 :]
            if not _is_chrome(block):
                break
        return title, blocks
    if raw.trusted_title:
        return None, blocks
    for index, block in enumerate(head):
        if _is_chrome(block) or (" " not in block and index + 1 < len(head) and _reads_like_title(head[index + 1])):
            continue
        return (block, blocks[index + 1 :]) if _reads_like_title(block) else (None, blocks)
    return None, blocks


def _is_chrome(block: str) -> bool:
    return rule_for(block) is not None or parse(block) is not None


def _reads_like_title(block: str) -> bool:
    ends = _ENDS.search(block) and not _ENDS_IN_INITIALS.search(block)
    return not ends and len(block) <= _TITLE_LENGTH and any(letter.isalpha() for letter in block)


def _stated(removed: Sequence[tuple[str, str]]) -> Iterator[Byline]:
    """What the removed lines say of author, publisher and date, in the order of the page.

    A date at the article's end counts only where it says what it is.
    """
    for block, name in removed:
        if name == PUBLISHER:
            yield Byline(publisher=block)
        elif name in (BYLINE, TAIL_BYLINE) and (line := parse(block)):
            yield line if name == BYLINE or line.labelled else replace(line, published=None, updated=None)
        elif name == "source":
            yield Byline(credit=agency(block.partition(":")[2]))
        elif name == "rights" and (holder := copyright_holder(block)):
            known = agency(holder)
            yield Byline(credit=known, publisher=None if known else holder)


def _sentences(kept: Sequence[str], known: str | None, shift: int, datelines: Sequence[int]) -> tuple[Span, ...]:
    """Spans of the body's whole sentences, the body beginning at `shift`; a dateline belongs to none."""
    spans = sentence_spans("\n".join(kept), known)
    if not any(datelines):
        return tuple([Span(first + shift, last + shift) for first, last in spans]) if shift else tuple(spans)
    skip: dict[int, int] = {}  # first offset after each dateline by those within it
    start = 0
    for block, length in zip(kept, datelines, strict=False):
        skip |= dict.fromkeys(range(start, start + length), start + length)
        start += len(block) + 1
    found = []
    for first, last in spans:
        begins = skip.get(first, first)
        if begins < last:
            found.append(Span(begins + shift, last + shift))
    return tuple(found)


def _field(value: str | None) -> str | None:
    return _line(value)[:_FIELD_LENGTH].rstrip() or None if value else None


def _line(value: str) -> str:
    """As `single_line`, and quick where there is nothing to be made visible."""
    return " ".join(value.split()) if _is_plain(value) else single_line(value)


def _is_plain(value: str) -> bool:
    """Whether `visible` would change nothing but runs of spaces: all that it looks for counts as not printable."""
    return value.isprintable() and (value.isascii() or is_normalized("NFC", value))


def _first(*values: str | None) -> str | None:
    for value in values:
        if value:
            return value
    return None


def _address(url: str | None) -> str | None:
    """An address that a link may lead to; None for any other scheme, hidden characters or credentials."""
    if url and _PLAIN_ADDRESS.fullmatch(url):
        return url
    if not url or _line(url) != url.strip() or " " in url.strip():
        return None
    try:
        parts = urlsplit(url.strip())
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return url.strip() if known and parts.username is None and parts.password is None else None
