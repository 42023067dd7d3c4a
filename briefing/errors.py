"""The error tree.

    BriefingError              exit code 1
    ├── UsageError             exit code 2: the call or the configuration is wrong
    ├── NothingNew             exit code 4
    ├── ModelFailed            exit code 5
    └── DeliveryFailed         exit code 6

A source that cannot be read is no error: it is a `Problem`, a value that travels to the
report while the rest of the run goes on.
"""

from __future__ import annotations

from typing import ClassVar


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


class DeliveryFailed(BriefingError):
    """The edition was made but could not be handed over."""

    exit_code = 6
