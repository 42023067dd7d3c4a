"""Lists of feeds that readers exchange, OPML 2.0 (http://opml.org/spec2.opml).

listparser reads them through an HTML parser, which takes UTF-8 for Latin-1 (`Zürich` becomes `ZÃ¼rich`), reports no
damage, and leaves out a feed's language and home page: so this reads the tree itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from briefing.collect.decode import UnreadableError
from briefing.collect.feeds.addresses import web_address
from briefing.collect.feeds.xml_text import mended, parse, xml_text
from briefing.ports import Document
from briefing.report import Problem
from briefing.text import single_line

SIZE_LIMIT = 10 * 1024 * 1024  # bytes
FEED_LIMIT = 20_000  # feeds of one list
_NAME_LIMIT = 300  # characters of a name
_FOLDER_LIMIT = 32  # folders inside each other
_TOLD = 20  # outlines that are told one by one
_OURS = ("sitemap", "page")
_FEED_TYPES = ("rss", "atom", "feed", "json", "rdf")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """A feed of a list. `folder` are the outlines that it lies in, outermost first; names are single lines.

    `kind` is `feed`, `sitemap` or `page`; the latter are no types of OPML's own, and readers that do not know them pass
    them by.
    `tags` hold no commas, for OPML keeps them in one attribute, `category`.
    """

    url: str
    title: str | None = None
    home: str | None = None
    kind: str = "feed"
    folder: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    language: str | None = None


@dataclass(slots=True)
class _Folder:
    """A folder while a list is written: what it holds, in order; a folder within it stands under its name."""

    parts: list[Outline | _Folder] = field(default_factory=list)
    name: str = ""
    folders: dict[str, _Folder] = field(default_factory=dict)


def read(data: bytes, name: str) -> tuple[list[Outline], list[Problem]]:
    """The feeds of an OPML file in order, and what could not be read of it; `name` is what messages call it.

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
    feeds: dict[str, Outline] = {}
    refused: list[str] = []
    for folder, element in _outlines(root):
        said = {key.lower(): value for key, value in element.attrib.items()}
        found = _outline(said, folder)
        if isinstance(found, str):
            refused.append(found)
        elif found is not None:
            feeds[found.url] = _again(feeds[found.url], found) if found.url in feeds else found
        if len(feeds) >= FEED_LIMIT:
            problems.append(Problem(name, f"holds more than {FEED_LIMIT:,} feeds; the first {FEED_LIMIT:,} are read"))
            break
    problems += [Problem(name, why) for why in refused[:_TOLD]]
    if len(refused) > _TOLD:
        problems.append(Problem(name, f"names {len(refused) - _TOLD:,} more that are no feeds on the web"))
    if not feeds and not problems:
        problems.append(Problem(name, "is a list without feeds"))
    return list(feeds.values()), problems


def write(outlines: Iterable[Outline], title: str) -> str:
    """An OPML 2.0 file of `outlines`: folders nested, each at the place of its first feed, everything else in order."""
    top = _Folder()
    for outline in outlines:
        folder = top
        for name in _names(outline.folder):
            if name not in folder.folders:
                folder.folders[name] = _Folder(name=name)
                folder.parts.append(folder.folders[name])
            folder = folder.folders[name]
        folder.parts.append(outline)
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
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


def _outline(said: Mapping[str, str], folder: tuple[str, ...]) -> Outline | str | None:
    """The feed that an outline names, None where it names none, or why it cannot be taken."""
    kind = said.get("type", "").strip().lower()
    stated = said.get("xmlurl") or (said.get("url") if kind in _FEED_TYPES else None)
    if not stated:
        if kind in ("include", "link") and said.get("url", "").lower().endswith(".opml"):
            return f"names another list, which is not followed: {_sound(said['url'])[:200]}"
        return None
    url = web_address(_of_feed(stated.strip()))
    if url is None:
        return f"names a feed by what is no web address: {_sound(stated)[:200]!r}"
    home = said.get("htmlurl")
    # `title` is what the feed calls itself, `text` what the reader sees in the list: the reader's word goes first
    title = _sound(said.get("text")) or _sound(said.get("title"))
    tags = tuple(dict.fromkeys(tag for one in said.get("category", "").split(",") if (tag := _sound(one))))
    return Outline(
        url=url,
        title=None if title == url else title or None,
        home=web_address(home) if home else None,
        kind=kind if kind in _OURS else "feed",
        folder=folder,
        tags=tags,
        language=_sound(said.get("language")) or None,
    )


def _of_feed(address: str) -> str:
    """An http address for those that browsers hand to feed readers: `feed://host`, `feed:https://host`."""
    scheme, _, rest = address.partition(":")
    if scheme.lower() != "feed":
        return address
    return f"http:{rest}" if rest.startswith("//") else rest


def _again(first: Outline, other: Outline) -> Outline:
    folder = "/".join(other.folder).replace(",", " ")
    added = (*other.tags, *((folder,) if folder and other.folder != first.folder else ()))
    return replace(first, tags=tuple(dict.fromkeys((*first.tags, *added))))


def _names(folder: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for one in folder if (name := _sound(one)))[:_FOLDER_LIMIT]


def _sound(value: str | None) -> str:
    return single_line(value or "")[:_NAME_LIMIT].strip()


def _written(folder: _Folder, depth: int) -> Iterator[str]:
    space = "  " * depth
    for part in folder.parts:
        if isinstance(part, _Folder):
            yield f"{space}<outline text={_quoted(part.name)}>"
            yield from _written(part, depth + 1)
            yield f"{space}</outline>"
        else:
            yield f"{space}<outline {' '.join(_attributes(part))}/>"


def _attributes(outline: Outline) -> Iterator[str]:
    name = _sound(outline.title) or outline.url
    yield f"type={_quoted('rss' if outline.kind == 'feed' else outline.kind)}"
    yield f"text={_quoted(name)}"
    yield f"title={_quoted(name)}"
    yield f"xmlUrl={_quoted(outline.url)}"
    if outline.home:
        yield f"htmlUrl={_quoted(outline.home)}"
    if tags := [sound for tag in outline.tags if (sound := _sound(tag.replace(",", " ")))]:
        yield f"category={_quoted(','.join(tags))}"
    if outline.language:
        yield f"language={_quoted(outline.language)}"


def _quoted(value: str) -> str:
    """An attribute's value in double quotes."""
    return quoteattr(value, {'"': "&quot;"})
