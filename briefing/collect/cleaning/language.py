"""The language of an article: as stated, else recognised where there is text enough."""

from __future__ import annotations

import re

from briefing.languages import ranked
from briefing.text import STOP_WORDS, words

_TAG = re.compile(r"([A-Za-z]{2,3})(?:[-_].{0,20})?")
_PLAIN = bytes(byte for byte in range(128) if chr(byte).isalnum() or chr(byte).isspace())
_LEAST_WORDS = 20
_ENOUGH = 2000  # characters
# English running text holds over two fifths of its words in STOP_WORDS, other languages below a fifth: this share
# tells English without loading the model.
_ENGLISH_SHARE = 0.3


def language(stated: str | None, text: str) -> str | None:
    """An ISO 639 code: that of the stated tag, else the likeliest for `text`; None under about twenty words."""
    if stated and (match := _TAG.fullmatch(stated.strip())):
        return match[1].lower()
    some = text[:_ENOUGH]
    if _is_english(some):
        return "en"
    known = words(some)
    if len(known) < _LEAST_WORDS:
        return None
    if sum(map(STOP_WORDS.__contains__, known)) > _ENGLISH_SHARE * len(known):
        return "en"
    return next(iter(ranked(some)), None)


def _is_english(text: str) -> bool:
    """Whether the share of stop words is reached for sure: counted low, among words counted high.

    Each character that is neither of a word nor a space may part two words; a word that one touches is not looked at.
    Letters beyond ASCII count as such characters: in English they are few.
    """
    plain = text.casefold().replace(", ", " ").replace(". ", " ")
    parts = plain.split()
    marks = len(plain.encode(errors="replace").translate(None, _PLAIN))
    if len(parts) - marks < _LEAST_WORDS:
        return False
    return sum(map(STOP_WORDS.__contains__, parts)) > _ENGLISH_SHARE * (len(parts) + marks)
