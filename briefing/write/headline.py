"""The headline: a title that its own article bears out, or else a sentence."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from briefing.domain import Article, Citation, Draft
from briefing.gate import examine
from briefing.names import ordinary
from briefing.ports import Claim, Passage
from briefing.text import content_words, word_form
from briefing.write.candidates import Candidate, stems_of
from briefing.write.unfit import RULES
from briefing.write.witness import witnesses

MOST_CHARACTERS = 140
_RULES = ("question", "instruction", "editorial", "first person", "second person", "address", "speechless")


def headline(articles: Sequence[Article], choices: Sequence[Candidate], weights: Mapping[str, float]) -> Draft | None:
    """The title that says most of what the sources agree on and that its own body bears out.

    Without one, the shortest sentence that opens an article, else the shortest that stands alone; None where there is
    nothing to tell.
    """
    for article in sorted(articles, key=lambda article: -_worth(article.title or "", weights)):
        bearing = _bearing(article)
        if bearing is None:
            continue
        title = article.title or ""
        own = Citation(article.id, 0, len(title), title)
        return Draft(title, (own, bearing, *witnesses(title, [article], articles)), "verbatim")
    alone = [one for one in choices if one.lead_in == 0]
    if not alone:
        return None
    opening = [one for one in alone if one.index == 0] or alone
    best = min(opening, key=lambda one: one.length)
    return Draft(best.text, (best.citation, *witnesses(best.text, [best.article], articles)), "verbatim")


def _bearing(article: Article) -> Citation | None:
    """The sentence of the body that bears the title out best; None where the title may not be told."""
    title = article.title
    if (
        not title
        or len(title) > MOST_CHARACTERS
        or len(title.split()) < 3
        or any(RULES[name](title) for name in _RULES)
    ):
        return None
    claim, body = Claim(_sentence_case(title, article.body), "given"), [Passage(article.body, article.published)]
    if examine(claim, body):
        return None
    stems = stems_of(title)
    quotes = [(span, article.text[span.start : span.end]) for span in article.sentences]
    if not quotes:
        return None
    span, quote = max(quotes, key=lambda pair: len(stems & stems_of(pair[1])))
    return Citation(article.id, *span, quote)


def _sentence_case(title: str, body: str) -> str:
    """The title with small letters on words that are no names: `Ferry Hits Pier` would name a Pier.

    A word is none where the body writes it, or a word that begins alike, with a small letter, or where it is common.
    """
    small = {word[:5] for word in re.findall(r"\b[^\W\d_A-Z][\w’'-]*", body)}

    def lowered(match: re.Match[str]) -> str:
        word = match.group()
        plain = word[:5].lower() in small or ordinary(word_form(word))
        return word if word.isupper() or not plain else word[0].lower() + word[1:]

    return re.sub(r"\b[\w’'-]+", lowered, title)


def _worth(title: str, weights: Mapping[str, float]) -> float:
    """Weight of the title's words by the square root of their number: short titles win where they say as much."""
    stems = content_words(title)
    total: float = sum(weights.get(stem, 0.0) for stem in dict.fromkeys(stems))
    return total / math.sqrt(max(1, len(stems)))
