"""Claims with their evidence, as `briefing check` reads and answers them."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.claims import read_claims, verdict
from briefing.report import Problem
from tests.strategies import hostile_text, sentence_text

ROW = {"id": "1", "claim": "The ferry sank.", "evidence": "The ferry sank on Monday."}


def read(data: str | bytes) -> tuple[list[dict[str, str]], list[Problem]]:
    problems: list[Problem] = []
    return list(read_claims(data.encode() if isinstance(data, str) else data, "claims.jsonl", problems)), problems


def test_a_line_is_a_claim_and_other_keys_are_left_out():
    assert read(json.dumps({**ROW, "label": "yes"}) + "\n") == ([ROW], [])


def test_blank_lines_a_byte_order_mark_and_windows_line_ends_are_no_fault():
    line = json.dumps(ROW).encode()
    assert read(b"\xef\xbb\xbf" + line + b"\r\n\r\n  \r\n" + line) == ([ROW, ROW], [])


def test_a_line_separator_inside_a_text_ends_no_line():
    row = {**ROW, "evidence": "The ferry\u2028sank\u0085on Monday."}
    assert read(json.dumps(row, ensure_ascii=False)) == ([row], [])


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("{", "is no JSON"),
        ("[" * 100_000, "is no JSON"),
        ('{"id": true, "claim": "a", "evidence": "b"}', "'id' has to be a text"),
        ("[1, 2]", "'id' has to be a text"),
        ("null", "'id' has to be a text"),
        ('{"id": 7.5, "claim": "a", "evidence": "b"}', "'id' has to be a text"),
        ('{"id": "7", "evidence": "b"}', "'claim' has to be a text"),
        ('{"id": "7", "claim": "a", "evidence": null}', "'evidence' has to be a text"),
    ],
)
def test_a_line_that_is_no_claim_is_told_with_its_number_and_the_rest_goes_on(line, told):
    good = json.dumps(ROW)
    rows, problems = read(f"{good}\n\n{line}\n{good}\n")
    assert rows == [ROW, ROW]
    assert [problem.source for problem in problems] == ["claims.jsonl line 3"]
    assert told in problems[0].error


def test_a_number_is_an_id_and_a_claim_without_one_goes_by_its_line():
    without = {key: value for key, value in ROW.items() if key != "id"}
    rows, problems = read("\n".join(json.dumps(row) for row in ({**ROW, "id": 5}, without)))
    assert ([row["id"] for row in rows], problems) == (["5", "line 2"], [])


@given(st.binary(max_size=200))
def test_any_bytes_at_all_are_claims_or_problems(data):
    rows, problems = read(data)
    assert len(rows) + len(problems) <= data.count(b"\n") + 1


def test_a_claim_that_its_evidence_holds_is_supported():
    assert verdict(ROW) == {"id": "1", "supported": True, "score": 1.0, "reasons": []}


@pytest.mark.parametrize(
    ("claim", "reason"),
    [
        ("The ferry sank with 14 on board on Monday.", "number"),
        ("The ferry Aurora sank on Monday.", "name"),
        ("The council approved a stadium.", "support"),
        (" — ", "empty"),
    ],
)
def test_a_claim_that_its_evidence_does_not_hold_is_refused_with_the_reason(claim, reason):
    told = verdict({**ROW, "claim": claim})
    assert not told["supported"]
    assert reason in told["reasons"]


def test_a_claim_without_evidence_lacks_its_citation():
    assert verdict({**ROW, "evidence": " "})["reasons"] == ["citation"]


@given(sentence_text, sentence_text)
def test_a_sentence_is_always_supported_by_a_passage_that_holds_it(claim, other):
    told = verdict({"id": "1", "claim": claim, "evidence": f"{claim} {other}"})
    assert (told["supported"], told["reasons"], told["score"]) == (True, [], 1.0)


@given(hostile_text, hostile_text)
def test_every_verdict_is_consistent_with_its_reasons_and_its_score_a_share(claim, evidence):
    told = verdict({"id": "1", "claim": claim, "evidence": evidence})
    assert told["supported"] is (told["reasons"] == [])
    assert 0 <= told["score"] <= 1
    json.dumps(told)
