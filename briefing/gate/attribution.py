"""What a passage only reports somebody as saying is not told as a fact."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from briefing.domain import Reason
from briefing.gate.compare import sentences_of, stands_whole, statements
from briefing.ports import Claim, Passage
from briefing.text import content_words

LEAST = 3  # content words that make a part of a claim a statement of its own
NEARLY = 0.6  # share of the words in common with which another part of a passage says the same
SHORT = 5  # words behind "said" that can only tell who, or when

# How a passage reports words, and how it reports what may be untrue: the plain verbs alone, for they do little else.
_ACCUSES = (
    r"\b(?:alleg\w+|suspect(?:ed|s)?|accus\w+|claim(?:ed|s)|reportedly|rumou?r\w*|unconfirmed|den(?:y|ied|ies|ying)"
    r"|not true|untrue|false(?:ly)?|on trial|charged with|blam\w+|investigat\w+|indict\w+|prosecut\w+|sued|forged"
    r"|leaked)\b"
)
_REPORTS = re.compile(
    rf"\b(?:said|says?|told|tells|according to|argue[ds]?|wrote|writes|added|indicate[ds]?)\b|{_ACCUSES}", re.IGNORECASE
)
_ACCUSATION = re.compile(_ACCUSES, re.IGNORECASE)
# How a claim may show that it reports: wider, for whatever names a source or a view will do.
_SHOWS = re.compile(
    r"""\b(?:sa(?:id|ys?|ying)|t(?:old|ells?)|according|announc|report|claim|alleg|stat(?:ed?s?|ing|ement)\b|add(?:ed|s|ing)\b
    |warn(?:ed|s)\b|den(?:y|ie)|argu|acknowledg|confirm|wr(?:ote|ites?|iting)|tweet|insist|suggest|estimat|belie[fv]
    |th(?:inks?|ought)\b|put[s\ ]|stress|emphasi|describ|call(?:ed|s|ing)\b|indicat|suspect|accus|demand|urg(?:e|ing)
    |reiterat|vow|pledg|testif|conten[dt]|maintain|predict|g[ai]ve|cit(?:ed|es|ing)\b|quot|repeat|express|condemn|critici
    |rul(?:ed|es|ing)\ out|reject|declar|inform|explain|recall|disclos|reveal|view|source|speak|spoke|repl(?:y|ie)
    |respon|rumou?r|not\ true|untrue|false|trial|charged|blam|investigat|indict|prosecut|sued?\b|suing|lawsuit
    |forged)""",
    re.IGNORECASE | re.VERBOSE,
)
_ENDS = re.compile(r"[.!?…][\"'”’)]*\s*$")
_TRAILS = re.compile(r"[,\"”]\s*(?:[\w.’'-]+\s+){0,7}$")  # ", the union's lawyer " before "said"
_ASIDES = re.compile(r",\s+(?=wh(?:o|ich|ose|ere)\b)|;\s+|\s+[–—-]\s+")


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`attribution` where a part of a claim states what the passages only report somebody as saying.

    Each sentence of a claim, and each part between semicolons, is held against the passages' sentence that shares most
    words with it. Written claims alone; of these, a headline may leave out who said it, but not that it is alleged,
    suspected or denied. Caught: "The crew ignored a warning." from "The crew ignored a warning, the union said."
    Passed: the same from a passage that also says so itself; "The union accused the crew of ignoring a warning."; "The
    ferry was built in 1999." from "Falk said that the ferry, which was built in 1999, would be sold."
    """
    if claim.kind != "written" or claim.attributed_to is not None:
        return None
    if stands_whole(claim.text, passages):
        return None
    whole = bool(_ENDS.search(claim.text))
    pieces = [piece for passage in passages for piece in _pieces(passage.text, accusing=not whole)]
    for part in statements(claim.text):
        wanted = frozenset(content_words(part))
        if len(wanted) < LEAST or _SHOWS.search(part):
            continue  # too little to be a statement of its own, or one that names a source
        most = max((len(wanted & words) for words, _ in pieces), default=0)
        if most and not any(len(wanted & stated) >= NEARLY * most for _, stated in pieces):
            return "attribution"
    return None


@lru_cache(maxsize=4096)
def _pieces(text: str, *, accusing: bool) -> tuple[tuple[frozenset[str], frozenset[str]], ...]:
    """The words of each sentence of a passage, and of each aside in it, and those that it states itself.

    The others it reports somebody as saying; `accusing`: reports what may be untrue.
    """
    reports = _ACCUSATION if accusing else _REPORTS
    sentences = sentences_of(text)
    pieces = [*sentences, *(piece for sentence in sentences for piece in _ASIDES.split(sentence)[1:])]
    return tuple(
        (frozenset(content_words(piece)), frozenset(content_words(_stated(piece, reports)))) for piece in pieces
    )


def _stated(text: str, reports: re.Pattern[str]) -> str:
    """A sentence without what it reports: all before ", the union said", all behind "the union said that"."""
    start, end = 0, len(text)
    for match in reports.finditer(text):
        before, behind = text[: match.start()], text[match.end() :]
        names_source = match.group().casefold() == "according to"
        ends = names_source or len(behind.split()) <= SHORT or behind[:1] == ","
        if before and ends and (names_source or _TRAILS.search(before)):
            start = max(start, match.end())
        else:
            end = min(end, match.start())
    return text[start:end] if start < end else ""
