"""Who is not to be written to: readers who have left a list, and mailboxes that were refused for good.

Addresses are told apart without regard to case: no two readers differ in it, and one who has left must not get mail
because a list spells them otherwise.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from briefing.store.lookup import in_parts
from briefing.store.schema import departures, mailboxes

BOUNCES = 3
"""Refusals for good in a row after which nothing is sent to a mailbox any more."""


@dataclass(frozen=True, slots=True)
class Standing:
    """Why an address gets no mail, in words, since when, and the server's last answer where one refused it."""

    why: str
    since: datetime
    answer: str | None = None


def leave(connection: Connection, profile: str, address: str, now: datetime, *, by_hand: bool = False) -> None:
    """Take an address off a profile's list, its reader's wish or, `by_hand`, the owner's; the first time counts."""
    at = departures.c.profile == profile, departures.c.address == address.casefold()
    if connection.execute(select(departures.c.left_at).where(*at)).first() is None:
        row = {"profile": profile, "address": address.casefold(), "left_at": now, "by_hand": by_hand}
        connection.execute(insert(departures).values(row))
    elif by_hand:
        connection.execute(update(departures).where(*at).values(by_hand=True))


def rejoin(
    connection: Connection,
    profile: str,
    address: str,
    now: datetime,  # noqa: ARG001 - as `leave`
    *,
    by_hand: bool = False,
) -> None:
    """Let an address that has left have mail again. Whom the owner took off the list, only the owner puts back."""
    at = [departures.c.profile == profile, departures.c.address == address.casefold()]
    if not by_hand:
        at.append(departures.c.by_hand.is_(False))
    connection.execute(delete(departures).where(*at))


def note_bounce(connection: Connection, address: str, answer: str | None, now: datetime) -> bool:
    """Count a refusal for good; whether nothing is sent there from now on, and was before."""
    at = mailboxes.c.address == address.casefold()
    before = connection.execute(select(mailboxes.c.bounces).where(at)).scalar()
    bounces = (before or 0) + 1
    values = {"bounces": bounces, "bounced_at": now, "answer": answer}
    if bounces == BOUNCES:
        values["suppressed_at"] = now
    if before is None:
        connection.execute(insert(mailboxes).values(address=address.casefold(), **values))
    else:
        connection.execute(update(mailboxes).where(at).values(values))
    return bounces == BOUNCES


def forget_bounces(connection: Connection, address: str) -> None:
    """A mailbox has taken a message, or is to be tried again: its refusals count no more."""
    connection.execute(delete(mailboxes).where(mailboxes.c.address == address.casefold()))


def barred(connection: Connection, profile: str, addresses: Collection[str]) -> dict[str, Standing]:
    """Those of `addresses`, in lower case, that get no mail of the profile, and why."""
    found: dict[str, Standing] = {}
    for some in in_parts({one.casefold() for one in addresses}):
        bad = select(mailboxes).where(mailboxes.c.address.in_(some), mailboxes.c.suppressed_at.is_not(None))
        for row in connection.execute(bad):
            why = f"refused {row.bounces} times in a row"
            found[row.address] = Standing(why, row.suppressed_at, row.answer)
        gone = select(departures).where(departures.c.profile == profile, departures.c.address.in_(some))
        for row in connection.execute(gone):
            found[row.address] = Standing("was taken off the list" if row.by_hand else "has unsubscribed", row.left_at)
    return found


def bounced(connection: Connection) -> dict[str, Standing]:
    """All mailboxes that were refused for good and have taken nothing since, in order of address."""
    rows = connection.execute(select(mailboxes).order_by(mailboxes.c.address))
    return {row.address: Standing(f"refused {row.bounces} times", row.bounced_at, row.answer) for row in rows}
