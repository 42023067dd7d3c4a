"""What a web page states of its article: title, date, author, publisher, address, language."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from briefing.collect import markup
from briefing.collect.byline import parse as parse_byline
from briefing.collect.byline import stated_date
from briefing.collect.furniture import is_prose
from briefing.dates import parse_stated
from briefing.domain import Flag

_ARTICLE = re.compile(r"(?:\w*Article|\w*Posting|\w*Report|Review)$")
_NODE_LIMIT = 2000  # values of a page's JSON-LD that are looked at
_PUBLISHED = (
    "article:published_time article:published og:article:published_time og:published_time datepublished date "
    "dc.date dc.date.issued dcterms.date dcterms.issued dcterms.created dc.date.created pubdate publishdate "
    "publish-date publish_date publication_date published date.issued date_published sailthru.date parsely-pub- "
    "date article.published cxenseparse:recs:publishtime originalpublicationdate rnews:datepublished "
    "vr:published_time citation_publication_date datecreated"
).split()
_MODIFIED = (
    "article:modified_time og:updated_time datemodified lastmod last-modified dc.date.modified updated_time"
).split()
_AUTHOR = "author article:author dc.creator dcterms.creator parsely-author sailthru.author byl citation_author".split()
_SEPARATOR = re.compile(r"\s+(?:[|–—·»:]{1,2}|-)\s+")
_DATES_ARTICLE = re.compile(r"date(?!modified)|datum|publish|timestamp|pubdate|posted-on", re.IGNORECASE)
_DATES_TIME = re.compile(rf"{_DATES_ARTICLE.pattern}|byline|author|autor|meta|info|posted|header|time", re.IGNORECASE)
_DATES_OTHER = re.compile(r"last-?(?:updated?|modified)|modified|comment|related|event|teaser|copyright", re.IGNORECASE)
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


@dataclass(frozen=True, slots=True)
class Stated:
    """What a page states in its head, its structured data and its headline; None where it does not."""

    title: str | None
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
    kinds = [str(node.get("@type")) for node in linked]
    section = meta.get("article:section", "").casefold()
    flags: list[Flag] = []
    if section == "opinion" or any("Opinion" in kind for kind in kinds):
        flags.append("opinion")
    if any(str(node.get("isAccessibleForFree")).casefold() == "false" for node in linked):
        flags.append("paywalled")
    return Stated(
        title=_title(tree, meta, linked, publisher),
        published=_first(
            parse_stated(meta.get(_PUBLISHED[0])),
            *(_date(node.get("datePublished")) for node in linked),
            *(parse_stated(meta.get(name)) for name in _PUBLISHED[1:]),
        ),
        modified=_first(
            *(_date(node.get("dateModified")) for node in linked), *(parse_stated(meta.get(name)) for name in _MODIFIED)
        ),
        publisher=publisher,
        author=None if author == publisher else author,
        url=_url(tree, meta),
        language=tree.get("lang") or tree.get(_XML_LANG) or meta.get("og:locale") or meta.get("content-language"),
        flags=tuple(flags),
    )


def shown_date(shown: Any) -> str | None:
    """The date that the article shows in a `time` element, or in one whose class says that it holds a date.

    It counts inside `article` or `main`, or below the headline; a date in the page's chrome never does.
    """
    below_headline = False
    for element in shown.iter():
        below_headline |= element.tag == "h1"
        names = " ".join(filter(None, (element.get("class"), element.get("itemprop"), element.get("pubdate"))))
        parent = element.getparent()
        near = f"{names} {'' if parent is None else parent.get('class', '')}"
        marked = element.tag == "time" or _DATES_ARTICLE.search(names)
        if (
            not marked
            or _DATES_OTHER.search(near)
            or (element.tag == "time" and not _DATES_TIME.search(f"{near} {element.get('pubdate')}"))
        ):
            continue
        if not below_headline and not any(one.tag in ("article", "main") for one in element.iterancestors()):
            continue
        shown_text = " ".join(element.text_content().split())
        for value in (element.get("datetime"), element.get("content"), shown_text if len(shown_text) <= 80 else None):
            found = parse_stated(value) or (stated_date(value) or (None,))[0] if value else None
            if found:
                return found
    return None


def head_lines(shown: Any) -> tuple[str, ...]:
    """The bylines and date lines between the headline and the first running text."""
    lines = markup.blocks(shown)
    headlines = [" ".join(one.text_content().split()) for one in shown.iter("h1")]
    start = next((index for index, line in enumerate(lines) if line in headlines), None)
    if start is None:
        return ()
    found = []
    for line in lines[start + 1 : start + 12]:
        if parse_byline(line):
            found.append(line)
        elif is_prose(line):
            break
    return tuple(found)


def modified_date(fields: Stated, head: tuple[str, ...]) -> str | None:
    """When the page was changed, which counts only where nothing says when it was published."""
    said = any(line.published for line in map(parse_byline, head) if line)
    return None if said else fields.modified


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


def _title(tree: Any, meta: Mapping[str, str], linked: list[Mapping[str, Any]], publisher: str | None) -> str | None:
    headlines = [markup.plain(one.text_content()) for one in tree.iter("h1")]
    heads = [markup.plain(one.text_content()) for one in tree.iter("title")][:1]
    stated_titles = [meta.get("og:title"), *(node.get("headline") for node in linked)]
    named = [_without_site(markup.plain(title), publisher) for title in stated_titles if isinstance(title, str)]
    sites = {name.casefold() for name in (publisher,) if name}
    if len(headlines) == 1 and len(headlines[0].split()) > 2:  # what a reader sees goes before what search engines do
        named.insert(0, headlines[0])
    for title in (*named, *headlines, *(_without_site(title, publisher, guess=True) for title in heads)):
        if title and title.casefold() not in sites:
            return title
    return None


def _without_site(title: str, publisher: str | None, *, guess: bool = False) -> str:
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


def _date(value: Any) -> str | None:
    return parse_stated(value) if isinstance(value, str) else None


def _first(*values: str | None) -> str | None:
    return next((value for value in values if value), None)
