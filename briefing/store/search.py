"""Finding articles by words: SQLite's FTS5, PostgreSQL's text search; both find the same articles.

A word is a run of letters and digits, compared without case and without the accents of Latin letters (on PostgreSQL, of
others too; there the case of letters beyond A to Z goes by the locale of the database, which should not be C).
"""

from __future__ import annotations

import re
import unicodedata

from sqlalchemy import Connection, text

_WORD = re.compile(r"[^\W_]+")

_IN_FILE = text("""
    SELECT article_versions.article_id, -bm25(article_words) AS score
    FROM article_words
    JOIN article_versions ON article_versions.id = article_words.rowid
    JOIN articles ON articles.id = article_versions.article_id AND articles.latest = article_versions.version
    WHERE article_words MATCH :words
    ORDER BY score DESC, article_versions.article_id LIMIT :most
""")
_ON_SERVER = text("""
    SELECT article_versions.article_id, ts_rank(article_versions.words, wanted) AS score
    FROM plainto_tsquery('simple', :words) AS wanted, article_versions
    JOIN articles ON articles.id = article_versions.article_id AND articles.latest = article_versions.version
    WHERE article_versions.words @@ wanted
    ORDER BY score DESC, article_versions.article_id LIMIT :most
""")

_INDEX = (
    text("""
        INSERT INTO article_words (rowid, title, body)
        SELECT article_versions.id, article_versions.title, article_versions.body
        FROM article_words_wanted JOIN article_versions ON article_versions.id = article_words_wanted.version_id
        ORDER BY article_versions.id
    """),
    text("DELETE FROM article_words_wanted"),
)
_IS_WHOLE = text("SELECT NOT EXISTS (SELECT 1 FROM article_words_wanted)")


def index(connection: Connection) -> None:
    """Take the words of the texts stored since the last time into the index; PostgreSQL does so as it stores them."""
    if connection.dialect.name == "sqlite":
        for statement in _INDEX:
            connection.execute(statement)


def is_whole(connection: Connection) -> bool:
    """Whether the words of every text are in the index."""
    return connection.dialect.name != "sqlite" or bool(connection.execute(_IS_WHOLE).scalar())


def search(connection: Connection, words: str, limit: int) -> list[tuple[str, float]]:
    """The ids of the articles whose newest text has all of `words`, the best first, with scores of this search alone.

    Texts that are not in the index yet are not found.
    Whatever a user types is words; without any, nothing is found.
    """
    in_file = connection.dialect.name == "sqlite"
    wanted = _WORD.findall(unicodedata.normalize("NFC", words) if in_file else _plain(words))
    if not wanted:
        return []
    phrase = " ".join(f'"{word}"' for word in wanted) if in_file else " ".join(wanted)
    found = connection.execute(_IN_FILE if in_file else _ON_SERVER, {"words": phrase, "most": limit})
    return [(identifier, float(score)) for identifier, score in found]


def _plain(words: str) -> str:
    """Letters without their marks."""
    return "".join(char for char in unicodedata.normalize("NFD", words) if not "\u0300" <= char <= "\u036f")
