"""When things happened is told as the passages tell it."""

from __future__ import annotations

from collections.abc import Sequence

from briefing.dates import day
from briefing.domain import Reason
from briefing.gate.calendar import known, mentions
from briefing.gate.compare import stands
from briefing.ports import Claim, Passage


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`date` where a day, month, year, weekday or clock time of the claim does not follow from a passage.

    A weekday, `yesterday` or a day without a year is completed by the day of the passage's article; 2 p.m. is 14:00 and
    Oct. 7 is 7 October. Words like `today` in the claim are held against nothing. Caught: "It closed on Wednesday."
    from "The pier closed on Tuesday." Passed: "It closed on 9 January 2024." from the same, published 2024-01-10.
    """
    stated = [mention for mention in mentions(claim.text) if mention.away is None and mention.years_away is None]
    if not stated or stands(claim, passages):
        return None
    told = known((passage.text, day(passage.published)) for passage in passages)
    return None if all(told.allows(mention) for mention in stated) else "date"
