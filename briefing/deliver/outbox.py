"""The outbox sent: every message that is due once, whatever ends the program in between.

What a message's row says is committed before its first byte goes out (`sending`) and after the server's answer, so that
a program that is killed leaves at most one message in doubt. Such a message is told, and sent again, with the
Message-ID that it had, only where the settings say `unknown = "resend"`.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from briefing.deliver.stopping import Stop
from briefing.errors import DeliveryFailed
from briefing.letters import Carrier, Letter, Parcel, Receipt
from briefing.store import Database
from briefing.store import editions as kept_editions
from briefing.store import sends as kept
from briefing.store.lock import held
from briefing.store.recipients import barred, forget_bounces, note_bounce
from briefing.store.sends import Send

Compose = Callable[[Send, Letter], Parcel]
Progress = Callable[[str, int, int], None]

FIRST_WAIT = timedelta(minutes=5)
LONGEST_WAIT = timedelta(hours=4)
_LETTERS_KEPT = timedelta(days=7)
_FORGOTTEN = "its letter is kept no longer: a week is over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How the outbox goes about it: what is done with messages in doubt, and when waiting ends.

    `at_once`: somebody is waiting, so that what is to be tried later is tried now.
    """

    resend_unknown: bool = False
    give_up: timedelta = timedelta(hours=24)
    at_once: bool = False


@dataclass(slots=True)
class Posted:
    """What came of one pass over the outbox; `doubted` are messages of an earlier program that ended half-way.

    `held` are those that were in doubt before and that nobody has decided on yet. `later` wait for another try,
    `unsent` are those of them that were not even tried, since the server as a whole could not be used: `failure` says
    why. `stopped` is the signal that ended it early, or 0.
    """

    sent: list[Send] = field(default_factory=list)
    later: list[tuple[Send, str | None]] = field(default_factory=list)
    refused: list[tuple[Send, str | None]] = field(default_factory=list)
    unknown: list[Send] = field(default_factory=list)
    doubted: list[Send] = field(default_factory=list)
    held: list[Send] = field(default_factory=list)
    dropped: list[Send] = field(default_factory=list)
    suppressed: list[str] = field(default_factory=list)
    unsent: int = 0
    failure: str | None = None
    stopped: int = 0

    @property
    def exit_code(self) -> int:
        """0 good, 3 where a part is not sent or in doubt, 6 where nothing could be; 128 and a signal that ended it."""
        if self.stopped:
            return 128 + self.stopped
        lacking = self.failure or self.refused or self.unknown
        if lacking and not self.sent:
            return 6
        return 3 if lacking or self.later or self.doubted else 0


def post(
    database: Database,
    carrier: Carrier,
    compose: Compose,
    clock: Callable[[], datetime],
    terms: Terms | None = None,
    progress: Progress = lambda *_: None,
) -> Posted:
    """Send what is due. One program at a time does so; raises StoreError where another is at it.

    SIGTERM and SIGINT end it after the message under way, or in the middle of it where the server takes too long.
    """
    with held(database, "send") as still, Stop() as stop:
        return _Pass(database, carrier, compose, clock, terms or Terms(), progress, stop, still).run()


def wait_after(tries: int) -> timedelta:
    """How long a message waits that was turned away for the `tries`-th time: twice as long each time, 4 h at most.

    Up to a quarter more, by chance, so that those who were turned away together do not all come back together.
    """
    base: timedelta = min(FIRST_WAIT * 2 ** min(max(tries - 1, 0), 10), LONGEST_WAIT)
    return base * random.uniform(1, 1.25)  # noqa: S311 - spreads tries, hides nothing


@dataclass(slots=True)
class _Pass:
    database: Database
    carrier: Carrier
    compose: Compose
    clock: Callable[[], datetime]
    terms: Terms
    progress: Progress
    stop: Stop
    still: Callable[[], None]
    result: Posted = field(default_factory=Posted)
    letters: dict[int, Letter | None] = field(default_factory=dict)

    def run(self) -> Posted:
        began = self.clock()
        self._put_in_order(began)
        self._send_all(began)
        self._tell_doubts()
        return self.result

    def _send_all(self, began: datetime) -> None:
        total = done = last = 0  # a row that stays due, whatever the cause, must not be tried for ever
        until = None if self.terms.at_once else began
        while waiting := self.database.read(kept.due, until, after=last):
            total += len(waiting)
            for send in waiting:
                if self.stop.asked:
                    self.result.stopped = self.stop.asked
                    return
                last = send.id
                try:
                    self._send(send)
                except DeliveryFailed as error:
                    self._wait_all(str(error), until)
                    return
                done += 1
                self.progress("send", done, total)

    def _put_in_order(self, now: datetime) -> None:
        """What earlier programs left: messages under way, messages that have waited too long, letters of old."""
        if self.terms.resend_unknown:
            self.result.doubted = self.database.write(kept.doubt_abandoned, now)
            self.database.write(kept.send_again_by_itself, wait_after, now)
        gone = self.database.write(kept.give_up, now - self.terms.give_up, now)
        self.result.refused += [(one, one.answer) for one in gone]
        self.database.write(kept_editions.forget_letters, now - _LETTERS_KEPT)

    def _tell_doubts(self) -> None:
        """At the end, for what is found by a program that is killed as well is told by none."""
        if self.terms.resend_unknown:
            return
        self.result.doubted = self.database.write(kept.doubt_abandoned, self.clock())
        new = {one.id for one in (*self.result.unknown, *self.result.doubted)}
        self.result.held = [one for one in self.database.read(kept.in_state, "unknown") if one.id not in new]

    def _send(self, send: Send) -> None:
        letter = self._letter(send.edition_id)
        if letter is None:
            self.database.write(kept.refuse, send, _FORGOTTEN, self.clock())
            self.result.refused.append((send, _FORGOTTEN))
            return
        if self.database.read(barred, send.profile, [send.recipient]):
            self.database.write(kept.begin, send, self.clock())  # which says why it is not
            self.result.dropped.append(send)
            return
        self._note(send, self.carrier(self.compose(send, letter), lambda: self._begin(send)))

    def _begin(self, send: Send) -> bool:
        """Whether the message may go out. A server of databases that was restarted has let others at the outbox."""
        self.still()
        return self.database.write(kept.begin, send, self.clock())

    def _letter(self, edition_id: int) -> Letter | None:
        if edition_id not in self.letters:
            self.letters = {edition_id: self.database.read(kept_editions.letter_of, edition_id)}
        return self.letters[edition_id]

    def _note(self, send: Send, receipt: Receipt) -> None:
        now, answer = self.clock(), receipt.answer
        if receipt.outcome == "sent":
            self.database.write(_taken, send, answer, now)
            self.result.sent.append(send)
        elif receipt.outcome == "later":
            next_at = now + wait_after(send.tries + 1)
            self.database.write(kept.try_later, send, answer, next_at, now)
            self.result.later.append((send, answer))
        elif receipt.outcome == "refused":
            if self.database.write(_refused, send, receipt, now):
                self.result.suppressed.append(send.recipient)
            self.result.refused.append((send, answer))
        elif receipt.outcome == "unknown":
            self.database.write(kept.settle, send, "unknown", answer, now)
            self.result.unknown.append(send)
        else:
            self.result.dropped.append(send)

    def _wait_all(self, why: str, until: datetime | None) -> None:
        """All that is left waits, the longer the oftener that was so: a server locks who comes too often."""
        now = self.clock()
        self.result.failure = why
        self.result.unsent = self.database.write(kept.postpone, why, wait_after, until, now)


def _taken(connection: Connection, send: Send, answer: str | None, now: datetime) -> None:
    kept.settle(connection, send, "sent", answer, now)
    forget_bounces(connection, send.recipient)


def _refused(connection: Connection, send: Send, receipt: Receipt, now: datetime) -> bool:
    kept.refuse(connection, send, receipt.answer, now)
    return receipt.bounced and note_bounce(connection, send.recipient, receipt.answer, now)
