"""The audit: proves a finished briefing again, trusting nothing that its file says.

Every headline, sentence, fact and version of a disagreement is a statement. It is proven where each passage that
it cites stands in an article's text exactly as quoted, the article belongs to the event, and the gate passes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, get_args

from briefing.audit.ledger import check_counts, check_fallbacks, check_storylines, check_withheld
from briefing.audit.reading import Finding, Reading, shown
from briefing.audit.sources import read_sources
from briefing.audit.statements import check_statement, statements
from briefing.dates import find_stated
from briefing.domain import Article, Status

__all__ = ["Audit", "Finding", "audit"]

_DOCUMENT = {
    "schema_version": int, "date": str, "storylines": list, "events": list, "withheld": list, "articles": list,
    "report": dict,
}  # fmt: skip
_EVENT = {
    "id": str, "storyline_id": str, "article_ids": list, "origins": int, "headline": dict, "sentences": list,
    "disagreements": list, "status": str,
}  # fmt: skip
_LATER = {"facts": list}  # briefings of 0.1 have none


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found: the briefing holds where `findings` is empty; `unproven` statements had no text at hand."""

    findings: tuple[Finding, ...]
    unproven: tuple[str, ...]
    proven: int


def audit(document: Mapping[str, Any], texts: Mapping[str, Article]) -> Audit:
    """Prove the JSON of a briefing again.

    Any JSON is taken, damaged on purpose too: what is not as it must be becomes a finding. `texts` are articles by id,
    beside those whose text the file holds; a text counts only where its sha256 is the recorded one.
    """
    reading = Reading()
    parts = reading.part(document, "briefing", _DOCUMENT)
    if parts["schema_version"] != 1:
        reading.note("briefing", "schema", f"`schema_version` must be 1, is {shown(parts['schema_version'])}")
    if find_stated(parts["date"]) != (parts["date"], 0, 10):
        reading.note("briefing", "schema", f"`date` must be a day such as 2024-10-22, is {shown(parts['date'])}")
    sources = read_sources(reading, parts["articles"], texts)
    events = [reading.part(event, f"event {number}", _EVENT, _LATER) for number, event in enumerate(parts["events"], 1)]
    check_storylines(reading, parts["storylines"], events)
    check_withheld(reading, parts["withheld"])
    check_counts(reading, parts, events)
    check_fallbacks(reading, parts, events)
    unproven: list[str] = []
    proven = 0
    for number, event in enumerate(events, 1):
        if event["status"] not in get_args(Status):
            reading.note(f"event {number}", "schema", f"`status` {shown(event['status'])} is none of the known")
        for statement in statements(reading, event, sources):
            before = len(reading.findings)
            missing = check_statement(reading, statement, sources)
            if missing:
                unproven.append(f"{statement.where}: no text of {', '.join(missing)}")
            elif len(reading.findings) == before:
                proven += 1
    return Audit(tuple(reading.findings), tuple(unproven), proven)
