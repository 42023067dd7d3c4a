"""Certificates and protocols, with an authority made for the test."""

from __future__ import annotations

import socket
import ssl
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import httpcore2
import pytest

from briefing.errors import UsageError
from briefing.web import Ask, Limits, Web, WebError, client, encryption
from briefing.web.encryption import trusting_the_system
from tests.web_server import hang, redirect, reply, serving

trustme = pytest.importorskip("trustme")

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _quick_tries(monkeypatch):
    monkeypatch.setattr(client, "BASE", 0.05)


@pytest.fixture(scope="module")
def authority():
    return trustme.CA()


def server_context(certificate) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    return context


@contextmanager
def trusting(authority, timeout: float = 2.0) -> Iterator[Web]:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    limits = Limits(timeout=timeout, pause=0.0, intranet=frozenset(["127.0.0.1"]))
    with Web(limits, resolve=lambda *_: ["127.0.0.1"], verify=context) as web:
        yield web


def local() -> Web:
    return Web(Limits(intranet=frozenset(["127.0.0.1"])), resolve=lambda *_: ["127.0.0.1"])


def failure(web: Web, url: str) -> WebError:
    with pytest.raises(WebError) as caught:
        web.get(Ask(url=url))
    return caught.value


def test_a_certificate_of_a_trusted_authority_is_accepted_for_a_name_and_for_an_address(authority):
    certificate = authority.issue_cert("news.example", "127.0.0.1")
    with serving({"/": reply(b"x")}, tls=server_context(certificate)) as site, trusting(authority) as web:
        for host in ("news.example", "127.0.0.1", "NEWS.example."):
            assert web.get(Ask(url=site.url("/", host))).data == b"x"
    assert site.connections == 2


def test_a_refused_certificate_is_told_by_what_is_wrong_with_it(authority):
    stranger = trustme.CA()
    cases = [
        (authority.issue_cert("news.example", not_after=NOW - timedelta(days=1)), "expired"),
        (authority.issue_cert("news.example", not_before=NOW + timedelta(days=1)), "not valid yet"),
        (authority.issue_cert("other.example"), "another host name"),
        (stranger.issue_cert("news.example"), "does not trust"),
    ]
    for certificate, told in cases:
        with serving({"/": reply(b"x")}, tls=server_context(certificate)) as site, trusting(authority) as web:
            error = failure(web, site.url(host="news.example"))
        assert error.kind == "tls"
        assert told in str(error)
        assert site.requests == []


def test_a_self_signed_certificate_is_told(authority, tmp_path):
    alone = trustme.CA()
    alone.cert_pem.write_to_path(tmp_path / "cert.pem")
    alone.private_key_pem.write_to_path(tmp_path / "key.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    with serving({"/": reply(b"x")}, tls=context) as site, trusting(authority) as web:
        error = failure(web, site.url(host="news.example"))
    assert "self-signed" in str(error)


def test_an_old_protocol_is_told(authority):
    context = server_context(authority.issue_cert("news.example"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    with serving({"/": reply(b"x")}, tls=context) as site, trusting(authority) as web:
        error = failure(web, site.url(host="news.example"))
    assert error.kind == "tls"
    assert "TLS 1.1 or older" in str(error)


def test_a_port_that_speaks_no_tls_is_never_asked_without(authority):
    with serving({"/": reply(b"x")}) as site, trusting(authority, timeout=0.5) as web:
        assert failure(web, f"https://news.example:{site.port}/").kind == "deadline"
    assert site.requests == []


def test_a_server_that_answers_in_clear_is_told(authority):
    with socket.create_server(("127.0.0.1", 0)) as listener, trusting(authority) as web:

        def answer() -> None:
            connected, _ = listener.accept()
            with connected:
                connected.recv(1)
                connected.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n" * 10)
                connected.recv(65536)

        thread = threading.Thread(target=answer, daemon=True)
        thread.start()
        error = failure(web, f"https://news.example:{listener.getsockname()[1]}/")
        thread.join()
    assert error.kind == "tls"
    assert "is it http?" in str(error)


def test_a_server_that_never_agrees_on_tls_is_left_at_the_deadline(authority):
    with socket.create_server(("127.0.0.1", 0)) as listener, trusting(authority, timeout=0.5) as web:
        assert failure(web, f"https://news.example:{listener.getsockname()[1]}/").kind == "deadline"


def test_a_server_that_hangs_behind_tls_is_left_at_the_deadline(authority):
    context = server_context(authority.issue_cert("news.example"))
    with serving(hang(), tls=context) as site, trusting(authority, timeout=0.5) as web:
        assert failure(web, site.url(host="news.example")).kind == "deadline"


def test_a_redirect_from_https_down_to_http_is_refused_and_up_is_followed(authority):
    context = server_context(authority.issue_cert("news.example"))
    paths = {"/": reply(b"x")}
    with serving(paths) as clear, serving(paths, tls=context) as site, trusting(authority) as web:
        paths["/down"] = redirect(clear.url(host="news.example"))
        paths["/up"] = redirect(site.url(host="news.example"), 301)
        error = failure(web, site.url("/down", "news.example"))
        assert error.kind == "scheme"
        assert clear.requests == []
        assert web.get(Ask(url=clear.url("/up", "news.example"))).moved == site.url(host="news.example")


def test_credentials_stay_with_their_port(authority):
    context = server_context(authority.issue_cert("news.example"))
    with serving({"/": reply(b"x")}, tls=context) as site, trusting(authority) as web:
        paths = {"/": redirect(site.url(host="news.example"))}
        with serving(paths) as clear:
            web.get(Ask(url=clear.url("/", "jo:secret@news.example")))
    assert "authorization" in clear.requests[0].headers
    assert "authorization" not in site.requests[0].headers


def test_the_systems_authorities_are_trusted_and_no_other(authority):
    assert trusting_the_system().verify_mode is ssl.CERT_REQUIRED
    assert trusting_the_system().check_hostname
    assert trusting_the_system().minimum_version >= ssl.TLSVersion.TLSv1_2
    with serving({"/": reply(b"x")}, tls=server_context(authority.issue_cert("news.example"))) as site, local() as web:
        assert failure(web, site.url(host="news.example")).kind == "tls"


def test_another_authority_is_named_by_the_environment(authority, tmp_path, monkeypatch):
    authority.cert_pem.write_to_path(tmp_path / "authority.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    with serving({"/": reply(b"x")}, tls=server_context(authority.issue_cert("news.example"))) as site, local() as web:
        assert web.get(Ask(url=site.url(host="news.example"))).data == b"x"
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "absent.pem"))
    with pytest.raises(UsageError, match="SSL_CERT_FILE"):
        Web()


def test_without_any_authority_of_the_system_those_of_certifi_are_trusted(monkeypatch, tmp_path):
    empty = ssl.get_default_verify_paths()._replace(capath=str(tmp_path))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: empty)
    monkeypatch.setattr(httpcore2, "default_ssl_context", lambda: ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    monkeypatch.delenv("SSL_CERT_FILE", raising=False)
    monkeypatch.delenv("SSL_CERT_DIR", raising=False)
    encryption._trusting.cache_clear()
    assert trusting_the_system().cert_store_stats()["x509_ca"] > 50
    encryption._trusting.cache_clear()
