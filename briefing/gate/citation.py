"""A claim needs a passage to be held against."""

from __future__ import annotations

from collections.abc import Sequence

from briefing.domain import Reason
from briefing.ports import Claim, Passage


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:  # noqa: ARG001 - the signature of every layer
    """`citation` where there is no passage, or an empty one.

    Caught: "The pier closed." citing nothing. Passed: the same citing "The pier closed on Monday."
    """
    return None if passages and all(passage.text.strip() for passage in passages) else "citation"
