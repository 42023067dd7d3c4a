"""Parcels to a mail server, one after the other over one connection.

What is known of a message at every moment is exact: until its final dot has been handed to the system the server cannot
take it on, from then on it may have (RFC 5321, 6.1), and only its answer tells.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from types import TracebackType
from typing import Self

from briefing.deliver.dialogue import Answer, Dialogue, Lost
from briefing.deliver.server import Server, opened
from briefing.errors import DeliveryFailed
from briefing.letters import Outcome, Parcel, Receipt
from briefing.web.asking import Resolve
from briefing.web.resolving import by_system

__all__ = ["Server", "Smtp"]

BREAKS = 2  # connections in a row that ended in the middle of a message: then the rest of the list waits

_PATH = re.compile(r"[^\s<>\x00-\x20\x7f-\x9f]+@[A-Za-z0-9.-]+")
_OF_THE_MESSAGE = frozenset(((5, 2, 3), (5, 3, 4), (5, 6, 7)))  # too large for the mailbox, for the system; SMTPUTF8
_OF_THE_SENDER = frozenset((7, 8, 9))  # 5.1.7, 5.1.8, 5.1.9: the sender's address, or another system's message
_NOT_THE_MAILBOX = re.compile(
    r"relay|spam|block|black ?list|deny|denied|polic|reputation|spf|dkim|dmarc|authenticat|sender|size|content|virus",
    re.IGNORECASE,
)


class Smtp:
    """A `letters.Carrier`. Connects when the first parcel comes, and again where the connection has ended in between.

    With BREAKS connections in a row that ended in the middle of a message, DeliveryFailed is raised for all that come
    after, so that a server in trouble leaves at most so many messages in doubt. Of one thread.
    """

    def __init__(self, server: Server, resolve: Resolve = by_system) -> None:
        self._server = server
        self._resolve = resolve
        self._link: Dialogue | None = None
        self._breaks = 0
        self._last_break = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Says goodbye to the server."""
        if self._link is not None:
            self._link.leave()
            self._link = None

    def check(self) -> None:
        """Reaches the server and logs in, no more. Raises DeliveryFailed, UsageError."""
        if self._link is None:
            self._link = opened(self._server, self._resolve)

    def __call__(self, parcel: Parcel, is_wanted: Callable[[], bool], /) -> Receipt:
        """See `letters.Carrier`. Raises UsageError, too, where the file of certificates cannot be read."""
        if self._breaks >= BREAKS:
            raise DeliveryFailed(
                f"{self._server.place}: the connection ended {BREAKS} times in a row in the middle of a message "
                f"({self._last_break}); the rest waits: try later, or ask its owner"
            )
        try:
            receipt = self._carried(parcel, is_wanted)
        except Lost as error:  # the final dot was not handed over
            receipt = Receipt("later", self._broken(str(error)))
        except BaseException:  # the connection may be in the middle of anything
            self._drop()
            raise
        else:
            if self._link is not None:
                self._breaks = 0
        return receipt

    def _carried(self, parcel: Parcel, is_wanted: Callable[[], bool]) -> Receipt:
        """Raises Lost where the connection ends before the final dot is out."""
        link, answer = self._begun(parcel)
        if isinstance(answer, str):
            return Receipt("refused", answer)
        if not _agreed(answer):
            return self._sender_refused(link, parcel, answer)
        answer = link.say(f"RCPT TO:<{parcel.recipient}>")
        if not _agreed(answer):
            self._unless_locked_out(answer)
            return self._ended(link, answer, bounced=_is_bounce(answer))
        if not is_wanted():
            self._reset(link)
            return Receipt("dropped")
        return self._handed_over(link, parcel)

    def _handed_over(self, link: Dialogue, parcel: Parcel) -> Receipt:
        """The message itself. What was wanted is noted down as under way: no DeliveryFailed any more."""
        answer = link.say("DATA")
        if answer.code != 354:
            return self._ended(link, answer)
        link.hand_over(parcel.data, self._server.answer_timeout)
        link.send(b".\r\n")
        try:
            answer = link.hear(self._server.answer_timeout)
            return Receipt("sent", str(answer)) if _agreed(answer) else self._ended(link, answer)
        except Lost as error:
            return Receipt("unknown", self._broken(str(error)))

    def _begun(self, parcel: Parcel) -> tuple[Dialogue, Answer | str]:
        """A connection, and the answer to MAIL on it, or why this server cannot be given the parcel.

        A connection that carried something before may have been closed since: then there is a new one.
        """
        while True:
            is_new = self._link is None
            self.check()
            link = self._link
            if link is None:  # for the type checker
                raise Lost("the connection is closed")
            unfit = _unfit(link, parcel, self._server.place)
            if unfit is not None:
                return link, unfit
            try:
                answer = link.say(_mail(link, parcel))
            except Lost:
                if is_new:
                    raise
            else:
                if is_new or answer.code != 421:
                    return link, answer
            self._drop()

    def _sender_refused(self, link: Dialogue, parcel: Parcel, answer: Answer) -> Receipt:
        self._unless_locked_out(answer)
        is_for_good = 500 <= answer.code < 600
        if not is_for_good or answer.code == 552 or answer.enhanced in _OF_THE_MESSAGE:
            return self._ended(link, answer)
        raise DeliveryFailed(
            f"{self._server.place}: it takes no mail from {parcel.sender}: set sender under [mail] to an address that "
            f"may send over it, and user name and password if it wants them (it says: {answer})"
        )

    def _unless_locked_out(self, answer: Answer) -> None:
        if answer.code == 530:
            raise DeliveryFailed(
                f"{self._server.place}: it wants a user name and a password, or encryption: set username, password and "
                f"security under [mail] (it says: {answer})"
            )

    def _ended(self, link: Dialogue, answer: Answer, *, bounced: bool = False) -> Receipt:
        """What an answer that is no agreement comes to, and the connection ready for the next parcel."""
        if answer.code == 421:
            return Receipt("later", self._broken(str(answer)))
        outcome = _outcome(link, answer)
        self._reset(link)
        return Receipt(outcome, str(answer), bounced=bounced)

    def _reset(self, link: Dialogue) -> None:
        """Ready for the next one; where the server is not, the next one gets a new connection."""
        try:
            answer = link.say("RSET")
        except Lost:
            self._drop()
        else:
            if not _agreed(answer):
                self._drop()

    def _broken(self, why: str) -> str:
        self._drop()
        self._breaks += 1
        self._last_break = why
        return why

    def _drop(self) -> None:
        if self._link is not None:
            self._link.close()
            self._link = None


def _agreed(answer: Answer) -> bool:
    return 200 <= answer.code < 300


def _outcome(link: Dialogue, answer: Answer) -> Outcome:
    """Raises Lost for an answer out of turn, for then there is no saying which command the next one answers."""
    if 400 <= answer.code < 500 or answer.code == 530:  # 530: it wants a password, which is for us to mend
        return "later"
    if 500 <= answer.code < 600:
        return "refused"
    raise link.lost(f"it gave an answer out of turn ({answer})")


def _is_bounce(answer: Answer) -> bool:
    """Whether an answer to RCPT says that there is no such mailbox, rather than that it does not want this."""
    if not 500 <= answer.code < 600:
        return False
    if answer.enhanced is None:
        return answer.code in (550, 551, 553) and not _NOT_THE_MAILBOX.search(answer.text)
    kind, subject, detail = answer.enhanced
    about_the_address = subject == 1 and detail not in _OF_THE_SENDER
    return kind == 5 and (about_the_address or (subject, detail) == (2, 1))


def _mail(link: Dialogue, parcel: Parcel) -> str:
    """MAIL, with what the server offered (RFC 1870, 6152, 6531)."""
    parts = [f"MAIL FROM:<{parcel.sender}>"]
    if link.has_extn("size"):
        parts.append(f"SIZE={len(parcel.data)}")
    if not parcel.data.isascii() and link.has_extn("8bitmime"):
        parts.append("BODY=8BITMIME")
    if parcel.international:
        parts.append("SMTPUTF8")
    return " ".join(parts)


def _unfit(link: Dialogue, parcel: Parcel, place: str) -> str | None:
    """Why the server need not be asked."""
    if not _PATH.fullmatch(parcel.recipient) or not _PATH.fullmatch(parcel.sender):
        return "not sent: sender or recipient is no mail address"
    needs_utf8 = parcel.international or not (parcel.sender + parcel.recipient).isascii()
    if needs_utf8 and not (parcel.international and link.has_extn("smtputf8")):
        return f"not sent: the address has letters beyond ASCII before its @, and {place} takes none (no SMTPUTF8)"
    limit = link.esmtp_features.get("size", "")
    if limit.isdecimal() and 0 < int(limit) < len(parcel.data):
        return f"not sent: the message has {len(parcel.data):,} bytes, and {place} takes {int(limit):,} at most"
    return None
