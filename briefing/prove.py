"""From a writer's drafts to what a reader is shown: every draft goes through the gate against its own passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from briefing.domain import Article, Cluster, Draft, Fact, Headline, Sentence, Summary, Withheld
from briefing.gate.drafts import reasons_against
from briefing.ports import Manuscript


def prove(cluster: Cluster, manuscript: Manuscript, articles: Sequence[Article]) -> Summary | Withheld:
    """The event's summary; Withheld as a whole where no headline passes, for then there is nothing to show.

    The first draft is the headline. If it fails, the first sentence that passes takes its place.
    """
    by_id = {article.id: article for article in articles}
    passed: list[Sentence] = []
    withheld: list[Withheld] = list(manuscript.withheld)
    headline: Headline | None = None
    for number, draft in enumerate(manuscript.drafts):
        reasons = reasons_against(draft, by_id)
        if reasons:
            withheld.append(Withheld(cluster.id, draft.text or cluster.title, reasons))
            continue
        origins = _origins(draft, by_id)
        if number == 0:
            headline = Headline(draft.text, draft.kind, origins, draft.citations)
        else:
            passed.append(Sentence(draft.text, draft.kind, origins, draft.attributed_to, draft.citations))
    if headline is None and passed:
        first = passed.pop(0)
        headline = Headline(first.text, first.kind, first.origins, first.citations)
    if headline is None:
        return withheld[0] if withheld else Withheld(cluster.id, cluster.title, ("empty",))
    facts = []
    for aspect, draft in manuscript.facts:
        reasons = reasons_against(draft, by_id)
        if reasons:
            withheld.append(Withheld(cluster.id, draft.text or aspect, reasons))
        else:
            facts.append(Fact(aspect, draft.text, draft.kind, _origins(draft, by_id), draft.citations))
    return Summary(headline, tuple(passed), tuple(withheld), tuple(facts))


def _origins(draft: Draft, articles: Mapping[str, Article]) -> int:
    return len({articles[citation.article_id].origin for citation in draft.citations})
