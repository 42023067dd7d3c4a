"""What `briefing.text` promises."""

from __future__ import annotations

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.text import (
    STOP_WORDS,
    content_words,
    has_invisible,
    paragraph_spans,
    sentence_spans,
    single_line,
    stem,
    visible,
    word_form,
    words,
)
from tests.strategies import body_text, hostile_text


def sentences(text: str, language: str | None = None) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text, language)]


@given(hostile_text)
def test_visible_text_stays_as_it_is(text):
    once = visible(text)
    assert visible(once) == once
    assert not has_invisible(once)
    assert unicodedata.is_normalized("NFC", once)


@given(hostile_text)
def test_visible_text_can_be_written_as_utf8_and_has_one_kind_of_newline_and_space(text):
    shown = visible(text)
    assert shown.encode().decode() == shown
    assert not set("\r\x0b\x0c\u2028\u2029\t\u00a0\u3000") & set(shown)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\r\nb\rc\u2028d\u2029e\x0cf", "a\nb\nc\nd\ne\nf"),
        ("one\u00a0 \t\u3000two", "one two"),
        ("in\u00advis\u200bi\ufeffble\x00", "invisible"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("hi\U000e0041\U000e0042", "hi"),
        ("cafe\u0301", "café"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("👩\u200d🚒", "👩\u200d🚒"),
    ],
)
def test_what_a_reader_cannot_see_is_removed_and_what_scripts_need_is_kept(text, shown):
    assert visible(text) == shown


def test_hidden_characters_are_noticed():
    assert has_invisible("a\u200bb")
    assert has_invisible("a\u202eb")
    assert not has_invisible("a\u200cb\n\tc")


@given(hostile_text)
def test_a_single_line_has_no_break_and_no_outer_space(text):
    line = single_line(text)
    assert line == line.strip()
    assert len(line.splitlines()) <= 1
    assert single_line(line) == line


def test_words_are_case_folded_and_numbers_and_initials_stay_whole():
    assert words("Blinken’s 1,300 U.S. troops") == ["blinken", "1,300", "u.s", "troops"]
    assert words("co-operation, don’t; 2.4 million (Straße) snake_case") == [
        "co-operation", "don't", "2.4", "million", "strasse", "snake", "case",
    ]  # fmt: skip
    assert words("14,17") == ["14", "17"]  # a list of numbers, no thousands


@given(hostile_text)
def test_words_are_in_their_final_form(text):
    for word in words(text):
        assert word
        assert word == word.casefold()
        assert "’" not in word


@given(body_text)
def test_words_are_the_forms_of_what_stands_between_the_spaces(text):
    assert words(text) == [word_form(part.rstrip(".")) for part in text.split()]


def test_a_words_form_has_no_possessive_ending():
    assert [word_form(word) for word in ("Blinken’s", "Hamas'S", "IT’S", "don’t")] == [
        "blinken",
        "hamas",
        "it",
        "don't",
    ]


@pytest.mark.parametrize(
    "forms",
    [
        ("injure", "injured", "injures", "injuring"),
        ("stop", "stops", "stopped", "stopping"),
        ("city", "cities"),
        ("carry", "carried", "carries"),
        ("attack", "attacks", "attacked", "attacking"),
        ("march", "marches", "marched"),
        ("reported", "reportedly", "reporting"),
        ("ferry", "ferries"),
    ],
)
def test_inflections_of_a_word_share_a_stem(forms):
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize(("one", "other"), [("ship", "shop"), ("north", "northern"), ("talk", "walk"), ("bus", "but")])
def test_different_words_keep_different_stems(one, other):
    assert stem(one) != stem(other)


@given(st.text(alphabet=st.characters(categories=["Ll", "Nd"]), min_size=1, max_size=12))
def test_a_stem_is_never_empty_and_never_longer(word):
    assert 0 < len(stem(word)) <= len(word)


def test_content_words_leave_function_words_out():
    assert content_words("The ferries were damaged, and they said so") == ["ferry", "damag"]
    assert content_words(" ".join(sorted(STOP_WORDS))) == []


def test_paragraphs_are_the_lines_without_outer_space():
    text = "  One line. \n\n\tTwo\n \nThree  "
    assert [text[start:end] for start, end in paragraph_spans(text)] == ["One line.", "Two", "Three"]


@given(hostile_text.map(visible) | body_text)
def test_sentences_are_whole_pieces_of_one_line_in_order_and_apart(text):
    spans = sentence_spans(text)
    for start, end in spans:
        piece = text[start:end]
        assert piece == piece.strip()
        assert piece
        assert "\n" not in piece
    assert all(before.end <= after.start for before, after in pairwise(spans))


@given(body_text)
def test_nothing_but_space_stands_between_the_sentences_of_plain_news(text):
    assert " ".join(sentences(text)).split() == text.split()


def test_a_line_that_does_not_end_like_a_sentence_has_none():
    assert sentences("What we know\nThe ferry sank.\n• 14 hurt\nPolice came.") == ["The ferry sank.", "Police came."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Mr. Hall left. He ran.", ["Mr. Hall left.", "He ran."]),
        ("It cost £2.4 million. Nobody paid.", ["It cost £2.4 million.", "Nobody paid."]),
        ("The U.S. envoy came. Talks began.", ["The U.S. envoy came.", "Talks began."]),
        ("“We left.” The pier fell.", ["“We left.”", "The pier fell."]),
        ("Really? Yes! It did…", ["Really?", "Yes!", "It did…"]),
    ],
)
def test_abbreviations_and_decimals_end_no_sentence(text, expected):
    assert sentences(text) == expected


def test_a_language_brings_its_own_abbreviations():
    assert sentences("Das kostet ca. 3 Euro, sagte Dr. Weber. Niemand zahlte.", "de") == [
        "Das kostet ca. 3 Euro, sagte Dr. Weber.",
        "Niemand zahlte.",
    ]


def test_a_month_at_the_end_of_a_sentence_is_no_abbreviation():
    text = "It closes on 19 May. A petition has 1,900 names. It was seen on Oct. 7 and on 3 May 2024."
    assert [text[start:end] for start, end in sentence_spans(text)] == [
        "It closes on 19 May.",
        "A petition has 1,900 names.",
        "It was seen on Oct. 7 and on 3 May 2024.",
    ]
