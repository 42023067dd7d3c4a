"""How many independent origins say a sentence: those whose passages hold all of it without the others'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from briefing.domain import ArticleRecord, Citation, Event
from briefing.gate import examine, support_score
from briefing.ports import Claim, Passage
from briefing.write.witness import SUPPORT


def with_agreement(event: Event, articles: Mapping[str, ArticleRecord]) -> Event:
    """The event, its `origins` only those that agree: a page must not call it agreement that two are cited.

    `articles` are by id.
    """

    def agreeing(text: str, citations: Sequence[Citation]) -> int:
        return _agreeing(text, citations, articles)

    return replace(
        event,
        headline=replace(event.headline, origins=agreeing(event.headline.text, event.headline.citations)),
        sentences=tuple(replace(one, origins=agreeing(one.text, one.citations)) for one in event.sentences),
        facts=tuple(replace(one, origins=agreeing(one.text, one.citations)) for one in event.facts),
    )


def _agreeing(text: str, citations: Sequence[Citation], articles: Mapping[str, ArticleRecord]) -> int:
    """The number of origins each of which says the text by itself; 1 where several only say it together.

    "The ambulance service said 14, the hospital said 17", cited from two, is said by neither.
    """
    passages: dict[str, list[Passage]] = {}
    for citation in citations:
        article = articles[citation.article_id]
        passage = Passage(citation.quote, article.published, article.language)
        passages.setdefault(article.origin, []).append(passage)
    if len(passages) < 2:
        return len(passages)
    claim = Claim(text, "given")
    return max(1, sum(support_score(claim, own) >= SUPPORT and not examine(claim, own) for own in passages.values()))
