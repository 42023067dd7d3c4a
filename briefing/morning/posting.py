"""Letters on their way: which carrier takes them, how each is composed, and what the operator is told."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from briefing.config import MailSettings, Settings
from briefing.config.secrets import mail_password, unsubscribe_key
from briefing.deliver.addresses import mailbox
from briefing.deliver.eml import Folder
from briefing.deliver.message import Envelope, notice, parcel
from briefing.deliver.outbox import Posted, Terms, post
from briefing.deliver.smtp import Server, Smtp
from briefing.deliver.way_out import way_out
from briefing.errors import BriefingError, UsageError
from briefing.letters import Carrier, Letter, Parcel
from briefing.morning.telling import told
from briefing.morning.tools import Tools
from briefing.render.wording import count
from briefing.store import Database
from briefing.store.lock import in_turn
from briefing.store.sends import Send

_NO_WAY = (
    "no way for mail to go out: set host (and username) under [mail] in briefing.toml, "
    "or folder, where each message becomes a file"
)


def check_mail(settings: Settings) -> None:
    """Raises UsageError where the settings cannot send mail, before any work is done for it."""
    mail = settings.mail
    if not mail.reachable:
        raise UsageError(_NO_WAY)
    for stated in (sender_of(mail), mail.reply_to, mail.operator):
        if stated is not None:
            mailbox(stated)
    if mail.folder is None:
        server_of(mail)
    way_out(mail, "check", "reader@example.org", unsubscribe_key(settings))


def new_message_id(mail: MailSettings) -> str:
    """A Message-ID that no other message has, in the sender's own domain. Raises UsageError where there is none."""
    return f"<{uuid.uuid4().hex}@{_domain(mail)}>"


@contextmanager
def carrier_of(mail: MailSettings) -> Iterator[Carrier]:
    """The way that the settings name: a folder, or a server, whose connection ends with it."""
    if mail.folder is not None:
        yield Folder(mail.folder.expanduser())
        return
    with Smtp(server_of(mail)) as carrier:
        yield carrier


def server_of(mail: MailSettings) -> Server:
    """The mail server of the settings. Raises UsageError where they name none."""
    if mail.host is None:
        raise UsageError(_NO_WAY)
    return Server(
        host=mail.host,
        port=mail.port or {"starttls": 587, "tls": 465, "none": 25}[mail.security],
        security=mail.security,
        username=mail.username,
        password=mail_password(mail),
        certificates=mail.certificates,
        timeout=mail.timeout,
        answer_timeout=mail.answer_timeout,
        local_name=mail.local_name,
    )


def composer(settings: Settings) -> Callable[[Send, Letter], Parcel]:
    """What makes a letter into the message for one recipient, the same bytes at every try."""
    mail, sender, key = settings.mail, sender_of(settings.mail), unsubscribe_key(settings)
    domain = _domain(mail)

    def compose(send: Send, letter: Letter) -> Parcel:
        own = settings.profiles.get(send.profile)
        title = (own.title if own is not None else None) or settings.title
        leaving, one_click = way_out(mail, send.profile, send.recipient, key)
        envelope = Envelope(
            sender=sender,
            reply_to=mail.reply_to,
            list_id=f"{title.replace('<', ' ').replace('>', ' ')} <{send.profile}.{domain}>",
            message_id=send.message_id,
            way_out=leaving,
            one_click=one_click,
        )
        return parcel(letter, send.recipient, envelope)

    return compose


def post_all(database: Database, settings: Settings, tools: Tools, patience: float = 0.0) -> Posted:
    """Send what is due in the outbox, say what came of it, and write to the operator of what needs somebody.

    `settings` are the general ones, for mail of any profile may be waiting. Raises UsageError where they cannot send,
    AlreadyRunning where another program is at it, and is not done in `patience` seconds.
    """
    check_mail(settings)
    mail = settings.mail
    terms = Terms(resend_unknown=mail.unknown == "resend", give_up=mail.give_up, at_once=tools.by_hand)
    with carrier_of(mail) as carrier:
        compose = composer(settings)
        posted = in_turn(lambda: post(database, carrier, compose, tools.clock, terms, tools.progress), patience)
    if posted.sent:
        tools.tell(f"sent to {count(len(posted.sent), 'reader')}")
    lines = told(posted, mail.unknown)
    for line in lines:
        tools.warn(line)
    if posted.refused or posted.unknown or (posted.doubted and mail.unknown == "hold"):
        text = "\n".join(lines) + "\n\nAll of the outbox: briefing send --list\n"
        alarm(settings, "briefing: some mail did not go out", text, tools)
    return posted


def alarm(settings: Settings, subject: str, text: str, tools: Tools) -> None:
    """Write to the operator, where the settings name one; that this fails is only told."""
    mail = settings.mail
    if mail.operator is None or not mail.reachable:
        return
    try:
        message = notice(subject, text, mail.operator, sender_of(mail), new_message_id(mail), tools.clock())
        with carrier_of(mail) as carrier:
            receipt = carrier(message, lambda: True)
        why = None if receipt.outcome == "sent" else receipt.answer or receipt.outcome
    except BriefingError as error:
        why = str(error)
    if why is not None:
        tools.warn(f"the alarm could not be sent to {mail.operator}: {why}")


def sender_of(mail: MailSettings) -> str:
    """Who sends, as the settings state it. Raises UsageError where they do not, or where it is no address."""
    if mail.sender is None:
        raise UsageError(
            'nobody is named to send the mail: set sender = "Daily briefing <briefing@example.org>" under [mail]'
        )
    mailbox(mail.sender)
    return mail.sender


def _domain(mail: MailSettings) -> str:
    return mailbox(sender_of(mail)).address.rpartition("@")[2]
