"""From what a source shows to the article that is stored: cleaned, its publisher named, its date clamped."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from briefing.canonical import site
from briefing.collect.cleaning.clean import clean
from briefing.dates import instant, utc_text
from briefing.domain import Article, Flag
from briefing.ports import RawArticle
from briefing.sources import Source
from briefing.text import words

WHOLE = 150  # words of an entry from which on it is the article and no teaser
_LEAST = 30  # words of a page under which it is a notice and no article
_NEARLY = 0.9  # of an entry's words, which its page may part otherwise
_GOES_ON = re.compile(
    r"(?:…|\.\.\.|\[(?:…|\.\.\.|&hellip;)\]|(?:continue|keep) reading|read (?:more|on|the (?:full|whole))|full story"
    r"|weiterlesen|mehr lesen|lire la suite|leer más)\W*(?:\w+\W*){0,4}$",
    re.IGNORECASE,
)
_EAST = timedelta(hours=14)  # a time without zone may be of the zone where it is earliest
_DAY_BEGINS = timedelta(days=1)  # 1 January 1970 is what programs write that know no date


def from_entry(raw: RawArticle, source: Source, now: datetime) -> Article:
    """The article of a feed's entry; `feed-text` where it is no more than a teaser."""
    article = _dated(clean(_of(raw, source)), now)
    teaser: tuple[Flag, ...] = () if source.kind == "page" or _is_whole(article, raw) else ("feed-text",)
    # an item that names another paper as its source is still this feed's word: it makes no independent origin
    claimed = raw.channel if raw.publisher != raw.channel and not source.publisher else None
    owner, flags = source.owner or claimed, tuple(dict.fromkeys((*article.flags, *teaser)))
    return article if (owner, flags) == (article.owner, article.flags) else replace(article, owner=owner, flags=flags)


def from_page(
    raw: RawArticle, address: str, source: Source | None, known: Article, now: datetime
) -> tuple[Article, bool]:
    """The article of a page at `address` whose entry is `known`, and whether the text is the page's.

    The page's text comes with the date and the publisher of the entry, where it has them. A page that gives no more
    text than the entry did leaves the entry's text as it is, and what the page says of itself as its flags; where it
    says the same, the entry was the whole article. Where the text is a page's or whole already, the page's takes the
    place of that unless it has shrunk to less than half.
    """
    page = clean(_of(raw, source) if source else raw)
    stated_url = page.url if site(page.url) == site(address) else None  # no page speaks for another site
    had = len(words(known.body))
    least = had if "feed-text" in known.flags else had // 2
    if "script-only" in page.flags or len(words(page.body)) <= max(_LEAST, least):
        if "feed-text" in known.flags and _says_the_same(page, known):
            return flagged(known, "feed-text", holds=False), True
        for flag in ("paywalled", "script-only"):
            known = flagged(known, flag) if flag in page.flags else known
        return known, False
    stated = known if known.published and known.published_from == "feed" else page
    article = replace(
        page,
        id=known.id,
        published=stated.published or known.published,
        published_from=(stated if stated.published else known).published_from,
        publisher=known.publisher or page.publisher,
        owner=source.owner if source else known.owner,
        author=page.author or known.author,
        url=stated_url or address,
        origin=known.id,
    )
    return _dated(article, now), True


def _says_the_same(page: Article, known: Article) -> bool:
    """Whether a page that is open to all has hardly a word less than its entry: then there is no more to it."""
    had = Counter(words(known.body))
    common = (had & Counter(words(page.body))).total()
    closed = {"paywalled", "script-only"} & {*page.flags}
    return not closed and common >= max(_LEAST, _NEARLY * had.total()) and not _GOES_ON.search(known.body[-80:])


def _is_whole(article: Article, raw: RawArticle) -> bool:
    """Whether an entry's text is long enough to be the article itself, and does not say that it goes on elsewhere."""
    body = article.body
    if body.count(" ") + body.count("\n") < WHOLE - 1:  # most entries: no need to count words
        return False
    # what begins with a letter or a digit holds a word, and that is quicker to see than words are to count
    beginnings = sum(part[0].isalnum() for part in body.split(None, 2 * WHOLE)[: 2 * WHOLE])
    has_many = beginnings >= WHOLE or len(words(body)) >= WHOLE
    return has_many and not _GOES_ON.search(raw.text.rstrip()[-80:])


def flagged(article: Article, flag: Flag, *, holds: bool = True) -> Article:
    """The article with a flag, or without it."""
    rest = tuple(one for one in article.flags if one != flag)
    return replace(article, flags=(*rest, flag) if holds else rest)


def _of(raw: RawArticle, source: Source) -> RawArticle:
    return replace(raw, publisher=source.publisher) if source.publisher else raw


def _dated(article: Article, now: datetime) -> Article:
    """A date in the future is that of the fetch; 1 January 1970 is none, and neither is one that names no moment."""
    moment = instant(article.published)
    if article.published is None:
        return article
    if moment is None or abs(moment - datetime.fromtimestamp(0, UTC)) <= _DAY_BEGINS:
        return replace(article, published=None, published_from=None)
    has_zone = datetime.fromisoformat(article.published).tzinfo is not None
    if moment > now + (timedelta(0) if has_zone else _EAST):
        return replace(article, published=utc_text(now))
    return article
