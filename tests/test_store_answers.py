"""Answers of language models in the store."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from briefing.store import StoreError
from briefing.store.answers import StoredAnswers
from tests.stored import DAY, NOW, counts, rows


def test_what_is_put_is_got_again_and_put_again_it_is_replaced(store):
    answers = StoredAnswers(store, "one", lambda: NOW)
    assert answers.get("a" * 64) is None
    answers.put("a" * 64, "first\n“é” \U0001f600")
    assert answers.get("a" * 64) == "first\n“é” \U0001f600"
    StoredAnswers(store, "one", lambda: NOW + DAY).put("a" * 64, "second")
    assert answers.get("a" * 64) == "second"
    assert [row["kept_at"] for row in rows(store, "answers")] == [NOW + DAY]


def test_endpoints_are_apart(store):
    one, two = (StoredAnswers(store, name, lambda: datetime.now(UTC)) for name in ("one", "two"))
    one.put("a", "1")
    assert two.get("a") is None
    two.put("a", "2")
    assert (one.get("a"), two.get("a"), counts(store, "answers")) == ("1", "2", {"answers": 2})


def test_a_store_that_is_closed_says_so(store):
    answers = StoredAnswers(store, "one", lambda: NOW)
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        answers.get("a")
