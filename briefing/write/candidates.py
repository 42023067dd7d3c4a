"""Which sentences of an event may be told word for word, and which sentence each one leans on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from briefing.dates import instant
from briefing.domain import Article, Citation, Span
from briefing.text import content_words
from briefing.write.unfit import RULES, instructs, leans_back, speaks_of_its_day, unfit

EARLIER, DAYS = 0.75, 3  # what a day before an event's newest leaves of a sentence's worth; most days counted


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be told. `index` is its place among its article's sentences.

    `lead_in` is the number of sentences before it that have to be told with it, 0 where it stands on its own. `age`
    is what the days since leave of its worth, for earlier news may be overtaken; `day_bound` says that it counts from
    its own day ("tomorrow") and soon tells wrong.
    """

    article: Article
    index: int
    text: str
    stems: tuple[str, ...]
    lead_in: int
    age: float = 1.0
    day_bound: bool = False

    @property
    def span(self) -> Span:
        """Half-open offsets into the article's text."""
        return self.article.sentences[self.index]

    @property
    def length(self) -> int:
        """Words, as `--words` counts them."""
        return len(self.text.split())

    @property
    def citation(self) -> Citation:
        """The passage that the sentence is."""
        return Citation(self.article.id, *self.span, self.text)


@lru_cache(maxsize=8192)  # the sentences of an event are compared with each other many times
def stems_of(text: str) -> frozenset[str]:
    """The stems of a sentence's content words."""
    return frozenset(content_words(text))


def told_from(articles: Sequence[Article]) -> tuple[Article, ...]:
    """The articles of an event that its sentences may come from, in the order given.

    Reports before machine-written ones before opinion: a later kind is used only where there is no earlier one. Of
    reports in several languages, those in the language of most (the first where equal) are told.
    """
    texts = [article for article in articles if article.sentences]
    for flags in ({"opinion", "ai-written"}, {"opinion"}, set[str]()):
        pool = [article for article in texts if not flags.intersection(article.flags)]
        if pool:
            break
    else:
        return ()
    languages = Counter(article.language for article in pool if article.language)
    main = languages.most_common(1)[0][0] if languages else None
    return tuple(article for article in pool if article.language in (main, None))


def candidates(articles: Sequence[Article]) -> list[Candidate]:
    """The sentences of `articles` that may be told, in order of article and place."""
    found = []
    ages = _ages(articles)
    for article in articles:
        ordered = article.text
        banned = _banned_lines(article)
        lead_in: list[int | None] = []
        for index, span in enumerate(article.sentences):
            text = ordered[span.start : span.end]
            needs: int | None = 0
            if unfit(text) or ordered.count("\n", 0, span.start) in banned:
                needs = None
            elif leans_back(text):
                before = lead_in[index - 1] if index else None
                needs = before + 1 if before is not None and before < 2 else None
            lead_in.append(needs)
            if needs is not None:
                stems = tuple(content_words(text))
                found.append(Candidate(article, index, text, stems, needs, ages[article.id], speaks_of_its_day(text)))
    return found


def _ages(articles: Sequence[Article]) -> dict[str, float]:
    """What age leaves of each article's worth: `EARLIER` for every day before the newest, at most `DAYS` of them."""
    days = {article.id: moment.date() for article in articles if (moment := instant(article.published))}
    newest = max(days.values(), default=None)
    return {
        article.id: EARLIER ** min(DAYS, (newest - days[article.id]).days) if newest and article.id in days else 1.0
        for article in articles
    }


def _banned_lines(article: Article) -> set[int]:
    """Numbers of the lines of `text` that give orders to a language model, or correct the article itself."""
    lines = {span: article.text.count("\n", 0, span.start) for span in article.sentences}
    banned = {
        line
        for span, line in lines.items()
        if instructs(text := article.text[span.start : span.end]) or RULES["note"](text)
    }
    return banned if banned != set(lines.values()) else set()  # an article of one paragraph is not silenced by one line
