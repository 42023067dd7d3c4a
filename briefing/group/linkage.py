"""Average-link agglomerative clustering of a similarity matrix."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def average_link(similarity: NDArray[np.float32], threshold: float) -> list[list[int]]:
    """Clusters of rows, none of which two could be joined at a mean similarity of `threshold` or more.

    `similarity` is n x n and is used up; its upper half counts, for a lower one computed apart may differ in the last
    bit, and a chain needs exact symmetry to end. Follows chains of nearest neighbours (Murtagh 1983), which gives
    the same clusters as joining the closest two again and again, for average linkage is reducible; ties go to the
    lower row. Every row is in exactly one cluster; clusters are in order of their first row. O(n^2) time.
    """
    n = len(similarity)
    members = [[row] for row in range(n)]
    for row in range(n):
        similarity[row:, row] = similarity[row, row:]
    np.fill_diagonal(similarity, -np.inf)
    alive = np.ones(n, dtype=bool)
    chain: list[int] = []
    pending = 0
    while True:
        if not chain:
            while pending < n and not alive[pending]:
                pending += 1
            if pending == n:
                break
            chain.append(pending)
        top = chain[-1]
        nearest = int(similarity[top].argmax())
        if len(chain) > 1 and similarity[top, chain[-2]] >= similarity[top, nearest]:
            nearest = chain[-2]
        if similarity[top, nearest] < threshold:
            # Nothing can join this one any more: no later join brings another closer than its nearest part was.
            alive[top] = False
            similarity[top], similarity[:, top] = -np.inf, -np.inf
            chain.pop()
        elif len(chain) > 1 and nearest == chain[-2]:
            chain = chain[:-2]
            _join(similarity, members, alive, min(top, nearest), max(top, nearest))
        else:
            chain.append(nearest)
    return sorted(sorted(group) for group in members if group)


def _join(
    similarity: NDArray[np.float32], members: list[list[int]], alive: NDArray[np.bool_], kept: int, gone: int
) -> None:
    a, b = len(members[kept]), len(members[gone])
    row = (similarity[kept] * a + similarity[gone] * b) / (a + b)
    # Rounding must not lift a mean above its parts: a chain could turn back on itself.
    np.minimum(row, np.maximum(similarity[kept], similarity[gone]), out=row)
    row[kept] = -np.inf
    similarity[kept], similarity[:, kept] = row, row
    similarity[gone], similarity[:, gone] = -np.inf, -np.inf
    alive[gone] = False
    members[kept] += members[gone]
    members[gone] = []
