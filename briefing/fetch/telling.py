"""A round and the sources' state, in words and as plain values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from briefing.canonical import without_credentials
from briefing.dates import utc_text
from briefing.fetch.fate import Outcome, are_alike
from briefing.fetch.round import Round
from briefing.store.sources import Kept

PageFailures = Mapping[int, tuple[int, str]]
"""By source: how many of its pages gave nothing lately, and why the last did not."""

Given = Mapping[int, tuple[int, datetime]]
"""By source: how many articles of it are stored, and when the last new one was first seen."""


def in_lines(result: Round, *, quiet: bool = False, verbose: bool = False) -> Iterator[str]:
    """What a round came to: a line per source that fails anew or works again, then a summary.

    Sources that fail as they did the last time are only counted. `quiet`: new failures and nothing else. `verbose`: a
    line for every source, and for every page that failed.
    """
    failed = [one for one in result.outcomes if one.has_failed]
    new = [one for one in failed if one.is_new]
    alike = are_alike(result.outcomes)
    if alike and (new or verbose):
        first = failed[0]
        yield (
            f"all {len(failed)} sources failed alike: {first.after.error} (of {first.source.shown}); "
            "is this machine on the network, and no login page in between?"
        )
    if verbose:
        yield from map(_in_a_line, result.outcomes)
    elif not alike:
        yield from (_said(one.source.shown, one.after.error or "failed") for one in new)
    if not quiet:
        for one in result.outcomes:
            if (past := one.failed_for) is not None:
                yield f"{one.source.shown}: works again, after {age(past)}"
        yield from (_said(one.source, one.error) for one in result.notes)
    if verbose:
        yield from (_said(one.source, one.error) for one in result.page_problems)
    if not quiet:
        yield _summary(result, len(new), len(failed) - len(new))


def _in_a_line(one: Outcome) -> str:
    """What came of asking a source, as one who looks for a fault wants it."""
    log = one.log
    if one.has_failed:
        before = "" if one.is_new else f", failing since {day(one.after.failing_since)}"
        return f"{_said(one.source.shown, one.after.error or 'failed')} ({log.seconds:.1f} s{before})"
    parts = ["unchanged"] if log.outcome == "unchanged" else [f"read, {count(log.items, 'entry', 'entries')}"]
    parts += [f"{log.new} new"] if log.outcome != "unchanged" else []
    parts += [f"{log.edited} with a new text"] if log.edited else []
    return f"{one.source.shown}: {', '.join(parts)}, {log.seconds:.1f} s"


def _said(source: str, error: str) -> str:
    return f"{source}: {error.removeprefix(f'{source}: ')}"


def _summary(result: Round, new: int, known: int) -> str:
    parts = [f"{count(result.asked, 'source')} asked"]
    parts += [f"{result.unchanged} unchanged"] if result.unchanged else []
    parts += [f"{new} failed"] if new else []
    parts += [f"{known} still failing (`briefing status`)"] if known else []
    parts += [f"{count(result.stored.new, 'article')} new"]
    parts += [f"{result.stored.edited} with a new text"] if result.stored.edited else []
    parts += [f"{count(result.pages, 'page')} read"] if result.pages else []
    parts += [f"{count(len(result.page_problems), 'page')} without more text"] if result.page_problems else []
    parts += [f"{result.waiting} waiting (--all asks them too)"] if result.waiting else []
    parts += [f"{result.ended} ended"] if result.ended else []
    return ", ".join(parts)


def as_dict(result: Round) -> dict[str, Any]:
    """A round as plain values. `failed` are all that failed, `failed_anew` and `works_again` the names that changed."""
    return {
        "asked": result.asked,
        "unchanged": result.unchanged,
        "waiting": result.waiting,
        "ended": result.ended,
        "new": result.stored.new,
        "edited": result.stored.edited,
        "pages": result.pages,
        "pages_failed": len(result.page_problems),
        "failed": [asdict(one) for one in result.failed],
        "failed_anew": [one.source.shown for one in result.outcomes if one.is_new],
        "works_again": [one.source.shown for one in result.outcomes if one.failed_for is not None],
        "notes": [asdict(one) for one in result.notes],
    }


def status_dict(one: Kept, now: datetime, pages: PageFailures, given: Given) -> dict[str, Any]:
    """A source, its settings and how it fares, as plain values: `own_name` is what the reader calls it."""
    failed_pages, page_error = pages.get(one.id, (0, None))
    articles, newest = given.get(one.id, (0, None))
    source, state = one.source, one.state
    return {
        "url": source.public_url,
        "kind": source.kind,
        "name": source.shown,
        "own_name": source.name,
        "title": source.title,
        "tags": list(source.tags),
        "folder": list(source.folder),
        "publisher": source.publisher,
        "owner": source.owner,
        "text": source.text,
        "max_items": source.max_items,
        "max_pages": source.max_pages,
        "articles": articles,
        "newest_at": _text(newest),
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


def status_lines(
    known: Iterable[Kept], now: datetime, pages: PageFailures, given: Given | None = None
) -> Iterator[str]:
    """A line for each source, those that fail first, then a summary; with `given` what it gave and its settings too."""
    rows = sorted(known, key=lambda one: (standing(one, now) not in {"ended", "failing"}, one.source.shown.casefold()))
    for one in rows:
        number, why = pages.get(one.id, (0, ""))
        yield _line(one, now) + (f"; {count(number, 'page')} gave nothing more, the last: {why}" if number else "")
        if given is not None:
            yield f"{'':9}{'; '.join(_details(one, given))}"
    counts = {name: sum(standing(one, now) == name for one in rows) for name in ("good", "failing", "ended", "new")}
    told = [f"{counts['good']} good", f"{counts['failing']} failing", f"{counts['ended']} ended"]
    told += [f"{counts['new']} not asked yet"] if counts["new"] else []
    if rows:
        yield f"{count(len(rows), 'source')}: {', '.join(told)}"


def _details(one: Kept, given: Given) -> Iterator[str]:
    """How many articles a source gave, and its settings as far as they are set."""
    articles, newest = given.get(one.id, (0, None))
    yield f"{count(articles, 'article')}, the last new one {day(newest)}" if articles else "no article"
    source = one.source
    settings = {
        "calls itself": source.title if source.name else None,
        "kind": source.kind if source.kind != "feed" else None,
        "publisher": source.publisher,
        "owner": source.owner,
        "tags": ", ".join(source.tags),
        "outlines": " / ".join(source.folder),
        "text": source.text if source.text != "auto" else None,
        "max-items": source.max_items,
        "max-pages": source.max_pages,
    }
    yield from (f"{key}: {value}" for key, value in settings.items() if value not in {None, ""})


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
            return f"ended    {label}: gone for good since {day(state.ended_at)} (410); briefing remove {url}"
        case "failing":
            times = f", {state.failures} times in a row" if state.failures > 1 else ""
            last = f"last good {day(state.succeeded_at)}" if state.succeeded_at else "never good yet"
            again = f"from {day(state.next_at)}" if state.next_at else "at the next fetch"
            why = (state.error or "").removeprefix(f"{url}: ")
            return f"failing  {label}: since {day(state.failing_since)}{times} ({last}): {why}; asked again {again}"
        case "new":
            return f"new      {label}: not asked yet"
        case _:
            moved = (
                f"; moved to {without_credentials(state.moved_to)} (seen {count(state.moved_seen, 'time')})"
                if state.moved_to
                else ""
            )
            moved = f"; now at {without_credentials(state.address)}" if state.address != source.url else moved
            return f"good     {label}: last asked {day(state.checked_at)}{moved}"


def day(moment: datetime | None) -> str:
    """A moment as a reader's own clock shows it."""
    return moment.astimezone().strftime("%Y-%m-%d %H:%M") if moment else "never"


def _text(moment: datetime | None) -> str | None:
    return utc_text(moment) if moment else None


def age(past: timedelta) -> str:
    """How long, in its greatest unit."""
    for unit, length in (("day", timedelta(days=1)), ("hour", timedelta(hours=1))):
        if past >= length:
            return count(past // length, unit)
    return count(max(1, past // timedelta(minutes=1)), "minute")


def count(number: int, noun: str, many: str | None = None) -> str:
    """A number of things."""
    return f"{number} {noun if number == 1 else many or f'{noun}s'}"
