"""The client against servers that want to hold it, fill it, or lead it astray."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from briefing.web import Ask, Limits, Web, WebError, client
from tests.command import environment
from tests.web_server import Handler, Site, drip, endless, hang, head, raw, redirect, reply, reset, serving

MIB = 1024 * 1024
CHUNKED = {"Transfer-Encoding": "chunked"}


@pytest.fixture(autouse=True)
def _quick_tries(monkeypatch):
    monkeypatch.setattr(client, "BASE", 0.005)


def allowing(*sites: Site, timeout: float = 0.5) -> Web:
    """May reach these servers at their own ports, and nothing else of this machine."""
    entries = [f"127.0.0.0/8:{site.port}" for site in sites]
    return Web(Limits(timeout=timeout, pause=0.0, intranet=frozenset(entries)))


def failure(web: Web, url: str) -> WebError:
    with pytest.raises(WebError) as caught:
        web.get(Ask(url=url))
    return caught.value


def within(seconds: float, function: Callable[[], WebError]) -> WebError:
    began = time.monotonic()
    outcome = function()
    assert time.monotonic() - began < seconds
    return outcome


@cache
def bomb(coding: str) -> bytes:
    """400 MiB of nothing in gzip, 100 MiB otherwise."""
    engine = zlib.compressobj(6, wbits=31 if coding == "gzip" else 15)
    return b"".join(engine.compress(bytes(MIB)) for _ in range(400 if coding == "gzip" else 100)) + engine.flush()


def bombed(coding: str, data: bytes) -> Handler:
    return reply(data, headers={"Content-Encoding": coding})


PEAK = """
import sys, time
from briefing.web import Ask, Limits, Web, WebError

def peak():  # ru_maxrss would begin at the parent's
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

with Web(Limits(timeout=30, intranet=frozenset(["127.0.0.1"]))) as web:
    web.get(Ask(url=sys.argv[1]))
    base, kept = peak(), []
    for url in sys.argv[2:]:
        began = time.monotonic()
        try:
            web.get(Ask(url=url))
            kind = "none"
        except WebError as error:
            kind = error.kind
            kept.append(error)
        print(kind, (peak() - base) // 1024, time.monotonic() - began)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is measured as Linux tells it")
def test_bombs_and_endless_bodies_take_neither_memory_nor_time():
    paths = {
        "/": reply(b"x"),
        "/gzip": bombed("gzip", bomb("gzip")),
        "/deflate": bombed("deflate", bomb("deflate")),
        "/double": bombed("gzip, gzip", gzip.compress(bomb("gzip"))),
        "/twice": bombed("gzip", gzip.compress(bomb("gzip"))),
        "/br": bombed("br", bytes(MIB)),
        "/zstd": bombed("zstd", bytes(MIB)),
        "/endless": endless(bytes(MIB)),
    }
    with serving(paths) as site:
        urls = [site.url(path) for path in paths]
        asked = [sys.executable, "-c", PEAK, *urls]
        done = subprocess.run(asked, capture_output=True, text=True, check=True, env=environment())
        assert site.cut_off.wait(2)
    rows = [line.split() for line in done.stdout.splitlines()]
    kinds = dict(zip(list(paths)[1:], (row[0] for row in rows), strict=True))
    assert kinds == {
        "/gzip": "size",
        "/deflate": "size",
        "/double": "coding",
        "/twice": "none",  # what was inside is not unpacked again
        "/br": "coding",
        "/zstd": "coding",
        "/endless": "size",
    }
    assert 8 < max(int(row[1]) for row in rows) < 25  # one body, whatever errors are kept
    assert max(float(row[2]) for row in rows) < 2


def test_a_body_that_is_shorter_than_it_says_is_kept_as_damaged():
    paths = {
        "/length": raw(head(200, {"Content-Length": "100"}) + b"<rss>half"),
        "/chunked": raw(head(200, CHUNKED) + b"9\r\n<rss>half\r\n"),
        "/chunk": raw(head(200, CHUNKED) + b"99\r\n<rss>half"),
        "/gzip": raw(head(200, {"Content-Encoding": "gzip"}) + gzip.compress(b"<rss>half", 0)[:-12]),
        "/nothing": raw(head(200, {"Content-Length": "100"})),
        "/whole": raw(head(200) + b"<rss>half"),
    }
    with serving(paths) as site, allowing(site, timeout=2) as web:
        for path in ("/length", "/chunked", "/chunk"):
            answer = web.get(Ask(url=site.url(path)))
            assert (answer.data, answer.damaged) == (b"<rss>half", True), path
        answer = web.get(Ask(url=site.url("/gzip")))
        assert answer.damaged
        assert b"<rss>half".startswith(answer.data)
        assert not web.get(Ask(url=site.url("/whole"))).damaged
        assert failure(web, site.url("/nothing")).kind == "connection"


@pytest.mark.parametrize(
    "handler",
    [
        drip(),
        drip(head(200, CHUNKED), b"1\r\nx\r\n"),
        drip(b"HTTP/1.1 200 OK\r\n", b"X-Slow: 1\r\n"),
        drip(b"", b"H"),
        drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        drip(head(200, {"Content-Encoding": "gzip"}), gzip.compress(b"", mtime=0)),
        hang(),
        hang(head(200, {"Content-Length": "10"})),
        hang(head(200, {"Content-Length": "10"}) + b"five!"),
        hang(b"HTTP/1.1 200 OK\r\nContent-Le"),
    ],
    ids=["body", "chunks", "fields", "status", "continue", "empty", "silent", "no body", "half", "half head"],
)
def test_a_slow_server_is_left_at_the_deadline(handler):
    with serving(handler) as site, allowing(site, timeout=0.25) as web:
        error = within(2, lambda: failure(web, site.url()))
    assert error.kind == "deadline"
    assert "0.25 s" in str(error)


def test_redirects_and_tries_share_one_deadline():
    def slow(seen, wire):
        wire.rest(0.2)
        return redirect(f"/{seen.number}")(seen, wire)

    with serving(slow) as site, allowing(site) as web:
        assert within(2, lambda: failure(web, site.url())).kind == "deadline"


def test_a_server_that_takes_no_connection_is_left_at_the_deadline():
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        port = full.getsockname()[1]
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.settimeout(0.0)
            each.connect_ex(("127.0.0.1", port))
        with Web(Limits(timeout=0.5, intranet=frozenset(["127.0.0.1"]))) as web:
            assert within(2, lambda: failure(web, f"http://127.0.0.1:{port}/")).kind == "deadline"
        for each in waiting:
            each.close()


def test_hosts_that_hang_hold_up_their_own_threads_alone():
    hosts = [f"127.0.0.{number}" for number in range(1, 21)]

    def some(seen, wire):
        return (hang() if int(seen.host.rpartition(".")[2]) <= 6 else reply(b"x"))(seen, wire)

    def status(host: str) -> int:
        try:
            return web.get(Ask(url=site.url("/", host))).status
        except WebError:
            return 0

    with serving(some, hosts) as site, allowing(site) as web, ThreadPoolExecutor(4) as threads:
        began = time.monotonic()
        statuses = list(threads.map(status, hosts))
        assert time.monotonic() - began < 2.2
    assert statuses == [0] * 6 + [200] * 14


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        (head(200, [(f"X-{number}", "y") for number in range(201)]) + b"x", "headers"),
        (head(200, [("X", "y" * 10 * MIB)]) + b"x", "headers"),
        (head(200, [("X", "y" * 70_000)]) + b"x", "headers"),
        (head(200, [(f"X-{number}", "y" * 1000) for number in range(10_000)]) + b"x", "headers"),
        (head(302, [("Location", "/" + "y" * MIB)]), "headers"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 100_000, "headers"),
        (head(302, [("Location", "/" + "y" * 9000)]), "address"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "connection"),
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "protocol"),
        (b"\x00" * 1000, "protocol"),
        (b"<html>", "connection"),
        (head(200, [("Content-Length", "1"), ("Content-Length", "2")]) + b"xx", "protocol"),
        (head(200, [("Content-Length", "-1")]) + b"x", "protocol"),
        (head(200, CHUNKED) + b"zz\r\nx\r\n", "protocol"),
        (head(200, [("Transfer-Encoding", "gzip, chunked")]) + b"1\r\nx\r\n0\r\n\r\n", "protocol"),
        (head(200, [("Content-Length", "3"), ("Content-Encoding", "gzip")]) + b"abc", "coding"),
        (head(101, [("Upgrade", "x"), ("Connection", "upgrade")]), "protocol"),
    ],
)
def test_what_is_no_answer_of_http_or_has_too_long_a_head_is_refused(sent, kind):
    with serving(raw(sent)) as site, allowing(site, timeout=2) as web:
        assert within(1.99, lambda: failure(web, site.url())).kind == kind


@settings(max_examples=40)
@given(st.binary(max_size=200), st.sampled_from([b"", b"HTTP/1.1 ", head(200, CHUNKED), head(200, {"Location": "x"})]))
def test_any_bytes_are_an_answer_or_a_web_error(data, before):
    NOISE["/"] = raw(before + data)
    try:
        outcome = bool(NOISE_WEB[0].get(Ask(url=NOISE_SITE[0].url())).data)
    except WebError:
        outcome = True
    assert outcome


NOISE: dict[str, Handler] = {}
NOISE_SITE: list[Site] = []
NOISE_WEB: list[Web] = []


@pytest.fixture(autouse=True, scope="module")
def _noise():
    with serving(NOISE) as site, allowing(site, timeout=5) as web:
        NOISE_SITE.append(site)
        NOISE_WEB.append(web)
        yield


LOCATIONS = {
    "http://127.0.0.1:{port}/": "address",
    "http://[::ffff:127.0.0.1]:{port}/": "address",
    "http://2130706433:{port}/": "address",
    "//0x7f.1:{port}/": "address",
    "http://localhost:{port}/": "address",
    "http://user@127.0.0.1:{port}/": "address",
    "http://169.254.169.254/latest/meta-data/": "address",
    "http://[fe80::1%25eth0]/": "address",
    "http:///etc/passwd": "address",
    "file:///etc/passwd": "scheme",
    "gopher://127.0.0.1:{port}/_x": "scheme",
    "data:text/xml,<rss/>": "scheme",
    "javascript:alert(1)": "scheme",
}


@pytest.mark.parametrize(("location", "kind"), LOCATIONS.items())
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_into_this_machine_or_to_another_scheme_is_refused_unasked(location, kind, status):
    with serving(reply(b"secret")) as sentinel:
        onward = redirect(location.format(port=sentinel.port), status)
        paths = {"/": onward, "/3": redirect("/2"), "/2": redirect("/1"), "/1": onward}
        with serving(paths) as site, allowing(site) as web:
            assert failure(web, site.url()).kind == kind
            assert failure(web, site.url("/3")).kind == kind
    assert sentinel.connections == 0


def labelled_paths(port: int) -> dict[str, Mapping[str, Handler]]:
    """The labelled cases of redirects, as a server would play them."""
    loopback = redirect(f"http://127.0.0.1:{port}/")
    return {
        "307 -> http://[::ffff:127.0.0.1]:{port}/": {"/": redirect(f"http://[::ffff:127.0.0.1]:{port}/", 307)},
        "308 -> file:///etc/passwd": {"/": redirect("file:///etc/passwd", 308)},
        "302 chain of 3 public then loopback": {"/": redirect("/1"), "/1": redirect("/2"), "/2": loopback},
        "302 loop to itself": {"/": redirect("/")},
        "302 chain of 21 distinct URLs": {"/": redirect("/1")} | {f"/{n}": redirect(f"/{n + 1}") for n in range(1, 21)},
        '<meta http-equiv=refresh content="0;url=http://127.0.0.1/">': {},
        "rel=canonical to http://127.0.0.1/": {},
        "DNS: A public + AAAA ::1 together": {},  # tests/test_web_names.py
        "robots.txt 302 -> loopback": {"/robots.txt": loopback, "/": reply(b"x")},
        "Location 1 MB long": {"/": redirect("/" + "y" * MIB)},
    }


def test_all_labelled_redirects_are_refused(labelled):
    rows = (labelled / "attacks" / "own_redirect_dns_cases.jsonl").read_text("utf-8").splitlines()
    with serving(reply(b"secret")) as sentinel:
        played = labelled_paths(sentinel.port)
        for row in map(json.loads, rows):
            paths = played[row["case"]] or {"/": reply(f"{row['case']} http://127.0.0.1:{sentinel.port}/".encode())}
            with serving(paths) as site, allowing(site) as web:
                if played[row["case"]]:
                    with pytest.raises(WebError):
                        web.get(Ask(url=site.url(), robots=True))
                else:
                    assert web.get(Ask(url=site.url())).moved is None
    assert sentinel.connections == 0


@pytest.mark.parametrize("before", [b"", b"HTTP/1.1 200 OK\r\nContent-", head(200, CHUNKED) + b"5\r\nhello\r\n"])
def test_a_reset_is_told_as_a_failed_connection(before):
    with serving(reset(before, after=0.01)) as site, allowing(site, timeout=2) as web:
        assert failure(web, site.url()).kind == "connection"


def test_a_port_where_nothing_listens_is_told_so():
    with serving({}) as site:
        pass
    with allowing(site) as web:
        error = failure(web, site.url())
    assert error.kind == "connection"
    assert "refused" in str(error)
