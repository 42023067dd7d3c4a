"""Every name in a claim stands in its passages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from briefing.domain import Reason
from briefing.gate.compare import stands, stems, vocabulary
from briefing.names import Name, names, openers, ordinary
from briefing.ports import Claim, Passage
from briefing.text import STOP_WORDS, stem

# Words for one country or one office that share too little of their spelling to be recognised by it.
_SAME = tuple(
    frozenset(group.split())
    for group in (
        "us usa america american americans", "uk britain british briton britons", "netherlands dutch holland",
        "france french", "spain spanish spaniard", "poland polish poles", "denmark danish danes", "swiss switzerland",
        "wales welsh", "ireland irish", "finland finnish finns", "greece greek greeks", "norway norwegian norwegians",
        "philippines philippine filipino filipinos", "thailand thai", "turkey türkiye turkish turks", "eu europe",
        "scotland scottish scots", "serbia serb serbs", "croatia croat croats", "kyiv kiev", "burma myanmar",
        "uae emirates emirati", "czech czechia", "argentina argentine", "senator sen", "governor gov", "general gen",
        "representative rep", "professor prof", "saint st", "lieutenant lt", "colonel col", "afghan afghanistan",
    )
)  # fmt: skip
# What a country's name and its people's differ in, behind the letters that they share.
_PLACE_ENDINGS = frozenset({"", *"a e y o ia ey ain on um us en and land istan".split()})
_PEOPLE_ENDINGS = frozenset("n ns an ans ian ians ean eans i is ese ish er ers ic s".split())
_CODE = re.compile(r"\b[A-Za-z]+-?\d[\w-]*\b")  # A320, COVID-19: letters, then digits
_ACRONYM = re.compile(r"\b[A-Z](?:\.?[A-Z]){1,5}\b")


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`name` where a name of the claim stands in no passage.

    Enough are: initials for a name, a name for its initials; a country for its people; unless the claim is written, a
    person's surname, if no passage gives another first name with it. A capitalised word that only opens a sentence is
    held against the passages unless it is an ordinary word. A word of letters and digits (A320) has to stand there as
    it is. Caught: "Netanyahu met Herzog" from "Blinken met Herzog". Passed: "Officials said the UN agreed" from "The
    United Nations agreed, aides said".
    """
    if stands(claim, passages):
        return None
    wanted, unsure = names(claim.text), openers(claim.text)
    said = "\n".join(passage.text for passage in passages)
    if not _codes(claim.text) <= _codes(said):
        return "name"
    first_names = claim.kind != "given"
    if all(_name_said(name, claim.text, said, first_names=first_names) for name in wanted):
        return None if all(_word_said(name.words[0], name.text, said) for name in unsure) else "name"
    return "name"


def _codes(text: str) -> set[str]:
    return {code.replace("-", "").casefold() for code in _CODE.findall(text)}


def _name_said(name: Name, text: str, said: str, *, first_names: bool) -> bool:
    words = name.words
    missing = {place for place, word in enumerate(words) if not _word_said(word, name.text, said)}
    if 0 in missing and len(words) > 1 and ordinary(words[0]) and _opens(text[: name.start]):
        missing.remove(0)  # "Former President Obama": the first word's capital is the sentence's
    for place in sorted(missing):
        if place in missing:
            missing -= _abbreviated(words, place, said)
    return not missing or (not first_names and _same_person(name, missing, said))


def _opens(before: str) -> bool:
    before = before.rstrip("\"'“‘«( ")
    return not before or before[-1] in ".!?:;\n"


def _abbreviated(words: Sequence[str], place: int, said: str) -> set[int]:
    """Places around `place` whose words' initials the passages write as an acronym."""
    for length in range(min(6, len(words)), 1, -1):
        for start in range(max(0, place - length + 1), min(place, len(words) - length) + 1):
            window = words[start : start + length]
            spelled_out = not any("." in word or word in _acronyms(said) for word in window)
            if spelled_out and "".join(word[0] for word in window) in _acronyms(said):
                return set(range(start, start + length))
    return set()


def _same_person(name: Name, missing: set[int], said: str) -> bool:
    """Whether only first names are missing, in front of a surname that no passage gives another first name."""
    last = len(name.words) - 1
    if last in missing or not missing or missing != set(range(last - len(missing), last)) or len(missing) > 2:
        return False
    surname = name.words[last]
    if any(ordinary(name.words[place]) for place in missing):
        return False
    before = {one for one, other in _neighbours(said) if other == surname}
    return surname in _named(said) and all(one in name.words or ordinary(one) for one in before)


def _word_said(word: str, written: str, said: str) -> bool:
    """Whether the passages have a word of a name, in this form or one that names the same."""
    forms = vocabulary(said)
    compact = word.replace(".", "").replace("-", "")
    if len(compact) < 2 or (compact not in STOP_WORDS and (compact in forms or stem(word) in stems(said))):
        return True
    if (compact in _acronyms(said) or compact in _initials(said)) and compact.upper() in written.replace(".", ""):
        return True
    parts = re.split("[-&]", word)
    if len(parts) > 1 and all(part.isalpha() for part in parts):
        return all(_word_said(part, "", said) for part in parts)
    same: frozenset[str] = next((group for group in _SAME if word in group), frozenset())
    if same and same & (forms - STOP_WORDS | _acronyms(said) | _initials(said)):
        return True
    return any(_related(word, form) for form in _beginning_alike(said).get(word[:4], ()))


def _related(one: str, other: str) -> bool:
    """Whether one word is a place and the other its people or their adjective: `Israel`, `Israeli`."""
    shared = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    ends = one[shared:], other[shared:]
    return shared >= 4 and any(a in _PLACE_ENDINGS and b in _PEOPLE_ENDINGS for a, b in (ends, ends[::-1]))


@lru_cache(maxsize=4096)
def _beginning_alike(text: str) -> dict[str, list[str]]:
    alike: dict[str, list[str]] = {}
    for form in vocabulary(text):
        alike.setdefault(form[:4], []).append(form)
    return alike


@lru_cache(maxsize=4096)
def _acronyms(text: str) -> frozenset[str]:
    return frozenset(match.group().replace(".", "").lower() for match in _ACRONYM.finditer(text))


@lru_cache(maxsize=4096)
def _initials(text: str) -> frozenset[str]:
    """Initials of every run of two to six words inside a name."""
    found: set[str] = set()
    for name in names(text):
        letters = "".join(word[0] for word in name.words)
        found.update(letters[i : i + n] for n in range(2, 7) for i in range(len(letters) - n + 1))
    return frozenset(found)


@lru_cache(maxsize=4096)
def _neighbours(text: str) -> frozenset[tuple[str, str]]:
    """Words that follow each other inside a name."""
    return frozenset(pair for name in names(text) for pair in zip(name.words, name.words[1:], strict=False))


@lru_cache(maxsize=4096)
def _named(text: str) -> frozenset[str]:
    return frozenset(word for name in (*names(text), *openers(text)) for word in name.words)
