"""The path of an article, from collected to a briefing: one function calls the stages in order.

collect → topics and window → origins → events and storylines → choose evidence and write → gate → rank → briefing.
Rendering and delivery take the briefing from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from briefing.assemble import Told, assemble
from briefing.collect import Collected
from briefing.collect.topic import about
from briefing.dates import instant, utc_text
from briefing.domain import Article, Briefing, Cluster, Summary
from briefing.errors import NothingNew
from briefing.group import Grouping, as_one, group, resolve_origins
from briefing.options import EXTRACTIVE, Options
from briefing.parallel import each
from briefing.prove import prove

__all__ = ["EXTRACTIVE", "Edition", "Options", "empty", "make"]

Progress = Callable[[str, int, int], None]


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
    return Edition(assemble(collected, options, grouping, told, by_id), by_id)


def empty(collected: Collected, options: Options) -> Edition:
    """An edition that says that there is no news: `make` raises NothingNew instead."""
    return Edition(assemble(collected, options, group(()), (), {}), {})


def _told(grouping: Grouping, by_id: Mapping[str, Article], options: Options, progress: Progress) -> tuple[Told, ...]:
    """The events in order of rank, written and proven; with `max_events`, so many of those that can be told.

    Ranked before they are written, for a writer may cost money: what is not shown is not written either.
    """

    def tell(cluster: Cluster) -> Told:
        members = tuple(by_id[identifier] for identifier in cluster.article_ids)
        manuscript = options.author.write(cluster, members, options.words)
        return Told(cluster, members, manuscript, prove(cluster, manuscript, members))

    waiting = sorted(grouping.clusters, key=lambda cluster: _weight(cluster, by_id))
    most = len(waiting) if options.max_events is None else min(len(waiting), options.max_events)
    told: list[Told] = []
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
    if not articles and options.by_arrival and options.since is not None:
        start, end = options.window(options.since)
        raise NothingNew(f"nothing new: no article came from {utc_text(start)} to {utc_text(end)}; briefing fetch asks")
    if not articles:
        raise NothingNew("nothing to brief: no article was found in the input")
    if options.since is not None and not options.by_arrival:
        start, end = options.window(options.since)
        articles = tuple(one for one in articles if (moment := _last_instant(one)) is None or start <= moment)
        if not articles:
            raise NothingNew(f"nothing new: no article from {utc_text(start)} to {utc_text(end)}")
    if options.topics:
        articles = about(articles, options.topics)
        if not articles:
            raise NothingNew(f"nothing to brief: no article on {' or '.join(map(repr, options.topics))}")
    return articles


def _last_instant(article: Article) -> datetime | None:
    """The last instant that an article's date can mean: the end of the day where only the day is stated."""
    moment = instant(article.published)
    day_only = article.published is not None and len(article.published) == len("2024-01-10")
    return moment + timedelta(days=1) if moment is not None and day_only else moment
