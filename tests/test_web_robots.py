"""robots.txt, as RFC 9309 and this project's policy have it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.web import Ask, Limits, Web, WebError, client
from briefing.web.deadline import Deadline
from briefing.web.failures import Fault
from briefing.web.robots import KEPT, READ, Robots
from briefing.web.targets import read
from tests.web_server import Handler, drip, hang, in_turn, raw, redirect, reply, reset, serving

PAGE = reply(b"page")


@pytest.fixture(autouse=True)
def _quick_tries(monkeypatch):
    monkeypatch.setattr(client, "BASE", 0.05)


def local(timeout: float = 2.0, *entries: str) -> Web:
    return Web(Limits(timeout=timeout, pause=0.0, intranet=frozenset(entries or ["127.0.0.0/8"])))


def outcome(web: Web, url: str) -> str:
    try:
        return web.get(Ask(url=url, robots=True)).data.decode()
    except WebError as error:
        return error.kind


def failure(web: Web, url: str) -> WebError:
    with pytest.raises(WebError) as caught:
        web.get(Ask(url=url, robots=True))
    return caught.value


def under(rules: Handler, path: str = "/page") -> str:
    with serving({"/robots.txt": rules, path: PAGE}) as site, local() as web:
        return outcome(web, site.url(path))


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        (b"User-agent: *\nDisallow: /", "robots"),
        (b"User-agent: *\nDisallow: /private", "page"),
        (b"User-agent: *\nDisallow: /pa*e$", "robots"),
        (b"User-agent: *\nDisallow: /\nAllow: /page", "page"),
        (b"User-agent: briefing\nDisallow: /\n\nUser-agent: *\nAllow: /", "robots"),
        (b"User-agent: Briefing\nAllow: /\n\nUser-agent: *\nDisallow: /", "page"),
        (b"User-agent: debriefing\nDisallow: /", "page"),
        (b"\xef\xbb\xbfUser-agent: *\r\nDisallow: /", "robots"),
        (b"\xff\xfe\x00 <html>", "page"),
        (b"", "page"),
    ],
)
def test_what_robots_txt_says_is_obeyed(rules, expected):
    assert under(reply(rules)) == expected


@pytest.mark.parametrize("status", [204, 400, 401, 403, 404, 410])
def test_a_site_without_robots_txt_allows_all(status):
    assert under(reply(b"", status)) == "page"


def test_a_site_that_asks_for_time_allows_nothing_for_now_and_says_how_long():
    assert under(reply(b"", 429)) == "robots-unread"
    busy = reply(b"", 503, {"Retry-After": "60"})
    with serving({"/robots.txt": busy, "/page": PAGE}) as site, local() as web:
        assert [failure(web, site.url("/page")).retry_after for _ in range(2)] == [60.0, 60.0]


@pytest.mark.parametrize(
    "rules",
    [
        reply(b"", 500),
        reply(b"", 503, {"Retry-After": "60"}),
        redirect("/robots.txt"),
        redirect("file:///etc/passwd"),
        raw(b"rubbish\r\n\r\n"),
        reply(b"x", headers={"Content-Encoding": "br"}),
    ],
    ids=["500", "503", "circle", "file", "rubbish", "br"],
)
def test_a_robots_txt_that_cannot_be_read_allows_nothing(rules):
    assert under(rules) == "robots-unread"


def test_a_host_that_does_not_answer_fails_as_it_does_for_any_address():
    assert under(reset()) == "connection"
    with local(2.0, "a.test") as web:
        assert outcome(web, "http://127.0.0.1:9/page") == "address"
    with serving(PAGE) as site:
        pass
    with local() as web:
        error = failure(web, site.url("/page"))
    assert error.kind == "connection"
    assert "robots.txt could not be read: the connection was refused" in str(error)


def test_but_where_a_redirect_of_robots_txt_led_says_nothing_of_the_host():
    with serving(PAGE) as gone:
        pass
    assert under(redirect(gone.url("/robots.txt"))) == "robots-unread"


def test_the_reason_is_told_and_the_page_is_not_asked():
    with serving({"/robots.txt": reply(b"", 500), "/page": PAGE}) as site, local() as web:
        error = failure(web, site.url("/page"))
    assert (error.kind, error.status) == ("robots-unread", None)
    assert "500" in str(error)
    assert "/page" not in site.paths


def test_a_robots_txt_that_redirects_into_this_machine_allows_nothing_and_is_not_asked_there():
    with serving(reply(b"")) as sentinel:
        onward = redirect(f"http://127.0.0.1:{sentinel.port}/robots.txt")
        with serving({"/robots.txt": onward, "/page": PAGE}) as site, local(2.0, f"127.0.0.1:{site.port}") as web:
            assert outcome(web, site.url("/page")) == "robots-unread"
    assert sentinel.connections == 0


def test_a_redirected_robots_txt_is_read_where_it_is():
    paths = {"/robots.txt": redirect("/r"), "/r": reply(b"User-agent: *\nDisallow: /a"), "/a": PAGE, "/b": PAGE}
    with serving(paths) as site, local() as web:
        assert [outcome(web, site.url(path)) for path in ("/a", "/b")] == ["robots", "page"]


@pytest.mark.parametrize("rules", [drip(), hang()], ids=["drip", "hang"])
def test_a_robots_txt_that_does_not_end_allows_nothing_within_the_deadline(rules):
    with serving({"/robots.txt": rules, "/page": PAGE}) as site, local(0.5) as web:
        began = time.monotonic()
        assert [outcome(web, site.url("/page")) for _ in range(2)] == ["deadline", "deadline"]
        assert time.monotonic() - began < 2
    assert site.paths == ["/robots.txt"]


def test_the_first_512_kib_are_read_and_the_rest_is_not():
    start = b"User-agent: *\nDisallow: /early\n"
    rules = start + b"#" * (READ - len(start)) + b"\nDisallow: /late\n" + b"#" * READ
    with serving({"/robots.txt": reply(rules), "/early": PAGE, "/late": PAGE}) as site, local() as web:
        assert [outcome(web, site.url(path)) for path in ("/early", "/late")] == ["robots", "page"]


def test_robots_txt_is_read_once_by_however_many_threads_and_for_pages_alone():
    with serving({"/robots.txt": reply(b"x"), "/page": PAGE}) as site, local() as web, ThreadPoolExecutor(4) as threads:
        assert web.get(Ask(url=site.url("/page"))).data == b"page"
        assert set(threads.map(lambda _: outcome(web, site.url("/page")), range(8))) == {"page"}
    assert site.paths.count("/robots.txt") == 1
    assert site.paths[:2] == ["/page", "/robots.txt"]


def test_every_host_of_a_redirect_is_asked_for_its_own():
    rules = in_turn(reply(b"", 404), reply(b"User-agent: *\nDisallow: /"))

    def both(seen, wire):
        if seen.path == "/robots.txt":
            return rules(seen, wire)
        return (redirect(site.url("/page", "127.0.0.2")) if seen.host == "127.0.0.1" else PAGE)(seen, wire)

    with serving(both, ("127.0.0.1", "127.0.0.2")) as site, local() as web:
        assert outcome(web, site.url("/page")) == "robots"
    assert [(seen.host[-1], seen.path) for seen in site.requests] == [
        ("1", "/robots.txt"),
        ("1", "/page"),
        ("2", "/robots.txt"),
    ]


def test_crawl_delay_is_kept_between_two_pages():
    with serving({"/robots.txt": reply(b"User-agent: *\nCrawl-delay: 0.3"), "/page": PAGE}) as site, local(0.25) as web:
        outcome(web, site.url("/page"))
        began = time.monotonic()
        assert outcome(web, site.url("/page")) == "page"
        assert 0.29 <= time.monotonic() - began < 2


def test_a_crawl_delay_beyond_reason_is_thirty_seconds():
    robots = Robots(lambda *_: b"User-agent: *\nCrawl-delay: 86400")
    assert robots.permit(read("http://example.com/"), Deadline(1)) == 30.0


def test_what_was_read_is_read_anew_after_a_day():
    now = [0.0]
    fetched = []

    def fetch(url: str, _: Deadline) -> bytes:
        fetched.append(url)
        if len(fetched) == 1:
            raise Fault("status", "500", status=500)
        return b""

    robots = Robots(fetch, clock=lambda: now[0])
    target = read("https://example.com:8443/page?x")
    for now[0] in (0.0, KEPT):
        with pytest.raises(Fault, match="500"):
            robots.permit(target, Deadline(1))
    now[0] = KEPT + 1
    assert robots.permit(target, Deadline(1)) == 0.0
    assert fetched == ["https://example.com:8443/robots.txt"] * 2


def test_waiting_for_another_threads_reading_is_not_counted():
    started = threading.Event()

    def fetch(*_: object) -> bytes:
        started.set()
        time.sleep(0.3)
        return b""

    robots = Robots(fetch)
    target = read("http://example.com/")
    first = threading.Thread(target=robots.permit, args=(target, Deadline(1)))
    first.start()
    started.wait()
    deadline = Deadline(1)
    robots.permit(target, deadline)
    first.join()
    assert deadline.left() > 0.9


@given(st.binary(max_size=300), st.sampled_from([b"", b"User-agent: *\n", b"User-agent: *\nDisallow: "]))
def test_any_bytes_are_rules_or_none(data, before):
    robots = Robots(lambda *_: before + data)
    try:
        allowed = robots.permit(read("http://example.com/a/b?c=d"), Deadline(1)) >= 0
    except Fault as fault:
        allowed = fault.kind == "robots"
    assert allowed


def test_a_hostile_robots_txt_costs_little_time():
    rules = b"User-agent: *\n" + b"".join(b"Disallow: /*a%d*b*c$\n" % number for number in range(20_000))
    robots = Robots(lambda *_: rules[:READ])
    began = time.process_time()
    robots.permit(read("http://example.com/" + "a" * 8000), Deadline(1))
    assert time.process_time() - began < 4
