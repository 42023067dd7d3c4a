"""The title of a page's article, by its headline, its fields and its window, the site's name left out."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from briefing.collect.pages import markup
from briefing.text import words

_SEPARATOR = re.compile(r"\s+(?:[|–—·»:]{1,2}|-)\s+")
_OF_SITE = re.compile(r"(?:^|[\s_-])(?:logo|brand|site-?(?:title|name))(?:$|[\s_-])", re.IGNORECASE)
_OF_ARTICLE = re.compile(r"(?:entry|post|article|story|news|artikel|beitrag)s?[_-]*(?:title|headline)", re.IGNORECASE)
_HEADLINE_WORDS = 2  # one or two words are a section's name as often as a headline
_SITE_WORDS = 4


def find(tree: Any, stated: Iterable[Any], publisher: str | None) -> tuple[str | None, bool]:
    """The title, and whether it is more than the best that the page has.

    It is a page's only `h1`, then what fields state, then a heading that the window's title repeats; else any `h1` or
    what the window says.
    """
    window = next((markup.plain(one.text_content()) for one in tree.iter("title")), "")
    parts = [part for part in _SEPARATOR.split(window) if part]
    heads = [one for one in tree.iter("h1") if not _is_site(one, parts)]
    headlines = [text for text in (markup.plain(one.text_content()) for one in heads) if text]
    named = [without_site(markup.plain(title), publisher) for title in stated if isinstance(title, str)]
    if len(headlines) == 1 and len(headlines[0].split()) > _HEADLINE_WORDS:
        named.insert(0, headlines[0])  # what a reader sees goes before what search engines do
    named += [title for title in (_repeated(tree, parts), _marked(tree)) if title]
    of_window = without_site(window, publisher, guess=True)
    sites = {publisher.casefold()} if publisher else set()
    for index, title in enumerate((*named, *headlines, of_window)):
        if title and title.casefold() not in sites:
            return title, index < len(named)
    return None, False


def without_site(title: str, publisher: str | None, *, guess: bool = False) -> str:
    """A title without the site's name at its end; `guess` takes a few last words after a separator for that."""
    separators = list(_SEPARATOR.finditer(title))
    if not separators:
        return title
    front, last = title[: separators[-1].start()], title[separators[-1].end() :]
    named = publisher is not None and (
        last.casefold() in publisher.casefold() or publisher.casefold() in last.casefold()
    )
    few = guess and len(last.split()) <= 4 < len(front.split())
    return front if named or few else title


def _is_site(heading: Any, parts: Sequence[str]) -> bool:
    """Whether a heading is the site's name: by its class, its link home, or the last part of the window's title."""
    inside = [one for one in heading.iter() if isinstance(one.tag, str)]
    names = " ".join(f"{one.get('class', '')} {one.get('id', '')}" for one in inside)
    if _OF_SITE.search(names) or any(one.get("rel") == "home" for one in heading.iter("a")):
        return True
    counts = [len(words(part)) for part in parts]
    if len(parts) < 2 or counts[-1] > min(_SITE_WORDS, max(counts[:-1])):
        return False
    return words(heading.text_content()) == words(parts[-1])


def _repeated(tree: Any, parts: Sequence[str]) -> str | None:
    """The longest heading that is a part of the window's title, of more than a section's few words."""
    wanted = [words(part) for part in parts]
    found = [
        markup.plain(one.text_content())
        for one in tree.iter("h1", "h2", "h3")
        if words(one.text_content()) in wanted and not _is_site(one, parts)
    ]
    return max((text for text in found if len(text.split()) > _HEADLINE_WORDS), key=len, default=None)


def _marked(tree: Any) -> str | None:
    """The first heading whose class says that it is the article's."""
    found = (
        markup.plain(one.text_content())
        for one in tree.iter("h1", "h2", "h3")
        if _OF_ARTICLE.search(one.get("class", "")) or one.get("itemprop") == "headline"
    )
    return next((text for text in found if text), None)
