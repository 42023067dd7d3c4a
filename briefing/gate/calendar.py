"""Days, months, years and clock times in running text, and what follows from them once an article's day is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

from briefing.dates import MONTHS, WEEKDAYS


@dataclass(frozen=True, slots=True)
class Mention:
    """One date or clock time as written, in the parts that it states, with half-open offsets into the text.

    `weekday` is 0 for Monday; `minute` counts from midnight, and where `twelve` is true only on a twelve-hour clock;
    `away` is days from the article's day (`yesterday` is -1), `years_away` years from its year.
    """

    start: int
    end: int
    year: int | None = None
    month: int | None = None
    day: int | None = None
    weekday: int | None = None
    minute: int | None = None
    twelve: bool = False
    away: int | None = None
    years_away: int | None = None


_ENGLISH = "january february march april may june july august september october november december".split()


def _names(words: Iterable[str]) -> str:
    return "|".join(f"[{w[0]}{w[0].upper()}]{w[1:]}" for w in sorted(words, key=len, reverse=True))


_MONTH = _names(MONTHS)
_DAY = r"(\d{1,2})(?:st|nd|rd|th|\.)?"
_YEAR = r"(1[5-9]\d\d|20\d\d)(?![\d%]|[.,]\d)"
_SECOND = r"(?:\s?[-–—]\s?|\s(?:to|and|or|through|bis|und|y|al|et|au)\s)(?:the\s)?"
_DAY_FIRST = re.compile(
    rf"(?<![\w.,:$€£]){_DAY}(?:{_SECOND}{_DAY})?[\s-](?:of\s|de\s)?({_MONTH})\b\.?(?:,?[\s-](?:de\s)?{_YEAR})?"
)
_MONTH_FIRST = re.compile(
    rf"\b({_MONTH})\.?\s(\d{{1,2}})(?:st|nd|rd|th)?(?![\w%]|[.,:]\d)"
    rf"(?:{_SECOND}(\d{{1,2}})(?:st|nd|rd|th)?(?![\w%]|[.,:]\d)(?!\s[a-z]))?(?:,?\s{_YEAR})?"
)
_ISO = re.compile(r"(?<![\w-])(\d{4})-(\d{2})-(\d{2})(?!\d)")
_MONTH_ONLY = re.compile(rf"\b({'|'.join(map(str.title, _ENGLISH))})\b(?:,?\s(?:of\s)?{_YEAR})?")
_YEAR_ONLY = re.compile(rf"(?<![\w.,:$€£#]){_YEAR}(?![^\W\d_])")
_WEEKDAY = re.compile(rf"\b({_names(WEEKDAYS)})s?\b")
_TIMES = re.compile(
    r"(?<![\w.,:])(?:(\d{1,2})(?:[:.]([0-5]\d))?\s?([aApP])\.?\s?[mM]\b|([01]?\d|2[0-3])[:.]([0-5]\d)\s?(?:Uhr|h)\b"
    r"|([01]?\d|2[0-3]):([0-5]\d)(?![\d:])|([01]\d|2[0-3])([0-5]\d)\s(?:GMT|UTC|BST|E[SD]T|CES?T|local time|hours)\b)"
)
_NOON = re.compile(r"\b(?:noon|midday|midnight)\b", re.IGNORECASE)
_AWAY = re.compile(
    r"\b(today|tonight|this (?:morning|afternoon|evening)|yesterday|last night|tomorrow|(?:this|last|next) year)\b",
    re.IGNORECASE,
)
# "March" and "May" are verbs too: alone they are months only behind a word that places them in time.
_PLACING = re.compile(r"\b(?:in|of|since|by|until|till|from|to|and|early|mid|late|last|next|this|during|for)[ -]$")
_AMBIGUOUS = frozenset(("may", "march", "mar", "mars", "mai", "mayo", "sep", "sept", "jan", "dec", "marzo"))


@lru_cache(maxsize=4096)
def mentions(text: str) -> tuple[Mention, ...]:
    """Dates and clock times in `text`, in order, none overlapping another."""
    found: list[Mention] = []
    covered = bytearray(len(text))
    for reader in (_iso, _days, _times, _months, _words):
        new = [mention for mention in reader(text) if not any(covered[mention.start : mention.end])]
        for mention in new:
            covered[mention.start : mention.end] = b"\1" * (mention.end - mention.start)
        found += new
    return tuple(sorted(found, key=lambda mention: mention.start))


def _iso(text: str) -> Iterator[Mention]:
    for match in _ISO.finditer(text):
        if (the_day := _date(*map(int, match.groups()))) is not None:
            yield Mention(*match.span(), the_day.year, the_day.month, the_day.day)


def _days(text: str) -> Iterator[Mention]:
    """`7 October 2023`, `Oct. 7-9`, `7th and 8th of October`: one mention for each day."""
    for match in _DAY_FIRST.finditer(text):
        first, second, month, year = match.groups()
        yield from _each(match, month, (first, second), year)
    for match in _MONTH_FIRST.finditer(text):
        month, first, second, year = match.groups()
        if month[0].isupper():
            yield from _each(match, month, (first, second), year)


def _each(match: re.Match[str], month: str, days: Iterable[str | None], year: str | None) -> Iterator[Mention]:
    if month.lower() in _AMBIGUOUS and month[0].islower():
        return
    for number in days:
        if number and 1 <= int(number) <= 31:
            yield Mention(*match.span(), int(year) if year else None, MONTHS[month.lower()], int(number))


def _times(text: str) -> Iterator[Mention]:
    for match in _TIMES.finditer(text):
        hour, minute, half, hour2, minute2, hour3, minute3, hour4, minute4 = match.groups()
        if half:
            if 1 <= int(hour) <= 12:
                noon = 12 * (half in "pP")
                yield Mention(*match.span(), minute=60 * (int(hour) % 12 + noon) + int(minute or 0))
            continue
        hours, minutes = int(hour2 or hour3 or hour4), int(minute2 or minute3 or minute4)
        twelve = bool(hour3) and hours <= 12 and not hour3.startswith("0")
        yield Mention(*match.span(), minute=60 * hours + minutes, twelve=twelve)
    for match in _NOON.finditer(text):
        yield Mention(*match.span(), minute=0 if match.group().lower() == "midnight" else 720)


def _months(text: str) -> Iterator[Mention]:
    for match in _MONTH_ONLY.finditer(text):
        name, year = match[1].lower(), match[2]
        if year or name not in _AMBIGUOUS or _PLACING.search(text[max(0, match.start() - 10) : match.start()].lower()):
            yield Mention(*match.span(), int(year) if year else None, MONTHS[name])


def _words(text: str) -> Iterator[Mention]:
    for match in _YEAR_ONLY.finditer(text):
        yield Mention(*match.span(), int(match[1]))
    for match in _WEEKDAY.finditer(text):
        yield Mention(*match.span(), weekday=WEEKDAYS.index(match[1].lower()))
    for match in _AWAY.finditer(text):
        word = match[1].lower()
        if word.endswith("year"):
            yield Mention(*match.span(), years_away={"this": 0, "last": -1, "next": 1}[word[:4]])
        else:
            yield Mention(*match.span(), away={"yesterday": -1, "last night": -1, "tomorrow": 1}.get(word, 0))


@dataclass(frozen=True, slots=True)
class Known:
    """What passages say of time: whole days, days without a year (month, day), months, years, weekdays, times."""

    dates: set[date] = field(default_factory=set)
    days: set[tuple[int, int]] = field(default_factory=set)
    months: set[int] = field(default_factory=set)
    years: set[int] = field(default_factory=set)
    weekdays: set[int] = field(default_factory=set)
    minutes: set[tuple[int, bool]] = field(default_factory=set)

    def allows(self, mention: Mention) -> bool:
        """Whether what a claim states follows from what the passages say."""
        if mention.minute is not None:
            return self._allows_minute(mention.minute, twelve=mention.twelve)
        if mention.weekday is not None:
            return mention.weekday in self.weekdays or any(d.weekday() == mention.weekday for d in self.dates)
        year, month, day = mention.year, mention.month, mention.day
        for known in self.dates:
            if year in (None, known.year) and month in (None, known.month) and day in (None, known.day):
                return True
        if month is None:
            return year is None or year in self.years
        stated = (month, day) in self.days if day is not None else month in self.months
        return stated and (year is None or year in self.years)

    def _allows_minute(self, minute: int, *, twelve: bool) -> bool:
        return any(
            minute == known or ((twelve or loose) and minute % 720 == known % 720) for known, loose in self.minutes
        )


def known(texts: Iterable[tuple[str, str | None]]) -> Known:
    """What passages say of time, each given with its article's day (ISO 8601) or None.

    A weekday or a day without a year means the last such day up to the article's or the next one after it.
    """
    told = Known()
    for text, published in texts:
        today = _parse(published)
        for mention in mentions(text):
            _add(told, mention, today)
    return told


def _add(told: Known, mention: Mention, today: date | None) -> None:
    if mention.minute is not None:
        told.minutes.add((mention.minute, mention.twelve))
    if mention.weekday is not None:
        told.weekdays.add(mention.weekday)
        if today:
            back = timedelta((today.weekday() - mention.weekday) % 7)
            told.dates.update(_shifted(today, -back.days, 7 - back.days))
    if mention.away is not None and today:
        told.dates.update(_shifted(today, mention.away))
    if mention.years_away is not None and today:
        told.years.add(today.year + mention.years_away)
    if mention.year is not None:
        told.years.add(mention.year)
    if mention.month is not None:
        told.months.add(mention.month)
        if mention.day is not None:
            told.days.add((mention.month, mention.day))
            years = [mention.year] if mention.year else _years_around(today, mention.month, mention.day)
            told.dates.update(d for y in years if (d := _date(y, mention.month, mention.day)) is not None)


def _years_around(today: date | None, month: int, day: int) -> list[int]:
    """The year of the last such day up to `today`, and of the next."""
    if today is None:
        return []
    before = today.year if (month, day) <= (today.month, today.day) else today.year - 1
    return [before, before + 1]


def _shifted(today: date, *days: int) -> Iterator[date]:
    for number in days:
        try:
            yield today + timedelta(number)
        except OverflowError:
            continue


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _parse(published: str | None) -> date | None:
    try:
        return date.fromisoformat(published[:10]) if published else None
    except ValueError:
        return None
