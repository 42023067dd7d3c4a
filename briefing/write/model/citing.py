"""Which passages a sentence cites: those that it names, completed, or others where those do not hold it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from briefing.domain import Article, Citation, Draft, Kind, Reason
from briefing.gate.compare import stands_whole
from briefing.gate.drafts import reasons_against
from briefing.ports import Passage
from briefing.write.model.antecedents import with_antecedents
from briefing.write.witness import witnesses


def proven(
    text: str,
    citations: Sequence[Citation],
    articles: Mapping[str, Article],
    sources: Sequence[Article],
    others: Sequence[Citation] = (),
) -> tuple[Draft, tuple[Reason, ...]]:
    """A sentence as a draft, its citations completed, and every reason of the gate against it.

    `articles` are the event's, by id, `sources` those that may bear it out as well, `others` the rest of its evidence.
    """
    draft = _draft(text, citations, articles)
    reasons = reasons_against(draft, articles)
    if citations and draft.attributed_to is None:
        for choice in _choices(draft, reasons, articles, sources, others):
            better = _draft(text, choice, articles)
            if not reasons_against(better, articles):
                return better, ()
    return draft, reasons


def _choices(
    draft: Draft,
    reasons: Sequence[Reason],
    articles: Mapping[str, Article],
    sources: Sequence[Article],
    others: Sequence[Citation],
) -> Iterator[tuple[Citation, ...]]:
    """Better citations, in the order to be tried.

    What its own passages hold gets passages of other origins that hold it too, and its own begin earlier where they
    only point to what it names. Where a first name alone is lacking, a passage that has it is cited as well. What its
    passages do not hold cites those that do instead: never both, for a passage that holds nothing must not stand beside
    one that does.
    """
    if not reasons:
        own = draft.citations
        if draft.kind == "written":
            own = with_antecedents(draft.text, own, articles)
        yield (*own, *witnesses(draft.text, [articles[citation.article_id] for citation in own], sources))
        yield own
    elif tuple(reasons) == ("name",) and not reasons_against(draft, articles, strict=False):
        for other in others:
            yield (*draft.citations, other)
    elif found := witnesses(draft.text, [], sources):
        yield found


def _draft(text: str, citations: Sequence[Citation], articles: Mapping[str, Article]) -> Draft:
    """A sentence with its passages; whose opinion it is, where it is one.

    It is verbatim where it is whole sentences of a passage: what is cut out of one is written, and proven as such.
    """
    said_by = [articles[citation.article_id] for citation in citations]
    whole = any(text in citation.quote and stands_whole(text, [Passage(citation.quote)]) for citation in citations)
    kind: Kind = "verbatim" if text and whole else "written"
    opinion = bool(said_by) and all("opinion" in article.flags for article in said_by)
    return Draft(text, tuple(citations), kind, (said_by[0].author or said_by[0].publisher) if opinion else None)
