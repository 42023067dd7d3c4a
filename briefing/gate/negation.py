"""A claim says no where its passages say no, and only there."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from briefing.domain import Reason
from briefing.gate.compare import plain, stands, stands_whole
from briefing.ports import Claim, Passage
from briefing.text import STOP_WORDS, stem, word_form

_TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|[.,;:!?]")
# Words that negate what follows them directly.
_NEGATIONS = frozenset("not never no cannot neither nor without deny denied denies denying".split())
# Words that negate somewhere near them: where one stands, the simple comparison of this layer says nothing.
_REFUSALS = re.compile(
    r"\b(?:un|non-)\w|\b(?:fail|refus|reject|lack|prevent|halt|stop|block|avoid|declin|dismiss|disput|contradict|"
    r"rule[ds]? out|ban|bar|halt|cancel|doubt|hardly|barely|rarely|scarcely|few|little|nobody|nothing|none|nowhere|"
    r"absen|instead|unlikely|impossible|false|withdr|miss|except|only|until|unless|despite|end|lest|neither|zero)",
    re.IGNORECASE,
)
LEAST_SHARED = 2  # words that make two sentences speak of one thing
_NARROWING = frozenset("only just merely less".split())  # "not only", "no less than" deny nothing
_LIGHT = frozenset("longer yet immediately even necessarily actually really ever have be".split())


class _Polarity(NamedTuple):
    """Stems of the words that a sentence affirms and denies; hedged where another word of refusal stands in it."""

    affirmed: frozenset[str]
    denied: frozenset[str]
    hedged: bool

    @property
    def all(self) -> frozenset[str]:
        return self.affirmed | self.denied


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`negation` where the claim affirms a word that its passages only deny, or denies one that they only affirm.

    Only the first word of weight behind `not`, `never`, `no`, `denied` and the like is compared, only against
    sentences that share words with the claim, and only where no other word of refusal stands by. Caught:
    "The old bridge will close" from "The old bridge will not close", and the other way round. Passed: "It did not
    reopen" from "It stayed closed"; "He rejected the claim" from "He denied the claim".
    """
    if stands_whole(claim.text, passages) or (claim.kind == "verbatim" and stands(claim, passages)):
        return None
    said = [sentence for passage in passages for sentence in _polarity(passage.text)]
    affirmed = frozenset().union(*(sentence.affirmed for sentence in said))
    denied = frozenset().union(*(sentence.denied for sentence in said))
    unclear = frozenset().union(*(sentence.all for sentence in said if sentence.hedged))
    for sentence in _polarity(claim.text):
        near = [other for other in said if len(other.all & sentence.all) >= LEAST_SHARED]
        dropped = sentence.affirmed & denied - affirmed if not (sentence.denied or sentence.hedged) else frozenset()
        added = sentence.denied & affirmed - denied - unclear
        if any(dropped & other.denied or added & other.affirmed for other in near):
            return "negation"
    return None


@lru_cache(maxsize=4096)
def _polarity(text: str) -> tuple[_Polarity, ...]:
    return tuple(_of_sentence(sentence) for sentence in re.split(r"(?<=[.;!?])\s|\n", text) if sentence)


def _of_sentence(sentence: str) -> _Polarity:
    words: dict[bool, set[str]] = {True: set(), False: set()}
    reach = 0  # how many words of no weight may still stand between a negation and what it negates
    for match in _TOKEN.finditer(plain(sentence)):
        word = word_form(match.group())
        if word in _NEGATIONS or word.endswith("n't"):
            reach = 4
        elif word in _NARROWING or not word[0].isalnum():
            reach = 0
        elif word in STOP_WORDS or word in _LIGHT:
            reach = max(0, reach - 1)
        else:
            words[reach == 0].add(stem(word))
            reach = 0
    return _Polarity(frozenset(words[True]), frozenset(words[False]), bool(_REFUSALS.search(sentence)))
