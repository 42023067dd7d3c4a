"""The audit proves a briefing again and names what does not hold."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from briefing.audit import Audit, audit
from briefing.domain import Article
from briefing.text import sentence_spans, visible

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)


def article(name: str, text: str, origin: str = "") -> Article:
    title, _, body = visible(text).partition("\n")
    body = body.strip()
    return Article(id=name, title=title, body=body, origin=origin or name, language="en", published="2024-10-22")


def cite(source: Article, start: int, end: int) -> dict[str, Any]:
    return {"article_id": source.id, "start": start, "end": end, "quote": source.text[start:end]}


def told(text: str, *citations: dict[str, Any], kind: str = "verbatim", origins: int = 1) -> dict[str, Any]:
    return {"text": text, "kind": kind, "origins": origins, "attributed_to": None, "citations": list(citations)}


def make_briefing(sources: list[Article], *, with_text: bool = True) -> dict[str, Any]:
    """Two events, of the first two articles and of the rest; all sentences verbatim but one, which is written."""
    events: list[dict[str, Any]] = []
    for number, group in enumerate((sources[:2], sources[2:]), 1):
        sentences = []
        for source in group:
            spans = [span for span in sentence_spans(source.text) if span.start >= source.body_start]
            sentences += [told(source.text[a:b], cite(source, a, b)) for a, b in spans]
        headline = cite(group[0], 0, len(group[0].title or ""))
        events.append(
            {
                "id": f"e{number}", "storyline_id": "s1", "rank": number, "status": "new",
                "when": {"start": None, "end": None},
                "article_ids": [source.id for source in group], "origins": len({source.origin for source in group}),
                "headline": told(headline["quote"], headline), "sentences": sentences, "disagreements": [],
            }
        )  # fmt: skip
    first = events[0]["sentences"][1]["citations"][0]
    events[0]["sentences"].append(
        told("Ninth became eleventh.", first) | {"kind": "written", "text": first["quote"].replace("’", "'")}
    )
    versions = [{"value": "11", "citations": [first]}, {"value": "9", "citations": [first]}]
    events[0]["disagreements"].append({"about": "visits", "kind": "conflict", "versions": versions})
    count = sum(len(event["sentences"]) for event in events)
    return {
        "schema_version": 1, "id": "b", "title": "Briefing", "date": "2024-10-22",
        "generated_at": "2024-10-22T06:00:00Z",
        "window": {"start": None, "end": None}, "writer": {"name": "extractive", "model": None, "prompts_sha256": None},
        "storylines": [{"id": "s1", "title": "Visits", "event_ids": ["e1", "e2"]}], "events": events,
        "withheld": [{"event_id": "e1", "text": "Nobody said this.", "reasons": ["number"]}],
        "articles": [
            {
                "id": source.id, "title": source.title, "publisher": None, "url": None, "published": source.published,
                "author": None, "language": "en", "flags": [], "origin": source.origin, "sha256": source.sha256,
            } | ({"text": source.text} if with_text else {})
            for source in sources
        ],
        "report": {
            "articles": len(sources), "events": 2, "sentences": count, "cited": count, "verbatim": count - 1,
            "withheld": 1,
            "sources_failed": [], "tokens_in": 0, "tokens_out": 0, "cost": 0.0, "seconds": None,
        },
    }  # fmt: skip


@pytest.fixture(scope="module")
def sources(seeds) -> list[Article]:
    paths = sorted(seeds.glob("*.txt"))
    return [article(path.name, path.read_text(encoding="utf-8")) for path in paths]


@pytest.fixture
def document(sources) -> dict[str, Any]:
    return make_briefing(sources)


def named(result: Audit) -> set[tuple[str, str]]:
    return {(finding.where, finding.reason) for finding in result.findings}


def test_a_true_briefing_holds_and_every_statement_is_proven(document):
    statements = sum(1 + len(event["sentences"]) for event in document["events"]) + 2
    assert audit(document, {}) == Audit((), (), statements)


def test_texts_may_come_from_elsewhere(sources):
    given_texts = {source.id: source for source in sources}
    assert audit(make_briefing(sources, with_text=False), given_texts) == audit(make_briefing(sources), {})


def test_statements_without_a_text_are_unproven_and_no_failures(sources):
    document = make_briefing(sources, with_text=False)
    result = audit(document, {source.id: source for source in sources[2:]})
    assert result.findings == ()
    assert len(result.unproven) == len(document["events"][0]["sentences"]) + 3
    assert result.unproven[0] == f"event e1 headline: no text of article {sources[0].id}"
    assert result.proven == len(document["events"][1]["sentences"]) + 1


def test_a_text_that_is_not_the_recorded_one_is_named_and_proves_nothing(sources):
    document = make_briefing(sources, with_text=False)
    changed = {source.id: source for source in sources} | {
        sources[0].id: Article(id=sources[0].id, title=sources[0].title, body=sources[0].body + " More.")
    }
    result = audit(document, changed)
    assert named(result) == {(f"article {sources[0].id}", "article")}
    assert any(sources[0].id in line for line in result.unproven)


def test_a_changed_text_inside_the_file_is_named(document, sources):
    document["articles"][0]["text"] += " "
    assert (f"article {sources[0].id}", "article") in named(audit(document, {}))


def change(document: dict[str, Any], path: str, value: Any) -> None:
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    target: Any = document
    for part in parents:
        target = target[part]
    target[last] = value(target[last]) if callable(value) else value


@pytest.mark.parametrize(
    ("path", "value", "where", "reason"),
    [
        ("events.0.sentences.0.citations", [], "event e1 sentence 1", "citation"),
        ("events.0.headline.citations", [], "event e1 headline", "citation"),
        ("events.0.sentences.0.citations.0.article_id", "nobody", "event e1 sentence 1 citation 1", "article"),
        ("events.0.sentences.0.citations.0.start", -1, "event e1 sentence 1 citation 1", "offset"),
        ("events.0.sentences.0.citations.0.end", 10**9, "event e1 sentence 1 citation 1", "offset"),
        ("events.0.sentences.0.citations.0.end", 10**30, "event e1 sentence 1 citation 1", "offset"),
        ("events.0.sentences.0.citations.0.start", "0", "event e1 sentence 1 citation 1", "schema"),
        ("events.0.sentences.0.citations.0.start", lambda old: old + 1, "event e1 sentence 1 citation 1", "offset"),
        ("events.0.sentences.0.citations.0.quote", lambda old: "x" + old[1:],
         "event e1 sentence 1 citation 1", "quote"),
        ("events.0.disagreements.0.versions.1.citations.0.quote", lambda old: old[:-1] + "x",
         "event e1 disagreement 1 version 2 citation 1", "quote"),
        ("events.0.disagreements.0.versions.0.citations", [], "event e1 disagreement 1 version 1", "citation"),
        ("events.0.sentences.0.text", "He flew to the moon.", "event e1 sentence 1", "quotation"),
        ("events.0.sentences.0.kind", "invented", "event e1 sentence 1", "schema"),
        ("events.0.sentences.0.origins", 2, "event e1 sentence 1", "count"),
        ("events.0.origins", 7, "event e1", "count"),
        ("events.0.article_ids", lambda old: [*old, "nobody"], "event e1", "article"),
        ("events.1.id", "e1", "event e1", "count"),
        ("events.0.storyline_id", "s9", "event e1", "count"),
        ("storylines.0.event_ids", ["e1"], "event e2", "count"),
        ("storylines.0.event_ids", ["e1", "e2", "e3"], "storylines", "count"),
        ("withheld.0.reasons", [], "withheld 1", "schema"),
        ("withheld.0.reasons", ["whim"], "withheld 1", "schema"),
        ("report.sentences", 3, "report", "count"),
        ("report.cited", 3, "report", "count"),
        ("report.verbatim", 3, "report", "count"),
        ("report.withheld", 0, "report", "count"),
        ("report.events", 1, "report", "count"),
        ("report.articles", 4, "report", "count"),
        ("report", None, "briefing", "schema"),
        ("schema_version", 2, "briefing", "schema"),
        ("schema_version", True, "briefing", "schema"),
        ("articles.1.sha256", "0" * 64, "article 001_100b739afe2dc999.txt", "article"),
    ],
)  # fmt: skip
def test_what_was_damaged_is_named(document, path, value, where, reason):
    change(document, path, value)
    assert (where, reason) in named(audit(document, {}))


def test_a_citation_of_another_events_article_is_named(document):
    document["events"][0]["sentences"][0]["citations"] = document["events"][1]["sentences"][0]["citations"]
    assert ("event e1 sentence 1 citation 1", "article") in named(audit(document, {}))


def test_a_shifted_span_is_told_with_where_the_quote_really_stands(document):
    citation = document["events"][0]["sentences"][0]["citations"][0]
    stands = f"{citation['start']}..{citation['end']}"
    change(document, "events.0.sentences.0.citations.0.start", lambda old: old + 2)
    change(document, "events.0.sentences.0.citations.0.end", lambda old: old + 2)
    messages = [f.message for f in audit(document, {}).findings if f.reason == "offset"]
    assert len(messages) == 1
    assert messages[0].endswith(f"stands at {stands}")


def test_messages_hold_nothing_that_a_terminal_obeys(document):
    change(document, "events.0.sentences.0.text", "\x1b[2J\u202e")
    assert all(finding.message.isprintable() for finding in audit(document, {}).findings)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_one_character_of_a_quote_or_a_verbatim_text_is_missed_by_none(document, data):
    changed = copy.deepcopy(document)
    event_number = data.draw(st.integers(0, 1))
    event = changed["events"][event_number]
    number = data.draw(st.integers(0, len(event["sentences"]) - 1))
    sentence = event["sentences"][number]
    key = data.draw(st.sampled_from(["text", "quote"])) if sentence["kind"] == "verbatim" else "quote"
    target = sentence if key == "text" else sentence["citations"][0]
    place = data.draw(st.integers(0, len(target[key]) - 1))
    letter = data.draw(st.characters(codec="utf-8"))
    assume(letter != target[key][place])
    target[key] = target[key][:place] + letter + target[key][place + 1 :]
    where = f"event e{event_number + 1} sentence {number + 1}"
    assert any(finding.where.startswith(where) for finding in audit(changed, {}).findings)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_offset_changed_is_found(document, data):
    changed = copy.deepcopy(document)
    sentences = changed["events"][0]["sentences"]
    number = data.draw(st.integers(0, len(sentences) - 1))
    key = data.draw(st.sampled_from(["start", "end"]))
    sentences[number]["citations"][0][key] += data.draw(st.integers(-500, 500).filter(bool))
    found = audit(changed, {}).findings
    assert any(f.where == f"event e1 sentence {number + 1} citation 1" and f.reason == "offset" for f in found)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_digit_changed_in_a_written_sentence_is_found(document, data):
    changed = copy.deepcopy(document)
    sentences = [(n, s) for n, s in enumerate(changed["events"][1]["sentences"], 1) if any(map(str.isdigit, s["text"]))]
    number, sentence = data.draw(st.sampled_from(sentences))
    sentence["kind"] = "written"
    digits = [place for place, letter in enumerate(sentence["text"]) if letter.isdigit()]
    place = data.draw(st.sampled_from(digits))
    digit = data.draw(st.sampled_from("123456789").filter(lambda new: new != sentence["text"][place]))
    sentence["text"] = sentence["text"][:place] + digit + sentence["text"][place + 1 :]
    found = {f.reason for f in audit(changed, {}).findings if f.where == f"event e2 sentence {number}"}
    assert found & {"number", "date"}


@given(json_values)
def test_any_json_is_audited_without_a_crash(value):
    result = audit(value, {})
    assert result.findings
    assert all(finding.message for finding in result.findings)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_briefing_with_any_part_replaced_is_audited_without_a_crash(document, data):
    changed: Any = copy.deepcopy(document)
    target = changed
    while target:
        keys: list[Any] = list(target) if isinstance(target, dict) else list(range(len(target)))
        key = data.draw(st.sampled_from(keys))
        if not isinstance(target[key], dict | list) or data.draw(st.integers(0, 3)) == 0:
            target[key] = data.draw(json_values)
            break
        target = target[key]
    audit(changed, {})
    audit(json.loads(json.dumps(changed)), {})


def test_a_speaker_whom_no_passage_and_no_byline_names_is_found(document):
    document["events"][0]["sentences"][0]["attributed_to"] = "Nobody Known"
    assert any(finding.reason == "attribution" for finding in audit(document, {}).findings)


def test_another_title_than_the_text_begins_with_is_found(document):
    document["articles"][0]["title"] = "Another title"
    assert any("does not begin with its title" in finding.message for finding in audit(document, {}).findings)


@pytest.mark.parametrize(("key", "value"), [("date", "1999-13-45"), ("date", "yesterday")])
def test_a_date_that_is_no_day_is_found(document, key, value):
    document[key] = value
    assert any(finding.reason == "schema" for finding in audit(document, {}).findings)


def test_an_unknown_status_is_found(document):
    document["events"][0]["status"] = "bogus"
    assert any("bogus" in finding.message for finding in audit(document, {}).findings)
