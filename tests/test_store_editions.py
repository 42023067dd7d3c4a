"""A profile's days in the store: one edition each, and what became of the others."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from briefing.letters import Letter
from briefing.store import Database, editions
from tests.stored import NOW

MONDAY, TUESDAY, WEDNESDAY = (date(2024, 10, day) for day in (21, 22, 23))
LETTER = Letter("Subject", "<p>html</p>", "text", NOW)


def made(store: Database, day: date, until=NOW) -> int:
    return store.write(editions.note_made, "morning", day, None, LETTER, until)


def state(store: Database, day: date) -> str | None:
    found = store.read(editions.edition_of, "morning", day)
    return found.state if found is not None else None


def test_a_day_has_one_edition_and_never_a_second(store):
    made(store, MONDAY)
    with pytest.raises(ValueError, match="already"):
        made(store, MONDAY)
    assert store.read(editions.edition_of, "evening", MONDAY) is None


def test_nothing_that_is_noted_later_takes_an_edition_back(store):
    made(store, MONDAY)
    store.write(editions.note_empty, "morning", MONDAY, NOW)
    store.write(editions.note_missed, "morning", [MONDAY], NOW)
    store.write(editions.note_failed, "morning", MONDAY, "no", NOW, NOW)
    assert state(store, MONDAY) == "made"


def test_a_day_that_failed_is_tried_again_and_one_without_news_can_still_have_some(store):
    assert store.write(editions.note_failed, "morning", MONDAY, "no network", NOW, NOW) == 1
    assert store.write(editions.note_failed, "morning", MONDAY, "no network", NOW, NOW) == 2
    assert store.read(editions.last_settled, "morning") is None
    store.write(editions.note_empty, "morning", MONDAY, NOW)
    assert state(store, MONDAY) == "empty"
    made(store, MONDAY)
    found = store.read(editions.edition_of, "morning", MONDAY)
    assert (found.state, found.error, found.tries) == ("made", None, 0)


def test_the_newest_day_that_is_settled_is_known_whatever_failed_since(store):
    made(store, MONDAY)
    store.write(editions.note_missed, "morning", [TUESDAY], NOW)
    store.write(editions.note_failed, "morning", WEDNESDAY, "no", NOW, NOW)
    assert store.read(editions.last_settled, "morning") == TUESDAY
    assert [one.day for one in store.read(editions.newest, "morning", 2)] == [WEDNESDAY, TUESDAY]


def test_an_edition_covers_up_to_its_moment_and_a_day_without_one_covers_nothing(store):
    assert store.read(editions.covered_until, "morning") is None
    made(store, MONDAY, NOW)
    store.write(editions.note_empty, "morning", TUESDAY, NOW + timedelta(days=1))
    assert store.read(editions.covered_until, "morning") == NOW


def test_a_profile_is_known_since_it_was_first_asked_for(store):
    assert store.read(editions.looked_at) is None
    assert store.write(editions.known_since, "morning", NOW) == NOW
    assert store.write(editions.known_since, "morning", NOW + timedelta(days=3)) == NOW
    assert store.read(editions.looked_at) == NOW + timedelta(days=3)


def test_when_a_timer_looked_last_is_known_to_five_minutes(store):
    store.write(editions.known_since, "morning", NOW)
    store.write(editions.known_since, "morning", NOW + timedelta(minutes=4))
    assert store.read(editions.looked_at) == NOW
    store.write(editions.known_since, "morning", NOW + timedelta(minutes=5))
    assert store.read(editions.looked_at) == NOW + timedelta(minutes=5)
