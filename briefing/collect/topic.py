"""`--topic`: the articles about something, found by SQLite's full-text index (BM25, Porter stems, no accents)."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence

from briefing.domain import Article
from briefing.errors import UsageError
from briefing.text import STOP_WORDS, words

_ALL_UP_TO = 3  # content words of a topic that must all occur; of a longer one two thirds must


def about(articles: Sequence[Article], topics: Sequence[str]) -> tuple[Article, ...]:
    """The articles about any of `topics`, in the given order; all of them where there is no topic.

    Each topic is a few words. An article is about it if it holds the topic's content words in any inflection: all
    of up to three, two thirds of more. Raises UsageError for a topic without a content word.
    """
    if not topics:
        return tuple(articles)
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute(
            "CREATE VIRTUAL TABLE news USING fts5(text, tokenize = 'porter unicode61 remove_diacritics 2')"
        )
        connection.executemany("INSERT INTO news (rowid, text) VALUES (?, ?)", enumerate(a.text for a in articles))
        kept = set().union(*(_found(connection, topic) for topic in topics))
    finally:
        connection.close()
    return tuple(article for index, article in enumerate(articles) if index in kept)


def _found(connection: sqlite3.Connection, topic: str) -> set[int]:
    wanted = list(dict.fromkeys(word for word in words(topic) if word not in STOP_WORDS))
    if not wanted:
        raise UsageError(f"--topic {topic!r} holds no word to look for; name what the articles should be about")
    least = len(wanted) if len(wanted) <= _ALL_UP_TO else -(-2 * len(wanted) // 3)
    held: Counter[int] = Counter()
    for word in wanted:
        query = f'"{word}"'  # a quoted string is a phrase: nothing in it is an operator
        held.update(row for (row,) in connection.execute("SELECT rowid FROM news WHERE news MATCH ?", (query,)))
    return {row for row, count in held.items() if count >= least}
