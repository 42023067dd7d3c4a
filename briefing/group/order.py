"""The order of articles that every result stands on: time, then id; undated last."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from briefing.dates import instant
from briefing.domain import Article

_NEVER = datetime.max.replace(tzinfo=UTC)


def in_time(articles: Iterable[Article]) -> list[Article]:
    """Articles in order of time (as `dates.instant`), undated last, ties by id."""
    return sorted(articles, key=time_key)


def time_key(article: Article) -> tuple[datetime, str]:
    """What articles are sorted by."""
    return instant(article.published) or _NEVER, article.id
