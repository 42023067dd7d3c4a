"""Words are indexed many texts at a time, and entries are known by when they say that they were published, too."""

from __future__ import annotations

from alembic import op
from sqlalchemy import Column, Text

revision = "0002"
down_revision = "0001"

# SQLite: texts whose words are not in the index yet. To index each text in its own transaction takes eight times as
# long. A text that goes is taken out of the index only where it is in it.
_WANTED = (
    "CREATE TABLE article_words_wanted (version_id INTEGER NOT NULL PRIMARY KEY)",
    "DROP TRIGGER article_words_insert",
    "DROP TRIGGER article_words_delete",
    "DROP TRIGGER article_words_update",
    """CREATE TRIGGER article_words_insert AFTER INSERT ON article_versions BEGIN
        INSERT INTO article_words_wanted VALUES (new.id);
    END""",
    """CREATE TRIGGER article_words_delete AFTER DELETE ON article_versions BEGIN
        INSERT INTO article_words (article_words, rowid, title, body) SELECT 'delete', old.id, old.title, old.body
            WHERE NOT EXISTS (SELECT 1 FROM article_words_wanted WHERE version_id = old.id);
        DELETE FROM article_words_wanted WHERE version_id = old.id;
    END""",
    """CREATE TRIGGER article_words_update AFTER UPDATE OF title, body ON article_versions BEGIN
        INSERT INTO article_words (article_words, rowid, title, body) SELECT 'delete', old.id, old.title, old.body
            WHERE NOT EXISTS (SELECT 1 FROM article_words_wanted WHERE version_id = old.id);
        INSERT OR IGNORE INTO article_words_wanted VALUES (new.id);
    END""",
)


def upgrade() -> None:
    """To this step."""
    op.add_column("items", Column("published", Text))
    op.execute("UPDATE items SET published = '?'")  # what they had said is not known: `entries.UNKNOWN`
    op.drop_index("ix_article_versions_sha256", "article_versions")  # nobody asks for a text without its article
    op.create_index("ix_items_title", "items", ["title"], postgresql_using="hash")
    if op.get_context().dialect.name == "sqlite":
        for statement in _WANTED:
            op.execute(statement)
