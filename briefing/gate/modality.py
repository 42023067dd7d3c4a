"""What a passage leaves open is not made sure, nor what it tells made the only one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from briefing.domain import Reason
from briefing.gate.compare import stands_whole
from briefing.ports import Claim, Passage

# Words that make a statement stronger, and what in a passage says as much.
_STRONGER = tuple(
    (re.compile(rf"\b(?:{own})\b", re.IGNORECASE), re.compile(rf"\b(?:{said})\b", re.IGNORECASE))
    for own, said in (
        ("only|solely|merely|exclusively", "only|sole(?:ly)?|mere(?:ly)?|just|exclusive(?:ly)?|alone|but"),
        (
            "certain to|certainly|definitely|undoubtedly|inevitably|surely|sure to|bound to|guaranteed",
            "certain|certainly|definitely|undoubted(?:ly)?|inevitabl[ey]|sure(?:ly)?|bound to|guarantee[ds]?|no doubt",
        ),
        ("entirely|completely|totally|wholly", "entire(?:ly)?|complete(?:ly|d)?|total(?:ly)?|whol(?:e|ly)|fully|all"),
    )
)


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`modality` where a written claim has a word of certainty or exclusion that no passage has.

    Caught: "The bridge is certain to reopen." from "The bridge will reopen in May, the council hopes."; passed: "Only
    three ferries sailed." from "Just three ferries sailed."
    """
    if claim.kind != "written" or stands_whole(claim.text, passages):
        return None
    for own, said in _STRONGER:
        if own.search(claim.text) and not any(said.search(passage.text) for passage in passages):
            return "modality"
    return None
