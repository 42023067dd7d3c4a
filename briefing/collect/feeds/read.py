"""Feeds of every kind: RSS, Atom and JSON Feed; each item is an article, and nothing that it says is trusted."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from briefing.collect.decode import UnreadableError
from briefing.collect.feeds import fragment, jsonfeed, sitemap, tolerant, tree
from briefing.collect.feeds.addresses import LENGTH_LIMIT, web_address
from briefing.collect.feeds.item import ITEM_LIMIT, Feed, Item
from briefing.collect.feeds.xml_text import first_element, mended, xml_text
from briefing.collect.pages import markup
from briefing.collect.plain import paragraphs
from briefing.collect.stated import KEYS, content_hash, parse
from briefing.dates import parse_stated
from briefing.ports import Document, RawArticle
from briefing.report import Problem
from briefing.text import single_line, words

_LOOKS_LIKE_HTML = re.compile(r"<\s*+(?:/\s*+)?[a-zA-Z][^<>]*>")
_ENTITIES = re.compile(r"(?:\s*&#?\w+;)+")
_STARTS = re.compile(r"<(?:[\w.-]{1,40}:)?(?:item|entry)[\s/>]")
_ENDS = re.compile(r"</(?:[\w.-]{1,40}:)?(?:item|entry)\s*>")
_IS_CLOSED = re.compile(r"</(?:[\w.-]{1,40}:)?(?:rss|RDF|feed|channel)\s*>", re.IGNORECASE)
_OPEN = re.compile(r"<((?:[\w.-]{1,40}:)?(?:rss|RDF|feed|channel))[\s>]")
# RSS: `mail@paper.example (Anna Reyes)`; others write `Anna Reyes (mail@paper.example)`.
_WRITTEN_BY = re.compile(r"[^\s@]+@[^\s@]+\s+\((.+)\)|([^@<(]+?)\s*[(<][^\s@]+@[^\s@]+[)>]")
# What feedparser is asked to make sense of. Its time grows with the square of depth and of namespaces, and it
# takes 5 s and 500 MB for 2 MiB made to annoy it.
_TOLERATED = 1024 * 1024  # characters
_TOLERATED_TAGS = 40_000
_TOLERATED_SPACES = 100
_TOLERATED_DEPTH = 5_000
_TAG = re.compile(r"<(/?)[a-zA-Z][^<>]*?(/?)>")
# What is read of one item: news is never longer, and what is costs seconds.
_CONTENT_LIMIT = 500_000  # characters
_FIELD_LIMIT = 2_000
_TOO_MANY = f"holds more than {ITEM_LIMIT:,} items; the first {ITEM_LIMIT:,} are read"
CUT = "breaks off before its end; the whole items before that are kept"
_NO_FEED = "is no feed: neither RSS, Atom nor JSON Feed"
_BROKEN = "is no feed that can be read: its markup is broken beyond mending"
_NO_FEED_BUT = {"opml": "is no feed but a list of feeds (OPML)", "rss": _BROKEN, "rdf": _BROKEN, "feed": _BROKEN}
EMPTY = "is a feed without items"


def read(document: Document) -> Iterator[RawArticle | Problem]:
    """The items of a feed, or the pages that a sitemap names; at most the first `ITEM_LIMIT` of a feed.

    The document type goes first: no entity of its own is ever expanded, nothing is opened. Dates are the stated ones,
    addresses lead to the web or are None, and a summary that only repeats the title is no text.
    """
    if sitemap.is_sitemap(document):
        yield from sitemap.read(document)
        return
    document = replace(document, data=sitemap.unpacked(document.data))
    if not document.data.strip():
        yield Problem(document.name, "is empty")
        return
    problems: list[Problem] = []
    feed = _feed(document, problems)
    if feed is None:
        yield Problem(document.name, _why_none(document))
        return
    yield from problems
    if not feed.items and not problems:
        yield Problem(document.name, EMPTY)
    yield from _articles(document, feed)


def _feed(document: Document, problems: list[Problem]) -> Feed | None:
    """The feed that a document is, None where it is none; `problems` takes what was wrong with it."""
    if document.data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _json_feed(document, problems)
    try:
        text = xml_text(document)
    except UnreadableError:
        return tolerant.read(document.data, document.url)  # it knows more encodings
    starts = [match.start() for _, match in zip(range(ITEM_LIMIT + 1), _STARTS.finditer(text), strict=False)]
    if len(starts) > ITEM_LIMIT:
        problems.append(Problem(document.name, _TOO_MANY))
        text = _closed(text, starts)
    feed = tree.read(text, document.url)
    if feed is not None:
        return feed
    if starts and len(starts) <= ITEM_LIMIT and not _IS_CLOSED.search(text, starts[-1]):
        problems.append(Problem(document.name, CUT))
        # what is cut off in the middle of an item is not handed on as if it were whole
        text = text if _ENDS.search(text, starts[-1]) else _closed(text, starts)
    text = mended(text)
    feed = tree.read(text, document.url)
    if feed is None and _is_tolerable(text):
        feed = tolerant.read(text, document.url)
    return feed or tree.read(text, document.url, recover=True)


def _is_tolerable(text: str) -> bool:
    """Whether feedparser may be asked about a broken or unusual feed."""
    if len(text) > _TOLERATED or text.count("<") > _TOLERATED_TAGS or text.count("xmlns") > _TOLERATED_SPACES:
        return False
    depth = deepest = 0
    for match in _TAG.finditer(text):
        depth += -1 if match[1] else 0 if match[2] else 1
        deepest = max(deepest, depth)
    return deepest <= _TOLERATED_DEPTH


def _json_feed(document: Document, problems: list[Problem]) -> Feed | None:
    try:
        value: Any = parse(document.data.removeprefix(b"\xef\xbb\xbf"))
    except ValueError:
        return None
    if not jsonfeed.is_json_feed(value):
        return None
    if len(value["items"]) > ITEM_LIMIT:
        problems.append(Problem(document.name, _TOO_MANY))
    return jsonfeed.read(value, document.url)


def _closed(text: str, starts: list[int]) -> str:
    """The text up to the last start of an item, with the elements around the items closed."""
    head = text[: starts[0]]
    around = [match[1] for match in _OPEN.finditer(head) if f"</{match[1]}" not in head]
    return text[: starts[-1]] + "".join(f"</{name}>" for name in reversed(around))


def _why_none(document: Document) -> str:
    if document.data.lstrip()[:1] == b"{":
        return _NO_FEED
    try:
        root = first_element(xml_text(document))
    except UnreadableError as error:
        return f"is no feed: {error}"
    return _NO_FEED_BUT.get(root, _NO_FEED)


def _articles(document: Document, feed: Feed) -> Iterator[RawArticle | Problem]:
    for number, item in enumerate(feed.items, start=1):
        if len(item.content) > _CONTENT_LIMIT:
            place = f"{document.name} item {number}"
            yield Problem(place, f"is longer than {_CONTENT_LIMIT:,} characters; what stands beyond is not read")
    own = replace(feed, title=_field(feed.title) or "", language=single_line(feed.language)[:_FIELD_LIMIT])
    found = [
        _article(item, own, f"{document.name} item {number}", document.url)
        for number, item in enumerate(feed.items, start=1)
    ]
    first: dict[str, tuple[str | None, str]] = {}
    shared: set[str] = set()
    for article in found:
        said = article.title, article.text
        if first.setdefault(article.id, said) != said:
            shared.add(article.id)
    for article in found:
        # an id that a feed gives to two items tells neither: both go by their content, as those without an id do
        if article.id and article.id not in shared:
            yield article
        else:
            stated = {key: value for key in KEYS if (value := getattr(article, key)) is not None}
            yield replace(article, id=f"{document.id}#{content_hash(stated)}")


def _article(item: Item, feed: Feed, place: str, base: str | None) -> RawArticle:
    """The article of an item; the feed's own title and language are clean already."""
    title = _field(item.title)
    publisher = _field(item.source) or feed.title or None
    guid = _line(item.id[: 2 * LENGTH_LIMIT])[:LENGTH_LIMIT]
    updated = parse_stated(item.updated) if item.updated else None
    published = (parse_stated(item.published) if item.published else None) or updated
    return RawArticle(
        id=guid,
        guid=guid or None,
        text=_text(item, title, publisher),
        title=title,
        published=published,
        published_from="feed" if published else None,
        updated=updated,
        publisher=publisher,
        channel=feed.title or None,
        url=web_address(item.link, base),
        author=_author(item.author),
        language=(_line(item.language)[:_FIELD_LIMIT] if item.language else "") or feed.language or None,
        place=place,
    )


def _field(value: str) -> str | None:
    """A field's visible text; None where it is nothing but references to entities that nobody defines."""
    if not value:
        return None
    if value.isascii() and "<" not in value and "&" not in value:
        return _line(value[:_FIELD_LIMIT]) or None
    # a lone half of a surrogate pair, which JSON may hold, is no text
    sound = value if value.isascii() else value.encode(errors="ignore").decode()
    text = markup.plain(sound[:_FIELD_LIMIT])
    return None if _ENTITIES.fullmatch(text) else text or None


def _line(value: str) -> str:
    """As `single_line`, and quick for what is printable ASCII, as nearly all is."""
    return " ".join(value.split()) if value.isascii() and value.isprintable() else single_line(value)


def _author(value: str) -> str | None:
    author = _field(value)
    both = _WRITTEN_BY.fullmatch(author) if author and "@" in author else None
    return (both[1] or both[2]).strip() if both else author


def _text(item: Item, title: str | None, publisher: str | None) -> str:
    """The lines of the item's content; none where these only say again what the title and the publisher say."""
    content = item.content[:_CONTENT_LIMIT]
    if ("<" in content and _LOOKS_LIKE_HTML.search(content)) or (not item.is_plain and "&" in content):
        text = "\n".join(fragment.lines(content))
    else:
        text = paragraphs(content)
    if title and len(text) <= 2 * len(title) + len(publisher or ""):
        said = words(text)
        if said == words(title) or said == words(f"{title} {publisher or ''}"):
            return ""
    return text
