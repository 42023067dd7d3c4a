"""A fake OpenAI-compatible endpoint: a real HTTP server on 127.0.0.1 that answers as it is told, well or badly.

    with endpoint(always(completion('{"headline": "..."}'))) as fake:
        ...  # fake.base_url is what OPENAI_BASE_URL would be
    assert fake.requests[0]["model"] == "small"

The function given is asked for an `Answer` for every request: `body` is what was sent, `number` counts from 1. It is
called from several threads. What it raises becomes a 500.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

USAGE = {"prompt_tokens": 120, "completion_tokens": 40, "total_tokens": 160}

Fault = Literal["none", "reset", "break", "drip", "hang"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent. `fault` says how the transfer goes wrong, if it does.

    `reset`: after half the body (before anything, if it is empty) the connection is reset. `break`: after half the body
    it is closed. `drip`: the body's bytes come one every `every` seconds, over and over, without end. `hang`: nothing.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    fault: Fault = "none"
    every: float = 0.02


@dataclass
class Fake:
    """A running fake endpoint, and what it was asked: bodies and headers (names in lower case), in order of arrival."""

    base_url: str
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)


def completion(
    text: str | None = "{}",
    *,
    finish: str | None = "stop",
    usage: Mapping[str, Any] | None = USAGE,
    refusal: str | None = None,
    model: str | None = "fake-1",
    **message: Any,
) -> Answer:
    """A chat completion of one choice; `message` holds further members of its message (`tool_calls` ...)."""
    written = {"role": "assistant", "content": text, "refusal": refusal, **message}
    value: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "choices": [{"index": 0, "message": written, "finish_reason": finish}],
    }
    value |= {"usage": dict(usage)} if usage is not None else {}
    value |= {"model": model} if model is not None else {}
    return sent(value)


def sent(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Any JSON value."""
    return Answer(status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})


def error(
    status: int,
    message: str = "something went wrong",
    *,
    code: str | None = None,
    kind: str | None = None,
    param: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Answer:
    """An error as OpenAI words it; `kind` is its `type`."""
    return sent({"error": {"message": message, "type": kind, "param": param, "code": code}}, status, headers)


def page(status: int = 200, title: str = "Please sign in") -> Answer:
    """A web page, as a proxy or a wrong address gives one."""
    html = f"<!DOCTYPE html><html><head><title>{title}</title></head><body>{title}</body></html>"
    return Answer(status, html.encode(), {"Content-Type": "text/html; charset=utf-8"})


def cut(answer: Answer, keep: int | None = None) -> Answer:
    """The first `keep` bytes of an answer (half of it), sent as though they were the whole."""
    return replace(answer, body=answer.body[: len(answer.body) // 2 if keep is None else keep])


def reset(answer: Answer | None = None) -> Answer:
    """A connection reset before the answer, or in the middle of one."""
    return replace(answer or Answer(), fault="reset")


def broken(answer: Answer) -> Answer:
    """A connection closed in the middle of an answer."""
    return replace(answer, fault="break")


def drip(every: float = 0.02, status: int = 200) -> Answer:
    """A body of one byte every so many seconds that never ends."""
    return Answer(status, b" ", {"Content-Type": "application/json"}, "drip", every)


def huge(megabytes: int = 4) -> Answer:
    """A good completion, but for its size."""
    return completion("x" * (megabytes << 20))


def hang() -> Answer:
    """No answer at all, until the client or the server gives up."""
    return Answer(fault="hang")


def always(answer: Answer) -> Callable[[dict[str, Any], int], Answer]:
    """The same answer to every request."""
    return lambda _body, _number: answer


@contextmanager
def endpoint(answer: Callable[[dict[str, Any], int], Answer]) -> Iterator[Fake]:
    """A fake endpoint on a free port of 127.0.0.1, stopped at the end of the block."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.answer = answer
    server.fake = Fake(f"http://127.0.0.1:{server.server_address[1]}/v1")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.fake
    finally:
        server.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def closed_port() -> Iterator[str]:
    """A base URL on a port of 127.0.0.1 that nobody listens on and nobody else is given."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{taken.getsockname()[1]}/v1"


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64
    answer: Callable[[dict[str, Any], int], Answer]
    fake: Fake

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.closing = threading.Event()
        self.lock = threading.Lock()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients go away in the middle of an answer: that is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else a body waits 40 ms for the acknowledgement of its headers
    server: _Server

    def log_message(self, *arguments: Any) -> None:
        """Nothing."""

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        fake = self.server.fake
        with self.server.lock:
            fake.requests.append(body)
            fake.headers.append({name.lower(): value for name, value in self.headers.items()})
            fake.paths.append(self.path)
            number = len(fake.requests)
        try:
            answer = self.server.answer(body, number)
        except Exception as wrong:  # noqa: BLE001 - it is told to the client, which is the one that looks
            answer = error(500, f"the test's own answer raised {wrong!r}")
        with suppress(OSError):
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        self.close_connection = answer.fault != "none"
        if answer.fault == "hang":
            self.server.closing.wait()
            return
        if answer.fault == "reset" and not answer.body:
            self._reset()
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if answer.fault == "drip":
            self.end_headers()
            place = 0
            while not self.server.closing.wait(answer.every):
                self.wfile.write(answer.body[place : place + 1])
                place = (place + 1) % len(answer.body)
            return
        self.send_header("Content-Length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body if answer.fault == "none" else answer.body[: len(answer.body) // 2])
        if answer.fault == "reset":
            self._reset()

    def _reset(self) -> None:
        """Closes with RST instead of FIN: lingering for no time at all."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.wfile.close()
        self.rfile.close()
        self.connection.close()


def honest(body: Mapping[str, Any], _number: int = 1) -> Answer:
    """A modest model: it tells the first sentence of the first three passages, word for word, and mends nothing."""
    data = json.loads(body["messages"][1]["content"])
    if "refused" in data:
        return completion('{"sentences": []}')
    if "evidence" not in data:
        return completion('{"verdict": "full"}')
    told = [{"cites": [one["id"]], "text": one["text"].split("\n")[0]} for one in data["evidence"][:3]]
    return completion(json.dumps({"headline": told[0], "sentences": told, "facts": []}))


def said_by(answer: Answer) -> str:
    """The text of a completion."""
    return str(json.loads(answer.body)["choices"][0]["message"]["content"])
