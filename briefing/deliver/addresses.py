"""One mailbox: as it is stated, as servers are told of it, and as two spellings of it are compared.

What is taken is RFC 5321's Dot-string, with letters beyond ASCII (RFC 6531), at a host's name. Quoted local parts and
address literals are not: nobody's mailbox needs them (RFC 5321, 4.1.2), and programs differ in how they read them.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from briefing.errors import UsageError
from briefing.text import single_line

LOCAL_OCTETS, ADDRESS_OCTETS = 64, 254  # RFC 5321, 4.5.3.1, and 256 for a path with its brackets

_STATED = 1_000  # characters that are looked at
_NAMED = re.compile(r'(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<bare>[^"\\]*?))\s*<(?P<mailbox>[^<>]*)>', re.DOTALL)
_RESERVED = re.compile(r"[@,;:<>]")
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~\-\x80-\U0010ffff]+"
_LOCAL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_NO_LETTERS = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp", "Zs"))


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address as `address` returns it, and the name before it, of one line; None where there is none."""

    address: str
    name: str | None = None


def mailbox(stated: str) -> Mailbox:
    """Reads `ada@example.org`, `Ada Lovelace <ada@example.org>`, `"Lovelace, Ada" <ada@example.org>`.

    Raises UsageError that says what is wrong and how to write it.
    """
    text = stated.strip(" \t")
    if len(text) > _STATED:
        raise _wrong(stated, "it is too long")
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") for character in text):
        raise _wrong(stated, "it holds a line break or a control character")
    named = _NAMED.fullmatch(text)
    if named is None:
        return Mailbox(_canonical(text, stated))
    if named["bare"] and _RESERVED.search(named["bare"]):
        raise _wrong(stated, "it looks like several; give one, and put a name with , ; : or @ into quotes")
    name = named["bare"] if named["quoted"] is None else re.sub(r"\\(.)", r"\1", named["quoted"])
    return Mailbox(_canonical(named["mailbox"], stated), single_line(name) or None)


def address(stated: str) -> str:
    """The one address of what is stated, as a server is told of it: see `mailbox`, which also raises for it.

    The host is in lower case and in ASCII (IDNA 2008, mapped by UTS 46); before the @ only accents are composed (NFC).
    """
    return mailbox(stated).address


def key(stated: str) -> str:
    """What two spellings of one mailbox share. Raises UsageError as `address` does.

    A server may tell `Ada` from `ada` before the @; none is known that has two people there.
    """
    local, _, host = address(stated).rpartition("@")
    return f"{unicodedata.normalize('NFC', local.casefold())}@{host}"


def is_international(canonical: str) -> bool:
    """Whether a canonical address can be told only to servers that know SMTPUTF8."""
    return not canonical.isascii()


def _canonical(text: str, stated: str) -> str:
    local, at, host = text.rpartition("@")
    if not at:
        raise _wrong(stated, "there is no @ in it")
    local = unicodedata.normalize("NFC", local)
    if not _LOCAL.fullmatch(local) or any(_is_no_letter(character) for character in local):
        raise _wrong(stated, "what stands before the @ cannot stand there" if local else "nothing stands before the @")
    canonical = f"{local}@{_host(host, stated)}"
    if len(local.encode()) > LOCAL_OCTETS or len(canonical.encode()) > ADDRESS_OCTETS:
        raise _wrong(stated, f"it is too long: {LOCAL_OCTETS} before the @, {ADDRESS_OCTETS} in all")
    return canonical


def _is_no_letter(character: str) -> bool:
    return not character.isascii() and unicodedata.category(character) in _NO_LETTERS


def _host(text: str, stated: str) -> str:
    host = text.lower().removesuffix(".")
    if not host.isascii() or "xn--" in host:
        import idna  # its tables take longer to load than most addresses need them

        try:
            host = idna.encode(host, uts46=True, std3_rules=True).decode("ascii")
        except UnicodeError as error:
            raise _wrong(stated, "what stands after the @ is no host name") from error
    if not _HOST.fullmatch(host) or host.rpartition(".")[2].isdigit():
        raise _wrong(stated, "what stands after the @ is no host name" if host else "nothing stands after the @")
    return host


def _wrong(stated: str, why: str) -> UsageError:
    shown = repr(stated if len(stated) <= 80 else f"{stated[:79]}…")
    return UsageError(f"{shown} is no mail address: {why}. Write one, as ada@example.org or Ada <ada@example.org>")
