"""The verbs beside `build`: what each answers, and with which exit code."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.command import CLAIMS, DAY, ROW, briefing, lines, written


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


# summarize, group, extract


def test_summarize_prints_markdown_within_the_words(root):
    answer = briefing("summarize", root / "examples" / "harbour" / "day1", "--words", "100")
    assert answer.code == 0
    assert answer.out.startswith("# ")
    assert "[^1]:" in answer.out


def test_summarize_as_json_is_one_event_with_its_articles(root):
    answer = briefing("summarize", root / "examples" / "harbour" / "day1", "--words", "60", "--json")
    assert answer.code == 0
    event = answer.json
    assert {"id", "storyline_id", "rank", "status", "when", "article_ids", "origins", "headline", "sentences",
            "disagreements", "articles"} <= set(event)  # fmt: skip
    assert sorted(event["article_ids"]) == sorted(article["id"] for article in event["articles"])
    assert 0 < sum(len(sentence["text"].split()) for sentence in event["sentences"]) <= 60
    assert all(sentence["citations"] for sentence in event["sentences"])


def test_group_as_json_holds_every_id_once_copies_and_titles_alone_included():
    rows = [ROW, {**ROW, "id": "copy"}, {"id": "title", "title": "Court opens in Alder", "text": ""}]
    answer = briefing("group", "-", "--json", stdin=lines(*rows))
    assert answer.code == 0
    assert set(answer.json) == {"events"}
    assert all(set(event) == {"id", "storyline_id", "title", "article_ids"} for event in answer.json["events"])
    assert sorted(name for event in answer.json["events"] for name in event["article_ids"]) == ["a", "copy", "title"]


def test_group_without_json_lists_events_with_their_articles(seeds):
    answer = briefing("group", seeds)
    assert answer.code == 0
    assert len(re.findall(r"^e\w+  \S", answer.out, re.MULTILINE)) == 5
    assert len(re.findall(r"^    \S+\.txt$", answer.out, re.MULTILINE)) == 5


def test_extract_as_json_has_the_fields_and_the_body_alone(root):
    page = root / "examples" / "harbour" / "day1" / "harbour-post-ferry.html"
    answer = briefing("extract", page, "--json")
    assert answer.code == 0
    assert set(answer.json) == {"title", "text", "published", "author", "publisher", "language", "flags"}
    assert answer.json["publisher"] == "The Harbour Post"
    assert answer.json["text"].startswith("The passenger ferry Marren Grace hit Pier 4")
    assert briefing("extract", "-", "--json", stdin=page.read_bytes()).json == answer.json


def test_extract_without_json_prints_title_and_text(seeds):
    answer = briefing("extract", seeds / "000_ecc243404c244522.txt")
    assert answer.code == 0
    assert answer.out.count("\n\n") >= 1


@pytest.mark.parametrize("verb", ["extract", "check", "audit"])
def test_a_file_that_is_not_there_is_a_usage_error(verb):
    answer = briefing(verb, "nowhere.json")
    assert (answer.code, answer.out) == (2, "")
    assert "nowhere.json" in answer.err


# check, audit


def test_check_answers_every_claim_and_exits_0_whatever_the_verdicts(tmp_path):
    (tmp_path / "claims.jsonl").write_bytes(lines(*CLAIMS))
    answer = briefing("check", tmp_path / "claims.jsonl", "--json")
    assert (answer.code, answer.err) == (0, "")
    found = [json.loads(line) for line in answer.out.splitlines()]
    assert [(row["id"], row["supported"]) for row in found] == [("1", True), ("2", False)]
    assert all(set(row) == {"id", "supported", "score", "reasons"} and 0 <= row["score"] <= 1 for row in found)
    assert "number" in found[1]["reasons"]
    assert briefing("check", "-", "--json", stdin=lines(*CLAIMS)).out == answer.out


def test_check_without_json_is_a_line_a_claim():
    assert briefing("check", "-", stdin=lines(*CLAIMS)).out.splitlines() == ["holds  1", "fails  2  number"]


def test_a_line_that_is_no_claim_is_named_and_the_rest_judged():
    answer = briefing("check", "-", "--json", stdin=b"{broken\n" + lines(CLAIMS[0], {"id": "3"}))
    assert answer.code == 3
    assert len(answer.out.splitlines()) == 1
    assert "line 1" in answer.err
    assert "line 3" in answer.err


def test_a_claim_may_hold_a_line_separator_or_half_a_character():
    rows = [{**CLAIMS[0], "id": "one\u2028two"}, {**CLAIMS[0], "id": "half \ud800"}]
    data = lines(rows[0]) + json.dumps(rows[1]).encode()
    answer = briefing("check", "-", "--json", stdin=data)
    assert answer.code == 0
    assert [json.loads(line)["id"] for line in answer.out.split("\n") if line] == [row["id"] for row in rows]


def test_audit_of_a_briefing_says_how_much_is_proven(seeds, out):
    briefing("build", seeds, "-o", out)
    answer = briefing("audit", out / f"{DAY}.json", "--articles", seeds)
    assert answer.code == 0
    assert re.fullmatch(r"\d+ proven, 0 without text, 0 findings\n", answer.out)
    without = briefing("audit", out / f"{DAY}.json", "--json")
    assert without.code == 3
    assert without.json["unproven"]


@pytest.mark.parametrize("content", ["no JSON", "[]", "[" * 100_000], ids=["text", "list", "deep"])
def test_audit_of_what_is_no_briefing_is_an_error(tmp_path, content):
    (tmp_path / "x.json").write_text(content, encoding="utf-8")
    answer = briefing("audit", tmp_path / "x.json")
    assert (answer.code, answer.out) == (1, "")
    assert "x.json is no" in answer.err


# schema, templates


def test_the_schema_is_json_schema_with_the_keys_of_a_briefing():
    answer = briefing("schema")
    assert answer.code == 0
    assert {"schema_version", "events", "articles", "report", "withheld"} <= set(answer.json["properties"])


def test_templates_are_copied_for_use_and_never_over_a_file(root, seeds, tmp_path, out):
    answer = briefing("templates", tmp_path / "own")
    assert answer.code == 0
    assert written(tmp_path / "own") == sorted(path.name for path in (root / "templates").glob("*.jinja"))
    assert briefing("build", seeds, "-o", out, "--templates", tmp_path / "own").code == 0
    again = briefing("templates", tmp_path / "own")
    assert again.code == 2
    assert "is there already" in again.err
