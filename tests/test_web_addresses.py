"""Which addresses may be asked, and how their text is read."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.errors import UsageError
from briefing.web import Ask, Limits, Web, WebError, network
from briefing.web.addresses import Intranet, numeric, why_not_public
from briefing.web.failures import Fault, shown
from briefing.web.targets import Target, onward, read

PRIVATE = """
0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 100.127.255.255 127.0.0.1 127.255.255.254 168.63.129.16 169.254.169.254 172.16.0.1
172.31.255.255 192.0.0.1 192.0.0.9 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.1.1 192.175.48.1 198.18.0.1
198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 :: ::1 ::127.0.0.1 ::8.8.8.8
::ffff:127.0.0.1 ::ffff:8.8.8.8 64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1 2001:0:7f00:1::1 2001:db8::1 2001:20::1
2001:1::1 2002:7f00:1:: 2002:808:808:: 3fff::1 4000::1 5f00::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%eth0 fec0::1
2606:4700::1%eth0 ff02::1
""".split()
PUBLIC = """
1.1.1.1 8.8.8.8 93.184.215.14 100.63.255.255 100.128.0.1 172.15.255.255 172.32.0.1 192.0.1.1 198.17.255.255 198.20.0.1
223.255.255.255 168.63.129.15 2001:4860:4860::8888 2606:4700::1111 2a00:1450:4001::1 2003::1 2400::1
""".split()


@pytest.mark.parametrize("text", PRIVATE)
def test_an_address_that_is_not_of_one_public_host_is_told_by_what_it_is(text):
    assert why_not_public(ip_address(text))


@pytest.mark.parametrize("text", PUBLIC)
def test_an_address_of_the_public_internet_passes(text):
    assert why_not_public(ip_address(text)) is None


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_no_ipv4_address_that_python_holds_for_private_or_multicast_passes(address):
    if not address.is_global or address.is_multicast:
        assert why_not_public(address)


@given(st.integers(0, 2**32 - 1).map(IPv4Address))
def test_an_ipv4_address_inside_an_ipv6_address_never_passes(address):
    number = int(address)
    for wrapped in (number, 0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80):
        assert why_not_public(IPv6Address(wrapped))


@given(st.integers(0, 2**128 - 1).map(IPv6Address))
def test_every_ipv6_address_that_passes_is_global_unicast(address):
    if why_not_public(address) is None:
        assert address.is_global
        assert address.packed[0] >> 5 == 1


@given(st.integers(0, 2**32 - 1), st.integers(1, 4), st.lists(st.sampled_from("dox"), min_size=4, max_size=4))
def test_any_way_of_writing_an_ipv4_address_is_read_as_the_system_reads_it(number, parts, bases):
    text = written(number, parts, bases)
    assert numeric(text) == IPv4Address(number)
    assert numeric(text + ".") == IPv4Address(number)
    assert socket.inet_aton(text) == IPv4Address(number).packed


def written(number: int, parts: int, bases: Sequence[str]) -> str:
    tail = 4 - (parts - 1)
    values = [*number.to_bytes(4, "big")[: parts - 1], number % 256**tail]
    forms = {"d": "{}", "o": "0{:o}", "x": "0x{:x}"}
    return ".".join(forms[base].format(value) for base, value in zip(bases, values, strict=False))


@pytest.mark.parametrize(
    "host", ["256.1.1.1", "1.2.3.4.5", "1.2.3.09", "4294967296", "foo.0x7f", "a.1", "0x" + "1" * 40]
)
def test_a_host_that_ends_in_a_number_and_is_no_address_is_refused(host):
    with pytest.raises(ValueError, match="a"):
        numeric(host)
    with pytest.raises(Fault) as caught:
        read(f"http://{host}/")
    assert caught.value.kind == "address"


@pytest.mark.parametrize("host", ["example.com", "1e100.net", "2fa.de", "3com", "0xa.example"])
def test_a_name_with_digits_is_a_name(host):
    assert numeric(host) is None
    assert read(f"http://{host}/").host == host


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://Example.COM", "http://example.com/"),
        ("  https://example.com:443/a?b#c\n", "https://example.com/a?b"),
        ("http://example.com.:8080/", "http://example.com:8080/"),
        ("http://user:pa%40ss@example.com/x", "http://example.com/x"),
        ("http://münchen.example/ä", "http://xn--mnchen-3ya.example/%C3%A4"),
        ("http://2130706433/", "http://127.0.0.1/"),
        ("http://0177.0.0.1:81/", "http://127.0.0.1:81/"),
        ("http://a:b@0x7f.1", "http://127.0.0.1/"),
        ("http://[2001:DB8::0:1]:8080/", "http://[2001:db8::1]:8080/"),
        ("http://example.com/%0d%0aX:1", "http://example.com/%0d%0aX:1"),
        ("http://example.com/a b\\c", "http://example.com/a%20b\\c"),
    ],
)
def test_an_address_is_put_into_one_form_without_credentials_and_fragment(text, url):
    assert read(text).url == url
    assert read(url).url == url


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "scheme"),
        ("example.com/feed", "scheme"),
        ("/etc/passwd", "scheme"),
        ("file:///etc/passwd", "scheme"),
        ("data:text/xml,<rss/>", "scheme"),
        ("gopher://127.0.0.1:6379/_INFO", "scheme"),
        ("http+unix://%2Fvar%2Frun%2Fdocker.sock/", "scheme"),
        ("http://", "address"),
        ("http:///etc/passwd", "address"),
        ("http:example.com", "address"),
        ("http://./", "address"),
        ("http://a..b/", "address"),
        ("http://a%00b/", "address"),
        ("http://a%2eb/", "address"),
        ("http://a b/", "address"),
        ("http://example.com\\@127.0.0.1/", "address"),
        ("http://example.com/\r\nX-Injected: 1", "address"),
        ("http://exa\tmple.com/", "address"),
        ("http://[fe80::1%25eth0]/", "address"),
        ("http://[::1", "address"),
        ("http://[::1]x/", "address"),
        ("http://example.com:0/", "address"),
        ("http://example.com:-1/", "address"),
        ("http://example.com:65536/", "address"),
        ("http://example.com:80:90/", "address"),
        (f"http://{'a' * 64}.com/", "address"),
        (f"http://{'a.' * 130}com/", "address"),
        (f"http://example.com/{'a' * 8192}", "address"),
        ("http://１２７.0.0.1/", "address"),
    ],
)
def test_what_is_no_address_of_http_is_refused_unasked(text, kind):
    with pytest.raises(Fault) as caught:
        read(text)
    assert caught.value.kind == kind


@given(st.text(max_size=60), st.sampled_from(["http://", "https://u:p@", "http://[", "http://example.com/", ""]))
def test_any_text_is_either_a_target_or_a_fault(text, before):
    target = target_or_kind(lambda: read(before + text))
    if isinstance(target, str):
        assert target in ("scheme", "address")
    else:
        assert target.url.isascii()
        assert target.url.isprintable()
        assert "@" not in target.url.split("/")[2]
        assert read(target.url).origin == target.origin


def target_or_kind(reading: Callable[[], Target]) -> Target | str:
    try:
        return reading()
    except Fault as fault:
        return fault.kind


@given(st.text(max_size=60))
def test_any_location_is_either_a_target_or_a_fault(location):
    target = target_or_kind(lambda: onward(read("https://u:p@example.com/a/b"), location))
    if isinstance(target, str):
        assert target in ("scheme", "address", "redirects")
    else:
        assert target.credentials is None
        assert target.scheme == "https"


def test_credentials_are_read_as_meant_and_never_shown():
    target = read("https://jo%40desk:pa%3Ass@example.com/feed")
    assert target.credentials == "Basic am9AZGVzazpwYTpzcw=="
    for text in (
        "https://jo:secret@example.com/",
        "https:secret@example.com",
        "//jo:sec@ret@example.com/",
        "x:secret@y",
        "http://jo:se/secret@example.com/",
    ):
        assert "secret" not in shown(text)
        assert "jo" not in shown(text)
    for text in ("https://example.com:8080/@desk/feed", "https://example.com/@desk", "http://[::1]:80/@x", "mailto"):
        assert shown(text) == text
    assert shown("http://example.com/\x1b[31m\u202e") == "http://example.com/\ufffd[31m\ufffd"
    assert len(shown("http://example.com/" + "a" * 9999)) == 200


@pytest.mark.parametrize(
    ("entry", "reached", "refused"),
    [
        ("127.0.0.1", [("x", "127.0.0.1", 9)], [("x", "127.0.0.2", 9)]),
        ("127.0.0.1:8000", [("x", "127.0.0.1", 8000)], [("x", "127.0.0.1", 8001)]),
        ("10.0.0.0/8", [("x", "10.9.8.7", 22)], [("x", "11.0.0.1", 22)]),
        ("10.1.2.3/8:81", [("x", "10.9.8.7", 81)], [("x", "10.9.8.7", 80)]),
        ("::1", [("x", "::1", 9)], [("x", "::2", 9)]),
        ("[::1]:81", [("x", "::1", 81)], [("x", "::1", 80)]),
        ("fd00::/8", [("x", "fd12::1", 80)], [("x", "fe80::1", 80)]),
        ("[fd00::/8]:81", [("x", "fd12::1", 81)], [("x", "fd12::1", 80)]),
        (
            "Wiki.corp.",
            [("wiki.corp", "10.0.0.1", 9)],
            [("wiki.corp.evil", "10.0.0.1", 80), ("a.wiki.corp", "::1", 80)],
        ),
        ("wiki:81", [("wiki", "127.0.0.1", 81)], [("wiki", "127.0.0.1", 80)]),
    ],
)
def test_the_intranet_list_opens_what_it_names_and_nothing_else(entry, reached, refused):
    intranet = Intranet.read([entry])
    for host, address, port in reached:
        assert intranet.why_not(host, ip_address(address), port) is None
    for host, address, port in refused:
        assert intranet.why_not(host, ip_address(address), port)


@pytest.mark.parametrize(
    "entry", ["", "http://wiki.corp", "10.0.0.0/99", "a b", "wiki.corp/x", "*.corp", "[::1", "x:y", "ä"]
)
def test_an_entry_of_the_intranet_list_that_is_no_host_ends_the_run(entry):
    with pytest.raises(UsageError, match="intranet"):
        Web(Limits(intranet=frozenset([entry])))


@pytest.mark.parametrize("port", [22, 25, 6379, 81, 8000])
def test_public_hosts_are_reached_at_the_ports_of_the_web_alone(port):
    assert "port" in (Intranet().why_not("example.com", ip_address("93.184.215.14"), port) or "")
    assert Intranet().why_not("example.com", ip_address("93.184.215.14"), 8443) is None


class Dialled(Exception):
    """Stands where the connection to a public address would be made."""


RESOLVED = {"localhost": "127.0.0.1", "metadata.google.internal": "169.254.169.254", "127.0.0.1.nip.io": "127.0.0.1"}


def resolve(host: str, _: int) -> list[str]:
    return [RESOLVED.get(host, "93.184.215.14")]


def verdict(url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Of the whole client: `allow` when it would have connected."""

    def dial(*_: object) -> socket.socket:
        raise Dialled

    monkeypatch.setattr(network, "dialled", dial)
    with Web(resolve=resolve) as web:
        try:
            web.get(Ask(url=url))
        except Dialled:
            return "allow"
        except WebError as error:
            return "block" if error.kind in ("address", "scheme") else error.kind
    return "answered"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.1/", "block"),
        ("http://127.0.0.1@example.com/", "allow"),
        ("http://example.com@127.0.0.1/", "block"),
        ("http://127.0.0.1#@example.com/", "block"),
        ("http://localhost./", "block"),
        ("http://[::ffff:8.8.8.8]/", "block"),
        ("http://example.com:22/", "block"),
        ("http://0x8.010.2056/", "allow"),
        ("https://example.com:8443/feed", "allow"),
    ],
)
def test_the_client_judges_an_address_as_it_would_connect_to_it(url, expected, monkeypatch):
    assert verdict(url, monkeypatch) == expected


def test_all_labelled_verdicts_are_right(labelled, monkeypatch):
    rows = [
        json.loads(line) for line in (labelled / "attacks" / "own_ssrf_verdicts.jsonl").read_text("utf-8").splitlines()
    ]
    assert rows
    wrong = [row["id"] for row in rows if verdict(row["url"], monkeypatch) != row["expected"]]
    assert wrong == []
