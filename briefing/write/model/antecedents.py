"""What a passage calls "he" or "it" stands before it: a citation that needs it begins earlier."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from briefing.domain import Article, Citation
from briefing.write.candidates import stems_of

MOST = 2  # sentences further back: an antecedent that is not there is a guess
_PRONOUN = re.compile(
    r"\b(?:he|she|it|they|him|them|his|hers?|its|theirs?|this|these|those|the (?:man|woman|company|group|move))\b",
    re.IGNORECASE,
)


def with_antecedents(text: str, citations: Sequence[Citation], articles: Mapping[str, Article]) -> tuple[Citation, ...]:
    """The citations of a sentence, those begun earlier that name what the sentence names and they only point to.

    A passage is extended where it has a pronoun and one of the two sentences before it has a word of the sentence that
    no cited passage has. `articles` are by id.
    """
    missing = set(stems_of(text)).difference(*(stems_of(citation.quote) for citation in citations))
    found = []
    for citation in citations:
        longer = _extended(citation, articles[citation.article_id], missing) if missing else None
        if longer is not None:
            missing -= stems_of(longer.quote)
        found.append(longer or citation)
    return tuple(found)


def _extended(citation: Citation, article: Article, missing: set[str]) -> Citation | None:
    if not _PRONOUN.search(citation.quote):
        return None
    before = [span for span in article.sentences if span.end <= citation.start]
    for span in before[: -MOST - 1 : -1]:
        if missing & stems_of(article.text[span.start : span.end]):
            return Citation(article.id, span.start, citation.end, article.text[span.start : citation.end])
    return None
