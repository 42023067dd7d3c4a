"""Lists of feeds that readers exchange, OPML 2.0 (http://opml.org/spec2.opml).

listparser reads them through an HTML parser, which takes UTF-8 for Latin-1 (`Zürich` becomes `ZÃ¼rich`), reports no
damage, and leaves out attributes that it does not know: so this reads the tree itself.

What OPML has no attribute for stands in attributes of our own (`NAMESPACE`), which other readers pass by: `name`,
`publisher`, `owner`, `text`, `max_items` and `max_pages`, as in `Source`. Where there is a `name`, it is the reader's,
and `title` alone is what the feed calls itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from briefing.canonical import without_credentials
from briefing.collect.decode import UnreadableError
from briefing.collect.feeds.addresses import web_address
from briefing.collect.feeds.xml_text import mended, parse, xml_text
from briefing.ports import Document
from briefing.report import Problem
from briefing.sources import BOUND_LIMIT, NAME_LIMIT, POLICIES, Source
from briefing.text import single_line

SIZE_LIMIT = 10 * 1024 * 1024  # bytes
FEED_LIMIT = 20_000  # feeds of one list
_FOLDER_LIMIT = 32  # folders inside each other
_TOLD = 20  # outlines that are told one by one
NAMESPACE = "https://briefing.example/opml"
_OURS = ("sitemap", "page")
_NAMES = ("name", "publisher", "owner")
_BOUNDS = {"max_items": 1, "max_pages": 0}  # and the least that each may be
_FEED_TYPES = ("rss", "atom", "feed", "json", "rdf")


@dataclass(slots=True)
class _Folder:
    """A folder while a list is written: what it holds, in order; a folder within it stands under its name."""

    parts: list[Source | _Folder] = field(default_factory=list)
    name: str = ""
    folders: dict[str, _Folder] = field(default_factory=dict)


def read(data: bytes, name: str) -> tuple[list[Source], list[Problem]]:
    """The feeds of an OPML file in order, and what could not be read of it; `name` is what messages call it.

    Names are single lines and tags hold no commas. `kind` is `feed`, `sitemap` or `page`; the latter are no types of
    OPML's own, and readers that do not know them pass them by. A kind of the user's own, which is code, is not taken
    from a list.

    A feed that is listed again is not repeated: where that was in another folder, the folder becomes a tag of the
    first. A list that breaks off is read as far as it goes. Lists of lists are told and not followed.
    """
    if len(data) > SIZE_LIMIT:
        return [], [Problem(name, "is larger than 10 MiB; no list of feeds is")]
    if not data.strip():
        return [], [Problem(name, "is empty")]
    root, problems = _root(data, name)
    if root is None:
        return [], problems
    feeds: dict[str, Source] = {}
    wrong: list[str] = []
    for folder, element in _outlines(root):
        said = {key.lower(): value for key, value in element.attrib.items()}
        found = _source(said, folder, wrong)
        if found is not None:
            feeds[found.url] = _again(feeds[found.url], found) if found.url in feeds else found
        if len(feeds) >= FEED_LIMIT:
            problems.append(Problem(name, f"holds more than {FEED_LIMIT:,} feeds; the first {FEED_LIMIT:,} are read"))
            break
    problems += [Problem(name, why) for why in wrong[:_TOLD]]
    if len(wrong) > _TOLD:
        problems.append(Problem(name, f"says {len(wrong) - _TOLD:,} more things that cannot be taken"))
    if not feeds and not problems:
        problems.append(Problem(name, "is a list without feeds"))
    return list(feeds.values()), problems


def write(sources: Iterable[Source], title: str) -> str:
    """An OPML 2.0 file of `sources`: folders nested, each at the place of its first feed, everything else in order."""
    top = _Folder()
    for source in sources:
        folder = top
        for name in _names(source.folder):
            if name not in folder.folders:
                folder.folders[name] = _Folder(name=name)
                folder.parts.append(folder.folders[name])
            folder = folder.folders[name]
        folder.parts.append(source)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<opml version="2.0" xmlns:briefing="{NAMESPACE}">',
        f"  <head><title>{escape(_sound(title))}</title></head>",
        "  <body>",
        *_written(top, 2),
        "  </body>",
        "</opml>",
        "",
    ]
    return "\n".join(lines)


def _root(data: bytes, name: str) -> tuple[Any, list[Problem]]:
    try:
        text = xml_text(Document(name, name, data))
    except UnreadableError as error:
        return None, [Problem(name, f"is no OPML file: {error}")]
    root, problems = parse(text), []
    if root is None:
        root = parse(mended(text))
    if root is None:
        root = parse(mended(text), recover=True)
        problems.append(Problem(name, "is damaged; what can be read of it is"))
    if root is None or _local(root) != "opml":
        return None, [Problem(name, "is no OPML file")]
    return root, problems


def _outlines(root: Any) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Each outline with the names of those around it, in order."""
    from lxml import etree

    around: list[str] = []
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if _local(element) != "outline":
            continue
        if event == "end":
            around.pop()
            continue
        yield _names(around), element
        around.append(_named(element))


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2].lower() if isinstance(element.tag, str) else ""


def _named(element: Any) -> str:
    """An outline's name: its `text`, else its `title`."""
    said = {key.lower(): value for key, value in element.attrib.items()}
    return _sound(said.get("text")) or _sound(said.get("title"))


def _source(said: Mapping[str, str], folder: tuple[str, ...], wrong: list[str]) -> Source | None:
    """The feed that an outline names, None where it names none that can be taken; `wrong` receives why not."""
    kind = said.get("type", "").strip().lower()
    stated = said.get("xmlurl") or (said.get("url") if kind in _FEED_TYPES else None)
    if not stated:
        if kind in _FEED_TYPES:
            wrong.append(f"names no address: {_sound(said.get('text') or said.get('title'))[:200]}")
        if kind in ("include", "link") and said.get("url", "").lower().endswith(".opml"):
            wrong.append(f"names another list, which is not followed: {_sound(said['url'])[:200]}")
        return None
    url = web_address(_of_feed(stated.strip()))
    if url is None:
        wrong.append(f"names a feed by what is no web address: {_sound(stated)[:200]!r}")
        return None
    source = Source(url=url, kind=kind if kind in _OURS else "feed", folder=folder)
    text, title = _sound(said.get("text")), _sound(said.get("title"))
    settings = _settings(said, without_credentials(text or title or url), wrong)
    # `title` is what the feed calls itself, `text` what the reader sees in the list: the reader's word goes first
    title = title if settings.get("name") else text or title
    tags = tuple(
        dict.fromkeys(
            tag for one in said.get("category", "").split(",") if (tag := _sound(_sound(one).removeprefix("/")))
        )
    )
    return replace(source, title=None if title in {url, source.public_url} else title or None, tags=tags, **settings)


def _settings(said: Mapping[str, str], shown: str, wrong: list[str]) -> dict[str, Any]:
    """What the attributes of our own say of the outline that is `shown` so; `wrong` receives what cannot be."""
    own = {
        key: said[attribute] for key in (*_NAMES, "text", *_BOUNDS) if (attribute := f"{{{NAMESPACE}}}{key}") in said
    }
    found: dict[str, Any] = {key: value for key in _NAMES if (value := _sound(own.pop(key, None)))}
    for key, value in own.items():
        if key == "text" and value in POLICIES:
            found[key] = value
        elif key != "text" and re.fullmatch("[0-9]{1,7}", value) and _BOUNDS[key] <= int(value) <= BOUND_LIMIT:
            found[key] = int(value)
        else:
            known = ", ".join(POLICIES) if key == "text" else f"a number from {_BOUNDS[key]} to {BOUND_LIMIT:,}"
            wrong.append(f"{shown}: {key}={_sound(value)[:40]!r} is left out: it takes {known}")
    return found


def _of_feed(address: str) -> str:
    """An http address for those that browsers hand to feed readers: `feed://host`, `feed:https://host`."""
    scheme, _, rest = address.partition(":")
    if scheme.lower() != "feed":
        return address
    return f"http:{rest}" if rest.startswith("//") else rest


def _again(first: Source, other: Source) -> Source:
    folder = "/".join(other.folder).replace(",", " ")
    added = (*other.tags, *((folder,) if folder and other.folder != first.folder else ()))
    return replace(first, tags=tuple(dict.fromkeys((*first.tags, *added))))


def _names(folder: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for one in folder if (name := _sound(one)))[:_FOLDER_LIMIT]


def _sound(value: str | None) -> str:
    return single_line(value or "")[:NAME_LIMIT].strip()


def _written(folder: _Folder, depth: int) -> Iterator[str]:
    space = "  " * depth
    for part in folder.parts:
        if isinstance(part, _Folder):
            yield f"{space}<outline text={_quoted(part.name)}>"
            yield from _written(part, depth + 1)
            yield f"{space}</outline>"
        else:
            yield f"{space}<outline {' '.join(_attributes(part))}/>"


def _attributes(source: Source) -> Iterator[str]:
    shown = _sound(source.name) or _sound(source.title) or source.public_url
    yield f"type={_quoted('rss' if source.kind == 'feed' else source.kind)}"
    yield f"text={_quoted(shown)}"
    if title := _sound(source.title) if source.name else shown:
        yield f"title={_quoted(title)}"
    yield f"xmlUrl={_quoted(source.url)}"
    if tags := [sound for tag in source.tags if (sound := _sound(tag.replace(",", " ")))]:
        yield f"category={_quoted(','.join(tags))}"
    for key in _NAMES:
        if value := _sound(getattr(source, key)):
            yield f"briefing:{key}={_quoted(value)}"
    if source.text != "auto":
        yield f"briefing:text={_quoted(source.text)}"
    for key in _BOUNDS:
        if (bound := getattr(source, key)) is not None:
            yield f"briefing:{key}={_quoted(str(bound))}"


def _quoted(value: str) -> str:
    """An attribute's value in double quotes."""
    return quoteattr(value, {'"': "&quot;"})
