"""Which articles tell of one event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from briefing.dates import instant
from briefing.domain import Article
from briefing.group.copies import copy_groups
from briefing.group.evidence import similarities
from briefing.group.linkage import average_link
from briefing.group.reading import Reading, read
from briefing.text import words

THRESHOLD = 0.15
TEMPLATE_DAYS = 14  # an edited copy printed later than this is next month's report in last month's words


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
    copies, templates = _printings(ordered)
    reports = [ordered[max(group, key=lambda position: (len(ordered[position].body), -position))] for group in copies]
    readings = [read(report) for report in reports]
    similarity = similarities(reports, readings)
    for one, other in templates:
        similarity[one, other] = similarity[other, one] = 0
    clusters = average_link(similarity, THRESHOLD)
    events = [
        FoundEvent(
            positions=tuple(sorted(position for number in cluster for position in copies[number])),
            readings=tuple(readings[number] for number in cluster),
        )
        for cluster in clusters
    ]
    return sorted(events, key=lambda event: event.positions)


def _printings(ordered: Sequence[Article]) -> tuple[list[list[int]], list[tuple[int, int]]]:
    """Groups of copies that are one report, and the pairs of groups that only share a template.

    A group of copies is cut where the words change more than `TEMPLATE_DAYS` after its first member.
    """
    groups: list[list[int]] = []
    templates: list[tuple[int, int]] = []
    for copies in copy_groups(ordered):
        parts: list[list[int]] = []
        for position in copies:
            home = next((part for part in parts if _same_words(ordered, part, position)), None)
            home = home or next((part for part in parts if not _far(ordered[part[0]], ordered[position])), None)
            if home is None:
                parts.append([position])
            else:
                home.append(position)
        templates += combinations(range(len(groups), len(groups) + len(parts)), 2)
        groups += parts
    return groups, templates


def _same_words(ordered: Sequence[Article], part: Sequence[int], position: int) -> bool:
    body = words(ordered[position].body)
    return any(words(ordered[member].body) == body for member in part)


def _far(one: Article, other: Article) -> bool:
    first, second = instant(one.published), instant(other.published)
    return bool(first and second and abs((second - first).total_seconds()) > TEMPLATE_DAYS * 86400)
