"""How much two articles look like reports of one event: a number for every pair.

It starts from what they say (TF-IDF of the whole and of the lead) and is then scaled by evidence about the occasion.
The constants were set by hand on labelled news; `benchmarks/grouping.py` prints what they reach.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from briefing.dates import instant
from briefing.domain import Article
from briefing.group.reading import Reading
from briefing.group.vectors import Document, Floats, Vectors, presence, products, tfidf

BLOCK = 256  # rows at a time: what is needed beside the result stays at a few megabytes
LEAD_SHARE = 0.3
SAME_WEEKDAY, OTHER_WEEKDAY = 0.1, 0.3  # in the exponent: a lead that tells of another day weighs more
NTH_ALONE = 0.2
NO_PARTICULARS, ENOUGH_PARTICULARS, PARTICULARS_LENGTH = 0.5, 0.1, 120
ALIKE_NAMES, NAMES_FROM, LENGTH_FROM = 0.7, 0.2, 220
TIME_WEIGHT, TIME_DAYS = 0.1, 3.0
OTHER_LANGUAGE = 0.8
SHORT_LENGTH, LEAST_SHARED, LEAST_SHARE = 40, 2, 0.15
NEIGHBOURS, USUAL, UNKNOWN, MOST_LIFT = 20, 0.13, 0.10, 1.5


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is compared, prepared once for all blocks."""

    topic: Vectors
    names: Vectors
    phrases: Vectors
    weighted_numbers: Vectors
    numbers: Vectors
    anchors: Vectors
    occasion_kinds: Vectors
    occasions: Vectors
    length: NDArray[np.int64]
    weekdays: NDArray[np.int64]
    substance: Vectors
    substances: NDArray[np.int64]
    recurring: NDArray[np.bool_]
    days: NDArray[np.float64]
    language: NDArray[np.int64]


def similarities(articles: Sequence[Article], readings: Sequence[Reading]) -> Floats:
    """Similarity of every two articles, n x n, zero or more; the two halves may differ in the last bit."""
    n = len(articles)
    evidence = _prepare(articles, readings)
    result = np.zeros((n, n), dtype=np.float32)
    for start in range(0, n, BLOCK):
        stop = min(start + BLOCK, n)
        result[start:stop] = _block(evidence, start, stop)
    _scale_by_crowd(result)
    return result


def _prepare(articles: Sequence[Article], readings: Sequence[Reading]) -> Evidence:
    moments = [instant(article.published) for article in articles]
    languages = sorted({reading.language for reading in readings if reading.language})
    number = {language: index for index, language in enumerate(languages)}
    return Evidence(
        topic=tfidf([*(r.terms for r in readings), *(r.lead for r in readings)], (1 - LEAD_SHARE, LEAD_SHARE)),
        names=tfidf([r.names for r in readings]),
        phrases=tfidf([r.phrases for r in readings]),
        weighted_numbers=tfidf([dict.fromkeys(r.numbers, 1) for r in readings]),
        numbers=presence([r.numbers for r in readings]),
        anchors=tfidf(_anchors(readings) if len(languages) > 1 else [{}] * len(readings)),
        occasion_kinds=presence([{kind: 1 for kind, _ in sorted(r.occasions)} for r in readings]),
        occasions=presence([dict.fromkeys(sorted(r.occasions), 1) for r in readings]),
        substance=presence([dict.fromkeys(sorted(r.substance), 1) for r in readings]),
        substances=np.array([len(r.substance) for r in readings], dtype=np.int64),
        length=np.array([r.length for r in readings], dtype=np.int64),
        weekdays=np.array([r.weekdays for r in readings], dtype=np.int64),
        recurring=np.array([bool(r.occasions) for r in readings], dtype=np.bool_),
        days=np.array([m.timestamp() / 86400 if m else np.nan for m in moments], dtype=np.float64),
        language=np.array([number.get(r.language or "", -1) for r in readings], dtype=np.int64),
    )


def _anchors(readings: Sequence[Reading]) -> list[Document]:
    """Names and numbers that reports in two or more languages hold: all that a translation leaves standing."""
    spoken: dict[str, set[str | None]] = {}
    for reading in readings:
        for term in (*reading.names, *reading.numbers):
            spoken.setdefault(term, set()).add(reading.language)
    shared: list[Document] = []
    for reading in readings:
        both: Counter[str] = reading.names + reading.numbers
        shared.append({term: 1 for term in both if len(spoken[term]) > 1})
    return shared


def _block(evidence: Evidence, start: int, stop: int) -> Floats:
    """Similarities of rows `start` to `stop` with every row, before they are scaled by the neighbourhood."""
    rows = slice(start, stop)
    names, shared_numbers = (products(vectors, start, stop) for vectors in (evidence.names, evidence.numbers))
    result = products(evidence.topic, start, stop)
    result *= np.exp(_weekdays(evidence, rows))
    result *= _occasions(evidence, start, stop, shared_numbers)
    length = np.minimum.outer(evidence.length[rows], evidence.length)
    # Long reports of one event nearly always share a number or a phrase; reports of one topic need not.
    particulars = products(evidence.phrases, start, stop) + products(evidence.weighted_numbers, start, stop)
    lacking = (1 - np.minimum(1, particulars / ENOUGH_PARTICULARS)) * np.minimum(1, length / PARTICULARS_LENGTH)
    result *= 1 - NO_PARTICULARS * lacking
    # The same people and places at length, and not one number in common: their next meeting, not this one.
    alike = np.clip((names - NAMES_FROM) / 0.1, 0, 1) * np.clip((length - LENGTH_FROM) / 100, 0, 1)
    result *= 1 - ALIKE_NAMES * alike * (shared_numbers == 0)
    result[_unproven(evidence, start, stop)] = 0
    if len(evidence.anchors.columns) or evidence.anchors.common.size:
        here, there = evidence.language[rows, None], evidence.language
        foreign = (here != there) & (here >= 0) & (there >= 0)
        result = np.where(foreign, OTHER_LANGUAGE * products(evidence.anchors, start, stop), result)
    apart = np.nan_to_num(np.abs(evidence.days[rows, None] - evidence.days))  # undated: not held against it
    result *= np.exp(-TIME_WEIGHT * np.log1p(apart / TIME_DAYS))
    return np.asarray(result, dtype=np.float32)


def _weekdays(evidence: Evidence, rows: slice) -> NDArray[np.float64]:
    """Exponents: up where the leads tell of the same weekdays, down where of others, 0 where one tells of none."""
    here, there = evidence.weekdays[rows, None], evidence.weekdays
    share = np.bitwise_count(here & there) / np.maximum(1, np.bitwise_count(here | there))
    exponent = np.where(share > 0.5, SAME_WEEKDAY, OTHER_WEEKDAY) * (2 * share - 1)
    return np.where((here > 0) & (there > 0), exponent, 0.0)


def _occasions(evidence: Evidence, start: int, stop: int, shared_numbers: Floats) -> Floats:
    """Factors: 0 where both tell of different nth occasions of a kind, lower than 1 where only one tells of any.

    Where one report says "the ninth visit", others of its kind exist: without a number in common the pair is doubted.
    """
    same = products(evidence.occasions, start, stop) > 0
    conflict = (products(evidence.occasion_kinds, start, stop) > 0) & ~same
    recurring = evidence.recurring[start:stop, None] | evidence.recurring
    doubt = recurring & ~same & (shared_numbers == 0)
    return np.asarray(~conflict * (1 - NTH_ALONE * doubt), dtype=np.float32)


def _unproven(evidence: Evidence, start: int, stop: int) -> NDArray[np.bool_]:
    """Where one of two is too short for weights to tell, and they share hardly more than any two reports do."""
    shared = products(evidence.substance, start, stop)
    fewer = np.minimum.outer(evidence.substances[start:stop], evidence.substances)
    short = np.minimum.outer(evidence.length[start:stop], evidence.length) < SHORT_LENGTH
    return np.asarray(short & ((shared < LEAST_SHARED) | (shared < LEAST_SHARE * fewer)))


def _scale_by_crowd(similarity: Floats) -> None:
    """Divides each pair, in place, by how alike its members are to their neighbours; the diagonal is left at zero.

    0.2 is much among strangers and little in a crowd that writes of one topic. The divisor is the geometric mean of
    both members' mean over their nearest, as in local scaling (Zelnik-Manor and Perona 2004).
    """
    n = len(similarity)
    np.fill_diagonal(similarity, 0)
    nearest = min(NEIGHBOURS, n - 1)
    if nearest < 1:
        return
    crowd = np.empty(n, dtype=np.float32)
    for start in range(0, n, BLOCK):
        part = np.partition(similarity[start : start + BLOCK], n - nearest, axis=1)[:, n - nearest :]
        crowd[start : start + BLOCK] = np.sort(part, axis=1).sum(axis=1)
    # A handful of articles has too few neighbours to tell a crowd from one event that all of them report: for the
    # missing ones a value a little below the usual stands in.
    crowd = np.sqrt((crowd + (NEIGHBOURS - nearest) * UNKNOWN) / NEIGHBOURS + np.float32(0.02))
    for start in range(0, n, BLOCK):
        scale = (USUAL + 0.02) / np.outer(crowd[start : start + BLOCK], crowd)
        similarity[start : start + BLOCK] *= np.minimum(MOST_LIFT, scale)
