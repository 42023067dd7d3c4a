"""When a page shows that its article was published: in elements made for it, by the headline, in a title."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from briefing.collect.cleaning.byline import parse as parse_byline
from briefing.collect.cleaning.byline import stated_date as date_in
from briefing.collect.cleaning.furniture import is_prose
from briefing.collect.pages.markup import Line
from briefing.dates import parse_stated

_MARKED = re.compile(r"date(?!modified)|datum|publish|timestamp|pubdate|posted-on", re.IGNORECASE)
_TIME = re.compile(rf"{_MARKED.pattern}|byline|author|autor|meta|info|posted|header|time", re.IGNORECASE)
_ARTICLES_OWN = re.compile(
    r"(?:article|artikel|post|entry|beitrag|news|story|meldung)s?[\w-]*?"
    r"(?:date(?!-?mod)|datum|published|time(?!-?to))|datepublished",
    re.IGNORECASE,
)
_CHANGED = re.compile(r"last-?(?:updated?|modified)|modified|copyright", re.IGNORECASE)
_OTHER = re.compile(r"comment|related|event|teaser", re.IGNORECASE)
_OF_CHROME = re.compile(r"(?:^|[\s_-])(?:top-?bar|masthead|nav\w*|menu|site-?header)(?:$|[\s_-])", re.IGNORECASE)
_NEAR = 400  # characters between the headline and a `time` that no class marks
_STEPS = 5  # elements from the headline up to what it shares with a date above it
_LINES = 4  # lines between a date and the headline below it
_BELOW = 12  # lines below the headline in which a line may be a date alone
_SHORT = 80  # characters of an element that holds a date
_OPENS = re.compile(r"(?:[^\W\d]+,?\s)?\W{0,3}")  # `Tuesday, ` or `| ` before a date
_AFTER = 6  # characters after a date that ends a line: ` Uhr`
_APART = re.compile(r"[|•·,–—:-]\s*$")
_BY = re.compile(
    r"(?:(?:written|posted|published|veröffentlicht)\s+)?(?:by|von|par|por|di|author|autor(?:in)?)\b", re.IGNORECASE
)
_SEPARATOR = re.compile(r"\s+[|–—·»:-]\s+")


def shown(tree: Any, page: Sequence[Line], headline: Any, start: int | None) -> str | None:
    """The date that the article shows in elements made for it, or in a line by its headline; None where there is none.

    It counts inside `article` or `main`, below the headline, or just above it in the same block; a date in the
    page's chrome never does. `start` is the index in `page` of the first line below the headline.
    """
    if found := next(_marked(tree, page, headline, start), None):
        return found
    below = [line.text for line in page[start:]] if start is not None else []
    first = next(tree.iter("h1"), None)
    return _opening(below) or _labelled(below) or next(_marked(tree, page, first, None), None)


def marked(tree: Any) -> str | None:
    """The only day that elements state which say of themselves that they hold the article's date, wherever they stand.

    Reads the page as it came: such elements stand in asides as well. Several days are those of several articles.
    """
    found = []
    for element in tree.iter():
        if not isinstance(element.tag, str) or not _is_own(element) or _is_others(element, set(), near=False):
            continue
        if value := _value(element):
            found.append(value)
    return max(found, key=len) if len({value[:10] for value in found}) == 1 else None


def in_titles(titles: Iterable[str | None]) -> str | None:
    """The date that stands apart at the head or the foot of a title: `Elephants | Radio | 23.05.2011`."""
    for title in titles:
        parts = _SEPARATOR.split(title or "")
        for part in (parts[0], parts[-1]) if len(parts) > 1 else ():
            found = date_in(part)
            if found and found[1] == 0 and found[2] == len(part):
                return found[0]
    return None


def head_lines(page: Sequence[Line], start: int | None) -> tuple[str, ...]:
    """The bylines and date lines between the headline and the first running text."""
    found = []
    for line in page[start : start + 11] if start is not None else ():
        if parse_byline(line.text):
            found.append(line.text)
        elif is_prose(line.text):
            break
    return tuple(found)


def _marked(tree: Any, page: Sequence[Line], headline: Any, start: int | None) -> Iterator[str]:
    passed: int | None = None  # characters since the headline
    above = _above(page, headline, start)
    around = set() if headline is None else {headline, *headline.iterancestors()}
    for element in tree.iter():
        if element is headline:
            passed = 0
        elif passed is not None:
            passed += len((element.text or "").strip()) + len((element.tail or "").strip())
        near = element in above or (passed is not None and passed < _NEAR)
        if not _holds_date(element, near=near) or _is_others(element, around, near=near):
            continue
        if passed is None and element not in above and not _in_article(element):
            continue
        if value := _value(element):
            yield value


def _value(element: Any) -> str | None:
    text = " ".join(element.text_content().split())
    for value in (*map(element.get, ("datetime", "content", "title")), text if len(text) <= _SHORT else None):
        if value and (found := parse_stated(value) or (date_in(value) or (None,))[0]):
            return found
    return None


def _in_article(element: Any) -> bool:
    """Whether an element stands in `article` or `main`, or its class or its parent's says that it is the article's."""
    parent = element.getparent()
    if _is_own(element) or (parent is not None and _is_own(parent)):
        return True
    return any(one.tag in ("article", "main") for one in element.iterancestors())


def _is_own(element: Any) -> bool:
    return bool(_ARTICLES_OWN.search(f"{element.get('class', '')} {element.get('itemprop', '')}"))


def _holds_date(element: Any, *, near: bool) -> bool:
    """Whether an element is a `time`, near the headline or of a telling class, or is marked as a date by its own."""
    names = " ".join(filter(None, (element.get("class"), element.get("itemprop"), element.get("pubdate"))))
    if element.tag != "time":
        return bool(_MARKED.search(names)) or (near and len(element) == 0 and _is_date(element.text or ""))
    parent = element.getparent()
    return near or bool(_TIME.search(f"{names} {'' if parent is None else parent.get('class', '')}"))


def _is_date(text: str) -> bool:
    """Whether a few words open on a date."""
    text = " ".join(text.split())
    found = date_in(text) if len(text) <= _SHORT // 2 else None
    return found is not None and bool(_OPENS.fullmatch(text[: found[1]]))


def _is_others(element: Any, around: set[Any], *, near: bool) -> bool:
    """Whether an element, or what it stands in apart from the headline, holds the date of something else."""
    for step, one in enumerate((element, *element.iterancestors())):
        if step > _STEPS or (step > 1 and one in around):
            return False
        names = f"{one.get('class', '')} {one.get('itemprop', '')}"
        if (step <= 1 and _CHANGED.search(names)) or (not near and _OTHER.search(names)):
            return True
    return False


def _above(page: Sequence[Line], headline: Any, start: int | None) -> set[Any]:
    """The elements above the headline that share a block with it, and hold no more than a few lines before it."""
    if headline is None or start is None:
        return set()
    blocks = list(headline.iterancestors())[:_STEPS]
    # what stands right in the page's body is the whole page, not a block of it
    blocks = [one for one in blocks if one.getparent() is not None and one.getparent().tag not in ("html", "body")]
    found: set[Any] = set()
    for line in page[max(0, start - 1 - _LINES) : start]:
        up = [line.element, *line.element.iterancestors()]
        shared = next((index for index, one in enumerate(up) if one in blocks), None)
        if shared is not None and not any(_is_chrome(one) for one in up[:shared]):
            found.update(up[:shared])
    return found


def _is_chrome(element: Any) -> bool:
    return element.tag in ("header", "nav") or bool(_OF_CHROME.search(element.get("class", "")))


def _opening(below: Sequence[str]) -> str | None:
    """The date at the head or the foot of a short line right below the headline, or that a line further down is."""
    seen_prose = False
    passed = 0
    for line in below[:_BELOW]:
        found = date_in(line) if len(line) <= _SHORT else None
        if found and not seen_prose and (_OPENS.fullmatch(line[: found[1]]) or _ends_on(line, found[1], found[2])):
            return found[0]
        if found and (byline := parse_byline(line)) and byline.published:
            return byline.published
        seen_prose |= is_prose(line)
        passed += len(line)
        if passed > _NEAR:
            return None
    return None


def _ends_on(line: str, start: int, end: int) -> bool:
    """Whether a line ends on a date, set apart from what stands before it or after somebody's name."""
    return len(line) - end <= _AFTER and bool(_APART.search(line[:start]) or _BY.match(line))


def _labelled(below: Sequence[str]) -> str | None:
    """The day that lines such as `Published: 2 March 2026` state, where all of them state the same."""
    lines = [line for line in map(parse_byline, below) if line and line.labelled and not line.updated]
    stated = {line.published for line in lines if line.published}
    return stated.pop() if len(stated) == 1 else None
