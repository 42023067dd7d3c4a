"""Lines that say who wrote an article, for whom and when: `By Anna Reyes, The Harbour Post, 2 March 2026`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from briefing.collect.cleaning.credit import agency
from briefing.collect.cleaning.rule import held_words
from briefing.dates import MONTHS, WEEKDAYS, find_stated

_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Byline:
    """What a byline states. `labelled`: it says of its date what it is (`Published ...`, `Last update ...`)."""

    author: str | None = None
    publisher: str | None = None
    published: str | None = None
    updated: str | None = None
    credit: str | None = None
    labelled: bool = False
    opinion: bool = False


_PUBLISHED = re.compile(
    r"(?:first\s+)?(?:published|posted|veröffentlicht|erschienen|publié|publicado|date|datum)(?:\s+(?:on|am|at|le|el))?\s*:?\s+",
    re.IGNORECASE,
)
_UPDATED = re.compile(
    r"\|?\s*(?:(?:last|zuletzt)\s+)?(?:updated?|modified|aktualisiert|geändert|stand)(?:\s+(?:on|am|at|des\s+artikels))?\s*:?\s+"
    r"|letzte\s+(?:aktualisierung|änderung)\s*:?\s+",
    re.IGNORECASE,
)
_BY = re.compile(
    r"(?:(?:written|posted|reported|story|text|published|veröffentlicht|geschrieben)\s+)?(?:by|von|par|por)\s*:?\s+|(?:author|autor|autorin|text)\s*:\s+",
    re.IGNORECASE,
)
_NAME_WORD = r"(?:[^\W\d_a-z][\w.'’\-]*|d['’][A-Z]\w+)"
_NAME = rf"{_NAME_WORD}(?:\s+(?:(?:de|la|van|von|der|den|bin|al|di|da|del|ter|ten|zu)\s+){{0,2}}{_NAME_WORD}){{0,4}}"
_NAMES = re.compile(rf"(?:the\s+)?(?P<names>{_NAME}(?:\s*(?:,|and|&|und|et|y)\s+{_NAME}){{0,3}})(?:\s+in\s+{_NAME})?")
_NO_NAMES = frozenset((*MONTHS, *WEEKDAYS, "today", "yesterday", "night", "then", "now"))
# What a newspaper, broadcaster or site is called by, in the languages that we read.
_MEDIA = (
    "advertiser anzeiger argus bild blatt blog broadcasting bulletin chronicle chronik courier daily digest "
    "dispatch echo examiner express gazette globe guardian herald independent inquirer journal kurier ledger mail "
    "magazine magazin media mercury mirror morgenpost nachrichten news newspaper newspapers observer online page "
    "paper post presse press radio record recorder register reporter review rundfunk rundschau sentinel standard "
    "star sun tagblatt tageblatt tageszeitung telegram telegraph television times today tribune tv voice weekly "
    "wire world zeitung"
).replace(" ", "|")
_MEDIA_NAME = re.compile(
    rf"(?:[^\W\d_a-z][\w.'’&\-]*\s+(?:(?:of|the|de|la|der)\s+){{0,2}}){{1,5}}(?:(?i:{_MEDIA}))(?:\.\w{{2,4}})?"
    r"|[Tt]he\s+[^\W\d_a-z][\w.'’&\-]*(?:\s+[^\W\d_a-z][\w.'’&\-]*){0,4}"
)
_ROLE = re.compile(
    r"(?:(?:our|the|a|an|guest|chief|senior|staff|special|foreign|political|associate|deputy|contributing)\s+)*"
    r"(?:[\w'’\-]+\s+){0,3}(?:columnist|correspondent|reporter|editor|writer|contributor|newsroom|staff|desk|kolumnist(?:in)?"
    r"|redaktion|korrespondent(?:in)?)(?:\s+(?:in|at|for)\s+.{2,40})?"
    r"|(?:a\s+|the\s+)?newsletter\s+(?:of|from)\s+.{2,60}|(?:\d+\s+min(?:ute)?s?\s+read)",
    re.IGNORECASE,
)
_OPINION_ROLE = re.compile(r"columnist|kolumnist|opinion|guest (?:writer|essay|column)", re.IGNORECASE)
# What stands beside a date or a name without naming anybody: a role, a zone, a weekday, nothing.
_SAYS_NOTHING = re.compile(
    rf"{_ROLE.pattern}|(?:{'|'.join(WEEKDAYS)}|(?:mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun)\.?"
    r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch"
    r"|uhr|gmt|utc|bst|ist|c?e[sd]?t|[cmp][sd]t|m[es]z|a\.?m\.?|p\.?m\.?|local time|o['’]clock)?\.?",
    re.IGNORECASE,
)
# What every line that states something holds, and every date: most lines are told from these at once.
_NAMING = frozenset("by von par por autor autorin auteur author text".split())
_MAY_BE_DATE = re.compile(r"\d{4}|\d\.\d\d")
# Written with dots the day stands first wherever it is used.
_DOTTED = re.compile(
    r"(?<![\d.])(?P<d>\d{1,2})\.\s?(?P<m>\d{1,2})\.(?:\s?(?P<y>(?:19|20)\d{2})|(?P<yy>\d{2}))(?![\d]|\.\d)"
)
# With slashes or hyphens one of two numbers is the day for sure where it is greater than twelve.
_DAY_FIRST = re.compile(
    r"(?<![\d/-])(?P<d>1[3-9]|2\d|3[01])([/-])(?P<m>0?[1-9]|1[0-2])\2(?P<y>(?:19|20)\d{2})(?![\d/-])"
)
_MONTH_FIRST = re.compile(r"(?<![\d/])(?P<m>0?[1-9]|1[0-2])/(?P<d>1[3-9]|2\d|3[01])/(?P<y>(?:19|20)\d{2})(?![\d/])")
_YEAR_FIRST = re.compile(r"(?<![\d/])(?P<y>(?:19|20)\d{2})/(?P<m>0?[1-9]|1[0-2])/(?P<d>0?[1-9]|[12]\d|3[01])(?![\d/])")
_DATELINE = 90  # characters
_BEFORE_DAY = re.compile(r"\((?:\w+,\s+)?|\(?[^\W\d_a-z][\w.'’/ \-]{1,40}[,(]\s*(?:\w+,\s+)?")
_AFTER_DAY = re.compile(r"\s*(?:\)\s*)?(?:,?\s*\([^()\d]{2,40}\)\s*)?[–—:-]+\s|\s*\)\s")
_JOINING = re.compile(r"(?:^|\s)(?:on|am|at|le|vom|the)$", re.IGNORECASE)
_PLACE = re.compile(rf"{_NAME}")
_COPYRIGHT = re.compile(
    r"(?:©|\(c\)|copyright)[\s:]*+(?:©|\(c\))?\s*+(?:\d{4}(?:\s?[-–]\s?\d{2,4})?)?,?\s*+(?:by\s+)?", re.IGNORECASE
)
_LEGAL_FORM = re.compile(r"(?:,?\s(?:Ltd|Limited|Inc|LLC|GmbH|plc|Co|Corp|AG|SE|\d{4}))+$", re.IGNORECASE)


@lru_cache(maxsize=4096)
def parse(block: str) -> Byline | None:
    """What `block` states if it is a byline and nothing else; None if it is anything else."""
    if not 4 < len(block) <= _LONGEST or not (_MAY_BE_DATE.search(block) or _NAMING & held_words(block)):
        return None
    stated: dict[str, str] = {}
    parts: list[str] = []
    labelled = False
    for segment in re.split(r"\s*[|·•;]\s*|\s+[–—-]\s+", block.strip(" |*_")):
        kind, rest = _labelled(segment)
        labelled |= kind is not None
        if found := stated_date(rest):
            date, start, end = found
            stated.setdefault(kind or "published", date)
            rest = f"{rest[:start]},{rest[end:]}"
        parts += (_JOINING.sub("", part.strip(" .()[]")) for part in rest.split(","))
    unknown = 0
    for part in parts:
        if by := _author(part):
            stated.setdefault("author", by)
        elif "publisher" not in stated and is_media(part) and not _SAYS_NOTHING.fullmatch(part):
            stated["publisher"] = part
        elif not _SAYS_NOTHING.fullmatch(part):
            unknown += 1 if _PLACE.fullmatch(part) else 2
        if unknown > 1:  # one capitalised name may be a place
            return None
    # a publisher alone may be a heading
    if not stated.keys() & {"author", "published", "updated"}:
        return None
    credit = agency(stated["author"]) if "author" in stated else None
    opinion = any(_OPINION_ROLE.search(part) for part in parts if _ROLE.fullmatch(part))
    return Byline(**stated, credit=credit, labelled=labelled, opinion=opinion)


def stated_date(text: str) -> tuple[str, int, int] | None:
    """As `dates.find_stated`, and also numbers that no two countries read differently: `2.3.2026`, `23/11/2026`."""
    if not _MAY_BE_DATE.search(text):
        return None
    found = find_stated(text)
    first = min(
        (match for form in (_DOTTED, _DAY_FIRST, _MONTH_FIRST, _YEAR_FIRST) if (match := form.search(text))),
        key=lambda match: match.start(),
        default=None,
    )
    if first is None or (found and found[1] < first.start()):
        return found
    part = first.groupdict()
    year = part["y"] or _century(part["yy"])
    iso = f"{year:0>4}-{part['m']:0>2}-{part['d']:0>2}"
    read = find_stated(f"{iso}{text[first.end() :]}")
    if not read or read[1]:
        return found
    return read[0], first.start(), first.end() + read[2] - len(iso)


def dateline_day(block: str) -> str | None:
    """The date of the dateline that a block opens on, as in `BERLIN, 2 March 2026 (dpa) - ` or `(2 March 2026) `."""
    found = stated_date(block[:_DATELINE])
    if not found or not _BEFORE_DAY.fullmatch(block, 0, found[1]) or not _AFTER_DAY.match(block, found[2]):
        return None
    return found[0]


def _century(year: str) -> str:
    """The year that two digits mean: this century's first half or the last one's second."""
    return f"20{year}" if year < "50" else f"19{year}"


def is_media(name: str) -> bool:
    """Whether a name is one that a newspaper, a broadcaster or a site goes by."""
    return len(name) <= 60 and bool(_MEDIA_NAME.fullmatch(name))


def copyright_holder(block: str) -> str | None:
    """Whom a copyright line names, its legal form left out; None where it names nobody."""
    match = _COPYRIGHT.match(block)
    if not match:
        return None
    holder = _LEGAL_FORM.sub("", re.split(r"[.|,·]|\s[–-]\s", block[match.end() :], maxsplit=1)[0].strip())
    empty = re.match(r"all rights|alle rechte|reserved", holder, re.IGNORECASE)
    return holder if holder[:1].isupper() and len(holder) <= 60 and not empty else None


def author_name(text: str) -> str | None:
    """The name in an author field, without `By`; None where it holds none."""
    name = text[match.end() :] if (match := _BY.match(text)) else text
    return name.strip(" ,;|") or None


def _labelled(segment: str) -> tuple[str | None, str]:
    """`published` or `updated` where the segment opens on such a label, and the rest of it."""
    for kind, pattern in (("published", _PUBLISHED), ("updated", _UPDATED)):
        match = pattern.match(segment)
        if match and not _BY.match(segment):
            return kind, segment[match.end() :]
    return None, segment


def _author(part: str) -> str | None:
    by = _BY.match(part)
    match = _NAMES.fullmatch(part, by.end()) if by else None
    if not match or any(word.casefold() in _NO_NAMES for word in match["names"].split()):
        return None
    return match["names"]
