"""A rise is not told as a fall, an injury not as a death, a yes not as a no."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from briefing.domain import Reason
from briefing.gate.compare import stands_whole
from briefing.ports import Claim, Passage

# Sides that exclude each other: a claim may take the one only where a passage does.
_OPPOSITES = tuple(
    tuple(re.compile(rf"\b(?:{side})\b", re.IGNORECASE | re.VERBOSE) for side in sides)
    for sides in (
        (
            r"""r(?:ise|ises|ose|isen|ising)|increas\w+|grow(?:s|n|ing|th)?|grew|climb\w*|gain(?:s|ed|ing)?|jump\w*|soar\w*
            |surg\w+|higher|up|more|added|rais\w+|expand\w*|doubl\w+|record""",
            r"""f(?:all|alls|ell|allen|alling)|decreas\w+|declin\w+|drop\w*|shr[aiu]nk\w*|lower\w*|down|less|fewer|slump\w*
            |plung\w+|sank|cut(?:s|ting)?|reduc\w+|halv\w+|slid\w*""",
        ),
        (
            r"kill\w*|dead|die[sd]?|dying|deaths?|fatal\w*|deadly|murder\w*|slain|bod(?:y|ies)|shot|execut\w+",
            r"injur\w+|wound\w*|hurt\w*|bruis\w+",
            r"safe(?:ly)?|alive|unharmed|unhurt|surviv\w+|rescued",
        ),
        (
            r"""approv\w+|accept\w*|agree[sd]?|agreement|back(?:s|ed|ing)|support\w*|endors\w+|voted\ for|pass(?:es|ed)
            |adopt\w*|allow\w*|permit\w*|granted""",
            r"reject\w*|refus\w+|oppos\w+|against|veto\w*|block\w*|ban(?:s|ned|ning)?|forb[ia]d\w*|denied|turned\ down",
        ),
        (r"w[io]ns?|winning|winner|victor\w*|beat(?:s|en)?|defeated", r"los(?:e|es|t|ing|er|s)|defeat|beaten"),
        (
            r"open(?:s|ed|ing)?|reopen\w*|start(?:s|ed|ing)?|beg[aiu]n\w*|launch\w*|resum\w+",
            r"clos(?:e|es|ed|ing|ure)|shut\w*|end(?:s|ed|ing)?|halt\w*|stop\w*|cancel\w*|suspend\w*|finish\w*",
        ),
        (r"b(?:uy|uys|ought|uying)|acquir\w+|purchas\w+|acquisition", r"s(?:ell|ells|old|elling)|sales?"),
        (r"arrest\w*|detain\w*|jail\w*|imprison\w*|captur\w+", r"releas\w+|freed|acquit\w*|escap\w+|fled"),
    )
)


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`direction` where a claim has a word of one side and its passages only words of the other side.

    Caught: "The crash killed 14 commuters." from "The crash injured 14 commuters."; "Prices fell" from "Prices rose".
    Passed: what its passages say both ways, or in words of neither side.
    """
    if claim.kind != "written" or stands_whole(claim.text, passages):
        return None
    said = "\n".join(passage.text for passage in passages)
    for sides in _OPPOSITES:
        own, theirs = _taken(claim.text, sides), _taken(said, sides)
        if own and theirs and not own & theirs:
            return "direction"
    return None


@lru_cache(maxsize=8192)
def _taken(text: str, sides: tuple[re.Pattern[str], ...]) -> frozenset[int]:
    return frozenset(place for place, side in enumerate(sides) if side.search(text))
