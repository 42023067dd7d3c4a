"""The outbox: what waits, what nobody knows the fate of, who refuses mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from briefing.doctor.finding import Finding, Setup, good, skipped, warn
from briefing.doctor.kept import opened
from briefing.errors import BriefingError
from briefing.render.wording import count
from briefing.store.recipients import BOUNCES, bounced
from briefing.store.sends import in_state

_LONG = timedelta(hours=1)


def check(setup: Setup) -> Iterator[Finding]:
    """What needs a decision is told; what is merely on its way is good."""
    try:
        with opened(setup) as database:
            if database is None:
                yield skipped("there is no store to ask")
                return
            queued, unknown = database.read(in_state, "queued"), database.read(in_state, "unknown")
            refused = database.read(bounced)
    except BriefingError:
        yield skipped("the store could not be asked")
        return
    if unknown:
        yield warn(
            f"nobody knows whether {count(len(unknown), 'message')} arrived",
            "briefing send --unknown resend sends them again, --unknown drop does not",
        )
    late = [one for one in queued if setup.now - one.queued_at > _LONG]
    if late:
        last = next((one.answer for one in late if one.answer), None)
        why = f", the last answer: {last}" if last else ""
        yield warn(
            f"{count(len(late), 'message')} waiting for over an hour{why}", "see mail, below; then briefing send"
        )
    if refused:
        yield warn(
            f"{count(len(refused), 'mailbox', 'mailboxes')} refused mail; after {BOUNCES} times nothing is sent there",
            "briefing send --list tells who; briefing recipients PROFILE --restore ADDRESS tries again",
        )
    if not (unknown or late or refused):
        yield good(f"{count(len(queued), 'message')} on the way" if queued else "nothing waits")
