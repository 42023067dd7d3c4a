"""What an address turns out to be, and sources taken in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urljoin

from sqlalchemy import Connection

from briefing.canonical import canonical, without_credentials
from briefing.collect.feeds.addresses import web_address
from briefing.collect.feeds.discovery import feeds_of, kind_of, sitemaps_of
from briefing.errors import BriefingError, UsageError
from briefing.fetch import KINDS
from briefing.fetch.news import UnreadableError
from briefing.fetch.poll import TO_ALL, document_of
from briefing.fetch.reading import found_in
from briefing.sources import NAME_LIMIT, POLICIES, Source
from briefing.store import Database
from briefing.store.sources import add
from briefing.text import single_line
from briefing.web import Answer, Ask, Web, WebError

_ADDRESS = re.compile(r"(https?://)([^/?#]*@)?([^/?#@]*)(.*)", re.IGNORECASE | re.DOTALL)
_NAMED = 6  # feeds of a page that are looked at


@dataclass(frozen=True, slots=True)
class FoundSource:
    """What an address leads to; `others` are further feeds that its page names."""

    url: str
    kind: str
    title: str | None
    others: tuple[str, ...] = ()


def found_at(url: str, web: Web, kind: str | None = None) -> FoundSource:
    """The source at an address: itself, or the feed that its page names, or the news sitemap that its host names.

    Raises WebError where nothing answers, BriefingError where there is nothing to follow.
    """
    url = url if "://" in url else f"https://{url}"
    shown = without_credentials(url)
    answer = web.get(Ask(url=url, robots=kind == "page"))
    if answer.to_all:
        raise BriefingError(f"{shown} {TO_ALL}")
    document = document_of(shown, answer)
    is_kind = kind_of(document)
    if kind in {None, is_kind} and is_kind in {"feed", "sitemap"}:
        return FoundSource(answer.moved or url, is_kind, _title(is_kind, answer))
    if kind is not None:
        _require(kind, shown, answer)
        return FoundSource(answer.moved or url, kind, _title(kind, answer))
    named = feeds_of(document)[:_NAMED]
    problems: list[str] = []
    for one in named:
        others = tuple(other.url for other in named if other != one)
        try:
            answer = web.get(Ask(url=one.url))
            if kind_of(document_of(one.url, answer)) == "feed":
                return FoundSource(one.url, "feed", _title("feed", answer) or one.title, others)
            problems.append(f"{without_credentials(one.url)} is no feed")
        except WebError as error:
            problems.append(str(error))
    for sitemap in _sitemaps(answer.url, web):
        return FoundSource(sitemap, "sitemap", None)
    found = f"names a feed that cannot be read ({problems[0]})" if problems else "is no feed and names none"
    raise BriefingError(f"{shown} {found}; --kind page follows the page itself")


def worded(source: Source) -> Source:
    """A source whose words are stored as they are shown: names and tags on single lines; an empty name is unknown.

    Raises UsageError for a tag or a name that cannot be one. Address, title and folder are taken as they are.
    """
    if source.text not in POLICIES:
        raise UsageError(f"--text {source.text!r}: known are {', '.join(POLICIES)}")
    if source.kind not in KINDS and ":" not in source.kind:
        raise UsageError(f"--kind {source.kind!r}: known are {', '.join(KINDS)}, or module:Name of your own")
    tags = tuple(dict.fromkeys(_line("tag", tag).removeprefix("/").strip() for tag in source.tags))
    if wrong := [tag for tag in tags if not tag or "," in tag]:
        raise UsageError(f"--tag {wrong[0]!r}: a tag is not empty and has no comma; repeat --tag for several")
    return replace(
        source,
        name=_line("name", source.name) or None,
        publisher=_line("publisher", source.publisher) or None,
        owner=_line("owner", source.owner) or None,
        tags=tags,
    )


def _line(option: str, said: str | None) -> str:
    line = single_line(said or "")
    if len(line) > NAME_LIMIT:
        raise UsageError(f"--{option} {line[:40]!r}...: has more than {NAME_LIMIT} characters")
    return line


def placed(source: Source, url: str, kind: str, title: str | None = None) -> Source:
    """The source with all its settings, at an address. Raises UsageError where `url` is no address on the web."""
    parts = _ADDRESS.fullmatch(url.strip())
    settled = f"{parts[1].lower()}{parts[2] or ''}{parts[3].lower()}{parts[4]}" if parts else ""
    if canonical(settled) is None or web_address(settled) != settled:
        shown = without_credentials(url)
        raise UsageError(f"{shown!r} is no address: write it out, such as https://example.org/feed.xml")
    return replace(source, url=settled, kind=kind, title=title)


def add_all(database: Database, sources: Iterable[Source]) -> tuple[list[Source], list[Source]]:
    """Store sources in one transaction; those added, and those known already."""
    wanted = list(sources)
    now = datetime.now(UTC)

    def add_each(connection: Connection) -> list[bool]:
        return [add(connection, one, now) for one in wanted]

    fates = database.write(add_each)
    return (
        [one for one, new in zip(wanted, fates, strict=True) if new],
        [one for one, new in zip(wanted, fates, strict=True) if not new],
    )


def _require(kind: str, url: str, answer: Answer) -> None:
    try:
        found = found_in(kind, document_of(url, answer))
    except UnreadableError as error:
        raise BriefingError(f"{url} {error}") from error
    if not found.raws:
        raise BriefingError(f"{url} {found.notes[0] if found.notes else f'holds nothing that a {kind} holds'}")


def _title(kind: str, answer: Answer) -> str | None:
    try:
        raws = found_in(kind, document_of(answer.url, answer)).raws
    except UnreadableError:
        return None
    return next((title for one in raws if (title := one.channel or one.publisher)), None)


def _sitemaps(url: str, web: Web) -> list[str]:
    try:
        answer = web.get(Ask(url=urljoin(url, "/robots.txt"), limit=512 * 1024))
    except WebError:
        return []
    return [one for one in sitemaps_of(answer.data.decode("utf-8", "replace")) if "news" in one.lower()]
