"""Answers kept between runs: the same question is paid for once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from briefing.errors import ModelError
from briefing.llm.kept import Kept
from briefing.llm.recording import Recording, write
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


def kept(model: Model, folder: Path, sound: Callable[[Reply], bool] = lambda _: True) -> Kept:
    return Kept(model, folder, sound)


def test_the_same_question_in_a_later_run_is_answered_without_asking_and_is_not_paid(tmp_path):
    first, later = Model(), Model()
    assert kept(first, tmp_path)(request()) == REPLY
    assert kept(later, tmp_path)(request()) == replace(REPLY, paid=False)
    assert (first.asked, later.asked) == (1, 0)


def test_another_question_is_asked(tmp_path):
    model = Model()
    kept(model, tmp_path)(request())
    kept(model, tmp_path)(request("The ferry sank."))
    assert model.asked == 2


def test_an_answer_that_was_cut_is_not_kept(tmp_path):
    model = Model(replace(REPLY, finish="length"))
    for _ in range(2):
        assert kept(model, tmp_path)(request()).paid
    assert model.asked == 2
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_is_not_sound_is_not_kept(tmp_path):
    model = Model()
    for _ in range(2):
        assert kept(model, tmp_path, lambda reply: reply.text != REPLY.text)(request()).paid
    assert model.asked == 2
    assert list(tmp_path.iterdir()) == []


def test_an_answer_that_is_no_longer_sound_is_asked_anew(tmp_path):
    model = Model()
    kept(model, tmp_path)(request())
    assert kept(model, tmp_path, lambda _: False).find(request()) is None
    assert kept(model, tmp_path, lambda _: False)(request()).paid
    assert model.asked == 2


def test_a_failure_is_handed_on_and_not_kept(tmp_path):
    model = Model(ModelError("busy", "later"))
    for _ in range(2):
        with pytest.raises(ModelError, match="later"):
            kept(model, tmp_path)(request())
    assert model.asked == 2
    assert list(tmp_path.iterdir()) == []


def test_a_recorded_failure_in_the_folder_is_no_answer(tmp_path):
    write(Recording(request=request(), outcome=ModelError("busy", "later")), tmp_path, private=True)
    assert kept(Model(), tmp_path)(request()) == REPLY


def test_it_can_be_asked_what_it_knows_without_asking_the_model(tmp_path):
    model = Model()
    assert kept(model, tmp_path).find(request()) is None
    kept(model, tmp_path)(request())
    assert kept(model, tmp_path).find(request()) == replace(REPLY, paid=False)
    assert model.asked == 1


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"\xff", b'{"version": 1}'])
def test_a_damaged_answer_is_asked_anew_and_mended(tmp_path, data, caplog):
    model = Model()
    kept(model, tmp_path)(request())
    (path,) = tmp_path.iterdir()
    path.write_bytes(data)
    assert kept(model, tmp_path)(request()).paid
    assert not kept(model, tmp_path)(request()).paid
    assert model.asked == 2
    assert caplog.records == []


def test_an_answer_to_another_question_under_this_name_is_asked_anew(tmp_path):
    model = Model()
    kept(model, tmp_path)(request())
    (path,) = tmp_path.iterdir()
    other = tmp_path / f"{request('Other.').sha256[:16]}.json"
    path.rename(other)
    assert kept(model, tmp_path).find(request("Other.")) is None


def test_folder_and_files_are_for_their_owner_alone(tmp_path):
    folder = tmp_path / "cache" / "answers"
    kept(Model(), folder)(request())
    (path,) = folder.iterdir()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_cannot_be_written_to_is_one_warning(tmp_path, caplog):
    (tmp_path / "file").write_text("x")
    model = Model()
    keeper = kept(model, tmp_path / "file")
    with caplog.at_level(logging.WARNING):
        assert keeper(request()) == REPLY
        assert keeper(request("Again.")) == REPLY
    (record,) = caplog.records
    assert str(tmp_path / "file") in record.getMessage()
    assert model.asked == 2
