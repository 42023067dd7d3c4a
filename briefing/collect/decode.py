"""Bytes to text: byte order mark, UTF-8, the declared charset, then a guess that must be sure of itself."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:\-]{2,40})""")
# UTF-16 without a mark: markup begins with "<", which no other encoding writes so.
_UNMARKED = ((b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))
_DECLARED_WITHIN = 2048  # bytes; a declaration stands at the top of a document
# Labels that name one charset and, by the Encoding Standard of the web, mean a wider one.
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}
# Charsets whose bytes are all ASCII, so that they pass for UTF-8: a declaration of one is believed first.
_SEVEN_BIT = {"iso2022_jp", "iso2022_kr", "hz"}
# What Python also calls an encoding: bytes to bytes, escapes of its own source text, domain names.
_NO_CHARSETS = frozenset(
    "hex base64 bz2 zlib uu quopri rot13 punycode idna utf-7 unicode-escape raw-unicode-escape undefined".split()
)
_CONTROLS = bytes(code for code in range(32) if code not in (9, 10, 12, 13, 27)) + b"\x7f"
# What Western European news holds beyond ASCII: text that decodes to nothing else is windows-1252.
_WESTERN = re.compile(
    "[\x09-\x7e\u00a0-\u00ff\u2013\u2014\u2018-\u201e\u2020-\u2022\u2026\u2030\u20ac\u0152\u0153\u2122]*"
)
_WESTERN_LETTER_PAIR = re.compile("[\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u00ff]{2}")
_OTHERS = (
    "big5 gb18030 cp932 euc_jp euc_kr koi8_r cp1251 cp1250 cp1253 cp1254 cp1255 cp1256 cp1257 cp1258 tis_620".split()
)


class UnreadableError(ValueError):
    """The bytes are no text, or text in an unknown encoding. The message says which, and what to do."""


def decode(data: bytes, *, markup: bool = False, charset: str | None = None) -> str:
    """The text of `data`; `markup` believes a charset that the document declares. Raises UnreadableError.

    `charset` is what an HTTP header said. It goes before what the document declares, and after a byte order mark and
    UTF-8: bytes that are neither ASCII nor meant as UTF-8 hardly ever pass for it.
    """
    for mark, name in (*_MARKS, *(_UNMARKED if markup else ())):
        if data.startswith(mark):
            return data[len(mark) if name == "utf-8" else 0 :].decode(name, errors="replace")
    if _is_binary(data):
        raise UnreadableError("is a binary file, not text; give its text, or save it as HTML or plain text")
    told = _told(charset, _declared(data) if markup else None)
    for name in (*(one for one in told if one in _SEVEN_BIT), "utf-8"):
        with suppress(UnicodeDecodeError):
            return data.decode(name)
    damaged = data.decode(errors="replace")
    if _is_utf8(damaged):
        return damaged
    for name in told:
        with suppress(UnicodeDecodeError):
            return data.decode(name)
    guess = _guess(data)  # costs most: only where nothing else will do
    if guess is not None:
        return data.decode(guess, errors="replace")
    if told:  # a few broken bytes in a declared charset cost those characters, not the document
        return data.decode(told[-1], errors="replace")
    raise UnreadableError("its encoding cannot be told; save it as UTF-8")


def _is_utf8(damaged: str) -> bool:
    """Whether text was UTF-8 with a little damage: cut inside a character, or nearly all of their characters sound."""
    lost = damaged.count("\ufffd")
    beyond_ascii = len(damaged) - len(damaged.encode("ascii", errors="ignore"))
    if lost == 1 and damaged.endswith("\ufffd"):
        lost, beyond_ascii = 0, beyond_ascii - 1
    return beyond_ascii > 10 * lost


def _told(header: str | None, declared: str | None) -> list[str]:
    """The charsets that header and document name, the likelier first."""
    sent = _known(header) if header else None
    # Servers send Latin-1 for every file unless told otherwise: it says less than what the author wrote.
    if sent == "cp1252" and declared is not None:
        sent, declared = declared, sent
    return list(dict.fromkeys(name for name in (sent, declared) if name is not None))


def _is_binary(data: bytes) -> bool:
    if data.startswith((b"%PDF-", b"PK\x03\x04")):
        return True
    start = data[:65536]
    controls = len(start) - len(start.translate(None, _CONTROLS))
    return start.count(0) * 1000 > len(start) or controls * 50 > len(start)


def _declared(data: bytes) -> str | None:
    match = _DECLARED.search(data[:_DECLARED_WITHIN])
    return _known(match[1].decode("ascii")) if match else None


def _known(label: str) -> str | None:
    """The codec that a label names; None where it names none that text comes in."""
    try:
        codec = codecs.lookup(label)
    except (LookupError, ValueError):
        return None
    # a charset of several bytes would have had its mark
    if codec.name in _NO_CHARSETS or not codec._is_text_encoding:  # noqa: SLF001 - `bytes.decode` itself goes by it
        return None
    return None if codec.name.startswith(("utf-16", "utf-32")) else _WIDER.get(codec.name, codec.name)


def _guess(data: bytes) -> str | None:
    """A charset for bytes that are not UTF-8 and declare nothing; None where no guess is safe."""
    try:
        western = data.decode("cp1252")
    except UnicodeDecodeError:
        pass
    else:
        if _WESTERN.fullmatch(western) and not _WESTERN_LETTER_PAIR.search(western):
            return "cp1252"
    import charset_normalizer  # only where it is needed: most files are UTF-8

    best = charset_normalizer.from_bytes(data[:65536], cp_isolation=_OTHERS, threshold=0.1).best()
    return best.encoding if best is not None and best.coherence > 0 else None
