"""The seams: what a source kind, a check, a writer and an output format must look like.

Each registered part is named by a `"module:Name"` string in a dict beside the stage that uses it, so that nothing is
imported before it is needed and a user's own class is named the same way.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Literal, Protocol

from briefing.domain import Article, Aspect, Briefing, Cluster, DateOrigin, Draft, Flag, Kind, Reason, Withheld
from briefing.errors import UsageError
from briefing.report import Fallback, Problem, Usage, WriterRecord


@dataclass(frozen=True, slots=True)
class Document:
    """Bytes to be read: `name` is shown in messages, `id` is the id of a file that is one article.

    `url` is the address that the bytes came from, `charset` what the HTTP header said of them.
    """

    name: str
    id: str
    data: bytes
    url: str | None = None
    charset: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """An article as a reader found it, before cleaning. `text` holds one paragraph a line.

    `trusted_title` is False for plain text, whose first line is the title only if it reads like one. What stands in
    a field of its own (`published`, `publisher` ...) wins over what the text says. `place` is where a message says
    that the article stands: its file, and the line or item. `guid` is a feed's own id of the item, one line of at most
    2,000 characters; `channel` is the feed's title, which `publisher` differs from where the item names another
    source; `updated` is when the feed or the sitemap says that the article last changed.
    """

    id: str
    text: str
    title: str | None = None
    published: str | None = None
    published_from: DateOrigin | None = None
    publisher: str | None = None
    url: str | None = None
    author: str | None = None
    language: str | None = None
    flags: tuple[Flag, ...] = ()
    trusted_title: bool = True
    place: str = ""
    guid: str | None = None
    channel: str | None = None
    updated: str | None = None


class Reader(Protocol):
    """A source kind: one document in, its articles and what was wrong with it out."""

    def __call__(self, document: Document, /) -> Iterator[RawArticle | Problem]: ...


@dataclass(frozen=True, slots=True)
class Passage:
    """What a claim is held against: a cited passage and what its article says of itself.

    Passages with the same `article` stand in one article; those without are taken to do so, too.
    """

    text: str
    published: str | None = None
    language: str | None = None
    article: str | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence as the gate sees it.

    `written` is what a model wrote for us: it is held to its passages strictly, for there is always a passage to show
    instead. `given` comes from elsewhere (`briefing check`, an article's title) and may be worded more freely.
    """

    text: str
    kind: Kind | Literal["given"] = "written"
    attributed_to: str | None = None


class Check(Protocol):
    """A layer of the gate: None where the claim passes, else the reason why not."""

    def __call__(self, claim: Claim, passages: Sequence[Passage], /) -> Reason | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Manuscript:
    """What a writer hands in for one event: the headline first, then the sentences, in the order to be read.

    Every draft cites passages of the event's articles; none is trusted before the gate has seen it. What a model wrote
    and the gate refused twice is in `withheld`; `repaired` of its sentences passed at the second try, `replaced` have a
    passage in their place. `fallback` says why the articles' own sentences stand in for the model's, `unjudged` why the
    second model could not be asked about some of them.
    """

    drafts: tuple[Draft, ...] = ()
    facts: tuple[tuple[Aspect, Draft], ...] = ()
    withheld: tuple[Withheld, ...] = ()
    repaired: int = 0
    replaced: int = 0
    usage: Usage = field(default_factory=Usage)
    fallback: Fallback | None = None
    unjudged: str | None = None


class Writer(Protocol):
    """Writes one event, its articles given in order of time, in at most `words` words, the headline apart."""

    def __call__(self, cluster: Cluster, articles: Sequence[Article], words: int, /) -> Manuscript: ...


@dataclass(frozen=True, slots=True)
class Author:
    """Who writes a briefing: what the briefing says of the writer, the writer, and how many events at once."""

    record: WriterRecord
    write: Writer
    workers: int = 1


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation with a language model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What a language model is asked. `prompt` and `about` name it in messages and are no part of what is sent.

    `prompt` is the prompt's file without its ending, `about` the event's title; `schema` is the JSON Schema that the
    answer has to follow, `max_tokens` bounds the answer.
    """

    prompt: str
    about: str
    model: str
    messages: tuple[Message, ...]
    schema: Mapping[str, Any]
    max_tokens: int

    def body(self) -> dict[str, Any]:
        """What is sent, as plain values: the same for the same question, whoever asks."""
        return {
            "model": self.model,
            "messages": [{"role": one.role, "content": one.content} for one in self.messages],
            "schema": dict(self.schema),
            "max_tokens": self.max_tokens,
        }

    @property
    def sha256(self) -> str:
        """SHA-256 of `body()` as JSON with sorted keys, as hexadecimal digits: the request's name in recordings."""
        text = json.dumps(self.body(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A language model's answer. `finish` is why it ended: `stop` where it said all.

    `model` is the one that the endpoint says answered. `tokens_in` and `tokens_out` are never 0: where the endpoint
    states none, or absurd ones, they are counted here and `estimated` is set. `paid` is False for an answer kept from
    an earlier run.
    """

    text: str
    model: str
    tokens_in: int
    tokens_out: int
    finish: str = "stop"
    estimated: bool = False
    paid: bool = True


class Provider(Protocol):
    """Answers a request, or raises ModelError. Called from several threads at once."""

    def __call__(self, request: Request, /) -> Reply: ...


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
