"""What every way to a model promises, ours or a user's own: a reply, or a ModelError in time that holds no key."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args

import pytest

from briefing.errors import Failure, ModelError
from briefing.llm import PROVIDERS, Attempt
from briefing.ports import Message, Reply, Request, load
from tests.command import DAY, Answer, briefing
from tests.endpoint import Answer as Sent
from tests.endpoint import (
    always,
    broken,
    closed_port,
    completion,
    cut,
    drip,
    endpoint,
    error,
    hang,
    huge,
    page,
    reset,
    sent,
)

KEY = "sk-canary-0123456789abcdef"
SECONDS = 0.5  # what a call that never ends is given
GRACE = 1.0  # seconds more, on a busy machine
TEXT = '{"headline": "Ferry Aurora hits pier"}'


def request(words: str = "Fourteen people were injured.") -> Request:
    return Request(
        prompt="write",
        about="Ferry hits pier",
        model="small",
        messages=(Message("system", "You write the news."), Message("user", words)),
        schema={"type": "object", "properties": {}, "required": [], "additionalProperties": False},
        max_tokens=600,
    )


def count(text: str) -> int:
    return len(text.split())


@pytest.fixture(params=sorted(PROVIDERS))
def provider(request: pytest.FixtureRequest) -> Callable[[str], Attempt]:
    """Makes an `Attempt` of this provider at a base URL."""

    def at(base_url: str) -> Attempt:
        attempt: Attempt = load(PROVIDERS[request.param])(base_url, KEY, count)
        return attempt

    return at


def test_a_good_completion_is_a_reply_with_what_it_cost(provider):
    with endpoint(always(completion(TEXT))) as fake:
        reply = provider(fake.base_url)(request(), 10.0)
    assert reply == Reply(text=TEXT, model="fake-1", tokens_in=120, tokens_out=40)
    assert reply.paid


def test_the_model_the_messages_and_the_bound_are_sent_once(provider):
    with endpoint(always(completion(TEXT))) as fake:
        provider(fake.base_url)(request(), 10.0)
    (body,) = fake.requests
    assert body["model"] == "small"
    assert [one["content"] for one in body["messages"]] == ["You write the news.", "Fourteen people were injured."]
    assert 600 in body.values()


@pytest.mark.parametrize(
    "usage",
    [
        None,
        {},
        {"prompt_tokens": 0, "completion_tokens": 0},
        {"prompt_tokens": -5, "completion_tokens": None},
        {"prompt_tokens": 10**12, "completion_tokens": 10**12},
        {"prompt_tokens": "many", "completion_tokens": 1.5},
        {"prompt_tokens": True, "completion_tokens": True},
    ],
    ids=str,
)
@pytest.mark.parametrize("text", [TEXT, ""], ids=["words", "nothing"])
def test_tokens_are_never_nothing_and_never_beyond_measure(provider, usage, text):
    with endpoint(always(completion(text, usage=usage))) as fake:
        reply = provider(fake.base_url)(request(), 10.0)
    assert 0 < reply.tokens_in < 10_000
    assert 0 < reply.tokens_out < 10_000
    assert reply.estimated


FAULTS: dict[str, Sent] = {
    "reset before": reset(),
    "reset within": reset(completion(TEXT)),
    "closed within": broken(completion(TEXT)),
    "drip": drip(),
    "hang": hang(),
    "huge": huge(),
    "cut": cut(completion(TEXT)),
    "nothing": Sent(200, b""),
    "web page": page(),
    "no JSON": Sent(200, b"ok", {"Content-Type": "text/plain"}),
    "null": sent(None),
    "no choices": sent({"choices": []}),
    "error with status 200": sent({"error": {"message": f"key {KEY} is bad", "code": 401}}),
    "refusal": completion(None, refusal=f"I won't use {KEY}."),
    "filter": completion("", finish="content_filter"),
    "tool": completion(None, tool_calls=[{"id": "1", "type": "function", "function": {"name": "x", "arguments": ""}}]),
    **{
        f"status {status}": error(status, f"wrong: Bearer {KEY}", code="wrong")
        for status in (400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 501, 502, 503, 504, 529)
    },
    "quota": error(429, "You exceeded your current quota", code="insufficient_quota"),
    "wait": error(429, f"slow down, {KEY}", headers={"Retry-After": "20"}),
    "gateway page": page(502, f"Bad gateway {KEY}"),
    "redirect": Sent(302, b"", {"Location": "/elsewhere"}),
    "dripping error": drip(status=500),
}


@pytest.mark.parametrize("name", FAULTS)
def test_every_fault_is_a_model_error_of_a_known_kind_in_time_without_the_key(provider, name):
    with endpoint(always(FAULTS[name])) as fake:
        attempt = provider(fake.base_url)
        began = time.monotonic()
        with pytest.raises(ModelError) as raised:
            attempt(request(), SECONDS)
        took = time.monotonic() - began
    assert raised.value.kind in get_args(Failure)
    assert took < SECONDS + GRACE
    assert str(raised.value)
    assert KEY not in f"{raised.value!s} {raised.value!r} {raised.value.__cause__!r} {raised.value.__context__!r}"


def test_a_port_that_nobody_listens_on_is_a_connection_that_failed(provider):
    with closed_port() as url, pytest.raises(ModelError) as raised:
        provider(url)(request(), SECONDS)
    assert raised.value.kind == "connection"
    assert KEY not in str(raised.value)


def test_a_server_that_asks_to_wait_is_quoted_and_not_waited_for(provider):
    began = time.monotonic()
    with endpoint(always(FAULTS["wait"])) as fake, pytest.raises(ModelError) as raised:
        provider(fake.base_url)(request(), 10.0)
    assert (raised.value.kind, raised.value.retry_after) == ("busy", 20.0)
    assert time.monotonic() - began < 5
    assert len(fake.requests) == 1


@pytest.mark.parametrize("seconds", [0.0, -1.0])
def test_without_time_nothing_is_asked(provider, seconds):
    with endpoint(always(completion(TEXT))) as fake, pytest.raises(ModelError) as raised:
        provider(fake.base_url)(request(), seconds)
    assert (raised.value.kind, fake.requests) == ("timeout", [])


def test_eight_threads_at_once_get_each_its_own_answer(provider):
    together = threading.Barrier(8)

    def echo(body: dict[str, Any], _number: int) -> Sent:
        together.wait(10)  # all eight are under way before the first is answered
        return completion(body["messages"][1]["content"])

    with endpoint(echo) as fake, ThreadPoolExecutor(8) as pool:
        attempt = provider(fake.base_url)
        asked = [f"event {number}" for number in range(16)]
        assert [reply.text for reply in pool.map(lambda words: attempt(request(words), 10.0), asked)] == asked


def test_a_failure_of_one_thread_is_not_another_ones(provider):
    def half(body: dict[str, Any], _number: int) -> Sent:
        return completion("{}") if body["messages"][1]["content"].endswith("0") else error(500, "no")

    with endpoint(half) as fake, ThreadPoolExecutor(8) as pool:
        attempt = provider(fake.base_url)

        def told(number: int) -> str:
            try:
                return str(attempt(request(f"event {number % 2}"), 10.0).text)
            except ModelError as failed:
                return failed.kind

        assert list(pool.map(told, range(16))) == ["{}", "server"] * 8


# A user's own

OWN = """
import json
from briefing.errors import ModelError
from briefing.ports import Reply

MADE = []


class {name}:
    def __init__(self, base_url, api_key, count):
        MADE.append((base_url, api_key, count("one two three")))

    def __call__(self, request, seconds):
        assert isinstance(seconds, float)
        {body}
"""
HONEST = """
        rows = json.loads(request.messages[1].content)["evidence"]
        told = [{"cites": [row["id"]], "text": row["text"]} for row in rows[:2]]
        answer = {"headline": told[0], "sentences": told, "facts": []}
        return Reply(text=json.dumps(answer), model="their-own", tokens_in=11, tokens_out=7)"""
FAILING = 'raise ModelError("server", "their own machine is off")'


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Builds the seeds with a provider of this code; the module's name differs so that nothing is found loaded."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))

    def run(module: str, body: str, seeds: Path, provider: str | None = None) -> tuple[Answer, Any]:
        (tmp_path / f"{module}.py").write_text(OWN.replace("{name}", "Own").replace("{body}", body.strip()))
        named = provider or f"{module}:Own"
        Path("briefing.toml").write_text(f'[model]\nprovider = "{named}"\nname = "theirs"\ntimeout = 1\n')
        answer = briefing(
            "build", seeds, "-o", tmp_path / "out", "--format", "json", "--writer", "model",
            BRIEFING_STATE=str(tmp_path / "state"), OPENAI_API_KEY=KEY,
        )  # fmt: skip
        path = tmp_path / "out" / f"{DAY}.json"
        return answer, json.loads(path.read_text("utf-8")) if path.exists() else None

    return run


def test_a_users_own_provider_writes_the_briefing(own, seeds):
    answer, told = own("own_honest", HONEST, seeds)
    assert answer.code == 0, answer.err
    assert told["writer"]["model"] == "theirs"
    calls = told["report"]["calls"]
    assert calls >= 5
    assert (told["report"]["tokens_in"], told["report"]["tokens_out"]) == (11 * calls, 7 * calls)
    ((base_url, key, tokens),) = sys.modules["own_honest"].MADE
    assert (base_url, key, tokens) == (None, KEY, 3)


def test_where_it_fails_the_briefing_goes_out_and_says_what_it_said(own, seeds):
    answer, told = own("own_failing", FAILING, seeds)
    assert answer.code == 3
    assert "their own machine is off" in answer.err
    assert [one["sentences"] != [] for one in told["events"]] == [True] * 5


@pytest.mark.parametrize("provider", ["no_such_module:Own", "own_named:Missing", "own_named", "nonsense"])
def test_a_provider_that_is_not_there_is_named_before_anything_is_read(own, seeds, provider):
    answer, told = own("own_named", FAILING, seeds, provider)
    assert answer.code == 2
    assert repr(provider) in answer.err
    assert told is None
