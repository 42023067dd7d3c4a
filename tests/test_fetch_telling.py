"""What a round is told as, and what is said of the sources that an edition has to do without."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from briefing.fetch.collected import missing, missing_lines
from briefing.fetch.fate import Outcome, are_alike, failed
from briefing.fetch.round import Round
from briefing.fetch.telling import as_dict, in_lines
from briefing.report import Problem
from briefing.sources import Source, SourceState
from briefing.store.articles import Stored
from briefing.store.sources import Fetch, Kept
from briefing.web import WebError
from tests.command import Answer, briefing
from tests.stored import DAY, NOW
from tests.web_server import Handler, Site, reply, serving

HOUR = timedelta(hours=1)


def good(name: str = "good") -> SourceState:
    return SourceState(address=f"http://{name}.test/feed", checked_at=NOW - HOUR, succeeded_at=NOW - HOUR)


def failing(
    name: str, kind: str = "status", error: str = "500", since: timedelta = 3 * DAY, times: int = 3
) -> SourceState:
    state = good(name)
    for _ in range(times):
        state = failed(state, kind, f"http://{name}.test/feed: {error}", NOW - since)
    return state


def asked(name: str, before: SourceState, after: SourceState, **log: object) -> Outcome:
    outcome = "failed" if after.failures else "read"
    entry = Fetch(run="r", source_id=1, url=before.address, at=NOW, seconds=0.4, outcome=outcome)
    source = Source(url=before.address, name=name)
    return Outcome(source=source, before=before, after=after, log=replace(entry, **log))  # type: ignore[arg-type]


def fails(name: str, kind: str = "status", error: str = "500") -> Outcome:
    """A source that was good and fails now."""
    before = good(name)
    return asked(name, before, failed(before, kind, f"http://{name}.test/feed: {error}", NOW))


def fails_on(name: str, kind: str = "status", then: str | None = None) -> Outcome:
    """A source that failed before, of `kind`, and fails again."""
    before = failing(name, kind)
    return asked(name, before, failed(before, then or kind, f"http://{name}.test/feed: 500", NOW))


def is_back(name: str, since: timedelta = 3 * DAY) -> Outcome:
    return asked(name, failing(name, since=since), replace(good(name), checked_at=NOW, succeeded_at=NOW))


def reads(name: str, **log: object) -> Outcome:
    return asked(name, good(name), replace(good(name), checked_at=NOW), **log)


def a_round(*outcomes: Outcome, **rest: object) -> Round:

    return Round(outcomes=list(outcomes), **rest)  # type: ignore[arg-type]


def told(*outcomes: Outcome, quiet: bool = False, verbose: bool = False, **rest: object) -> list[str]:
    return list(in_lines(a_round(*outcomes, **rest), quiet=quiet, verbose=verbose))


# --- told once ---------------------------------------------------------------------------------------------------


def test_a_new_failure_has_a_line_and_one_that_goes_on_is_counted():
    lines = told(fails("New"), fails_on("Old"), fails_on("Older"), reads("Good"))
    assert lines == [
        "New: http://New.test/feed: 500",
        "4 sources asked, 1 failed, 2 still failing (`briefing status`), 0 articles new",
    ]


def test_a_source_that_fails_in_another_way_has_failed_anew():
    assert told(fails_on("Old", "status", then="tls"), reads("Good"))[0].startswith("Old: ")


@pytest.mark.parametrize(("first", "then"), [("deadline", "connection"), ("connection", "dns"), ("dns", "deadline")])
def test_but_a_host_that_is_down_now_this_way_now_that_has_not(first, then):
    assert len(told(fails_on("Old", first, then=then), reads("Good"))) == 1


def test_nor_has_one_that_is_gone_and_asked_again_but_its_end_is_news():
    gone = WebError("status", "410 Gone", status=410)
    before = failing("Old")
    ended = failed(before, "status", "410 Gone", NOW, gone)
    assert told(asked("Old", before, ended), reads("Good"))[0] == "Old: 410 Gone"
    assert len(told(asked("Old", ended, failed(ended, "status", "410 Gone", NOW, gone)), reads("Good"))) == 1


@pytest.mark.parametrize(
    ("since", "words"),
    [(3 * DAY, "3 days"), (DAY, "1 day"), (5 * HOUR, "5 hours"), (HOUR / 4, "15 minutes"), (HOUR / 999, "1 minute")],
)
def test_a_source_that_works_again_says_after_how_long(since, words):
    assert told(is_back("Old", since), reads("Good"))[0] == f"Old: works again, after {words}"


def test_quiet_says_new_failures_and_nothing_else():
    notes = [Problem("Good", "breaks off before its end")]
    outcomes = [fails("New"), fails_on("Old"), is_back("Back"), reads("Good")]
    assert told(*outcomes, quiet=True, notes=notes) == ["New: http://New.test/feed: 500"]
    assert told(*outcomes[1:], quiet=True, notes=notes) == []
    assert "Good: breaks off before its end" in told(*outcomes, notes=notes)


def test_verbose_says_of_each_source_what_came():
    outcomes = [
        fails("New"), fails_on("Old"), is_back("Back"),
        reads("Good", items=25, new=3, edited=1, seconds=1.26), reads("Same", outcome="unchanged"),
        reads("One", items=1),
    ]  # fmt: skip
    lines = told(*outcomes, verbose=True, page_problems=[Problem("http://a.test/7", "403")])
    assert lines[0] == "New: http://New.test/feed: 500 (0.4 s)"
    assert lines[1].startswith("Old: http://Old.test/feed: 500 (0.4 s, failing since 2026-11-20")
    assert lines[2:] == [
        "Back: read, 0 entries, 0 new, 0.4 s",
        "Good: read, 25 entries, 3 new, 1 with a new text, 1.3 s",
        "Same: unchanged, 0.4 s",
        "One: read, 1 entry, 0 new, 0.4 s",
        "Back: works again, after 3 days",
        "http://a.test/7: 403",
        (
            "6 sources asked, 1 unchanged, 1 failed, 1 still failing (`briefing status`), 0 articles new, "
            "1 page without more text"
        ),
    ]


def test_the_plain_values_name_what_changed():
    values = as_dict(a_round(fails("New"), fails_on("Old"), is_back("Back")))
    assert [one["source"] for one in values["failed"]] == ["New", "Old"]
    assert (values["failed_anew"], values["works_again"]) == (["New"], ["Back"])


def test_the_summary_counts_what_there_is():
    line = told(reads("Good"), stored=Stored(1, 2), pages=3, page_problems=[Problem("p", "x")], waiting=2, ended=1)[-1]
    assert line == (
        "1 source asked, 1 article new, 2 with a new text, 3 pages read, 1 page without more text, "
        "2 waiting (--all asks them too), 1 ended"
    )


# --- all alike ---------------------------------------------------------------------------------------------------


def each(*kinds: str, error: str = "nothing") -> list[Outcome]:
    return [fails(f"s{number}", kind, error) for number, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    "kinds",
    [["dns"] * 3, ["content"] * 3, ["status"] * 3, ["dns", "connection", "deadline"], ["tls", "address", "connection"]],
)
def test_all_sources_that_fail_alike_are_told_in_one_line(kinds):
    lines = told(*each(*kinds))
    assert len(lines) == 2
    assert lines[0].startswith("all 3 sources failed alike: http://s0.test/feed: nothing (of s0)")


@pytest.mark.parametrize("kinds", [["dns"] * 2, ["dns", "dns", "status"], ["content", "dns", "connection"]])
def test_two_or_those_that_fail_in_several_ways_are_told_each(kinds):
    assert len(told(*each(*kinds))) == len(kinds) + 1


def test_one_that_is_read_is_enough_not_to_doubt_the_network():
    assert not are_alike([*each("dns", "dns", "dns"), reads("Good")])


def test_addresses_that_may_not_be_asked_are_alike_only_where_several_hosts_have_the_same():
    advice = "not asked: 10.0.0.1 is not a public address (a private network); if it is meant, add {} to intranet"
    hijacked = [fails(name, "address", advice.format(name)) for name in "abc"]
    own = [fails(name, "address", advice.format(name).replace("0.1", f"0.{name}")) for name in "abc"]
    one_host = [fails("a", "address", advice.format("a"))] * 3
    assert [are_alike(some) for some in (hijacked, own, one_host)] == [True, False, False]


def test_a_network_that_is_away_for_hours_is_told_once():
    gone_on = [fails_on(f"s{number}", "dns") for number in range(3)]
    assert told(*gone_on) == ["3 sources asked, 3 still failing (`briefing status`), 0 articles new"]
    assert told(*gone_on, quiet=True) == []
    assert len(told(*gone_on, verbose=True)) == 5


# --- what an edition has to do without ---------------------------------------------------------------------------


def kept(name: str, state: SourceState) -> Kept:
    return Kept(1, Source(url=state.address, name=name), state, NOW - 30 * DAY)


def lines_of(some: Sequence[Kept], last: timedelta | None = DAY) -> list[tuple[str, bool]]:
    found = missing_lines(missing(some, NOW), NOW, NOW - last if last is not None else None)
    return [(one.line, one.is_new) for one in found]


def test_of_twenty_sources_missing_for_days_one_line_is_said_and_each_new_one_has_its_own():
    old = [kept(f"Old {number:02}", failing("o", since=3 * DAY)) for number in range(18)]
    today = [kept("Old 18", failing("o", since=1.5 * HOUR)), kept("Old 19", failing("o", since=2 * HOUR))]
    new = kept("New", failing("n", since=HOUR / 2))
    assert len(missing([*old, *today, new], NOW)) == 21
    first, second = lines_of([*old, *today, new], last=HOUR)
    names = ", ".join(f"Old {number:02}" for number in range(8))
    assert first[0].startswith("New: not read since ")
    assert first[1]
    assert second == (f"20 sources are still missing, 18 for days: {names} and 12 more; see `briefing status`", False)


def test_before_the_first_edition_all_is_new():
    assert [new for _, new in lines_of([kept("a", failing("a")), kept("b", failing("b"))], last=None)] == [True, True]


def test_one_is_one():
    assert lines_of([kept("a", failing("a"))]) == [
        ("1 source is still missing, for days: a; see `briefing status`", False)
    ]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    monkeypatch.chdir(tmp_path)
    state = str(tmp_path / "state")

    def at(day: int, *arguments: str) -> Answer:
        epoch = str(1729576800 + 86400 * day)
        return briefing(*arguments, BRIEFING_STATE=state, BRIEFING_FETCH__INTRANET="127.0.0.1", SOURCE_DATE_EPOCH=epoch)

    return at


def paper(number: int) -> Handler:
    text = f"The passenger ferry number {number} hit Pier 4 in Kestrel Bay on Monday, police said."
    date = "Mon, 21 Oct 2024 18:30:00 GMT"
    entry = f"<guid>{number}</guid><title>Ferry {number} hits pier</title><pubDate>{date}</pubDate>"
    items = f"<item>{entry}<description>{text}</description></item>"
    return reply(f"<rss version='2.0'><channel><title>P</title>{items}</channel></rss>".encode())


def added(run: Callable[..., Answer], site: Site, *paths: str) -> None:
    assert run(0, "add", "--no-check", *(site.url(path) for path in paths)).code == 0


def test_hourly_and_daily_a_failure_is_told_once_and_stays_in_the_edition(run, tmp_path):
    paths = {"/good": paper(1), **{f"/bad/{number}": reply(b"", 500) for number in range(3)}}
    with serving(paths) as site:
        added(run, site, *paths)
        first = run(0, "fetch", "-q", "--no-pages")
        assert (first.code, len(first.err.splitlines())) == (3, 3)
        assert (run(0, "fetch", "-q", "--no-pages").code, run(0, "fetch", "-q", "--no-pages").err) == (3, "")
        built = [run(0, "build", "-q"), run(0, "build", "-q"), run(0, "build")]
        assert [(one.code, len(one.err.splitlines())) for one in built[:2]] == [(3, 3), (3, 0)]
        assert sum("missing" in line or "/bad/" in line for line in built[2].err.splitlines()) == 1, built[2].err
        page = (tmp_path / "briefings" / "2024-10-22.md").read_text(encoding="utf-8")
        assert all(site.url(f"/bad/{number}") in page for number in range(3))


def test_with_nothing_new_and_a_source_missing_no_edition_is_written_and_the_code_is_4(run, tmp_path):
    with serving({"/good": reply(b"<rss version='2.0'><channel/></rss>"), "/bad": reply(b"", 500)}) as site:
        added(run, site, "/good", "/bad")
        run(0, "fetch", "--no-pages")
        answer = run(0, "build")
    assert answer.code == 4
    assert "/bad: never read yet, since" in answer.err
    assert "nothing new" in answer.err.splitlines()[-1]
    assert not (tmp_path / "briefings").exists()
