"""What goes to members by mail: the letter of an edition, what one recipient is handed, and what came of that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

UNSUBSCRIBE = "https://unsubscribe.invalid/"
"""Stands in a letter where each recipient's own way out is put in; no such host can exist (RFC 6761)."""

Outcome = Literal["sent", "later", "refused", "unknown", "dropped"]
"""What became of a message.

`sent`: the server has taken it on. `later`: it has not, for now. `refused`: it has not, for good. `unknown`: the
message was handed over whole and no answer came. `dropped`: it was not to be sent any more when it came to it.
"""


@dataclass(frozen=True, slots=True)
class Letter:
    """An edition as mail, the same for all: a subject of one line, and the text in two forms, as UTF-8 text.

    `UNSUBSCRIBE` stands once or more in both forms. `made_at` is the message's date.
    """

    subject: str
    html: str = field(repr=False)
    text: str = field(repr=False)
    made_at: datetime


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message for one recipient, as bytes with lines ended by CR LF, dots not yet doubled.

    `sender` and `recipient` are the envelope's addresses. `international`: an address has letters beyond ASCII before
    its @, so that the server must know SMTPUTF8 (RFC 6531).
    """

    sender: str
    recipient: str
    data: bytes = field(repr=False)
    international: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What came of one parcel, and the server's answer in one line.

    `bounced`: the mailbox itself was refused for good.
    """

    outcome: Outcome
    answer: str | None = None
    bounced: bool = False


class Carrier(Protocol):
    """Hands parcels over, one at a time.

    `is_wanted` is called once, after the server has agreed to the recipient and before any of the message is handed
    over: what it notes down is what is known if nothing is heard any more. Where it says False, nothing is handed over.
    Raises DeliveryFailed where the server cannot be used at all: then no parcel was handed over, and none will be.
    """

    def __call__(self, parcel: Parcel, is_wanted: Callable[[], bool], /) -> Receipt: ...
