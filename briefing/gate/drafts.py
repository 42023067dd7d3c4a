"""The gate before a draft: its passages are read from the articles, never taken from the draft."""

from __future__ import annotations

from collections.abc import Mapping

from briefing.domain import Article, Draft, Reason
from briefing.gate import examine
from briefing.ports import Claim, Passage


def reasons_against(draft: Draft, articles: Mapping[str, Article], *, strict: bool = True) -> tuple[Reason, ...]:
    """Every reason against a draft, empty where it passes; `articles` are the event's, by id.

    Not `strict`, it is held to its passages as a claim from elsewhere would be.
    """
    passages = []
    for citation in draft.citations:
        article = articles.get(citation.article_id)
        if article is None or article.text[citation.start : citation.end] != citation.quote:
            return ("citation",)
        passages.append(Passage(citation.quote, article.published, article.language, article.id))
    return examine(Claim(draft.text, draft.kind if strict else "given", draft.attributed_to), passages)
