"""What grouping reads in an article: its words, names, numbers, phrases, the weekdays it tells of, nth occasions."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from briefing.dates import MONTHS, WEEKDAYS
from briefing.domain import Article
from briefing.text import STOP_WORDS, stem, word_form

LEAD_WORDS = 60  # what happened, and on which day, stands here; later paragraphs tell of other days
OPENING_WORDS = 200  # "his ninth visit since ..." is often said a few sentences later
_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[.!?:;\n]")
_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*")
_NTH = re.compile(r"(\d{1,4})(?:st|nd|rd|th)")
_COUNTS = (
    "three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen "
    "nineteen twenty"
).split()
_COUNT_WORDS = {word: str(value) for value, word in enumerate(_COUNTS, start=3)}
_COUNT_WORD = re.compile(rf"\b(?:{'|'.join(_COUNTS)})\b", re.IGNORECASE)
_NTH_WORDS = {
    word: value
    for value, word in enumerate(
        "third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth "
        "sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        start=3,
    )
}
# What "for the seventh time" may be the seventh of.
_RECURRENCES = tuple(
    stem(word)
    for word in "attempt edition flight launch meeting mission round summit talks time tour trip visit".split()
)
# Words that reports of anything share: who says, when, how many, to whom.
_ROUTINE = frozenset(
    stem(word)
    for word in (
        *WEEKDAYS,
        *MONTHS,
        *_COUNT_WORDS,
        *"announce announced authorities city country day days government hour hours "
        " local man mayor men minister month months morning new news night official officials people person "
        "police president report reported reports residents spokesman spokeswoman spokesperson state statement told "
        "today tomorrow tonight town two week weeks woman women year years yesterday".split(),
    )
)
_WEEKDAY_BIT = {day: 1 << number for number, day in enumerate(WEEKDAYS)}
_TRIVIAL = frozenset(("1", "2"))  # in nearly every report


@dataclass(slots=True)
class _Counts:
    terms: Counter[str] = field(default_factory=Counter)
    lead: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    phrases: Counter[tuple[str, str]] = field(default_factory=Counter)
    weekdays: int = 0
    occasions: set[tuple[str, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Reading:
    """Counts of one article.

    `terms` are stems of title (twice) and body, `lead` of the title and the first words, `names` of what is
    capitalised inside a sentence, `phrases` two neighbouring content words that are not both names, `numbers` counts
    and amounts without days of the month, written without separators. `weekdays` has bit 0 set for a Monday in the
    lead, `occasions` holds pairs such as ("visit", 9), `substance` terms and
    numbers but those that reports of anything share, `length` is the body's in words.
    """

    terms: Counter[str]
    lead: Counter[str]
    names: Counter[str]
    phrases: Counter[tuple[str, str]]
    numbers: Counter[str]
    weekdays: int
    occasions: frozenset[tuple[str, int]]
    substance: frozenset[str]
    length: int
    language: str | None


def read(article: Article) -> Reading:
    """The reading of one article."""
    counts = _Counts()
    _read_words(counts, article.title or "", title=True)
    length = _read_words(counts, article.body, title=False)
    both_names = [pair for pair in counts.phrases if pair[0] in counts.names and pair[1] in counts.names]
    for pair in both_names:
        del counts.phrases[pair]
    amounts = Counter([*numbers(article.title or ""), *numbers(article.body)])
    return Reading(
        terms=counts.terms,
        lead=counts.lead,
        names=counts.names,
        phrases=counts.phrases,
        numbers=amounts,
        weekdays=counts.weekdays,
        occasions=frozenset(counts.occasions),
        substance=frozenset(amounts).union(
            term for term in counts.terms if term not in _ROUTINE and not term.isdecimal()
        ),
        length=length,
        language=article.language[:2].lower() if article.language else None,
    )


def numbers(text: str) -> Iterator[str]:
    """Numbers in `text` as digits alone, so that `2.4` and `2,4` are one; ordinals and days of the month left out."""
    for match in _NUMBER.finditer(text):
        before = text[max(0, match.start() - 12) : match.start()].replace(".", " ").split()[-1:]
        after = re.match(r"(st|nd|rd|th)\b|\.?\s+([^\W\d_]+)", text[match.end() : match.end() + 14])
        neighbours = {word.casefold() for word in (*before, (after and after[2]) or "")}
        digits = match.group().replace(".", "").replace(",", "")
        if not (after and after[1]) and neighbours.isdisjoint(MONTHS) and digits not in _TRIVIAL:
            yield digits
    for match in _COUNT_WORD.finditer(text):
        yield _COUNT_WORDS[match.group().lower()]


def _read_words(counts: _Counts, text: str, *, title: bool) -> int:
    """Adds the words of `text`; returns their number."""
    position = 0
    opens, nth = True, None
    before: tuple[str, bool] | None = None  # the last content word and whether it is capitalised
    for token in _TOKEN.findall(text):
        if not token[0].isalnum():
            opens, before, nth = True, None, None
            continue
        position += 1
        form, base = _form(token)
        if nth is not None and not title and form.isalpha() and form not in STOP_WORDS and form not in MONTHS:
            kind = stem(form)
            counts.occasions.update((each, nth) for each in (_RECURRENCES if kind == "time" else (kind,)))
        nth = _nth(form) if position <= OPENING_WORDS else None
        if base is None:
            opens, before = False, None
            continue
        capital = not title and token[0].isupper()
        counts.terms[base] += 2 if title else 1
        if title or position <= LEAD_WORDS:
            counts.lead[base] += 1
            counts.weekdays |= _WEEKDAY_BIT.get(form, 0)
        if capital and not opens:
            counts.names[base] += 1
        if before and not (before[1] and capital):
            counts.phrases[before[0], base] += 1
        opens, before = False, (base, capital)
    return position


def _form(token: str) -> tuple[str, str | None]:
    """A token's form and its stem; no stem for function words and single letters."""
    form = word_form(token)
    return form, None if form in STOP_WORDS or len(form) < 2 else stem(form)


def _nth(form: str) -> int | None:
    match = _NTH.fullmatch(form)
    return int(match[1]) if match else _NTH_WORDS.get(form)
