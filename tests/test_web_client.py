"""The client against a server that does as it should."""

from __future__ import annotations

import gzip
import re
import socket
import subprocess
import sys
import threading
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from briefing import HOMEPAGE, __version__
from briefing.errors import BriefingError, UsageError
from briefing.web import Answer, Ask, Limits, Resolve, Web, WebError, client, network, targets
from briefing.web.failures import Fault
from tests.command import environment
from tests.web_server import Seen, Wire, endless, hang, head, in_turn, redirect, reply, reset, serving

LOCAL = frozenset(["127.0.0.0/8"])


@pytest.fixture(autouse=True)
def _quick_tries(monkeypatch):
    monkeypatch.setattr(client, "BASE", 0.05)


def local(timeout: float = 2.0, pause: float = 1.0, contact: str | None = None, resolve: Resolve | None = None) -> Web:
    return Web(Limits(timeout=timeout, pause=pause, contact=contact, intranet=LOCAL), resolve=resolve)


def failure(web: Web, url: str, **wishes: str | int | bool) -> WebError:
    with pytest.raises(WebError) as caught:
        web.get(Ask(url=url, **wishes))  # type: ignore[arg-type]  # each test knows its own
    return caught.value


def test_an_answer_has_the_bytes_and_what_the_server_said_of_them():
    fields = {
        "Content-Type": "Application/RSS+XML; Charset=ISO-8859-1",
        "ETag": 'W/"7"',
        "Last-Modified": "Mon, 23 Nov 2026 08:00:00 GMT",
    }
    with serving({"/feed?x=1": reply(b"<rss/>", headers=fields)}) as site, local() as web:
        answer = web.get(Ask(url=site.url("/feed?x=1#top")))
    assert answer == Answer(
        status=200,
        url=site.url("/feed?x=1"),
        data=b"<rss/>",
        content_type="application/rss+xml",
        charset="iso-8859-1",
        etag='W/"7"',
        last_modified="Mon, 23 Nov 2026 08:00:00 GMT",
    )


def test_a_request_says_who_asks_and_what_is_taken_and_nothing_else():
    with serving({"/": reply(b"x")}) as site, local(contact="desk@example.org") as web:
        web.get(Ask(url=site.url(), accept="text/html"))
    assert dict(site.requests[0].headers) == {
        "host": f"127.0.0.1:{site.port}",
        "user-agent": f"briefing/{__version__} (+{HOMEPAGE}; desk@example.org)",
        "accept": "text/html",
        "accept-encoding": "gzip, deflate",
    }


def test_a_contact_that_would_break_the_request_ends_the_run():
    with pytest.raises(UsageError, match="contact"):
        Web(Limits(contact="a\r\nX: 1"))


@pytest.mark.parametrize(
    ("coding", "encoded"), [("gzip", gzip.compress(b"text", mtime=0)), ("deflate", zlib.compress(b"text"))]
)
def test_a_compressed_body_is_decoded(coding, encoded):
    with serving({"/": reply(encoded, headers={"Content-Encoding": coding})}) as site, local() as web:
        assert web.get(Ask(url=site.url())).data == b"text"


def test_connections_are_kept_open_and_no_cookie_is_kept():
    with serving({"/": reply(b"x", headers={"Set-Cookie": "a=b; Path=/"})}) as site, local() as web:
        for _ in range(3):
            web.get(Ask(url=site.url()))
    assert site.connections == 1
    assert all("cookie" not in seen.headers for seen in site.requests)


def test_no_proxy_is_taken_from_the_environment(monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    with serving({"/": reply(b"x")}) as site, local() as web:
        assert web.get(Ask(url=site.url())).data == b"x"


def test_what_has_not_changed_comes_as_304_with_the_validators_of_before():
    with serving({"/": reply(status=304, headers={"ETag": '"8"'})}) as site, local() as web:
        answer = web.get(Ask(url=site.url(), etag='"7"', last_modified="Mon, 23 Nov 2026 08:00:00 GMT"))
    assert (answer.status, answer.data, answer.etag) == (304, b"", '"8"')
    assert answer.last_modified == "Mon, 23 Nov 2026 08:00:00 GMT"
    assert site.requests[0].headers["if-none-match"] == '"7"'
    assert site.requests[0].headers["if-modified-since"] == "Mon, 23 Nov 2026 08:00:00 GMT"


def test_a_validator_that_could_not_stand_in_a_request_is_not_sent():
    with serving({"/": reply(b"x")}) as site, local() as web:
        web.get(Ask(url=site.url(), etag='"7"\r\nX-Injected: 1', last_modified="\u202e"))
    assert {"if-none-match", "if-modified-since", "x-injected"} & set(site.requests[0].headers) == set()


def test_a_304_that_nobody_asked_for_and_an_empty_200_and_a_204_are_failures():
    with serving({"/304": reply(status=304), "/empty": reply(b""), "/204": reply(status=204)}) as site, local() as web:
        assert failure(web, site.url("/304")).kind == "protocol"
        assert failure(web, site.url("/empty")).kind == "protocol"
        assert (failure(web, site.url("/204")).kind, failure(web, site.url("/204")).status) == ("status", 204)


@pytest.mark.parametrize("status", [201, 206, 300, 400, 401, 403, 404, 410, 418, 429, 451, 505, 599])
def test_any_other_status_is_a_failure_that_has_it_and_is_not_tried_again(status):
    with serving({"/": reply(b"no", status)}) as site, local() as web:
        error = failure(web, site.url())
    assert (error.kind, error.status, error.retry_after) == ("status", status, None)
    assert str(status) in str(error)
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", [429, 503, 500])
def test_a_server_that_says_when_to_come_back_is_left_alone_until_then(status):
    with serving({"/": reply(b"", status, {"Retry-After": "90"})}) as site, local() as web:
        error = failure(web, site.url())
    assert (error.status, error.retry_after) == (status, 90.0)
    assert "90 s" in str(error)
    assert len(site.requests) == 1


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_that_fails_is_asked_twice_more(status):
    busy = reply(b"", status, {"Retry-After": "soon"})
    with serving({"/": busy, "/well": in_turn(busy, busy, reply(b"x"))}) as site, local(timeout=5) as web:
        assert failure(web, site.url()).status == status
        assert web.get(Ask(url=site.url("/well"))).data == b"x"
    assert site.paths == ["/"] * 3 + ["/well"] * 3


def test_tries_end_with_the_deadline(monkeypatch):
    monkeypatch.setattr(client, "BASE", 60.0)
    with serving({"/": reply(b"", 503)}) as site, local(timeout=0.3) as web:
        began = time.monotonic()
        assert failure(web, site.url()).status == 503
        assert time.monotonic() - began < 2


def test_a_reset_is_tried_again_and_half_an_answer_is_not_handed_on():
    half = reset(head(200, {"Content-Length": "10"}) + b"half")
    with serving({"/": in_turn(half, half, reply(b"whole")), "/never": half}) as site, local(timeout=5) as web:
        assert web.get(Ask(url=site.url())).data == b"whole"
        assert failure(web, site.url("/never")).kind == "connection"
    assert site.paths == ["/"] * 3 + ["/never"] * 3


def test_an_idle_connection_that_the_server_has_closed_is_replaced():
    def once(_: Seen, wire: Wire) -> None:
        wire.send(head(200, {"Content-Length": "1"}) + b"x")

    with serving({"/": once}) as site, local() as web:
        for _ in range(3):
            assert web.get(Ask(url=site.url())).data == b"x"
            time.sleep(0.02)
    assert site.connections == 3


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_followed(status):
    with serving({"/a": redirect("b?c#d", status), "/b?c": reply(b"x")}) as site, local() as web:
        answer = web.get(Ask(url=site.url("/a")))
    assert answer.url == site.url("/b?c")
    assert answer.moved == (site.url("/b?c") if status in (301, 308) else None)


def test_moved_is_where_the_permanent_redirects_before_any_other_led():
    paths = {
        "/1": redirect("/2", 301),
        "/2": redirect("/3", 308),
        "/3": redirect("/4", 302),
        "/4": redirect("/5", 301),
        "/5": reply(b"x"),
    }
    with serving(paths) as site, local() as web:
        assert web.get(Ask(url=site.url("/1"))).moved == site.url("/3")
        assert web.get(Ask(url=site.url("/3"))).moved is None
        assert web.get(Ask(url=site.url("/5"))).moved is None


def test_five_redirects_are_followed_and_six_are_not():
    paths = {f"/{number}": redirect(f"/{number + 1}") for number in range(21)}
    with serving({**paths, "/21": reply(b"x")}) as site, local() as web:
        assert web.get(Ask(url=site.url("/16"))).data == b"x"
        site.requests.clear()
        assert failure(web, site.url("/0")).kind == "redirects"
    assert site.paths == [f"/{number}" for number in range(6)]


@pytest.mark.parametrize("location", ["/", "#top", "/b"])
def test_redirects_in_a_circle_are_noticed(location):
    with serving({"/": redirect(location), "/b": redirect("/")}) as site, local() as web:
        assert "circle" in str(failure(web, site.url()))
    assert len(site.requests) <= 2


def test_a_redirect_to_nowhere_is_a_failure():
    with serving({"/": reply(status=302), "/blank": redirect(" ")}) as site, local() as web:
        assert failure(web, site.url()).kind == "redirects"
        assert failure(web, site.url("/blank")).kind == "redirects"


def test_another_host_is_sent_neither_validators_nor_credentials():
    def both(seen: Seen, wire: Wire) -> bool | None:
        return (redirect("/b") if seen.path == "/" else redirect(other) if seen.path == "/b" else reply(b"x"))(
            seen, wire
        )

    with serving(both, ("127.0.0.1", "127.0.0.2")) as site, local() as web:
        other = site.url("/c", host="user:pass@127.0.0.2")
        answer = web.get(Ask(url=site.url("/", host="jo:secret@127.0.0.1"), etag='"7"'))
    assert answer.url == site.url("/c", host="127.0.0.2")
    assert [seen.headers.get("authorization") for seen in site.requests] == ["Basic am86c2VjcmV0"] * 2 + [None]
    assert [seen.headers.get("if-none-match") for seen in site.requests] == ['"7"', '"7"', None]


@pytest.mark.parametrize(
    ("url", "sent"),
    [
        ("http://example.com/other", True),
        ("https://example.com/", True),
        ("https://example.com:8443/", False),
        ("http://example.com:8080/", False),
        ("https://www.example.com/", False),
    ],
)
def test_credentials_go_to_their_own_origin_or_its_host_over_https(url, sent):
    assert client._is_for(targets.read("http://jo:secret@example.com/"), targets.read(url)) is sent


def test_a_message_names_the_address_without_its_credentials():
    with serving({"/x": redirect("/y")}) as site, local() as web:
        error = failure(web, site.url("/x", host="jo:secret@127.0.0.1"))
    assert str(error) == f"{site.url('/x')} (redirected to {site.url('/y')}): 404 Not Found"
    assert isinstance(error, BriefingError)


def test_a_longer_body_than_the_limit_is_refused_at_its_content_length():
    announced = hang(head(200, {"Content-Length": "1001"}))
    with serving({"/": announced, "/whole": reply(b"x" * 1000)}) as site, local() as web:
        assert failure(web, site.url(), limit=1000).kind == "size"
        assert len(web.get(Ask(url=site.url("/whole"), limit=1000)).data) == 1000


def test_one_host_is_asked_one_thing_at_a_time_and_two_hosts_are_not():
    busy: dict[str, int] = {}
    most: dict[str, int] = {}
    lock = threading.Lock()

    def count(seen: Seen, wire: Wire) -> bool:
        with lock:
            busy[seen.host] = busy.get(seen.host, 0) + 1
            most[seen.host] = max(most.get(seen.host, 0), busy[seen.host])
            most["all"] = max(most.get("all", 0), sum(busy.values()))
        wire.rest(0.05)
        with lock:
            busy[seen.host] -= 1
        return bool(reply(b"x")(seen, wire))

    hosts = ("127.0.0.1", "127.0.0.2")
    with serving(count, hosts) as site, local() as web, ThreadPoolExecutor(8) as threads:
        answers = threads.map(lambda number: web.get(Ask(url=site.url(f"/{number}", hosts[number % 2]))), range(8))
        assert {answer.data for answer in answers} == {b"x"}
    assert most == {"127.0.0.1": 1, "127.0.0.2": 1, "all": 2}


def test_the_wait_for_a_turn_is_not_counted_and_a_hung_request_gives_its_turn_back():
    def slow(seen: Seen, wire: Wire) -> bool | None:
        wire.rest(10 if seen.path == "/hang" else 0.3)
        return reply(b"x")(seen, wire)

    with serving(slow) as site, local(timeout=0.5) as web, ThreadPoolExecutor(4) as threads:
        hung = threads.submit(failure, web, site.url("/hang"))
        time.sleep(0.05)
        waiting = [threads.submit(web.get, Ask(url=site.url(f"/{number}"))) for number in range(3)]
        assert hung.result().kind == "deadline"
        assert [each.result().data for each in waiting] == [b"x"] * 3


def test_a_public_host_is_given_a_pause_between_two_requests():
    def arrived(_: Seen, wire: Wire) -> bool:
        times.append(time.monotonic())
        return bool(reply(b"x")(_, wire))

    times: list[float] = []
    with serving(arrived) as site, local(timeout=0.2, pause=0.3, resolve=lambda *_: ["127.0.0.1"]) as web:
        for _ in range(2):
            web.get(Ask(url=site.url(host="news.example")))  # not on the list by its name
        for _ in range(2):
            web.get(Ask(url=site.url()))
    assert times[1] - times[0] >= 0.3
    assert times[3] - times[2] < 0.2


@pytest.mark.parametrize("handler", [endless(b"x", head(200)), hang(head(200) + b"half"), hang()])
def test_close_ends_what_is_waited_for_and_makes_no_answer_of_what_came(handler):
    with serving({"/": handler, "/x": reply(b"x")}) as site, ThreadPoolExecutor(2) as threads:
        web = local(timeout=30)
        running = [threads.submit(failure, web, site.url(), limit=10**12) for _ in range(2)]
        while not site.requests:
            time.sleep(0.01)
        time.sleep(0.05)
        began = time.monotonic()
        web.close()
        assert {each.result().kind for each in running} == {"connection"}
        assert time.monotonic() - began < 2
        assert "closed" in str(failure(web, site.url("/x")))


@pytest.mark.skipif(not socket.has_ipv6, reason="no IPv6 here")
def test_an_ipv6_address_is_reached_where_it_is_on_the_list():
    with serving({"/": reply(b"x")}, ("::1",)) as site:
        with Web(Limits(intranet=frozenset([f"[::1]:{site.port}"]))) as web:
            assert web.get(Ask(url=site.url("/", "[0:0::1]"))).url == site.url("/", "[::1]")
        with Web() as web:
            assert failure(web, site.url("/", "[::1]")).kind == "address"
    assert len(site.requests) == 1
    assert site.requests[0].headers["host"] == f"[::1]:{site.port}"


class Lingering(socket.socket):
    """Is shut down at once and closed later, as a reading thread may see it."""

    def close(self) -> None:
        pass


def test_the_end_of_a_connection_that_this_side_closed_is_no_end_of_a_body():
    ours, theirs = socket.socketpair()
    lingering = Lingering(fileno=ours.detach())
    stream = network.Stream(lingering, 1000)
    theirs.sendall(b"half")
    assert stream.read(100, time.monotonic() + 1) == b"half"
    stream.close()
    with pytest.raises(Fault, match="closed"):
        stream.read(100, time.monotonic() + 1)
    assert not stream.ended
    super(Lingering, lingering).close()
    theirs.close()


def test_http_is_loaded_when_a_client_is_made_and_not_before():
    told = "import sys, briefing.web; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True, env=environment())
    assert {"httpx2", "httpcore2", "h11", "tenacity", "protego", "asyncio"} & set(done.stdout.split()) == set()


def test_a_small_request_on_an_open_connection_costs_less_than_two_milliseconds():
    with serving({"/": reply(b"x" * 1000)}) as site, local() as web:
        ask = Ask(url=site.url())
        web.get(ask)
        began = time.thread_time()
        for _ in range(200):
            web.get(ask)
        assert (time.thread_time() - began) / 200 < 0.002


def test_a_page_may_name_any_address_without_its_being_asked():
    page = (
        b'<meta http-equiv=refresh content="0;url=http://127.0.0.1:%d/sentinel"><link rel=canonical href="/sentinel">'
    )
    with serving({"/": reply(page % 9)}) as site, local() as web:
        assert re.search(rb"sentinel", web.get(Ask(url=site.url())).data)
    assert site.paths == ["/"]
