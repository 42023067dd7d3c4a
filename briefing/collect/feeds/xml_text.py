"""XML that anybody may have sent: its text, without its document type, as a tree that nothing was opened for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import html5
from typing import Any

from briefing.collect.decode import decode
from briefing.ports import Document

# What XML 1.0 does not allow. Only the halves of surrogate pairs cannot come out of decoding.
_FORBIDDEN = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CONTROLS = bytes({*range(32)} - {9, 10, 13})
# Numbers that mean controls and that everybody reads as windows-1252, as the HTML standard does.
_WESTERN = re.compile(r"&#(12[89]|1[34]\d|15\d);|[\x80-\x9f]")
_OPENING = re.compile(r"\s*(?:<\?(?:[^?]|\?(?!>))*+\?>|<!--(?:[^-]|-(?!->))*+-->)")
_FIRST = re.compile(r"(?:\s++|<\?[^>]*+>|<!--.*?-->)*+<(?:[\w.-]{1,40}:)?([a-zA-Z][\w.-]{0,40})", re.DOTALL)
_DOCTYPE = re.compile(r"\s*<!DOCTYPE\b", re.IGNORECASE)
_IN_DOCTYPE = re.compile(r"""["'\[\]>]|<!--""")
_DOCTYPE_LIMIT = 1024 * 1024  # characters
_MARKED_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff", b"<\0", b"\0<")
_REFERENCE = re.compile(
    r"&(?!(?:amp|lt|gt|quot|apos);)(?:#(\d{1,7});|#[xX]([0-9a-fA-F]{1,6});|([a-zA-Z][a-zA-Z0-9]{1,31});)?"
)


def xml_text(document: Document) -> str:
    """The text of a document that should be XML, without what XML does not allow and without its document type.

    Raises UnreadableError where it is no text.
    """
    data = document.data
    if not data.startswith(_MARKED_WIDE):
        data = data.replace(b"\0", b"")
    text = decode(data, markup=True, charset=document.charset)
    # in most feeds there is nothing to find, and this is quicker to see
    if not text.isascii() or "&#1" in text or len(text) != len(text.encode().translate(None, _CONTROLS)):
        text = _WESTERN.sub(_western, _FORBIDDEN.sub("", text))
    return without_doctype(text)


def without_doctype(text: str) -> str:
    """The text without its document types: no entity of its own can be declared, so none is ever expanded."""
    position, kept = 0, []
    while True:
        if opening := _OPENING.match(text, position):
            kept.append(opening.group())
            position = opening.end()
        elif doctype := _DOCTYPE.match(text, position):
            position = _end_of_doctype(text, doctype.end())
        else:
            return "".join(kept).lstrip() + (text[position:] if kept else text[position:].lstrip())


def first_element(text: str) -> str:
    """The local name of a document's outermost element in lower case; empty where anything else stands before it."""
    first = _FIRST.match(without_doctype(text))
    return first[1].lower() if first else ""


def parse(text: str, base: str | None = None, *, recover: bool = False) -> Any:
    """The tree of well-formed XML, None for any other text. `base` is the address that it came from.

    Nothing is opened, no entity expanded; elements 256 deep, or texts of 10 million characters, make it none.
    With `recover` the tree is what can be read of broken XML, too.
    """
    from lxml import etree

    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
        recover=recover,
    )
    try:
        return etree.fromstring(text.encode("utf-8", errors="replace"), parser=parser, base_url=base)
    except (etree.XMLSyntaxError, ValueError):
        return None


def mended(text: str) -> str:
    """The text with references that XML knows: `&nbsp;` by its number, a bare ampersand escaped.

    Marked sections are left as they are: in them an ampersand is nothing but itself.
    """
    return "".join(part if is_marked else _REFERENCE.sub(_sound, part) for is_marked, part in _sections(text))


def _western(match: re.Match[str]) -> str:
    code = int(match[1]) if match[1] else ord(match.group())
    return bytes((code,)).decode("cp1252", errors="ignore")


def _sound(match: re.Match[str]) -> str:
    decimal, hexadecimal, name = match.groups()
    if decimal or hexadecimal:
        code = int(decimal) if decimal else int(hexadecimal, 16)
        return f"&#{code};" if code <= 0x10FFFF and not _FORBIDDEN.match(chr(code)) else ""
    if name is None:
        return "&amp;"
    known = html5.get(f"{name};")
    return "".join(f"&#{ord(character)};" for character in known) if known else f"&amp;{name};"


def _sections(text: str) -> Iterator[tuple[bool, str]]:
    """The parts of the text inside and outside marked (CDATA) sections, in order."""
    position = 0
    while (start := text.find("<![CDATA[", position)) >= 0 and (end := text.find("]]>", start)) >= 0:
        yield False, text[position:start]
        yield True, text[start : end + 3]
        position = end + 3
    yield False, text[position:]


def _end_of_doctype(text: str, position: int) -> int:
    """Where the document type that `position` lies in ends: after its `>`, or at the end of what never ends it."""
    depth, limit = 0, position + _DOCTYPE_LIMIT
    while (mark := _IN_DOCTYPE.search(text, position)) and position < limit:
        position = mark.end()
        if mark.group() == ">" and depth <= 0:
            return position
        if mark.group() == "<!--":
            end = text.find("-->", position)
            if end < 0:
                return len(text)
            position = end + 3
        elif mark.group() in "\"'":
            position = text.find(mark.group(), position) + 1 or position
        else:
            depth += {"[": 1, "]": -1}.get(mark.group(), 0)
    return len(text)
