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
    When,
    Window,
    Withheld,
    WriterRecord,
)
from briefing.errors import NothingNew
from briefing.group import Grouping, as_one, group, resolve_origins
from briefing.ports import Writer, load
from briefing.prove import prove
from briefing.write import WRITERS

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked for. `words` bounds an event's sentences, the headline apart."""

    clock: Clock
    title: str = "Daily briefing"
    date: str | None = None
    since: timedelta | None = None
    topics: tuple[str, ...] = ()
    writer: str = "extractive"
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
    write: Writer = load(WRITERS[options.writer])
    told: dict[str, Summary | Withheld] = {}
    for done, cluster in enumerate(grouping.clusters, start=1):
        members = [by_id[identifier] for identifier in cluster.article_ids]
        told[cluster.id] = prove(cluster, write(cluster, members, options.words), members)
        progress("write", done, len(grouping.clusters))
    return Edition(_briefing(collected, options, grouping, told, by_id), by_id)


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
    told: Mapping[str, Summary | Withheld],
    by_id: Mapping[str, Article],
) -> Briefing:
    events, withheld = _ranked(grouping, told, by_id, options.max_events)
    shown = {event.id for event in events}
    sentences = [sentence for event in events for sentence in event.sentences]
    clock = options.clock
    records = tuple(_record(by_id[identifier], with_text=options.with_text) for identifier in sorted(by_id))
    date = options.date or clock.day
    return Briefing(
        schema_version=1,
        id=_identity(date, options, records),
        title=options.title,
        date=date,
        generated_at=utc_text(clock.now),
        window=Window(*map(utc_text, _window(options, options.since))) if options.since else Window(None, None),
        writer=WriterRecord(options.writer, None, None),
        storylines=_storylines(grouping, events, shown),
        events=events,
        withheld=withheld,
        articles=records,
        report=Report(
            articles=len(records),
            events=len(events),
            sentences=len(sentences),
            cited=sum(bool(sentence.citations) for sentence in sentences),
            verbatim=sum(sentence.kind == "verbatim" for sentence in sentences),
            withheld=len(withheld),
            sources_failed=collected.problems,
            tokens_in=0,
            tokens_out=0,
            cost=0.0,
            seconds=clock.seconds(),
        ),
    )


def _ranked(
    grouping: Grouping,
    told: Mapping[str, Summary | Withheld],
    by_id: Mapping[str, Article],
    most: int | None,
) -> tuple[tuple[Event, ...], tuple[Withheld, ...]]:
    """Events in order of rank, at most `most`, and what was withheld from the ones shown or could not be told at all.

    More independent origins come first, then more articles, then the newer, then the id.
    """

    def weight(cluster: Cluster) -> tuple[int, int, float, str]:
        members = [by_id[identifier] for identifier in cluster.article_ids]
        latest = max((moment.timestamp() for one in members if (moment := instant(one.published))), default=0.0)
        return -len({one.origin for one in members}), -len(members), -latest, cluster.id

    events: list[Event] = []
    withheld: list[Withheld] = []
    for cluster in sorted(grouping.clusters, key=weight):
        summary = told[cluster.id]
        if isinstance(summary, Withheld):
            withheld.append(summary)
        elif most is None or len(events) < most:
            members = [by_id[identifier] for identifier in cluster.article_ids]
            events.append(_event(cluster, summary, members, rank=len(events) + 1))
            withheld.extend(summary.withheld)
    return tuple(events), tuple(withheld)


def _event(cluster: Cluster, summary: Summary, members: Sequence[Article], rank: int) -> Event:
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
    wishes = [options.title, options.writer, options.words, options.max_events, options.topics, str(options.since)]
    basis = json.dumps([date, wishes, [[record.id, record.sha256] for record in records]])
    return "b" + hashlib.sha256(basis.encode()).hexdigest()[:12]
