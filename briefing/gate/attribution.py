"""What a passage only reports somebody as saying is not told as a fact."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from briefing.domain import Reason
from briefing.ports import Claim, Passage
from briefing.text import content_words, sentence_spans, visible

LEAST = 3  # content words that make a part of a claim a statement of its own
NEARLY = 0.6  # share of the words in common with which another part of a passage says the same

# How a passage reports words: the plain verbs alone, for they do little else.
_REPORTS = re.compile(
    r"\b(?:said|says|told|tells|according\ to|claim(?:ed|s)|alleg(?:ed|es|edly)|argue[ds]|wrote|writes|added)\b",
    re.IGNORECASE | re.VERBOSE,
)
# How a claim may show that it reports: much wider, for whatever names a source or a view will do.
_SHOWS = re.compile(
    r"""\b(?:sa(?:id|ys?|ying)|t(?:old|ells?)|according|announc|report|claim|alleg|stat(?:ed?|es|ing|ement)\b|add(?:ed|s|ing)
    |warn(?:ed|s)\b|den(?:y|ie)|argu|acknowledg|confirm|wr(?:ote|ites?|iting)|tweet|insist|suggest|estimat|belie[fv]|th(?:ink|ought)
    |expect|hope|put[s\ ]|stress|emphasi|not(?:ed|es|ing)\b|describ|call(?:ed|s|ing)|indicat|show|accus|ask|demand
    |urg|reiterat|vow|pledg|testif|conten[dt]|maintain|predict|g[ai]ve|cit(?:ed|es|ing)|quot|repeat|express|condemn
    |critici|rul(?:ed|es|ing)\ out|reject|declar|inform|explain|recall|disclos|reveal|view|source|speak|spoke|answer
    |repl(?:y|ie)|respon|promis|propos|question|guess|advis|recommend|consider|plan|offer|agree|refus|set\ to)""",
    re.IGNORECASE | re.VERBOSE,
)
_ENDS = re.compile(r"[.!?…][\"'”’)]*\s*$")
_CLAUSES = re.compile(r";\s+|(?<=[.!?])\s+(?=[A-Z“\"])")
_ASIDES = re.compile(r",\s+(?=wh(?:o|ich|ose|ere)\b)|;\s+|\s+[–—-]\s+")


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`attribution` where a part of a claim states what the passages only report somebody as saying.

    Each sentence of a claim, and each part between semicolons, is held against the passages' sentence that shares most
    words with it. Written sentences alone: a headline may leave out who said it. Caught: "The crew ignored a warning."
    from "The crew ignored a warning, the union said." Passed: the same from a passage that also says so itself; "The
    union accused the crew of ignoring a warning."; "The ferry was built in 1999." from "Falk said that the ferry, which
    was built in 1999, would be sold."
    """
    whole = _ENDS.search(claim.text)
    if claim.kind != "written" or not whole or claim.attributed_to is not None:
        return None
    if any(claim.text.strip() in passage.text for passage in passages):
        return None  # whole sentences of an article, their full stops included
    pieces = [piece for passage in passages for piece in _pieces(passage.text)]
    for part in _CLAUSES.split(claim.text):
        wanted = frozenset(content_words(part))
        if len(wanted) < LEAST or _SHOWS.search(part):
            continue  # too little to be a statement of its own, or one that names a source
        common = [(len(wanted & words), reports) for words, reports in pieces]
        most = max((count for count, _ in common), default=0)
        if most and not any(count >= NEARLY * most and not reports for count, reports in common):
            return "attribution"
    return None


@lru_cache(maxsize=4096)
def _pieces(text: str) -> tuple[tuple[frozenset[str], bool], ...]:
    """The words of each sentence of a passage, and of each aside in it, and whether it reports what somebody said."""
    text = visible(text)
    sentences = [text[span.start : span.end] for span in sentence_spans(text)] or [text]
    pieces = sentences + [piece for sentence in sentences for piece in _ASIDES.split(sentence)[1:]]
    return tuple((frozenset(content_words(piece)), bool(_REPORTS.search(piece))) for piece in pieces)
