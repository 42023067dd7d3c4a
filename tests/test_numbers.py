"""What `briefing.numbers` promises."""

from __future__ import annotations

import time
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.numbers import quantities, swapped_separators
from tests.strategies import hostile_text


def read(text: str) -> list[tuple[Decimal, str]]:
    return [(quantity.value, quantity.unit) for quantity in quantities(text)]


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("1,300.5 people", "1300.5", ""),
        ("2.4 million", "2400000", ""),
        ("twenty-one", "21", ""),
        ("two hundred and fifty thousand", "250000", ""),
        ("two million three hundred thousand", "2300000", ""),
        ("sixty four thousand two hundred and one", "64201", ""),
        ("a hundred", "100", ""),
        ("a dozen", "12", ""),
        ("two dozen", "24", ""),
        ("half a dozen", "6", ""),
        ("half a million", "500000", ""),
        ("two and a half million", "2500000", ""),
        ("half of them", "0.5", ""),
        ("two-thirds", "0.6667", ""),
        ("a quarter of", "0.25", ""),
        ("300+", "300", ""),
        ("10%", "10", "%"),
        ("10 per cent", "10", "%"),
        ("five percentage points", "5", "%"),
        ("one percent", "1", "%"),
        ("$2.4 million", "2400000", "USD"),
        ("2.4 million dollars", "2400000", "USD"),
        ("US$5bn", "5000000000", "USD"),
        ("A$3", "3", "AUD"),
        ("£3m", "3000000", "GBP"),
        ("thirty euros", "30", "EUR"),
        ("EUR 5", "5", "EUR"),
        ("11th", "11", "ordinal"),
        ("eleventh", "11", "ordinal"),
        ("twenty-first", "21", "ordinal"),
        ("one hundred and twenty-first", "121", "ordinal"),
        ("the 1990s", "1990", "decade"),
        ("14km", "14", "km"),
        ("a 14-mile walk", "14", "mile"),
        ("fourteen kilometres", "14", "km"),
        ("a 19-year-old", "19", "year"),
        ("10m people", "10000000", ""),
        ("a wall 10m high", "10", "m"),
        ("30 seconds", "30", "second"),
        ("5G", "5", "g"),
        ("mid-2023", "2023", ""),
        ("1.300.000", "1300000", ""),
        ("1.300,5", "1300.5", ""),
        ("1 300 000", "1300000", ""),
        ("2,5 Prozent", "2.5", ""),
        ("٣٠", "30", ""),
    ],
)
def test_a_number_is_read_with_its_value_and_unit(text, value, unit):
    assert read(text) == [(Decimal(value), unit)]


@pytest.mark.parametrize(
    "text",
    [
        "one of the officials", "no one", "several hundred", "dozens of people", "thousands", "KSLV-1 and F-16",
        "the G20", "COVID-19", "half-brother", "half past", "Second, the council met",
    ],
)  # fmt: skip
def test_words_that_count_nothing_are_no_numbers(text):
    assert read(text) == []


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2 to 3 million", [(2_000_000, ""), (3_000_000, "")]),
        ("$2-3 million", [(2_000_000, "USD"), (3_000_000, "USD")]),
        ("from 900 to 1 million", [(900, ""), (1_000_000, "")]),
        ("between 5 and 20 percent", [(5, "%"), (20, "%")]),
        ("5 to 10 km", [(5, "km"), (10, "km")]),
        ("won 5-4", [(5, ""), (4, "")]),
        ("14, 17 and 18", [(14, ""), (17, ""), (18, "")]),
        ("two, three and four", [(2, ""), (3, ""), (4, "")]),
        ("the first two hundred", [(1, "ordinal"), (200, "")]),
    ],
)
def test_numbers_that_stand_together_are_told_apart_and_ranges_share_unit_and_scale(text, values):
    assert read(text) == [(Decimal(value), unit) for value, unit in values]


def test_the_span_covers_the_number_and_its_unit():
    text = "It cost 2.4 million dollars."
    (quantity,) = quantities(text)
    assert text[quantity.start : quantity.end] == "2.4 million dollars"


def test_points_and_commas_inside_numbers_change_places_and_nothing_else_does():
    assert swapped_separators("Am 3. Mai, 1.300,5 Tote.") == "Am 3. Mai, 1,300.5 Tote."


@given(st.integers(min_value=2, max_value=10**12))
def test_digits_with_and_without_thousands_separators_are_the_same_number(number):
    assert read(f"{number}")[0] == read(f"{number:,}")[0] == (Decimal(number), "")


@given(st.integers(min_value=2, max_value=99))
def test_words_and_digits_are_the_same_number(number):
    ones = (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen".split()
    )
    ones += ["seventeen", "eighteen", "nineteen"]
    tens = "- - twenty thirty forty fifty sixty seventy eighty ninety".split()
    tail = f"-{ones[number % 10]}" if number % 10 else ""
    word = ones[number] if number < 20 else tens[number // 10] + tail
    assert read(f"{word} ferries") == read(f"{number} ferries") == [(Decimal(number), "")]
    assert read(f"{word.capitalize()} thousand") == [(Decimal(number * 1000), "")]


_pieces = st.sampled_from(
    "9 12 1,300 2.5 two twenty one hundred thousand million half third a and of - % $ m th".split()
)


@given(
    st.lists(_pieces, max_size=12).map(" ".join)
    | hostile_text
    | st.text(alphabet="0123456789.,- $€%+mkbnsth twoandhalfzero\u00a0\n", max_size=80)
)
def test_any_text_gives_ordered_spans_inside_it(text):
    found = quantities(text)
    assert all(0 <= quantity.start < quantity.end <= len(text) for quantity in found)
    assert all(left.end <= right.start for left, right in pairwise(found))


@pytest.mark.parametrize(
    "text", ["9" * 40 + " million thousand", "9" * 40 + "m thousand two", "9" * 27 + " million two hundred"]
)
def test_numbers_beyond_every_scale_are_survived(text):
    assert quantities(text)[0].value > 10**26


@pytest.mark.parametrize("piece", ["9", "1,", "1.", "two ", "half ", "hundred ", "1,000 "])
def test_reading_takes_time_in_proportion_to_the_text(piece):
    text = piece * (200_000 // len(piece))
    started = time.perf_counter()
    quantities(text)
    assert time.perf_counter() - started < 5
