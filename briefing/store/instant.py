"""Moments in a database: aware on the way in, in UTC on the way out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import DateTime, Dialect, TypeDecorator

from briefing.store.damage import bad


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; SQLite knows no zones. One that is stored and is none raises BadValue."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        """To UTC; without its zone for SQLite."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def result_processor(self, dialect: Dialect, coltype: object) -> Any:
        """What reads a stored value; SQLite's are texts, of which a damaged one is no moment."""
        read = super().result_processor(dialect, coltype)
        if read is None or dialect.name != "sqlite":
            return read

        def process(value: Any) -> Any:
            try:
                return read(value)
            except (ValueError, TypeError, AttributeError, OverflowError) as error:
                raise bad("moment", value) from error

        return process

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the signature is theirs
        """With its zone again."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
