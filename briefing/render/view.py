"""What a template sees: plain frozen values, every text visible and on one line, every address safe.

Field names are what `{{ page.… }}` offers in a user's own template, so they are kept.
"""

from __future__ import annotations

from dataclasses import dataclass

from briefing.render.links import Url


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article of the list at the end. `label` is its publisher, else its title, else its id.

    `caution` is what a reader has to know where the article is named as a source: a machine wrote it, or it is opinion.
    """

    number: int
    anchor: str
    label: str
    title: str
    publisher: str
    author: str
    url: Url | None
    day: str | None
    day_words: str
    language: str
    flags: tuple[str, ...]
    caution: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A superscript number in the text. `place` says where it stands: `sentence 4`, `the headline`."""

    number: int
    anchor: str
    target: str
    place: str


@dataclass(frozen=True, slots=True)
class Note:
    """One passage: `before`, `quote` and `after` are its paragraph where the article's text is at hand.

    `url` leads to the passage itself. `origins` is how many independent origins are cited for what cites it, the least
    of several.
    """

    number: int
    anchor: str
    article: ArticleView
    before: str
    quote: str
    after: str
    url: Url | None
    origins: int
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class SentenceView:
    """A sentence or headline. `lead_in` names whose words it is (`Ada Brandt writes:`) and is empty for a fact.

    An opinion's headline has `Opinion:`. `quoted` says whether the text needs quotation marks; `language` is that of a
    verbatim text, empty where it is not known.
    """

    number: int
    text: str
    lead_in: str
    quoted: bool
    verbatim: bool
    origins: int
    language: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class OriginView:
    """One independent origin of an event, with the articles that carry it; `name` is empty where none is known.

    `own` says that they all stand under the one name, as two reports of one paper do.
    """

    name: str
    own: bool
    articles: tuple[ArticleView, ...]


@dataclass(frozen=True, slots=True)
class VersionView:
    """One side of a disagreement."""

    value: str
    sources: tuple[ArticleView, ...]
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class DisagreementView:
    """What the sources say differently; `update` where a later figure replaced an earlier one."""

    about: str
    update: bool
    versions: tuple[VersionView, ...]


@dataclass(frozen=True, slots=True)
class FactView:
    """A line of the fact box: `label` asks (`Where`), each of `answers` is marked like a sentence."""

    label: str
    answers: tuple[SentenceView, ...]


@dataclass(frozen=True, slots=True)
class EventView:
    """An event. `notes` are the passages that it is the first to cite. `facts` are filled for the story alone.

    `one_source` and `agreed` are the numbers of the marks of sentences with one, and with several, independent
    origins; both are empty where the whole event has one origin, which `tags` then says.
    """

    number: int
    anchor: str
    day: str | None
    when: str
    status: str
    tags: tuple[str, ...]
    headline: SentenceView
    paragraphs: tuple[tuple[SentenceView, ...], ...]
    reported_by: tuple[OriginView, ...]
    articles: int
    origins: int
    one_source: tuple[Mark, ...]
    agreed: tuple[Mark, ...]
    disagreements: tuple[DisagreementView, ...]
    notes: tuple[Note, ...]
    facts: tuple[FactView, ...] = ()


@dataclass(frozen=True, slots=True)
class StorylineView:
    """Events of one matter; `title` is empty where there is only one. `dated` says that their order is one of time."""

    title: str
    events: tuple[EventView, ...]
    dated: bool = False


@dataclass(frozen=True, slots=True)
class WithheldView:
    """How many sentences of an event were withheld for the same reasons. Their text is no part of the page."""

    headline: str
    anchor: str
    count: int
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProblemView:
    """A source that could not be read, and why."""

    source: str
    error: str


@dataclass(frozen=True, slots=True)
class Score:
    """A line of the scorecard."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Page:
    """A whole edition. `inside` is one line, `made` says who wrote it, `proof` what its checks prove.

    `banner` is what a reader has to know before reading, one sentence or two; it is empty on a good day.
    """

    title: str
    day: str | None
    day_words: str
    language: str
    inside: str
    storylines: tuple[StorylineView, ...]
    withheld: tuple[WithheldView, ...]
    failed: tuple[ProblemView, ...]
    scorecard: tuple[Score, ...]
    made: str
    proof: str
    articles: tuple[ArticleView, ...]
    edition: str
    banner: str = ""

    @property
    def events(self) -> tuple[EventView, ...]:
        """All events in the order of the page."""
        return tuple(event for storyline in self.storylines for event in storyline.events)
