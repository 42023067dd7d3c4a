"""What an asking means for the next one: moves, ends, back-off. Pure: a state and what came in, the next state out."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import datetime, timedelta

from briefing.canonical import without_credentials
from briefing.sources import SourceState
from briefing.web import Answer, WebError

MOVED_AFTER = 3  # sightings of a permanent redirect before the new address is taken for the source's own
_AT_ONCE = 2  # failures in a row after which the next run simply asks again
_FIRST_WAIT = timedelta(minutes=15)
_LONGEST_WAIT = timedelta(hours=24)


def answered(state: SourceState, answer: Answer, now: datetime) -> SourceState:
    """After an answer that could be read, or a 304, which has what the source is known by."""
    seen = state.moved_seen + 1 if answer.moved and answer.moved == state.moved_to else int(answer.moved is not None)
    # an answer names no credentials: a source that has some stays where it was, and is led on each time
    settled = seen >= MOVED_AFTER and without_credentials(state.address) == state.address
    return replace(
        state,
        address=answer.moved if settled and answer.moved else state.address,
        etag=None if answer.damaged else answer.etag,  # what broke off is asked for again, whole
        modified=None if answer.damaged else answer.last_modified,
        checked_at=now,
        succeeded_at=now,
        failing_since=None,
        failures=0,
        error_kind=None,
        error=None,
        next_at=None,
        ended_at=None,
        moved_to=answer.moved,
        moved_seen=seen,
    )


def failed(state: SourceState, kind: str, message: str, now: datetime, error: WebError | None = None) -> SourceState:
    """After a failure: from the third in a row on, waits double from a quarter of an hour to a day.

    A server that says when to come again is obeyed instead.

    410 at its own address ends the source for good; nothing else does.
    """
    failures = state.failures + 1
    wait = timedelta(0)
    if error is not None and error.retry_after is not None:
        wait = timedelta(seconds=error.retry_after)
    elif failures > _AT_ONCE:
        wait = min(_LONGEST_WAIT, _FIRST_WAIT * 2 ** min(failures - _AT_ONCE - 1, 12))
        wait *= random.uniform(0.8, 1.0)  # noqa: S311 - what failed together need not come back together
    return replace(
        state,
        checked_at=now,
        failing_since=state.failing_since or now,
        failures=failures,
        error_kind=kind,
        error=message,
        next_at=now + wait if wait else None,
        ended_at=state.ended_at or (now if error is not None and error.status == 410 and not error.elsewhere else None),
    )


def is_due(state: SourceState, now: datetime) -> bool:
    """Whether the source is to be asked now."""
    return state.ended_at is None and (state.next_at is None or state.next_at <= now)
