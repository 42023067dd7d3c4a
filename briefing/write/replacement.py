"""The passage that stands in for a sentence which the gate refused twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from briefing.domain import Article, Citation, Draft, Kind, Reason
from briefing.gate.drafts import reasons_against
from briefing.write.answer import Said
from briefing.write.candidates import Candidate, candidates, stems_of, told_from
from briefing.write.choose import ALIKE
from briefing.write.evidence import Evidence
from briefing.write.witness import witnesses


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


def proven(
    text: str,
    citations: Sequence[Citation],
    articles: Mapping[str, Article],
    sources: Sequence[Article],
    others: Sequence[Citation] = (),
) -> tuple[Draft, tuple[Reason, ...]]:
    """A sentence as a draft, and every reason of the gate against it.

    What its own passages hold gets passages of other origins that hold it too. Where a first name alone is lacking, the
    one of the `others` that has it is cited as well. What its passages do not hold cites those that do instead, if
    there are any: never both, for a passage that holds nothing must not stand beside one that does.
    """
    draft = _draft(text, citations, articles)
    reasons = reasons_against(draft, articles)
    if not citations or draft.attributed_to is not None:
        return draft, reasons
    said_by = [] if reasons else [articles[citation.article_id] for citation in citations]
    if reasons == ("name",) and not reasons_against(draft, articles, strict=False):
        choices = [(*citations, other) for other in others]
    else:
        further = witnesses(text, said_by, sources)
        choices = [further if reasons else (*citations, *further)] if further else []
    for choice in choices:
        better = _draft(text, choice, articles)
        if not reasons_against(better, articles):
            return better, ()
    return draft, reasons


def _draft(text: str, citations: Sequence[Citation], articles: Mapping[str, Article]) -> Draft:
    """A sentence with its passages, verbatim where it stands in one as it is; whose opinion it is, where it is one."""
    said_by = [articles[citation.article_id] for citation in citations]
    kind: Kind = "verbatim" if text and any(text in citation.quote for citation in citations) else "written"
    opinion = bool(said_by) and all("opinion" in article.flags for article in said_by)
    return Draft(text, tuple(citations), kind, (said_by[0].author or said_by[0].publisher) if opinion else None)


def _within(one: Candidate, passage: Citation) -> bool:
    return one.article.id == passage.article_id and passage.start <= one.span.start and one.span.end <= passage.end


def _is_told(text: str, told: Iterable[str]) -> bool:
    stems = stems_of(text)
    return any(len(stems & (other := stems_of(one))) >= ALIKE * max(1, min(len(stems), len(other))) for one in told)
