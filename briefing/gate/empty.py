"""A claim needs words."""

from __future__ import annotations

from collections.abc import Sequence

from briefing.domain import Reason
from briefing.ports import Claim, Passage


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:  # noqa: ARG001 - the signature of every layer
    """`empty` where a claim has no letter and no digit.

    Caught: " — ". Passed: "No."
    """
    return None if any(map(str.isalnum, claim.text)) else "empty"
