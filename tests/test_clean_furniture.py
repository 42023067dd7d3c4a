"""The table of furniture: each rule takes its examples, lets news pass, and is bounded."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.collect.cleaning import byline, credit, marks
from briefing.collect.cleaning.furniture import rule_for, strip
from briefing.collect.cleaning.rules import RULES, Rule
from tests.strategies import hostile_text, sentence_text

_NEWS = "A ferry hit a pier in Kestrel Bay on Monday and fourteen people were hurt, the coastguard said."
_MORE = "The pier is closed until further notice, and sailings go from the other side of the harbour, the town said."


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_each_rule_takes_its_examples(rule: Rule) -> None:
    for example in rule.catches:
        assert rule.pattern.fullmatch(example), example
        assert len(example) <= rule.longest, example
        assert rule_for(example), example


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_rule_takes_the_news_that_looks_like_furniture(rule: Rule) -> None:
    assert rule.passes
    for example in rule.passes:
        assert rule_for(example) is None, example
        assert strip([_NEWS, example, _MORE])[0] == (_NEWS, example, _MORE)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_rule_takes_a_line_longer_than_its_bound(rule: Rule) -> None:
    assert rule.longest <= 400
    assert rule_for(rule.catches[0] + " and so on" * 60) is None


@given(
    st.sampled_from([example for rule in RULES for example in rule.catches]),
    st.lists(st.sampled_from("here today · Kestrel Bay 2026 Newsletter story ! login and | for".split()), max_size=16),
    st.booleans(),
)
def test_no_line_escapes_the_rule_that_would_take_it(example: str, more: list[str], before: bool) -> None:  # noqa: FBT001
    line = " ".join([*more, example] if before else [example, *more])
    matching = [rule.name for rule in RULES if len(line) <= rule.longest and rule.pattern.fullmatch(line)]
    assert rule_for(line) == next(iter(matching), None)


def test_rule_names_are_unique() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)


@given(sentence_text)
def test_no_rule_takes_a_plain_sentence(sentence: str) -> None:
    assert rule_for(sentence) is None


def test_what_is_removed_is_listed_with_the_rule_that_took_it() -> None:
    kept, removed = strip(["Share this article", _NEWS, "Advertisement", _MORE, "All rights reserved."])
    assert kept == (_NEWS, _MORE)
    assert removed == (
        ("Share this article", "share"),
        ("Advertisement", "advertisement"),
        ("All rights reserved.", "rights"),
    )


def test_readers_comments_below_a_report_go_with_their_heading() -> None:
    kept, removed = strip([_NEWS, _MORE, "Comments", "gull: Serves them right, I say, and not a moment too soon."])
    assert kept == (_NEWS, _MORE)
    assert removed[-1][1] == "after-comments"


def test_many_comments_go_where_their_heading_counts_them() -> None:
    report = [_NEWS + _MORE, _MORE + _NEWS, _NEWS + _NEWS]
    assert strip([*report, "Comments (12)", *["gull: Serves them right, I say, and much more of that." * 3] * 12])[
        0
    ] == tuple(report)


def test_a_counter_of_comments_above_the_report_takes_nothing_with_it() -> None:
    blocks = ["5 Kommentare", _NEWS, _MORE, _NEWS + " Again."]
    assert strip(blocks)[0] == tuple(blocks[1:])


def test_headlines_under_related_go_at_the_end_and_news_after_it_stays() -> None:
    assert strip([_NEWS, _MORE, "Related articles", "Lifeboat fete raises record sum"])[0] == (_NEWS, _MORE)
    assert strip([_NEWS, "Related articles", "Lifeboat fete raises record sum", _MORE])[0] == (
        _NEWS,
        "Lifeboat fete raises record sum",
        _MORE,
    )


def test_the_repeated_title_goes_whatever_its_case_and_quotes() -> None:
    assert strip(["FERRY HITS ‘OLD’ PIER", _NEWS], title="Ferry hits 'old' pier")[0] == (_NEWS,)


def test_a_date_that_heads_a_paragraph_of_a_chronology_stays() -> None:
    blocks = (_NEWS, "2 March 2026", _MORE, "3 March 2026", _NEWS + " Again.")
    assert strip(blocks)[0] == blocks


@given(
    st.lists(hostile_text | sentence_text | st.sampled_from([c for rule in RULES for c in rule.catches]), max_size=12)
)
def test_stripping_twice_is_stripping_once(blocks: list[str]) -> None:
    kept, removed = strip(blocks)
    assert strip(kept) == (kept, ())
    assert len(kept) + len(removed) == len(blocks)


@pytest.mark.parametrize(
    "unit",
    "the |share |A-|By A |The Aa |AA |A.B. |a, |x: |Home > |daily free the |(|12 shares |x  |Sign up to |of A ".split(
        "|"
    ),
)
def test_no_pattern_takes_long_on_a_line_made_to_make_it(unit: str) -> None:
    for end in ("", "!", "§"):
        for length in (
            40,
            80,
            120,
            160,
            199,
            290,
            395,
        ):  # in steps: what grows with a power is caught while it is small
            line = (unit * 400)[:length] + end
            start = time.perf_counter()
            rule_for.__wrapped__(line)
            byline.parse.__wrapped__(line)
            byline.is_media(line[:60])
            byline.copyright_holder(line)
            credit.dateline(line)
            credit.agency(line)
            marks.ai_written([line], None)
            marks.opinion([line], line, None)
            marks.corrected([line])
            assert time.perf_counter() - start < 1
