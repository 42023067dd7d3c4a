"""Recordings: what was asked and answered, in files that a person can read and a later run can replay."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.errors import Failure, ModelError, UsageError
from briefing.llm.recording import Damaged, Recorder, Recording, Replayer, read, write
from briefing.ports import Message, Reply, Request

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | st.sampled_from(
    [
        "",
        "\n",
        "a\n\nb\n",
        "\r\n",
        "a\u2028b\x85c\x0bd",
        "\x00\ufeff\x7f",
        "e\u0301",
        "é",
        "👩‍👩‍👧",
        "\u202eabc",
        '"\\\n',
    ]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_TOKENS = st.integers(0, 10**7)
_REQUESTS = st.builds(
    Request,
    prompt=_TEXT,
    about=_TEXT,
    model=_TEXT,
    messages=st.lists(st.builds(Message, st.sampled_from(["system", "user", "assistant"]), _TEXT), max_size=3).map(
        tuple
    ),
    schema=st.dictionaries(_TEXT, _JSON, max_size=3),
    max_tokens=_TOKENS,
)
_REPLIES = st.builds(
    Reply,
    text=_TEXT,
    model=_TEXT,
    tokens_in=_TOKENS,
    tokens_out=_TOKENS,
    finish=_TEXT,
    estimated=st.booleans(),
    paid=st.booleans(),
)
_ERRORS = st.builds(
    ModelError, st.sampled_from(get_args(Failure)), _TEXT.filter(lambda text: "://" not in text),
    tokens_in=_TOKENS, tokens_out=_TOKENS,
)  # fmt: skip


def request(text: str = "The ferry\nran aground.", about: str = "Ferry", prompt: str = "write") -> Request:
    messages = (Message("system", "Write."), Message("user", text))
    return Request(
        prompt=prompt, about=about, model="m-1", messages=messages, schema={"type": "object"}, max_tokens=100
    )


REPLY = Reply(text='{"headline":\n"Übung"}', model="m-1-2024", tokens_in=12, tokens_out=7)


def answering(reply: Reply | ModelError = REPLY) -> tuple[Callable[[Request], Reply], list[Request]]:
    asked: list[Request] = []

    def provider(one: Request) -> Reply:
        asked.append(one)
        if isinstance(reply, ModelError):
            raise reply
        return reply

    return provider, asked


def recorded(folder: Path, *requests: Request, reply: Reply | ModelError = REPLY) -> Path:
    recorder = Recorder(answering(reply)[0], folder)
    for one in requests or (request(),):
        with suppress(ModelError):
            recorder(one)
    return folder


def parts(outcome: Reply | ModelError) -> object:
    if isinstance(outcome, Reply):
        return outcome
    return outcome.kind, str(outcome), outcome.tokens_in, outcome.tokens_out


# The file


@given(_REQUESTS, _REPLIES | _ERRORS)
def test_any_request_and_whatever_came_of_it_comes_back(asked, outcome):
    with TemporaryDirectory() as name:
        folder = Path(name)
        write(Recording(request=asked, outcome=outcome), folder, private=True)
        (path,) = folder.iterdir()
        found = read(path)
    assert found.request == asked
    assert found.request.sha256 == asked.sha256
    assert parts(found.outcome) == parts(outcome)


def test_a_lone_half_of_a_character_comes_back_too(tmp_path):
    asked = request("a\ud800b")
    recorded(tmp_path, asked)
    assert Replayer(tmp_path)(asked) == REPLY


def test_the_file_is_named_after_the_request_and_readable(tmp_path):
    recorded(tmp_path)
    (path,) = tmp_path.iterdir()
    assert path.name == f"{request().sha256[:16]}.json"
    text = path.read_text(encoding="utf-8")
    assert text.startswith('{\n "version": 1,\n')
    assert text.endswith("}\n")
    assert "Übung" in text
    assert json.loads(text) == {
        "version": 1,
        "sha256": request().sha256,
        "prompt": "write",
        "about": "Ferry",
        "request": {
            "model": "m-1",
            "messages": [
                {"role": "system", "content": "Write."},
                {"role": "user", "content": ["The ferry", "ran aground."]},
            ],
            "schema": {"type": "object"},
            "max_tokens": 100,
        },
        "reply": {
            "text": ['{"headline":', '"Übung"}'],
            "model": "m-1-2024",
            "tokens_in": 12,
            "tokens_out": 7,
            "finish": "stop",
            "estimated": False,
            "paid": True,
        },
    }


def test_a_failure_is_recorded_in_place_of_a_reply(tmp_path):
    recorded(tmp_path, reply=ModelError("timeout", "no answer in 5 s", tokens_in=9, retry_after=3.0))
    (path,) = tmp_path.iterdir()
    document = json.loads(path.read_text(encoding="utf-8"))
    assert "reply" not in document
    assert document["error"] == {"kind": "timeout", "message": "no answer in 5 s", "tokens_in": 9, "tokens_out": 0}


def test_the_user_and_password_of_an_address_are_not_written_down(tmp_path):
    message = "cannot reach https://anna:pa@ss@host.example:8080/v1 or http://token@localhost/v1, ask a@b.example"
    recorded(tmp_path, reply=ModelError("connection", message))
    (path,) = tmp_path.iterdir()
    kept = json.loads(path.read_text(encoding="utf-8"))["error"]["message"]
    assert kept == "cannot reach the endpoint or the endpoint, ask a@b.example"


def test_a_write_that_fails_leaves_the_earlier_file_and_no_other(tmp_path, monkeypatch):
    recorded(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def fail(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="No space"):
        write(Recording(request=request(), outcome=ModelError("busy", "later")), tmp_path, private=False)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


# Recording


def test_the_recorder_hands_on_the_reply(tmp_path):
    provider, asked = answering()
    assert Recorder(provider, tmp_path / "a" / "b")(request()) == REPLY
    assert asked == [request()]


def test_the_recorder_hands_on_the_failure(tmp_path):
    failing = Recorder(answering(ModelError("busy", "later", retry_after=2.0, tokens_in=4))[0], tmp_path)
    with pytest.raises(ModelError, match="later") as caught:
        failing(request())
    assert (caught.value.kind, caught.value.retry_after, caught.value.tokens_in) == ("busy", 2.0, 4)


@pytest.mark.parametrize("reply", [REPLY, ModelError("server", "down")], ids=["reply", "failure"])
def test_the_same_request_is_asked_once_in_a_run(tmp_path, reply):
    provider, asked = answering(reply)
    recorder = Recorder(provider, tmp_path)
    outcomes = []
    for _ in range(3):
        try:
            outcomes.append(parts(recorder(request())))
        except ModelError as error:
            outcomes.append(parts(error))
    assert outcomes == [parts(reply)] * 3
    assert len(asked) == 1


def test_threads_that_ask_the_same_at_once_ask_once(tmp_path):
    asked, begun = [], threading.Event()

    def slow(one: Request) -> Reply:
        asked.append(one)
        assert begun.wait(5)
        return REPLY

    recorder = Recorder(slow, tmp_path)
    with ThreadPoolExecutor(8) as pool:
        answers = [pool.submit(recorder, request()) for _ in range(8)]
        begun.set()
        assert [answer.result(5) for answer in answers] == [REPLY] * 8
    assert len(asked) == 1


def test_who_waits_for_an_answer_that_ends_in_a_bug_does_not_wait_for_ever(tmp_path):
    begun, go = threading.Event(), threading.Event()

    def broken(_: Request) -> Reply:
        begun.set()
        assert go.wait(5)
        raise ZeroDivisionError

    recorder = Recorder(broken, tmp_path)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(recorder, request())
        assert begun.wait(5)
        second = pool.submit(recorder, request())
        go.set()
        assert isinstance(first.exception(5), ZeroDivisionError)
        assert isinstance(second.exception(5), ZeroDivisionError)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_said_before_anything_is_asked(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match=r"file.*--record"):
        Recorder(answering()[0], tmp_path / "file")


def test_a_folder_that_went_away_is_said(tmp_path):
    recorder = Recorder(answering()[0], tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(UsageError, match=r"gone.*--record"):
        recorder(request())


# Replaying


def test_a_replay_answers_as_the_run_did(tmp_path):
    recorded(tmp_path)
    replayer = Replayer(tmp_path)
    assert replayer(request()) == REPLY
    assert replayer(request(prompt="other", about="Another")) == REPLY  # neither is sent


def test_a_replay_fails_as_the_run_did(tmp_path):
    recorded(tmp_path, reply=ModelError("quota", "nothing left\nto spend", tokens_out=5))
    replayer = Replayer(tmp_path)
    for _ in range(2):
        with pytest.raises(ModelError) as caught:
            replayer(request())
        assert parts(caught.value) == ("quota", "nothing left\nto spend", 0, 5)


def test_a_request_that_was_not_recorded_is_named_with_the_fix(tmp_path):
    recorded(tmp_path)
    new = request("Something else.", about="Strike", prompt="repair")
    with pytest.raises(UsageError) as caught:
        Replayer(tmp_path)(new)
    message = str(caught.value)
    for part in ("'repair'", "“Strike”", new.sha256[:16], str(tmp_path), "--record"):
        assert part in message
    assert "changed" not in message


def test_a_request_that_changed_since_is_told_apart(tmp_path):
    recorded(tmp_path)
    with pytest.raises(UsageError, match=rf"has changed since {request().sha256[:16]}\.json was recorded"):
        Replayer(tmp_path)(request("The ferry sank."))


def test_recordings_that_nobody_asked_for_are_known(tmp_path):
    first, second = request("one"), request("two")
    recorded(tmp_path, first, second)
    replayer = Replayer(tmp_path)
    assert replayer.unused() == tuple(sorted(f"{one.sha256[:16]}.json" for one in (first, second)))
    replayer(first)
    assert replayer.unused() == (f"{second.sha256[:16]}.json",)


def test_other_files_in_the_folder_are_let_be(tmp_path):
    recorded(tmp_path)
    (tmp_path / "README.md").write_text("how this was recorded")
    (tmp_path / ".notes.json").write_text("no recording")
    assert Replayer(tmp_path)(request()) == REPLY


def test_a_folder_that_is_missing_is_said(tmp_path):
    with pytest.raises(UsageError, match=r"absent.*--replay"):
        Replayer(tmp_path / "absent")


def edited(change: Callable[[dict[str, Any]], object]) -> Callable[[bytes], bytes]:
    def edit(data: bytes) -> bytes:
        document = json.loads(data)
        change(document)
        return json.dumps(document).encode()

    return edit


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda _: b"",
    "no JSON": lambda _: b"<html>",
    "no UTF-8": lambda data: data.replace("Ü".encode(), b"\xff"),
    "no object": lambda _: b"[]",
    "deep": lambda _: b"[" * 100_000,
    "another version": edited(lambda row: row.update(version=2)),
    "no version": edited(lambda row: row.pop("version")),
    "no outcome": edited(lambda row: row.pop("reply")),
    "a reply without tokens": edited(lambda row: row["reply"].pop("tokens_in")),
    "a text of numbers": edited(lambda row: row["reply"].update(text=[1, 2])),
    "another request": edited(lambda row: row["request"].update(max_tokens=7)),
    "another message": edited(lambda row: row["request"]["messages"][1].update(content="The ferry sank.")),
    "another hash": edited(lambda row: row.update(sha256="0" * 64)),
    "an error of no kind": edited(lambda row: row.update(error={"kind": "?", "message": str(row.pop("reply"))})),
}  # fmt: skip


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_recording_is_named(tmp_path, damage):
    recorded(tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(Damaged, match=path.name):
        read(path)
    with pytest.raises(UsageError, match=rf"{path.name}.*--record"):
        Replayer(tmp_path)


def test_a_recording_under_another_name_is_damaged(tmp_path):
    recorded(tmp_path)
    (path,) = tmp_path.iterdir()
    path.rename(tmp_path / "mine.json")
    with pytest.raises(UsageError, match=r"mine\.json does not hold the request that it is named after"):
        Replayer(tmp_path)


def test_a_reply_that_was_edited_by_hand_is_replayed_as_edited(tmp_path):
    recorded(tmp_path)
    (path,) = tmp_path.iterdir()
    path.write_bytes(edited(lambda row: row["reply"].update(text="mine"))(path.read_bytes()))
    assert Replayer(tmp_path)(request()).text == "mine"
