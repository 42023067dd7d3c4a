"""The seams: what a source kind, a check, a writer and an output format must look like.

Each registered part is named by a `"module:Name"` string in a dict beside the stage that uses it, so that nothing is
imported before it is needed and a user's own class is named the same way.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from briefing.domain import Article, Briefing, Cluster, Draft, Flag, Kind, Problem, Reason
from briefing.errors import UsageError


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes to be read: `name` is shown in messages, `id` is the id of a file that is one article."""

    name: str
    id: str
    data: bytes
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """An article as a reader found it, before cleaning. `text` holds one paragraph a line.

    `trusted_title` is False for plain text, whose first line is the title only if it reads like one. What stands in
    a field of its own (`published`, `publisher` ...) wins over what the text says. `place` is where a message says
    that the article stands: its file, and the line or item.
    """

    id: str
    text: str
    title: str | None = None
    published: str | None = None
    publisher: str | None = None
    url: str | None = None
    author: str | None = None
    language: str | None = None
    flags: tuple[Flag, ...] = ()
    trusted_title: bool = True
    place: str = ""


class Reader(Protocol):
    """A source kind: one document in, its articles and what was wrong with it out."""

    def __call__(self, document: Document, /) -> Iterator[RawArticle | Problem]: ...


@dataclass(frozen=True, slots=True)
class Passage:
    """What a claim is held against: a cited passage and what its article says of itself."""

    text: str
    published: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence as the gate sees it."""

    text: str
    kind: Kind = "written"
    attributed_to: str | None = None


class Check(Protocol):
    """A layer of the gate: None where the claim passes, else the reason why not."""

    def __call__(self, claim: Claim, passages: Sequence[Passage], /) -> Reason | None: ...


class Writer(Protocol):
    """Writes one event: the headline first, then the sentences, in the order to be read.

    Every draft cites passages of the given articles; none is trusted before the gate has seen it.
    """

    def __call__(self, cluster: Cluster, articles: Sequence[Article], words: int, /) -> tuple[Draft, ...]: ...


class Format(Protocol):
    """An output format: one briefing in, one text out.

    `articles` hold the full texts by id where they are at hand, `templates` is the user's own folder of templates; a
    format that needs none ignores it.
    """

    def __call__(self, briefing: Briefing, articles: Mapping[str, Article], templates: Path | None, /) -> str: ...


def load(name: str) -> Any:
    """The object that `"module:Name"` names. Raises UsageError where there is none."""
    module, _, attribute = name.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise UsageError(f'cannot load {name!r}: {error}; write it as "module:Name"') from error
