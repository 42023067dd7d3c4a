"""What stands at the end of a briefing: articles, what was withheld, what failed, the scorecard."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from briefing.domain import ArticleRecord, Briefing
from briefing.render.links import safe_url
from briefing.render.view import ArticleView, EventView, ProblemView, Score, WithheldView
from briefing.render.wording import CAUTION, FLAG, REASON, day_words, iso_day
from briefing.text import single_line

PROOF = (
    "Each sentence was checked against its own passages: they exist word for word, and its quotations, numbers, dates "
    "and names are theirs. That proves what a source says, not that it is true. It does not show what no source says, "
    "and a passage can read otherwise in its article than alone."
)
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


def article_views(briefing: Briefing) -> dict[str, ArticleView]:
    """The articles by id, in the briefing's order."""
    return {record.id: _article(record, number) for number, record in enumerate(briefing.articles, start=1)}


def _article(record: ArticleRecord, number: int) -> ArticleView:
    title, publisher = single_line(record.title or ""), single_line(record.publisher or "")
    day = iso_day(record.published)
    return ArticleView(
        number=number,
        anchor=f"article-{number}",
        label=publisher or title or single_line(record.id) or f"article {number}",
        title=title or single_line(record.id) or f"article {number}",
        publisher=publisher,
        author=single_line(record.author or ""),
        url=safe_url(record.url),
        day=day,
        day_words=day_words(day),
        language=record.language if record.language and _LANGUAGE_TAG.fullmatch(record.language) else "",
        flags=tuple(FLAG[flag] for flag in record.flags),
        caution=", ".join(CAUTION[flag] for flag in record.flags if flag in CAUTION),
    )


def withheld_views(briefing: Briefing, events: Mapping[str, EventView]) -> tuple[WithheldView, ...]:
    """Sentences that did not pass, counted by event and reasons, in the order of the page.

    Their text is left out: what failed its check must not be read as news. It stands in the JSON.
    """
    counts = Counter((item.event_id, item.reasons) for item in briefing.withheld)
    views = []
    for (name, reasons), number in counts.items():
        event = events.get(name)
        words = tuple(REASON[reason] for reason in dict.fromkeys(reasons))
        views.append(WithheldView(event.headline.text if event else "", event.anchor if event else "", number, words))
    order = {event.anchor: event.number for event in events.values()}
    return tuple(sorted(views, key=lambda view: (order.get(view.anchor, len(order) + 1), view.reasons)))


def failures(briefing: Briefing) -> tuple[ProblemView, ...]:
    """Sources that could not be read."""
    return tuple(
        ProblemView(single_line(problem.source) or "a source", single_line(problem.error))
        for problem in briefing.report.sources_failed
    )


def scorecard(briefing: Briefing) -> tuple[Score, ...]:
    """What was read, told, checked and left out. Tokens and cost only where a model wrote."""
    report = briefing.report
    lines = [
        ("Articles read", f"{report.articles:,}"),
        ("Events", f"{report.events:,}"),
        ("Sentences", f"{report.sentences:,}"),
        ("Sentences with their source", f"{report.cited:,} of {report.sentences:,}"),
        ("Word for word from their source", f"{report.verbatim:,} of {report.sentences:,}"),
        ("Sentences withheld", f"{report.withheld:,}"),
        ("Sources that failed", f"{len(report.sources_failed):,}"),
    ]
    if briefing.writer.model is not None:
        lines += [
            ("Tokens sent", f"{report.tokens_in:,}"),
            ("Tokens received", f"{report.tokens_out:,}"),
            ("Cost", f"{report.cost:,.4f}"),
        ]
    return tuple(Score(label, value) for label, value in lines)


def made_by(briefing: Briefing) -> str:
    """One sentence: who wrote it."""
    writer = briefing.writer
    if writer.model is not None:
        return f"Written by the language model {single_line(writer.model)} from the passages cited."
    return "Put together without a language model, from sentences of the articles."
