"""What answers hold: bytes in, clean articles out. Hostile bytes come here, so a process of its own calls this."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime, timedelta
from functools import lru_cache

from briefing.collect.feeds.read import CUT, EMPTY
from briefing.collect.feeds.sitemap import follow
from briefing.dates import instant
from briefing.domain import Article
from briefing.fetch import KINDS
from briefing.fetch.article import from_entry, from_page
from briefing.fetch.news import Found, News, UnreadableError, unreadable
from briefing.ports import Document, RawArticle, Reader, load
from briefing.report import Problem
from briefing.sources import Source
from briefing.store.entries import Entry, Fresh, entry, shared_keys
from briefing.store.versions import Written, row_of

ITEMS = 2000  # entries of a source that are read at once, unless the source has a bound of its own
_RECENT = timedelta(days=3)
# Elements, of which each takes hundreds of bytes while it is read, however short it is. The longest article's page has
# ten thousand; a feed of many items is cut before it is read, and may have more.
_TAGS = {"page": 200_000}
_TAGS_OF_FEED, _TAGS_OF_MANY_ITEMS = 400_000, 1_000_000


def news(
    source: Source, document: Document, before: frozenset[str], now: datetime, wrong: tuple[str, ...] = ()
) -> News:
    """What a feed or a page shows; `before` are the digests of what it showed last time."""
    return chosen(source, found_in(source.kind, document), before, now, wrong)


def chosen(source: Source, found: Found, before: frozenset[str], now: datetime, wrong: tuple[str, ...] = ()) -> News:
    """Of what was found, within the source's bounds, what is new, cleaned. Raises UnreadableError where there is none.

    A feed without items is no error. `wrong` is what was wrong with the answer itself.
    """
    raws, notes = found.raws, [*found.notes, *wrong]
    if source.kind == "sitemap":
        # a sitemap of a whole site says when a page was changed, not when it was news
        raws = tuple(raw for raw in raws if raw.published or not _is_old(raw.updated, now))
    if not raws and notes and notes != [EMPTY]:
        raise UnreadableError(notes[0])
    most = source.max_items or ITEMS
    if len(raws) > most:
        notes.append(f"shows {len(raws)} entries, of which the first {most} are read")
    by_digest = {one.digest: (one, raw) for raw in raws[:most] for one in (entry(raw),)}
    entries = [one for one, _ in by_digest.values()]
    titles = Counter(title for raw in raws if (title := raw.channel or raw.publisher))
    return News(
        fresh=tuple(_fresh(one, raw, source, now) for key, (one, raw) in by_digest.items() if key not in before),
        shown=frozenset(by_digest),
        shared=shared_keys(entries),
        title=titles.most_common(1)[0][0] if titles else None,
        notes=tuple(notes),
        is_cut=CUT in notes,
    )


def found_in(kind: str, document: Document) -> Found:
    """What a document of a kind holds. Raises UnreadableError where the reader breaks down: others go on."""
    reader: Reader = load(KINDS.get(kind, kind))
    if _is_crowded(kind, document.data):
        return Found((), ("holds more elements than any feed or article does",))
    raws: list[RawArticle] = []
    notes: list[str] = []
    try:
        for found in reader(document):
            if isinstance(found, Problem):
                notes.append(found.error)
            else:
                raws.append(found)
        leads_to = tuple(follow(document)) if kind == "sitemap" and not raws else ()
    except Exception as error:
        raise UnreadableError(unreadable(error)) from error
    return Found(tuple(raws), tuple(notes), leads_to)


def page(
    document: Document, address: str, source: Source | None, known: Article, now: datetime
) -> tuple[Article, bool]:
    """The article of a page, as `article.from_page`. Raises UnreadableError where the page holds none."""
    found = found_in("page", document)
    if not found.raws:
        raise UnreadableError(found.notes[0] if found.notes else "holds no article")
    return from_page(found.raws[0], address, source, known, now)


def _is_crowded(kind: str, data: bytes) -> bool:
    many = data.count(b"<item") + data.count(b"<entry") > ITEMS
    most = _TAGS.get(kind, _TAGS_OF_MANY_ITEMS if many else _TAGS_OF_FEED)
    return data.count(b"<") > most or data.count(b"{") > most


def _is_old(stated: str | None, now: datetime) -> bool:
    moment = instant(stated)
    return moment is not None and now - moment > _RECENT


@lru_cache(maxsize=256)
def _as_json(flags: tuple[str, ...]) -> Written:
    return Written(json.dumps(flags))


def _fresh(one: Entry, raw: RawArticle, source: Source, now: datetime) -> Fresh:
    article = from_entry(raw, source, now)
    is_teaser = "feed-text" in article.flags
    wants = source.kind != "page" and (source.text == "page" or (source.text == "auto" and is_teaser))
    # written here: to hand over hundreds of numbers takes longer than their text
    sentences = ", ".join([f"[{start}, {end}]" for start, end in article.sentences])
    flags = _as_json(article.flags)
    version = {**row_of(article), "sentences": Written(f"[{sentences}]"), "flags": flags}
    return Fresh(entry=one, version=version, page_url=article.url if wants else None)
