"""The briefing as data: to JSON and back, to the published schema."""

from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from typing import Any, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from briefing.domain import Article, ArticleRecord, Briefing, Event, Reason
from briefing.edition import event_to_json, from_json, json_schema, to_json
from briefing.errors import BriefingError
from briefing.report import Problem
from tests import editions, strategies

EDITION, SOURCES = editions.harbour_briefing()
WITH_TEXT = replace(EDITION, articles=tuple(editions.record(source, with_text=True) for source in SOURCES))
SCHEMA = Draft202012Validator(json_schema())

# Text that can be written as UTF-8: what is shown never holds lone surrogates.
_text = st.text(max_size=30)


def document(edition: Briefing) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(to_json(edition))
    return loaded


@st.composite
def _editions(draw: st.DrawFn) -> Briefing:
    """An edition of generated articles, each one event, told in its own sentences."""
    sources = draw(st.lists(strategies.articles(), max_size=3, unique_by=lambda one: one.id))
    events = [
        editions.event(number, [source], [editions.verbatim(source, place) for place in range(len(source.sentences))])
        for number, source in enumerate(sources, start=1)
    ]
    failed = draw(st.lists(st.builds(Problem, _text, _text), max_size=2))
    made = editions.briefing(events, sources, title=draw(_text), failed=tuple(failed), model=draw(st.none() | _text))
    records = [editions.record(source, with_text=draw(st.booleans())) for source in sources]
    return replace(made, articles=tuple(records))


@given(_editions())
def test_a_briefing_comes_back_from_its_json_as_it_was(edition):
    assert from_json(to_json(edition)) == edition
    assert from_json(to_json(edition).encode()) == edition


@given(_editions())
def test_every_briefing_is_valid_by_the_published_schema(edition):
    SCHEMA.validate(document(edition))


@pytest.mark.parametrize("edition", [EDITION, WITH_TEXT, editions.briefing([], [])])
def test_editions_made_by_hand_come_back_and_are_valid(edition):
    assert from_json(to_json(edition)) == edition
    SCHEMA.validate(document(edition))


def test_the_schema_is_a_schema():
    Draft202012Validator.check_schema(json_schema())


def test_keys_stand_in_the_published_order():
    assert list(document(EDITION)) == [
        "schema_version", "id", "title", "date", "generated_at", "window", "writer", "storylines", "events",
        "withheld", "articles", "report",
    ]  # fmt: skip
    event = document(EDITION)["events"][0]
    assert list(event)[:9] == [
        "id", "storyline_id", "rank", "status", "when", "article_ids", "origins", "headline", "sentences",
    ]  # fmt: skip
    assert list(event["sentences"][0]) == ["text", "kind", "origins", "attributed_to", "citations"]
    assert list(event["sentences"][0]["citations"][0]) == ["article_id", "start", "end", "quote"]


def test_the_texts_of_articles_are_absent_unless_asked_for():
    assert all("text" not in article for article in document(EDITION)["articles"])
    assert [article["text"] for article in document(WITH_TEXT)["articles"]] == [source.text for source in SOURCES]


def test_what_is_unknown_is_null_and_not_absent():
    bote = document(EDITION)["articles"][3]
    assert (bote["author"], document(EDITION)["report"]["seconds"], document(EDITION)["window"]) == (
        None,
        None,
        {"start": None, "end": None},
    )


def test_the_json_is_readable_text_that_ends_in_one_newline():
    text = to_json(EDITION)
    assert "Behörde" in text
    assert text.endswith("}\n")
    assert to_json(EDITION) == text


def test_one_event_is_its_object_with_its_articles():
    event = json.loads(event_to_json(EDITION.events[0], EDITION.articles[:3]))
    assert event == {**document(EDITION)["events"][0], "articles": document(EDITION)["articles"][:3]}


def _without_citations(data: dict[str, Any]) -> None:
    data["events"][0]["sentences"][0]["citations"] = []


def _with_an_odd_quote(data: dict[str, Any]) -> None:
    data["events"][0]["sentences"][0]["citations"][0]["quote"] += "!"


def _of_a_later_version(data: dict[str, Any]) -> None:
    data["schema_version"] = 2


def _without_a_report(data: dict[str, Any]) -> None:
    del data["report"]


def _with_a_new_status(data: dict[str, Any]) -> None:
    data["events"][0]["status"] = "stale"


def _with_a_text_as_rank(data: dict[str, Any]) -> None:
    data["events"][0]["rank"] = "first"


@pytest.mark.parametrize(
    ("spoil", "place"),
    [
        (_without_citations, "events.0.sentences.0: Value error, a sentence needs a citation"),
        (_with_an_odd_quote, "events.0.sentences.0.citations.0"),
        (_of_a_later_version, "schema_version"),
        (_without_a_report, "report: "),
        (_with_a_new_status, "events.0.status"),
        (_with_a_text_as_rank, "events.0.rank"),
    ],
)
def test_what_is_no_briefing_is_refused_and_the_place_is_named(spoil, place):
    data = deepcopy(document(EDITION))
    spoil(data)
    with pytest.raises(BriefingError) as raised:
        from_json(json.dumps(data), "old.json")
    assert str(raised.value).startswith("old.json is no briefing of this version: ")
    assert place in str(raised.value)


@pytest.mark.parametrize("data", ["", "{", "[]", "null", b"\xff\xfe", "{}"])
def test_what_is_no_json_object_is_refused_too(data):
    with pytest.raises(BriefingError, match="is no briefing of this version"):
        from_json(data)


@pytest.mark.parametrize("spoil", [_of_a_later_version, _without_a_report, _with_a_new_status, _with_a_text_as_rank])
def test_the_schema_refuses_the_same(spoil):
    data = deepcopy(document(EDITION))
    spoil(data)
    assert not SCHEMA.is_valid(data)


def test_the_schema_names_every_reason_and_flag():
    definitions = json.dumps(json_schema())
    for value in (*get_args(Reason), *get_args(get_args(get_type_hints(Article)["flags"])[0])):
        assert f'"{value}"' in definitions


@pytest.mark.parametrize(("noun", "optional"), [(ArticleRecord, {"text"}), (Event, set()), (Briefing, set())])
def test_the_schema_requires_every_key_that_is_always_there(noun, optional):
    schema = json_schema()
    part = schema if noun is Briefing else schema["$defs"][noun.__name__]
    assert set(part["properties"]) - set(part["required"]) == optional
