"""The audit: proves a finished briefing again, trusting nothing that its file says.

Every headline, every sentence and every version of a disagreement is a statement. It is proven where each passage that
it cites stands in an article's text exactly as quoted, the article belongs to the event, and the gate passes it.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from briefing.dates import find_stated
from briefing.domain import Article, Reason, Status
from briefing.gate import examine
from briefing.ports import Claim, Passage


@dataclass(frozen=True, slots=True)
class Finding:
    """What does not hold: where, why (a gate's reason, `schema`, `offset`, `quote`, `article` or `count`), in words."""

    where: str
    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Audit:
    """What an audit found: the briefing holds where `findings` is empty; `unproven` statements had no text at hand."""

    findings: tuple[Finding, ...]
    unproven: tuple[str, ...]
    proven: int


@dataclass(frozen=True, slots=True)
class _Source:
    """An article as listed, with its text where one with the recorded hash was at hand."""

    origin: str
    published: str | None
    language: str | None
    names: frozenset[str]  # of its author and publisher: whose words may be attributed to
    text: str | None


@dataclass(frozen=True, slots=True)
class _Statement:
    where: str
    value: Mapping[str, Any]
    article_ids: frozenset[str]
    judged: bool  # by the gate: a version of a disagreement holds a value, no sentence


@dataclass(frozen=True, slots=True)
class _Reading:
    """A document's parts while they are read: a part of the wrong kind is noted and read as an empty one."""

    findings: list[Finding] = field(default_factory=list)

    def note(self, where: str, reason: str, message: str) -> None:
        self.findings.append(Finding(where, reason, message))

    def part(self, value: Any, where: str, kinds: Mapping[str, type]) -> dict[str, Any]:
        """The named values of an object, each of its kind."""
        if not isinstance(value, Mapping):
            self.note(where, "schema", f"must be an object, is {_shown(value)}")
            return {key: kind() for key, kind in kinds.items()}
        found = {}
        for key, kind in kinds.items():
            given = value.get(key)
            right = isinstance(given, kind) and not (kind is int and isinstance(given, bool))
            if not right:
                self.note(where, "schema", f"`{key}` must be {_KINDS[kind]}, is {_shown(given)}")
            found[key] = given if right else kind()
        return found

    def words(self, values: Sequence[Any], where: str) -> list[str]:
        """The strings of a list."""
        for value in values:
            if not isinstance(value, str):
                self.note(where, "schema", f"must hold strings, holds {_shown(value)}")
        return [value for value in values if isinstance(value, str)]


_KINDS: dict[type, str] = {str: "a string", int: "a whole number", list: "a list", dict: "an object"}
_DOCUMENT = {
    "schema_version": int, "date": str, "storylines": list, "events": list, "withheld": list, "articles": list,
    "report": dict,
}  # fmt: skip
_EVENT = {
    "id": str, "storyline_id": str, "article_ids": list, "origins": int, "headline": dict, "sentences": list,
    "disagreements": list, "status": str,
}  # fmt: skip
_SENTENCE = {"text": str, "kind": str, "origins": int, "citations": list}
_CITATION = {"article_id": str, "start": int, "end": int, "quote": str}
_COUNTED = ("articles", "events", "sentences", "cited", "verbatim", "withheld")


def audit(document: Mapping[str, Any], texts: Mapping[str, Article]) -> Audit:
    """Prove the JSON of a briefing again.

    Any JSON is taken, damaged on purpose too: what is not as it must be becomes a finding. `texts` are articles by id,
    beside those whose text the file holds; a text counts only where its sha256 is the recorded one.
    """
    reading = _Reading()
    parts = reading.part(document, "briefing", _DOCUMENT)
    if parts["schema_version"] != 1:
        reading.note("briefing", "schema", f"`schema_version` must be 1, is {_shown(parts['schema_version'])}")
    if find_stated(parts["date"]) != (parts["date"], 0, 10):
        reading.note("briefing", "schema", f"`date` must be a day such as 2024-10-22, is {_shown(parts['date'])}")
    sources = _sources(reading, parts["articles"], texts)
    events = [reading.part(event, f"event {number}", _EVENT) for number, event in enumerate(parts["events"], 1)]
    _check_storylines(reading, parts["storylines"], events)
    _check_withheld(reading, parts["withheld"])
    _check_counts(reading, parts, events)
    unproven: list[str] = []
    proven = 0
    for number, event in enumerate(events, 1):
        if event["status"] not in get_args(Status):
            reading.note(f"event {number}", "schema", f"`status` {_shown(event['status'])} is none of the known")
        for statement in _statements(reading, event, sources):
            before = len(reading.findings)
            missing = _check_statement(reading, statement, sources)
            if missing:
                unproven.append(f"{statement.where}: no text of {', '.join(missing)}")
            elif len(reading.findings) == before:
                proven += 1
    return Audit(tuple(reading.findings), tuple(unproven), proven)


def _sources(reading: _Reading, records: Sequence[Any], texts: Mapping[str, Article]) -> dict[str, _Source]:
    sources: dict[str, _Source] = {}
    for number, record in enumerate(records, 1):
        part = reading.part(record, f"article {number}", {"id": str, "origin": str, "sha256": str})
        name = part["id"]
        where = f"article {_clipped(name)}"
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
                message = f"its text from the {place} has sha256 {digest}, recorded is {_clipped(part['sha256'], 64)}"
                reading.note(where, "article", message)
        published, language = (
            value if isinstance(value := optional.get(key), str) else None for key in ("published", "language")
        )
        title = optional.get("title")
        if text is not None and isinstance(title, str) and not text.startswith(f"{title}\n\n"):
            reading.note(where, "article", f"its text does not begin with its title {_quoted(title)}")
        names = frozenset(value for key in ("author", "publisher") if isinstance(value := optional.get(key), str))
        sources[name] = _Source(part["origin"], published, language, names, text)
    return sources


def _check_storylines(reading: _Reading, storylines: Sequence[Any], events: Sequence[Mapping[str, Any]]) -> None:
    """Every event has an id of its own and stands in one storyline, the one that it names."""
    held: dict[str, list[str]] = {}
    for number, storyline in enumerate(storylines, 1):
        where = f"storyline {number}"
        part = reading.part(storyline, where, {"id": str, "event_ids": list})
        for event_id in reading.words(part["event_ids"], where):
            held.setdefault(event_id, []).append(part["id"])
    names = Counter(event["id"] for event in events)
    for name, times in names.items():
        where = f"event {_clipped(name)}"
        if times > 1:
            reading.note(where, "count", f"{times} events have this id")
        if len(held.get(name, [])) != 1:
            reading.note(where, "count", f"stands in {len(held.get(name, []))} storylines, must stand in one")
    for event in events:
        if held.get(event["id"], [event["storyline_id"]])[0] != event["storyline_id"]:
            message = f"names storyline {_clipped(event['storyline_id'])}, stands in {_clipped(held[event['id']][0])}"
            reading.note(f"event {_clipped(event['id'])}", "count", message)
    for name in held:
        if name not in names:
            reading.note("storylines", "count", f"event {_clipped(name)} does not exist")


def _check_withheld(reading: _Reading, withheld: Sequence[Any]) -> None:
    known = get_args(Reason)
    for number, value in enumerate(withheld, 1):
        where = f"withheld {number}"
        part = reading.part(value, where, {"event_id": str, "text": str, "reasons": list})
        if not part["reasons"]:
            reading.note(where, "schema", "has no reason")
        for reason in reading.words(part["reasons"], where):
            if reason not in known:
                reading.note(where, "schema", f"`{_clipped(reason)}` is none of the reasons {', '.join(known)}")


def _check_counts(reading: _Reading, parts: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> None:
    report = reading.part(parts["report"], "report", dict.fromkeys(_COUNTED, int))
    sentences = [value for event in events for value in event["sentences"] if isinstance(value, Mapping)]
    counts = {
        "articles": len(parts["articles"]),
        "events": len(events),
        "sentences": len(sentences),
        "cited": sum(bool(value.get("citations")) for value in sentences),
        "verbatim": sum(value.get("kind") == "verbatim" for value in sentences),
        "withheld": len(parts["withheld"]),
    }
    for key, count in counts.items():
        if report[key] != count:
            reading.note("report", "count", f"`{key}` says {_shown(report[key])}, the file holds {count}")


def _statements(reading: _Reading, event: Mapping[str, Any], sources: Mapping[str, _Source]) -> Iterator[_Statement]:
    """An event's statements; what the event says of its articles is checked on the way."""
    where = f"event {_clipped(event['id'])}"
    article_ids = reading.words(event["article_ids"], where)
    for name in article_ids:
        if name not in sources:
            reading.note(where, "article", f"article {_clipped(name)} is not in the briefing")
    _check_origins(reading, where, event["origins"], article_ids, sources)
    allowed = frozenset(article_ids)
    yield _Statement(f"{where} headline", event["headline"], allowed, judged=True)
    for number, sentence in enumerate(event["sentences"], 1):
        yield _Statement(f"{where} sentence {number}", sentence, allowed, judged=True)
    for number, disagreement in enumerate(event["disagreements"], 1):
        place = f"{where} disagreement {number}"
        for count, version in enumerate(reading.part(disagreement, place, {"versions": list})["versions"], 1):
            yield _Statement(f"{place} version {count}", version, allowed, judged=False)


def _check_origins(
    reading: _Reading, where: str, stated: int, article_ids: Sequence[str], sources: Mapping[str, _Source]
) -> None:
    origins = {sources[name].origin for name in article_ids if name in sources}
    if stated != len(origins):
        reading.note(where, "count", f"`origins` says {_shown(stated)}, its articles have {len(origins)}")


def _check_statement(reading: _Reading, statement: _Statement, sources: Mapping[str, _Source]) -> list[str]:
    """Note what does not hold; the cited articles whose text was not at hand."""
    where = statement.where
    part = reading.part(statement.value, where, _SENTENCE if statement.judged else {"value": str, "citations": list})
    if not part["citations"]:
        reading.note(where, "citation", "cites nothing")
        return []
    passages, cited, missing = [], [], []
    for number, value in enumerate(part["citations"], 1):
        citation = reading.part(value, f"{where} citation {number}", _CITATION)
        name = citation["article_id"]
        if name not in sources or name not in statement.article_ids:
            place = "the event" if name in sources else "the briefing"
            reading.note(f"{where} citation {number}", "article", f"article {_clipped(name)} is not of {place}")
            continue
        source = sources[name]
        cited.append(name)
        if source.text is None and name not in missing:
            missing.append(name)
        passage = _passage(reading, f"{where} citation {number}", citation, source.text)
        passages.append(Passage(passage, source.published, source.language))
    if statement.judged and passages:
        _check_origins(reading, where, part["origins"], cited, sources)
        _judge(reading, where, part, statement.value, passages)
        speaker = statement.value.get("attributed_to")
        _check_speaker(reading, where, speaker, [sources[name] for name in cited], passages)
    return [f"article {_clipped(name)}" for name in missing]


def _check_speaker(
    reading: _Reading, where: str, speaker: Any, cited: Sequence[_Source], passages: Sequence[Passage]
) -> None:
    """Whom a sentence is attributed to wrote or published what it cites, or is named there."""
    if speaker is None:
        return
    named = isinstance(speaker, str) and any(
        speaker in source.names or speaker in passage.text for source, passage in zip(cited, passages, strict=True)
    )
    if not named:
        reading.note(where, "attribution", f"its passages do not name {_shown(speaker)}, to whom it is attributed")


def _passage(reading: _Reading, where: str, citation: Mapping[str, Any], text: str | None) -> str:
    """The cited passage in the article's own words; the quote where no text is at hand."""
    start, end, quote = citation["start"], citation["end"], str(citation["quote"])
    span = f"{_shown(start)}..{_shown(end)}"
    if not 0 <= start < end or end - start != len(quote):
        reading.note(where, "offset", f"{span} is no span of {len(quote)} characters")
    if text is None:
        return quote
    if 0 <= start < end and end > len(text):
        reading.note(where, "offset", f"{span} ends behind the article's {len(text)} characters")
    passage = text[max(0, start) : max(0, end)]
    if passage != quote:
        place = text.find(quote) if quote else -1
        if place >= 0:
            message = f"{span} reads {_quoted(passage)}; {_quoted(quote)} stands at {place}..{place + len(quote)}"
        else:
            message = f"expected {_quoted(passage)} at {span}, found {_quoted(quote)}"
        reading.note(where, "quote" if place < 0 else "offset", message)
    return passage


def _judge(
    reading: _Reading, where: str, part: Mapping[str, Any], value: Mapping[str, Any], passages: Sequence[Passage]
) -> None:
    if part["kind"] not in ("written", "verbatim"):
        reading.note(where, "schema", f"`kind` must be written or verbatim, is {_shown(part['kind'])}")
        return
    speaker = value.get("attributed_to")
    claim = Claim(part["text"], part["kind"], speaker if isinstance(speaker, str) else None)
    for reason in examine(claim, passages):
        reading.note(where, reason, f"its passages do not bear out {_quoted(part['text'])}: {reason}")


def _quoted(text: str) -> str:
    return f"“{_clipped(text, 160)}”"


def _clipped(text: str, length: int = 40) -> str:
    """Text for a message: on one line, without what a terminal obeys, not too long."""
    shown = "".join(letter if letter.isprintable() else " " for letter in text[: length + 1])
    return shown if len(shown) <= length else shown[:length] + "…"


def _shown(value: Any) -> str:
    """A JSON value for a message, however large or deep it is."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return f"“{_clipped(value)}”"
    if isinstance(value, int):
        return str(value) if abs(value) < 10**18 else "a huge number"
    if isinstance(value, float):
        return repr(value)
    return "an object" if isinstance(value, Mapping) else "a list"
