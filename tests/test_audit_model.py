"""The audit of what a model writer leaves: facts, counts, fallbacks; and of briefings from before there was one."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.audit import audit
from briefing.edition import from_json, to_json
from tests import editions

EDITION, SOURCES = editions.model_briefing()
TEXTS = {source.id: source for source in SOURCES}
LATER = ("written", "repaired", "replaced", "calls", "kept", "fallbacks")


def written() -> dict[str, Any]:
    """The JSON of a briefing that a model wrote."""
    document: dict[str, Any] = json.loads(to_json(EDITION))
    return document


def old() -> dict[str, Any]:
    """A briefing as version 0.1 wrote it."""
    edition, _ = editions.harbour_briefing()
    document: dict[str, Any] = json.loads(to_json(edition))
    for event in document["events"]:
        del event["facts"]
    for key in LATER:
        del document["report"][key]
    return document


def named(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {(finding.where, finding.reason) for finding in audit(document, TEXTS).findings}


def test_a_briefing_that_a_model_wrote_holds_and_its_facts_are_proven_like_sentences():
    document = written()
    without = copy.deepcopy(document)
    for event in without["events"]:
        event["facts"] = []
    assert audit(document, TEXTS).findings == ()
    assert audit(document, TEXTS).proven == audit(without, TEXTS).proven + 5


def test_facts_without_a_text_are_unproven():
    result = audit(written(), {})
    assert "event e1 fact 1: no text of article gazette-1" in result.unproven


@pytest.mark.parametrize(
    ("change", "where", "reason"),
    [
        ({"aspect": "why"}, "event e1 fact 1", "schema"),
        ({"aspect": ["who"]}, "event e1 fact 1", "schema"),
        ({"kind": "guessed"}, "event e1 fact 1", "schema"),
        ({"text": "off Marlow Head"}, "event e1 fact 1", "quotation"),
        ({"text": "off Marlow Head", "kind": "written"}, "event e1 fact 1", "name"),
        ({"origins": 2}, "event e1 fact 1", "count"),
        ({"citations": []}, "event e1 fact 1", "citation"),
    ],
)
def test_a_damaged_fact_is_named(change, where, reason):
    document = written()
    document["events"][0]["facts"][0] |= change
    assert (where, reason) in named(document)


def test_a_fact_that_cites_another_event_s_article_is_named():
    document = written()
    document["events"][0]["facts"][0]["citations"] = document["events"][1]["headline"]["citations"]
    assert ("event e1 fact 1 citation 1", "article") in named(document)


def test_a_shifted_passage_of_a_fact_is_named():
    document = written()
    document["events"][0]["facts"][0]["citations"][0]["start"] += 1
    assert ("event e1 fact 1 citation 1", "offset") in named(document)


@pytest.mark.parametrize("value", [None, {}, "facts", 3])
def test_facts_that_are_no_list_are_named(value):
    document = written()
    document["events"][0]["facts"] = value
    assert ("event 1", "schema") in named(document)


@pytest.mark.parametrize("value", [None, "a fact", 3, []])
def test_a_fact_that_is_no_object_is_named(value):
    document = written()
    document["events"][0]["facts"][0] = value
    assert ("event e1 fact 1", "schema") in named(document)


def test_written_sentences_are_counted():
    document = written()
    document["report"]["written"] += 1
    assert ("report", "count") in named(document)


@pytest.mark.parametrize("key", ["repaired", "replaced", "calls", "kept"])
@pytest.mark.parametrize(("value", "reason"), [(-1, "count"), ("1", "schema"), (True, "schema")])
def test_a_count_of_the_model_writer_that_cannot_be_is_named(key, value, reason):
    document = written()
    document["report"][key] = value
    assert ("report", reason) in named(document)


def test_a_fallback_names_an_event_of_the_file():
    document = written()
    document["report"]["fallbacks"][0]["event_id"] = "e9"
    assert named(document) == {("fallback 1", "count")}


def test_a_fallback_may_name_an_event_that_was_withheld_as_a_whole():
    document = written()
    document["report"]["fallbacks"][0]["event_id"] = "e9"
    document["withheld"].append({"event_id": "e9", "text": "A headline.", "reasons": ["support"]})
    document["report"]["withheld"] += 1
    assert named(document) == set()


def test_an_event_falls_back_once():
    document = written()
    document["report"]["fallbacks"] *= 2
    assert named(document) == {("fallback 2", "count")}


@pytest.mark.parametrize("value", [None, {}, "none"])
def test_fallbacks_that_are_no_list_are_named(value):
    document = written()
    document["report"]["fallbacks"] = value
    assert ("report", "schema") in named(document)


@pytest.mark.parametrize("value", [None, {"event_id": 1}, "e1"])
def test_a_fallback_of_the_wrong_kind_is_named(value):
    document = written()
    document["report"]["fallbacks"] = [value]
    assert ("fallback 1", "schema") in named(document)


def test_a_briefing_from_before_there_was_a_model_writer_still_holds():
    document = old()
    assert audit(document, TEXTS).findings == ()
    document["report"]["sentences"] += 1
    assert named(document) == {("report", "count")}


def test_a_briefing_from_before_there_was_a_model_writer_can_still_be_read():
    edition, _ = editions.harbour_briefing()
    read = from_json(json.dumps(old()))
    assert all(event.facts == () for event in read.events)
    assert (read.report.written, read.report.calls, read.report.kept, read.report.fallbacks) == (0, 0, 0, ())
    assert read == edition


def test_a_cost_that_is_not_known_is_read_and_held():
    document = written()
    document["report"]["cost"] = None
    assert from_json(json.dumps(document)).report.cost is None
    assert audit(document, TEXTS).findings == ()


def test_a_briefing_with_facts_and_fallbacks_comes_back_from_its_json_as_it_was():
    assert from_json(to_json(EDITION)) == EDITION


@given(st.data())
def test_any_one_character_of_a_verbatim_fact_is_missed_by_none(data):
    document = written()
    number = data.draw(st.integers(0, 4))
    fact = document["events"][0]["facts"][number]
    place = data.draw(st.integers(0, len(fact["text"]) - 1))
    letter = data.draw(st.sampled_from("qxz#§0").filter(lambda new: new != fact["text"][place]))
    fact["text"] = fact["text"][:place] + letter + fact["text"][place + 1 :]
    assert any(where == f"event e1 fact {number + 1}" for where, _ in named(document))
