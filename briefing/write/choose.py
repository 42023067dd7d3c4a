"""Choosing evidence: coverage of what the sources say, weighted by how many independent origins say it.

Greedy maximisation of a monotone submodular objective under a budget of words, cost-scaled as in Lin and Bilmes,
"Multi-document summarization via budgeted maximization of submodular functions" (NAACL 2010), with their reward for
diversity, a concave function over groups, here publishers (ACL 2011). Concepts are stems and pairs of neighbouring
stems, after Gillick and Favre, "A scalable global model for summarization" (2009): each counts once, however often it
is told.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import pairwise

from briefing.write.candidates import Candidate

COST_POWER = 0.6  # how strongly length counts against a sentence: 0 not at all, 1 in full
DIVERSITY = 0.3  # what a first sentence from a new origin gains on top, as a share of its own gain
LEAD = 3.0  # what opening an article adds to a sentence's weight, halved with every place after it
ALONE = 0.5  # weight of what one origin alone says, where three or more tell of the event
DAY_BOUND = 0.4  # what is left of the worth of a sentence that says "tomorrow"
ALIKE = 0.6  # share of the shorter sentence's stems above which two sentences tell the same

Key = tuple[str, int]  # article id and sentence index


def choose(
    candidates: Sequence[Candidate], weights: Mapping[str, float], words: int, *, differing: bool = False
) -> list[Candidate]:
    """Candidates within `words` words together, in the order chosen; the first one opens an article if any does.

    Two that tell the same are not both chosen; with `differing` they are where one has a number that the other lacks.

    `weights` are the concepts' (`concept_weights`); one that has none counts nothing.
    A sentence that leans on those before it comes with them or not at all.
    """
    at = {(one.article.id, one.index): one for one in candidates}
    units = {key: unit for key in sorted(at, key=lambda key: _age(at[key])) if (unit := _unit(at[key], at)) is not None}
    chosen: dict[Key, Candidate] = {}
    covered: set[str] = set()
    left = words
    while True:
        best = _best(units, chosen, covered, weights, left, differing)
        if best is None:
            return list(chosen.values())
        for one in best:
            chosen[one.article.id, one.index] = one
            covered.update(concepts(one))
            left -= one.length


def concepts(candidate: Candidate) -> set[str]:
    """Stems and pairs of neighbouring stems."""
    stems = candidate.stems
    return set(stems) | {f"{a} {b}" for a, b in pairwise(stems)}


def concept_weights(candidates: Sequence[Candidate]) -> dict[str, float]:
    """Weight of every concept: how many independent origins hold it, and how often it is said at all."""
    origins: defaultdict[str, set[str]] = defaultdict(set)
    said: Counter[str] = Counter()
    for one in candidates:
        for concept in concepts(one):
            origins[concept].add(one.article.origin)
            said[concept] += 1
    many = len({one.article.origin for one in candidates}) >= 3
    return {
        concept: (ALONE if many and len(origins[concept]) == 1 else len(origins[concept]))
        * math.log(1 + count)
        * (0.5 if " " in concept else 1.0)
        for concept, count in said.items()
    }


def _age(one: Candidate) -> tuple[bool, str, str, int]:
    """Where two units gain the same, the one published first is told: undated ones last, then by id and place."""
    return one.article.published is None, one.article.published or "", one.article.id, one.index


def _unit(one: Candidate, at: dict[Key, Candidate]) -> list[Candidate] | None:
    """The sentence with those before it that it leans on, in order; None where one of them is no candidate."""
    unit = [at.get((one.article.id, index)) for index in range(one.index - one.lead_in, one.index + 1)]
    return None if None in unit else [member for member in unit if member is not None]


def _best(
    units: dict[Key, list[Candidate]],
    chosen: dict[Key, Candidate],
    covered: set[str],
    weights: Mapping[str, float],
    left: int,
    differing: bool,  # noqa: FBT001 - passed on
) -> list[Candidate] | None:
    """The unit with the greatest scaled gain that still fits, without what is chosen already; None if none gains."""
    told = [set(one.stems) for one in chosen.values()]
    origins = {one.article.origin for one in chosen.values()}
    opening = not chosen and any(unit[0].index == 0 for unit in units.values())
    best, best_gain = None, 0.0
    for key, unit in units.items():
        new = [one for one in unit if (one.article.id, one.index) not in chosen]
        cost = sum(one.length for one in new)
        if key in chosen or cost > left or (opening and unit[0].index > 0) or _repeats(new, told, differing):
            continue
        gain = sum(_gain(one, covered, weights) * (1 if opening else one.age) for one in new)
        if chosen and new[0].article.origin not in origins:
            gain *= 1 + DIVERSITY
        gain /= max(cost, 1) ** COST_POWER
        if gain > best_gain:
            best, best_gain = new, gain
    return best


def _gain(one: Candidate, covered: set[str], weights: Mapping[str, float]) -> float:
    gain = sum(weights.get(concept, 0.0) for concept in sorted(concepts(one) - covered))
    return gain * (DAY_BOUND if one.day_bound else 1.0) * (1 + LEAD * 0.5**one.index)


def _repeats(new: Sequence[Candidate], told: Sequence[set[str]], differing: bool) -> bool:  # noqa: FBT001 - as above
    """Whether one of the new sentences tells what was told, or what another one of them tells."""
    known = list(told)
    for one in new:
        stems = set(one.stems)
        numbers = {stem for stem in stems if stem[0].isdigit()} if differing else set()
        if any(
            len(stems & other) >= ALIKE * max(1, min(len(stems), len(other))) and numbers <= other for other in known
        ):
            return True
        known.append(stems)
    return False
