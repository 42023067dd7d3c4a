"""The passage that stands in for a sentence which the gate refused twice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from briefing.domain import Article, Citation, Draft
from briefing.write.candidates import Candidate, candidates, stems_of, told_from
from briefing.write.choose import ALIKE
from briefing.write.model.answer import Said
from briefing.write.model.citing import proven
from briefing.write.model.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Replacements:
    """The sentences of an event that may be told word for word, and stand on their own."""

    evidence: Evidence
    sources: tuple[Article, ...]
    alone: tuple[Candidate, ...]

    @classmethod
    def of(cls, evidence: Evidence) -> Replacements:
        """Those of the evidence's articles."""
        sources = told_from(evidence.articles)
        return cls(evidence, sources, tuple(one for one in candidates(sources) if not one.lead_in))

    def find(self, said: Said, told: Iterable[str]) -> Draft | None:
        """The sentence of a cited passage that says most of what `said` does; None where `told` tells it already."""
        by_id = self.evidence.by_id
        cited = [by_id[name].citation for name in said.cites if name in by_id]
        wanted = stems_of(said.text)
        inside = [one for one in self.alone if any(_within(one, citation) for citation in cited)]
        inside = [one for one in inside if len(wanted & stems_of(one.text)) > 0]
        articles = {article.id: article for article in self.sources}
        for one in sorted(inside, key=lambda one: -len(wanted & stems_of(one.text))):
            draft, reasons = proven(one.text, [one.citation], articles, self.sources)
            if not reasons and not _is_told(one.text, told):
                return draft
        return None


def _within(one: Candidate, passage: Citation) -> bool:
    return one.article.id == passage.article_id and passage.start <= one.span.start and one.span.end <= passage.end


def _is_told(text: str, told: Iterable[str]) -> bool:
    stems = stems_of(text)
    return any(len(stems & (other := stems_of(one))) >= ALIKE * max(1, min(len(stems), len(other))) for one in told)
