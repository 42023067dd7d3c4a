"""Who else says it: passages of other origins that hold a sentence, so that it carries their citations too."""

from __future__ import annotations

from collections.abc import Sequence

from briefing.domain import Article, Citation
from briefing.gate import examine, support_score
from briefing.ports import Claim, Passage
from briefing.write.candidates import stems_of

MOST = 3  # further citations a sentence: enough to show agreement, few enough to read
OVERLAP = 0.5  # share of the sentence's stems in the passage below which the gate need not be asked
SUPPORT = 0.75  # support score from which a passage of other words counts as saying the same


def witnesses(text: str, said_by: Sequence[Article], articles: Sequence[Article]) -> tuple[Citation, ...]:
    """Passages of other origins than `said_by` has, one an origin, each of which alone holds `text` to the gate."""
    claim, stems = Claim(text, "given"), stems_of(text)
    known = {article.origin for article in said_by}
    found: dict[str, Citation] = {}
    for article in articles:
        if article.origin in known or article.origin in found or len(found) == MOST:
            continue
        best, best_score = None, 0.0
        for span in article.sentences:
            quote = article.text[span.start : span.end]
            if len(stems & stems_of(quote)) < OVERLAP * len(stems):
                continue
            passages = [Passage(quote, article.published, article.language)]
            score = support_score(claim, passages)
            if score >= SUPPORT and score > best_score and not examine(claim, passages):
                best, best_score = Citation(article.id, *span, quote), score
        if best is not None:
            found[article.origin] = best
    return tuple(found.values())
