"""Where a page's headline stands: the article begins below it, and what it says of itself stands beside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from briefing.collect.pages.markup import Line
from briefing.text import words

_HEADINGS = ("h1", "h2", "h3", "h4")
_ANY_HEADING = frozenset((*_HEADINGS, "h5", "h6"))
_ABOVE = 8  # lines
_LONG = 20  # characters of a line that is found again for sure, and words of a heading that is too long for one


def find(shown: Any, page: Sequence[Line], title: str | None) -> Any:
    """The heading that reads like the title, the highest first, or any line that does; else the page's first `h1`.

    None where it has none of these.
    """
    wanted = words(title or "")
    first = None
    for heading in _HEADINGS:
        for element in shown.iter(heading):
            said = words(element.text_content())
            if said and said == wanted:
                return element
            if first is None and said and heading == "h1":
                first = element
    length = len(title or "")
    same = (line.element for line in page if abs(len(line.text) - length) < 8 and words(line.text) == wanted)
    return next(same, first) if wanted else first


def below(page: Sequence[Line], headline: Any) -> int | None:
    """Index of the first line below the headline; None where it has no line."""
    if headline is None:
        return None
    inside = set(headline.iter())
    places = [index for index, line in enumerate(page) if line.element in inside]
    return places[-1] + 1 if places else None


def above(page: Sequence[Line], told: Sequence[str]) -> str | None:
    """The nearest heading of more than two words above the first lines of the article, or at their head."""
    opening = {line for line in told[:3] if len(line) > _LONG}
    first = next((index for index, line in enumerate(page) if line.text in opening), None)
    if first is None:
        return None
    for line in reversed(page[max(0, first - _ABOVE) : first + 1]):
        up = [line.element, *line.element.iterancestors()][:4]
        if any(one.tag in _ANY_HEADING for one in up) and 2 < len(line.text.split()) < _LONG:
            return line.text
    return None
