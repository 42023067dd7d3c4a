"""Plants errors in true sentences: one number, day, name or quoted letter becomes another, all else stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from briefing.dates import WEEKDAYS
from briefing.gate.quotation import quotations
from briefing.names import names
from briefing.text import sentence_spans, visible

_MONTHS = "January February March April May June July August September October November December".split()
_NUMBER_WORDS = {"first": "third", "ninth": "sixth", "sixth": "ninth", "two": "five", "three": "seven", "six": "nine"}
_OTHER_NAMES = ("Sullivan", "Cairo", "Houthi", "Jakarta")


def seed_sentences(folder: Path) -> list[str]:
    """The sentences of the sample articles, as a reader sees them."""
    texts = [visible(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.txt"))]
    return [text[start:end] for text in texts for start, end in sentence_spans(text)]


def with_another_number(sentence: str) -> Iterator[str]:
    """Every digit outside a date replaced by the next one, every number word by another."""
    for match in re.finditer(r"\d", sentence):
        if not re.search(r"[A-Z]\w*-$|(?:Oct|Jan|July|October) $", sentence[: match.start()]):
            other = str(int(match.group()) % 9 + 1)
            yield sentence[: match.start()] + other + sentence[match.end() :]
    for word, other in _NUMBER_WORDS.items():
        for match in re.finditer(rf"\b{word}\b", sentence):
            yield sentence[: match.start()] + other + sentence[match.end() :]


def with_another_day(sentence: str) -> Iterator[str]:
    """Every weekday, month and day of a month replaced by another."""
    days = [day.title() for day in WEEKDAYS]
    for ring in (days, _MONTHS):
        for place, word in enumerate(ring):
            for match in re.finditer(rf"\b{word}\b", sentence):
                yield sentence[: match.start()] + ring[(place + 3) % len(ring)] + sentence[match.end() :]
    for match in re.finditer(rf"(?<=\b(?:{'|'.join(m for m in _MONTHS if len(m) == 7)}) )\d{{1,2}}\b", sentence):
        yield sentence[: match.start()] + str(int(match.group()) % 28 + 1) + sentence[match.end() :]


def with_another_name(sentence: str) -> Iterator[str]:
    """Every name's last word replaced by a name that the sentence has not; a one-word name is replaced whole."""
    opening = re.match(r"[“\"]?(Blinken|Netanyahu|Herzog|Hezbollah|Hamas|Abbas)\b", sentence)
    spans = [(opening.start(1), opening.end(1))] if opening else []
    for name in names(sentence):
        last = re.search(r"[^\s\-’']+(?=(?:[’']s)?$)", name.text)
        if last:
            spans.append((name.start + last.start(), name.start + last.end()))
    for number, (start, end) in enumerate(sorted(set(spans))):
        yield sentence[:start] + _OTHER_NAMES[number % len(_OTHER_NAMES)] + sentence[end:]


def with_another_quoted_letter(sentence: str) -> Iterator[str]:
    """In every quotation of two words or more, one letter of each word replaced."""
    for quoted in quotations(sentence):
        if len(quoted.split()) < 2:
            continue
        start = sentence.index(quoted)
        for match in re.finditer(r"[a-z]+", quoted):
            place = start + match.start() + len(match.group()) // 2
            yield sentence[:place] + ("x" if sentence[place] != "x" else "y") + sentence[place + 1 :]


KINDS: dict[str, Callable[[str], Iterator[str]]] = {
    "number": with_another_number,
    "day": with_another_day,
    "name": with_another_name,
    "quotation": with_another_quoted_letter,
}
