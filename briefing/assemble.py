"""The briefing as a value: what was told, put together with what the reader needs to judge it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from briefing.collect import Collected
from briefing.dates import utc_text
from briefing.domain import Article, ArticleRecord, Briefing, Caveat, Cluster, Event, Storyline, Summary, When, Withheld
from briefing.group import Grouping
from briefing.options import Options
from briefing.ports import Manuscript
from briefing.report import Report, Usage, Window


@dataclass(frozen=True, slots=True)
class Told:
    """What became of one event: its members, what the writer handed in, and what passed."""

    cluster: Cluster
    members: tuple[Article, ...]
    manuscript: Manuscript
    summary: Summary | Withheld


def assemble(
    collected: Collected,
    options: Options,
    grouping: Grouping,
    told: Sequence[Told],
    by_id: Mapping[str, Article],
) -> Briefing:
    """The briefing of what was told, in order of rank; `by_id` are all articles of the run."""
    shown = [(one, one.summary) for one in told if isinstance(one.summary, Summary)]
    events = tuple(_event(one, summary, rank) for rank, (one, summary) in enumerate(shown, start=1))
    withheld: list[Withheld] = []
    for one in told:
        withheld.extend([one.summary] if isinstance(one.summary, Withheld) else one.summary.withheld)
    records = tuple(_record(by_id[identifier], with_text=options.with_text) for identifier in sorted(by_id))
    date = options.date or options.clock.day
    return Briefing(
        schema_version=1,
        id=_identity(date, options, records),
        title=options.title,
        date=date,
        generated_at=utc_text(options.clock.now),
        window=Window(*map(utc_text, options.window(options.since))) if options.since else Window(None, None),
        writer=options.author.record,
        storylines=_storylines(grouping, events, {event.id for event in events}),
        events=events,
        withheld=tuple(withheld),
        articles=records,
        report=_report(collected, options, told, events, records, len(withheld)),
    )


def _report(
    collected: Collected,
    options: Options,
    told: Sequence[Told],
    events: Sequence[Event],
    records: Sequence[ArticleRecord],
    withheld: int,
) -> Report:
    sentences = [sentence for event in events for sentence in event.sentences]
    usage = sum((one.manuscript.usage for one in told), Usage())
    return Report(
        articles=len(records),
        events=len(events),
        sentences=len(sentences),
        cited=sum(bool(sentence.citations) for sentence in sentences),
        verbatim=sum(sentence.kind == "verbatim" for sentence in sentences),
        withheld=withheld,
        sources_failed=collected.problems,
        tokens_in=usage.tokens_in,
        tokens_out=usage.tokens_out,
        cost=usage.cost if usage.cost is None else round(usage.cost, 6),
        seconds=options.clock.seconds(),
        written=sum(sentence.kind == "written" for sentence in sentences),
        repaired=sum(one.manuscript.repaired for one in told),
        replaced=sum(one.manuscript.replaced for one in told),
        calls=usage.calls,
        kept=usage.kept,
        unjudged=next((one.manuscript.unjudged for one in told if one.manuscript.unjudged), None),
        fallbacks=tuple(one.manuscript.fallback for one in told if one.manuscript.fallback is not None),
    )


def _event(told: Told, summary: Summary, rank: int) -> Event:
    cluster, members = told.cluster, told.members
    dated = [one.published for one in members if one.published]  # members are in order of time
    return Event(
        id=cluster.id,
        storyline_id=cluster.storyline_id,
        rank=rank,
        status="new",
        when=When(dated[0], dated[-1]) if dated else When(None, None),
        article_ids=cluster.article_ids,
        origins=len({one.origin for one in members}),
        headline=summary.headline,
        sentences=summary.sentences,
        caveats=_caveats(members, dated=bool(dated)),
        facts=summary.facts,
    )


def _caveats(members: Sequence[Article], *, dated: bool) -> tuple[Caveat, ...]:
    """What a reader has to know of an event before believing it."""
    told = [one for one in members if one.sentences] or members  # a title alone tells nothing
    found: list[Caveat] = ["one-origin"] if len({one.origin for one in told}) == 1 else []
    if all("ai-written" in one.flags for one in told):
        found.append("ai-written")
    if all("opinion" in one.flags for one in told):
        found.append("opinion")
    if not dated:
        found.append("undated")
    return tuple(found)


def _storylines(grouping: Grouping, events: Sequence[Event], shown: set[str]) -> tuple[Storyline, ...]:
    """Storylines of the shown events, the one with the best ranked event first; titled by that event's headline."""
    best: dict[str, Event] = {}
    for event in events:
        best.setdefault(event.storyline_id, event)
    members = {line.id: tuple(name for name in line.event_ids if name in shown) for line in grouping.storylines}
    return tuple(Storyline(name, event.headline.text, members[name]) for name, event in best.items())


def _record(article: Article, *, with_text: bool) -> ArticleRecord:
    return ArticleRecord(
        id=article.id,
        title=article.title,
        publisher=article.publisher,
        url=article.url,
        published=article.published,
        author=article.author,
        language=article.language,
        flags=article.flags,
        origin=article.origin,
        sha256=article.sha256,
        text=article.text if with_text else None,
    )


def _identity(date: str, options: Options, records: Sequence[ArticleRecord]) -> str:
    """The same for the same day, articles and wishes: twelve hexadecimal digits of a hash over them."""
    wishes = [
        options.title,
        options.author.record.name,
        options.words,
        options.max_events,
        options.topics,
        str(options.since),
    ]
    basis = json.dumps([date, wishes, [[record.id, record.sha256] for record in records]])
    return "b" + hashlib.sha256(basis.encode()).hexdigest()[:12]
