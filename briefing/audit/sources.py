"""The articles that a briefing lists, with their texts where the right ones are at hand."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from briefing.audit.reading import Reading, clipped, quoted
from briefing.domain import Article


@dataclass(frozen=True, slots=True)
class Source:
    """An article as listed, with its text where one with the recorded hash was at hand."""

    origin: str
    published: str | None
    language: str | None
    names: frozenset[str]  # of its author and publisher: whose words may be attributed to
    text: str | None


def read_sources(reading: Reading, records: Sequence[Any], texts: Mapping[str, Article]) -> dict[str, Source]:
    """The articles by id; what a record says wrongly of its text is noted."""
    sources: dict[str, Source] = {}
    for number, record in enumerate(records, 1):
        part = reading.part(record, f"article {number}", {"id": str, "origin": str, "sha256": str})
        name = part["id"]
        where = f"article {clipped(name)}"
        if name in sources:
            reading.note(where, "article", "is listed twice")
        optional = record if isinstance(record, Mapping) else {}
        text = None
        for place, given in (
            ("--articles", texts[name].text if name in texts else None),
            ("file", optional.get("text")),
        ):
            if not isinstance(given, str):
                continue
            digest = hashlib.sha256(given.encode(errors="surrogatepass")).hexdigest()
            if digest == part["sha256"]:
                text = given
            else:
                message = f"its text from the {place} has sha256 {digest}, recorded is {clipped(part['sha256'], 64)}"
                reading.note(where, "article", message)
        published, language = (
            value if isinstance(value := optional.get(key), str) else None for key in ("published", "language")
        )
        title = optional.get("title")
        if text is not None and isinstance(title, str) and not text.startswith(f"{title}\n\n"):
            reading.note(where, "article", f"its text does not begin with its title {quoted(title)}")
        names = frozenset(value for key in ("author", "publisher") if isinstance(value := optional.get(key), str))
        sources[name] = Source(part["origin"], published, language, names, text)
    return sources
