"""Which events are one continuing matter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from briefing.dates import MONTHS, WEEKDAYS
from briefing.group.evidence import BLOCK
from briefing.group.linkage import average_link
from briefing.group.reading import Reading
from briefing.group.vectors import products, tfidf
from briefing.text import stem

THRESHOLD = 0.245
NAME_SHARE = 0.7  # a matter goes on with the same people, companies and places; what happens to them changes
LEAST_TOPIC = 0.12  # a much named person alone joins nothing
_DAYS = frozenset(stem(day) for day in (*WEEKDAYS, *MONTHS))  # capitalised, and shared by everything


def find_storylines(events: Sequence[Sequence[Reading]]) -> list[list[int]]:
    """Numbers of the events of each storyline, given the readings of each event's reports.

    Events are compared as wholes: all their names and all their words. Every event is in exactly one storyline.
    """
    if not events:
        return []
    words = tfidf([_sum(reading.terms for reading in event) for event in events])
    named = [_sum(reading.names for reading in event) for event in events]
    names = tfidf([Counter({name: n for name, n in one.items() if name not in _DAYS}) for one in named])
    n = len(events)
    similarity = np.zeros((n, n), dtype=np.float32)
    for start in range(0, n, BLOCK):
        stop = min(start + BLOCK, n)
        topic = products(words, start, stop)
        shared = products(names, start, stop)
        part = NAME_SHARE * shared + (1 - NAME_SHARE) * topic
        part[(topic < LEAST_TOPIC) | (shared <= 0)] = 0  # a matter without a name in common is none
        similarity[start:stop] = part
    return average_link(similarity, THRESHOLD)


def _sum(counts: Iterable[Counter[str]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for count in counts:
        total.update(count)
    return total
