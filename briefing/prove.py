"""From a writer's drafts to what a reader is shown: every draft goes through the gate against its own passages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from briefing.domain import Article, Cluster, Draft, Headline, Reason, Sentence, Summary, Withheld
from briefing.gate import examine
from briefing.ports import Claim, Passage


def prove(cluster: Cluster, drafts: Sequence[Draft], articles: Sequence[Article]) -> Summary | Withheld:
    """The event's summary; Withheld as a whole where no headline passes, for then there is nothing to show.

    The first draft is the headline. If it fails, the first sentence that passes takes its place.
    """
    by_id = {article.id: article for article in articles}
    passed: list[Sentence] = []
    withheld: list[Withheld] = []
    headline: Headline | None = None
    for number, draft in enumerate(drafts):
        reasons = judge(draft, by_id)
        if reasons:
            withheld.append(Withheld(cluster.id, draft.text or cluster.title, reasons))
            continue
        origins = len({by_id[citation.article_id].origin for citation in draft.citations})
        if number == 0:
            headline = Headline(draft.text, draft.kind, origins, draft.citations)
        else:
            passed.append(Sentence(draft.text, draft.kind, origins, draft.attributed_to, draft.citations))
    if headline is None and passed:
        first = passed.pop(0)
        headline = Headline(first.text, first.kind, first.origins, first.citations)
    if headline is None:
        return withheld[0] if withheld else Withheld(cluster.id, cluster.title, ("empty",))
    return Summary(headline, tuple(passed), tuple(withheld))


def judge(draft: Draft, articles: Mapping[str, Article]) -> tuple[Reason, ...]:
    """Every reason against a draft: its passages are read from the articles, never taken from the draft."""
    passages = []
    for citation in draft.citations:
        article = articles.get(citation.article_id)
        if article is None or article.text[citation.start : citation.end] != citation.quote:
            return ("citation",)
        passages.append(Passage(citation.quote, article.published, article.language))
    return examine(Claim(draft.text, draft.kind, draft.attributed_to), passages)
