"""The error tree.

    BriefingError              exit code 1
    ├── UsageError             exit code 2: the call or the configuration is wrong
    ├── NothingNew             exit code 4
    ├── ModelFailed            exit code 5
    ├── ModelError             a call of a language model; the event falls back to the articles' own sentences
    └── DeliveryFailed         exit code 6

A source that cannot be read is no error: it is a `Problem`, a value that travels to the
report while the rest of the run goes on.
"""

from __future__ import annotations

import re
from typing import ClassVar, Literal

Failure = Literal[
    "timeout",  # no answer within the deadline
    "connection",  # refused, reset, name not found
    "busy",  # 408, 409, 429: asked too much, too soon
    "quota",  # 429 insufficient_quota: nothing is left to spend
    "server",  # 5xx
    "key",  # 401, 403
    "model",  # 404: no such model, or no such path
    "request",  # any other 4xx: the endpoint does not take what was sent
    "context",  # the request is longer than the model reads
    "body",  # an answer that is no chat completion: a proxy's page, cut JSON, more than may be read
    "refusal",  # the model, or its filter, would not write
    "length",  # the answer was cut at its limit
    "answer",  # the answer is not the JSON asked for
    "circuit",  # not asked: the endpoint failed too often in this run
    "cap",  # not asked: the run's or the day's cap would be passed
    "gate",  # nothing that the model wrote passed its check
    "rehearsal",  # not asked: a dry run
]
"""Why a call of a language model came to nothing."""


class BriefingError(Exception):
    """Anything that ends a run. The message says what is wrong and what to do about it."""

    exit_code: ClassVar[int] = 1


class UsageError(BriefingError):
    """The command line, the configuration, a template or an input path is wrong."""

    exit_code = 2


class NothingNew(BriefingError):
    """There is nothing to brief: every source answered, none had an article."""

    exit_code = 4


class ModelFailed(BriefingError):
    """The language model failed and no fallback was allowed."""

    exit_code = 5


_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]*://[\w\[][^\s),;'\"]*[^\s),;:.'\"]", re.IGNORECASE)


class ModelError(BriefingError):
    """One call of a language model came to nothing: `kind` says why, `retry_after` how many seconds it asked to wait.

    The run goes on: the event is told in its articles' own sentences, and the report says why. `tokens_in` and
    `tokens_out` were paid all the same. `public` is the message without addresses: readers have no business with them.
    """

    def __init__(
        self, kind: Failure, message: str, *, retry_after: float | None = None, tokens_in: int = 0, tokens_out: int = 0
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.retry_after = retry_after
        self.tokens_in = tokens_in
        self.public = _ADDRESS.sub("the endpoint", message)
        self.tokens_out = tokens_out


class DeliveryFailed(BriefingError):
    """The edition was made but could not be handed over."""

    exit_code = 6
