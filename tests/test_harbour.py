"""The main job, from the command line to the files, held against the planted truth of the example corpus."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.command import DAY, briefing, built

FORMATS = ("md", "html", "txt", "json")


@pytest.fixture(scope="module")
def truth(root) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((root / "examples" / "harbour" / "truth.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def edition(root, tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("harbour")
    built(folder, root / "examples" / "harbour", "--format", ",".join(FORMATS))
    return folder


@pytest.fixture(scope="module")
def document(edition) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((edition / f"{DAY}.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def outputs(edition) -> dict[str, str]:
    """Every output as it is and as a reader sees it: markup and escapes resolved, one kind of space and quote."""
    texts = {name: (edition / f"{DAY}.{name}").read_text(encoding="utf-8") for name in FORMATS}
    plain = {
        f"{name}, as read": html.unescape(re.sub(r"<[^>]*>|\\(?=[^\w\s])", "", text)) for name, text in texts.items()
    }
    return {name: _even(text) for name, text in (texts | plain).items()}


@pytest.fixture(scope="module")
def event_of(truth) -> dict[str, str]:
    return {article: event["key"] for event in truth["events"] for article in event["article_ids"]}


def _even(text: str) -> str:
    return " ".join(text.replace("’", "'").replace("“", '"').replace("”", '"').split())


def _told(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for event in document["events"]:
        yield event["headline"]
        yield from event["sentences"]


def test_the_events_are_the_planted_ones(document, truth):
    found = {frozenset(event["article_ids"]) for event in document["events"]}
    assert found == {frozenset(event["article_ids"]) for event in truth["events"]}


def test_the_storylines_are_the_planted_ones(document, truth, event_of):
    key_of = {event["id"]: event_of[event["article_ids"][0]] for event in document["events"]}
    found = sorted([key_of[name] for name in line["event_ids"]] for line in document["storylines"])
    assert found == sorted(line["events"] for line in truth["storylines"])
    for line in document["storylines"]:
        assert all(
            event["storyline_id"] == line["id"] for event in document["events"] if event["id"] in line["event_ids"]
        )


def test_articles_share_an_origin_exactly_where_the_truth_says_so(document, truth):
    planted = {article: one["name"] for one in truth["origins"] for article in one["article_ids"]}
    found: dict[str, set[str]] = {}
    for article in document["articles"]:
        found.setdefault(article["origin"], set()).add(article["id"])
    expected: dict[str, set[str]] = {}
    for article in document["articles"]:
        expected.setdefault(planted.get(article["id"], article["id"]), set()).add(article["id"])
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, expected.values()))


def test_origins_are_counted_once_in_events_and_sentences(document):
    origin = {article["id"]: article["origin"] for article in document["articles"]}
    for event in document["events"]:
        assert event["origins"] == len({origin[name] for name in event["article_ids"]})
    for told in _told(document):
        assert told["origins"] == len({origin[citation["article_id"]] for citation in told["citations"]})


def test_the_wire_report_of_three_papers_is_one_origin(document, truth):
    origins = {article["origin"] for article in document["articles"] if article["id"] in truth["wire"]}
    assert len(origins) == 1


@pytest.mark.parametrize("key", ["published", "publisher", "author"])
def test_what_is_known_of_an_article_is_what_it_states(document, truth, key):
    assert {article["id"]: article[key] for article in document["articles"]} == truth[key]


def test_languages_are_told(document, truth):
    assert {a["id"]: a["language"] for a in document["articles"] if a["language"] != "en"} == truth["languages"]


@pytest.mark.parametrize(
    ("flag", "key"), [("ai-written", "ai_written"), ("opinion", "opinion"), ("correction", "corrections")]
)
def test_flags_stand_on_the_planted_articles_and_on_no_other(document, truth, flag, key):
    flagged = {article["id"] for article in document["articles"] if flag in article["flags"]}
    assert flagged == set(truth[key])


def test_the_wire_flag_stands_on_the_copies_of_an_agency_report_credited_or_not(document, truth):
    flagged = {article["id"] for article in document["articles"] if "wire" in article["flags"]}
    assert flagged == set(truth["wire"])


@pytest.mark.parametrize("kind", ["drop", "injected", "editorial"])
def test_furniture_hidden_text_instructions_and_comment_reach_no_output(outputs, truth, kind):
    strings = {_even(string) for found in truth[kind].values() for string in found}
    assert strings
    for name, text in outputs.items():
        assert not [string for string in sorted(strings) if string in text], name


def test_furniture_is_not_in_the_article_texts_either(root, truth, tmp_path):
    document = built(tmp_path, root / "examples" / "harbour", "--with-text", "--format", "json")
    for article in document["articles"]:
        for string in truth["drop"].get(article["id"], []):
            assert string not in article["text"], article["id"]


def test_a_quotation_that_is_told_keeps_its_speaker(document, truth):
    found = 0
    for event in document["events"]:
        texts = ["", *(sentence["text"] for sentence in event["sentences"])]
        for before, text in pairwise(texts):
            for one in truth["quotations"]:
                if _even(one["quote"]).rstrip(".,") in _even(text):
                    found += 1
                    assert one["speaker"].split()[-1] in before + text
    assert found >= 3


def test_opinion_is_never_told_as_fact(document, truth):
    cited = {citation["article_id"] for told in _told(document) for citation in told["citations"]}
    assert not cited & set(truth["opinion"])


def test_the_machine_written_article_is_marked_in_words_in_every_text(outputs):
    for name in ("md", "html", "txt"):
        assert "written by a machine" in outputs[name], name


def test_no_sentence_cites_an_article_of_another_event(document, truth, event_of):
    for event in document["events"]:
        key = event_of[event["article_ids"][0]]
        assert {event_of[c["article_id"]] for s in event["sentences"] for c in s["citations"]} == {key}


def test_the_finished_briefing_passes_its_audit(root, edition):
    answer = briefing("audit", edition / f"{DAY}.json", "--articles", root / "examples" / "harbour", "-q")
    assert answer.code == 0, answer.out
