"""Sentences that a briefing does not repeat word for word, and why.

A verbatim sentence stands among sentences of other articles, without its page. What needs the page, speaks for its
author, or speaks to the reader or to a machine is left where it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from briefing.dates import MONTHS, WEEKDAYS
from briefing.gate.instruction import instructs, unquoted

__all__ = ["LEAST_WORDS", "MOST_WORDS", "RULES", "instructs", "leans_back", "speaks_of_its_day", "unfit", "unquoted"]

LEAST_WORDS, MOST_WORDS = 5, 60

_SPEECH = (
    r"(?:said|says|say|told|tells|added|adds|stated|argued|asked|insisted|warned|explained|noted|wrote|writes|replied|"
    r"recalled|declared|announced|continued|concluded|stressed|claimed|called)"
)

# Prose that draws a conclusion which no source is named for, or decorates. Found by reading the samples and labelled
# news; a phrase stands here only if no fact can be lost with it.
_FORESIGHT = r"""
    only\ time\ will\ tell | \btime\ will\ tell\b | (?:remains|is\ yet)\ to\ be\ seen
    | \bwhat\ comes\ next\ (?:will|remains|depends)\b | \bwill\ (?:surely|undoubtedly|no\ doubt|certainly)\b
    | \bin\ the\ (?:days|weeks|months|years)(?:\ and\ (?:days|weeks|months|years))?\ (?:to\ come|ahead(?!\ of))\b
    | \brisks?\ igniting\b | \b(?:remains|is)\ uncertain,\ (?:particularly|especially)\b
    | \bwill\ continue\ (?:suffering|to\ suffer)\b | \bmay\ help\ lay\ the\ groundwork\b"""
_SUSPENSE = r"""
    (?<!around\ )(?<!across\ )the\ (?:whole\ )?world\ (?:is\ )?(?:watch|wait|hold)
    | \b(?:hangs|hanging)\ in\ the\ balance\b | \ball\ eyes\ (?:are|will\ be)\b
    | \bno\ (?:clear\ path|end\ in\ sight|easy\ answers)\b | \bfrom\ spiral+ing\ out\ of\ control\b
    | \bgets\ any\ further\ out\ of\ control\b | \bnowhere\ close\ to\b | \bcontinues?\ to\ grapple\b
    | \bdefied\ solution\b"""
_CONCLUSION = r"""
    \b(?:it\ is|it's|it’s)\ (?:clear|obvious|no\ secret|no\ surprise|worth\ (?:noting|remembering))\b
    | \bone\ thing\ is\ (?:clear|certain)\b | \bby\ any\ (?:measure|standard)\b | \bneedless\ to\ say\b
    | \bhas\ a\ crucial\ role\ to\ play\b | \bunderscore[sd]?\ (?:the|how|just)\b | \bhas\ underscored\b
    | \bhighlighted\ just\ how\b | \bspotlighting\b | \bserves?\ as\ a\ reminder\b
    | \b(?:stark|grim|sobering|timely)\ reminder\b"""
_EDITORIAL = re.compile(f"{_FORESIGHT} | {_SUSPENSE} | {_CONCLUSION}", re.IGNORECASE | re.VERBOSE)
_FIRST_PERSON = re.compile(
    r"\b(?:(?<!War )I|I['’](?:m|ve|d|ll)|[Ww]e|[Ww]e['’](?:re|ve|d|ll)|[Mm]y|[Oo]ur|[Oo]urs|us|me)\b"
)
_SECOND_PERSON = re.compile(r"\b(?:you|your|yours|yourself|you['’](?:re|ve|d|ll))\b", re.IGNORECASE)
_ADDRESS = re.compile(
    r"https?:|www\.|\S@\S|\b[\w-]+\.(?:com|org|net|info|io|example|test)\b|[<>{}`]|\]\(", re.IGNORECASE
)
_NOTE = re.compile(
    r"""^(?:correction|clarification|editor['’]s\ note|update|note\ to\ (?:editors|readers))\b[^.]{0,40}:
    | \b(?:earlier|previous)\ version\ of\ this\ (?:article|story|report)\b
    | ^(?:photo|picture|image|file\ photo|watch|video)\s*:""",
    re.IGNORECASE | re.VERBOSE,
)
_ITS_DAY = re.compile(
    r"\b(?:today|tomorrow|yesterday|tonight|(?:this|last) (?:morning|afternoon|evening|night)|heute|morgen|gestern)\b",
    re.IGNORECASE,
)


# What a page says of itself in running text: credits, captions, invitations, how it was made.
_PAGE = re.compile(
    r"""\bcontributed\ to\ this\ (?:report|story|article)\b | \bclick\ here\b | \bto\ subscribe\b
    | \bsign\ up\ (?:for|to)\ our\b | \b(?:file|handout)\ photo(?:graph)?\b | \bphoto\ (?:by|courtesy)\b
    | \bread\ more\b | \ball\ rights\ reserved\b
    | \bmay\ not\ be\ (?:published|reproduced|republished)\b | \(photo\b | \bin\ this\ .{0,40}\bphoto\b
    | ^this\ (?:article|story|report|text|page)\ (?:was|is|has\ been)\ (?:\w+\ ){0,2}
        (?:written|generated|produced|created|compiled|edited|translated|published|updated)\b""",
    re.IGNORECASE | re.VERBOSE,
)


def unfit(text: str) -> str | None:
    """The name of the first rule against telling a sentence word for word, or None."""
    return next((name for name, broken in RULES.items() if broken(text)), None)


def _length(text: str) -> bool:
    return not LEAST_WORDS <= len(text.split()) <= MOST_WORDS


def _fragment(text: str) -> bool:
    """Begins in the middle, or opens a bracket or a quotation that it does not close."""
    return (
        text[0].islower()
        or text.count("(") != text.count(")")
        or (text.count("“") != text.count("”") and "„" not in text)
        or text.count('"') % 2 == 1
    )


def _speechless(text: str) -> bool:
    """A quotation without its speaker: next to nothing stands outside the quotation marks."""
    outside = unquoted(text)
    return outside != text and len(re.findall(r"\w+", outside)) < 2


RULES: dict[str, Callable[[str], bool]] = {
    "length": _length,
    "fragment": _fragment,
    "question": lambda text: text.rstrip('"”’»)').endswith("?"),
    "speechless": _speechless,
    "instruction": instructs,
    "page": lambda text: bool(_PAGE.search(unquoted(text))),
    "editorial": lambda text: bool(_EDITORIAL.search(unquoted(text))),
    "first person": lambda text: bool(_FIRST_PERSON.search(unquoted(text))),
    "second person": lambda text: bool(_SECOND_PERSON.search(unquoted(text))),
    "address": lambda text: bool(_ADDRESS.search(text)),
    "note": lambda text: bool(_NOTE.search(text)),
}

_PRONOUN = r"(?:he|she|they|it|his|her|hers|their|theirs|its|him|them)"
_DEMONSTRATIVE = r"""(?:this|that|these|those|such|both|neither|either|another
    |the\ (?:two|three|former|latter|same|other)\b)"""
_CONNECTIVE = r"""(?:but|and|or|so|yet|nor|meanwhile|however|nonetheless|nevertheless|moreover|furthermore|additionally
    |in\ addition|instead|still|then|later|earlier|afterwards?|also|thus|therefore|hence|otherwise|similarly|likewise
    |by\ contrast|in\ contrast|on\ the\ other\ hand|for\ (?:example|instance)|as\ a\ result|despite\ (?:this|that)
    |without\ (?:this|that)|after\ that|before\ that|at\ the\ same\ time)"""
_PART_OF_SOMETHING = r"""(?:some|others|many|several|most|each|none|all|one)
    \ (?:of\ (?:them|these|those)|(?:(?!hundred)\w+ed|held|were|are|was|have|had|say|did|do)\b)"""
_OPENS_DANGLING = re.compile(
    rf"""^["“‘„«]?(?:{_PRONOUN} | {_DEMONSTRATIVE} | {_CONNECTIVE} | {_PART_OF_SOMETHING})\b""",
    re.IGNORECASE | re.VERBOSE,
)
# "Earlier this month" and "later on Monday" carry their own time: they lean on nothing.
_OWN_TIME = re.compile(
    r"^(?:earlier|later)\s+(?:this|on|in|that same)\s+\w+|^this\s+(?:week|month|year|morning)\b", re.IGNORECASE
)
_SPEAKER_PRONOUN = re.compile(rf"\b(?:he|she|they)\s+{_SPEECH}\b|\b{_SPEECH}\s+(?:he|she|they)\b", re.IGNORECASE)
_SUBJECT_PRONOUN = re.compile(rf"^[^,]{{1,60}},\s+{_PRONOUN}\b", re.IGNORECASE)
_CALENDAR = "|".join(name.title() for name in (*WEEKDAYS, *MONTHS))  # "On Monday, she left" does not say who
_CAPITAL_INSIDE = re.compile(rf"(?<!^)\b(?!(?:{_CALENDAR})\b)[^\W\d_a-z]\w+")


def speaks_of_its_day(text: str) -> bool:
    """Whether a sentence counts from the day it was written on, as "tomorrow" does: told later, it tells wrong."""
    return bool(_ITS_DAY.search(unquoted(text)))


def leans_back(text: str) -> bool:
    """Whether a sentence needs the one before it: it opens on a pronoun or a connective, or its speaker is "he"."""
    if _OWN_TIME.match(text):
        return False
    if _OPENS_DANGLING.match(text):
        return True
    outside = unquoted(text)
    named = bool(_CAPITAL_INSIDE.search(outside))
    if outside != text and not named and _SPEAKER_PRONOUN.search(outside):
        return True
    early = _SUBJECT_PRONOUN.match(text)
    return bool(early) and not _CAPITAL_INSIDE.search(text[: early.end() if early else 0])
