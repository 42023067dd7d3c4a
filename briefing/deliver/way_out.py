"""The way out of a list: the address in each message by which its reader leaves, and nobody else can."""

from __future__ import annotations

import hashlib
from urllib.parse import quote, urlsplit

import idna
from itsdangerous import BadData, URLSafeSerializer
from pydantic import SecretStr

from briefing.config import MailSettings
from briefing.deliver.addresses import address as canonical
from briefing.errors import UsageError

LONGEST = 1_000  # characters of a token; one of ours has 90 and the address
_SALT = b"briefing.unsubscribe"  # what is signed for another use with the same key is no token
_IN_PATH = "/~!$&'()*+,;=:@%"
_IN_MAILBOX = "@!$'*+-.^_`{|}~="  # of RFC 6068's `addr-spec`, what a mailbox has


def token(profile: str, address: str, key: SecretStr) -> str:
    """The signed word for one reader of one profile: letters that need no escape in an address, without an end of time.

    It is signed and not encrypted: who has it can read the address, as can who has the message that it stands in.
    """
    made: str = _serializer(key).dumps([profile, address])
    return made


def read_token(token: str, key: SecretStr) -> tuple[str, str] | None:
    """The profile and the address that a token was made for; None where it was not made with this key."""
    if len(token) > LONGEST:
        return None
    try:
        found = _serializer(key).loads(token)
    except BadData:
        return None
    match found:
        case [str() as profile, str() as address]:
            return profile, address
    return None


def way_out(mail: MailSettings, profile: str, address: str, key: SecretStr) -> tuple[str, bool]:
    """Where a reader leaves, and whether one POST there is enough (RFC 8058), which only https may promise.

    Without such an address it is a mail to whoever sends the edition. Nothing in it breaks a line or ends a header.
    Raises UsageError where neither `public_url` nor a sender is set, or one of them cannot be used.
    """
    if mail.public_url is not None and mail.public_url.startswith("https://"):
        return f"{public_place(mail.public_url)}/unsubscribe/{token(profile, address, key)}", True
    stated = mail.reply_to or mail.sender
    if stated is None:
        raise UsageError(
            "no way out for readers: set public_url under [mail] to the https address of `briefing serve`, or sender"
        )
    return f"mailto:{quote(canonical(stated), safe=_IN_MAILBOX)}?subject={quote(f'unsubscribe {profile}')}", False


def public_place(stated: str) -> str:
    """An address as links begin with it: no slash at its end, no name and password, no query, ASCII alone.

    Raises UsageError where it is none.
    """
    wrong = 'public_url under [mail] is no address; write it as "https://briefing.example.org"'
    try:
        parts = urlsplit(stated.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise UsageError(wrong) from error
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except UnicodeError as error:
            raise UsageError(wrong) from error
    if not host or not all(one.isalnum() or one in "-._:" for one in host):
        raise UsageError(wrong)
    place = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{place}{'' if port is None else f':{port}'}{quote(parts.path, safe=_IN_PATH).rstrip('/')}"


def _serializer(key: SecretStr) -> URLSafeSerializer:
    return URLSafeSerializer(
        key.get_secret_value(),
        salt=_SALT,
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
