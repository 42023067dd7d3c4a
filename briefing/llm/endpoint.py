"""One try of a request at an OpenAI-compatible endpoint, over the `openai` SDK.

The SDK sends, and names what went wrong. A body is bounded before it is kept, whatever its status. What a server
does not take (`response_format`, `max_tokens`) is found out by asking, and remembered.
"""

from __future__ import annotations

import json
import re
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from briefing.errors import ModelError
from briefing.llm.completion import read
from briefing.llm.deadline import left, overdue, within
from briefing.llm.failures import Asked, failure, moved, refused, refuses_format, refuses_max_tokens
from briefing.ports import Message, Reply, Request

if TYPE_CHECKING:
    import httpx2
    from openai import OpenAI

OPENAI = "https://api.openai.com/v1"
LARGEST_BODY = 256 * 1024  # bytes of an answer as sent
BYTES_A_TOKEN = 4  # of an answer that nobody reads
LONGEST_CONNECT = 10.0  # seconds: a host that does not even take a connection is down
NO_KEY = "none"  # sent where there is no key: the SDK wants one, many local servers do not

AS_TEXT = "Answer with one JSON object that follows this JSON Schema, and nothing else:"


class Endpoint:
    """An endpoint as an `Attempt`, asked once within so many seconds, body and all; from several threads at once.

    Without `base_url` it is OpenAI's own. `count` gives the tokens of a text; it bounds what a server may say that it
    used, and stands in where the server says nothing. When `stop` is set, calls in flight are left behind.
    Raises ModelError; no message holds the key.
    """

    def __init__(
        self,
        base_url: str | None,
        api_key: str | None,
        count: Callable[[str], int],
        stop: threading.Event | None = None,
    ) -> None:
        self._url = (base_url or "").strip() or OPENAI
        self._key = (api_key or "").strip() or None
        self._count = count
        self._stop = stop
        self._opened: OpenAI | None = None
        self._opening = threading.Lock()
        self._takes_format = True
        self._limit = "max_tokens"

    def __call__(self, request: Request, seconds: float) -> Reply:
        """The endpoint's answer. Raises ModelError; of kind `timeout` after `seconds` at the latest."""
        asked = Asked(self._url, request.model, self._key)
        if seconds <= 0:
            raise overdue(0)
        client = self._client(asked)
        return within(seconds, lambda: self._ask(client, request, asked, seconds), self._stop)

    def _client(self, asked: Asked) -> OpenAI:
        if self._key is None and re.match(r"https://api\.openai\.com(?:[:/]|$)", asked.place):
            advice = "set OPENAI_API_KEY, or OPENAI_BASE_URL for another server"
            raise ModelError("key", f"no key for {asked.place}: {advice}")
        if self._key is not None and not re.fullmatch(r"[!-~]+", self._key):
            raise ModelError("key", "the key holds a space or a character that no key has: check OPENAI_API_KEY")
        with self._opening:
            if self._opened is None:
                try:
                    self._opened = _opened(self._url, self._key or NO_KEY)
                except Exception as error:  # noqa: BLE001 - an address, a proxy, a certificate: what is set is wrong
                    why = asked.shown(f"{type(error).__name__}: {error}")
                    advice = "check OPENAI_BASE_URL and the proxy settings"
                    raise ModelError("request", f"{asked.place} cannot be asked ({why}): {advice}") from None
                weakref.finalize(self, self._opened.close)
            return self._opened

    def _ask(self, client: OpenAI, request: Request, asked: Asked, seconds: float) -> Reply:
        """Asks, and asks again at once without what the server refuses."""
        takes_format, limit = self._takes_format, self._limit
        while True:
            status, body, headers = self._send(client, request, asked, takes_format=takes_format, limit=limit)
            if 300 <= status < 400:
                raise moved(status, headers, asked)
            if status < 400:
                self._takes_format, self._limit = takes_format, limit
                return read(body, headers, request, asked, self._count)
            if left() <= 0:
                raise overdue(seconds)
            told = _json(body)
            if limit == "max_tokens" and refuses_max_tokens(status, told):
                limit = "max_completion_tokens"
            elif takes_format and refuses_format(status, told):
                takes_format = False
            else:
                raise refused(status, told, headers, asked)

    def _send(
        self, client: OpenAI, request: Request, asked: Asked, *, takes_format: bool, limit: str
    ) -> tuple[int, bytes, Mapping[str, str]]:
        """Status, body and headers of the answer, whatever its status."""
        import httpx2
        import openai

        messages = request.messages if takes_format else _with_schema(request)
        fields: dict[str, Any] = {
            "model": request.model,
            "messages": [{"role": one.role, "content": one.content} for one in messages],
            limit: request.max_tokens,
        }
        if takes_format:
            fields["response_format"] = _format(request)
        seconds = max(left(), 0.001)
        timeout = httpx2.Timeout(seconds, connect=min(seconds, LONGEST_CONNECT))
        failed: ModelError | None = None
        try:
            response = client.chat.completions.with_raw_response.create(timeout=timeout, **fields).http_response
        except openai.APIStatusError as error:
            response = error.response
        except Exception as error:  # noqa: BLE001 - whatever it is, it becomes a ModelError
            failed = failure(error, asked)
        if failed is not None:
            if failed.tokens_out:
                failed.tokens_in = max(1, sum(self._count(message.content) for message in messages))
            raise failed  # outside of the handler: what the SDK raised may hold what the server said of the key
        return response.status_code, response.content, response.headers


def _opened(url: str, key: str) -> OpenAI:
    import httpx2
    from openai import DefaultHttpxClient, OpenAI

    def bounded(response: httpx2.Response) -> None:
        """Takes the body in before the client does: `LARGEST_BODY` at most, and only while somebody waits for it."""
        data = _taken(response)
        response.stream = httpx2.ByteStream(data)

    http = DefaultHttpxClient(event_hooks={"response": [bounded]}, follow_redirects=False)  # passages go to one host
    identity = {"Accept-Encoding": "identity"}  # so that the bound on what is sent bounds what is kept
    return OpenAI(base_url=url, api_key=key, max_retries=0, http_client=http, default_headers=identity)


def _taken(response: httpx2.Response) -> bytes:
    """The body's bytes; of an error's body no more than the bound, of any other all of it or ModelError("body")."""
    pieces: list[bytes] = []
    size, began = 0, time.monotonic()
    try:
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            raise ModelError("body", "the endpoint sent a compressed answer, which was not asked for")
        for piece in response.stream:  # type: ignore[union-attr]  # the client is no asynchronous one
            if left() <= 0:
                raise overdue(time.monotonic() - began)
            pieces.append(piece)
            size += len(piece)
            if size > LARGEST_BODY and response.status_code < 400:
                told = f"the answer is longer than {LARGEST_BODY // 1024} KiB: it was not read"
                raise ModelError("body", told, tokens_out=size // BYTES_A_TOKEN)
            if size > LARGEST_BODY:
                break
    finally:
        response.stream.close()  # type: ignore[union-attr]  # likewise
    return b"".join(pieces)


def _json(body: bytes) -> object:
    """An error's body: the JSON that it is, else its text."""
    text = body.decode("utf-8", "replace")
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text


def _format(request: Request) -> dict[str, Any]:
    name = re.sub(r"[^A-Za-z0-9_-]", "_", request.prompt)[:64] or "answer"  # all that OpenAI takes for a name
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": dict(request.schema)}}


def _with_schema(request: Request) -> tuple[Message, ...]:
    """The messages with the schema in words, at the end of the first system message."""
    words = f"{AS_TEXT}\n{json.dumps(dict(request.schema), ensure_ascii=False)}"
    first, *rest = request.messages or (Message("system", ""),)
    if first.role != "system":
        return (Message("system", words), first, *rest)
    return (Message("system", f"{first.content}\n\n{words}".strip()), *rest)
