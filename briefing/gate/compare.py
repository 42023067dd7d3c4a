"""What the layers share: texts made comparable, and words that one passage says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from briefing.ports import Claim, Passage
from briefing.text import content_words, sentence_spans, stem, visible, words

NEARLY = 0.8  # of the words in common with the nearest sentence: from here another one counts as saying the same

# Typographic variants of one mark: papers set them differently, so they tell nothing about the words.
_VARIANTS = str.maketrans(
    dict.fromkeys("“”„‟«»＂″❝❞", '"')
    | dict.fromkeys("‘’‚‛‹›ʼ`´′", "'")
    | dict.fromkeys("‐‑‒–—―−", "-")
    | {"…": "...", "\u00ad": None, "\u200b": None, "\ufeff": None}
)
_ENDS = re.compile(r"[.!?。！？:]['\")\]]*$")
_STATEMENTS = re.compile(r";\s+|(?<=[.!?])\s+(?=[A-Z“\"])")
_CLAUSES = re.compile(
    r"""[;:]\s+ | (?<=[.!?])\s+(?=[A-Z“\"]) | \s+[–—-]\s+
    | ,?\s+(?:and|but|while|whereas|although|though|who|which|where|after|because)\s+""",
    re.VERBOSE,
)
_DOTS = re.compile(r"\.(?:\s?\.){2,}")


@lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """Text with one kind of quotation mark, dash, ellipsis and space, composed (NFC); letters keep their case."""
    text = unicodedata.normalize("NFC", text).translate(_VARIANTS)
    return _DOTS.sub("...", " ".join(text.split()))


def holds(text: str, piece: str) -> bool:
    """Whether `piece` stands in `text` as whole words: `art of war` does not stand in `start of war`."""
    place = text.find(piece)
    while place >= 0:
        end = place + len(piece)
        before, after = text[place - 1 : place], text[end : end + 1]
        if not (before.isalnum() and piece[:1].isalnum()) and not (after.isalnum() and piece[-1:].isalnum()):
            return True
        place = text.find(piece, place + 1)
    return False


def stands(claim: Claim, passages: Sequence[Passage]) -> bool:
    """Whether the whole claim stands in one passage, typography aside: then what it states, the passage states."""
    if claim.kind == "verbatim" and any(claim.text in passage.text for passage in passages):
        return True
    text = plain(claim.text)
    return any(holds(plain(passage.text), text) for passage in passages)


def stands_whole(text: str, passages: Sequence[Passage]) -> bool:
    """Whether a text stands in one passage as whole sentences, typography aside.

    What was cut out of a sentence may say the opposite of it: "denied that the captain was drunk".
    """
    text = plain(text)
    for passage in map(plain, (one.text for one in passages)):
        place = passage.find(text)
        while place >= 0:
            before, after = passage[:place].rstrip(), passage[place + len(text) :]
            if (not before or _ENDS.search(before)) and (not after or (after[0] == " " and _ENDS.search(text))):
                return True
            place = passage.find(text, place + 1)
    return False


def in_english(passages: Sequence[Passage]) -> bool:
    """Whether no passage is known to be in another language: layers that go by English words look at no other."""
    return all(passage.language in (None, "en") for passage in passages)


@lru_cache(maxsize=4096)
def sentences_of(text: str) -> tuple[str, ...]:
    """The sentences of a passage as a reader sees them; the whole of it where it has none."""
    text = visible(text)
    return tuple(text[span.start : span.end] for span in sentence_spans(text)) or (text,)


def statements(text: str) -> list[str]:
    """A claim's sentences, and their parts between semicolons: each has to hold by itself."""
    return _STATEMENTS.split(text)


def clauses(text: str) -> list[str]:
    """A claim's statements, and their parts where a conjunction, a relative pronoun or a dash begins another one."""
    return _CLAUSES.split(text)


def nearest(wanted: frozenset[str], sentences: Sequence[str], least: int = 1) -> list[str]:
    """The sentences that share most of the wanted stems, and those that share nearly as many; `least` at any rate."""
    common = [(len(wanted.intersection(content_words(sentence))), sentence) for sentence in sentences]
    most = max((count for count, _ in common), default=0)
    return [sentence for count, sentence in common if count >= max(least, NEARLY * most)]


@lru_cache(maxsize=4096)
def vocabulary(text: str) -> frozenset[str]:
    """The forms of a text's words, hyphenated ones also in parts, initials also without points (`u.n` as `un`)."""
    forms = set(words(text))
    for form in tuple(forms):
        if "-" in form:
            forms.update(form.split("-"))
            forms.add(form.replace("-", ""))
        if "." in form:
            forms.add(form.replace(".", ""))
    return frozenset(forms)


@lru_cache(maxsize=4096)
def stems(text: str) -> frozenset[str]:
    """The stems of a text's words."""
    return frozenset(stem(form) for form in vocabulary(text))


@lru_cache(maxsize=4096)
def beginnings(text: str) -> frozenset[str]:
    """The first five letters of a text's longer words: `negotiations` and `negotiators` begin alike."""
    return frozenset(form[:5] for form in stems(text) if len(form) > 4)
