"""Copies of one text: exact, lightly edited, cut, reordered, under another headline."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash, RMinHashLSH

from briefing.domain import Article
from briefing.text import words

SHINGLE_WORDS = 5
SHORT_WORDS = 20  # below this, a few shared shingles prove nothing: only the same words are a copy
LEAST_WORDS = 5  # "Live updates" in two papers is no copy
JACCARD = 0.5
CONTAINMENT = 0.7
_PERMUTATIONS = 128
_BANDS = 64  # two rows a band: a pair of Jaccard 0.3 is found with probability 0.998 (Leskovec et al., MMDS, 3.4)


def copy_groups(articles: Sequence[Article]) -> list[list[int]]:
    """Groups of positions whose texts are copies of each other; every position is in exactly one group.

    Groups stand in the order of their first member. Being a copy is transitive here: two cuts of one long report
    are one group with it.
    """
    exact: dict[tuple[str, ...], list[int]] = {}
    for position, article in enumerate(articles):
        body = words(article.body)
        key = tuple(body) if len(body) >= SHORT_WORDS else tuple(words(article.title or "") + body)
        exact.setdefault(key if len(key) >= LEAST_WORDS else (*key, f"\0{position}"), []).append(position)
    same = list(exact.values())
    long = [index for index, key in enumerate(exact) if len(key) >= SHORT_WORDS]
    shingles = [_shingles(key) for key in exact]
    groups: dict[int, list[int]] = {}
    for index, root in enumerate(_near(shingles, long, len(same))):
        groups.setdefault(root, []).extend(same[index])
    return sorted(sorted(group) for group in groups.values())


def _shingles(body: Sequence[str]) -> frozenset[str]:
    return frozenset(" ".join(body[i : i + SHINGLE_WORDS]) for i in range(len(body) - SHINGLE_WORDS + 1))


def _near(shingles: Sequence[frozenset[str]], long: Sequence[int], count: int) -> list[int]:
    """The first member of each text's group. Candidates come from the index, the real overlap decides."""
    root: NDArray[np.int64] = np.arange(count)
    index = RMinHashLSH(threshold=JACCARD, num_perm=_PERMUTATIONS, num_bands=_BANDS)
    for current in long:
        sketch = RMinHash(num_perm=_PERMUTATIONS, seed=1)
        sketch.update(sorted(shingles[current]))
        candidates = np.array(sorted(index.query(sketch)), dtype=np.int64)
        while candidates.size:
            candidate = candidates[0]
            if is_copy(shingles[current], shingles[candidate]):
                low, high = sorted((root[current], root[candidate]))
                root[root == high] = low
                candidates = candidates[root[candidates] != low]
            else:
                candidates = candidates[1:]
        index.insert(current, sketch)
    return [int(value) for value in root]


def is_copy(a: frozenset[str], b: frozenset[str]) -> bool:
    """Whether two sets of shingles come from copies: much of both is shared, or most of the shorter one."""
    shared = len(a & b)
    return shared >= JACCARD * (len(a) + len(b) - shared) or shared >= CONTAINMENT * min(len(a), len(b))
