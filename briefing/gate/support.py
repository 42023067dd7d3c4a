"""A claim's passages speak of the same things."""

from __future__ import annotations

import math
from collections.abc import Sequence

from briefing.domain import Reason
from briefing.gate.compare import beginnings, stands, stems
from briefing.ports import Claim, Passage
from briefing.text import content_words

# Where half of what a claim says is missing, 53 % of unsupported and 5 % of supported claims of answer engines are
# refused (AttributionBench); below it more of the unsupported pass, above it more of the supported are refused.
THRESHOLD = 0.5


def support_score(claim: Claim, passages: Sequence[Passage]) -> float:
    """How much of a claim its passages say, from 0 to 1: weighted recall of its content words.

    A word counts 1 where a passage has its stem, 0.5 where one only begins alike (five letters), 0 otherwise, weighted
    by the logarithm of its length, since long words mean more. A claim without content words scores 0, one that stands
    in a passage as it is scores 1. Word recall says which claims are foreign to their passages, not which are true:
    order, negation and small changes escape it.
    """
    if stands(claim, passages):
        return 1.0
    wanted = content_words(claim.text)
    if not wanted:
        return 0.0
    said = [stems(passage.text) for passage in passages]
    alike = [beginnings(passage.text) for passage in passages]
    total = found = 0.0
    for word in wanted:
        weight = math.log(1 + len(word))
        total += weight
        if any(word in known for known in said):
            found += weight
        elif any(word[:5] in known for known in alike):
            found += weight / 2
    return found / total


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`support` where the passages lack half or more of what a claim says.

    Caught: "The council approved a new stadium" from "The ferry stayed in the harbour". Passed: "The ferry did not sail
    because of the storm" from "The storm kept the ferry in the harbour; it did not sail on Monday".
    """
    return None if support_score(claim, passages) >= THRESHOLD else "support"
