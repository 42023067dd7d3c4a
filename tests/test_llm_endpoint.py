"""One try of a request, over real HTTP against a fake endpoint."""

from __future__ import annotations

import json
import threading
import time
import traceback
import tracemalloc
from dataclasses import replace

import httpx2
import openai
import pytest

from briefing.errors import ModelError
from briefing.llm.deadline import within
from briefing.llm.endpoint import AS_TEXT, Endpoint
from briefing.llm.failures import Asked, Cut, failure
from briefing.ports import Message, Reply, Request
from tests.endpoint import (
    Answer,
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

SCHEMA = {"type": "object", "properties": {"headline": {"type": "string"}}, "required": ["headline"]}
REQUEST = Request(
    prompt="event",
    about="Ferry Aurora runs aground",
    model="small",
    messages=(Message("system", "You write the news."), Message("user", "Fourteen people were injured.")),
    schema=SCHEMA,
    max_tokens=600,
)
KEY = "sk-proj-0123456789abcdefghij"
UNKNOWN = {"prompt_tokens": 0, "completion_tokens": 0}


def count(text: str) -> int:
    return len(text.split())


def asked(answer: Answer, *, seconds: float = 10, key: str | None = KEY) -> Reply:
    with endpoint(always(answer)) as fake:
        return Endpoint(fake.base_url, key, count)(REQUEST, seconds)


def failed(answer: Answer, *, seconds: float = 10, key: str | None = KEY) -> ModelError:
    with pytest.raises(ModelError) as raised:
        asked(answer, seconds=seconds, key=key)
    return raised.value


def test_the_question_is_sent_with_its_schema_and_the_key():
    with endpoint(always(completion("{}"))) as fake:
        Endpoint(fake.base_url, KEY, count)(REQUEST, 10)
    assert fake.requests == [
        {
            "model": "small",
            "messages": [
                {"role": "system", "content": "You write the news."},
                {"role": "user", "content": "Fourteen people were injured."},
            ],
            "max_tokens": 600,
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "event", "strict": True, "schema": SCHEMA},
            },
        }
    ]
    assert fake.headers[0]["authorization"] == f"Bearer {KEY}"
    assert fake.paths == ["/v1/chat/completions"]


def test_the_reply_says_who_answered_and_what_it_cost():
    assert asked(completion('{"headline": "x"}')) == Reply(
        text='{"headline": "x"}', model="fake-1", tokens_in=120, tokens_out=40
    )


def test_an_endpoint_that_does_not_name_itself_is_called_by_the_name_it_was_asked_by():
    assert asked(completion(model=None)).model == "small"


def test_an_answer_cut_at_its_limit_is_a_reply_that_says_so():
    assert asked(completion('{"head', finish="length")).finish == "length"
    assert asked(completion(None, finish="length")).text == ""


def test_without_a_key_a_local_server_is_asked_all_the_same():
    assert asked(completion("{}"), key=None).text == "{}"


def test_without_a_key_openai_is_not_asked():
    with pytest.raises(ModelError, match="set OPENAI_API_KEY") as raised:
        Endpoint(None, None, count)(REQUEST, 10)
    assert raised.value.kind == "key"


@pytest.mark.parametrize("key", ["sk-häuser-0123456789", "sk-first\nsk-second", "sk-two words"])
def test_a_key_that_cannot_be_one_is_refused_unsent_and_not_shown(key):
    error = failed(completion(), key=key)
    assert error.kind == "key"
    assert key[3:8] not in str(error)


# What a server uses


@pytest.mark.parametrize(
    "usage",
    [
        None,
        UNKNOWN,
        {"prompt_tokens": True, "completion_tokens": "40"},
        {"prompt_tokens": -4},
        {"completion_tokens": 7e9},
    ],
)
def test_missing_or_absurd_usage_is_counted_here_and_never_nothing(usage):
    reply = asked(completion("four words are here", usage=usage))
    own = count("You write the news. Fourteen people were injured. " + json.dumps(SCHEMA))
    assert (reply.tokens_in, reply.tokens_out, reply.estimated) == (own, 4, True)


def test_a_usage_beyond_all_measure_is_not_believed():
    reply = asked(completion("{}", usage={"prompt_tokens": 10**12, "completion_tokens": 40}))
    assert reply.tokens_in < 100
    assert (reply.tokens_out, reply.estimated) == (40, True)


def test_a_model_that_thinks_is_believed_up_to_the_limit_that_was_set():
    usage = {"prompt_tokens": 120, "completion_tokens": 5900}
    with endpoint(always(completion("{}", usage=usage))) as fake:
        reply = Endpoint(fake.base_url, KEY, count)(replace(REQUEST, max_tokens=6000), 10)
    assert (reply.tokens_out, reply.estimated) == (5900, False)


def test_a_cut_answer_that_states_no_usage_took_all_of_its_limit():
    reply = asked(completion("", finish="length", usage=None))
    assert (reply.tokens_out, reply.estimated) == (REQUEST.max_tokens, True)


def test_an_answer_too_long_to_be_read_is_counted_all_the_same():
    error = failed(completion("long " * 200_000))
    assert error.kind == "body"
    assert error.tokens_in > 0
    assert error.tokens_out > 1000


def test_passages_are_sent_to_no_other_server_than_the_one_that_is_named():
    with endpoint(always(completion("{}"))) as other:
        moved = Answer(307, b"", {"Location": f"{other.base_url}/chat/completions"})
        error = failed(moved)
    assert other.requests == []
    assert error.kind == "request"
    assert "set OPENAI_BASE_URL" in str(error)


def test_an_empty_answer_costs_a_token_at_least():
    assert asked(completion("", usage=None)).tokens_out == 1


# What a server does not take

FORMAT_REFUSED = {
    "OpenAI": error(
        400, "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model."
    ),
    "DeepSeek": error(400, "This response_format type is unavailable now", kind="invalid_request_error"),
    "DeepSeek, older": error(422, "Failed to deserialize the JSON body into the target type: response_format: invalid"),
    "Groq": error(400, "This model does not support response format `json_schema`."),
    "Groq, schema": error(400, "invalid schema for response format: response_format/json_schema: minItems"),
    "LM Studio": sent({"error": "'response_format.json_schema.schema' must be an object"}, 400),
    "LiteLLM": error(400, "litellm.UnsupportedParamsError: x does not support parameters: ['response_format']"),
    "vLLM": sent({"object": "error", "message": "The grammar is not supported by xgrammar", "code": 400}, 400),
    "FastAPI": sent({"detail": [{"loc": ["body", "response_format"], "msg": "extra fields not permitted"}]}, 422),
    "named by param": error(400, "unsupported", param="response_format"),
    "not built": error(501, "structured outputs are not implemented"),
    "broken by it": error(500, "json_schema: this grammar is not supported"),
}


@pytest.mark.parametrize("refusal", FORMAT_REFUSED.values(), ids=FORMAT_REFUSED)
def test_where_the_schema_is_refused_it_is_told_in_words_at_once_and_from_then_on(refusal):
    with endpoint(lambda body, _: refusal if "response_format" in body else completion("{}")) as fake:
        ask = Endpoint(fake.base_url, KEY, count)
        assert ask(REQUEST, 10).text == "{}"
        assert ask(REQUEST, 10).text == "{}"
    assert ["response_format" in body for body in fake.requests] == [True, False, False]
    system, user = fake.requests[1]["messages"]
    assert system["content"] == f"You write the news.\n\n{AS_TEXT}\n{json.dumps(SCHEMA)}"
    assert user["content"] == "Fourteen people were injured."


def test_where_the_limit_has_another_name_it_is_called_by_that():
    refusal = error(
        400,
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        code="unsupported_parameter",
        param="max_tokens",
    )
    with endpoint(lambda body, _: refusal if "max_tokens" in body else completion("{}")) as fake:
        ask = Endpoint(fake.base_url, KEY, count)
        ask(REQUEST, 10)
        ask(REQUEST, 10)
    assert ["max_tokens" in body for body in fake.requests] == [True, False, False]
    assert fake.requests[2]["max_completion_tokens"] == 600


def test_a_server_that_refuses_whatever_is_sent_is_asked_no_more_than_twice():
    with endpoint(always(error(400, "response_format, or whatever, is wrong"))) as fake:
        with pytest.raises(ModelError) as raised:
            Endpoint(fake.base_url, KEY, count)(REQUEST, 10)
        assert len(fake.requests) == 2
    assert raised.value.kind == "request"


# What goes wrong


def no_choice(**fields: object) -> Answer:
    return sent({"id": "1", "choices": [{"index": 0, **fields}]})


BODIES = {
    "a web page": page(),
    "no JSON": Answer(200, b"OK"),
    "a list": sent([]),
    "no choices": sent({"choices": []}),
    "choices of a wrong type": sent({"choices": {"0": 1}}),
    "a choice of a wrong type": sent({"choices": ["x"]}),
    "no message": no_choice(finish_reason="stop"),
    "content that is a number": no_choice(message={"content": 4}),
    "content that is a list": no_choice(message={"content": [{"type": "text", "text": "{}"}]}),
    "no content": completion(None),
    "a tool call": completion(None, finish="tool_calls", tool_calls=[{"id": "1", "function": {"name": "f"}}]),
    "a finish that is a number": completion(finish=4),  # type: ignore[arg-type]
    "nested too deep": Answer(200, b'{"choices": ' + b"[" * 100_000),
    "a number of thousands of digits": Answer(200, b'{"choices": ' + b"9" * 5000 + b"}"),
    "an error that is none": sent({"error": {"message": "overloaded"}}),
    "a megabyte": huge(1),
    "content of 65 KiB": completion("x" * (65 << 10)),
    "compressed": Answer(200, b"\x1f\x8b", {"Content-Encoding": "gzip"}),
    "a firewall's page": page(403, "Attention required"),
    "bytes of no encoding": Answer(200, b"\xff\xfe\x00"),
}


@pytest.mark.parametrize("answer", BODIES.values(), ids=BODIES)
def test_what_is_no_chat_completion_is_told_apart(answer):
    error = failed(answer)
    assert (error.kind, type(error)) == ("body", ModelError)


@pytest.mark.parametrize("keep", [0, 1, 30, 200, -1])
def test_an_answer_that_ends_before_its_end_is_a_cut_one(keep):
    assert type(failed(cut(completion("Fourteen people were injured."), keep))) is Cut


STATUSES = {
    "bad key": (error(401, "Incorrect API key provided", code="invalid_api_key"), "key"),
    "forbidden": (error(403, "country not supported"), "key"),
    "no such model": (error(404, "The model `small` does not exist", code="model_not_found"), "model"),
    "no such path": (page(404), "model"),
    "no such model, DeepSeek": (error(400, "Model Not Exist", code="invalid_request_error"), "model"),
    "no such model, OpenRouter": (error(400, "small is not a valid model ID"), "model"),
    "no model of mine": (error(403, "Project `p` does not have access to model `small`"), "model"),
    "too fast": (error(429, "Rate limit reached", code="rate_limit_exceeded", kind="tokens"), "busy"),
    "conflict": (error(409), "busy"),
    "no money": (error(429, "You exceeded your current quota", kind="insufficient_quota"), "quota"),
    "no money, Moonshot": (error(429, "suspended", kind="exceeded_current_quota_error"), "quota"),
    "no money, DeepSeek": (error(402, "Insufficient Balance", code="invalid_request_error"), "quota"),
    "no money, OpenCode": (error(401, "Insufficient balance. Manage your billing here"), "quota"),
    "out of order": (error(500), "server"),
    "overloaded": (page(529, "Overloaded"), "server"),
    "error with status 200": (sent({"error": {"message": "no credit left", "code": 402}}), "quota"),
    "too long, OpenAI": (error(400, "reduce the length", code="context_length_exceeded"), "context"),
    "too long, llama.cpp": (error(400, "the request exceeds the available context size"), "context"),
    "too long, vLLM": (
        error(400, "'max_tokens' or 'max_completion_tokens' is too large: the context length"),
        "context",
    ),
    "too long with the schema": (error(400, "json_schema and messages exceed the context window"), "context"),
    "too large": (page(413, "Request Entity Too Large"), "context"),
    "filtered, Azure": (error(400, "The response was filtered", code="content_filter"), "refusal"),
    "filtered, OpenRouter": (error(403, "Your input was flagged"), "refusal"),
    "not the JSON, Groq": (error(400, "Failed to generate JSON", code="json_validate_failed"), "answer"),
    "anything else": (error(400, "temperature must be a number"), "request"),
    "words of no form": (sent({"error": [{"x": [1]}]}, 400), "request"),
}


@pytest.mark.parametrize(("answer", "kind"), STATUSES.values(), ids=STATUSES)
def test_every_error_has_its_kind(answer, kind):
    assert failed(answer).kind == kind


@pytest.mark.parametrize("name", [name for name, (_, kind) in STATUSES.items() if kind == "context"])
def test_what_is_too_long_is_not_sent_twice(name):
    with endpoint(always(STATUSES[name][0])) as fake:
        with pytest.raises(ModelError):
            Endpoint(fake.base_url, KEY, count)(REQUEST, 10)
        assert len(fake.requests) == 1


def wrapped(cause: Exception) -> Exception:
    error = openai.APIConnectionError(request=httpx2.Request("POST", ASKED.url))
    error.__cause__ = cause
    return error


ASKED = Asked("http://127.0.0.1:9/v1", "small", KEY)
RAISED = [
    (wrapped(httpx2.ConnectTimeout("late")), "connection"),
    (wrapped(httpx2.ReadTimeout("late")), "timeout"),
    (wrapped(httpx2.TooManyRedirects("21")), "body"),
    (wrapped(ValueError("?")), "connection"),
    (httpx2.ReadError("reset"), "connection"),
    (OSError("no route"), "connection"),
    (TimeoutError(), "timeout"),
    (RuntimeError("Cannot send a request, as the client has been closed."), "connection"),
    (UnicodeEncodeError("utf-8", "\ud800", 0, 1, "surrogates not allowed"), "request"),
    (AttributeError("'str' object has no attribute 'choices'"), "body"),
    (json.JSONDecodeError("Expecting value", "<html>", 0), "body"),
]


@pytest.mark.parametrize(("raised", "kind"), RAISED, ids=lambda value: type(value).__name__)
def test_whatever_the_sdk_raises_has_its_kind(raised, kind):
    assert failure(raised, ASKED).kind == kind


def test_messages_say_what_to_do():
    assert "set OPENAI_MODEL or --model" in str(failed(STATUSES["no such model"][0]))
    assert "check OPENAI_API_KEY" in str(failed(STATUSES["bad key"][0]))
    assert "check the account's plan" in str(failed(STATUSES["no money"][0]))
    with closed_port() as url, pytest.raises(ModelError, match=f"no connection to {url}.*OPENAI_BASE_URL") as raised:
        Endpoint(url, KEY, count)(REQUEST, 10)
    assert raised.value.kind == "connection"


@pytest.mark.parametrize("url", ["127.0.0.1:9/v1", "ftp://127.0.0.1/v1", "http://[::1", "http://127.0.0.1:99999/v1"])
def test_an_address_that_is_none_names_the_setting(url):
    with pytest.raises(ModelError, match="OPENAI_BASE_URL"):
        Endpoint(url, KEY, count)(REQUEST, 2)


def test_a_refusal_carries_what_it_cost():
    for answer in (completion(None, refusal="I cannot help with that."), completion("{", finish="content_filter")):
        error = failed(answer)
        assert (error.kind, error.tokens_in, error.tokens_out) == ("refusal", 120, 40)


LONG = completion("Fourteen people were injured. " * 100)


@pytest.mark.parametrize("answer", [reset(), reset(LONG), broken(LONG)], ids=["before", "within", "closed"])
def test_a_connection_lost_before_or_in_the_middle_of_the_answer_is_a_connection_lost(answer):
    assert failed(answer).kind == "connection"


@pytest.mark.parametrize("answer", [drip(), drip(status=503), hang()], ids=["drip", "error drip", "hang"])
def test_what_does_not_end_is_left_behind_in_time_and_its_thread_soon_ends(answer):
    with endpoint(always(answer)) as fake:
        ask = Endpoint(fake.base_url, KEY, count)
        ask._client(None)  # type: ignore[arg-type]  # the SDK's import is no part of the try
        began = time.monotonic()
        with pytest.raises(ModelError) as raised:
            ask(REQUEST, 0.3)
        took = time.monotonic() - began
        until = time.monotonic() + 5
        while any(thread.name == "model call" for thread in threading.enumerate()) and time.monotonic() < until:
            time.sleep(0.01)
        assert not any(thread.name == "model call" for thread in threading.enumerate())
    assert raised.value.kind == "timeout"
    assert took < 2


@pytest.mark.parametrize("status", [200, 500])
def test_a_large_answer_never_fills_memory(status):
    body = b"x" * (24 << 20)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        failed(Answer(status, body))
        assert tracemalloc.get_traced_memory()[1] - before < 12 << 20
    finally:
        tracemalloc.stop()


def test_a_call_in_flight_is_left_behind_when_the_run_is_stopped():
    stop = threading.Event()
    with endpoint(always(hang())) as fake:
        ask = Endpoint(fake.base_url, KEY, count, stop)
        threading.Timer(0.2, stop.set).start()
        began = time.monotonic()
        with pytest.raises(ModelError, match="stopped"):
            ask(REQUEST, 60)
        assert time.monotonic() - began < 10


def test_what_a_function_returns_or_raises_within_its_time_is_handed_on():
    assert within(5, lambda: 7) == 7
    assert within(5, lambda: threading.current_thread().daemon)
    with pytest.raises(ZeroDivisionError):
        within(5, lambda: 1 / 0)


@pytest.mark.parametrize(
    "answer",
    [
        error(401, f"Incorrect API key provided: {KEY}."),
        error(400, f"header 'Bearer {KEY[:8]}\u200b{KEY[8:]}' refused"),
        page(500, KEY),
        sent({"error": {"message": KEY}}),
        completion(None, refusal=f"I will not say {KEY}"),
        error(429, "x" * 280 + KEY + "x" * 280),
    ],
)
def test_the_key_is_in_no_message_and_no_traceback(answer):
    error = failed(answer)
    for shown in (str(error), repr(error), "".join(traceback.format_exception(error))):
        assert KEY not in shown
        assert KEY[:14] not in shown


def test_a_key_that_the_server_half_hides_is_hidden_whole():
    assert "sk-" not in str(failed(error(401, f"Incorrect API key provided: {KEY[:8]}******{KEY[-4:]}.")))


def test_a_password_in_the_address_is_in_no_message():
    with endpoint(always(error(500))) as fake:
        url = fake.base_url.replace("//", "//user:hunter2secret@") + "?key=hunter2secret"
        with pytest.raises(ModelError) as raised:
            Endpoint(url, KEY, count)(REQUEST, 5)
    assert "hunter2" not in str(raised.value)


def test_a_servers_own_words_are_one_short_visible_line():
    message = str(failed(error(500, "no\n\x1b[31mway\u202e " + "x" * 5000)))
    assert message.isprintable()
    assert "no" in message
    assert len(message) < 400


def test_one_endpoint_answers_many_threads_at_once():
    replies: list[Reply] = []
    with endpoint(lambda _, number: completion(f"{number}")) as fake:
        ask = Endpoint(fake.base_url, KEY, count)
        threads = [threading.Thread(target=lambda: replies.append(ask(REQUEST, 20))) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(int(reply.text) for reply in replies) == list(range(1, 9))
