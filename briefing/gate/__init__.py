"""The gate: small layers, each of which can refuse a sentence that its cited passages do not bear out.

A layer is one function in one file, `check(claim, passages)`, which returns the reason for refusing or None. A further
one is one file and one line in `CHECKS`.
"""

from __future__ import annotations

from collections.abc import Sequence

from briefing.domain import Reason
from briefing.gate.support import support_score
from briefing.ports import Check, Claim, Passage, load

__all__ = ["CHECKS", "examine", "support_score"]

CHECKS: dict[str, str] = {
    "citation": "briefing.gate.citation:check",
    "empty": "briefing.gate.empty:check",
    "markup": "briefing.gate.markup:check",
    "instruction": "briefing.gate.instruction:check",
    "length": "briefing.gate.length:check",
    "language": "briefing.gate.language:check",
    "quotation": "briefing.gate.quotation:check",
    "number": "briefing.gate.number:check",
    "date": "briefing.gate.date:check",
    "name": "briefing.gate.name:check",
    "belongs": "briefing.gate.belongs:check",
    "negation": "briefing.gate.negation:check",
    "reversal": "briefing.gate.reversal:check",
    "direction": "briefing.gate.direction:check",
    "modality": "briefing.gate.modality:check",
    "attribution": "briefing.gate.attribution:check",
    "cause": "briefing.gate.cause:check",
    "support": "briefing.gate.support:check",
    "joined": "briefing.gate.joined:check",
}


def examine(claim: Claim, passages: Sequence[Passage]) -> tuple[Reason, ...]:
    """Every reason against a claim, in the order of `CHECKS`, each once; empty where it passes.

    Without a passage, or without a word, there is nothing to compare: that one reason is the answer.
    """
    reasons: list[Reason] = []
    for name in CHECKS.values():
        check: Check = load(name)
        reason = check(claim, passages)
        if reason is not None and reason not in reasons:
            reasons.append(reason)
        if reason in ("citation", "empty"):
            break
    return tuple(reasons)
