"""A model's answer is read as the one JSON object asked for, or refused with the reason."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.errors import ModelError
from briefing.write.model.answer import MOST_BYTES, Answer, Said, one_object, read_answer, read_repairs, read_verdict
from tests.stories import GOOD, HEADLINE, SHORT, mended, said

PLAIN = said(GOOD)


def refusal(text: str) -> str:
    with pytest.raises(ModelError) as raised:
        read_answer(text)
    assert raised.value.kind == "answer"
    return str(raised.value)


def test_an_answer_is_a_headline_sentences_and_facts_with_what_they_cite():
    fact = {"cites": ["p2"], "aspect": "how many", "text": "two people injured"}
    assert read_answer(said(GOOD, SHORT, facts=[fact])) == Answer(
        Said(HEADLINE["text"], ("p1",)),
        (Said(GOOD["text"], ("p1",)), Said(SHORT["text"], ("p2",))),
        (("how many", Said("two people injured", ("p2",))),),
    )


@pytest.mark.parametrize(
    "text",
    [
        f"```json\n{PLAIN}\n```",
        f"```\n{PLAIN}\n```  ",
        f"Here you go:\n{PLAIN}",
        f"Here you go:\n```json\n{PLAIN}\n```",
        f"<think>a secret plan</think>\n{PLAIN}",
        f"\n\n {PLAIN} \n",
        json.dumps(json.loads(PLAIN), indent=4),
    ],
)
def test_what_stands_around_the_object_is_taken_off(text):
    assert read_answer(text) == read_answer(PLAIN)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "is empty"),
        ("  \n", "is empty"),
        ("null", "no JSON object"),
        ("Sure! Here is your summary: it closes.", "no JSON object"),
        ("I'm sorry, but I can't help with that.", "no JSON object"),
        (PLAIN[:-20], "no JSON"),
        (PLAIN + PLAIN, "more than one"),
        (PLAIN + " and more", "more than one"),
        ("[1, 2, 3]", "no JSON object"),
        (f"[{PLAIN}]", "more than one"),
        ('{"sentences": [{"cites": ["p1"], "text": NaN}]}', "NaN"),
        ('{"sentences": [], "sentences": [{"cites": ["p1"], "text": "x"}]}', "twice"),
        ('{"sentences": []}', "holds no sentence"),
        ('{"sentences": "none"}', "no list of sentences"),
        ('{"headline": null}', "no list of sentences"),
        ('{"sentences": ["The ferry hit the pier."]}', "no object with a text"),
        ('{"sentences": [{"text": 5, "cites": ["p1"]}]}', "no object with a text"),
        ('{"sentences": [{"text": "x", "cites": "p1"}]}', "no list of ids"),
        ('{"sentences": [{"text": "x"}]}', "no list of ids"),
        ('{"sentences": [{"text": "x", "cites": [1]}]}', "no list of ids"),
        (said(GOOD, facts=[{"aspect": "who", "text": "x"}]), "no list of ids"),
        ("{" * 100_000, "longer than"),
        ('{"a":' * 5000 + "1" + "}" * 5000, "no"),
        ("sentences:\n  - text: The ferry hit the pier.\n", "no JSON object"),
    ],
)  # fmt: skip
def test_anything_else_is_refused_with_the_reason(text, named):
    assert named in refusal(text)


def test_an_answer_of_a_megabyte_is_refused_before_it_is_read():
    assert f"{MOST_BYTES // 1024} KiB" in refusal(said({"cites": ["p1"], "text": "A" * 1_000_000}))


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("bri\u200bdge closed", "bridge closed"),
        ("x\x00y", "xy"),
        ("\x1b[2Jclosed", "[2Jclosed"),
        ("Bridge\U000e0069\U000e0067 closed", "Bridge closed"),
        ("x\ud800y", "xy"),
        ("two\nlines", "two lines"),
        ("\u202eclosed", "closed"),
    ],
)
def test_a_text_is_kept_as_a_reader_sees_it(given, kept):
    answer = read_answer(json.dumps({"sentences": [{"cites": ["p1"], "text": given}]}))
    assert answer.sentences == (Said(kept, ("p1",)),)


def test_an_id_cited_twice_counts_once():
    assert read_answer(said({"cites": ["p1", "p2", "p1"], "text": "x"})).sentences[0].cites == ("p1", "p2")


def test_a_fact_of_another_aspect_is_left_out():
    assert read_answer(said(GOOD, facts=[{"cites": ["p1"], "aspect": "why", "text": "x"}])).facts == ()


def test_a_headline_and_facts_may_be_lacking():
    answer = read_answer('{"sentences": [{"text": "x", "cites": []}]}')
    assert (answer.headline, answer.facts) == (None, ())


def test_repairs_go_by_the_number_of_what_they_mend_and_the_first_counts():
    assert read_repairs(mended((3, GOOD), (0, HEADLINE), (3, SHORT))) == {
        3: Said(GOOD["text"], ("p1",)),
        0: Said(HEADLINE["text"], ("p1",)),
    }
    assert read_repairs('{"sentences": []}') == {}


@pytest.mark.parametrize("number", ["1", 1.5, True, None])
def test_a_repair_without_a_number_is_refused(number):
    with pytest.raises(ModelError, match="number"):
        read_repairs(json.dumps({"sentences": [{**GOOD, "number": number}]}))


def test_a_verdict_is_one_of_three_words():
    assert [read_verdict(json.dumps({"verdict": one})) for one in ("full", "part", "none")] == ["full", "part", "none"]
    for other in ("yes", None, 1, ["full"]):
        with pytest.raises(ModelError, match="verdict"):
            read_verdict(json.dumps({"verdict": other}))


@given(st.text(max_size=200) | st.text(alphabet='{}[]":,`<think>/ \n0aé', max_size=120))
def test_any_text_is_an_object_or_a_model_error(text):
    with suppress(ModelError):
        assert isinstance(one_object(text), dict)
