"""What stands around the stories of a mail, and which passages stand below each.

Every part around them is bounded: titles and reasons come from strangers' feeds.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from briefing.render.links import Url
from briefing.render.view import EventView, Note, Page, ProblemView, SentenceView
from briefing.render.wording import count, day_words

SUBJECT = 110  # characters: what clients show in a list of mails, and in one header line with room to spare
_SUBJECT_TITLE = 50
_PREHEADER = 140
_TITLE = 100
_LINE = 160  # of a list
_PARAGRAPH = 400
_FAILED = 5
_LEFT_OUT = 12
_JOINERS = "\u200c\u200d"  # Persian, Indic scripts and emoji need them


@dataclass(frozen=True, slots=True)
class Entry:
    """A headline in a list, shortened; `url` leads to its story in the full edition, `language` is a sentence's."""

    text: str
    language: str
    url: Url | None


@dataclass(frozen=True, slots=True)
class Entries:
    """The first entries of a list, and how many more it has."""

    shown: tuple[Entry, ...]
    more: int

    @property
    def total(self) -> int:
        """How many there are, shown or not."""
        return len(self.shown) + self.more


@dataclass(frozen=True, slots=True)
class Letterhead:
    """The frame of a letter: what templates see as `mail`.

    `unsubscribe` is where the recipient's way out stands. `left_out` are the stories for which there was no room;
    `text_whole` says that the letter's text has them all. `withheld` counts lines that did not pass their check.
    """

    subject: str
    title: str
    day_words: str
    language: str
    inside: str
    banner: str
    preheader: str
    made: str
    unsubscribe: Url
    full_edition: Url | None
    contents: Entries
    left_out: Entries
    text_whole: bool
    failed: tuple[ProblemView, ...]
    failed_more: int
    withheld: int


def letterhead(
    page: Page,
    left_out: Sequence[EventView],
    *,
    unsubscribe: Url,
    full_edition: Url | None,
    contents: int,
    text_whole: bool,
) -> Letterhead:
    """The frame around the stories of `page` without those `left_out`; it lists at most `contents` headlines."""
    return Letterhead(
        subject=subject(page),
        title=shorten(page.title, _TITLE),
        day_words=page.day_words,
        language=page.language,
        inside=_inside(page),
        banner=shorten(page.banner, 2 * _PARAGRAPH),
        preheader=_preheader(page),
        made=shorten(page.made, _PARAGRAPH),
        unsubscribe=unsubscribe,
        full_edition=full_edition,
        contents=_entries(page.events, contents, None),
        left_out=_entries(left_out, _LEFT_OUT, full_edition),
        text_whole=text_whole,
        failed=tuple(_shortened(problem) for problem in page.failed[:_FAILED]),
        failed_more=max(0, len(page.failed) - _FAILED),
        withheld=sum(item.count for item in page.withheld),
    )


def subject(page: Page) -> str:
    """`Morning briefing, 24 November: Cranes to move again (and 3 more)`: one line of at most `SUBJECT` characters."""
    title = shorten(_plain(page.title), _SUBJECT_TITLE)
    if page.day is not None:
        title += f", {day_words(page.day).rpartition(' ')[0]}"
    if not page.events:
        return f"{title}: nothing to report"
    others = len(page.events) - 1
    more = f" (and {others:,} more)" if others else ""
    headline = _plain(told(page.events[0]))
    if more and not headline.endswith(".."):
        headline = headline.removesuffix(".")
    return f"{title}: {shorten(headline, SUBJECT - len(title) - 2 - len(more))}{more}"


def told(event: EventView) -> str:
    """An event's headline with what has to be said before it (`Opinion:`)."""
    return f"{event.headline.lead_in} {event.headline.text}".strip()


def entry(event: EventView, full_edition: Url | None) -> Entry:
    """An event's line in a list."""
    url = None if full_edition is None else Url(f"{full_edition}#{event.anchor}")
    return Entry(shorten(told(event), _LINE), event.headline.language, url)


def cited(event: EventView, notes: Mapping[int, Note]) -> tuple[Note, ...]:
    """All passages that an event cites: in a mail no link leads to the story that cited one of them first."""
    marks = [mark for sentence in _sentences(event) for mark in sentence.marks]
    marks += [mark for item in event.disagreements for version in item.versions for mark in version.marks]
    return tuple(notes[number] for number in sorted({mark.number for mark in marks}))


def said_above(event: EventView) -> frozenset[int]:
    """The numbers of those of its passages that its headline or a sentence says word for word.

    Not of those that also bear out other words: there a reader compares the two.
    """
    quotes = {note.number: note.quote for note in event.notes}
    same: set[int] = set()
    differing: set[int] = set()
    for sentence in _sentences(event):
        for mark in sentence.marks:
            is_same = sentence.verbatim and sentence.text == quotes[mark.number]
            (same if is_same else differing).add(mark.number)
    return frozenset(same - differing)


def shorten(text: str, most: int) -> str:
    """Text of at most `most` characters: cut at a word where there is one near, with an ellipsis."""
    if len(text) <= most:
        return text
    kept = text[: most - 1]
    space = kept.rfind(" ")
    if text[most - 1] != " " and space > most // 2:
        kept = kept[:space]
    return kept.rstrip(" ,;:.…" + _JOINERS) + "…"


def _sentences(event: EventView) -> list[SentenceView]:
    return [event.headline, *(sentence for paragraph in event.paragraphs for sentence in paragraph)]


def _inside(page: Page) -> str:
    """The line below the title. How many origins one article has need not be said."""
    if page.events and len(page.articles) == 1:
        return f"{count(len(page.events), 'event')} from 1 article."
    return page.inside


def _entries(events: Sequence[EventView], most: int, full_edition: Url | None) -> Entries:
    return Entries(tuple(entry(event, full_edition) for event in events[:most]), max(0, len(events) - most))


def _shortened(problem: ProblemView) -> ProblemView:
    return ProblemView(shorten(problem.source, _LINE), shorten(problem.error, _LINE))


def _preheader(page: Page) -> str:
    """What the list of mails shows behind the subject, which has the first headline."""
    others = [shorten(told(event), _PREHEADER // 2).rstrip(".") for event in page.events[1:3]]
    return shorten(". ".join([*others, _inside(page)]), _PREHEADER)


def _plain(text: str) -> str:
    """Text without any character that is none: controls, format characters, lone surrogates, line separators."""
    kept = (
        character if character in _JOINERS or unicodedata.category(character) not in ("Cc", "Cf", "Cs") else ""
        for character in text
    )
    return " ".join("".join(kept).split())
