"""Which articles are copies, which tell of one event, and which events are one continuing story."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from briefing.domain import Article, Cluster, Storyline


@dataclass(frozen=True, slots=True)
class Grouping:
    """Events and storylines. Every article is in exactly one cluster, every cluster in exactly one storyline."""

    clusters: tuple[Cluster, ...]
    storylines: tuple[Storyline, ...]


def resolve_origins(articles: Sequence[Article]) -> tuple[Article, ...]:
    """The same articles, each with its `origin`: see `briefing.group.origins`."""
    from briefing.group import origins  # loads numpy, which is heavy: only where articles are grouped

    return origins.resolve_origins(articles)


def group(articles: Sequence[Article]) -> Grouping:
    """Events and storylines of the articles, whose ids are unique; the order of the articles has no effect.

    Clusters are in order of their earliest article (undated last, ties by id), their article ids in order of time and
    id; storylines likewise. Copies always share a cluster.
    """
    from briefing.group.events import find_events  # as above
    from briefing.group.order import in_time
    from briefing.group.storylines import find_storylines
    from briefing.group.values import clusters_and_storylines

    ordered = in_time(articles)
    events = find_events(ordered)
    stories = find_storylines([event.readings for event in events])
    return Grouping(*clusters_and_storylines(ordered, [event.positions for event in events], stories))


def as_one(articles: Sequence[Article]) -> Grouping:
    """All the articles as one event, whatever they tell of."""
    from briefing.group.order import in_time
    from briefing.group.values import clusters_and_storylines

    ordered = in_time(articles)
    return Grouping(*clusters_and_storylines(ordered, [range(len(ordered))], [[0]]))
