"""What a reader is told at the top where the language model did not write what it should have."""

from __future__ import annotations

from collections import Counter

from briefing.domain import Briefing
from briefing.render.wording import FALLBACK, count, listing

_UNKNOWN = "the language model failed"


def banner(briefing: Briefing) -> str:
    """How many events the language model did not write, and why; empty where it wrote them all.

    `The language model could not be reached: 4 of 5 events are told in the articles’ own sentences.` An event that
    was withheld as a whole is named apart, for it is told in nobody's sentences.
    """
    fallbacks = briefing.report.fallbacks
    if not fallbacks:
        return ""
    shown = {event.id for event in briefing.events}
    told = len({fallback.event_id for fallback in fallbacks} & shown)
    untold = len({fallback.event_id for fallback in fallbacks} - shown)
    reasons = Counter(FALLBACK.get(fallback.kind, _UNKNOWN) for fallback in fallbacks)
    why = listing([words if len(reasons) == 1 else f"{words} ({number})" for words, number in reasons.items()])
    return f"{why[0].upper()}{why[1:]}: {_how_told(told, len(shown), untold)}."


def _how_told(told: int, events: int, untold: int) -> str:
    lost = f"{count(untold, 'event')} could not be told at all"
    if not told:
        return lost
    if events == 1:
        words = "the event is told"
    elif told == events:
        words = f"all {events:,} events are told"
    else:
        words = f"{told:,} of {events:,} events {'is' if told == 1 else 'are'} told"
    words += " in the articles’ own sentences"
    return f"{words}, and {lost}" if untold else words
