"""What a passage denies, doubts or only fears is not told as so."""

from __future__ import annotations

import re
from collections.abc import Sequence

from briefing.domain import Reason
from briefing.gate.compare import nearest, sentences_of, stands_whole, statements
from briefing.ports import Claim, Passage
from briefing.text import content_words, stem

REACH = 6  # words behind such a word in which it turns what is said; a comma or a quotation mark ends it
SHARE = 0.25  # of what the claim says that stands behind such a word
LEAST = 2  # content words that make a part of a claim a statement

_REVERSES = re.compile(
    r"""\b(?:not(?!\ only)|never|no(?!\ sooner)|nobody|neither|nor|without|cannot|\w+n['’]t|untrue
    |false(?:ly)?|wrong(?:ly)?|refus(?:ed?|es|ing)|reject(?:ed|s|ing)?|withdr[ae]w\w*|dismiss(?:ed|es|ing)?
    |doubt(?:s|ed|ing)?|den(?:y|ied|ies|ying)
    |stop(?:ped|s)?\ short|warn(?:ed|s|ing)?\ against|fail(?:ed|s|ing)?\ to|declin(?:ed?|es|ing)|disput(?:ed|ing)
    |rul(?:ed|es|ing)\ out|would\ have|only\ if|fear(?:ed|s|ing)?|whether|unlikely|forged|retract\w*)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_ENDS = re.compile(r"[,;:.!?\"“”«»()–—]")


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`negation` where a part of a written claim affirms what its passages deny, doubt, refuse or only fear.

    Each part of a claim is held against the passages' sentence that shares most words with it: a word that reverses,
    and that the claim lacks, must not stand there closely before what the claim says. A claim with such a word of its
    own is left to its reader. Caught: "The vaccine caused two deaths." from "He refused to confirm that the vaccine
    caused two deaths." Passed: "He would not confirm that the vaccine caused deaths." from the same; "The ferry left at
    noon." from "The ferry left at noon, which nobody expected."
    """
    if claim.kind != "written" or stands_whole(claim.text, passages):
        return None
    sentences = [sentence for passage in passages for sentence in sentences_of(passage.text)]
    for part in statements(claim.text):
        wanted = frozenset(content_words(part))
        if len(wanted) < LEAST:
            continue
        own = frozenset(_cues(part))
        alike = nearest(wanted, sentences)
        if alike and all(_reverses(sentence, wanted, own) for sentence in alike):
            return "negation"
    return None


def _cues(text: str) -> list[str]:
    return [stem(match.group().lower()) for match in _REVERSES.finditer(text)]


def _reverses(sentence: str, wanted: frozenset[str], own: frozenset[str]) -> bool:
    """Whether a word that reverses, none of the claim's `own`, stands closely before one of the wanted stems."""
    if not own <= set(_cues(sentence)):
        return False
    for match in _REVERSES.finditer(sentence):
        if stem(match.group().lower()) in own:
            continue
        behind = _ENDS.split(sentence[match.end() :], maxsplit=1)[0]
        if len(wanted.intersection(content_words(" ".join(behind.split()[:REACH])))) >= SHARE * len(wanted):
            return True
    return False
