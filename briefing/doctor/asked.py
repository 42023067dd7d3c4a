"""The sources: how many there are, and how they fare."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from briefing.doctor.finding import Finding, Setup, bad, good, skipped, warn
from briefing.doctor.kept import opened
from briefing.errors import BriefingError
from briefing.fetch.telling import day, standing
from briefing.store.sources import listed

_NAMED = 3


def check(setup: Setup) -> Iterator[Finding]:
    """Bad where there are sources and none of them works."""
    try:
        with opened(setup) as database:
            known = None if database is None else database.read(listed)
    except BriefingError:
        known = None
    if known is None:
        yield skipped("there is no store to ask")
        return
    if not known:
        yield warn("there are none", "briefing add URL, or briefing import FILE.opml")
        return
    states = Counter(standing(one, setup.now) for one in known)
    failing = sorted(
        (one for one in known if one.state.failing_since is not None and one.state.ended_at is None),
        key=lambda one: one.state.failing_since or setup.now,
    )
    told = [f"{states[name]} {name}" for name in ("good", "failing", "ended") if states[name]]
    told += [f"{states['new']} not asked yet"] if states["new"] else []
    summary = f"{len(known)} in all: {', '.join(told)}"
    gone = states["failing"] + states["ended"]
    if not gone:
        yield good(summary)
        return
    longest = "; ".join(f"{one.source.shown} since {day(one.state.failing_since)}" for one in failing[:_NAMED])
    what = f"{summary}{f' ({longest})' if longest else ''}"
    todo = "briefing status tells why, and when each is asked again"
    if gone == len(known):
        yield bad(what, f"{todo}; is this machine on the network?")
    else:
        yield warn(what, todo)
