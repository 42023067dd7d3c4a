"""The words that a reader sees for what the data holds as codes."""

from __future__ import annotations

import re
from datetime import date

from briefing.domain import Aspect, Caveat, Flag, Reason, Status

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

STATUS: dict[Status, str] = {
    "new": "New",
    "updated": "Updated",
    "continuing": "Continuing",
    "corrected": "Corrected",
}
CAVEAT: dict[Caveat, str] = {
    "one-origin": "One source",
    "ai-written": "Written by a machine, says its publisher",
    "opinion": "Opinion",
    "undated": "No date stated",
}
FLAG: dict[Flag, str] = {
    "ai-written": "written by a machine, says its publisher",
    "opinion": "opinion",
    "correction": "corrected",
    "paywalled": "behind a paywall",
    "wire": "agency report",
    "no-text": "title alone",
    "feed-text": "only what its feed says",
    "script-only": "its page shows no text without scripts",
}
CAUTION: dict[Flag, str] = {"ai-written": "written by a machine", "opinion": "opinion"}
REASON: dict[Reason, str] = {
    "citation": "its passage does not exist",
    "quotation": "a quotation differs from the source",
    "number": "a number is not in its passages",
    "date": "a date is not in its passages",
    "name": "a name is not in its passages",
    "negation": "a “not” was added or lost",
    "modality": "a “may” or “must” was added or lost",
    "attribution": "who says it was lost",
    "direction": "rise and fall, or who and whom, are exchanged",
    "cause": "a cause that its passages do not state",
    "loaded": "a loaded word that its passages do not use",
    "language": "it is in another language than it should be",
    "markup": "it holds links or markup",
    "instruction": "it speaks to a machine, not to a reader",
    "support": "its passages do not bear it out",
    "judge": "the second model was not convinced, or could not be asked",
    "length": "it is too long, broken off, or said already",
    "empty": "it is empty",
}
ASPECT: dict[Aspect, str] = {
    "who": "Who",
    "what": "What",
    "where": "Where",
    "when": "When",
    "how many": "How many",
}
# Why the language model did not write an event, by `errors.Failure`; `gate` and `language` are the writer's own.
FALLBACK: dict[str, str] = {
    "timeout": "the language model did not answer in time",
    "connection": "the language model could not be reached",
    "busy": "the language model was too busy to answer",
    "quota": "the quota of the language model was used up",
    "server": "the language model’s server failed",
    "key": "the language model did not accept the key",
    "model": "there was no language model of that name",
    "request": "the language model’s server did not take the request",
    "context": "the request was longer than the language model reads",
    "body": "the language model’s server sent something else than an answer",
    "refusal": "the language model would not write",
    "length": "the language model’s answer was cut off",
    "answer": "the language model’s answer was not in the form asked for",
    "circuit": "the language model was not asked again after failing too often",
    "cap": "the limit set for the language model was reached",
    "rehearsal": "the language model was not asked, for this is a dry run",
    "gate": "nothing that the language model wrote passed its check",
    "language": "the language model wrote in another language",
}
FELL_BACK = "Not written by the language model"
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})")


def iso_day(stated: str | None) -> str | None:
    """The day of a stated date as `2024-10-22`; None where there is none or it is no date."""
    match = _DAY.match(stated or "")
    if match is None:
        return None
    try:
        return date(int(match[1]), int(match[2]), int(match[3])).isoformat()
    except ValueError:
        return None


def day_words(iso: str | None, *, weekday: bool = False) -> str:
    """`2024-10-22` as `22 October 2024`, or `Tuesday 22 October 2024`; words for an unknown day."""
    if iso is None:
        return "no date stated"
    day = date.fromisoformat(iso)
    words = f"{day.day} {MONTHS[day.month - 1]} {day.year}"
    return f"{WEEKDAYS[day.weekday()]} {words}" if weekday else words


def span_words(start: str | None, end: str | None) -> str:
    """Two days as `22 October 2024`, `22 to 24 October 2024` or `30 October to 2 November 2024`."""
    if start is None or end is None or start == end:
        return day_words(start or end)
    first, last = day_words(start).split(), day_words(end).split()
    while len(first) > 1 and first[-1] == last[len(first) - 1]:
        first.pop()
    return f"{' '.join(first)} to {' '.join(last)}"


def count(number: int, noun: str, plural: str | None = None) -> str:
    """`1 event`, `2 events`, `1,300 stories`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def listing(items: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""
