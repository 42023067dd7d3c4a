"""What an asking means for the next one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.fetch.fate import MOVED_AFTER, Outcome, answered, failed, is_due, waits
from briefing.sources import Source, SourceState
from briefing.store.sources import Fetch
from briefing.web import Answer, WebError

NOW = datetime(2026, 3, 4, 6, tzinfo=UTC)
STATE = SourceState(address="https://a.example/feed", etag='"1"', modified="Mon, 02 Mar 2026 08:00:00 GMT")
SOURCE = Source(url=STATE.address)
LOG = Fetch(run="r", source_id=1, url=STATE.address, at=NOW, seconds=0.1, outcome="read")


def answer(status: int = 200, **rest) -> Answer:
    return Answer(status=status, url="https://a.example/feed", data=b"x", **rest)


def failures(number: int, state: SourceState = STATE) -> SourceState:
    for _ in range(number):
        state = failed(state, "status", "answers 500", NOW)
    return state


def test_a_body_that_was_read_brings_what_it_is_known_by():
    after = answered(STATE, answer(etag='"2"', last_modified=None), NOW)
    assert (after.etag, after.modified) == ('"2"', None)
    assert (after.checked_at, after.succeeded_at) == (NOW, NOW)


def test_a_body_that_broke_off_is_asked_for_again_whole():
    after = answered(STATE, answer(etag='"2"', last_modified="x", damaged=True), NOW)
    assert (after.etag, after.modified) == (None, None)


def test_a_success_ends_a_row_of_failures():
    after = answered(failures(5), answer(), NOW)
    assert (after.failures, after.failing_since, after.error, after.error_kind, after.next_at) == (
        0,
        None,
        None,
        None,
        None,
    )


def test_failing_since_is_the_first_failure_of_the_row():
    first = failed(STATE, "dns", "no such host", NOW)
    later = failed(first, "dns", "no such host", NOW + timedelta(days=2))
    assert later.failing_since == NOW
    assert (later.failures, later.error_kind, later.error) == (2, "dns", "no such host")


@pytest.mark.parametrize("number", [1, 2])
def test_after_one_or_two_failures_the_next_run_asks_again(number):
    assert is_due(failures(number), NOW)


@given(st.integers(3, 200))
def test_from_the_third_failure_on_it_waits_between_twelve_minutes_and_a_day(number):
    after = failures(number)
    assert after.next_at is not None
    assert timedelta(minutes=12) <= after.next_at - NOW <= timedelta(hours=24)
    assert not is_due(after, NOW)
    assert is_due(after, after.next_at)


def test_the_waits_grow():
    waits = [failures(number).next_at for number in (3, 5, 7, 9)]
    assert waits == sorted(waits, key=lambda one: one or NOW)


@pytest.mark.parametrize("seconds", [1.0, 3600.0, 86400.0])
def test_a_server_that_says_when_to_come_again_is_obeyed(seconds):
    error = WebError("status", "answers 429", status=429, retry_after=seconds)
    assert failed(STATE, "status", "answers 429", NOW, error).next_at == NOW + timedelta(seconds=seconds)


def test_what_is_gone_is_never_asked_again():
    after = failed(STATE, "status", "answers 410", NOW, WebError("status", "answers 410", status=410))
    assert after.ended_at == NOW
    assert not is_due(after, NOW + timedelta(days=1000))


def test_a_redirect_to_what_is_gone_ends_nothing():
    error = WebError("status", "answers 410", status=410, elsewhere=True)
    assert failed(STATE, "status", "answers 410", NOW, error).ended_at is None


def test_what_was_gone_and_answers_again_has_not_ended():
    gone = failed(STATE, "status", "answers 410", NOW, WebError("status", "answers 410", status=410))
    assert answered(gone, answer(), NOW).ended_at is None


@pytest.mark.parametrize("status", [401, 403, 404, 451, 500])
def test_nothing_else_ends_a_source(status):
    after = failed(STATE, "status", f"answers {status}", NOW, WebError("status", "x", status=status))
    assert after.ended_at is None


def test_a_permanent_move_is_believed_after_it_was_seen_so_many_times_in_a_row():
    state = STATE
    for seen in range(1, MOVED_AFTER + 1):
        assert state.address == STATE.address
        state = answered(state, answer(moved="https://b.example/feed"), NOW)
        assert (state.moved_to, state.moved_seen) == ("https://b.example/feed", seen)
    assert state.address == "https://b.example/feed"


def test_a_move_that_changes_its_mind_begins_anew():
    state = answered(STATE, answer(moved="https://b.example/feed"), NOW)
    state = answered(state, answer(moved="https://c.example/feed"), NOW)
    assert (state.moved_to, state.moved_seen) == ("https://c.example/feed", 1)
    assert answered(state, answer(), NOW).moved_seen == 0


def test_where_its_host_asks_for_time_a_source_waits_and_has_not_failed():
    asks = WebError("status", "429", status=429, retry_after=60.0)
    assert waits(STATE, asks, NOW) == replace(STATE, next_at=NOW + timedelta(minutes=1))
    assert waits(STATE, WebError("status", "429", status=429), NOW) == STATE


def test_and_what_is_known_of_its_failures_stays():
    before = failures(2)
    after = waits(before, WebError("status", "429", status=429, retry_after=60.0), NOW)
    assert (after.failures, after.failing_since, after.error) == (2, NOW, before.error)


KINDS = st.sampled_from(["dns", "connection", "deadline", "tls", "status", "content"])


@given(st.lists(KINDS, min_size=1, max_size=8))
def test_of_a_row_of_failures_the_first_is_new_and_each_that_goes_on_is_not(kinds):
    state, news = STATE, []
    for kind in kinds:
        after = failed(state, kind, "x", NOW)
        news.append(Outcome(source=SOURCE, before=state, after=after, log=LOG).is_new)
        state = after
    assert news[0]
    ways = ["down" if kind in {"dns", "connection", "deadline"} else kind for kind in kinds]
    assert news[1:] == [one != other for one, other in pairwise(ways)]


def test_a_source_that_is_read_has_no_failure_and_says_how_long_it_had_one():
    later = NOW + timedelta(days=2)
    back = Outcome(source=SOURCE, before=failures(3), after=answered(failures(3), answer(), later), log=LOG)
    assert (back.has_failed, back.is_new, back.failed_for) == (False, False, timedelta(days=2))
    still = Outcome(source=SOURCE, before=failures(3), after=failures(4), log=LOG)
    well = Outcome(source=SOURCE, before=STATE, after=answered(STATE, answer(), later), log=LOG)
    assert (still.failed_for, well.failed_for) == (None, None)
