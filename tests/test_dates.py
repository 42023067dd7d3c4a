"""What `briefing.dates` promises: dates are read strictly, kept as stated, never guessed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.dates import clock, day, find_stated, instant, parse_age, parse_stated, utc_text
from tests.strategies import hostile_text

days = st.dates(min_value=date(1700, 1, 1), max_value=date(2199, 12, 31))
zones = st.none() | st.integers(-12 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
moments = st.datetimes(min_value=datetime(1700, 1, 1), max_value=datetime(2199, 12, 31)).map(  # noqa: DTZ001 - zones follow
    lambda moment: moment.replace(microsecond=0)
)
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:[+-]\d\d:\d\d)?)?")


@pytest.mark.parametrize(
    ("text", "stated"),
    [
        ("10 January 2024", "2024-01-10"),
        ("January 10th, 2024", "2024-01-10"),
        ("Jan. 10, 2024", "2024-01-10"),
        ("10. März 2024", "2024-03-10"),
        ("3 de marzo de 2024", "2024-03-03"),
        ("22 octobre 2024", "2024-10-22"),
        ("Published 2024-10-22 by the desk", "2024-10-22"),
        ("22 October 2024 at 6:40 pm", "2024-10-22T18:40:00"),
        ("22 October 2024, 12:05 am", "2024-10-22T00:05:00"),
        ("22 October 2024 | 09:15 GMT", "2024-10-22T09:15:00+00:00"),
        ("2024-10-22T09:15:30+0200", "2024-10-22T09:15:30+02:00"),
        ("10. März 2024 um 9.15 Uhr", "2024-03-10T09:15:00"),
    ],
)
def test_a_written_date_is_kept_as_stated(text, stated):
    found = find_stated(text)
    assert found is not None
    assert found[0] == stated


@pytest.mark.parametrize(
    "text",
    [
        "03/04/2024",
        "10 January",
        "January 2024",
        "30 February 2024",
        "Monday",
        "2024-13-01",
        "Last update :",
        "yesterday",
        "",
    ],
)
def test_what_states_no_full_day_is_no_date(text):
    assert find_stated(text) is None
    assert parse_stated(text) is None


@pytest.mark.parametrize("text", ["22 October 2024 at 25:00", "22 October 2024 at 13:10 pm", "22 October 2024 9:75"])
def test_an_impossible_time_leaves_the_day(text):
    assert (find_stated(text) or ("",))[0] == "2024-10-22"


def test_an_impossible_date_does_not_hide_the_next_one():
    text = "31 February 2024, corrected 2 March 2024"
    stated, start, end = find_stated(text) or ("", 0, 0)
    assert (stated, text[start:end]) == ("2024-03-02", "2 March 2024")


@pytest.mark.parametrize(
    ("value", "stated"),
    [
        (None, None),
        ("  ", None),
        ("2024-10-22", "2024-10-22"),
        ("2024-02-30", None),
        ("2024-10-22T06:30:00Z", "2024-10-22T06:30:00+00:00"),
        ("2024-10-22 06:30", "2024-10-22T06:30:00"),
        ("Tue, 22 Oct 2024 06:30:00 +0200", "2024-10-22T06:30:00+02:00"),
        ("Tue, 22 Oct 2024 06:30:00 -0000", "2024-10-22T06:30:00"),
        ("Tuesday, 22 October 2024", "2024-10-22"),
        ("0001-01-01T00:00:00Z", None),
        ("9999-12-31T23:59:59Z", None),
        ("1729578600", None),
    ],
)
def test_a_date_field_is_read_as_rfc_3339_rfc_2822_or_written_out(value, stated):
    assert parse_stated(value) == stated


@given(days)
def test_a_day_stays_a_day(the_day):
    assert parse_stated(the_day.isoformat()) == the_day.isoformat()
    assert parse_stated(f"{the_day.day} {the_day:%B} {the_day.year}") == the_day.isoformat()


@given(moments, zones)
def test_a_moment_keeps_its_zone_or_its_lack_of_one(moment, zone):
    stated = moment.replace(tzinfo=zone).isoformat()
    assert parse_stated(stated) == stated
    assert day(stated) == moment.date().isoformat()
    assert instant(stated) == moment.replace(tzinfo=zone or UTC)


@given(hostile_text)
def test_any_text_at_all_is_a_date_in_rfc_3339_or_none(text):
    stated = parse_stated(text)
    assert stated is None or (RFC_3339.fullmatch(stated) and instant(stated) is not None)


def test_an_undated_article_has_no_instant_and_no_day():
    assert (instant(None), day(None), instant("soon")) == (None, None, None)


def test_a_day_means_its_first_instant():
    assert instant("2024-10-22") == datetime(2024, 10, 22, tzinfo=UTC)


def test_a_moment_is_written_in_utc():
    assert utc_text(datetime(2024, 10, 22, 8, 30, tzinfo=timezone(timedelta(hours=2)))) == "2024-10-22T06:30:00Z"


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("24h", timedelta(hours=24)),
        ("3d", timedelta(days=3)),
        ("90 m", timedelta(minutes=90)),
        (" 2W ", timedelta(weeks=2)),
    ],
)
def test_an_age_is_a_number_and_a_unit(text, age):
    assert parse_age(text) == age


@pytest.mark.parametrize("text", ["", "h", "24", "1y", "-3d", "1.5h", "3d4h", "9999999d"])
def test_what_is_no_age_says_how_to_write_one(text):
    with pytest.raises(ValueError, match="such as 24h or 7d"):
        parse_age(text)


def test_a_fixed_clock_tells_its_moment_and_no_duration():
    told = clock({"SOURCE_DATE_EPOCH": "1729578600"})
    assert (utc_text(told.now), told.day, told.seconds()) == ("2024-10-22T06:30:00Z", "2024-10-22", None)


def test_a_free_clock_measures_the_run():
    seconds = clock({}).seconds()
    assert seconds is not None
    assert seconds >= 0


@pytest.mark.parametrize("value", ["", "today", "1.5", "9" * 30])
def test_a_clock_that_is_no_number_is_refused_with_the_fix(value):
    with pytest.raises(ValueError, match="give whole seconds since 1970"):
        clock({"SOURCE_DATE_EPOCH": value})
