"""TLS and passwords on the way to a mail server: what is never sent in the clear, and what is told when it fails."""

from __future__ import annotations

import base64
import logging
import ssl
import time
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from briefing.deliver.smtp import Server, Smtp
from briefing.errors import DeliveryFailed, UsageError
from briefing.letters import Parcel
from tests.mail_server import CLOSE, DRIP, STALL, MailServer, mail_server

trustme = pytest.importorskip("trustme")

PASSWORD = "pä ss-canary-7f3a"
LOGIN = ("ada", PASSWORD)
SENT = Parcel("b@example.org", "ada@example.org", b"Subject: x\r\n\r\nHello.\r\n")
HOLDS = 0.5  # seconds for a step


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    made = trustme.CA()
    made.file = tmp_path_factory.mktemp("authority") / "authority.pem"
    made.cert_pem.write_to_path(str(made.file))
    return made


def certified(authority, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name).configure_cert(context)
    return context


def logged_in(server: MailServer, authority, security: str = "starttls", password: str = PASSWORD, **changes) -> Smtp:
    given = {"timeout": HOLDS, "answer_timeout": HOLDS, "certificates": authority.file, **changes}
    name = {"username": "ada", "password": SecretStr(password), "local_name": "desk.example.org"}
    return Smtp(Server(server.host, server.port, security, **{**name, **given}))  # type: ignore[arg-type]


def always() -> bool:
    return True


def failure(carrier: Smtp) -> str:
    with carrier, pytest.raises(DeliveryFailed) as caught:
        carrier(SENT, always)
    text = str(caught.value)
    assert PASSWORD not in text
    assert text.isprintable()
    return text


@pytest.mark.parametrize("from_the_start", [False, True])
@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
def test_a_password_goes_only_where_tls_is(authority, from_the_start, mechanism):
    tls = certified(authority)
    with mail_server(tls, LOGIN, from_the_start=from_the_start, mechanisms=(mechanism,)) as server:
        with logged_in(server, authority, "tls" if from_the_start else "starttls") as carrier:
            assert carrier(SENT, always).outcome == "sent"
        plain = [line for is_safe, line in server.commands if not is_safe]
        assert plain == ([] if from_the_start else ["EHLO desk.example.org", "STARTTLS"])
        assert f"AUTH {mechanism}" in " ".join(line for is_safe, line in server.commands if is_safe)


def not_offered(authority):
    return {"tls": None}, 'it offers no STARTTLS.*has to be "tls"'


def another_name(authority):
    return {"tls": certified(authority, "other.example")}, "certificate is for another address.*certificates under"


def another_authority(authority):
    return {"tls": certified(trustme.CA())}, "does not trust.*certificates under"


def put_off(authority):
    return {"tls": certified(authority), "starttls": "454 4.7.0 not now"}, "cannot encrypt now.*454 4.7.0 not now"


def injected(authority):
    answers = "220 go on\r\n250-mail.example.org\r\n250 AUTH PLAIN"
    return {"tls": certified(authority), "starttls": answers}, "somebody may be in between"


def broken_off(authority):
    return {"tls": certified(authority), "starttls": CLOSE}, "it closed the connection"


def silent(authority):
    return {"tls": certified(authority), "starttls": "220 go on"}, "does not speak TLS when it should; ask its owner"


def tls_from_the_start(authority):
    return {"tls": certified(authority), "from_the_start": True}, 'from the start, set security under .mail. to "tls"'


CASES = [not_offered, another_name, another_authority, put_off, injected, broken_off, silent, tls_from_the_start]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
def test_without_tls_that_can_be_trusted_nothing_is_sent_and_the_fix_is_told(authority, case: Callable[..., Any]):
    settings, told = case(authority)
    with mail_server(auth=LOGIN, **settings) as server:
        carrier = logged_in(server, authority)
        with carrier, pytest.raises(DeliveryFailed, match=told):
            carrier(SENT, always)
        assert "AUTH" not in server.verbs
        assert server.messages == []


def test_a_server_without_tls_is_told_from_one_with_a_bad_certificate(authority):
    with mail_server(auth=LOGIN) as server:
        assert 'set security under [mail] to "starttls"' in failure(logged_in(server, authority, "tls"))


def test_a_wrong_password_is_offered_once_and_never_told(authority, caplog, capsys):
    caplog.set_level(logging.DEBUG, logger="briefing")
    wrong = "wröng-canary-1234"
    forms = (wrong, base64.b64encode(f"\0ada\0{wrong}".encode()).decode(), base64.b64encode(wrong.encode()).decode())
    for answer in (None, f"535 5.7.8 no: {' '.join(forms)}"):
        with mail_server(certified(authority), LOGIN, login=answer) as server:
            carrier = logged_in(server, authority, password=wrong)
            told = failure(carrier)
            assert "the user name or the password is wrong" in told
            assert "check username and password under [mail]" in told
            for form in forms:
                assert form not in told + repr(carrier) + repr(carrier._server) + caplog.text + "".join(
                    capsys.readouterr()
                )
            assert server.verbs.count("AUTH") == 1


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("454 4.7.0 not now", "cannot check the password now"),
        ("534 5.7.9 too weak", "may not be used here"),
        (CLOSE, "closed"),
    ],
)
def test_a_login_that_fails_for_another_reason_says_so(authority, answer, told):
    with mail_server(certified(authority), LOGIN, login=answer) as server:
        assert told in failure(logged_in(server, authority))


def test_a_server_that_offers_no_login_known_here_is_told_of(authority):
    with mail_server(certified(authority), LOGIN, mechanisms=()) as server:
        assert "this program PLAIN and LOGIN" in failure(logged_in(server, authority))


def test_a_password_without_tls_is_refused_on_loopback_too():
    with pytest.raises(UsageError, match="in the clear: set security") as caught:
        Server("127.0.0.1", 25, "none", "ada", SecretStr(PASSWORD))
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize("half", [{"username": "ada"}, {"password": SecretStr(PASSWORD)}])
def test_a_name_without_a_password_is_refused(half):
    with pytest.raises(UsageError, match="give both, or neither"):
        Server("mail.example.org", 587, **half)


def test_certificates_that_cannot_be_read_are_told(tmp_path):
    for path in (tmp_path / "none.pem", tmp_path):
        with pytest.raises(UsageError, match=r"certificates under .mail.: no certificates can be read from"):
            Smtp(Server("127.0.0.1", 1, certificates=path)).check()


@pytest.mark.parametrize(("fault", "outcome"), [({"data": STALL}, "later"), ({"dot": DRIP}, "unknown")])
def test_time_is_up_under_tls_too(authority, fault: dict[str, Any], outcome):
    big = Parcel(SENT.sender, SENT.recipient, SENT.data + (b"x" * 900 + b"\r\n") * 27_000)
    with mail_server(certified(authority), LOGIN, **fault) as server:
        with logged_in(server, authority, answer_timeout=1.5) as carrier:
            began = time.monotonic()
            assert carrier(big, always).outcome == outcome
            assert time.monotonic() - began < 4
        assert server.messages == []


def test_without_a_name_of_its_own_the_machine_says_its_address_or_its_full_name(authority):
    with mail_server(certified(authority), LOGIN) as server:
        with logged_in(server, authority, local_name=None) as carrier:
            assert carrier(SENT, always).outcome == "sent"
        name = server.commands[0][1].removeprefix("EHLO ")
        assert name == "[127.0.0.1]" or "." in name
    with pytest.raises(UsageError, match=r"local_name under .mail. is no host name"):
        Server("mail.example.org", 25, local_name="desk\r\nMAIL FROM:<x@example.org>")


def test_a_password_that_is_no_utf_8_in_the_environment_goes_out_as_it_stood_there(authority):
    odd = "p\udcff"
    with mail_server(certified(authority), ("ada", odd)) as server:
        with logged_in(server, authority, password=odd) as carrier:
            assert carrier(SENT, always).outcome == "sent"
        token = base64.b64encode(b"\0ada\0p\xff").decode()
        assert (True, f"AUTH PLAIN {token}") in server.commands


def test_without_a_file_of_certificates_the_systems_authorities_are_those_to_trust(authority):
    with mail_server(certified(authority), LOGIN) as server:
        assert "this machine does not trust" in failure(logged_in(server, authority, certificates=None))
        assert "AUTH" not in server.verbs
