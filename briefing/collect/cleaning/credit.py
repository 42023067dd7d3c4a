"""The news agency that a report credits, in its dateline or its byline."""

from __future__ import annotations

import re

# Agencies by the forms that bylines and datelines use. Names that also are common words stand only where they are
# capitalised alone in a byline.
_AGENCIES = {
    "Agence France-Presse": ("afp", "agence france presse"),
    "Associated Press": ("ap", "the associated press", "associated press", "ap news"),
    "Reuters": ("reuters", "thomson reuters", "reuters staff"),
    "Deutsche Presse-Agentur": ("dpa", "deutsche presse agentur"),
    "Agencia EFE": ("efe", "agencia efe"),
    "ANSA": ("ansa",),
    "Press Association": ("pa", "pa media", "press association", "pa news agency"),
    "Bloomberg": ("bloomberg", "bloomberg news"),
    "United Press International": ("upi", "united press international"),
    "Xinhua": ("xinhua", "xinhua news agency"),
    "TASS": ("tass",),
    "Interfax": ("interfax",),
    "Kyodo News": ("kyodo", "kyodo news"),
    "Yonhap": ("yonhap", "yonhap news agency"),
    "Anadolu Agency": ("aa", "anadolu", "anadolu agency"),
    "Austria Presse Agentur": ("apa", "austria presse agentur"),
    "Keystone-SDA": ("sda", "keystone sda"),
    "Epd": ("epd",),
    "Press Trust of India": ("pti", "press trust of india"),
    "Asian News International": ("ani", "asian news international"),
    "Canadian Press": ("the canadian press", "canadian press"),
    "Australian Associated Press": ("aap", "australian associated press"),
    "Belga": ("belga",),
    "NTB": ("ntb",),
    "Ritzau": ("ritzau",),
    "Inter Press Service": ("ips", "inter press service"),
    "Jiji Press": ("jiji", "jiji press"),
    "Bernama": ("bernama",),
    "Antara": ("antara",),
}
_BY_FORM = {form: name for name, forms in _AGENCIES.items() for form in forms}
# What only an agency's name ends on: a paper is called "The Kestrel Press" rarely, and then it is its own publisher.
_AGENCY_NAME = re.compile(
    r"(?:the )?(?:[A-Z][\w'’.\-]*\s+){1,3}"
    r"(?:Press|News Agency|Press Agency|Agency|Newswire|News Wire|News Service|Wire Service|Wire)"
)
_PLACE_WORD = r"[A-ZÀ-Þ][\w.'’\-]*+"
_PLACE = rf"{_PLACE_WORD}(?:[, /]++(?:(?:of|de|la|el|am|an der)[ -])?{_PLACE_WORD}){{0,5}}+"
_DATELINE = re.compile(
    rf"(?:(?P<place>{_PLACE})(?:,? \d{{1,2}}(?: [A-Z]\w+)?)?(?:,? \d{{4}})?,?)?[\s,–—-]*+"
    r"\((?P<name>[^()\d]{2,40})\)\s*+[-–—:]++\s++(?=\S)"
)
_BARE_DATELINE = re.compile(
    r"[A-ZÀ-Þ][A-ZÀ-Þ.'’\-]++(?:[ ,]++[A-ZÀ-Þ][A-ZÀ-Þ.'’\-]*+(?![a-zß-ÿ])){0,4}"
    r"(?:, [A-Z][\w.]++(?: \d{1,2})?)?\s+[–—-]+\s+(?=[A-ZÀ-Þ])"
)


def agency(name: str) -> str | None:
    """The agency's usual name if `name` is an agency, by the list or by its form; None if it is not."""
    plain = " ".join(name.replace("-", " ").replace("/", " ").split()).strip(" .,")
    if known := _BY_FORM.get(plain.casefold()):
        # short forms are initials: "Pa" or "Ani" is somebody's name
        return known if len(plain) > 3 or plain.isupper() or plain == "dpa" else None
    return plain.removeprefix("the ").removeprefix("The ") if _AGENCY_NAME.fullmatch(plain) else None


def dateline(block: str) -> tuple[str | None, int]:
    """The agency that a block's dateline credits, and the dateline's length; `(None, 0)` where there is none.

    `KESTREL BAY (Meridian Press) - `, `LONDON, March 3 (Reuters) — `, `(AP) - `, `LONDON — `.
    """
    head = block[:120]
    if match := _DATELINE.match(head):
        place, name = match["place"], match["name"].strip()
        known = agency(name)
        if known or (place and place.strip(" ,").isupper() and name[:1].isupper()):
            return known or name, match.end()
    if match := _BARE_DATELINE.match(head):
        return None, match.end()
    return None, 0
