"""What the store has collected, as an edition is made from it."""

from __future__ import annotations

from datetime import datetime

from briefing.collect import Collected
from briefing.fetch.telling import missing
from briefing.report import Problem
from briefing.store import Database
from briefing.store.lookup import in_window
from briefing.store.sources import listed


def collected(database: Database, start: datetime, end: datetime | None, now: datetime) -> Collected:
    """The stored articles that count from `start` on and before `end` (None: now), and the sources that failed."""
    articles = database.read(in_window, start, end)
    problems = [Problem(name, why) for name, why in missing(database.read(listed), now)]
    return Collected(tuple(articles), tuple(sorted(problems, key=lambda one: (one.source, one.error))))
