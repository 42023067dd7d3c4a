"""A letter as the bytes of one message (RFC 5322): the same arguments give the same bytes, at every try.

`EmailMessage` makes the parts and their encodings. Its fields are written here, for it reads what it is given: an
encoded word in a subject is decoded, and one that holds a line break is written out as two fields in Pythons before
3.11.10; a long address in `List-Unsubscribe` becomes encoded words, which no mail program takes for an address.
"""

from __future__ import annotations

import base64
import hashlib
import html
import quopri
import re
from dataclasses import dataclass
from datetime import datetime
from email.header import Header
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import format_datetime
from typing import Any

from briefing.deliver.addresses import Mailbox, is_international, mailbox
from briefing.errors import UsageError
from briefing.letters import UNSUBSCRIBE, Letter, Parcel
from briefing.text import single_line

LINE = 76  # octets, without CR LF; only an address that cannot be broken makes a longer one

_LONGEST = 900  # octets of such an address: a line may have 998
_ANGLED = re.compile(r"<[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+@[A-Za-z0-9.-]+>")
_LISTED = re.compile(r"(?P<name>[^<>]*?)\s*<(?P<id>[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)+)>")
_WAY_OUT = re.compile(
    r"""(?:https://[A-Za-z0-9.:\[\]-]+(?:[/?][!#-;=?-~]*)?|mailto:[!#-;=?-~]+@[A-Za-z0-9][!#-;=?-~]*)"""
)
_BARE = re.compile(
    r"[A-Za-z0-9!#$%&'*+/?^_`{|}~ -]+"
)  # words that need no quotes; without =, which begins encoded ones


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around a letter. `sender`, `reply_to`: see `addresses.mailbox`.

    `list_id` is `Morning briefing <morning.example.org>` (RFC 2919), `message_id` stands in angle brackets. `way_out`
    is where this recipient unsubscribes, an https or mailto address; `one_click`: it takes the POST of RFC 8058.
    """

    sender: str
    reply_to: str | None
    list_id: str
    message_id: str
    way_out: str
    one_click: bool


class _AsWritten(EmailPolicy):
    """Fields go out as they were written, but for those of MIME, which the library writes itself."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        if name.lower().startswith(("content-", "mime-")):
            return super().header_store_parse(name, value)
        return name, value


_POLICY = _AsWritten(linesep="\r\n", max_line_length=LINE, refold_source="none", cte_type="7bit")


def parcel(letter: Letter, to: str, envelope: Envelope) -> Parcel:
    """The letter to one recipient, with that recipient's way out in it.

    Raises UsageError for what is no address, no list's id, no way out.
    """
    sender, recipient = mailbox(envelope.sender), mailbox(to)
    way_out = _way_out(envelope)
    message = _begun(sender, recipient, letter.subject, (envelope.message_id, letter.made_at), envelope.reply_to)
    message["List-Id"] = _list_id(envelope.list_id)
    message["List-Unsubscribe"] = f"<{way_out}>"
    if envelope.one_click:
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    _add_text(message, letter.text.replace(UNSUBSCRIBE, way_out), "plain")
    page = EmailMessage(policy=_POLICY)
    _add_text(page, letter.html.replace(UNSUBSCRIBE, html.escape(way_out)), "html")
    del page["MIME-Version"]  # the whole message has it
    message.make_alternative(boundary=f"=_{hashlib.sha256(envelope.message_id.encode()).hexdigest()[:24]}")
    message.attach(page)
    return _sealed(message, sender, recipient)


def notice(subject: str, text: str, to: str, sender: str, message_id: str, made_at: datetime) -> Parcel:
    """A message in plain text to whoever runs this. Raises UsageError for what is no address."""
    writer, reader = mailbox(sender), mailbox(to)
    message = _begun(writer, reader, subject, (message_id, made_at))
    _add_text(message, text, "plain")
    return _sealed(message, writer, reader)


def _begun(
    sender: Mailbox, recipient: Mailbox, subject: str, mark: tuple[str, datetime], reply_to: str | None = None
) -> EmailMessage:
    """A message's first fields; `mark` is its id and its date."""
    message_id, made_at = mark
    if not _ANGLED.fullmatch(message_id) or len(message_id) > _LONGEST:
        raise UsageError(f"{message_id!r} is no message's id: it has to be like <1@example.org>")
    message = EmailMessage(policy=_POLICY.clone(utf8=_needs_utf8(sender, recipient)))
    message["From"] = _folded("From", [*_phrase("From", sender.name), f"<{sender.address}>"])
    message["To"] = recipient.address
    if reply_to is not None:
        answered = mailbox(reply_to)
        message["Reply-To"] = _folded("Reply-To", [*_phrase("Reply-To", answered.name), f"<{answered.address}>"])
    message["Subject"] = _folded("Subject", _words("Subject", single_line(subject)))
    message["Date"] = format_datetime(made_at)
    message["Message-ID"] = message_id
    message["Auto-Submitted"] = "auto-generated"
    return message


def _sealed(message: EmailMessage, sender: Mailbox, recipient: Mailbox) -> Parcel:
    international = _needs_utf8(sender, recipient)
    return Parcel(sender.address, recipient.address, message.as_bytes(), international)


def _needs_utf8(sender: Mailbox, recipient: Mailbox) -> bool:
    return is_international(sender.address) or is_international(recipient.address)


def _way_out(envelope: Envelope) -> str:
    stated = envelope.way_out
    if not _WAY_OUT.fullmatch(stated) or len(stated) > _LONGEST:
        raise UsageError(f"{stated!r} is no way to unsubscribe: it has to be an https:// or mailto: address")
    if envelope.one_click and not stated.startswith("https:"):
        raise UsageError(f"{stated!r} takes no click: List-Unsubscribe-Post needs an https:// address (RFC 8058)")
    return stated


def _list_id(stated: str) -> str:
    found = _LISTED.fullmatch(single_line(stated))
    if found is None or len(found["id"]) > 255:
        raise UsageError(f"{stated!r} is no list's id: it has to be like Morning briefing <morning.example.org>")
    return _folded("List-Id", [*_phrase("List-Id", found["name"]), f"<{found['id']}>"])


def _phrase(field: str, name: str | None) -> list[str]:
    """A name before an address: bare, in quotes, or as encoded words, in pieces between which a line may end."""
    if not name:
        return []
    if not name.isascii() or "=?" in name or len(name) > LINE - len(field) - 8:
        return _encoded(field, name)
    if _BARE.fullmatch(name):
        return [name]
    return ['"' + re.sub(r'(["\\])', r"\\\1", name) + '"']


def _words(field: str, text: str) -> list[str]:
    """Free text, as it is where that is safe: what looks like an encoded word must arrive as it looks."""
    words = text.split()
    if text.isascii() and "=?" not in text and all(len(word) <= LINE - len(field) - 3 for word in words):
        return words
    return _encoded(field, text)


def _encoded(field: str, text: str) -> list[str]:
    """Encoded words (RFC 2047), each of 75 characters at most."""
    return Header(text, "utf-8", maxlinelen=LINE - 1, header_name=field).encode().split()


def _folded(field: str, pieces: list[str]) -> str:
    """The pieces with a space or a line's end between them, so that lines are of `LINE` octets where they can be."""
    lines, room = [""], LINE - len(field) - 2
    for piece in pieces:
        size = len(piece.encode())
        if lines[-1] and size + 1 > room:
            lines.append("")
            room = LINE
        lines[-1] += f" {piece}" if lines[-1] or len(lines) > 1 else piece
        room -= size + 1
    return "\r\n".join(lines)


def _add_text(message: EmailMessage, text: str, subtype: str) -> None:
    """Quoted-printable, which people and filters can read, or Base64 where that is shorter."""
    sound = text.encode(errors="replace").decode()
    octets = sound.encode()
    is_longer = len(quopri.encodestring(octets)) > len(base64.encodebytes(octets))
    message.set_content(sound, subtype=subtype, charset="utf-8", cte="base64" if is_longer else "quoted-printable")
