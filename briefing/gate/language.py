"""A claim is in the language of its passages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from briefing.domain import Reason
from briefing.gate.compare import stands
from briefing.gate.instruction import unquoted
from briefing.languages import ranked
from briefing.ports import Claim, Passage
from briefing.text import STOP_WORDS, words

LEAST_WORDS = 6  # below, names and loan words decide what a recogniser says
LEAST_LETTERS = 12  # of a foreign script: more than a name has
LEAST_MARGIN = 5.0  # log likelihood for every word by which the claim's language has to lead that of its passages
MOST_SHARED = 0.25  # of a claim's small words may stand in its passages: a translation shares next to none

_SCRIPTS = {
    "latin": re.compile(r"[A-Za-zÀ-ɏḀ-ỿ]"),
    "greek": re.compile(r"[Ͱ-Ͽἀ-῿]"),
    "cyrillic": re.compile(r"[Ѐ-ԯ]"),
    "armenian": re.compile(r"[԰-֏]"),
    "hebrew": re.compile(r"[\u0590-\u05ff]"),
    "arabic": re.compile(r"[\u0600-\u077f\u08a0-\u08ff\ufb50-\ufdff\ufe70-\ufefc]"),
    "indic": re.compile(r"[\u0900-\u0dff]"),
    "thai": re.compile(r"[\u0e00-\u0eff]"),
    "georgian": re.compile(r"[\u10a0-\u10ff]"),
    "hangul": re.compile(r"[\u1100-\u11ff\uac00-\ud7af]"),
    "han": re.compile(r"[\u3040-\u30ff\u3400-\u9fff]"),
}
# Languages that a short text does not tell apart: one of them is as good as another.
_KIN = tuple(
    frozenset(group.split())
    for group in (
        "no nb nn da sv", "sr hr bs sl sh mk bg", "ru uk be bg mk", "cs sk pl", "id ms jv", "es pt gl ca an oc",
        "de lb nl af fy nds", "fr wa br oc", "hi mr ne", "fa ar ur ps ug ckb", "zh ja yue", "it co", "tr az", "fi et",
    )
)  # fmt: skip


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`language` where a claim is certainly in another language than every one of its passages.

    Certain is another script, or, for a claim of six words or more outside its quotation marks, a language recognised
    with a wide margin, of whose small words the passages hold next to none. A passage's language is the stated one;
    where none is stated, only the script is certain. Caught: "Der Bürgermeister sagte am Montag die Sitzung ab." from
    an English passage. Passed: "Bundeskanzler Olaf Scholz met Christine Lagarde in Bellevue."
    """
    if stands(claim, passages):
        return None
    text = unquoted(claim.text)
    script = _script(text)
    if script is not None and all(len(_SCRIPTS[script].findall(passage.text)) < LEAST_LETTERS for passage in passages):
        return "language" if any(_script(passage.text) for passage in passages) else None
    stated = {re.split("[-_]", passage.language.lower())[0] if passage.language else None for passage in passages}
    if script is None or None in stated or _said(text, passages):
        return None
    return "language" if all(_foreign(text, code) for code in stated if code) else None


@lru_cache(maxsize=4096)
def _script(text: str) -> str | None:
    """The script of four fifths of a text's letters; None where they are few or mixed."""
    counts = {name: len(letters.findall(text)) for name, letters in _SCRIPTS.items()}
    name = max(counts, key=lambda one: counts[one])
    needed = LEAST_LETTERS // 2 if name in ("han", "hangul") else LEAST_LETTERS
    return name if counts[name] >= max(needed, 0.8 * sum(counts.values())) else None


def _said(text: str, passages: Sequence[Passage]) -> bool:
    """Whether too many of a claim's uncapitalised words stand in its passages for it to be in another language."""
    small = {word for word in re.findall(r"\w+", text) if word[0].islower() and len(word) > 1}
    if not small:
        return True
    known = {word for passage in passages for word in re.findall(r"\w+", passage.text)}
    return len(small & known) > MOST_SHARED * len(small)


def _foreign(text: str, code: str) -> bool:
    """Whether a text of enough words is certainly not in the language `code` or in one of its kin."""
    spoken = words(text)
    if len(spoken) < LEAST_WORDS or (code == "en" and _is_english(spoken)):
        return False
    scores = _ranked(text)
    if code not in scores:  # a language that the recogniser does not know, or no recogniser: nothing is certain
        return False
    likely = next(iter(scores))
    if likely == code or any(likely in kin and code in kin for kin in _KIN):
        return False
    return scores[likely] - scores[code] > LEAST_MARGIN * len(spoken)


def _is_english(spoken: Sequence[str]) -> bool:
    return sum(word in STOP_WORDS for word in spoken) > 0.15 * len(spoken)


@lru_cache(maxsize=1024)
def _ranked(text: str) -> dict[str, float]:
    return ranked(text)  # asked only where a claim and its passages share no words: it loads a model
