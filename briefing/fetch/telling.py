"""A round and the sources' state, in words and as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from briefing.canonical import without_credentials
from briefing.dates import utc_text
from briefing.fetch.run import Round
from briefing.store.sources import Kept

PageFailures = Mapping[int, tuple[int, str]]
"""By source: how many of its pages gave nothing lately, and why the last did not."""

_ALIKE = 3  # sources from which on a failure of all of them is told as one


def in_lines(result: Round, *, quiet: bool = False, verbose: bool = False) -> Iterator[str]:
    """What a round came to: a line per failing source, then a summary."""
    alike = len(result.failed) == result.asked >= _ALIKE and len(result.kinds) == 1 and not result.kinds["address"]
    if alike:
        first = result.failed[0]
        yield (
            f"all {result.asked} sources failed alike: {first.error} (of {first.source}); "
            "is this machine on the network, and no login page in between?"
        )
    lines = [
        *(result.failed if verbose or not alike else ()),
        *result.notes,
        *(result.page_problems if verbose else ()),
    ]
    for problem in lines:
        yield f"{problem.source}: {problem.error.removeprefix(f'{problem.source}: ')}"
    if not quiet:
        parts = [f"{_count(result.asked, 'source')} asked"]
        parts += [f"{result.unchanged} unchanged"] if result.unchanged else []
        parts += [f"{len(result.failed)} failed"] if result.failed else []
        parts += [f"{_count(result.stored.new, 'article')} new"]
        parts += [f"{result.stored.edited} with a new text"] if result.stored.edited else []
        parts += [f"{_count(result.pages, 'page')} read"] if result.pages else []
        parts += [f"{_count(result.page_failures, 'page')} without more text"] if result.page_failures else []
        parts += [f"{result.waiting} waiting after failures (--all asks them too)"] if result.waiting else []
        parts += [f"{result.ended} ended"] if result.ended else []
        yield ", ".join(parts)


def as_dict(result: Round) -> dict[str, Any]:
    """A round as plain values."""
    return {
        "asked": result.asked,
        "unchanged": result.unchanged,
        "waiting": result.waiting,
        "ended": result.ended,
        "new": result.stored.new,
        "edited": result.stored.edited,
        "pages": result.pages,
        "pages_failed": result.page_failures,
        "failed": [asdict(one) for one in result.failed],
        "notes": [asdict(one) for one in result.notes],
    }


def status_dict(one: Kept, now: datetime, pages: PageFailures) -> dict[str, Any]:
    """A source and how it fares, as plain values."""
    failed_pages, page_error = pages.get(one.id, (0, None))
    source, state = one.source, one.state
    return {
        "url": source.public_url,
        "kind": source.kind,
        "name": source.shown,
        "tags": list(source.tags),
        "folder": list(source.folder),
        "publisher": source.publisher,
        "owner": source.owner,
        "state": standing(one, now),
        "failing_since": _text(state.failing_since),
        "failures": state.failures,
        "error_kind": state.error_kind,
        "error": state.error,
        "checked_at": _text(state.checked_at),
        "succeeded_at": _text(state.succeeded_at),
        "next_at": _text(state.next_at),
        "address": without_credentials(state.address),
        "moved_to": without_credentials(state.moved_to) if state.moved_to else None,
        "added_at": _text(one.added_at),
        "pages_failed": failed_pages,
        "page_error": page_error,
    }


def status_lines(known: Iterable[Kept], now: datetime, pages: PageFailures) -> Iterator[str]:
    """A line for each source, those that fail first, then a summary."""
    rows = sorted(known, key=lambda one: (standing(one, now) not in {"ended", "failing"}, one.source.shown.casefold()))
    for one in rows:
        number, why = pages.get(one.id, (0, ""))
        yield _line(one, now) + (f"; {_count(number, 'page')} gave nothing more, the last: {why}" if number else "")
    counts = {name: sum(standing(one, now) == name for one in rows) for name in ("good", "failing", "ended", "new")}
    told = [f"{counts['good']} good", f"{counts['failing']} failing", f"{counts['ended']} ended"]
    told += [f"{counts['new']} not asked yet"] if counts["new"] else []
    if rows:
        yield f"{_count(len(rows), 'source')}: {', '.join(told)}"


def standing(one: Kept, now: datetime) -> str:  # noqa: ARG001 - a later state may depend on the time
    """`good`, `failing`, `ended`, or `new` for a source that was never asked."""
    if one.state.ended_at is not None:
        return "ended"
    if one.state.failing_since is not None:
        return "failing"
    return "good" if one.state.checked_at is not None else "new"


def _line(one: Kept, now: datetime) -> str:
    source, state = one.source, one.state
    url = source.public_url
    label = f"{source.shown}  {url}" if source.shown != url else url
    match standing(one, now):
        case "ended":
            return f"ended    {label}: gone for good since {_day(state.ended_at)} (410); briefing remove {url}"
        case "failing":
            times = f", {state.failures} times in a row" if state.failures > 1 else ""
            last = f"last good {_day(state.succeeded_at)}" if state.succeeded_at else "never good yet"
            again = f"; asked again from {_day(state.next_at)}" if state.next_at else ""
            return f"failing  {label}: since {_day(state.failing_since)}{times} ({last}): {state.error}{again}"
        case "new":
            return f"new      {label}: not asked yet"
        case _:
            moved = (
                f"; moved to {without_credentials(state.moved_to)} (seen {state.moved_seen} times)"
                if state.moved_to
                else ""
            )
            moved = f"; now at {without_credentials(state.address)}" if state.address != source.url else moved
            return f"good     {label}: last asked {_day(state.checked_at)}{moved}"


def missing(known: Iterable[Kept], now: datetime) -> list[tuple[str, str]]:
    """The sources that an edition made now has to do without, and why: (name, words); of one that ended, for a day."""
    found = []
    for one in known:
        if one.state.ended_at is not None and now - one.state.ended_at > timedelta(days=1):
            continue
        if (since := one.state.failing_since or one.state.ended_at) is not None:
            days = (now - since) // timedelta(days=1)
            age = f"for {_count(days, 'day')}" if days else f"since {_day(since)}"
            never = "" if one.state.succeeded_at else "never read yet, "
            found.append((one.source.shown, f"{never or 'not read '}{age}: {one.state.error or 'gone for good'}"))
    return found


def _day(moment: datetime | None) -> str:
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else "never"


def _text(moment: datetime | None) -> str | None:
    return utc_text(moment) if moment else None


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
