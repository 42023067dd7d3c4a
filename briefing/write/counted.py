"""What a text counts: a number, how sure it is said to be, and the noun that it counts, as they stand there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from briefing.gate.calendar import mentions
from briefing.numbers import Quantity, quantities
from briefing.text import STOP_WORDS, stem

_PLURALS = "people|children|men|women|police|crew|staff"
_HEDGE = re.compile(
    r"\b(?:(?:(?:some|about|around|nearly|almost|roughly|over|up to|at least|at most|an estimated|more than|fewer than|"
    r"less than|as many as)\s)|(?:no (?:more|fewer|less) than\s))$",
    re.IGNORECASE,
)
_NOUN = re.compile(
    rf"(?: of (?:the |its |their |all )?(?P<whole>[\d,]+|[a-z]+))?(?P<adjectives>(?: [a-z][a-z-]*){{0,2}}?)"
    rf" (?P<noun>{_PLURALS}|[A-Z]?[a-z]+(?<![su])(?<!i)s)(?![\w’'-])"
)
_HARM = re.compile(
    r"(?:, including (?:[a-z]+ ){0,3}[a-z]+,)?(?: (?:were|was|have been|had been|has been))?"
    r"(?: (?:critically|seriously|slightly))? (?P<harm>injured|hurt|wounded|killed|dead|died|arrested|rescued)\b"
)
_RATE = re.compile(r" (?:an?|per|each|every) (?:hour|day|night|week|month|year)\b")
# Behind a noun these continue a list, or make another quantity of it.
_GOES_ON = re.compile(
    r" (?:and|or|to|of|an?|per|each|every|more|less|fewer|short|ago|later|old|away|apart|worth|than|too)\b|-|['’]\w"
    r"|,(?! (?:including|who|which|most|none|according)\b)"
)
_DEPENDS = frozenset("more other further another additional last past next first such same".split())
# Nouns that say nothing without what they belong to.
_EMPTY = frozenset(
    "members times ways steps sides parts points cases rounds votes things ones areas sites others".split()
)
_JOINS = frozenset("of or to and than between the its their all these".split()) | _DEPENDS
_VERBS = frozenset("says has was is does goes makes takes comes gives leaves remains wants".split())
_UNSURE = re.compile(
    r"\b(?:not|no(?! (?:more|fewer|less) than\b)|never|deny|denied|denies|could|(?-i:may)|might|would|should|if|"
    r"claims?|claimed|alleged|allegedly|expects?|expected|threat\w*|fear\w*|rumou?rs?|hope\w*|missing)\b|n[’']t\b|[\"“”?]",
    re.IGNORECASE,
)
_WINDOW = 60  # characters before a number in which its hedge stands
_AROUND = 120  # characters on either side of a number in which a date that it belongs to stands
_FEW = 4  # fewer of anything are news only where something happened to them
_HARMS = {"hurt": "injured", "wounded": "injured", "dead": "killed", "died": "killed"}


@dataclass(frozen=True, slots=True)
class Count:
    """A count as it stands in the text. `key` is what is counted: counts of one key that differ contradict."""

    text: str
    key: tuple[str, ...]
    value: Decimal
    harmed: bool


def counts(text: str, *, strict: bool = True) -> Iterator[Count]:
    """Counts in `text`, in order, none overlapping another: `about 650 workers`, `Six of the 88 passengers were hurt`.

    Money, shares, measures, ordinals and dates are none, for what they count stands elsewhere. Where `strict` is set,
    nothing is taken from a sentence that denies, doubts, quotes or looks ahead, nor what its context makes another
    count; else every number with a noun is, to see whether sources differ.
    """
    if strict and _UNSURE.search(text):
        return
    reached = 0
    for quantity in quantities(text):
        if quantity.start < reached or quantity.unit or quantity.value < 1:
            continue
        count = _count(text, quantity, strict=strict)
        if count is not None and not _dated(text, quantity):
            reached = text.find(count.text, max(0, quantity.start - 20)) + len(count.text)
            yield count


def _dated(text: str, quantity: Quantity) -> bool:
    """Whether a number is part of a date or a clock time. Only what stands around it is read: no date is longer."""
    first = max(0, quantity.start - _AROUND)
    start, end = quantity.start - first, quantity.end - first
    near = mentions(text[first : quantity.end + _AROUND])
    dated = (one for one in near if one.month is not None or one.minute is not None)
    return any(one.start < end and start < one.end for one in dated)


def _count(text: str, quantity: Quantity, *, strict: bool) -> Count | None:
    noun = _NOUN.match(text, quantity.end)
    if noun is None:
        return None
    adjectives = noun["adjectives"].split()
    words = [*adjectives, noun["noun"].lower()]
    if noun["noun"] in _VERBS | _EMPTY and not noun["whole"]:
        return None
    if noun["noun"] in _VERBS or (STOP_WORDS | _DEPENDS) & set(words):
        return None
    harm = _HARM.match(text, noun.end())
    end = harm.end() if harm else noun.end()
    rate = _RATE.match(text, end)
    end = rate.end() if rate else end
    start = _start(text, quantity)
    telling = harm or rate or noun["whole"] or quantity.value >= _FEW
    if strict and (start is None or not telling or _GOES_ON.match(text, end)):
        return None
    kind = _HARMS.get(harm["harm"], harm["harm"]) if harm else ""
    key = (*(stem(word) for word in words), kind, "of" if noun["whole"] else "", rate.group() if rate else "")
    return Count(text[quantity.start if start is None else start : end], key, quantity.value, bool(harm))


def _start(text: str, quantity: Quantity) -> int | None:
    """Where the count begins, with what hedges it; None where the words before make it part of something else."""
    window = max(0, quantity.start - _WINDOW)
    hedge = _HEDGE.search(text, window, quantity.start)
    start = hedge.start() if hedge else quantity.start
    before = text[window:start]
    if before.endswith("\n") or not before.strip():
        return start
    last = re.search(r"(\S+)\s$", before)
    if last is None:
        return None
    word = last[1]
    tied = word[0].isupper() and word.lower() not in STOP_WORDS  # "Pier 4", "Gate 3"
    spread = word.lower() in (
        "of",
        "or",
        "to",
        "and",
        "than",
        "between",
        "the",
        "its",
        "their",
        "all",
        "these",
        *_DEPENDS,
    )
    return None if tied or spread or word[-1].isdigit() or word[-1] in "-–—$£€" else start
