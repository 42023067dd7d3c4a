"""Which events are one continuing matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from briefing.group.evidence import BLOCK
from briefing.group.linkage import average_link
from briefing.group.reading import Reading
from briefing.group.vectors import products, tfidf

THRESHOLD = 0.245
NAME_SHARE = 0.7  # a matter goes on with the same people, companies and places; what happens to them changes
LEAST_TOPIC = 0.12  # a much named person alone joins nothing


def find_storylines(events: Sequence[Sequence[Reading]]) -> list[list[int]]:
    """Numbers of the events of each storyline, given the readings of each event's reports.

    Events are compared as wholes: all their names and all their words. Every event is in exactly one storyline.
    """
    if not events:
        return []
    words = tfidf([_sum(reading.terms for reading in event) for event in events])
    names = tfidf([_sum(reading.names for reading in event) for event in events])
    n = len(events)
    similarity = np.zeros((n, n), dtype=np.float32)
    for start in range(0, n, BLOCK):
        stop = min(start + BLOCK, n)
        topic = products(words, start, stop)
        part = NAME_SHARE * products(names, start, stop) + (1 - NAME_SHARE) * topic
        part[topic < LEAST_TOPIC] = 0
        similarity[start:stop] = part
    return average_link(similarity, THRESHOLD)


def _sum(counts: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return total
