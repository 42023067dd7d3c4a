"""Events and storylines as the rest of the product sees them: stable ids, titles, order of time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from briefing.domain import Article, Cluster, Storyline


def clusters_and_storylines(
    ordered: Sequence[Article], events: Sequence[Sequence[int]], stories: Sequence[Sequence[int]]
) -> tuple[tuple[Cluster, ...], tuple[Storyline, ...]]:
    """Values for `events` (positions in `ordered`) and `stories` (positions in `events`), all sorted by time.

    An id is made from the earliest article's, so it depends neither on the order of the input nor on unrelated
    articles.
    """
    story_of = {event: story[0] for story in stories for event in story}
    first = [ordered[event[0]] for event in events]
    clusters = tuple(
        Cluster(
            id=_identifier("e", first[number]),
            storyline_id=_identifier("s", first[story_of[number]]),
            title=_title([ordered[position] for position in event]),
            article_ids=tuple(ordered[position].id for position in event),
        )
        for number, event in enumerate(events)
    )
    storylines = tuple(
        Storyline(
            id=_identifier("s", first[story[0]]),
            title=clusters[max(story, key=lambda number: (len(events[number]), -number))].title,
            event_ids=tuple(clusters[number].id for number in story),
        )
        for story in stories
    )
    return clusters, storylines


def _identifier(prefix: str, first: Article) -> str:
    return prefix + hashlib.sha256(first.id.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def _title(members: Sequence[Article]) -> str:
    """The earliest title, of a report rather than an opinion; without any, the earliest sentence; else an id."""
    reports_first = sorted(members, key=lambda member: "opinion" in member.flags)
    for member in reports_first:
        if member.title:
            return member.title
    for member in reports_first:
        if member.sentences:
            return member.text[member.sentences[0].start : member.sentences[0].end]
    return members[0].id
