"""The tables. Moments are in UTC; lists are JSON; what is published (`published`) stands as it was stated.

SQLite and PostgreSQL have the same tables, but for the index of words (`briefing.store.search`).
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
)

from briefing.store.instant import Instant

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[int]:
    return Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


sources = Table(
    "sources",
    metadata,
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

source_states = Table(
    "source_states",
    metadata,
    Column("source_id", ForeignKey("sources.id", ondelete="CASCADE"), primary_key=True),
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

# What has been asked for and what came of it, a row an asking.
fetches = Table(
    "fetches",
    metadata,
    _id(),
    Column("run", Text, nullable=False),
    Column("source_id", ForeignKey("sources.id", ondelete="CASCADE"), nullable=False, index=True),
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

# An article is known for ever by its id; its texts are in article_versions. `latest` is the number of the newest.
# `counts_from` is when it became news: what the window of a briefing goes by. `page` says whether its page, at
# `page_url`, is still to be fetched: `failed` for good, so that the feed's own text stands in.
articles = Table(
    "articles",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source_id", ForeignKey("sources.id", ondelete="SET NULL"), index=True),
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

# A version is never changed: a citation points at the text that was checked.
article_versions = Table(
    "article_versions",
    metadata,
    _id(),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
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

# What a source has shown, a row for each wording of an entry: by these an article is known again. `digest` is of all
# that the entry says; `guid` and `link` are what it is known by. `last_seen` is when the source was last read with the
# entry in it: one moment for all that it showed, so that the newest of a source's are what it shows now.
items = Table(
    "items",
    metadata,
    _id(),
    Column("source_id", ForeignKey("sources.id", ondelete="CASCADE"), nullable=False),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("digest", Text, nullable=False),
    Column("guid", Text),
    Column("link", Text),
    Column("title", Text),
    Column("last_seen", Instant, nullable=False),
    Column("published", Text),
    UniqueConstraint("source_id", "digest"),
    Index(None, "guid", postgresql_using="hash"),  # a source's text may be longer than a tree's key on PostgreSQL
    Index(None, "link", postgresql_using="hash"),
    Index(None, "title", postgresql_using="hash"),
    Index(None, "source_id", "last_seen"),
)

briefings = Table(
    "briefings",
    metadata,
    Column("id", Text, primary_key=True),
    Column("date", Text, nullable=False, index=True),
    Column("title", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("document", Text, nullable=False),
)

# The texts that a briefing's sentences rest on: these are kept whatever their age.
citations = Table(
    "citations",
    metadata,
    Column("briefing_id", ForeignKey("briefings.id", ondelete="CASCADE"), primary_key=True),
    Column("article_id", ForeignKey("articles.id"), primary_key=True),
    Column("sha256", Text, primary_key=True),
    Index(None, "article_id", "sha256"),
)

events = Table(
    "events",
    metadata,
    Column("id", Text, primary_key=True),
    Column("storyline_id", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("first_told", Instant, nullable=False),
    Column("last_told", Instant, nullable=False),
)

event_articles = Table(
    "event_articles",
    metadata,
    Column("event_id", ForeignKey("events.id", ondelete="CASCADE"), primary_key=True),
    Column("article_id", ForeignKey("articles.id", ondelete="CASCADE"), primary_key=True, index=True),
)

# Since when a profile is known: of days before that nothing is missed; and when a timer last looked at it, to minutes.
profiles = Table(
    "profiles",
    metadata,
    Column("name", Text, primary_key=True),
    Column("known_since", Instant, nullable=False),
    Column("looked_at", Instant, nullable=False),
)

# A row for each local day of a profile: `made` has a letter and its recipients in `sends`; `empty` had no news;
# `missed` was not made in time and is not any more; `failed` is tried again from `next_at` on. What came before
# `covers_until` is in this edition or an earlier one. The letter is forgotten when nobody can be waiting for it.
editions = Table(
    "editions",
    metadata,
    _id(),
    Column("profile", Text, nullable=False),
    Column("day", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("briefing_id", ForeignKey("briefings.id")),
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

# The outbox: one row an edition and recipient, with one Message-ID for all tries. `sending` is noted down before the
# first byte of the message goes out: whoever finds it there later does not know whether the server took it.
sends = Table(
    "sends",
    metadata,
    _id(),
    Column("edition_id", ForeignKey("editions.id", ondelete="CASCADE"), nullable=False),
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

# Who has left a profile's list, or was taken off it by its owner (`by_hand`); addresses in lower case.
departures = Table(
    "departures",
    metadata,
    Column("profile", Text, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("left_at", Instant, nullable=False),
    Column("by_hand", Boolean, nullable=False),
)

# Mailboxes that were refused for good, `bounces` times in a row; nothing is sent to one with `suppressed_at`.
mailboxes = Table(
    "mailboxes",
    metadata,
    Column("address", Text, primary_key=True),
    Column("bounces", Integer, nullable=False),
    Column("bounced_at", Instant, nullable=False),
    Column("suppressed_at", Instant),
    Column("answer", Text),
)

# What a language model took: entered at the most that a call can take, corrected once it is answered.
spending = Table(
    "spending",
    metadata,
    _id(),
    Column("day", Text, nullable=False, index=True),
    Column("run", Text, nullable=False, index=True),
    Column("tokens", BigInteger, nullable=False),
    Column("cost", Float),
    Column("state", Text, nullable=False),
    CheckConstraint("state IN ('reserved', 'settled')", name="state"),
)

# What a language model answered, by the hash of what it was asked; models of one name differ between endpoints.
answers = Table(
    "answers",
    metadata,
    Column("endpoint", Text, primary_key=True),
    Column("request", Text, primary_key=True),
    Column("recording", Text, nullable=False),
    Column("kept_at", Instant, nullable=False),
)
