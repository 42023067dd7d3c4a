"""What a passage leaves open is not made sure, nor what it tells made the only one."""

from __future__ import annotations

import re
from collections.abc import Sequence

from briefing.domain import Reason
from briefing.gate.compare import clauses, in_english, nearest, sentences_of, stands_whole
from briefing.ports import Claim, Passage
from briefing.text import content_words, stem, words

LEAST = 2  # content words that make a part of a claim a statement
REACH = 3  # words behind "may" among which stands what may be

# Words that make a statement stronger, and what in a passage says as much.
_STRONGER = tuple(
    (re.compile(rf"\b(?:{own})\b", re.IGNORECASE), re.compile(rf"\b(?:{said})\b", re.IGNORECASE))
    for own, said in (
        ("only|solely|merely|exclusively", "only|sole(?:ly)?|mere(?:ly)?|just|exclusive(?:ly)?|alone|but"),
        (
            r"certain to|certainly|definitely|undoubtedly|inevitably|surely|sure to|bound to|guaranteed|for\s?ever",
            r"certain(?:ly)?|definitely|undoubted(?:ly)?|inevitabl[ey]|sure(?:ly)?|bound to|guarantee[ds]?|for\s?ever",
        ),
        ("entirely|completely|totally|wholly", "entire(?:ly)?|complete(?:ly|d)?|total(?:ly)?|whol(?:e|ly)|fully|all"),
    )
)
# Words before what is only possible, and before what is planned as well or only believed; with those by which a claim
# keeps it open, wider: any of them will do.
_POSSIBLE = "may|might|could|possibl[ey]|probably|perhaps|maybe"
_PLANNED = rf"""{_POSSIBLE}|would|will|shall|should|likely\ to|(?:expect|want|intend|aim|threaten)(?:s|ed)?\ to
    |plan(?:s|ned)?\ to|(?:hope|propose|promise|vow)(?:s|d)?\ to|seeks?\ to|due\ to\ be|set\ to|about\ to|allegedly
    |reportedly|apparently|suspected|believed\ to"""
_KEEPS_POSSIBLE = r"""may|might|could|can|would|expect\w*|plan\w*|likely|hop(?:e|es|ed|ing)|intend\w*|aim\w*|propos\w*
    |threat\w*|promis\w*|vow\w*|seek\w*|alleg\w*|report\w*|apparent\w*|possib\w*|probabl\w*|perhaps|maybe|suspect\w*
    |believ\w*|if|whether|not|never|potential\w*|risk\w*|fear\w*|think\w*|appear\w*|seem\w*|consider\w*|estimat\w*
    |want\w*|call\w*|urg\w*|demand\w*"""
_KEEPS_PLANNED = rf"""{_KEEPS_POSSIBLE}|will|won['’]t|shall|should|to|due|set|about|upcoming|future|tomorrow|next|soon
    |going"""
_LOST = tuple(
    tuple(re.compile(rf"\b(?:{either})\b", re.IGNORECASE | re.VERBOSE) for either in pair)
    for pair in ((_POSSIBLE, _KEEPS_POSSIBLE), (_PLANNED, _KEEPS_PLANNED))
)
_SHORT = re.compile(r"['’](?:ll|d)\b")  # she'll, she'd
_ENDS = re.compile(r"[.!?…][\"'”’)]*\s*$")


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`modality` where a written claim has a certainty or an exclusion that no passage has, or loses what was open.

    It loses it where the passages' sentence that shares most words with a part of the claim has "may", "will" or the
    like right before a word of that part, and the part has no such word. Headlines and facts may be in the present
    tense. Caught: "The bridge is certain to reopen." from "The bridge will reopen in May, the council hopes."; "The
    repairs took six weeks." from "The repairs will take six weeks."; passed: "Only three ferries sailed." from "Just
    three ferries sailed."
    """
    if claim.kind != "written" or not in_english(passages) or stands_whole(claim.text, passages):
        return None
    for own, said in _STRONGER:
        if own.search(claim.text) and not any(said.search(passage.text) for passage in passages):
            return "modality"
    if not _ENDS.search(claim.text):
        return None
    sentences = [sentence for passage in passages for sentence in sentences_of(passage.text)]
    for part in clauses(claim.text):
        wanted = frozenset(content_words(part))
        alike = nearest(wanted, sentences, LEAST)
        for opens, keeps in _LOST:
            if keeps.search(part) or _SHORT.search(part):
                continue
            if alike and all(_leaves_open(sentence, wanted, opens) for sentence in alike):
                return "modality"
    return None


def _leaves_open(sentence: str, wanted: frozenset[str], opens: re.Pattern[str]) -> bool:
    return any(
        stem(word) in wanted for match in opens.finditer(sentence) for word in words(sentence[match.end() :])[:REACH]
    )
