"""The outbox in the store: what a message's row says at every moment, and who is not written to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from briefing.letters import Letter
from briefing.store import Database, editions, sends
from briefing.store.recipients import barred, bounced, forget_bounces, leave, note_bounce, rejoin
from briefing.store.sends import Send
from tests.stored import NOW

DAY = date(2024, 10, 22)
LETTER = Letter("Subject", "<p>html</p>", "text", NOW)
LATER = NOW + timedelta(hours=1)


@pytest.fixture
def queued(store: Database) -> Callable[..., list[Send]]:
    """Enters an edition with its messages, and gives them back as they are due."""

    def enter(*readers: str, profile: str = "morning", day: date = DAY) -> list[Send]:
        entered = store.write(editions.note_made, profile, day, None, LETTER, NOW)
        store.write(sends.queue, entered, [(one, f"<{profile}.{day}.{one}>") for one in readers], NOW)
        return store.read(sends.due, NOW)

    return enter


def states(store: Database) -> dict[str, str]:
    every = store.read(sends.in_state, "queued", "sending", "sent", "unknown", "failed")
    return {one.recipient: one.state for one in every}


def test_an_edition_has_one_message_for_a_recipient_however_often_it_is_queued(store, queued):
    first = queued("a@x.example", "b@x.example")
    store.write(sends.queue, first[0].edition_id, [("a@x.example", "<other>"), ("c@x.example", "<c>")], LATER)
    again = store.read(sends.due, LATER)
    assert [one.recipient for one in again] == ["a@x.example", "b@x.example", "c@x.example"]
    assert again[0].message_id == first[0].message_id


def test_what_goes_out_is_noted_before_and_settled_after_and_due_no_more(store, queued):
    (one,) = queued("a@x.example")
    assert store.write(sends.begin, one, NOW)
    assert states(store) == {"a@x.example": "sending"}
    store.write(sends.settle, one, "sent", "250 taken", LATER)
    assert states(store) == {"a@x.example": "sent"}
    assert store.read(sends.due, LATER) == []


def test_a_message_that_is_under_way_cannot_be_begun_a_second_time(store, queued):
    (one,) = queued("a@x.example")
    assert store.write(sends.begin, one, NOW)
    assert not store.write(sends.begin, one, NOW)


def test_a_reader_who_has_left_meanwhile_gets_nothing_whatever_the_case_of_the_address(store, queued):
    (one,) = queued("Ada@x.example")
    store.write(leave, "morning", "ada@X.example", NOW)
    assert not store.write(sends.begin, one, NOW)
    (failed,) = store.read(sends.in_state, "failed")
    assert failed.answer == "has unsubscribed"


def test_a_reader_who_left_one_list_still_gets_another(store, queued):
    store.write(leave, "evening", "a@x.example", NOW)
    (one,) = queued("a@x.example")
    assert store.write(sends.begin, one, NOW)


def test_who_comes_back_gets_mail_again(store):
    store.write(leave, "morning", "a@x.example", NOW)
    store.write(leave, "morning", "a@x.example", LATER)
    assert store.read(barred, "morning", ["a@x.example"])["a@x.example"].since == NOW
    store.write(rejoin, "morning", "a@x.example", LATER)
    assert store.read(barred, "morning", ["a@x.example"]) == {}


def test_the_third_refusal_in_a_row_suppresses_a_mailbox_and_a_success_before_it_does_not(store, queued):
    assert [store.write(note_bounce, "a@x.example", "550 no", NOW) for _ in range(2)] == [False, False]
    store.write(forget_bounces, "A@x.example")
    assert [store.write(note_bounce, "a@x.example", "550 no", NOW) for _ in range(3)] == [False, False, True]
    assert store.read(bounced)["a@x.example"].answer == "550 no"
    (one,) = queued("a@x.example")
    assert not store.write(sends.begin, one, NOW)


def test_what_was_under_way_when_a_program_ended_is_of_unknown_fate_and_not_sent_by_itself(store, queued):
    one, _ = queued("a@x.example", "b@x.example")
    store.write(sends.begin, one, NOW)
    assert [found.recipient for found in store.write(sends.doubt_abandoned, LATER)] == ["a@x.example"]
    assert states(store) == {"a@x.example": "unknown", "b@x.example": "queued"}
    assert store.write(sends.doubt_abandoned, LATER) == []


def test_a_message_of_unknown_fate_is_sent_again_under_its_own_id_and_as_long_as_a_new_one(store, queued):
    (one,) = queued("a@x.example")
    store.write(sends.begin, one, NOW)
    store.write(sends.doubt_abandoned, NOW)
    weekend = NOW + timedelta(days=2)
    assert store.write(sends.send_again, weekend) == 1
    assert store.write(sends.give_up, weekend - timedelta(hours=24), weekend) == []
    (again,) = store.read(sends.due, weekend)
    assert (again.message_id, again.tries) == (one.message_id, 1)


def test_what_was_dropped_in_doubt_is_never_sent_again(store, queued):
    (one,) = queued("a@x.example")
    store.write(sends.begin, one, NOW)
    store.write(sends.doubt_abandoned, NOW)
    assert store.write(sends.drop_unknown, LATER) == 1
    assert states(store) == {"a@x.example": "failed"}
    assert store.write(sends.retry_failed, LATER) == 0


def test_by_itself_a_message_in_doubt_goes_at_once_only_the_first_time(store, queued):
    queued("a@x.example")
    due = []
    for _ in range(2):
        (send,) = store.read(sends.due, None)
        store.write(sends.begin, send, NOW)
        store.write(sends.settle, send, "unknown", "no answer", NOW)
        store.write(sends.send_again_by_itself, lambda tries: timedelta(minutes=5 * tries), NOW)
        due.append(store.read(sends.due, None)[0].next_at)
    assert due == [NOW, NOW + timedelta(minutes=5)]


def test_what_a_server_turned_away_waits_whether_or_not_its_message_was_begun(store, queued):
    one, two = queued("a@x.example", "b@x.example")
    store.write(sends.begin, one, NOW)
    for send in (one, two):
        store.write(sends.try_later, send, "450 busy", LATER, NOW)
    assert store.read(sends.due, NOW) == []
    waiting = store.read(sends.due, LATER)
    assert [(found.tries, found.answer) for found in waiting] == [(1, "450 busy")] * 2


def test_what_has_waited_too_long_fails_and_says_why(store, queued):
    (one,) = queued("a@x.example")
    store.write(sends.try_later, one, "450 busy", LATER, NOW)
    assert store.write(sends.give_up, NOW, LATER) == []
    (given_up,) = store.write(sends.give_up, NOW + timedelta(seconds=1), LATER)
    assert given_up.recipient == "a@x.example"
    (failed,) = store.read(sends.in_state, "failed")
    assert failed.answer == "given up after 1 tries: 450 busy"


def test_a_letter_is_forgotten_when_nobody_waits_for_it(store, queued):
    one, two = queued("a@x.example", "b@x.example")
    store.write(sends.begin, one, NOW)
    store.write(sends.settle, one, "sent", None, NOW)
    store.write(editions.forget_letters, LATER)
    assert store.read(editions.letter_of, one.edition_id) == LETTER
    store.write(sends.refuse, two, "550 no", NOW)
    store.write(editions.forget_letters, NOW)
    assert store.read(editions.letter_of, one.edition_id) == LETTER
    store.write(editions.forget_letters, LATER)
    assert store.read(editions.letter_of, one.edition_id) is None


def test_what_had_failed_is_tried_once_more_on_demand_but_for_who_has_left(store, queued):
    one, two, three = queued("a@x.example", "b@x.example", "c@x.example")
    store.write(sends.refuse, one, "554 relay denied", NOW)
    store.write(leave, "morning", "b@x.example", NOW)
    store.write(sends.begin, two, NOW)
    store.write(sends.begin, three, NOW)
    store.write(sends.settle, three, "sent", None, NOW)
    assert store.write(sends.retry_failed, LATER) == 2
    assert [store.write(sends.begin, send, LATER) for send in store.read(sends.due, LATER)] == [True, False]
    store.write(editions.forget_letters, LATER)
    store.write(sends.settle, one, "failed", "554 relay denied", LATER)
    store.write(editions.forget_letters, LATER)
    assert store.write(sends.retry_failed, LATER) == 0
