"""The nouns. Frozen values, no behaviour beyond what keeps them true.

Offsets are half-open character offsets `[start, end)` into `Article.text`, which is the title, a
blank line and the cleaned body (the body alone where there is no title). Unknown is `None`, never a
guess. Field names and order are those of the published JSON (`briefing schema`), so that one set of
types serves both.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from briefing.report import Report, Window, WriterRecord

Flag = Literal["ai-written", "opinion", "correction", "paywalled", "wire", "no-text", "feed-text", "script-only"]
Status = Literal["new", "updated", "continuing", "corrected"]
Kind = Literal["written", "verbatim"]
DateOrigin = Literal["feed", "page", "text", "url"]
Caveat = Literal["one-origin", "ai-written", "opinion", "undated"]
Aspect = Literal["who", "what", "where", "when", "how many"]
Reason = Literal[
    "citation",
    "quotation",
    "number",
    "date",
    "name",
    "negation",
    "modality",
    "attribution",
    "direction",
    "cause",
    "loaded",
    "language",
    "markup",
    "instruction",
    "support",
    "judge",
    "length",
    "empty",
]


class Span(NamedTuple):
    """Half-open character offsets into an article's text."""

    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One cleaned article: immutable text with its sentences.

    `published` is RFC 3339: a day (`2024-01-10`), a time without zone where none was stated, or a
    full timestamp; `published_from` is what stated it. `credit` is the news agency that a dateline
    or byline names, `owner` the group that the publisher belongs to, `origin` whom the report comes
    from (copies of one report share it): the article's own id until origins are resolved.
    `sentences` are spans of whole sentences of the body, in order; headings and list items are text
    but no sentences.
    """

    id: str
    title: str | None
    body: str
    published: str | None = None
    published_from: DateOrigin | None = None
    publisher: str | None = None
    url: str | None = None
    author: str | None = None
    language: str | None = None
    flags: tuple[Flag, ...] = ()
    credit: str | None = None
    owner: str | None = None
    origin: str = ""
    sentences: tuple[Span, ...] = ()
    text: str = field(init=False, repr=False, compare=False, default="")

    def __post_init__(self) -> None:
        text = f"{self.title}\n\n{self.body}" if self.title else self.body
        object.__setattr__(self, "text", text)
        if not self.origin:
            object.__setattr__(self, "origin", self.id)

    @property
    def body_start(self) -> int:
        """Offset of the body's first character in `text`."""
        return len(self.text) - len(self.body)

    @property
    def sha256(self) -> str:
        """SHA-256 of `text` in UTF-8, as hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage: `quote` is exactly `text[start:end]` of the article.

    Raises ValueError where the offsets are empty, negative or do not fit the quote.
    """

    article_id: str
    start: int
    end: int
    quote: str

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"citation of {self.article_id}: {self.start}..{self.end} is no span")
        if len(self.quote) != self.end - self.start:
            raise ValueError(
                f"citation of {self.article_id}: the quote has {len(self.quote)} characters, "
                f"the span {self.end - self.start}"
            )


@dataclass(frozen=True, slots=True)
class Draft:
    """What a writer proposes: nothing of it is trusted before the gate has seen it."""

    text: str
    citations: tuple[Citation, ...]
    kind: Kind = "written"
    attributed_to: str | None = None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence that passed the gate, with the passages that hold it.

    `origins` counts the independent origins among its citations. Raises ValueError without a
    citation, and for a verbatim sentence whose text stands in none of its quotes.
    """

    text: str
    kind: Kind
    origins: int
    attributed_to: str | None
    citations: tuple[Citation, ...]

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise ValueError("a sentence needs text")
        if not self.citations:
            raise ValueError(f"a sentence needs a citation: {self.text!r}")
        if self.origins < 1:
            raise ValueError(f"a sentence needs an origin: {self.text!r}")
        if self.kind == "verbatim" and not any(self.text in c.quote for c in self.citations):
            raise ValueError(f"not verbatim in its passages: {self.text!r}")


@dataclass(frozen=True, slots=True)
class Headline:
    """An event's headline, cited like a sentence."""

    text: str
    kind: Kind
    origins: int
    citations: tuple[Citation, ...]

    def __post_init__(self) -> None:
        Sentence(self.text, self.kind, self.origins, None, self.citations)


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of an event's fact box, cited like a sentence: `text` answers `aspect` in a few words."""

    aspect: Aspect
    text: str
    kind: Kind
    origins: int
    citations: tuple[Citation, ...]

    def __post_init__(self) -> None:
        Sentence(self.text, self.kind, self.origins, None, self.citations)


@dataclass(frozen=True, slots=True)
class Withheld:
    """A sentence that did not pass, with the reasons."""

    event_id: str
    text: str
    reasons: tuple[Reason, ...]

    def __post_init__(self) -> None:
        if not self.reasons:
            raise ValueError(f"withheld without a reason: {self.text!r}")


@dataclass(frozen=True, slots=True)
class Version:
    """One side of a disagreement: a normalised value and who says so."""

    value: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Different values for the same thing: `conflict` at one time, `update` where later replaces."""

    about: str
    kind: Literal["conflict", "update"]
    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class When:
    """First and last publication among an event's dated articles, as stated; None if undated."""

    start: str | None
    end: str | None


@dataclass(frozen=True, slots=True)
class Cluster:
    """One event as grouping sees it: its articles, in order of time, then id."""

    id: str
    storyline_id: str
    title: str
    article_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Storyline:
    """Events of one continuing matter, in order of time."""

    id: str
    title: str
    event_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """What the writer and the gate made of one event."""

    headline: Headline
    sentences: tuple[Sentence, ...]
    withheld: tuple[Withheld, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Event:
    """One event as the reader sees it."""

    id: str
    storyline_id: str
    rank: int
    status: Status
    when: When
    article_ids: tuple[str, ...]
    origins: int
    headline: Headline
    sentences: tuple[Sentence, ...]
    disagreements: tuple[Disagreement, ...] = ()
    caveats: tuple[Caveat, ...] = ()
    facts: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class ArticleRecord:
    """An article as a briefing lists it; `text` only where the texts were asked for."""

    id: str
    title: str | None
    publisher: str | None
    url: str | None
    published: str | None
    author: str | None
    language: str | None
    flags: tuple[Flag, ...]
    origin: str
    sha256: str
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Briefing:
    """One edition: the single artefact that every output is made from."""

    schema_version: Literal[1]
    id: str
    title: str
    date: str
    generated_at: str
    window: Window
    writer: WriterRecord
    storylines: tuple[Storyline, ...]
    events: tuple[Event, ...]
    withheld: tuple[Withheld, ...]
    articles: tuple[ArticleRecord, ...]
    report: Report
