"""The path of an article, from collected to a briefing: one function calls the stages in order.

collect → topics and window → origins → events and storylines → choose evidence and write → gate → rank → briefing.
Rendering and delivery take the briefing from there.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from briefing.collect import Collected
from briefing.collect.topic import about
from briefing.dates import Clock, instant, utc_text
from briefing.domain import (
    Article,
    ArticleRecord,
    Briefing,
    Caveat,
    Cluster,
    Event,
    Report,
    Storyline,
    Summary,
    Usage,
    When,
    Window,
    Withheld,
    WriterRecord,
)
from briefing.errors import NothingNew
from briefing.group import Grouping, as_one, group, resolve_origins
from briefing.parallel import each
from briefing.ports import Author, Manuscript
from briefing.prove import prove
from briefing.write import extractive

Progress = Callable[[str, int, int], None]

EXTRACTIVE = Author(WriterRecord("extractive", None, None), extractive.write)


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked for. `words` bounds an event's sentences, the headline apart."""

    clock: Clock
    title: str = "Daily briefing"
    date: str | None = None
    since: timedelta | None = None
    topics: tuple[str, ...] = ()
    author: Author = EXTRACTIVE
    words: int = 160
    max_events: int | None = None
    with_text: bool = False
    one_event: bool = False


@dataclass(frozen=True, slots=True)
class Edition:
    """A briefing and the full texts, by id, that it was made from."""

    briefing: Briefing
    articles: Mapping[str, Article] = field(repr=False)


def make(collected: Collected, options: Options, progress: Progress = lambda *_: None) -> Edition:
    """The briefing of what was collected. `progress` is told (stage, done, total).

    Raises NothingNew where no article is left to tell of.
    """
    articles = _wanted(collected, options)
    articles = resolve_origins(articles)
    progress("group", 0, 1)
    grouping = as_one(articles) if options.one_event else group(articles)
    progress("group", 1, 1)
    by_id = {article.id: article for article in articles}
    told = _told(grouping, by_id, options, progress)
    return Edition(_briefing(collected, options, grouping, told, by_id), by_id)


@dataclass(frozen=True, slots=True)
class _Told:
    """What became of one event: its members, what the writer handed in, and what passed."""

    cluster: Cluster
    members: tuple[Article, ...]
    manuscript: Manuscript
    summary: Summary | Withheld


def _told(grouping: Grouping, by_id: Mapping[str, Article], options: Options, progress: Progress) -> tuple[_Told, ...]:
    """The events in order of rank, written and proven; with `max_events`, so many of those that can be told.

    Ranked before they are written, for a writer may cost money: what is not shown is not written either.
    """

    def tell(cluster: Cluster) -> _Told:
        members = tuple(by_id[identifier] for identifier in cluster.article_ids)
        manuscript = options.author.write(cluster, members, options.words)
        return _Told(cluster, members, manuscript, prove(cluster, manuscript, members))

    waiting = sorted(grouping.clusters, key=lambda cluster: _weight(cluster, by_id))
    most = len(waiting) if options.max_events is None else min(len(waiting), options.max_events)
    told: list[_Told] = []
    while waiting and (lacking := most - sum(isinstance(one.summary, Summary) for one in told)) > 0:
        batch, waiting = waiting[:lacking], waiting[lacking:]
        before = len(told)
        told += each(tell, batch, options.author.workers, partial(_progress, progress, before, most))
    return tuple(told)


def _progress(progress: Progress, before: int, total: int, done: int) -> None:
    progress("write", min(total, before + done), total)


def _weight(cluster: Cluster, by_id: Mapping[str, Article]) -> tuple[int, int, float, str]:
    """More independent origins come first, then more articles, then the newer, then the id."""
    members = [by_id[identifier] for identifier in cluster.article_ids]
    latest = max((moment.timestamp() for one in members if (moment := instant(one.published))), default=0.0)
    return -len({one.origin for one in members}), -len(members), -latest, cluster.id


def _wanted(collected: Collected, options: Options) -> tuple[Article, ...]:
    """The articles of the window and the topics; an undated one is in every window."""
    articles = collected.articles
    if not articles:
        raise NothingNew("nothing to brief: no article was found in the input")
    if options.since is not None:
        start, end = _window(options, options.since)
        articles = tuple(one for one in articles if (moment := _last_instant(one)) is None or start <= moment)
        if not articles:
            raise NothingNew(f"nothing new: no article from {utc_text(start)} to {utc_text(end)}")
    if options.topics:
        articles = about(articles, options.topics)
        if not articles:
            raise NothingNew(f"nothing to brief: no article on {' or '.join(map(repr, options.topics))}")
    return articles


def _window(options: Options, since: timedelta) -> tuple[datetime, datetime]:
    """The window `--since` asks for: up to now, or up to the end of the day that `--date` names, if that is earlier."""
    end = options.clock.now
    if options.date is not None:
        named = datetime.fromisoformat(options.date).replace(tzinfo=end.tzinfo) + timedelta(days=1)
        end = min(end, named)
    return end - since, end


def _last_instant(article: Article) -> datetime | None:
    """The last instant that an article's date can mean: the end of the day where only the day is stated."""
    moment = instant(article.published)
    day_only = article.published is not None and len(article.published) == len("2024-01-10")
    return moment + timedelta(days=1) if moment is not None and day_only else moment


def _briefing(
    collected: Collected,
    options: Options,
    grouping: Grouping,
    told: Sequence[_Told],
    by_id: Mapping[str, Article],
) -> Briefing:
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
        window=Window(*map(utc_text, _window(options, options.since))) if options.since else Window(None, None),
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
    told: Sequence[_Told],
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
        fallbacks=tuple(one.manuscript.fallback for one in told if one.manuscript.fallback is not None),
    )


def _event(told: _Told, summary: Summary, rank: int) -> Event:
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
