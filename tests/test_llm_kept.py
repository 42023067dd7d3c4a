"""Answers kept between runs: the same question is paid for once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace

import pytest

from briefing.errors import BriefingError, ModelError
from briefing.llm.kept import Kept
from briefing.llm.recording import Recording
from briefing.ports import Message, Reply, Request

REPLY = Reply(text="{}\n", model="m", tokens_in=3, tokens_out=2)


def request(text: str = "The ferry ran aground.") -> Request:
    return Request(
        prompt="write", about="Ferry", model="m", messages=(Message("user", text),), schema={}, max_tokens=10
    )


class Model:
    """Counts what it is asked."""

    def __init__(self, reply: Reply | ModelError = REPLY) -> None:
        self.reply = reply
        self.asked = 0

    def __call__(self, _: Request) -> Reply:
        self.asked += 1
        if isinstance(self.reply, ModelError):
            raise self.reply
        return self.reply


class Answers:
    """Keeps what it is given; with `broken`, neither reads nor writes."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.broken = ""

    def get(self, request: str) -> str | None:
        if "read" in self.broken:
            raise BriefingError("the store cannot be read")
        return self.texts.get(request)

    def put(self, request: str, recording: str) -> None:
        if "write" in self.broken:
            raise BriefingError("the store cannot be written to")
        self.texts[request] = recording


@pytest.fixture
def answers() -> Answers:
    return Answers()


def kept(model: Model, answers: Answers, sound: Callable[[Reply], bool] = lambda _: True) -> Kept:
    return Kept(model, answers, sound)


def test_the_same_question_in_a_later_run_is_answered_without_asking_and_is_not_paid(answers):
    first, later = Model(), Model()
    assert kept(first, answers)(request()) == REPLY
    assert kept(later, answers)(request()) == replace(REPLY, paid=False)
    assert (first.asked, later.asked) == (1, 0)


def test_another_question_is_asked(answers):
    model = Model()
    kept(model, answers)(request())
    kept(model, answers)(request("The ferry sank."))
    assert model.asked == 2


def test_an_answer_that_was_cut_is_not_kept(answers):
    model = Model(replace(REPLY, finish="length"))
    for _ in range(2):
        assert kept(model, answers)(request()).paid
    assert model.asked == 2
    assert answers.texts == {}


def test_an_answer_that_is_not_sound_is_not_kept(answers):
    model = Model()
    for _ in range(2):
        assert kept(model, answers, lambda reply: reply.text != REPLY.text)(request()).paid
    assert model.asked == 2
    assert answers.texts == {}


def test_an_answer_that_is_no_longer_sound_is_asked_anew(answers):
    model = Model()
    kept(model, answers)(request())
    assert kept(model, answers, lambda _: False).find(request()) is None
    assert kept(model, answers, lambda _: False)(request()).paid
    assert model.asked == 2


def test_a_failure_is_handed_on_and_not_kept(answers):
    model = Model(ModelError("busy", "later"))
    for _ in range(2):
        with pytest.raises(ModelError, match="later"):
            kept(model, answers)(request())
    assert model.asked == 2
    assert answers.texts == {}


def test_a_recorded_failure_is_no_answer(answers):
    answers.put(request().sha256, Recording(request=request(), outcome=ModelError("busy", "later")).to_text())
    assert kept(Model(), answers)(request()) == REPLY


def test_it_can_be_asked_what_it_knows_without_asking_the_model(answers):
    model = Model()
    assert kept(model, answers).find(request()) is None
    kept(model, answers)(request())
    assert kept(model, answers).find(request()) == replace(REPLY, paid=False)
    assert model.asked == 1


@pytest.mark.parametrize("text", ["", "{", "[]", "\x00", '{"version": 1}', "[" * 100_000])
def test_a_damaged_answer_is_asked_anew_and_mended(answers, text, caplog):
    model = Model()
    kept(model, answers)(request())
    answers.texts[request().sha256] = text
    assert kept(model, answers)(request()).paid
    assert not kept(model, answers)(request()).paid
    assert model.asked == 2
    assert caplog.records == []


def test_an_answer_to_another_question_under_this_hash_is_asked_anew(answers):
    kept(Model(), answers)(request())
    answers.texts[request("Other.").sha256] = answers.texts[request().sha256]
    assert kept(Model(), answers).find(request("Other.")) is None


@pytest.mark.parametrize("broken", ["read", "write", "read and write"])
def test_answers_that_cannot_be_kept_are_one_warning(answers, broken, caplog):
    answers.broken = broken
    model = Model()
    keeper = kept(model, answers)
    with caplog.at_level(logging.WARNING):
        assert keeper(request()) == REPLY
        assert keeper(request("Again.")) == REPLY
    (record,) = caplog.records
    assert "answers are not kept: the store cannot be" in record.getMessage()
    assert model.asked == 2


def test_an_answer_with_half_a_character_is_kept_as_it_is(answers):
    reply = replace(REPLY, text='{"text": "\ud83d and \\ud83d"}\n\x00')
    kept(Model(reply), answers)(request())
    (text,) = answers.texts.values()
    text.encode()
    assert "\x00" not in text
    assert kept(Model(), answers)(request()) == replace(reply, paid=False)
