"""What no passage joins by a cause, a time or a contrast is not joined so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from briefing.domain import Reason
from briefing.gate.compare import sentences_of, stands_whole
from briefing.ports import Claim, Passage
from briefing.text import content_words

SHARE = 0.5  # of each side's words that must stand around a passage's own joint
NEAR = 6  # content words of a side, those next to the joint: what stands further off may come from elsewhere

_CAUSE = r"""because|due\ to|owing\ to|thanks\ to|as\ a\ (?:result|consequence)|consequently|therefore|thus|hence
    |so\ that|in\ response\ to|(?<!the\ )(?<!a\ )cause|caus(?:e[sd]|ing)|prompt(?:ed|ing|s)|trigger(?:ed|ing|s)
    |le(?:d|ads?|ading)\ to|result(?:ed|ing|s)?\ (?:in|from)|blam\w+|forc(?:ed|es|ing)"""
_TIME = r"after|following|since|in\ the\ wake\ of"
_CONTRAST = r"despite|in\ spite\ of|although|even\ though|though|regardless\ of"
# Each kind of joint as a claim may write it, and what in a passage says the same.
_JOINTS = tuple(
    tuple(re.compile(rf"\b(?:{words})\b", re.IGNORECASE | re.VERBOSE) for words in kind)
    for kind in (
        (_CAUSE, rf"{_CAUSE}|{_TIME}|so|as|attribut\w+|reasons?|over"),
        (_TIME, rf"{_TIME}|{_CAUSE}|later|then|when|once|before|until|earlier|previously|subsequent\w*|amid"),
        (_CONTRAST, rf"{_CONTRAST}|but|while|however|yet|still|nevertheless|nonetheless"),
    )
)
_SIDES = re.compile(r"[.;:!?]\s")


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`cause` where a written claim joins two things by a cause, a time or a contrast that no passage joins so.

    A passage joins them where a word of the same kind stands in a sentence that, with the one before it, says half or
    more of what stands on either side in the claim. Which side is the cause is not compared. Caught: "The bridge closed
    because the ferry company paid for it." from "The bridge closed. The ferry company paid for boats."; passed: "Ten
    houses burned after the gas leak." from "The gas leak led to a fire in which ten houses burned."
    """
    if claim.kind != "written" or stands_whole(claim.text, passages):
        return None
    for own, said in _JOINTS:
        for match in own.finditer(claim.text):
            before = content_words(_SIDES.split(claim.text[: match.start()])[-1])
            behind = content_words(_SIDES.split(claim.text[match.end() :])[0])
            if not any(
                said.search(sentence)
                and _holds(around, before, before[-NEAR:])
                and _holds(around, behind, behind[:NEAR])
                for passage in passages
                for sentence, around in _sentences(passage.text)
            ):
                return "cause"
    return None


def _holds(said: frozenset[str], *sides: Sequence[str]) -> bool:
    """Whether enough of a side stands there: of all of it, or of what is next to the joint."""
    return any(sum(word in said for word in side) >= SHARE * len(side) for side in sides)


@lru_cache(maxsize=4096)
def _sentences(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Each sentence of a passage, with the words of it and of the one before it."""
    sentences = sentences_of(text)
    earlier = ["", *sentences[:-1]]
    return tuple((two, frozenset(content_words(f"{one} {two}"))) for one, two in zip(earlier, sentences, strict=True))
