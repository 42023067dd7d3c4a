"""From one event to what templates see of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from typing import get_args

from briefing.domain import Aspect, Disagreement, Event, Fact, Headline, Sentence
from briefing.render.notes import Places, cite
from briefing.render.view import (
    ArticleView,
    DisagreementView,
    EventView,
    FactView,
    Mark,
    OriginView,
    SentenceView,
    VersionView,
)
from briefing.render.wording import ASPECT, CAVEAT, FLAG, STATUS, iso_day, span_words
from briefing.text import single_line

_QUOTED = (("“", "”"), ('"', '"'), ("„", "“"), ("«", "»"), ("»", "«"), ("‘", "’"))


@dataclass(frozen=True, slots=True)
class Setting:
    """How a page is set: sentences in a paragraph at most, and whether an event has its fact box."""

    paragraph: int = 4
    facts: bool = False


def event_view(
    event: Event,
    number: int,
    sentences_before: int,
    articles: Mapping[str, ArticleView],
    origins: Mapping[str, str],
    places: Places,
    setting: Setting,
) -> EventView:
    """An event without its notes: its marks are added to `places`, in the order in which they are read."""
    headline = _sentence(event.headline, 0, f"the headline of event {number}", articles, places)
    if "opinion" in event.caveats and not headline.text.casefold().startswith("opinion"):
        headline = replace(headline, lead_in="Opinion:")
    facts = _facts(event, articles, places) if setting.facts else ()
    sentences = [
        _sentence(sentence, position, f"sentence {position}", articles, places)
        for position, sentence in enumerate(event.sentences, start=sentences_before + 1)
    ]
    disagreements = tuple(_disagreement(item, articles, places) for item in event.disagreements)
    start, end = iso_day(event.when.start), iso_day(event.when.end)
    return EventView(
        number=number,
        anchor=f"event-{number}",
        day=start or end,
        when=span_words(start, end),
        status=STATUS[event.status],
        tags=_tags(event, articles),
        headline=headline,
        paragraphs=_paragraphs(sentences, setting.paragraph),
        reported_by=_reported_by(event, articles, origins),
        articles=len(event.article_ids),
        origins=event.origins,
        one_source=_marks(sentences, several=False) if event.origins > 1 else (),
        agreed=_marks(sentences, several=True) if event.origins > 1 else (),
        disagreements=disagreements,
        notes=(),
        facts=facts,
    )


def _facts(event: Event, articles: Mapping[str, ArticleView], places: Places) -> tuple[FactView, ...]:
    """The fact box: a line for each aspect that the event has an answer to, in the order of a reporter's questions."""
    order = get_args(Aspect)
    box = []
    for aspect, facts in groupby(sorted(event.facts, key=lambda fact: order.index(fact.aspect)), _aspect):
        where = f"“{ASPECT[aspect].lower()}” in the fact box"
        box.append(FactView(ASPECT[aspect], tuple(_sentence(fact, 0, where, articles, places) for fact in facts)))
    return tuple(box)


def _aspect(fact: Fact) -> Aspect:
    return fact.aspect


def _sentence(
    sentence: Sentence | Headline | Fact, number: int, where: str, articles: Mapping[str, ArticleView], places: Places
) -> SentenceView:
    text = single_line(sentence.text)
    cited = [articles[citation.article_id] for citation in sentence.citations]
    lead_in = _lead_in(sentence, cited) if isinstance(sentence, Sentence) else ""
    return SentenceView(
        number=number,
        text=text,
        lead_in=lead_in,
        quoted=bool(lead_in) and sentence.kind == "verbatim" and not _is_quoted(text),
        verbatim=sentence.kind == "verbatim",
        origins=sentence.origins,
        language=cited[0].language if sentence.kind == "verbatim" else "",
        marks=cite(places, sentence.citations, where, sentence.origins),
    )


def _lead_in(sentence: Sentence, cited: list[ArticleView]) -> str:
    """Whose words a sentence is, empty for a report: what only opinion pieces say is never told as fact."""
    speaker = single_line(sentence.attributed_to or "")
    opinion = all(FLAG["opinion"] in article.flags for article in cited)
    if not speaker:
        return "An opinion piece says:" if opinion else ""
    writes = opinion or any(speaker in (article.author, article.publisher) for article in cited)
    return f"{speaker} writes:" if writes else f"{speaker}:"


def _is_quoted(text: str) -> bool:
    """Whether text is one quotation already, so that marks around it would stand double."""
    return any(
        len(text) > 1 and text[0] == opening and text[-1] == closing and closing not in text[1:-1]
        for opening, closing in _QUOTED
    )


def _paragraphs(sentences: list[SentenceView], most: int) -> tuple[tuple[SentenceView, ...], ...]:
    """Sentences in paragraphs of about equal length, at most `most` in each; one speaker's words stand in their own."""
    runs: list[list[SentenceView]] = []
    for sentence in sentences:
        if runs and runs[-1][-1].lead_in == sentence.lead_in:
            runs[-1].append(sentence)
        else:
            runs.append([sentence])
    paragraphs = []
    for run in runs:
        parts = -(-len(run) // most)
        bounds = [len(run) * part // parts for part in range(parts + 1)]
        paragraphs += [tuple(run[first:last]) for first, last in pairwise(bounds)]
    return tuple(paragraphs)


def _marks(sentences: list[SentenceView], *, several: bool) -> tuple[Mark, ...]:
    """The first mark of each sentence that several independent origins bear out, or that one does; each number once."""
    first = {s.marks[0].number: s.marks[0] for s in reversed(sentences) if (s.origins > 1) == several}
    return tuple(first[number] for number in sorted(first))


def _tags(event: Event, articles: Mapping[str, ArticleView]) -> tuple[str, ...]:
    """What the reader must know first, in words; a missing date and `Opinion` stand where they belong."""
    tags = [CAVEAT[caveat] for caveat in event.caveats if caveat not in ("undated", "opinion")]
    if any(item.kind == "conflict" for item in event.disagreements):
        tags.append("Sources differ")
    if event.status != "corrected" and any(FLAG["correction"] in articles[name].flags for name in event.article_ids):
        tags.append("Corrected")
    return tuple(dict.fromkeys(tags))


def _reported_by(
    event: Event, articles: Mapping[str, ArticleView], origins: Mapping[str, str]
) -> tuple[OriginView, ...]:
    """The origins in order of their first article."""
    groups: dict[str, list[ArticleView]] = {}
    for name in event.article_ids:
        groups.setdefault(origins[name], []).append(articles[name])
    views = []
    for key, members in groups.items():
        # An origin without a name of its own is keyed by an article's id, which tells a reader nothing.
        name = "" if key in articles else single_line(key)
        views.append(
            OriginView(name, {member.label for member in members} == {name}, tuple(sorted(members, key=_number)))
        )
    return tuple(views)


def _number(article: ArticleView) -> int:
    return article.number


def _disagreement(item: Disagreement, articles: Mapping[str, ArticleView], places: Places) -> DisagreementView:
    about = single_line(item.about)
    versions = []
    for version in item.versions:
        sources = dict.fromkeys(citation.article_id for citation in version.citations)
        marks = cite(places, version.citations, f"what the sources say about {about}", 0)
        versions.append(VersionView(single_line(version.value), tuple(articles[name] for name in sources), marks))
    return DisagreementView(about, item.kind == "update", tuple(versions))
