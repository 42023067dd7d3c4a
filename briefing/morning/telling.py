"""What came of the outbox, in lines for whoever runs it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from briefing.deliver.outbox import Posted
from briefing.render.wording import count
from briefing.store.sends import Send

_NAMED = 5


def told(posted: Posted, unknown: Literal["hold", "resend"]) -> list[str]:
    """A line for each thing that did not go as it should; `unknown` is what is done with messages in doubt."""
    lines = []
    if posted.dropped:
        lines.append(f"not sent to {count(len(posted.dropped), 'reader')} who left meanwhile, or whose mailbox refuses")
    lines += [
        f"not sent to {one.recipient} ({one.profile}, {one.day}): {why or 'refused'}" for one, why in posted.refused
    ]
    lines += [f"nothing is sent to {one} any more: refused for good three times in a row" for one in posted.suppressed]
    if posted.later:
        why = posted.later[0][1]
        lines.append(f"{count(len(posted.later), 'message')} to be tried again later: {why or 'the server was busy'}")
    doubts = [*posted.unknown, *posted.doubted, *posted.held]
    if doubts:
        what = (
            "sent again, as the settings say"
            if unknown == "resend"
            else "held: `briefing send --unknown resend` sends them again, `--unknown drop` does not"
        )
        lines.append(f"nobody knows whether {_names(doubts)} got the mail; {what}")
    if posted.failure:
        lines.append(f"{posted.failure}; {count(posted.unsent, 'message')} wait in the outbox")
    if posted.stopped:
        lines.append("ended by a signal; what is not sent waits: `briefing send`")
    return lines


def as_dict(send: Send) -> dict[str, Any]:
    """A message of the outbox as plain values."""
    return {
        "profile": send.profile,
        "day": send.day.isoformat(),
        "recipient": send.recipient,
        "state": send.state,
        "tries": send.tries,
        "message_id": send.message_id,
        "next_at": send.next_at.isoformat() if send.state == "queued" else None,
        "changed_at": send.changed_at.isoformat(),
        "answer": send.answer,
    }


def _names(sends: Sequence[Send]) -> str:
    shown = ", ".join(one.recipient for one in sends[:_NAMED])
    return shown if len(sends) <= _NAMED else f"{shown} and {len(sends) - _NAMED} more"
