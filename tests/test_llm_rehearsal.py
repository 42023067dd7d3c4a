"""A dry run knows what it would have asked, and asks nobody."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from briefing.errors import ModelError
from briefing.llm.kept import Kept
from briefing.llm.rehearsal import Rehearsal
from briefing.ports import Message, Reply, Request
from briefing.store import open_store
from briefing.store.answers import StoredAnswers


def request(text: str) -> Request:
    return Request(
        prompt="write", about="Ferry", model="m", messages=(Message("user", text),), schema={}, max_tokens=10
    )


def length(one: Request) -> int:
    return len(one.messages[0].content)


def answer(one: Request) -> Reply:
    return Reply(text=f"answer to {one.messages[0].content}", model="m", tokens_in=1, tokens_out=1)


def rehearsed(rehearsal: Rehearsal, *texts: str) -> None:
    for text in texts:
        with pytest.raises(ModelError) as caught:
            rehearsal(request(text))
        assert caught.value.kind == "rehearsal"


def test_every_request_is_noted_with_its_tokens_and_none_is_answered():
    rehearsal = Rehearsal(length)
    rehearsed(rehearsal, "one", "three", "one")
    assert rehearsal.requests == ((request("one"), 3), (request("three"), 5), (request("one"), 3))


def test_what_an_earlier_run_answered_is_not_asked_even_in_a_rehearsal():
    answers = StoredAnswers(open_store(":memory:"), "e", lambda: datetime.now(UTC))
    Kept(answer, answers, lambda _: True)(request("known"))
    rehearsal = Rehearsal(length)
    kept = Kept(rehearsal, answers, lambda _: True)
    assert kept(request("known")) == replace(answer(request("known")), paid=False)
    with pytest.raises(ModelError):
        kept(request("new"))
    assert [one for one, _ in rehearsal.requests] == [request("new")]


def test_requests_from_several_threads_are_all_noted():
    rehearsal = Rehearsal(length)
    texts = [str(number) for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: rehearsed(rehearsal, text), texts))
    assert sorted(length(one) for one, _ in rehearsal.requests) == sorted(map(len, texts))
    assert len(rehearsal.requests) == 200
