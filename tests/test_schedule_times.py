"""When editions are due: one of each local day that there is, whatever the clocks do."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from briefing.schedule.times import NAMED_AT_MOST, Plan, fires, next_fires, plan

HOURS = (time(0, 0), time(0, 30), time(2, 30), time(3, 0), time(23, 59))
YEARS = (
    ("Europe/Berlin", 2024),  # a leap year
    ("Europe/Berlin", 2026),
    ("America/New_York", 2025),
    ("America/Sao_Paulo", 2018),  # leaps over midnight, and falls back over it
    ("Asia/Kolkata", 2028),  # never changes, by half an hour
    ("Australia/Lord_Howe", 2026),  # changes by half an hour
    ("Pacific/Apia", 2011),  # leaves out 30 December
    ("Africa/Cairo", 2010),  # changes four times
    ("Africa/Cairo", 2023),  # begins to change again, at midnight
    ("America/St_Johns", 2010),  # changes at one minute past midnight
    ("America/Nuuk", 2024),  # leaps over the last hour of a day
)
GRACE = timedelta(hours=6)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)


def utc(stated: str) -> datetime:
    return datetime.fromisoformat(stated).replace(tzinfo=UTC)


def wall(stated: str, zone: str) -> datetime:
    return datetime.fromisoformat(stated).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def minutes(zone: ZoneInfo, start: datetime, days: int) -> Iterator[tuple[datetime, datetime]]:
    """Every minute of days in which the clocks are changed, and the day's borders of the others, by both clocks."""
    for number in range(days):
        begin = start + number * DAY
        step = MINUTE if is_changing(zone, begin) else timedelta(minutes=29 if number % 2 else 31)
        at = begin
        while at < begin + DAY:
            yield at, at.astimezone(zone).replace(tzinfo=None)
            at += step


@pytest.mark.parametrize(("name", "year"), YEARS)
def test_an_edition_is_due_at_the_first_minute_that_a_look_at_the_wall_finds(name, year):
    zone = ZoneInfo(name)
    start = datetime(year, 1, 1, tzinfo=UTC)
    first: dict[tuple[date, time], datetime] = {}
    seen: dict[date, datetime] = {}
    changing: set[date] = set()
    before: datetime | None = None
    for at, shown in minutes(zone, start, 366):
        day = shown.date()
        if before is None or at - before == MINUTE:
            changing.add(day)
        seen.setdefault(day, at)
        for hour in HOURS:
            if shown.time() >= hour:
                first.setdefault((day, hour), at)
        before = at
    existing = sorted(day for day in seen if day.year == year)[1:-1]
    compared = 0
    for day, hour in itertools.product(existing, HOURS):
        if day in changing and day - DAY in changing and day + DAY in changing:
            # where the rest of the day from the hour on was leapt over, it is the next day's first minute
            expected = first.get((day, hour), seen.get(day + DAY))
            assert fires(hour, zone, day) == expected, (day, hour)
            compared += 1
        else:
            found = fires(hour, zone, day)
            assert found is not None
            assert found.astimezone(zone).replace(tzinfo=None) == datetime.combine(day, hour)
    assert compared >= 10 or name == "Asia/Kolkata"


@lru_cache
def days_there(zone: ZoneInfo, year: int) -> list[date]:
    start = datetime(year, 1, 1, tzinfo=UTC)
    return sorted({(start + one * timedelta(hours=3)).astimezone(zone).date() for one in range(-16, 366 * 8 + 16)})


@lru_cache
def is_changing(zone: ZoneInfo, begin: datetime) -> bool:
    return len({(begin + timedelta(hours=six)).astimezone(zone).utcoffset() for six in range(-24, 49, 6)}) > 1


def looks(zone: ZoneInfo, year: int, hour: time) -> Iterator[datetime]:
    """The moments of a year at which something could go wrong: around each hour, and all of a changing day's."""
    start = datetime(year, 1, 1, tzinfo=UTC)
    for number in range(366):
        begin = start + number * DAY
        every = 17 if is_changing(zone, begin) else 197
        found = {begin + timedelta(minutes=one) for one in range(0, 1440, every)}
        usual = datetime.combine(begin.date(), hour, tzinfo=zone).astimezone(UTC)
        found |= {usual + one * MINUTE for one in (-61, -60, -31, -30, -1, 0, 1, 29, 30, 59, 60)}
        yield from sorted(one for one in found if begin <= one < begin + DAY)


@pytest.mark.parametrize("hour", HOURS)
@pytest.mark.parametrize(("name", "year"), YEARS)
def test_a_year_of_looks_makes_one_edition_of_each_local_day_and_skips_none(name, year, hour):
    zone = ZoneInfo(name)
    start = datetime(year, 1, 1, tzinfo=UTC)
    last: date | None = None
    made: list[date] = []
    for now in looks(zone, year, hour):
        planned = plan(hour, zone, GRACE, now, last, start)
        assert planned.skipped == ()
        if planned.due is not None:
            assert planned.due.at <= now < planned.due.at + timedelta(minutes=198)
            last = planned.due.day
            made.append(last)
    assert made == [day for day in days_there(zone, year) if made[0] <= day <= made[-1]]
    assert len(made) >= 363
    if name == "Pacific/Apia":
        assert date(2011, 12, 30) not in made


def test_a_gap_moves_the_edition_to_its_end_and_an_overlap_takes_the_first_of_two():
    assert fires(time(2, 30), BERLIN, date(2026, 3, 29)) == utc("2026-03-29T01:00")
    assert fires(time(2, 30), BERLIN, date(2026, 10, 25)) == utc("2026-10-25T00:30")


def test_a_day_that_is_left_out_has_no_edition_and_its_neighbours_have_theirs():
    apia = ZoneInfo("Pacific/Apia")
    found = [fires(time(6, 30), apia, date(2011, 12, day)) for day in (29, 30, 31)]
    assert found == [utc("2011-12-29T16:30"), None, utc("2011-12-30T16:30")]
    assert [one.day.day for one in next_fires(time(6, 30), apia, utc("2011-12-29T00:00"), 3)] == [29, 31, 1]


def test_where_the_rest_of_a_day_is_leapt_over_its_edition_is_due_at_midnight():
    nuuk = ZoneInfo("America/Nuuk")
    assert fires(time(23, 30), nuuk, date(2024, 3, 30)) == wall("2024-03-31T00:00", "America/Nuuk")
    assert fires(time(23, 30), nuuk, date(2024, 3, 31)) == wall("2024-03-31T23:30", "America/Nuuk")


@pytest.mark.parametrize("day", [date.min, date.max, date.max - DAY])
@pytest.mark.parametrize("name", ["Pacific/Kiritimati", "Pacific/Niue", "UTC"])
def test_the_ends_of_the_calendar_break_nothing(day, name):
    zone = ZoneInfo(name)
    for hour in HOURS:
        found = fires(hour, zone, day)
        assert found is None or found.astimezone(zone).date() == day
    assert len(next_fires(time(6, 30), zone, utc("9999-12-29T12:00"), 9)) < 4


def test_the_leap_day_has_an_edition():
    found = next_fires(time(23, 59), ZoneInfo("America/New_York"), utc("2028-02-28T00:00"), 3)
    assert [str(one.day) for one in found] == ["2028-02-27", "2028-02-28", "2028-02-29"]


@given(
    at=st.integers(631_152_000, 2_114_380_800).map(lambda one: datetime.fromtimestamp(one, UTC)),
    hour=st.times().map(lambda one: one.replace(second=0, microsecond=0)),
    name=st.sampled_from([name for name, _ in YEARS]),
)
def test_editions_follow_each_other_by_a_day_and_are_later_than_asked(at, hour, name):
    found = next_fires(hour, ZoneInfo(name), at, 5)
    assert len(found) == 5
    assert at < found[0].at <= at + 2 * DAY + timedelta(hours=2)
    for before, after in itertools.pairwise(found):
        assert before.day < after.day
        assert timedelta(hours=21) < after.at - before.at < timedelta(hours=49)


# plan


def planned(now: str, last_day: str | None, *, grace: timedelta = GRACE, since: datetime = LONG_AGO) -> Plan:
    last = date.fromisoformat(last_day) if last_day else None
    return plan(time(6, 30), BERLIN, grace, wall(now, "Europe/Berlin"), last, since)


@pytest.mark.parametrize(
    ("now", "day"),
    [
        ("2026-11-24T06:29:59", None),
        ("2026-11-24T06:30:00", "2026-11-24"),
        ("2026-11-24T12:30:00", "2026-11-24"),
        ("2026-11-24T12:30:01", None),
    ],
)
def test_an_edition_is_due_from_its_hour_on_for_as_long_as_its_grace(now, day):
    found = planned(now, "2026-11-23")
    assert (str(found.due.day) if found.due else None) == day


def test_what_is_settled_is_not_due_again():
    assert planned("2026-11-24T06:31", "2026-11-24") == Plan()


def test_missed_days_are_coalesced_to_the_newest_and_the_others_skipped():
    found = planned("2026-11-24T08:00", "2026-11-20")
    assert found.due is not None
    assert str(found.due.day) == "2026-11-24"
    assert [one.day for one in found.skipped] == [21, 22, 23]


def test_after_the_grace_the_newest_is_skipped_too():
    found = planned("2026-11-24T14:00", "2026-11-22")
    assert found.due is None
    assert [one.day for one in found.skipped] == [23, 24]


def test_what_was_due_before_the_profile_was_known_is_neither_made_nor_missed():
    since = wall("2026-11-24T07:00", "Europe/Berlin")
    assert planned("2026-11-24T07:00", None, since=since) == Plan()
    found = planned("2026-11-25T07:00", None, since=since)
    assert found.due is not None
    assert (found.due.day.day, found.skipped) == (25, ())


def test_a_profile_that_is_known_for_long_and_never_ran_has_missed_what_was_due_since():
    found = planned("2026-11-24T14:00", None, since=wall("2026-11-22T07:00", "Europe/Berlin"))
    assert [one.day for one in found.skipped] == [23, 24]


def test_what_is_due_the_moment_that_a_profile_becomes_known_is_made():
    since = wall("2026-11-24T06:30", "Europe/Berlin")
    assert planned("2026-11-24T06:30", None, since=since).due is not None


def test_the_moment_that_an_edition_is_due_is_not_ahead_of_it():
    assert planned("2026-11-24T06:30", "2026-11-24") == Plan()


def test_where_clocks_fall_back_over_midnight_the_day_that_has_begun_stays_due():
    zone = ZoneInfo("America/St_Johns")  # at 00:01 on 7 November it is 23:01 on the 6th
    late = datetime(2010, 11, 6, 23, 30, fold=1, tzinfo=zone).astimezone(UTC)
    found = plan(time(0, 0), zone, GRACE, late, date(2010, 11, 6), LONG_AGO)
    assert found.due is not None
    assert found.due.day == date(2010, 11, 7)


def test_a_clock_set_back_gives_nothing_and_says_so():
    assert planned("2026-11-24T05:00", "2026-11-24") == Plan(ahead=date(2026, 11, 24))
    assert planned("2026-11-20T05:00", "2026-11-24") == Plan(ahead=date(2026, 11, 24))


@pytest.mark.parametrize("hour", ["05:00", "06:30", "12:31"])
def test_a_clock_far_forward_gives_one_edition_at_most_and_names_a_year_of_skipped_days(hour):
    found = planned(f"2126-11-24T{hour}", "2026-11-24")
    newest = date(2126, 11, 23 if hour == "05:00" else 24)
    skipped = (newest - date(2026, 11, 24)).days - (found.due is not None)
    assert (found.due is not None) == (hour == "06:30")
    assert len(found.skipped) == NAMED_AT_MOST
    assert list(found.skipped) == sorted(found.skipped)
    assert found.skipped[-1] == newest - (DAY if found.due else timedelta())
    assert len(found.skipped) + found.unnamed == skipped


@given(years=st.integers(0, 4), days=st.integers(0, 400), since=st.integers(-900, 900))
def test_the_days_told_and_not_told_are_all_that_are_pending(years, days, since):
    now = wall("2026-11-24T14:00", "Europe/Berlin")
    last = (now - years * 366 * DAY - days * DAY).date()
    known = now - since * DAY
    found = plan(time(6, 30), BERLIN, GRACE, now, last, known)
    first = max(last + DAY, known.date() + DAY)  # known since 14:00, after the hour
    assert found.due is None
    assert len(found.skipped) + found.unnamed == max(0, (date(2026, 11, 24) - first).days + 1)


LEAPS = st.one_of(
    st.timedeltas(timedelta(seconds=1), timedelta(minutes=10)),
    st.sampled_from([timedelta(hours=-2), timedelta(days=3), timedelta(hours=9), timedelta(minutes=-1), -3 * DAY]),
    st.timedeltas(timedelta(0), timedelta(hours=7)),
)


@settings(max_examples=200)
@given(
    place=st.sampled_from(YEARS),
    hour=st.sampled_from(HOURS),
    month=st.integers(1, 12),
    leaps=st.lists(LEAPS, max_size=60),
    grace=st.timedeltas(timedelta(minutes=10), timedelta(hours=23)),
)
def test_whatever_the_clock_does_no_day_has_two_editions_and_none_that_was_skipped(place, hour, month, leaps, grace):
    zone = ZoneInfo(place[0])
    now = datetime(place[1], month, 27, tzinfo=UTC)
    since = now
    last: date | None = None
    settled: list[date] = []
    for leap in leaps:
        now += leap
        found = plan(hour, zone, grace, now, last, since)
        days = [*found.skipped, *([found.due.day] if found.due else [])]
        if found.due is not None:
            assert found.due.at <= now <= found.due.at + grace
        assert not (found.ahead and days)
        settled += days
        last = max([*days, *([last] if last else [])], default=None)
    assert settled == sorted(set(settled))


@given(
    place=st.sampled_from(YEARS),
    hour=st.sampled_from(HOURS),
    steps=st.lists(st.timedeltas(timedelta(seconds=1), timedelta(hours=30)), max_size=80),
)
def test_while_time_goes_on_every_day_is_made_or_skipped(place, hour, steps):
    zone = ZoneInfo(place[0])
    since = now = datetime(place[1], 3, 1, tzinfo=UTC)
    last: date | None = None
    settled: list[date] = []
    for step in steps:
        now += step
        found = plan(hour, zone, GRACE, now, last, since)
        settled += [*found.skipped, *([found.due.day] if found.due else [])]
        last = settled[-1] if settled else None
    due = [one.day for one in next_fires(hour, zone, since - MINUTE, 200) if since <= one.at <= now]
    assert settled == due
