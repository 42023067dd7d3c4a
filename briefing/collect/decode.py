"""Bytes to text: byte order mark, UTF-8, the declared charset, then a guess that must be sure of itself."""

from __future__ import annotations

import codecs
import re

_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DECLARED = re.compile(rb"""(?:charset|encoding)\s*=\s*["']?\s*([A-Za-z0-9_.:\-]{2,40})""")
_DECLARED_WITHIN = 2048  # bytes; a declaration stands at the top of a document
# Labels that name one charset and, by the Encoding Standard of the web, mean a wider one.
_WIDER = {"iso8859-1": "cp1252", "ascii": "cp1252", "gb2312": "gb18030", "gbk": "gb18030", "shift_jis": "cp932"}
# Charsets whose bytes are all ASCII, so that they pass for UTF-8: a declaration of one is believed first.
_SEVEN_BIT = {"iso2022_jp", "iso2022_kr", "hz"}
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


def decode(data: bytes, *, markup: bool = False) -> str:
    """The text of `data`; `markup` believes a charset that the document declares. Raises UnreadableError."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return data[len(mark) if name == "utf-8" else 0 :].decode(name, errors="replace")
    if _is_binary(data):
        raise UnreadableError("is a binary file, not text; give its text, or save it as HTML or plain text")
    declared = _declared(data) if markup else None
    for charset in (declared if declared in _SEVEN_BIT else None, "utf-8", declared, _guess(data)):
        if charset is None:
            continue
        try:
            return data.decode(charset)
        except UnicodeDecodeError:
            continue
    if declared:  # a few broken bytes in a declared charset cost those characters, not the document
        return data.decode(declared, errors="replace")
    raise UnreadableError("its encoding cannot be told; save it as UTF-8")


def _is_binary(data: bytes) -> bool:
    if data.startswith((b"%PDF-", b"PK\x03\x04")):
        return True
    start = data[:65536]
    controls = len(start) - len(start.translate(None, _CONTROLS))
    return start.count(0) * 1000 > len(start) or controls * 50 > len(start)


def _declared(data: bytes) -> str | None:
    match = _DECLARED.search(data[:_DECLARED_WITHIN])
    if not match:
        return None
    try:
        codec = codecs.lookup(match[1].decode("ascii"))
    except LookupError:
        return None
    # bytes-to-bytes codecs (`hex`, `zip`) are no charsets, and a multi-byte one would have had its mark
    if codec.name in ("hex", "base64", "bz2", "zlib", "uu", "quopri", "rot13", "punycode", "idna", "utf-7"):
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
