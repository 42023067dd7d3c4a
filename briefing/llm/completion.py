"""Reading a chat completion strictly: a server may answer anything at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from briefing.errors import ModelError
from briefing.llm.failures import Asked, Cut, refused
from briefing.ports import Reply, Request

LARGEST_CONTENT = 64 * 1024  # bytes of what the model wrote


def read(body: bytes, headers: Mapping[str, str], request: Request, asked: Asked, count: Callable[[str], int]) -> Reply:
    """The answer that a body of status 200 holds. `count` gives the tokens of a text.

    Raises ModelError: `refusal` where the model or a filter would not write, `body` for what is no chat completion or
    holds no text; the tokens that it cost are on the error. An answer cut at its limit is a Reply with that finish.
    """
    completion = _completion(body, headers, asked)
    message, finish = _choice(completion, asked)
    content = message.get("content")
    text = asked.without_key(content) if isinstance(content, str) else ""
    tokens_in, tokens_out, estimated = _usage(completion.get("usage"), request, text, count, cut=finish == "length")
    wrong = _wrong(message, finish, request, asked)
    if wrong is not None:
        wrong.tokens_in, wrong.tokens_out = tokens_in, tokens_out
        raise wrong
    model = completion.get("model")
    return Reply(
        text=text,
        model=asked.without_key(model) if isinstance(model, str) and model else request.model,
        tokens_in=tokens_in,
        tokens_out=tokens_out,
        finish=finish or "stop",
        estimated=estimated,
    )


def _completion(body: bytes, headers: Mapping[str, str], asked: Asked) -> dict[str, Any]:
    """A body as a JSON object. Raises Cut where it ends too early, ModelError where it is anything else."""
    text = body.decode("utf-8", "replace").strip()
    if not text:
        raise Cut(f"{asked.place} gave no chat completion: the answer is empty")
    try:
        value = json.loads(text)
    except json.JSONDecodeError as error:
        if text.startswith("{") and (error.pos >= len(text) - 5 or error.msg.startswith("Unterminated")):
            raise Cut(f"{asked.place} gave no chat completion: the answer is cut") from None
        raise _no_completion(asked, "it is a web page" if text.startswith("<") else "it is no JSON") from None
    except (RecursionError, ValueError):  # nested too deep, or a number of thousands of digits
        raise _no_completion(asked, "it is no JSON that can be read") from None
    if not isinstance(value, dict):
        raise _no_completion(asked, "it is no object")
    wrong = value.get("error")
    if wrong and not value.get("choices"):  # OpenRouter and others: an error with status 200
        code = wrong.get("code") if isinstance(wrong, dict) else None
        if type(code) is int and 400 <= code < 600:
            raise refused(code, wrong, headers, asked)
        raise _no_completion(asked, f"it says {asked.shown(json.dumps(wrong))}")
    return value


def _choice(completion: Mapping[str, Any], asked: Asked) -> tuple[dict[str, Any], str | None]:
    """The first choice's message, and why it ended."""
    choices = completion.get("choices")
    choice = choices[0] if isinstance(choices, list) and choices else None
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(choice, dict) or not isinstance(message, dict):
        raise _no_completion(asked, "it holds no message")
    finish = choice.get("finish_reason")
    if not isinstance(finish, str | None):
        raise _no_completion(asked, "its finish_reason is no text")
    return message, finish


def _wrong(message: Mapping[str, Any], finish: str | None, request: Request, asked: Asked) -> ModelError | None:
    """Why a message holds no answer, if it holds none."""
    content, refusal, tools = message.get("content"), message.get("refusal"), message.get("tool_calls")
    if refusal or finish == "content_filter":
        why = "it refused" if refusal else "its filter stopped it"  # its own words are no part of a briefing
        return ModelError("refusal", f"{asked.shown(request.model)!r} would not write this: {why}")
    if tools and not content:
        return ModelError("body", f"{asked.shown(request.model)!r} called a tool instead of writing")
    if content is None and finish == "length":
        return None  # it thought until its limit, and wrote nothing
    if not isinstance(content, str):
        return _no_completion(asked, "its content is no text")
    if len(content.encode(errors="surrogatepass")) > LARGEST_CONTENT:
        return ModelError("body", f"{asked.shown(request.model)!r} wrote more than {LARGEST_CONTENT // 1024} KiB")
    return None


def _usage(
    usage: object, request: Request, text: str, count: Callable[[str], int], *, cut: bool
) -> tuple[int, int, bool]:
    """Tokens in, tokens out, and whether either is our own count because the stated one is missing or absurd.

    Stated tokens are believed from a quarter of our own count, for caps rest on them, up to 20 times and 1000; of those
    written, the limit that was set is always believed: a reasoning model is paid for more than it shows. An answer that
    was `cut` took all of the limit, whatever is left of it to see.
    """
    stated = usage if isinstance(usage, dict) else {}
    said = "\n".join((*(one.content for one in request.messages), json.dumps(dict(request.schema))))

    def tokens(name: str, counted: str, least: int) -> tuple[int, bool]:
        own, number = max(1, count(counted)), stated.get(name)
        if type(number) is int and own / 4 <= number <= max(20 * own + 1000, least):
            return number, False
        return own, True

    tokens_in, estimated_in = tokens("prompt_tokens", said, 0)
    tokens_out, estimated_out = tokens("completion_tokens", text, request.max_tokens)
    if cut and estimated_out:
        tokens_out = max(tokens_out, request.max_tokens)
    return tokens_in, tokens_out, estimated_in or estimated_out


def _no_completion(asked: Asked, why: str) -> ModelError:
    return ModelError("body", f"{asked.place} gave no chat completion: {why}; check OPENAI_BASE_URL")
