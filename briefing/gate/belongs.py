"""A day stands with what happened on it, a number with what it counts."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from functools import lru_cache

from briefing.domain import Reason
from briefing.gate.calendar import mentions
from briefing.gate.compare import in_english, stands_whole
from briefing.numbers import quantities
from briefing.ports import Claim, Passage
from briefing.text import content_words, stem

REACH = 200  # characters around a day or a number that are looked at
NEXT = 4  # words behind a number among which what it counts has to stand

_CLAUSE_ENDS = re.compile(
    r"[;:()\"“”]|,(?!\s\d)|\s[–—-]+\s|[.!?]\s|\b(?:and|but|while|when|after|before|that|which|who|where|because|as)\b"
)
_YEARS = 1900, 2100
_OF = re.compile(r"^\s+of(?:\s+(?:the|its|their|his|her|these|those))?(?=\s)")
# What stands before a number or a time and says how it is meant, by what it says.
_BOUND = re.compile(
    r"""\b(?:(?P<until>until|till|by|before|through)|(?P<from_>from|since|after)|(?P<every>every)|(?P<lasting>for)
    |(?P<within>within)|(?P<most>up\ to|at\ most)|(?P<below>under|below|less\ than|fewer\ than|almost|nearly)
    |(?P<above>over|above|more\ than)|(?P<least>at\ least)|(?P<about>about|around|roughly|some))
    (?:\ (?:the|early|late|mid|last|next|this))?[ -]*[$£€]?\ ?$""",
    re.IGNORECASE | re.VERBOSE,
)
_LIMITS = frozenset(("most", "below", "above", "least", "about"))  # a number that always has one may not lose it
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
# Behind a number these name no thing that it counts: measures, which `number` compares, and words that may be left out.
_NO_THING = frozenset(
    stem(word)
    for word in """million billion thousand hundred percent per percentage point dollar euro crown pound year day week
    month hour minute second time other more less most people each given monthly annual total in on at to from by for
    and or the a an than""".split()
)


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`date` where a written claim puts a day to what no passage puts it to, `number` where a number counts otherwise.

    A weekday or a day of a month has to share a word with its clause in a passage; a thing that stands right behind a
    number has to stand closely behind that number in a passage too; "until", "at least" and the like stay. Caught,
    from "The bridge will close on Monday, the council announced on Friday. Boats run every twenty minutes.": "The
    bridge will close on Friday."; "Twenty boats will run." Passed: "The closure on Monday, announced on Friday".
    """
    if claim.kind != "written" or not in_english(passages) or stands_whole(claim.text, passages):
        return None
    if not all(_shares(day, words, passages) for day, words in _days(claim.text)):
        return "date"
    for reason, value, bound in _bounds(claim.text):
        if not _bounded(value, bound, passages):
            return reason
    counted = [(value, things[0]) for value, unit, things in _counted(claim.text) if not unit and things]
    if not all(_counts(value, thing, passages) for value, thing in counted):
        return "number"
    return None


def _shares(day: str, words: frozenset[str], passages: Sequence[Passage]) -> bool:
    said = [(other, around) for passage in passages for other, around in _days(passage.text)]
    same = [around for other, around in said if other == day]
    if len({other for other, _ in said}) < 2 or not same or not words:
        return True  # one day goes with everything; what no passage says is another layer's
    return any(words & around for around in same)


def _bounded(value: str, bound: str | None, passages: Sequence[Passage]) -> bool:
    said = {other for passage in passages for _, number, other in _bounds(passage.text) if number == value}
    if not said or bound in said:
        return True
    return not any(said) if bound else not said <= _LIMITS


@lru_cache(maxsize=4096)
def _bounds(text: str) -> tuple[tuple[Reason, str, str | None], ...]:
    """Every number, day and time of a text with what bounds it ("until", "at least"), None where nothing does."""
    places: list[tuple[Reason, str, int]] = [
        *(("date", text[one.start : one.end].casefold(), one.start) for one in mentions(text)),
        *(("number", str(one.value), one.start) for one in quantities(text)),
    ]
    found = []
    for reason, value, start in places:
        match = _BOUND.search(text[max(0, start - REACH) : start])
        found.append(
            (reason, value, next((name for name, word in (match.groupdict() if match else {}).items() if word), None))
        )
    return tuple(found)


def _counts(value: str, thing: str, passages: Sequence[Passage]) -> bool:
    said = [one[1:] for passage in passages for one in _counted(passage.text) if one[0] == value]
    return not said or any(thing in things or not (unit or things) for unit, things in said)


@lru_cache(maxsize=4096)
def _days(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Every weekday and day of a month of a text as it is written, with the words of its clause."""
    marks = [mark.span() for mark in _CLAUSE_ENDS.finditer(text)]
    starts, ends = [0, *(end for _, end in marks)], [*(start for start, _ in marks), len(text)]
    found = []
    for mention in mentions(text):
        if mention.weekday is None and mention.day is None:
            continue
        start = starts[bisect_right(starts, mention.start) - 1]
        end = ends[min(bisect_left(ends, mention.end), len(marks))]
        words = content_words(
            f"{text[max(start, mention.start - REACH) : mention.start]} {text[mention.end : end][:REACH]}"
        )
        found.append((text[mention.start : mention.end].casefold(), frozenset(words)))
    return tuple(found)


@lru_cache(maxsize=4096)
def _counted(text: str) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Every number of a text that is no year: its value, its unit, and the stems of the words right behind it."""
    return tuple(
        (str(one.value), one.unit, tuple(_things(text[one.end : one.end + REACH])))
        for one in quantities(text)
        if not _YEARS[0] <= one.value <= _YEARS[1]
    )


def _things(behind: str) -> Iterator[str]:
    """What may be counted; nothing where the first word cannot be."""
    behind = _OF.sub(" ", behind, count=1)
    if not behind[:1].isspace():
        return
    for place, match in enumerate(_WORD.finditer(_CLAUSE_ENDS.split(behind, maxsplit=1)[0])):
        word = stem(match.group().lower())
        if place == NEXT or (place == 0 and (word in _NO_THING or len(word) < 4)):
            return
        yield word
