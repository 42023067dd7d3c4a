"""Every number of a claim stands in its passages, with the same unit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from briefing.domain import Reason
from briefing.gate.calendar import mentions
from briefing.gate.compare import stands
from briefing.numbers import MEASURES, Quantity, quantities, swapped_separators
from briefing.ports import Claim, Passage

# Languages that write 1.300,5 where English writes 1,300.5.
_COMMA_LANGUAGES = frozenset("de es fr it pt nl da sv no nb nn fi pl cs sk sl hr sr ro bg ru uk be el tr id vi".split())
_MEASURES = frozenset(MEASURES.values())
_TORN = re.compile(r"(?<=\d[.,]) (?=\d)")  # "1, 300": a space that some tool put there, or two numbers: either is said
_REFERENCES = re.compile(r"\[\d{1,3}(?:\s?[,–-]\s?\d{1,3})*\]")  # [1] or [2, 3] point to sources
# Words that state a small count without a numeral.
_COUNTS = {
    1: re.compile(r"\b(?:one|single|sole|lone)\b", re.IGNORECASE),
    2: re.compile(r"\b(?:both|pair|couple|twins?|duo|twice|doubled?)\b", re.IGNORECASE),
}


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`number` where a quantity of the claim stands in no passage with the same value and unit.

    A unit of measure may be left out, not exchanged. Numbers that belong to dates and names are the business of their
    layers. Caught: "52 bridges", "2.4 billion", "14 weeks" from "14 days". Passed: "twelve" from "12", "50%" from
    "half of", "$2.4m" from "2.4 million dollars", "11th" from "eleventh", "one of them".
    """
    wanted = _counted(_REFERENCES.sub("", claim.text), years=False)
    if not wanted or stands(claim, passages):
        return None
    said = [quantity for passage in passages for quantity in _stated(passage)]
    return None if all(_said(quantity, said, passages) for quantity in wanted) else "number"


@lru_cache(maxsize=4096)
def _counted(text: str, *, years: bool) -> tuple[Quantity, ...]:
    """Quantities that are no part of a date; a bare year counts where `years` is set."""
    dated = bytearray(len(text))
    for mention in mentions(text):
        if mention.minute is not None or mention.month is not None or (mention.year is not None and not years):
            dated[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
    return tuple(quantity for quantity in quantities(text) if not dated[quantity.start])


def _stated(passage: Passage) -> tuple[Quantity, ...]:
    stated = _counted(passage.text, years=True)
    if passage.language and passage.language[:2].lower() in _COMMA_LANGUAGES:
        stated += _counted(swapped_separators(passage.text), years=True)
    if _TORN.search(passage.text):
        stated += _counted(_TORN.sub("", passage.text), years=True)
    return stated


def _said(wanted: Quantity, said: Sequence[Quantity], passages: Sequence[Passage]) -> bool:
    if any(_same(wanted, quantity) for quantity in said):
        return True
    words = _COUNTS.get(int(wanted.value)) if wanted.value in (1, 2) and wanted.unit != "%" else None
    return words is not None and wanted.unit != "ordinal" and any(words.search(passage.text) for passage in passages)


def _same(one: Quantity, other: Quantity) -> bool:
    if {one.unit, other.unit} == {"%", ""}:
        part, share = (one, other) if one.unit == "" else (other, one)
        return part.value < 1 and part.value * 100 == share.value
    if one.value != other.value:
        return False
    if one.unit == other.unit:
        return True
    return "" in (one.unit, other.unit) and {one.unit, other.unit} - {""} <= _MEASURES
