"""What `briefing.names` promises."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.names import names, openers, ordinary
from tests.strategies import hostile_text


def found(text: str) -> list[str]:
    return [name.text for name in names(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He met Antony Blinken in Tel Aviv.", ["Antony Blinken", "Tel Aviv"]),
        ("Officials said Mr. Biden met George W. Bush and Ban Ki-moon.", ["Biden", "George W. Bush", "Ban Ki-moon"]),
        ("the chief of the U.N. Security Council", ["U.N. Security Council"]),
        ("the Bank of England and Ursula von der Leyen", ["Bank of England", "Ursula von der Leyen"]),
        ("KSLV-1 and an F-16 flew", ["KSLV-1", "F-16"]),
        ("the AT&T chief, O’Brien", ["AT&T", "O’Brien"]),
        ("przyjechał do Łodzi, а Путин в Москву", ["Łodzi", "Путин", "Москву"]),
        ("it hurt the US and us", ["US"]),
    ],
)
def test_capitalised_runs_inside_a_sentence_are_names(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "Rescuers searched.",
        "The ferry sank. It was old. They left.",
        "on Monday in January",
        "“Nobody came,” he said. I agree.",
        "He said: “I’ve seen it.”",
        "北京 和 上海",
    ],
)
def test_words_that_open_sentences_and_days_and_function_words_are_no_names(text):
    assert found(text) == []


def test_a_word_that_opens_a_sentence_is_a_name_where_the_text_has_it_inside_another():
    assert found("Blinken left. Later Mr. Blinken spoke.") == ["Blinken", "Blinken"]
    assert found("Blinken left.") == []


def test_initials_are_names_even_at_a_sentences_start():
    assert found("UNESCO agreed. NATO left.") == ["UNESCO", "NATO"]


def test_in_a_title_case_line_a_capital_tells_nothing():
    title = "Blinken Seeks to Ease NATO Conflict During Tour"
    assert found(title) == ["NATO"]
    assert found(f"{title}\n\nOn Monday Mr. Blinken spoke.") == ["Blinken", "NATO", "Blinken"]


def test_openers_are_the_opening_words_that_may_be_names():
    assert [name.text for name in openers("Netanyahu agreed. Rescuers left. Quickly it ended.")] == ["Netanyahu"]


@pytest.mark.parametrize("word", ["rescuers", "officials", "quickly", "negotiations", "authorities", "don't"])
def test_common_words_are_ordinary(word):
    assert ordinary(word)


@pytest.mark.parametrize("word", ["netanyahu", "beijing", "gaza", "italy", "kennedy", "hamas"])
def test_names_are_not_ordinary(word):
    assert not ordinary(word)


def test_a_names_words_are_in_the_form_that_comparison_uses():
    (name,) = names("with Yahya Sinwar’s men")
    assert name.words == ("yahya", "sinwar")
    assert (name.start, name.end) == (5, 19)


@given(hostile_text | st.text(alphabet="AaBb. -'’&\nÖöЖж1of", max_size=60))
def test_any_text_gives_ordered_spans_that_read_as_the_name(text):
    for kind in (names, openers):
        result = kind(text)
        assert all(text[name.start : name.end] == name.text and name.words for name in result)
        assert all(left.end <= right.start for left, right in pairwise(result))


@pytest.mark.parametrize("piece", ["A", "A.", "Ab ", "A-", "Ab of ", "“"])
def test_reading_takes_time_in_proportion_to_the_text(piece):
    text = piece * (100_000 // len(piece))
    started = time.perf_counter()
    names(text)
    assert time.perf_counter() - started < 5
