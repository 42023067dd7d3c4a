"""The writer that needs no model: verbatim sentences, chosen and put in order."""

from __future__ import annotations

from collections.abc import Sequence

from briefing.domain import Article, Cluster, Draft
from briefing.ports import Manuscript
from briefing.write.candidates import Candidate, candidates, stems_of, told_from
from briefing.write.choose import choose, concept_weights
from briefing.write.facts import facts
from briefing.write.headline import headline
from briefing.write.order import reading_order
from briefing.write.witness import witnesses

HEADLINE = 2.0  # what the headline says weighs so many times as much in the sentences: the text opens with the news


def write(cluster: Cluster, articles: Sequence[Article], words: int) -> Manuscript:
    """The headline, then sentences of at most `words` words together; empty where nothing can be told.

    `articles` are the event's, in order of time. Implements `ports.Writer`.
    """
    del cluster  # the sentences are the articles' own: nothing of the event's name is needed
    sources = told_from(articles)
    choices = candidates(sources)
    weights = concept_weights(choices)
    top = headline(sources, choices, weights)
    if top is None:
        return Manuscript()
    body = [one for one in choices if one.text != top.text]
    news = weights | {stem: HEADLINE * weights[stem] for stem in sorted(stems_of(top.text)) if stem in weights}
    told = reading_order(choose(body, news, words))
    drafts = (top, *(_draft(one, sources) for one in told))
    return Manuscript(drafts=drafts, facts=facts(drafts, articles))


def _draft(one: Candidate, sources: Sequence[Article]) -> Draft:
    opinion = "opinion" in one.article.flags
    return Draft(
        one.text,
        (one.citation,) if opinion else (one.citation, *witnesses(one.text, [one.article], sources)),
        "verbatim",
        (one.article.author or one.article.publisher) if opinion else None,
    )
