"""Editions of profiles, and an outbox of them: a row an edition and recipient."""

from __future__ import annotations

from alembic import op
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    ForeignKey,
    Integer,
    Text,
    UniqueConstraint,
)

revision = "0003"
down_revision = "0002"

Instant = DateTime(timezone=True)


_Number = BigInteger().with_variant(Integer, "sqlite")


def _id() -> Column[int]:
    return Column("id", _Number, primary_key=True)


def upgrade() -> None:
    """To this step. What `sends` was before, no version of the program has ever written to."""
    op.drop_table("sends")
    op.create_table(
        "profiles",
        Column("name", Text, primary_key=True),
        Column("known_since", Instant, nullable=False),
        Column("looked_at", Instant, nullable=False),
    )
    op.create_table(
        "editions",
        _id(),
        Column("profile", Text, nullable=False),
        Column("day", Text, nullable=False),
        Column("state", Text, nullable=False),
        Column("briefing_id", Text, ForeignKey("briefings.id")),
        Column("covers_until", Instant),
        Column("made_at", Instant, nullable=False),
        Column("subject", Text),
        Column("html", Text),
        Column("text", Text),
        Column("tries", Integer, nullable=False),
        Column("next_at", Instant),
        Column("error", Text),
        UniqueConstraint("profile", "day"),
        CheckConstraint("state IN ('made', 'empty', 'missed', 'failed')", name="state"),
    )
    op.create_table(
        "sends",
        _id(),
        Column("edition_id", _Number, ForeignKey("editions.id", ondelete="CASCADE"), nullable=False),
        Column("recipient", Text, nullable=False),
        Column("message_id", Text, nullable=False, unique=True),
        Column("state", Text, nullable=False, index=True),
        Column("tries", Integer, nullable=False),
        Column("queued_at", Instant, nullable=False),
        Column("next_at", Instant, nullable=False),
        Column("changed_at", Instant, nullable=False),
        Column("answer", Text),
        UniqueConstraint("edition_id", "recipient"),
        CheckConstraint("state IN ('queued', 'sending', 'sent', 'unknown', 'failed')", name="state"),
    )
    op.create_table(
        "departures",
        Column("profile", Text, primary_key=True),
        Column("address", Text, primary_key=True),
        Column("left_at", Instant, nullable=False),
        Column("by_hand", Boolean, nullable=False),
    )
    op.create_table(
        "mailboxes",
        Column("address", Text, primary_key=True),
        Column("bounces", Integer, nullable=False),
        Column("bounced_at", Instant, nullable=False),
        Column("suppressed_at", Instant),
        Column("answer", Text),
    )
