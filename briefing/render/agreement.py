"""How many independent origins say a sentence: those whose passages hold all of it without the others'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from briefing.domain import Citation, Event
from briefing.gate import examine, support_score
from briefing.ports import Claim, Passage

SAYS = 0.75  # support score from which a passage in other words says a sentence too, as where witnesses are sought


def with_agreement(event: Event, origins: Mapping[str, str]) -> Event:
    """The event, its `origins` only those that agree: a page must not call it agreement that two are cited.

    `origins` are the articles', by id.
    """
    return replace(
        event,
        headline=replace(event.headline, origins=_agreeing(event.headline.text, event.headline.citations, origins)),
        sentences=tuple(replace(one, origins=_agreeing(one.text, one.citations, origins)) for one in event.sentences),
        facts=tuple(replace(one, origins=_agreeing(one.text, one.citations, origins)) for one in event.facts),
    )


def _agreeing(text: str, citations: Sequence[Citation], origins: Mapping[str, str]) -> int:
    """The number of origins each of which says the text by itself; 1 where several only say it together.

    "The ambulance service said 14, the hospital said 17", cited from two, is said by neither.
    """
    passages: dict[str, list[Passage]] = {}
    for citation in citations:
        passages.setdefault(origins[citation.article_id], []).append(Passage(citation.quote))
    if len(passages) < 2:
        return len(passages)
    claim = Claim(text, "given")
    return max(1, sum(support_score(claim, own) >= SAYS and not examine(claim, own) for own in passages.values()))
