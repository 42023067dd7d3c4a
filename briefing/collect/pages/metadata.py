"""What a web page states of its article: title, date, author, publisher, address, language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from briefing.collect.cleaning.byline import stated_date as date_in
from briefing.collect.pages import markup, title
from briefing.dates import instant, parse_stated
from briefing.domain import Flag

_ARTICLE = re.compile(r"(?:\w*Article|\w*Posting|\w*Report|Review)$")
_NODE_LIMIT = 2000  # values of a page's JSON-LD that are looked at
# Names of fields without what stands between their words: `article:published_time` is `articlepublishedtime`.
_PUBLISHED = (
    "articlepublishedtime articlepublished ogarticlepublishedtime ogpublishedtime datepublished publisheddate "
    "publishedat date dcdate dcdateissued dctermsdate dctermsissued dctermscreated dcdatecreated dcdatepublished "
    "pubdate publishdate publicationdate published dateissued sailthrudate parselypubdate articlepublisheddate "
    "cxenseparserecspublishtime originalpublicationdate rnewsdatepublished vrpublishedtime citationpublicationdate "
    "citationdate citationonlinedate datecreated articlecreated displaydate issuedate releasedate publishtime "
    "firstpublished"
).split()
_MODIFIED = (
    "articlemodifiedtime ogupdatedtime datemodified dateupdate dateupdated lastmod lastmodified lastupdated "
    "dcdatemodified dctermsmodified updatedtime"
).split()
_AUTHOR = "author article:author dc.creator dcterms.creator parsely-author sailthru.author byl citation_author".split()
_BETWEEN = re.compile(r"[\W_]+")
_LOOSE = re.compile(r'"datePublished"\s*:\s*"([^"\\]{8,40})"')
_EAST = re.compile(r"\+\d\d:\d\d$")
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Stated:
    """What a page states in its head, its structured data and its headline; None where it does not.

    `sure` is False where the title is a guess among headings; `window` is the title of the browser's window.
    """

    title: str | None
    sure: bool
    window: str | None
    published: str | None
    modified: str | None
    publisher: str | None
    author: str | None
    url: str | None
    language: str | None
    flags: tuple[Flag, ...]


def stated(tree: Any) -> Stated:
    """The fields of a page."""
    meta = _meta(tree)
    linked = list(_linked_data(tree))
    publisher = _first(meta.get("og:site_name"), *(_names(node.get("publisher")) for node in linked))
    author = _first(*(_names(node.get("author")) for node in linked), *(_names(meta.get(name)) for name in _AUTHOR))
    name, sure = title.find(tree, [meta.get("og:title"), *(node.get("headline") for node in linked)], publisher)
    published, modified = _dates(meta, linked)
    return Stated(
        title=name,
        sure=sure,
        window=next((markup.plain(one.text_content()) for one in tree.iter("title")), None),
        published=published,
        modified=modified,
        publisher=publisher,
        author=None if author == publisher else author,
        url=_url(tree, meta),
        language=tree.get("lang") or tree.get(_XML_LANG) or meta.get("og:locale") or meta.get("content-language"),
        flags=tuple(_flags(meta, linked)),
    )


def day_of_page(tree: Any) -> str | None:
    """The first date of publication in the JSON-LD, of whatever it is said: what the article shows goes before it."""
    return _first(*map(_date, _LOOSE.findall(_linked_text(tree))))


def _dates(meta: Mapping[str, str], linked: list[Mapping[str, Any]]) -> tuple[str | None, str | None]:
    """When the head says that the article was published, and changed."""
    fields: dict[str, str] = {}
    for name, value in meta.items():
        fields.setdefault(_BETWEEN.sub("", name), value)
    published = (
        _date(fields.get(_PUBLISHED[0])),
        *(_date(node.get("datePublished")) for node in linked),
        *(_date(fields.get(name)) for name in _PUBLISHED[1:]),
        *(_date(node.get("dateCreated")) for node in linked),
    )
    modified = (*(node.get("dateModified") for node in linked), *(fields.get(name) for name in _MODIFIED))
    return _in_own_zone(published), _first(*map(_date, modified))


def _flags(meta: Mapping[str, str], linked: list[Mapping[str, Any]]) -> Iterator[Flag]:
    opinion = any("Opinion" in str(node.get("@type")) for node in linked)
    if opinion or meta.get("article:section", "").casefold() == "opinion":
        yield "opinion"
    if any(_is_paid(node) for node in linked) or meta.get("article:content_tier", "").casefold() == "locked":
        yield "paywalled"


def _meta(tree: Any) -> dict[str, str]:
    """Contents of `meta` elements by property, name or item property in lower case; the first of a name counts."""
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        content = markup.plain(element.get("content") or "")
        for attribute in ("property", "name", "itemprop", "http-equiv"):
            if content and (name := element.get(attribute)):
                found.setdefault(name.casefold(), content)
    return found


def _linked_data(tree: Any) -> Iterator[Mapping[str, Any]]:
    """The article nodes of a page's JSON-LD, in order."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        try:
            waiting = [json.loads(script.text or "", strict=False)]
        except (ValueError, RecursionError):
            continue
        for _ in range(_NODE_LIMIT):
            if not waiting:
                break
            node = waiting.pop(0)
            if isinstance(node, list):
                waiting += node[:_NODE_LIMIT]
            elif isinstance(node, dict):
                kinds = node.get("@type")
                if any(_ARTICLE.fullmatch(str(kind)) for kind in (kinds if isinstance(kinds, list) else [kinds])):
                    yield node
                waiting += [node[key] for key in ("@graph", "mainEntity", "mainEntityOfPage") if key in node]


def _url(tree: Any, meta: Mapping[str, str]) -> str | None:
    canonical = [link.get("href") for link in tree.iter("link") if (link.get("rel") or "").casefold() == "canonical"]
    return next(
        (url for url in (*canonical, meta.get("og:url")) if url and url.startswith(("http://", "https://"))), None
    )


def _names(value: Any) -> str | None:
    """The names in a JSON-LD person, organisation or list of them, or in a plain field; addresses are no names."""
    if isinstance(value, list):
        names = dict.fromkeys(name for one in value[:10] if (name := _names(one)))
        return ", ".join(names) or None
    if isinstance(value, dict):
        value = value.get("name")
        return _names(value) if isinstance(value, str | list) else None
    if not isinstance(value, str) or value.strip().startswith(("http://", "https://", "@", "/")):
        return None
    return markup.plain(value) or None


def _linked_text(tree: Any) -> str:
    """All of the page's JSON-LD as text: some of it is broken, and some states the day of a page, not of an article."""
    return "\n".join(script.text or "" for script in tree.iter("script") if "ld+json" in (script.get("type") or ""))


def _date(value: Any) -> str | None:
    if not isinstance(value, str):
        return None
    return parse_stated(value) or (date_in(value) or (None,))[0]


def _is_paid(node: Mapping[str, Any]) -> bool:
    """Whether an article, or a part of it, is said not to be free."""
    parts = node.get("hasPart")
    nodes = [node, *(parts if isinstance(parts, list) else [parts])]
    return any(isinstance(one, dict) and str(one.get("isAccessibleForFree")).casefold() == "false" for one in nodes)


def _in_own_zone(stated: Sequence[str | None]) -> str | None:
    """The first date stated; told in the publisher's zone where another, east of UTC, tells the same moment so.

    There the day may be the next one already. West of it too many sites write their own time and call it UTC.
    """
    first = _first(*stated)
    if first is None or not first.endswith("+00:00"):
        return first
    zoned = (one for one in stated if one and _EAST.search(one) and not one.endswith("+00:00"))
    return next((one for one in zoned if instant(one) == instant(first)), first)


def _first(*values: str | None) -> str | None:
    return next((value for value in values if value), None)
