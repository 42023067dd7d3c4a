"""What is due for several profiles: each in its turn, none kept from its edition by another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.errors import BriefingError, NothingNew, UsageError
from briefing.schedule.due import coming, due, lines
from briefing.store.lock import AlreadyRunning

BERLIN, TOKYO, NEW_YORK = map(ZoneInfo, ("Europe/Berlin", "Asia/Tokyo", "America/New_York"))
NOW = datetime(2026, 11, 24, 5, 31, tzinfo=UTC)  # 06:31 in Berlin
TODAY = date(2026, 11, 24)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@dataclass(frozen=True)
class Profile:
    hour: time = time(6, 30)
    zone: ZoneInfo = BERLIN
    grace: timedelta = timedelta(hours=6)


@dataclass
class Memory:
    """A ledger and those who make editions, at once."""

    since: dict[str, datetime] = field(default_factory=dict)
    settled: dict[str, list[date]] = field(default_factory=dict)
    given_up: list[tuple[str, date]] = field(default_factory=list)
    waits: dict[tuple[str, date], datetime] = field(default_factory=dict)
    fails: dict[str, Exception] = field(default_factory=dict)
    made: list[tuple[str, date]] = field(default_factory=list)

    def last_day(self, profile: str) -> date | None:
        return max(self.settled.get(profile, []), default=None)

    def known_since(self, profile: str, now: datetime) -> datetime:
        return self.since.setdefault(profile, now)

    def skipped(self, profile: str, days: Sequence[date], now: datetime) -> None:
        assert max(days) <= now.date() + DAY
        self.given_up += [(profile, day) for day in days]
        self.settled.setdefault(profile, []).extend(days)

    def not_before(self, profile: str, day: date) -> datetime | None:
        return self.waits.get((profile, day))

    def run(self, profile: str, day: date) -> None:
        if profile in self.fails:
            raise self.fails[profile]
        self.made.append((profile, day))
        self.settled.setdefault(profile, []).append(day)


@pytest.fixture
def memory() -> Memory:
    """Two profiles that have been known for long, and were done yesterday."""
    names = ("berlin", "tokyo", "late")
    return Memory(since=dict.fromkeys(names, NOW - 30 * DAY), settled={name: [TODAY - DAY] for name in names})


def test_what_is_due_is_made_once_however_often_it_is_looked_at(memory):
    for minutes in range(600):
        due(NOW + minutes * MINUTE, {"berlin": Profile()}, memory, memory.run)
    assert memory.made == [("berlin", TODAY)]


def test_several_are_made_in_the_order_of_their_hours(memory):
    profiles = {"late": Profile(hour=time(6, 31)), "berlin": Profile(), "tokyo": Profile(hour=time(12, 0), zone=TOKYO)}
    found = due(NOW, profiles, memory, memory.run)
    assert [one.profile for one in found] == ["tokyo", "berlin", "late"]
    assert {one.kind for one in found} == {"ran"}
    assert memory.made == [("tokyo", TODAY), ("berlin", TODAY), ("late", TODAY)]


@pytest.mark.parametrize("error", [BriefingError("the model failed"), ValueError("a fault"), MemoryError()])
def test_one_that_fails_keeps_no_other_from_its_edition(memory, error, caplog):
    memory.fails["berlin"] = error
    profiles = {"berlin": Profile(), "late": Profile(hour=time(6, 31))}
    failed, ran = due(NOW, profiles, memory, memory.run)
    assert (failed.kind, failed.error, ran.kind) == ("failed", error, "ran")
    assert str(error) in failed.line
    assert ("fault" in caplog.text or "MemoryError" in caplog.text) == (not isinstance(error, BriefingError))


def test_one_whose_settings_cannot_be_read_keeps_no_other_from_its_edition(memory):
    class Broken(Profile):
        @property
        def zone(self) -> ZoneInfo:
            raise UsageError("no such zone")

    broken = object.__new__(Broken)
    found = due(NOW, {"tokyo": broken, "berlin": Profile()}, memory, memory.run)
    assert [(one.profile, one.kind) for one in found] == [("tokyo", "failed"), ("berlin", "ran")]


def test_ctrl_c_ends_all(memory):
    def interrupted(profile: str, day: date) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        due(NOW, {"berlin": Profile(), "late": Profile()}, memory, interrupted)


def test_what_failed_waits_until_it_may_be_tried_again(memory):
    memory.waits["berlin", TODAY] = NOW + 10 * MINUTE
    (found,) = due(NOW, {"berlin": Profile()}, memory, memory.run)
    assert (found.kind, memory.made) == ("waiting", [])
    assert "05:41 UTC" in found.line
    assert due(NOW + 10 * MINUTE, {"berlin": Profile()}, memory, memory.run)[0].kind == "ran"


def test_what_another_program_is_at_is_no_failure(memory):
    memory.fails["berlin"] = AlreadyRunning("another `run berlin` is running")
    (found,) = due(NOW, {"berlin": Profile()}, memory, memory.run)
    assert found.kind == "waiting"


def test_a_day_without_news_is_no_failure(memory):
    memory.fails["berlin"] = NothingNew("nothing new since yesterday")
    (found,) = due(NOW, {"berlin": Profile()}, memory, memory.run)
    assert found.kind == "empty"
    assert "nothing new since yesterday" in found.line


def test_what_was_failing_until_its_grace_was_over_is_given_up(memory):
    memory.fails["berlin"] = BriefingError("no network")
    kinds = [due(NOW + hours * 60 * MINUTE, {"berlin": Profile()}, memory, memory.run) for hours in range(9)]
    assert [one[0].kind for one in kinds if one] == ["failed"] * 6 + ["skipped"]
    assert memory.given_up == [("berlin", TODAY)]


def test_missed_days_are_told_once_and_noted(memory):
    memory.settled["berlin"] = [TODAY - 4 * DAY]
    told = lines(due(NOW, {"berlin": Profile()}, memory, memory.run))
    assert len(told) == 2
    assert "2026-11-21 to 2026-11-23 (3 days)" in told[0]
    assert "within 6 h" in told[0]
    assert memory.given_up == [("berlin", TODAY - number * DAY) for number in (3, 2, 1)]
    assert due(NOW + MINUTE, {"berlin": Profile()}, memory, memory.run) == []


def test_a_single_missed_day_and_a_great_many_are_told_as_such(memory):
    memory.settled = {"berlin": [TODAY - DAY], "late": [TODAY - 1000 * DAY]}
    memory.since["late"] = NOW - 2000 * DAY
    found = due(NOW + DAY * 0.4, {"berlin": Profile(), "late": Profile()}, memory, memory.run)
    one, many = lines(found)
    assert "no edition of 2026-11-24:" in one
    assert "no edition of 1000 days up to 2026-11-24:" in many


def test_a_profile_that_is_new_is_made_from_its_next_hour_on():
    memory = Memory()
    later = NOW + 60 * MINUTE
    assert due(later, {"berlin": Profile()}, memory, memory.run) == []
    assert due(later + DAY, {"berlin": Profile()}, memory, memory.run)[0].kind == "ran"


def test_a_profile_that_is_first_seen_just_after_its_hour_may_have_been_there_before_it():
    memory = Memory()
    assert due(NOW, {"berlin": Profile()}, memory, memory.run)[0].kind == "ran"


def test_a_profile_that_a_wrong_clock_noted_for_the_future_is_made_at_its_hour_all_the_same(memory):
    memory.since["berlin"] = NOW + 1000 * DAY
    assert [one.kind for one in due(NOW, {"berlin": Profile()}, memory, memory.run)] == ["ran"]


def test_what_a_wrong_clock_made_ahead_is_told_to_who_asks_and_not_at_every_look(memory):
    memory.settled["berlin"].append(TODAY + 300 * DAY)
    found = due(NOW, {"berlin": Profile()}, memory, memory.run)
    assert [one.kind for one in found] == ["ahead"]
    assert lines(found) == []
    assert "briefing run berlin" in lines(found, verbose=True)[0]


@given(
    steps=st.lists(
        st.one_of(st.timedeltas(MINUTE, 8 * 60 * MINUTE), st.sampled_from([-120 * MINUTE, 3 * DAY])), max_size=60
    ),
    failing=st.sets(st.integers(0, 60)),
)
def test_however_the_clock_goes_and_whatever_fails_no_edition_is_made_twice(steps, failing):
    memory = Memory()
    profiles = {
        "berlin": Profile(),
        "tokyo": Profile(zone=TOKYO),
        "york": Profile(time(2, 30), NEW_YORK, 20 * DAY / 24),
    }
    now = datetime(2026, 10, 20, tzinfo=UTC)
    for number, step in enumerate(steps):
        now += step
        memory.fails = dict.fromkeys(profiles, BriefingError("no")) if number in failing else {}
        due(now, profiles, memory, memory.run)
    assert len(memory.made) == len(set(memory.made))
    assert not set(memory.made) & set(memory.given_up)
    for days in memory.settled.values():
        assert days == sorted(set(days))


# what comes next


def test_the_next_editions_of_all_come_in_their_order_by_their_own_clocks():
    profiles = {"york": Profile(zone=NEW_YORK), "berlin": Profile(), "tokyo": Profile(zone=TOKYO)}
    found = coming(profiles, NOW, 4)
    assert [one.profile for one in found] == ["york", "tokyo", "berlin", "york"]
    assert {one.at.strftime("%H:%M") for one in found} == {"06:30"}
    assert [one.at.timestamp() for one in found] == sorted(one.at.timestamp() for one in found)


def test_without_profiles_nothing_comes():
    assert coming({}, NOW, 5) == []
