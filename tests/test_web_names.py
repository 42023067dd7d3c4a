"""Names: asked for once, every address judged, and a real name server where this machine lets one be put up."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence

import pytest

from briefing.web import Ask, Limits, Web, WebError, network
from tests.command import environment
from tests.web_server import reply, serving


def failure(
    resolve: Callable[[str, int], Sequence[str]], url: str = "http://news.example/", timeout: float = 0.5
) -> WebError:
    with Web(Limits(timeout=timeout), resolve=resolve) as web, pytest.raises(WebError) as caught:
        web.get(Ask(url=url))
    return caught.value


def failing(error: Exception) -> Callable[[str, int], Sequence[str]]:
    def resolve(*_: object) -> Sequence[str]:
        raise error

    return resolve


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "not found"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "failed to answer"),
        (socket.gaierror(socket.EAI_FAIL, "Non-recoverable failure"), "server failed"),
        (OSError("no"), "server failed"),
        (UnicodeError("label too long"), "server failed"),
        (RuntimeError("bug"), "server failed"),
    ],
)
def test_a_name_that_cannot_be_resolved_is_told_by_why(error, told):
    raised = failure(failing(error))
    assert raised.kind == "dns"
    assert told in str(raised)


def test_a_resolver_that_hangs_is_left_at_the_deadline():
    def hanging(*_: object) -> Sequence[str]:
        time.sleep(5)
        return []

    began = time.monotonic()
    raised = failure(hanging)
    assert (raised.kind, "in time" in str(raised)) == ("dns", True)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("answer", [[], ["rubbish"], ["1.2.3"]])
def test_an_answer_without_an_address_is_a_failure_of_the_name_server(answer):
    assert failure(lambda *_: answer).kind == "dns"


def test_a_name_is_asked_for_once_a_connection_so_that_a_second_answer_changes_nothing():
    asked: Counter[str] = Counter()

    def flipping(host: str, _: int) -> Sequence[str]:
        asked[host] += 1
        return ["127.0.0.1"] if asked[host] == 1 else ["127.0.0.9"]

    with serving({"/": reply(b"x")}, ("127.0.0.1", "127.0.0.9")) as site:
        limits = Limits(pause=0.0, intranet=frozenset([f"127.0.0.1:{site.port}"]))
        with Web(limits, resolve=flipping) as web:
            for _ in range(3):
                assert web.get(Ask(url=site.url("/", "flip.example"))).data == b"x"
    assert asked == {"flip.example": 1}
    assert {seen.host for seen in site.requests} == {"127.0.0.1"}


def test_a_name_that_turns_private_after_a_redirect_is_refused():
    asked = []

    def rebinding(host: str, _: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["127.0.0.2"]

    def once(_, wire):
        wire.send(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    with serving(once, ("127.0.0.1", "127.0.0.2")) as site:
        limits = Limits(pause=0.0, intranet=frozenset([f"127.0.0.1:{site.port}"]))
        with Web(limits, resolve=rebinding) as web, pytest.raises(WebError) as caught:
            web.get(Ask(url=site.url("/", "flip.example")))
    assert caught.value.kind == "address"
    assert [seen.host for seen in site.requests] == ["127.0.0.1"]


class Dialled(Exception):
    """Stands where a connection would be made."""


@pytest.mark.parametrize(
    ("answer", "reached"),
    [
        (["::1", "93.184.215.14"], ["93.184.215.14"]),
        (["10.0.0.1", "2606:4700::1111", "169.254.169.254", "1.1.1.1"], ["2606:4700::1111", "1.1.1.1"]),
        (["64:ff9b::7f00:1", "8.8.8.8"], ["8.8.8.8"]),
        ([f"8.8.8.{number}" for number in range(20)], [f"8.8.8.{number}" for number in range(6)]),
    ],
)
def test_of_public_and_private_addresses_together_only_the_public_are_connected_to(answer, reached, monkeypatch):
    dialled = []

    def dial(address, _port, _seconds):
        dialled.append(str(address))
        raise OSError(111, "refused")

    monkeypatch.setattr(network, "dialled", dial)
    assert failure(lambda *_: answer).kind == "connection"
    assert dialled == reached


def test_an_address_that_hangs_leaves_time_for_the_next(monkeypatch):
    real = network.dialled

    def dial(address, port, seconds):
        if str(address) == "127.0.0.3":
            time.sleep(seconds)
            raise TimeoutError
        return real(address, port, seconds)

    monkeypatch.setattr(network, "dialled", dial)
    with serving({"/": reply(b"x")}) as site:
        limits = Limits(timeout=0.6, intranet=frozenset(["127.0.0.0/8"]))
        with Web(limits, resolve=lambda *_: ["127.0.0.3", "127.0.0.1"]) as web:
            assert web.get(Ask(url=site.url("/", "two.example"))).data == b"x"


def test_a_private_address_is_refused_with_the_way_to_allow_it():
    raised = failure(lambda *_: ["192.168.1.1"])
    assert raised.kind == "address"
    assert "to intranet under [fetch]" in str(raised)
    assert "192.168.1.1" in str(raised)


def test_a_name_on_the_intranet_list_may_be_private():
    with serving({"/": reply(b"x")}) as site:
        limits = Limits(intranet=frozenset(["wiki.corp"]))
        with Web(limits, resolve=lambda *_: ["127.0.0.1"]) as web:
            assert web.get(Ask(url=site.url("/", "Wiki.Corp."))).data == b"x"
            with pytest.raises(WebError, match="intranet"):
                web.get(Ask(url=site.url("/", "other.corp")))


# In namespaces of its own: a name server on port 53 that this process asks like any other, and no network besides.
SCRIPT = r"""
import socket, struct, subprocess, sys, threading, time
from briefing.web import Ask, Limits, Web, WebError

if sys.argv[1] == "names":
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind(("127.0.0.1", 53))
    asked = {}

    def answer():
        while True:
            query, sender = server.recvfrom(512)
            labels, at = [], 12
            while query[at]:
                labels.append(query[at + 1 : at + 1 + query[at]].decode())
                at += 1 + query[at]
            kind = struct.unpack("!H", query[at + 1 : at + 3])[0]
            name = ".".join(labels)
            code, records = 0, b""
            if name.startswith("gone"):
                code = 3
            elif name.startswith("broken"):
                code = 2
            elif name.startswith("silent"):
                continue
            elif kind == 1:
                asked[name] = asked.get(name, 0) + 1
                address = "127.0.0.1" if asked[name] == 1 else "127.0.0.2"
                records = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 0, 4) + socket.inet_aton(address)
            flags = struct.pack("!HHHHHH", *struct.unpack("!H", query[:2]), 0x8180 | code, 1, bool(records), 0, 0)
            server.sendto(flags + query[12 : at + 5] + records, sender)

    threading.Thread(target=answer, daemon=True).start()
    page = socket.create_server(("127.0.0.1", 8080))

    def serve():
        while True:
            connected, _ = page.accept()
            connected.recv(4096)
            connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\nx")
            connected.close()

    threading.Thread(target=serve, daemon=True).start()

limits = Limits(timeout=1.0, pause=0.0, intranet=frozenset(["127.0.0.1"]))
with Web(limits) as web:
    for url in sys.argv[2:]:
        began = time.monotonic()
        try:
            told = web.get(Ask(url=url)).data.decode()
        except WebError as error:
            told = f"{error.kind} {error}"
        print(time.monotonic() - began < 1.5, told)
"""


def in_namespaces(tmp_path, kind: str, *urls: str) -> list[str]:
    """What the script printed, run where there is no network but its own."""
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.1\noptions attempts:1 timeout:5\n")
    (tmp_path / "nsswitch.conf").write_text("hosts: files dns\n")
    mounts = "".join(f"mount --bind {tmp_path}/{name} /etc/{name} && " for name in ("resolv.conf", "nsswitch.conf"))
    asked = ["unshare", "-rnm", "sh", "-c", f'{mounts}exec "$@"', "sh", sys.executable, "-c", SCRIPT, kind, *urls]
    try:
        subprocess.run([*asked[:4], f"{mounts}true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no namespaces can be made here")
    done = subprocess.run(asked, check=True, capture_output=True, text=True, env=environment())
    return done.stdout.splitlines()


def test_a_real_name_server_that_changes_its_mind_fails_or_is_silent(tmp_path):
    hosts = ("flip", "flip", "gone", "broken", "silent")
    lines = in_namespaces(tmp_path, "names", *(f"http://{host}.example:8080/" for host in hosts))
    first, second, gone, broken, silent = lines
    assert first == "True x"
    assert second.startswith("True address")
    assert "127.0.0.2" in second
    assert gone.startswith("True dns")
    assert "not found" in gone
    assert broken.startswith("True dns")
    assert "failed to answer" in broken
    assert silent.startswith("True dns")
    assert "in time" in silent


def test_without_any_network_every_ask_ends_soon_and_says_so(tmp_path):
    name, address = in_namespaces(tmp_path, "none", "http://news.example/", "http://93.184.215.14/")
    assert name.startswith("True dns")
    assert address.startswith("True connection")
    assert "connected?" in address
