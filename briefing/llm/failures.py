"""The one place where what goes wrong with a call becomes a ModelError: its kind, and a message that says what to do.

Wordings of compatible servers (vLLM, llama.cpp, LM Studio, LiteLLM, Groq, DeepSeek, OpenRouter, Moonshot, Azure) are
matched where a status alone does not tell: they use one status for different things, and different ones for one thing.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from briefing.errors import Failure, ModelError
from briefing.text import single_line

LONGEST_WAIT = 60.0  # seconds: a server that asks for more is waited for no longer than this
LONGEST_MESSAGE = 300  # characters of a server's own words
SHORT_KEY = 8  # a key shorter than this is masked as a whole word only: it may be part of one

_QUOTA_CODES = frozenset(
    """insufficient_quota billing_hard_limit_reached billing_not_active exceeded_current_quota_error
    insufficient_balance insufficient_credits insufficient_funds payment_required""".split()
)
_QUOTA_WORDS = re.compile(
    r"insufficient (?:account )?(?:balance|credits?|funds)|credit balance is too low", re.IGNORECASE
)
_CONTEXT_WORDS = re.compile(
    r"context_length_exceeded|exceed_context_size|string_above_max_length"
    r"|(?:context|sequence|prompt) (?:length|size|window)|prompt (?:is )?too long|request (?:entity )?too large",
    re.IGNORECASE,
)
_MODEL_WORDS = re.compile(
    r"model[ _]not[ _]exist|model[ _]not[ _]found|unknown[ _]model|invalid[ _]model|no such model|not a valid model"
    r"|model [^ ]{1,200} (?:does not exist|not found)|does not have access to model",
    re.IGNORECASE,
)
_FILTER_WORDS = re.compile(r"content_filter|content_policy|moderation|flagged", re.IGNORECASE)
_FORMAT_WORDS = re.compile(
    r"response[ _]?format|json[ _]?schema|structured[ _]outputs?|guided|grammar|unsupported_schema", re.IGNORECASE
)
_OWN_KEY = re.compile(r"\b(?:sk|gsk|xai|pk)-[\w*.\-]{4,}")  # a server may echo a key in a form of its own

REFUSING = frozenset((400, 422, 501))  # statuses with which a parameter is refused


class Cut(ModelError):
    """An answer that ended before its end: the one failure of kind `body` that is worth a second try."""

    def __init__(self, message: str) -> None:
        super().__init__("body", message)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom and what was asked, as messages name it: `key` is what they must not show."""

    url: str
    model: str
    key: str | None = None

    @property
    def place(self) -> str:
        """The URL without what may be secret in it: a user's name, a password, a query."""
        try:
            parts = urlsplit(self.url)
            host = parts.hostname or ""
            port = f":{parts.port}" if parts.port else ""
        except ValueError:
            return "the endpoint"
        return urlunsplit((parts.scheme, host + port, parts.path, "", ""))

    def without_key(self, text: str) -> str:
        """An answer without the key, should the endpoint repeat it; a short one is no secret and may be a word."""
        return text.replace(self.key, "***") if self.key and len(self.key) >= SHORT_KEY else text

    def shown(self, text: str) -> str:
        """A server's words as they may be shown: one line, nothing invisible, no key, `LONGEST_MESSAGE` at most."""
        line = single_line(text)
        if self.key:
            pattern = re.escape(self.key) if len(self.key) >= SHORT_KEY else rf"(?<!\w){re.escape(self.key)}(?!\w)"
            line = re.sub(pattern, "***", line)
        line = _OWN_KEY.sub("***", line)
        return line if len(line) <= LONGEST_MESSAGE else line[: LONGEST_MESSAGE - 1] + "…"


def failure(error: BaseException, asked: Asked) -> ModelError:
    """What an exception of the SDK, of what it stands on, or of reading its answer means."""
    import httpx2
    import openai

    if isinstance(error, ModelError):
        return error
    if isinstance(error, openai.APIStatusError):
        return refused(error.status_code, error.body, error.response.headers, asked)
    unanswered = isinstance(error, openai.APIConnectionError)
    cause = error.__cause__ or error if unanswered else error
    name = asked.shown(f"{type(cause).__name__}: {cause}".removesuffix(": "))
    wrong_address = httpx2.UnsupportedProtocol, httpx2.InvalidURL, httpx2.LocalProtocolError
    late = openai.APITimeoutError, httpx2.TimeoutException, TimeoutError
    kind: Failure = "body"  # JSON, pydantic and attribute errors of an SDK that met a body it had not thought of
    told = f"{asked.place} gave no chat completion ({name})"
    if isinstance(cause, httpx2.ConnectTimeout):
        kind, told = "connection", f"nothing answers at {asked.place}: check OPENAI_BASE_URL and the network"
    elif isinstance(cause, late):
        kind, told = "timeout", f"{asked.place} gave no answer in time"
    elif isinstance(cause, wrong_address):
        kind, told = "request", f"{asked.place} cannot be asked ({name}): check OPENAI_BASE_URL"
    elif isinstance(cause, UnicodeError):
        kind, told = "request", f"what was asked cannot be sent ({type(cause).__name__})"
    elif isinstance(cause, httpx2.TooManyRedirects | httpx2.DecodingError):
        pass
    elif unanswered or isinstance(cause, httpx2.RequestError | OSError | RuntimeError):  # a closed client is the last
        kind, told = "connection", f"no connection to {asked.place} ({name}): check OPENAI_BASE_URL and the network"
    return ModelError(kind, told)


def refused(status: int, body: object, headers: Mapping[str, str], asked: Asked) -> ModelError:
    """What an error status means. `body` is the answer's `error` member, or the whole of it; `headers` ignore case."""
    words, codes = _words(body), _codes(body)
    kind = _kind(status, f"{codes} {words}", set(codes.casefold().split()), page=_is_page(body))
    said = asked.shown(words if not _is_page(body) else "a web page")
    told = f"{status}: {said}" if said else str(status)
    return ModelError(kind, f"{_advice(kind, asked)} ({told})", retry_after=retry_after(headers))


def moved(status: int, headers: Mapping[str, str], asked: Asked) -> ModelError:
    """A redirect: what is sent goes to the server that the user named and to no other."""
    place = asked.shown(headers.get("location") or "nowhere")
    return ModelError(
        "request", f"{asked.place} sends on to {place} ({status}): set OPENAI_BASE_URL to the server itself"
    )


def refuses_format(status: int, body: object) -> bool:
    """Whether an error says that the server takes no `response_format`, or not this schema."""
    text = f"{_codes(body)} {_words(body)}"
    return status in (*REFUSING, 500) and bool(_FORMAT_WORDS.search(text)) and not _CONTEXT_WORDS.search(text)


def refuses_max_tokens(status: int, body: object) -> bool:
    """Whether an error says that the limit has to be called `max_completion_tokens`."""
    text = f"{_codes(body)} {_words(body)}"
    both = "max_tokens" in text and "max_completion_tokens" in text
    return status in REFUSING and both and not _CONTEXT_WORDS.search(text)


def retry_after(headers: Mapping[str, str], now: float | None = None) -> float | None:
    """Seconds that the server asks to wait, 0 to `LONGEST_WAIT`; None where it says nothing that can be read.

    `Retry-After` is a number of seconds or an HTTP date (RFC 9110, 10.2.3); `retry-after-ms` is more exact and wins.
    """
    for name, unit in (("retry-after-ms", 1000.0), ("retry-after", 1.0)):
        stated = (headers.get(name) or "").strip()
        try:
            seconds = float(stated) / unit
        except ValueError:
            continue
        if math.isfinite(seconds):
            return min(max(seconds, 0.0), LONGEST_WAIT)
    try:
        date = parsedate_to_datetime((headers.get("retry-after") or "").strip()).timestamp()
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return min(max(date - (time.time() if now is None else now), 0.0), LONGEST_WAIT)


def _kind(status: int, text: str, codes: set[str], *, page: bool) -> Failure:  # noqa: PLR0911 - a table, read from above
    if status == 402 or codes & _QUOTA_CODES or (400 <= status < 500 and _QUOTA_WORDS.search(text)):
        return "quota"
    if status >= 500:
        return "server"
    if status == 413 or (status in (400, 422) and _CONTEXT_WORDS.search(text)):
        return "context"
    if status in (408, 409, 425, 429):
        return "busy"
    if status in (400, 403, 422) and _FILTER_WORDS.search(text):
        return "refusal"
    if status == 404 or (status in (400, 403, 422) and _MODEL_WORDS.search(text)):
        return "model"
    if status == 403 and page:
        return "body"  # a firewall that dislikes what an article says, not the endpoint that dislikes the key
    if "json_validate_failed" in codes:
        return "answer"  # Groq: the model wrote, but not what the schema asks for
    return "key" if status in (401, 403) else "request"


def _advice(kind: Failure, asked: Asked) -> str:
    refused_key = "the key was refused" if asked.key else "a key is needed"
    model = repr(asked.shown(asked.model))
    said = {
        "quota": f"nothing is left to spend at {asked.place}: check the account's plan and billing",
        "model": (
            f"no such model {model} at {asked.place}: set OPENAI_MODEL or --model, or OPENAI_BASE_URL where the "
            "address is wrong (most end in /v1)"
        ),
        "key": f"{refused_key} at {asked.place}: check OPENAI_API_KEY",
        "context": f"the request is longer than {model} reads",
        "busy": f"{asked.place} is busy",
        "server": f"{asked.place} failed",
        "refusal": f"a filter at {asked.place} would not have this text",
        "body": f"something before {asked.place} refused the request",
        "answer": f"{model} did not write the JSON asked for",
    }
    return said.get(kind, f"{asked.place} does not take the request")


def _words(body: object) -> str:
    """The server's own words: `message`, `error` or `detail`, however deep; the body itself where it is text."""
    found = body
    for _ in range(4):
        if not isinstance(found, dict):
            break
        found = next((found[name] for name in ("message", "error", "detail", "msg") if found.get(name)), None)
    if isinstance(found, list):  # FastAPI lists what is wrong with the request
        found = "; ".join(f"{_path(one)}{_words(one)}" for one in found[:3])
    return found if isinstance(found, str) else ""


def _path(detail: object) -> str:
    place = detail.get("loc") if isinstance(detail, dict) else None
    return ".".join(map(str, place)) + ": " if isinstance(place, list) else ""


def _codes(body: object) -> str:
    """`code`, `type` and `param` of an error, or of the error inside it, apart by spaces."""
    fields: dict[str, Any] = body if isinstance(body, dict) else {}
    inner = fields.get("error")
    if isinstance(inner, dict):
        fields = inner
    return " ".join(value for name in ("code", "type", "param") if isinstance(value := fields.get(name), str))


def _is_page(body: object) -> bool:
    return isinstance(body, str) and body.lstrip()[:1] == "<"
