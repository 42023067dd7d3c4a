"""The lines of the article among those of its page: what trafilatura finds, and the lead that it leaves out."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from briefing.collect.cleaning.byline import parse as parse_byline
from briefing.collect.cleaning.furniture import is_prose
from briefing.collect.pages import markup
from briefing.collect.pages.markup import Line

_ELEMENT_LIMIT = 30_000  # three times what the longest pages have; more would take trafilatura many seconds
_LEAD_LINES = 6
_BEFORE_BODY = 30  # lines between headline and text, beyond which the headline is that of something else
_OPENING = 60  # characters by which a line of the article is found on the page; under a third of it tells nothing
_HOLDERS = ("div", "section", "article", "main", "td", "body")
_NO_LEAD = ("figure", "figcaption", "table", "h1")
# What the world's style sheets call a lead, as a part of a class.
_LEAD = re.compile(
    r"(?:^|[\s_-])(?:lead|lede|intro|introduction|abstract|standfirst|dek|deck|subtitle|subheadline|subheading"
    r"|vorspann|chapo|bajada|entradilla|excerpt|hook|summary)(?:$|[\s_-])",
    re.IGNORECASE,
)


def read(shown: Any, page: Sequence[Line]) -> list[str]:
    """The article's lines; all lines of the page where it is too small, or huge, to tell. Consumes `shown`."""
    if sum(1 for _ in shown.iter()) > _ELEMENT_LIMIT:
        return [line.text for line in page]
    from trafilatura import bare_extraction

    found = bare_extraction(shown, include_comments=False, include_tables=True, with_metadata=False)
    body = getattr(found, "body", None)  # the function's type also allows what an older option returned
    if body is None:
        return [line.text for line in page]
    told = _parted(page, markup.blocks(body))
    return _missed(page, told) or told


def _parted(page: Sequence[Line], told: Sequence[str]) -> list[str]:
    """The lines told, one that strings the headline and further lines together in these: so a short article is told."""
    known = {line.text for line in page}
    found: list[str] = []
    for text in told:
        lines = [] if text in known else _strung(text, page)
        found += [line.text for line in lines] if any(map(_is_headline, lines)) else [text]
    return found


def _strung(text: str, page: Sequence[Line]) -> Sequence[Line]:
    """The lines of the page that, one after the other, are all of `text`; none where it is no string of lines."""
    for start, first in enumerate(page):
        rest = text
        for end, line in enumerate(page[start:] if text.startswith(first.text) else (), start + 1):
            if not rest.startswith(line.text):
                break
            rest = rest[len(line.text) :].lstrip()
            if not rest:
                return page[start:end]
    return ()


def _is_headline(line: Line) -> bool:
    return line.element.tag == "h1" or any(element.tag == "h1" for element in line.element.iterancestors())


def below(page: Sequence[Line], told: Sequence[str], start: int | None) -> list[str]:
    """The lines told, without those at their head that stand above the headline: they are the page's chrome."""
    if start is None:
        return list(told)
    above, under = {line.text for line in page[:start]}, {line.text for line in page[start:]}
    first = next((index for index, line in enumerate(told) if line not in above or line in under or is_prose(line)), 0)
    return list(told[first:])


def lead(page: Sequence[Line], told: Sequence[str], start: int | None) -> list[str]:
    """Running text, and what is marked as lead, between the headline and the first line told."""
    if start is None:
        return []
    places = [place for line in told[:5] if (place := _place(line, page, start)) is not None]
    if not places or min(places) - start > _BEFORE_BODY:
        return []
    held = "\n".join(told)
    found = [line.text for line in page[start : min(places)] if _is_lead(line) and line.text not in held]
    return found[:_LEAD_LINES]


def _missed(page: Sequence[Line], told: Sequence[str]) -> list[str]:
    """The lines of the element that holds most running text, where those told are neither these nor half as much."""
    prose = [line for line in page if is_prose(line.text) and 2 * line.linked <= len(line.text)]
    sizes: Counter[Any] = Counter()
    for line in prose:
        sizes[_holder(line.element)] += len(line.text)
    if not sizes:
        return []
    fullest, size = sizes.most_common(1)[0]
    if 2 * sum(map(len, told)) >= size:
        return []
    inside = set(fullest.iter())
    held = "\n".join(told)
    if 2 * sum(len(line.text) for line in prose if line.element in inside and line.text[:_OPENING] in held) >= size:
        return []
    return [line.text for line in page if line.element in inside and 2 * line.linked <= len(line.text)]


def _holder(element: Any) -> Any:
    """The element that holds an element's paragraph."""
    while element.tag not in _HOLDERS and element.getparent() is not None:
        element = element.getparent()
    return element


def _place(text: str, page: Sequence[Line], start: int) -> int | None:
    opening = text[:_OPENING]
    if 3 * len(opening) < _OPENING:
        return None
    return next((index for index in range(start, len(page)) if page[index].text.startswith(opening)), None)


def _is_lead(line: Line) -> bool:
    if 2 * line.linked > len(line.text) or parse_byline(line.text):
        return False
    above = [line.element, *line.element.iterancestors()]
    if any(element.tag in _NO_LEAD for element in above):
        return False
    if is_prose(line.text):
        return True
    return len(line.text) > 20 and any(_LEAD.search(element.get("class", "")) for element in above[:3])
