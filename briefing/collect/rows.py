"""JSON Lines and JSON: one article a row, broken rows told one by one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from briefing.collect.decode import UnreadableError, decode
from briefing.collect.feeds.jsonfeed import is_json_feed
from briefing.collect.plain import paragraphs
from briefing.collect.stated import KEYS, content_hash, parse
from briefing.dates import parse_stated
from briefing.ports import Document, RawArticle
from briefing.report import Problem
from briefing.text import single_line

LINE_LIMIT = 5 * 1024 * 1024  # bytes


def read_lines(document: Document) -> Iterator[RawArticle | Problem]:
    """A row a line. A line that cannot be read is a Problem that names it; the others go on."""
    data = document.data
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        data = decode(data).encode()
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        place = f"{document.name} line {number}"
        if len(line) > LINE_LIMIT:
            yield Problem(place, "is longer than 5 MiB; leave it out or shorten its text")
            continue
        try:
            row = parse(line)
        except ValueError as error:
            if number == 1 and b"\0" in line:
                yield Problem(document.name, "is a binary file, not JSON Lines")
                return
            yield Problem(place, str(error))
            continue
        yield from _article(row, place, document.id, None)


def read_document(document: Document) -> Iterator[RawArticle | Problem]:
    """One object, an array of objects, an object whose `articles` is one, or a JSON Feed."""
    try:
        data = decode(document.data).encode()
        value = parse(data)
    except UnreadableError as error:
        yield Problem(document.name, str(error))
        return
    except ValueError as error:
        hint = "; one object a line is JSON Lines: name the file .jsonl" if "Extra data" in str(error) else ""
        yield Problem(document.name, f"{error}{hint}")
        return
    if is_json_feed(value):
        from briefing.collect.feeds import read as feed  # it makes its ids as they are made here

        yield from feed.read(replace(document, data=data))
        return
    if isinstance(value, dict) and isinstance(value.get("articles"), list):
        rows = value["articles"]
        texts = [row for row in rows if isinstance(row, dict) and row.get("text")]
        if "schema_version" in value and rows and not texts:
            yield Problem(document.name, "is a briefing without texts; give its articles, or build it with --with-text")
            return
    elif isinstance(value, list):
        rows = value
    else:
        yield from _article(value, document.name, document.id, document.id)
        return
    for number, row in enumerate(rows, start=1):
        yield from _article(row, f"{document.name} article {number}", document.id, None)


def _article(row: object, place: str, file_id: str, own_id: str | None) -> Iterator[RawArticle | Problem]:
    """The article of a row, and a Problem where its date is none.

    `own_id` is its id where it states none, else `FILE#` and a hash of its content. A whole number is an id as well.
    """
    if not isinstance(row, dict):
        yield Problem(place, f"is {_kind(row)}, not an object with a text")
        return
    if type(row.get("id")) is int:  # not `isinstance`: a boolean would pass
        row = {**row, "id": str(row["id"])}
    for key in KEYS:
        if not isinstance(row.get(key), str | None):
            yield Problem(place, f'"{key}" is {_kind(row[key])}; it must be a string or null')
            return
    known = {key: row[key] for key in KEYS if row.get(key) is not None}
    identifier = known.get("id", "")
    if identifier.strip():
        if single_line(identifier) != identifier:
            yield Problem(place, '"id" holds line breaks, outer space or characters that cannot be seen; mend it')
            return
    else:
        identifier = own_id or f"{file_id}#{content_hash(known)}"
    published = known.get("published", "")
    if published.strip() and parse_stated(published) is None:
        yield Problem(place, f'"published" is no date: {published[:40]!r}; taken as unknown, write it as 2026-03-02')
    yield RawArticle(
        id=identifier,
        text=paragraphs(known.get("text", "")),
        title=known.get("title"),
        published=known.get("published"),
        publisher=known.get("publisher"),
        url=known.get("url"),
        author=known.get("author"),
        language=known.get("language"),
        place=place,
    )


def _kind(value: object) -> str:
    names = {bool: "a boolean", int: "a number", float: "a number", list: "a list", dict: "an object", str: "a string"}
    return "null" if value is None else names[type(value)]
