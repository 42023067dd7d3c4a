"""Which articles tell of one event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from briefing.domain import Article
from briefing.group.copies import copy_groups
from briefing.group.evidence import similarities
from briefing.group.linkage import average_link
from briefing.group.reading import Reading, read

THRESHOLD = 0.15


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """One event: positions of its articles, sorted, and one reading for each report, copies counting once."""

    positions: tuple[int, ...]
    readings: tuple[Reading, ...]


def find_events(ordered: Sequence[Article]) -> list[FoundEvent]:
    """Events in order of their first article; `ordered` is in order of time, then id.

    Copies are one report: the longest stands for all, so that they share an event and a much printed report does not
    crowd its neighbourhood.
    """
    if not ordered:
        return []
    copies = copy_groups(ordered)
    reports = [ordered[max(group, key=lambda position: (len(ordered[position].body), -position))] for group in copies]
    readings = [read(report) for report in reports]
    clusters = average_link(similarities(reports, readings), THRESHOLD)
    events = [
        FoundEvent(
            positions=tuple(sorted(position for number in cluster for position in copies[number])),
            readings=tuple(readings[number] for number in cluster),
        )
        for cluster in clusters
    ]
    return sorted(events, key=lambda event: event.positions)
