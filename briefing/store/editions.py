"""Editions of profiles: what became of each local day, and the letter that goes out of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import Connection, exists, func, insert, select, update

from briefing.letters import Letter
from briefing.store.schema import editions, profiles, sends

State = Literal["made", "empty", "missed", "failed"]
_LOOKS = timedelta(minutes=5)  # between two notes of when a timer looked: a daemon looks every minute
SETTLED: tuple[State, ...] = ("made", "empty", "missed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Edition:
    """What became of a profile's day; `made_at` is the moment of the last change. `next_at`: of one that failed."""

    id: int
    profile: str
    day: date
    state: State
    briefing_id: str | None
    covers_until: datetime | None
    made_at: datetime
    tries: int
    next_at: datetime | None
    error: str | None


def edition_of(connection: Connection, profile: str, day: date) -> Edition | None:
    """What became of the day; None where nothing has yet."""
    at = editions.c.profile == profile, editions.c.day == day.isoformat()
    row = connection.execute(select(*_COLUMNS).where(*at)).first()
    return None if row is None else _edition(row)


def newest(connection: Connection, profile: str, most: int = 1) -> list[Edition]:
    """The profile's newest days, the newest first."""
    query = select(*_COLUMNS).where(editions.c.profile == profile).order_by(editions.c.day.desc()).limit(most)
    return [_edition(row) for row in connection.execute(query)]


def last_settled(connection: Connection, profile: str) -> date | None:
    """The newest local day of which nothing is to be done any more; None where there is none yet."""
    query = select(func.max(editions.c.day)).where(editions.c.profile == profile, editions.c.state.in_(SETTLED))
    found = connection.execute(query).scalar()
    return None if found is None else date.fromisoformat(found)


def covered_until(connection: Connection, profile: str) -> datetime | None:
    """Until when the profile's editions cover what came; None where there is none yet."""
    query = select(func.max(editions.c.covers_until)).where(editions.c.profile == profile)
    return connection.execute(query).scalar()


def known_since(connection: Connection, profile: str, now: datetime) -> datetime:
    """Since when the profile is known: since now, where it was not. It is looked at now, which is noted, too."""
    row = connection.execute(select(profiles).where(profiles.c.name == profile)).first()
    since: datetime = now if row is None else row.known_since
    if row is None:
        connection.execute(insert(profiles).values(name=profile, known_since=now, looked_at=now))
    elif abs(now - row.looked_at) >= _LOOKS:
        connection.execute(update(profiles).where(profiles.c.name == profile).values(looked_at=now))
    return since


def looked_at(connection: Connection) -> datetime | None:
    """When a timer last looked at what is due, to five minutes; None where none ever has."""
    return connection.execute(select(func.max(profiles.c.looked_at))).scalar()


def note_made(
    connection: Connection, profile: str, day: date, briefing_id: str | None, letter: Letter, covers_until: datetime
) -> int:
    """Enter the day's edition with its letter; returns its id. Raises ValueError where the day has one."""
    before = edition_of(connection, profile, day)
    if before is not None and before.state == "made":
        raise ValueError(f"{profile} has an edition of {day} already")
    values = {
        "briefing_id": briefing_id,
        "covers_until": covers_until,
        "subject": letter.subject,
        "html": letter.html,
        "text": letter.text,
    }
    return _note(connection, profile, day, "made", letter.made_at, before, values)


def note_empty(connection: Connection, profile: str, day: date, now: datetime) -> None:
    """There was no news: the day has no edition, and what comes later is covered by the next."""
    before = edition_of(connection, profile, day)
    if before is None or before.state != "made":
        _note(connection, profile, day, "empty", now, before, {})


def note_missed(connection: Connection, profile: str, days: Iterable[date], now: datetime) -> None:
    """Days that were not made in time, and are not any more; one that has an edition keeps it."""
    for day in days:
        before = edition_of(connection, profile, day)
        if before is None or before.state == "failed":
            _note(connection, profile, day, "missed", now, before, {})


def note_failed(connection: Connection, profile: str, day: date, error: str, next_at: datetime, now: datetime) -> int:
    """The day's edition could not be made; how many times that is so now. It may be tried again from `next_at` on."""
    before = edition_of(connection, profile, day)
    if before is not None and before.state == "made":
        return before.tries
    tries = (before.tries if before is not None else 0) + 1
    _note(connection, profile, day, "failed", now, before, {"error": error, "next_at": next_at, "tries": tries})
    return tries


def letter_of(connection: Connection, edition_id: int) -> Letter | None:
    """The letter of an edition; None where it was forgotten."""
    columns = editions.c.subject, editions.c.html, editions.c.text, editions.c.made_at
    row = connection.execute(select(*columns).where(editions.c.id == edition_id)).one()
    if row.subject is None or row.html is None or row.text is None:
        return None
    return Letter(row.subject, row.html, row.text, row.made_at)


def forget_letters(connection: Connection, before: datetime) -> None:
    """Forget the letters of editions made before the moment, that nobody is waiting for."""
    waiting = exists().where(sends.c.edition_id == editions.c.id, sends.c.state.in_(("queued", "sending", "unknown")))
    old = editions.c.made_at < before, editions.c.subject.is_not(None), ~waiting
    connection.execute(update(editions).where(*old).values(subject=None, html=None, text=None))


_COLUMNS = tuple(one for one in editions.c if one.name not in {"subject", "html", "text"})


def _edition(row: object) -> Edition:
    values = {one.name: getattr(row, one.name) for one in _COLUMNS}
    return Edition(**{**values, "day": date.fromisoformat(values["day"])})


def _note(
    connection: Connection,
    profile: str,
    day: date,
    state: State,
    now: datetime,
    before: Edition | None,
    values: Mapping[str, object],
) -> int:
    row = {"state": state, "made_at": now, "tries": 0, "next_at": None, "error": None, **values}
    if before is not None:
        connection.execute(update(editions).where(editions.c.id == before.id).values(row))
        return before.id
    added = insert(editions).values(profile=profile, day=day.isoformat(), **row).returning(editions.c.id)
    identifier: int = connection.execute(added).scalar_one()
    return identifier
