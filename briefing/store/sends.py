"""The outbox: each message of an edition to a recipient, with what is known of it.

A row goes from `queued` to `sending` before the first byte of its message goes out, and to `sent`, `failed` or back to
`queued` by the server's answer. Where no answer came, or the program ended before it was noted down, nobody knows
whether the message was taken on: the row is `unknown`, and only the owner's policy sends it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, Connection, and_, exists, func, insert, select, update

from briefing.store.recipients import barred
from briefing.store.schema import editions, sends

DROPPED = "nobody knows whether it arrived, and it is not to be sent again"
State = Literal["queued", "sending", "sent", "unknown", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """One message to one recipient; `answer` is the server's last, or why it was not sent."""

    id: int
    edition_id: int
    profile: str
    day: date
    recipient: str
    message_id: str
    state: State
    tries: int
    queued_at: datetime
    next_at: datetime
    changed_at: datetime
    answer: str | None


def queue(connection: Connection, edition_id: int, messages: Iterable[tuple[str, str]], now: datetime) -> None:
    """Enter messages, each a recipient and a Message-ID; a recipient whom the edition has already is left as it is."""
    had = set(connection.execute(select(sends.c.recipient).where(sends.c.edition_id == edition_id)).scalars())
    rows = [
        {
            "edition_id": edition_id,
            "recipient": recipient,
            "message_id": message_id,
            "state": "queued",
            "tries": 0,
            "queued_at": now,
            "next_at": now,
            "changed_at": now,
        }
        for recipient, message_id in messages
        if recipient not in had
    ]
    if rows:
        connection.execute(insert(sends), rows)


def due(connection: Connection, now: datetime | None, most: int = 100, after: int = 0) -> list[Send]:
    """Messages that are queued and may be tried now (None: all that are queued), in order of their number.

    Only those whose number is larger than `after`.
    """
    return _found(connection, *_ripe(now), sends.c.id > after, most=most)


def in_state(connection: Connection, *states: State) -> list[Send]:
    """All messages in these states."""
    return _found(connection, sends.c.state.in_(states))


def begin(connection: Connection, send: Send, now: datetime) -> bool:
    """Note down that a message goes out now; False where it must not: its reader has left, or it is queued no more."""
    gone = barred(connection, send.profile, [send.recipient]).get(send.recipient.casefold())
    if gone is not None:
        _change(connection, send.id, "queued", {"state": "failed", "answer": gone.why, "changed_at": now})
        return False
    return _change(connection, send.id, "queued", {"state": "sending", "tries": sends.c.tries + 1, "changed_at": now})


def settle(connection: Connection, send: Send, state: State, answer: str | None, now: datetime) -> None:
    """Note down what came of a message that was under way."""
    _change(connection, send.id, "sending", {"state": state, "answer": answer, "changed_at": now})


def try_later(connection: Connection, send: Send, answer: str | None, next_at: datetime, now: datetime) -> None:
    """A message that was not taken on, for now: it is tried again from `next_at` on."""
    values = {"state": "queued", "answer": answer, "next_at": next_at, "changed_at": now}
    if not _change(connection, send.id, "sending", values):
        _change(connection, send.id, "queued", {**values, "tries": sends.c.tries + 1})


def refuse(connection: Connection, send: Send, answer: str | None, now: datetime) -> None:
    """A message that is not taken on for good, whether or not it was under way already."""
    values = {"state": "failed", "answer": answer, "changed_at": now}
    if not _change(connection, send.id, "sending", values):
        _change(connection, send.id, "queued", {**values, "tries": sends.c.tries + 1})


def postpone(
    connection: Connection, answer: str, wait: Callable[[int], timedelta], until: datetime | None, now: datetime
) -> int:
    """No message could be tried at all: what was due by `until` (None: all that are queued) waits; how many.

    It counts as a try; `wait` says how long to wait after so many.
    """
    ripe, count = _ripe(until), 0
    tries = set(connection.execute(select(sends.c.tries).where(*ripe)).scalars())
    for number in sorted(tries, reverse=True):  # so that none is counted twice
        values = {"next_at": now + wait(number + 1), "tries": number + 1, "answer": answer, "changed_at": now}
        count += connection.execute(update(sends).where(*ripe, sends.c.tries == number).values(values)).rowcount
    return count


def doubt_abandoned(connection: Connection, now: datetime) -> list[Send]:
    """Messages that were under way when a program ended: nobody knows what came of them. To be asked under the lock."""
    found = in_state(connection, "sending")
    answer = "the program ended before the server's answer was noted down"
    connection.execute(
        update(sends).where(sends.c.state == "sending").values(state="unknown", answer=answer, changed_at=now)
    )
    return found


def send_again(connection: Connection, now: datetime) -> int:
    """Queue all messages whose fate is unknown, with the Message-ID that they had, as if they were new; how many."""
    values = {"state": "queued", "queued_at": now, "next_at": now, "changed_at": now}
    return connection.execute(update(sends).where(sends.c.state == "unknown").values(values)).rowcount


def send_again_by_itself(connection: Connection, wait: Callable[[int], timedelta], now: datetime) -> None:
    """The same, for nobody has asked for it: at once after the first try, then as `wait` says after so many."""
    for send in in_state(connection, "unknown"):
        next_at = now if send.tries <= 1 else send.changed_at + wait(send.tries - 1)
        _change(connection, send.id, "unknown", {"state": "queued", "next_at": next_at, "changed_at": now})


def retry_failed(connection: Connection, now: datetime) -> int:
    """Queue messages again that were refused or given up, as far as their letters are kept; how many.

    Those who have left stay out: `begin` asks again. So does what was dropped: it may have arrived.
    """
    kept = exists().where(editions.c.id == sends.c.edition_id, editions.c.subject.is_not(None))
    at = sends.c.state == "failed", func.coalesce(sends.c.answer, "") != DROPPED, kept
    values = {"state": "queued", "queued_at": now, "next_at": now, "changed_at": now}
    return connection.execute(update(sends).where(*at).values(values)).rowcount


def drop_unknown(connection: Connection, now: datetime) -> int:
    """Count messages whose fate is unknown as failed: nobody asks about them any more; how many."""
    values = {"state": "failed", "answer": DROPPED, "changed_at": now}
    return connection.execute(update(sends).where(sends.c.state == "unknown").values(values)).rowcount


def give_up(connection: Connection, queued_before: datetime, now: datetime) -> list[Send]:
    """Messages that have waited since before the moment fail for good."""
    given_up = []
    for send in _found(connection, sends.c.state == "queued", sends.c.queued_at < queued_before):
        answer = f"given up after {send.tries} tries" + (f": {send.answer}" if send.answer else "")
        _change(connection, send.id, "queued", {"state": "failed", "answer": answer, "changed_at": now})
        given_up.append(replace(send, state="failed", answer=answer))
    return given_up


def tally(connection: Connection, edition_id: int) -> int:
    """How many messages of an edition there are, whatever became of them."""
    query = select(func.count()).where(sends.c.edition_id == edition_id)
    return int(connection.execute(query).scalar_one())


def _ripe(until: datetime | None) -> tuple[ColumnElement[bool], ...]:
    queued = sends.c.state == "queued"
    return (queued,) if until is None else (queued, sends.c.next_at <= until)


def _found(connection: Connection, *conditions: ColumnElement[bool], most: int | None = None) -> list[Send]:
    query = (
        select(sends, editions.c.profile, editions.c.day)
        .join(editions, and_(editions.c.id == sends.c.edition_id))
        .where(*conditions)
        .order_by(sends.c.id)
    )
    rows = connection.execute(query if most is None else query.limit(most)).mappings()
    return [Send(**{**row, "day": date.fromisoformat(row["day"])}) for row in rows]


def _change(connection: Connection, identifier: int, before: State, values: Mapping[str, object]) -> bool:
    """Whether the message was in the state `before`, and is changed."""
    at = sends.c.id == identifier, sends.c.state == before
    return connection.execute(update(sends).where(*at).values(values)).rowcount == 1
