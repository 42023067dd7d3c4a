"""Numbers in running text, normalised: digits, words, scales, fractions, percent, money, ordinals, measures."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number as written: its value, its unit and half-open offsets into the text.

    `unit` is `""` for a bare count or share (`half` is 0.5), `"%"`, `"ordinal"`, `"decade"` (`the 1990s`), a
    currency's ISO 4217 code, a measure of `MEASURES` (`"km"`, `"hour"`), or what is written onto the digits (`5G`).
    """

    value: Decimal
    unit: str
    start: int
    end: int


_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
_SMALL = {word: Decimal(n) for n, word in enumerate(f"zero {_ONES} eighteen nineteen".split())} | {
    word: Decimal(n * 10) for n, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
_ORDINALS = {
    word: Decimal(n)
    for n, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        1,
    )
} | {"thirtieth": Decimal(30), "fortieth": Decimal(40), "fiftieth": Decimal(50), "hundredth": Decimal(100)}
_SCALES = {
    "dozen": Decimal(12),
    "hundred": Decimal(100),
    "thousand": Decimal(1000),
    "million": Decimal(10**6),
    "billion": Decimal(10**9),
    "trillion": Decimal(10**12),
}
_PARTS = {"third": 3, "thirds": 3, "quarter": 4, "quarters": 4, "fifth": 5, "fifths": 5, "tenth": 10, "tenths": 10}
_SHORT_SCALES = {"bn": "billion", "mn": "million", "m": "million", "k": "thousand", "tn": "trillion", "trn": "trillion"}
_CURRENCIES = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₪": "ILS"}
_DOLLARS = {"A": "AUD", "AU": "AUD", "C": "CAD", "CA": "CAD", "HK": "HKD", "NZ": "NZD", "S": "SGD"}
_MONEY_WORDS = {
    "dollar": "USD", "euro": "EUR", "pound": "GBP", "yen": "JPY", "yuan": "CNY", "rupee": "INR", "rouble": "RUB",
    "ruble": "RUB", "shekel": "ILS", "franc": "CHF", "krona": "SEK", "krone": "NOK", "won": "KRW",
}  # fmt: skip
_CODES = frozenset((*_CURRENCIES.values(), *_DOLLARS.values(), *_MONEY_WORDS.values()))
MEASURES = {
    "kilometer": "km", "kilometre": "km", "km": "km", "mile": "mile", "meter": "m", "metre": "m", "cm": "cm",
    "centimeter": "cm", "centimetre": "cm", "mm": "mm", "foot": "foot", "feet": "foot", "ft": "foot", "inch": "inch",
    "inche": "inch", "yard": "yard", "kilogram": "kg", "kilo": "kg", "kg": "kg", "gram": "gram", "ton": "ton",
    "tonne": "ton", "mph": "mph", "kph": "kph", "km/h": "kph", "second": "second", "minute": "minute", "min": "minute",
    "hour": "hour", "hr": "hour", "day": "day", "week": "week", "month": "month", "year": "year", "degree": "degree",
    "acre": "acre", "hectare": "hectare", "liter": "litre", "litre": "litre", "gallon": "gallon", "barrel": "barrel",
    "megawatt": "MW", "mw": "MW", "gigawatt": "GW", "gw": "GW", "magnitude": "magnitude",
}  # fmt: skip


def _alternatives(words: list[str]) -> str:
    """Words as a pattern grouped by first letter, either case: ten times faster to search than a flat list."""
    initials = sorted({word[0] for word in words})
    groups = (
        f"[{letter}{letter.upper()}](?:{'|'.join(sorted((w[1:] for w in words if w[0] == letter), key=len)[::-1])})"
        for letter in initials
    )
    return "|".join(groups)


_WORDS = _alternatives([*_SMALL, *_ORDINALS, *_SCALES, *(p for p in _PARTS if p not in _ORDINALS), "half"])
_DIGITS = (
    r"\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?"  # 1,300.5
    r"|\d{1,3}(?:\.\d{3}){2,}(?!\d)(?:,\d+)?|\d{1,3}\.\d{3},\d+"  # 1.300.000 and 1.300,5 are never English
    r"|\d{1,3}(?:[ \u00a0\u2009\u202f]\d{3})+(?![\d,.]*\d)"  # 1 300 000
    r"|\d+,\d{1,2}(?![\d,])|\d+(?:\.\d+)?"  # 2,5 and 2.5
)
_TOKEN = re.compile(rf"(?<![^\W_])(?:({_DIGITS})|({_WORDS})(?![^\W_]))")
_ATTACHED = re.compile(r"[^\W\d_]{1,4}(?![^\W_])")
_UNIT = re.compile(
    r"\+?(?:\s?(%|°)|(?:\s|-)(per\s?cent|pct|percentage points?)\b"
    rf"|(?:\s|-)(?:U\.?S\.?\s|American\s)?({'|'.join(_MONEY_WORDS)})s?\b"
    rf"|(?:\s|-)((?:square|cubic)\s|sq\s)?({'|'.join(sorted(MEASURES, key=len)[::-1])})s?\b)",
    re.IGNORECASE,
)
_MONEY = re.compile(r"(?:\b(US|AU?|CA?|HK|NZ|S))?([$€£¥₹₽₩₪])\s?$|\b(USD|EUR|GBP|JPY|CHF|CNY|AUD|CAD|INR)\s?$")
_RANGE = re.compile(r"\s?[-–—−]\s?|\s(?:to|or|and)\s|-to-")
_DIMENSION = re.compile(r"\s(?:tall|high|long|wide|deep|race|sprint|hurdles|freestyle|above|below|from|away)\b")
_HALF_A = re.compile(r"(?:[ -]an?)?[ -](dozen|hundred|thousand|million|billion|trillion)\b")
_HALF_OF = re.compile(r" (?:of|the|its|their|his|her|all|our)\b")
_WHICH_HALF = re.compile(r"\b(?:first|second|other|latter|better|final|1st|2nd|top|bottom|back|early)[ -]$")
LARGEST_SCALED = 10**15  # keeps every product within the 28 digits that a Decimal computes with
# Written before a hyphen these make no name of the number behind it: `mid-2023`, `under-20s`.
_PREFIXES = frozenset("mid pre post under over non early late sub top near some about up".split())


@dataclass(slots=True)
class _Number:
    """A number while it is being read; `scale` is its greatest scale word's value, `last` the kind of its last word."""

    value: Decimal
    start: int
    end: int
    unit: str = ""
    scale: Decimal = Decimal(1)
    last: str = "digits"


def quantities(text: str) -> list[Quantity]:
    """Numbers in `text`, in order.

    Number words reach from zero to hundreds of trillions; `one`, `hundred` and the like alone are none (`one of them`,
    `several hundred`), nor are digits that belong to a name (`KSLV-1`, `G20`). In a range both ends get the unit and
    the scale (`2 to 3 million`). `1.300` is read as English writes it, 1.3.
    """
    found: list[_Number] = []
    for match in _TOKEN.finditer(text):
        start, end = match.span()
        if found and start < found[-1].end:
            continue
        if match[1]:
            if not _in_name(text, start):
                found.append(_from_digits(text, match[1], start, end))
        elif not (found and _extend(text, found[-1], match[2].lower(), start, end)):
            number = _from_word(text, match[2].lower(), start, end)
            if number:
                found.append(number)
        if found and found[-1].end == end:
            _add_unit(text, found[-1])
    _spread(text, found)
    return [Quantity(n.value, n.unit, n.start, n.end) for n in found if n.last != "one" or n.unit]


def swapped_separators(text: str) -> str:
    """Text with points and commas inside numbers exchanged: `1.300,5` reads `1,300.5`. Lengths stay."""
    return re.sub(r"\d[\d.,]*\d", lambda m: m.group().translate(str.maketrans(".,", ",.")), text)


def _in_name(text: str, start: int) -> bool:
    """Whether digits belong to what stands before them: `F-16`, or the rest of `3.11.2`."""
    before = text[start - 1 : start]
    if before == "." and text[start - 2 : start - 1].isdigit():
        return True
    if before != "-":
        return False
    word = re.search(r"[^\W_]*$", text[max(0, start - 20) : start - 1])
    prefix = word.group() if word else ""
    return any(c.isupper() for c in prefix) and prefix.lower() not in _PREFIXES


def _from_digits(text: str, digits: str, start: int, end: int) -> _Number:
    number = _Number(_value(digits), start, end)
    attached = _ATTACHED.match(text, end)
    if not attached:
        return number
    letters = attached.group().lower()
    number.end = attached.end()
    money = bool(_MONEY.search(text[max(0, start - 5) : start]))
    if letters in ("st", "nd", "rd", "th"):
        number.unit = "ordinal"
    elif letters == "s":
        number.unit = "decade"
    elif letters in _SHORT_SCALES and (letters != "m" or money or not _DIMENSION.match(text, number.end)):
        number.scale = _SCALES[_SHORT_SCALES[letters]]
        number.value *= number.scale
    else:
        number.unit = MEASURES.get(letters, letters)
    if money or not number.unit:
        _add_unit(text, number)
    return number


def _value(digits: str) -> Decimal:
    compact = re.sub(r"[ \u00a0\u2009\u202f]", "", digits)
    if re.fullmatch(r"\d+,\d{1,2}|\d{1,3}(?:\.\d{3}){2,}(?:,\d+)?|\d{1,3}\.\d{3},\d+", compact):
        compact = compact.translate(str.maketrans(",", ".", "."))
    return Decimal(compact.replace(",", ""))


def _from_word(text: str, word: str, start: int, end: int) -> _Number | None:
    """A number that begins with this word, or None: a scale needs a count, a fraction what it is a part of."""
    before = text[max(0, start - 10) : start].lower()
    if word in _SMALL:
        return _Number(_SMALL[word], start, end, last="one" if word == "one" else "small")
    if word == "half":
        return _from_half(text, start, end)
    if word in _PARTS and text.startswith(" of", end) and before.endswith(("a ", "one-")):
        return _Number(_share(Decimal(1), word), start, end, last="part")
    if word in _ORDINALS and not (text[start].isupper() and text.startswith(",", end)):  # "Second, ..." counts nothing
        return _Number(_ORDINALS[word], start, end, unit="ordinal", last="ordinal")
    if word in _SCALES and re.search(r"\ba[ -]$", before):
        return _Number(_SCALES[word], start, end, scale=_SCALES[word], last=word)
    return None


def _from_half(text: str, start: int, end: int) -> _Number | None:
    """`half a million`, `half of them`; not `half-brother`, nor the second half of anything."""
    scale = _HALF_A.match(text, end)
    if scale:
        value = _SCALES[scale[1]]
        return _Number(value / 2, start, scale.end(), scale=value, last=scale[1])
    if not _HALF_OF.match(text, end) or _WHICH_HALF.search(text[max(0, start - 12) : start]):
        return None
    return _Number(Decimal("0.5"), start, end, last="part")


def _extend(text: str, number: _Number, word: str, start: int, end: int) -> bool:
    """Continue a number with the next word, where the two read as one: `two` `hundred`, `sixty` `-` `four`."""
    gap = text[number.end : start].lower()
    counted, tight = number.last in ("small", "one"), gap in (" ", "-", "\n")
    if number.unit and number.unit not in _CODES:
        return False
    if word == "half" and gap == " and a " and (counted or number.last == "digits"):
        number.value += Decimal("0.5")
    elif word in _SCALES and tight and number.last not in ("part", "ordinal") and _scales(number, _SCALES[word]):
        number.last = word
    elif word in _PARTS and tight and counted and (word.endswith("s") or number.last == "one"):
        number.value, number.last = _share(number.value, word), "part"
    elif word in _SMALL and (tight or gap == " and ") and _fits(number, _SMALL[word], tight=tight):
        number.value, number.last = number.value + _SMALL[word], "small"
    elif word in _ORDINALS and (tight or gap == " and ") and _fits(number, _ORDINALS[word], tight=tight):
        number.value, number.last, number.unit = number.value + _ORDINALS[word], "ordinal", "ordinal"
    else:
        return False
    number.end = end
    return True


def _fits(number: _Number, value: Decimal, *, tight: bool) -> bool:
    """Whether a small number adds to what stands before it: units to tens, anything smaller to a scale."""
    if number.last == "small":
        return tight and number.value % 100 >= 20 and number.value % 10 == 0 and 0 < value < 10
    return number.last in _SCALES and number.last != "dozen" and value < number.scale


def _scales(number: _Number, scale: Decimal) -> bool:
    """Multiply by a scale what stands behind the last greater one: `two million three` `hundred`."""
    if number.value > LARGEST_SCALED:
        return False
    head = number.value - number.value % number.scale if number.scale > scale else Decimal(0)
    tail = number.value - head
    if not 0 < tail < scale * 1000 or (tail >= scale and number.last != "digits" and scale > 100):
        return False
    number.value, number.scale = head + tail * scale, max(scale, number.scale)
    return True


def _share(count: Decimal, word: str) -> Decimal:
    return round(count / _PARTS[word], 4)


def _add_unit(text: str, number: _Number) -> None:
    """The unit that stands behind or the currency that stands before a number, if one does."""
    money = _MONEY.search(text[max(0, number.start - 5) : number.start])
    if money:
        number.unit = money[3] or _DOLLARS.get(money[1] or "", _CURRENCIES[money[2]])
        return
    if number.unit:
        return
    unit = _UNIT.match(text, number.end)
    if not unit:
        return
    number.end = unit.end()
    if unit[1] or unit[2]:
        number.unit = "degree" if unit[1] == "°" else "%"
    elif unit[3]:
        number.unit = _MONEY_WORDS[unit[3].lower()]
    else:
        number.unit = ("square " if unit[4] else "") + MEASURES[unit[5].lower()]


def _spread(text: str, found: list[_Number]) -> None:
    """Give both ends of a range the unit and the scale that only one states."""
    for left, right in pairwise(found):
        if not _RANGE.fullmatch(text, left.end, right.start) or "ordinal" in (left.unit, right.unit):
            continue
        if right.scale > 1 and left.scale == 1 and left.last == "digits" and left.value < right.value / right.scale:
            left.value, left.scale = left.value * right.scale, right.scale
        if not left.unit:
            # "by 500,000 to 7.5%" is no range
            left.unit = right.unit if left.value < 50 * right.value else ""
        elif not right.unit and left.unit in _CODES:
            right.unit = left.unit
