"""The first tables, and the index of words."""

from __future__ import annotations

from typing import Any

from alembic import op
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    Text,
    UniqueConstraint,
)

revision = "0001"
down_revision = None

Instant = DateTime(timezone=True)

# SQLite: the words of `article_versions`, kept in step by triggers; without accents, as on PostgreSQL.
_WORDS_OF_FILE = (
    """CREATE VIRTUAL TABLE article_words USING fts5(
        title, body, content='article_versions', content_rowid='id', tokenize='unicode61 remove_diacritics 2')""",
    """CREATE TRIGGER article_words_insert AFTER INSERT ON article_versions BEGIN
        INSERT INTO article_words (rowid, title, body) VALUES (new.id, new.title, new.body);
    END""",
    """CREATE TRIGGER article_words_delete AFTER DELETE ON article_versions BEGIN
        INSERT INTO article_words (article_words, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
    END""",
    """CREATE TRIGGER article_words_update AFTER UPDATE OF title, body ON article_versions BEGIN
        INSERT INTO article_words (article_words, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
        INSERT INTO article_words (rowid, title, body) VALUES (new.id, new.title, new.body);
    END""",
)
# PostgreSQL: marks over letters go, and signs that its parser would read as parts of a word, an address or a number.
_WORDS_OF_SERVER = (
    r"""ALTER TABLE article_versions ADD COLUMN words tsvector GENERATED ALWAYS AS (
        to_tsvector('simple', regexp_replace(
            regexp_replace(
                normalize(left(coalesce(title, '') || ' ' || body, 200000), NFD), '[\u0300-\u036f]', '', 'g'),
            '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f]', ' ', 'g'))) STORED""",
    "CREATE INDEX ix_article_versions_words ON article_versions USING gin (words)",
)


def upgrade() -> None:
    """To this step."""
    _sources()
    _articles()
    _briefings()
    _model()
    for statement in _WORDS_OF_SERVER if op.get_context().dialect.name == "postgresql" else _WORDS_OF_FILE:
        op.execute(statement)


def _id() -> Column[int]:
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


def _source(ondelete: str, **of_column: Any) -> Column[int]:
    key = ForeignKey("sources.id", ondelete=ondelete)
    return Column("source_id", BigInteger().with_variant(Integer, "sqlite"), key, **of_column)


def _sources() -> None:
    op.create_table(
        "sources",
        _id(),
        Column("url", Text, nullable=False, unique=True),
        Column("kind", Text, nullable=False),
        Column("name", Text),
        Column("title", Text),
        Column("publisher", Text),
        Column("owner", Text),
        Column("tags", JSON, nullable=False),
        Column("folder", JSON, nullable=False),
        Column("text", Text, nullable=False),
        Column("max_items", Integer),
        Column("max_pages", Integer),
        Column("added_at", Instant, nullable=False),
    )
    op.create_table(
        "source_states",
        _source("CASCADE", primary_key=True),
        Column("address", Text, nullable=False),
        Column("etag", Text),
        Column("modified", Text),
        Column("checked_at", Instant),
        Column("succeeded_at", Instant),
        Column("failing_since", Instant),
        Column("failures", Integer, nullable=False),
        Column("error_kind", Text),
        Column("error", Text),
        Column("next_at", Instant),
        Column("ended_at", Instant),
        Column("moved_to", Text),
        Column("moved_seen", Integer, nullable=False),
    )
    op.create_table(
        "fetches",
        _id(),
        Column("run", Text, nullable=False),
        _source("CASCADE", nullable=False, index=True),
        Column("url", Text, nullable=False),
        Column("at", Instant, nullable=False, index=True),
        Column("seconds", Float, nullable=False),
        Column("outcome", Text, nullable=False),
        Column("error_kind", Text),
        Column("error", Text),
        Column("items", Integer, nullable=False),
        Column("new", Integer, nullable=False),
        Column("edited", Integer, nullable=False),
    )


def _articles() -> None:
    op.create_table(
        "articles",
        Column("id", Text, primary_key=True),
        _source("SET NULL", index=True),
        Column("first_seen", Instant, nullable=False),
        Column("counts_from", Instant, nullable=False, index=True),
        Column("latest", Integer, nullable=False),
        Column("page", Text, nullable=False),
        Column("page_url", Text),
        Column("page_tries", Integer, nullable=False),
        Column("page_after", Instant),
        Column("page_error", Text),
        CheckConstraint("page IN ('none', 'wanted', 'had', 'failed')", name="page"),
        Index(None, "page", "page_after"),
    )
    op.create_table(
        "article_versions",
        _id(),
        Column("article_id", Text, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
        Column("version", Integer, nullable=False),
        Column("sha256", Text, nullable=False, index=True),
        Column("seen_at", Instant, nullable=False, index=True),
        Column("title", Text),
        Column("body", Text, nullable=False),
        Column("published", Text),
        Column("published_from", Text),
        Column("publisher", Text),
        Column("owner", Text),
        Column("url", Text),
        Column("author", Text),
        Column("language", Text),
        Column("flags", JSON, nullable=False),
        Column("credit", Text),
        Column("sentences", JSON, nullable=False),
        UniqueConstraint("article_id", "version"),
        UniqueConstraint("article_id", "sha256"),
    )
    op.create_table(
        "items",
        _id(),
        _source("CASCADE", nullable=False),
        Column("article_id", Text, ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
        Column("digest", Text, nullable=False),
        Column("guid", Text),
        Column("link", Text),
        Column("title", Text),
        Column("last_seen", Instant, nullable=False),
        UniqueConstraint("source_id", "digest"),
        Index(None, "guid", postgresql_using="hash"),
        Index(None, "link", postgresql_using="hash"),
        Index(None, "source_id", "last_seen"),
    )


def _briefings() -> None:
    op.create_table(
        "briefings",
        Column("id", Text, primary_key=True),
        Column("date", Text, nullable=False, index=True),
        Column("title", Text, nullable=False),
        Column("made_at", Instant, nullable=False),
        Column("document", Text, nullable=False),
    )
    op.create_table(
        "citations",
        Column("briefing_id", Text, ForeignKey("briefings.id", ondelete="CASCADE"), primary_key=True),
        Column("article_id", Text, ForeignKey("articles.id"), primary_key=True),
        Column("sha256", Text, primary_key=True),
        Index(None, "article_id", "sha256"),
    )
    op.create_table(
        "events",
        Column("id", Text, primary_key=True),
        Column("storyline_id", Text, nullable=False),
        Column("title", Text, nullable=False),
        Column("first_told", Instant, nullable=False),
        Column("last_told", Instant, nullable=False),
    )
    op.create_table(
        "event_articles",
        Column("event_id", Text, ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
        Column("article_id", Text, ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True),
    )
    op.create_table(
        "sends",
        _id(),
        Column("briefing_id", Text, ForeignKey("briefings.id"), nullable=False),
        Column("recipient", Text, nullable=False),
        Column("message_id", Text, nullable=False, unique=True),
        Column("state", Text, nullable=False),
        Column("tries", Integer, nullable=False),
        Column("next_at", Instant),
        Column("error", Text),
        Column("changed_at", Instant, nullable=False),
        UniqueConstraint("briefing_id", "recipient"),
        CheckConstraint("state IN ('queued', 'sending', 'sent', 'unknown', 'failed')", name="state"),
    )


def _model() -> None:
    op.create_table(
        "spending",
        _id(),
        Column("day", Text, nullable=False, index=True),
        Column("run", Text, nullable=False, index=True),
        Column("tokens", BigInteger, nullable=False),
        Column("cost", Float),
        Column("state", Text, nullable=False),
        CheckConstraint("state IN ('reserved', 'settled')", name="state"),
    )
    op.create_table(
        "answers",
        Column("endpoint", Text, primary_key=True),
        Column("request", Text, primary_key=True),
        Column("recording", Text, nullable=False),
        Column("kept_at", Instant, nullable=False),
    )
