"""A claim is a sentence, not a page, and says a thing once."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from briefing.domain import Reason
from briefing.gate.compare import stands
from briefing.ports import Claim, Passage

MOST_WORDS, MOST_CHARACTERS = 60, 600
RUN = 4  # words in a row that make a repetition
MOST_REPEATS = 2  # times that the same run may stand: "from 2 to 3 per cent, and from 2 to 3 per cent" is said

_WORD = re.compile(r"\w+")


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`length` where a written claim has more than 60 words or 600 characters, or goes round in circles.

    It does where one word stands three times running, or the same four words in a row more than twice, and not so in a
    passage. An article's own sentence may be as long as it is. Caught: "The the the pier closed." Passed: "Sirens were
    heard in Brill, sirens were heard in Ost."
    """
    if claim.kind != "written":
        return None
    if len(claim.text) > MOST_CHARACTERS or len(claim.text.split()) > MOST_WORDS:
        return "length"
    return "length" if repeats(claim.text) and not stands(claim, passages) else None


def repeats(text: str) -> bool:
    """Whether a word stands three times running, or the same four words in a row more than twice.

    Numbers are no words here: "0 0 0" is a score.
    """
    words = _WORD.findall(text.casefold())
    threes = zip(words, words[1:], words[2:], strict=False)
    if any(one == two == three and not one.isdigit() for one, two, three in threes):
        return True
    runs = Counter(tuple(words[place : place + RUN]) for place in range(len(words) - RUN + 1))
    return any(count > MOST_REPEATS for count in runs.values())
