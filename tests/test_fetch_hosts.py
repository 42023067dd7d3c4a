"""Hosts that are left alone for the rest of a run."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.fetch.hosts import Hosts, host_of
from briefing.fetch.round import Wishes
from briefing.fetch.run import fetch
from briefing.sources import Source
from briefing.store.sources import add, listed
from briefing.web import Limits, Web, WebError
from tests.stored import NOW
from tests.web_server import Handler, hang, in_turn, reply, serving

FIRST, SECOND, THIRD = (f"https://a.test/{number}" for number in (1, 2, 3))
SILENT = WebError("deadline", "https://a.test/1: no whole answer in the time given (30 s)")
FEED = reply(
    b"<rss version='2.0'><channel><title>Paper</title><item><guid>a</guid><title>A</title></item></channel></rss>"
)


def busy(seconds: float | None = 60.0, status: int = 429) -> WebError:
    return WebError("status", "https://a.test/1: 429 Too Many Requests", status=status, retry_after=seconds)


def noted(*errors: WebError | None) -> Hosts:
    hosts = Hosts()
    for error in errors:
        hosts.note(FIRST, error)
    return hosts


def test_a_host_that_nobody_asked_is_asked():
    assert Hosts().left(FIRST) is None


@pytest.mark.parametrize("kind", ["deadline", "connection", "dns", "tls", "address"])
def test_after_two_silent_failures_in_a_row_a_host_is_left_alone_and_the_error_says_so(kind):
    error = WebError(kind, "https://a.test/1: nothing")
    assert noted(error).left(SECOND) is None
    left = noted(error, error).left(SECOND)
    assert left is not None
    assert left.kind == kind
    assert str(left) == ("https://a.test/2: not asked, since its host does not answer: https://a.test/1: nothing")


def test_for_pages_one_silent_failure_is_enough():
    assert noted(SILENT).left(SECOND, after=1) is not None


@pytest.mark.parametrize("answer", [None, WebError("status", "404", status=404), WebError("size", "too long")])
def test_any_answer_ends_a_row(answer):
    assert noted(SILENT, answer, SILENT).left(SECOND) is None


def test_two_ports_are_two_hosts_and_letters_case_and_credentials_do_not_matter():
    hosts = noted(SILENT, SILENT)
    assert hosts.left("https://a.test:8443/1") is None
    assert hosts.left("http://a.test/1") is None
    assert hosts.left("https://u:p@A.TEST/x") is not None


def test_a_password_is_not_told():
    left = noted(SILENT, SILENT).left("https://u:canary@a.test/x")
    assert "canary" not in str(left)


def test_what_failed_where_a_redirect_led_says_nothing_of_the_host_that_was_asked():
    there = WebError("deadline", "nothing", elsewhere=True)
    asks = WebError("status", "429", status=429, retry_after=9.0, elsewhere=True)
    assert noted(there, there, there, asks).left(SECOND, after=1) is None


@pytest.mark.parametrize("error", [busy(), busy(None), busy(60.0, 503)], ids=["429 and when", "429", "503 and when"])
def test_a_host_that_asks_for_time_is_left_alone_at_once(error):
    left = noted(error).left(SECOND)
    assert left is not None
    assert (left.kind, left.status, "asks for time" in str(left)) == ("status", error.status, True)


def test_and_says_for_how_long():
    left = noted(busy(60.0)).left(SECOND)
    assert left is not None
    assert left.retry_after == 60.0


def test_what_else_comes_of_it_meanwhile_does_not_change_that():
    left = noted(busy(), None, SILENT, SILENT).left(SECOND)
    assert left is not None
    assert left.kind == "status"


@given(st.text(max_size=40))
def test_whatever_an_address_is_it_has_a_host(text):
    assert host_of(text) == host_of(text)
    assert Hosts().left(text) is None


# --- in a run ----------------------------------------------------------------------------------------------------


def a_round(store, workers: int = 20, timeout: float = 0.4):
    with Web(Limits(timeout=timeout, intranet=frozenset({"127.0.0.1"}))) as web:
        return fetch(store, web, Wishes(workers=workers, pages_within=None), lambda: NOW)


def added(store, site, *paths: str) -> None:
    for path in paths:
        store.write(add, Source(url=site.url(path)), NOW)


def test_fifty_feeds_of_a_host_that_hangs_cost_two_deadlines_and_all_fail_alike(store):
    with serving(hang()) as site:
        added(store, site, *(f"/{number}" for number in range(50)))
        began = time.monotonic()
        result = a_round(store)
        assert time.monotonic() - began < 3
        assert len(site.requests) == 2
    assert result.kinds == {"deadline": 50}
    assert sum("its host does not answer" in (one.state.error or "") for one in store.read(listed)) == 48


def test_one_feed_that_hangs_costs_its_host_nothing(store):
    paths: dict[str, Handler] = {"/1": FEED, "/2": hang(), "/3": FEED, "/4": hang(), "/5": FEED}
    with serving(paths) as site:
        added(store, site, *paths)
        result = a_round(store)
    assert len(result.failed) == 2
    assert result.asked == 5


def test_where_a_host_asks_for_time_its_other_feeds_wait_and_have_not_failed(store):
    with serving({"/1": FEED, "/2": reply(b"", 429, {"Retry-After": "3600"}), "/3": FEED, "/4": FEED}) as site:
        added(store, site, "/1", "/2", "/3", "/4")
        result = a_round(store, timeout=5)
        assert site.paths == ["/1", "/2"]
    assert (result.asked, len(result.failed), result.waiting) == (2, 1, 2)
    for one in store.read(listed)[2:]:
        assert (one.state.failures, one.state.failing_since) == (0, None)
        assert one.state.next_at == NOW + timedelta(seconds=3600)


def test_the_next_run_asks_the_host_again(store):
    with serving({path: in_turn(hang(), FEED) for path in ("/1", "/2")} | {"/3": FEED}) as site:
        added(store, site, "/1", "/2", "/3")
        assert len(a_round(store).failed) == 3
        assert a_round(store, timeout=5).failed == []
