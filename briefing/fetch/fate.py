"""What an asking means for the next one: moves, ends, back-off. Pure: a state and what came in, the next state out."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from briefing.canonical import without_credentials
from briefing.fetch.hosts import host_of
from briefing.sources import Source, SourceState
from briefing.store.sources import Fetch
from briefing.web import Answer, WebError
from briefing.web.asking import UNANSWERED

MOVED_AFTER = 3  # sightings of a permanent redirect before the new address is taken for the source's own
_ALIKE = 3  # sources from which on a failure of all of them is told as one
_AT_ONCE = 2  # failures in a row after which the next run simply asks again
_FIRST_WAIT = timedelta(minutes=15)
_LONGEST_WAIT = timedelta(hours=24)
# One server that is down gives now this, now that: of what is told once, they are one.
_AS_ONE = {"connection": "deadline", "dns": "deadline"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of asking a source in a run: how it stood, how it stands, and the entry of the log."""

    source: Source
    before: SourceState
    after: SourceState
    log: Fetch

    @property
    def has_failed(self) -> bool:
        """Whether it failed in this run."""
        return self.after.failures > 0

    @property
    def is_new(self) -> bool:
        """Whether it failed as it did not the last time: it was good then, failed in another way, or has ended now."""
        if not self.has_failed:
            return False
        has_ended = self.after.ended_at is not None and self.before.ended_at is None
        return not self.before.failures or has_ended or _kind(self.before) != _kind(self.after)

    @property
    def failed_for(self) -> timedelta | None:
        """How long it had failed, where it works again; None where it does not, or had not failed."""
        if self.has_failed or not self.before.failures or self.before.failing_since is None:
            return None
        return (self.after.checked_at or self.log.at) - self.before.failing_since


def are_alike(outcomes: Sequence[Outcome]) -> bool:
    """Whether all sources of a run failed in the same way, so that it is hardly their own doing.

    All kinds of hosts that do not answer are one way: without a network a name fails otherwise than a number does. An
    address that may not be asked has its own remedy in its message, unless several hosts have all got the same one,
    as a network gives out that wants a login first.
    """
    if len(outcomes) < _ALIKE or not all(one.has_failed for one in outcomes):
        return False
    kinds = {one.after.error_kind for one in outcomes}
    if kinds == {"address"}:
        hosts = {host_of(one.before.address) for one in outcomes}
        return len(hosts) == len(outcomes) and len({_reason(one) for one in outcomes}) == 1
    return len(kinds) == 1 or kinds <= UNANSWERED


def _reason(one: Outcome) -> str:
    """Why it failed, without its own address and the advice behind the semicolon."""
    return (one.after.error or "").partition(": ")[2].partition(";")[0]


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


def _kind(state: SourceState) -> str | None:
    return _AS_ONE.get(state.error_kind, state.error_kind) if state.error_kind else None


def waits(state: SourceState, error: WebError, now: datetime) -> SourceState:
    """Where the source's host asks for time before the source was asked: no failure, and asked when that is over."""
    return replace(state, next_at=now + timedelta(seconds=error.retry_after)) if error.retry_after else state


def is_due(state: SourceState, now: datetime) -> bool:
    """Whether the source is to be asked now."""
    return state.ended_at is None and (state.next_at is None or state.next_at <= now)
