"""What a briefing states, statement by statement, held against the articles and the gate."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from briefing.audit.reading import Reading, clipped, quoted, shown
from briefing.audit.sources import Source
from briefing.domain import Aspect
from briefing.gate import examine
from briefing.gate.compare import stands_whole
from briefing.ports import Claim, Passage

_SENTENCE = {"text": str, "kind": str, "origins": int, "citations": list}
_CITATION = {"article_id": str, "start": int, "end": int, "quote": str}


@dataclass(frozen=True, slots=True)
class Statement:
    """Something that an event says: where it stands, and the articles that it may cite."""

    where: str
    value: Mapping[str, Any]
    article_ids: frozenset[str]
    judged: bool  # by the gate: a version of a disagreement holds a value, no sentence


def statements(reading: Reading, event: Mapping[str, Any], sources: Mapping[str, Source]) -> Iterator[Statement]:
    """An event's statements; what the event says of its articles is checked on the way."""
    where = f"event {clipped(event['id'])}"
    article_ids = reading.words(event["article_ids"], where)
    for name in article_ids:
        if name not in sources:
            reading.note(where, "article", f"article {clipped(name)} is not in the briefing")
    _check_origins(reading, where, event["origins"], article_ids, sources)
    allowed = frozenset(article_ids)
    yield Statement(f"{where} headline", event["headline"], allowed, judged=True)
    for number, sentence in enumerate(event["sentences"], 1):
        yield Statement(f"{where} sentence {number}", sentence, allowed, judged=True)
    for number, fact in enumerate(event["facts"], 1):
        place = f"{where} fact {number}"
        aspect = fact.get("aspect") if isinstance(fact, Mapping) else None
        if aspect not in get_args(Aspect):
            reading.note(place, "schema", f"`aspect` {shown(aspect)} is none of {', '.join(get_args(Aspect))}")
        yield Statement(place, fact, allowed, judged=True)
    for number, disagreement in enumerate(event["disagreements"], 1):
        place = f"{where} disagreement {number}"
        for count, version in enumerate(reading.part(disagreement, place, {"versions": list})["versions"], 1):
            yield Statement(f"{place} version {count}", version, allowed, judged=False)


def _check_origins(
    reading: Reading, where: str, stated: int, article_ids: Sequence[str], sources: Mapping[str, Source]
) -> None:
    origins = {sources[name].origin for name in article_ids if name in sources}
    if stated != len(origins):
        reading.note(where, "count", f"`origins` says {shown(stated)}, its articles have {len(origins)}")


def check_statement(reading: Reading, statement: Statement, sources: Mapping[str, Source]) -> list[str]:
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
            reading.note(f"{where} citation {number}", "article", f"article {clipped(name)} is not of {place}")
            continue
        source = sources[name]
        cited.append(name)
        if source.text is None and name not in missing:
            missing.append(name)
        passage = _passage(reading, f"{where} citation {number}", citation, source.text)
        passages.append(Passage(passage, source.published, source.language, name))
    if statement.judged and passages:
        _check_origins(reading, where, part["origins"], cited, sources)
        _judge(reading, where, part, statement.value, passages)
        speaker = statement.value.get("attributed_to")
        _check_speaker(reading, where, speaker, [sources[name] for name in cited], passages)
    return [f"article {clipped(name)}" for name in missing]


def _check_speaker(
    reading: Reading, where: str, speaker: Any, cited: Sequence[Source], passages: Sequence[Passage]
) -> None:
    """Whom a sentence is attributed to wrote or published what it cites, or is named there."""
    if speaker is None:
        return
    named = isinstance(speaker, str) and any(
        speaker in source.names or speaker in passage.text for source, passage in zip(cited, passages, strict=True)
    )
    if not named:
        reading.note(where, "attribution", f"its passages do not name {shown(speaker)}, to whom it is attributed")


def _passage(reading: Reading, where: str, citation: Mapping[str, Any], text: str | None) -> str:
    """The cited passage in the article's own words; the quote where no text is at hand."""
    start, end, quote = citation["start"], citation["end"], str(citation["quote"])
    span = f"{shown(start)}..{shown(end)}"
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
            message = f"{span} reads {quoted(passage)}; {quoted(quote)} stands at {place}..{place + len(quote)}"
        else:
            message = f"expected {quoted(passage)} at {span}, found {quoted(quote)}"
        reading.note(where, "quote" if place < 0 else "offset", message)
    return passage


def _judge(
    reading: Reading, where: str, part: Mapping[str, Any], value: Mapping[str, Any], passages: Sequence[Passage]
) -> None:
    if part["kind"] not in ("written", "verbatim"):
        reading.note(where, "schema", f"`kind` must be written or verbatim, is {shown(part['kind'])}")
        return
    speaker = value.get("attributed_to")
    claim = Claim(part["text"], part["kind"], speaker if isinstance(speaker, str) else None)
    reasons = examine(claim, passages)
    if not reasons and "aspect" not in value and not stands_whole(claim.text, passages):
        reasons = examine(replace(claim, kind="written"), passages)  # cut out of a sentence, it may say the opposite
    for reason in reasons:
        reading.note(where, reason, f"its passages do not bear out {quoted(part['text'])}: {reason}")
