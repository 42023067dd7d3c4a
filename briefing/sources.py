"""A reader's own sources: what they asked for, and how each has fared.

Moments are aware datetimes in UTC. A source is known by the address that it was added with; where it has moved to for
good is part of its state, so that the reader sees both.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

from briefing.canonical import without_credentials
from briefing.errors import UsageError

TextPolicy = Literal["auto", "feed", "page"]
"""Where texts are taken from: `page` always asks for the page, `feed` never, `auto` where the feed's text is short."""

POLICIES: tuple[TextPolicy, ...] = get_args(TextPolicy)
NAME_LIMIT = 300  # characters of a name, a publisher, an owner, a tag
BOUND_LIMIT = 1_000_000  # the largest `max_items` and `max_pages`

PageState = Literal["none", "wanted", "had", "failed"]
"""Whether an article's page is to be fetched; `failed` is for good, and the feed's own text stands in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """What the reader asked for.

    `kind` is a name in `briefing.fetch.KINDS`. `name` and `publisher` are the reader's words and win over what the
    source says of itself (`title`); sources of one `owner` count as one origin. `folder` are the OPML outlines that it
    lies in, outermost first. `max_items` and `max_pages` bound one fetch; None is the run's own bound.
    """

    url: str
    kind: str = "feed"
    name: str | None = None
    title: str | None = None
    publisher: str | None = None
    owner: str | None = None
    tags: tuple[str, ...] = ()
    folder: tuple[str, ...] = ()
    text: TextPolicy = "auto"
    max_items: int | None = None
    max_pages: int | None = None

    @property
    def shown(self) -> str:
        """What messages call it."""
        return self.name or self.title or self.public_url

    @property
    def public_url(self) -> str:
        """Its address as it may be shown: without user name and password."""
        return without_credentials(self.url)


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceState:
    """How a source has fared. A source never asked has `checked_at` None.

    `address` is where it is asked now, `etag` and `modified` what it said of the body that was read last. It is asked
    again from `next_at` on (None: at once), and never once `ended_at` is set. `failing_since` is the first failure
    after the last success, `failures` how many there were in a row, `error` the last one in words and `error_kind` as a
    code. `moved_to` is where permanent redirects have led `moved_seen` times in a row.
    """

    address: str
    etag: str | None = None
    modified: str | None = None
    checked_at: datetime | None = None
    succeeded_at: datetime | None = None
    failing_since: datetime | None = None
    failures: int = 0
    error_kind: str | None = None
    error: str | None = None
    next_at: datetime | None = None
    ended_at: datetime | None = None
    moved_to: str | None = None
    moved_seen: int = 0


def named(sources: Iterable[Source], wanted: Iterable[str]) -> frozenset[str]:
    """The addresses of the sources that `wanted` means, each by an address, a name, a tag or an outline, in any case.

    An address written as it is stored (or shown, without its password) means that source alone, for the case of a path
    may tell two sources apart. Raises UsageError that names what means none.
    """
    known = list(sources)
    meant: set[str] = set()
    unknown: list[str] = []
    for word in wanted:
        exact = {one.url for one in known if word in {one.url, one.public_url}}
        found = exact or {one.url for one in known if word.casefold() in _words(one)}
        meant |= found
        unknown += () if found else (without_credentials(word),)
    if unknown:
        raise UsageError(f"no such source: {', '.join(unknown)}; `briefing status` lists them")
    return frozenset(meant)


def _words(source: Source) -> set[str]:
    return {one.casefold() for one in (source.url, source.public_url, source.shown, *source.tags, *source.folder)}
