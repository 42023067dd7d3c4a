"""From what a reader found to a clean article: furniture out, fields in, nothing guessed, no news lost."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from urllib.parse import urlsplit

from briefing.collect import marks
from briefing.collect.byline import Byline, author_name, copyright_holder, parse
from briefing.collect.credit import agency, dateline
from briefing.collect.furniture import BYLINE, PUBLISHER, TAIL_BYLINE, rule_for, strip
from briefing.collect.language import language
from briefing.dates import parse_stated
from briefing.domain import Article, Flag, Span
from briefing.ports import RawArticle
from briefing.text import sentence_spans, single_line, visible, words

_FIELD_LENGTH = 300  # characters of a title, an author, a publisher
_TITLE_LENGTH = 200  # characters of a first line that reads like a title
_HEAD = 8  # blocks in which a title, its repetition, or a label may stand
_DATELINES = 3  # blocks of the body that may open on a dateline
_ENDS = re.compile(r"""[.,;:…]["'”’»)\]]*$""")
_ENDS_IN_INITIALS = re.compile(r"(?:\b[A-Z]\.){2,}$")


def clean(raw: RawArticle) -> Article:
    """The article that `raw` holds. Cleaning a cleaned title and body again changes neither.

    What stands in a field of its own wins over what the text says; unknown is None.
    """
    blocks = [block for block in (single_line(line) for line in visible(raw.text).split("\n")) if block]
    title, page = _titled(raw, blocks)
    own_author = _field(author_name(single_line(raw.author))) if raw.author else None
    kept, removed = strip(page, title=title, author=own_author)
    lines = list(_stated(removed))
    author = _first(own_author, *(line.author for line in lines))
    publisher = _first(_field(raw.publisher), *(line.publisher for line in lines))
    published = _first(
        parse_stated(raw.published), *(line.published for line in lines), *(line.updated for line in lines)
    )
    credit = _first(
        *(dateline(block)[0] for block in kept[:_DATELINES]),
        *(line.credit for line in lines if line.credit != publisher),
        agency(author) if author else None,
    )
    url = _address(raw.url)
    body = "\n".join(kept)
    found: dict[Flag, bool] = {
        "ai-written": marks.ai_written(blocks, author),
        "opinion": any(line.opinion for line in lines) or marks.opinion(blocks[:_HEAD] + blocks[-3:], title, url),
        "correction": marks.corrected(kept),
        "paywalled": marks.paywalled(block for block, _ in removed),
        "wire": credit is not None,
        "no-text": not body,
    }
    article = Article(
        id=raw.id,
        title=title,
        body=body,
        published=published,
        publisher=publisher,
        url=url,
        author=author,
        language=language(raw.language, f"{title or ''}\n{body}"),
        flags=tuple(flag for flag, holds in found.items() if holds or flag in raw.flags),
        credit=credit,
    )
    return replace(article, sentences=_sentences(article, kept))


def _titled(raw: RawArticle, blocks: Sequence[str]) -> tuple[str | None, Sequence[str]]:
    """The title, and the blocks of the page below it: what stands above a title is the page's chrome."""
    head = blocks[:_HEAD]
    if title := _field(raw.title):
        for index, block in enumerate(head):
            if block == title or (words(block) and words(block) == words(title)):
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


def _sentences(article: Article, kept: Sequence[str]) -> tuple[Span, ...]:
    """Spans of the body's whole sentences; a dateline belongs to none."""
    shift = article.body_start
    skip: list[Span] = []
    for block in kept[:_DATELINES]:
        skip.append(Span(shift, shift + dateline(block)[1]))
        shift += len(block) + 1
    spans = []
    for first, last in sentence_spans(article.body, article.language):
        start, end = first + article.body_start, last + article.body_start
        start = next((line.end for line in skip if line.start <= start < line.end), start)
        if start < end:
            spans.append(Span(start, end))
    return tuple(spans)


def _field(value: str | None) -> str | None:
    return single_line(value)[:_FIELD_LENGTH].rstrip() or None if value else None


def _first(*values: str | None) -> str | None:
    return next((value for value in values if value), None)


def _address(url: str | None) -> str | None:
    """An address that a link may lead to; None for any other scheme, hidden characters or credentials."""
    if not url or single_line(url) != url.strip() or " " in url.strip():
        return None
    try:
        parts = urlsplit(url.strip())
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        return None
    return url.strip() if known and parts.username is None and parts.password is None else None
