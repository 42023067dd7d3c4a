"""What stands at the end of a briefing: articles, what was withheld, what failed, the scorecard."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

from briefing.domain import ArticleRecord, Briefing
from briefing.render.links import safe_url
from briefing.render.view import ArticleView, EventView, ProblemView, Score, WithheldView
from briefing.render.wording import CAUTION, FLAG, REASON, count, day_words, iso_day
from briefing.text import single_line

_PROOF = (
    "Each sentence was checked against its own passages: they exist word for word, and its quotations, numbers, dates "
    "and names are theirs. That proves what a source says, not that it is true. It does not show what no source says, "
    "and a passage can read otherwise in its article than alone."
)
_PROOF_OF_WRITTEN = (
    " Where the words are the language model’s, a sentence can pass its check and still read otherwise than its "
    "passages: they are there to be read."
)
_PROMPT_DIGITS = 12  # of the hash over the prompts: enough to tell two sets of them apart
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
    """What was read, told, checked and left out; of a language model what it did and what it took."""
    report = briefing.report
    of_all = f" of {report.sentences:,}"
    written = briefing.writer.model is not None
    lines = [
        ("Articles read", f"{report.articles:,}"),
        ("Events", f"{report.events:,}"),
        ("Sentences", f"{report.sentences:,}"),
        ("Sentences with their source", f"{report.cited:,}{of_all}"),
        ("Word for word from their source", f"{report.verbatim:,}{of_all}"),
        *(_of_written(briefing) if written else ()),
        ("Sentences withheld", f"{report.withheld:,}"),
        ("Sources that failed", f"{len(report.sources_failed):,}"),
        *(_of_model(briefing) if written else ()),
    ]
    return tuple(Score(label, value) for label, value in lines)


def _of_written(briefing: Briefing) -> list[tuple[str, str]]:
    report = briefing.report
    return [
        ("In the language model’s words", f"{report.written:,} of {report.sentences:,}"),
        ("Of these, right at the second try", f"{report.repaired:,}"),
        ("Replaced by a passage", f"{report.replaced:,}"),
        ("Events that it did not write", f"{len(report.fallbacks):,}"),
    ]


def _of_model(briefing: Briefing) -> list[tuple[str, str]]:
    report, writer = briefing.report, briefing.writer
    prompts = single_line(writer.prompts_sha256 or "")[:_PROMPT_DIGITS]
    return [
        ("Language model", single_line(writer.model or "") or "not named"),
        *([("Second model, which had to agree", single_line(writer.judge))] if writer.judge else []),
        ("Prompts", prompts or "not known"),
        ("Answers of the model", f"{report.calls:,}"),
        ("Answers kept from earlier runs", f"{report.kept:,}"),
        ("Tokens sent", f"{report.tokens_in:,}"),
        ("Tokens received", f"{report.tokens_out:,}"),
        ("Cost", "not known" if report.cost is None else f"{report.cost:,.4f}"),
    ]


def made_by(briefing: Briefing) -> str:
    """Who wrote it, in a sentence or two."""
    if briefing.writer.model is None:
        return "Put together without a language model, from sentences of the articles."
    model = single_line(briefing.writer.model)
    report = briefing.report
    if not report.written:
        chosen = len(report.fallbacks) < report.events
        if not chosen:
            return f"The language model {model} wrote no sentence of it: all are sentences of the articles."
        return f"The language model {model} chose its sentences; all stand word for word in the articles."
    told = f"Written by the language model {model} from the passages cited, each sentence checked against them."
    if not report.verbatim:
        return told
    stands = f"{count(report.verbatim, 'sentence stands', 'sentences stand')} word for word as in the source."
    return f"{told} {stands}"


def proof(briefing: Briefing) -> str:
    """What the checks prove, and what they do not."""
    return _PROOF + (_PROOF_OF_WRITTEN if briefing.report.written else "")
