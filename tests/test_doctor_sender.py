"""The doctor on the sender's domain: what a name server on loopback says of SPF, DKIM and DMARC."""

from __future__ import annotations

import sys
import time

import pytest

from briefing.doctor import sender
from tests.examined import Records, name_server, one, setup, told

DOMAIN = "mail.harbour-office.co.uk"
SPF = "v=spf1 include:_spf.provider.example -all"
DMARC = "v=DMARC1; p=reject; rua=mailto:post@harbour-office.co.uk"
KEY = f"v=DKIM1; k=rsa; p={'MIIB' * 100}"
ALL = {DOMAIN: ["other=1", SPF], f"_dmarc.{DOMAIN}": [DMARC], f"selector1._domainkey.{DOMAIN}": [KEY]}


def asked(folder, records: Records, domain: str = DOMAIN) -> str:
    with name_server(records) as place:
        mail = {"host": "127.0.0.1", "sender": f"Daily briefing <briefing@{domain}>"}
        return told(sender.check, setup(folder, mail=mail, name_servers=(place,)))


def test_a_domain_that_says_all_is_good(tmp_path):
    lines = asked(tmp_path, ALL).splitlines()
    assert [line.split(" -> ")[0] for line in lines] == [
        f"good: {DOMAIN} has an SPF record",
        f"good: {DOMAIN} has a DMARC record, p=reject",
        f"good: {DOMAIN} has a DKIM key (selector1)",
    ]


def test_a_domain_that_says_nothing_is_told_what_to_add(tmp_path):
    spf, dmarc, dkim = asked(tmp_path, {}).splitlines()
    assert spf.startswith(f"warn: {DOMAIN} has no SPF record")
    assert f"add a TXT record to _dmarc.{DOMAIN}" in dmarc
    assert dkim.startswith(f"skipped: {DOMAIN} has no DKIM key under a usual name, which need not mean anything")
    assert "DKIM-Signature" in dkim


def test_the_record_of_the_domain_above_counts_for_dmarc(tmp_path):
    records = {**ALL, f"_dmarc.{DOMAIN}": [], "_dmarc.harbour-office.co.uk": ["v=DMARC1;p=none"]}
    assert "has a DMARC record, p=none" in asked(tmp_path, records)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({DOMAIN: [SPF, "v=spf1 mx -all"]}, f"bad: {DOMAIN} has 2 SPF records, which counts as an error"),
        ({DOMAIN: ["v=spf1 +all"]}, f"warn: {DOMAIN}: its SPF record lets everybody send for it"),
        ({DOMAIN: ["v=spf1 all"]}, f"warn: {DOMAIN}: its SPF record lets everybody send for it"),
        ({DOMAIN: ["v=spf10 -all", "xv=spf1"]}, f"warn: {DOMAIN} has no SPF record"),
        ({DOMAIN: ["V=SPF1"]}, f"good: {DOMAIN} has an SPF record"),
        ({f"_dmarc.{DOMAIN}": [DMARC, "v=DMARC1; p=none"]}, f"warn: {DOMAIN} has 2 DMARC records, so none counts"),
        ({f"_dmarc.{DOMAIN}": ["v=DMARC1"]}, f"warn: {DOMAIN}: its DMARC record has no policy"),
        ({f"selector1._domainkey.{DOMAIN}": ["v=DKIM1; p="]}, f"warn: {DOMAIN}: its DKIM key (selector1) is withdrawn"),
        ({f"mail._domainkey.{DOMAIN}": [KEY]}, f"good: {DOMAIN} has a DKIM key (selector1, mail)"),
        ({f"selector1._domainkey.{DOMAIN}": ["no key"]}, f"skipped: {DOMAIN} has no DKIM key under a usual name"),
    ],
)
def test_what_is_wrong_with_a_record_is_told(tmp_path, changes, line):
    assert line in asked(tmp_path, {**ALL, **changes})


@pytest.mark.parametrize(
    "domain", ["localhost", "briefing.test", "example.org", "desk.example.com", "pi.local", "box.home.arpa", "nas.lan"]
)
def test_a_name_that_stands_for_nobody_is_not_asked_about(tmp_path, domain):
    found: list[str] = []

    def note(name: str) -> list[str]:
        found.append(name)
        return []

    assert asked(tmp_path, note, domain).startswith("skipped: ")
    assert found == []


@pytest.mark.parametrize("mail", [{}, {"folder": "/tmp", "sender": f"a@{DOMAIN}"}, {"host": "127.0.0.1"}])
def test_where_no_mail_goes_to_a_server_nothing_is_asked(tmp_path, mail):
    assert one(sender.check, setup(tmp_path, mail=mail, name_servers=(("127.0.0.1", 1),))).level == "skipped"


def test_a_sender_that_is_none_is_bad(tmp_path):
    found = one(sender.check, setup(tmp_path, mail={"host": "127.0.0.1", "sender": "a@b c@"}))
    assert (found.level, found.todo) == ("bad", "correct sender under [mail]")


def test_a_name_server_that_does_not_answer_is_left_and_nothing_is_claimed(tmp_path, monkeypatch):
    monkeypatch.setattr(sender, "SECONDS", 0.3)
    began = time.monotonic()
    text = asked(tmp_path, lambda _: None)
    assert time.monotonic() - began < 2
    assert text.startswith(f"skipped: the records of {DOMAIN} could not be looked up: no answer within 0.3 s")


def test_a_name_server_that_answers_only_some_is_no_proof_of_anything(tmp_path, monkeypatch):
    monkeypatch.setattr(sender, "SECONDS", 0.3)
    text = asked(tmp_path, lambda name: None if "_domainkey" in name else ALL.get(name, []))
    assert text.splitlines()[-1].startswith("skipped: ")
    assert "no DKIM key" not in text


def test_without_the_library_it_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "dns.resolver", None)
    mail = {"host": "127.0.0.1", "sender": f"a@{DOMAIN}"}
    found = one(sender.check, setup(tmp_path, mail=mail, name_servers=(("127.0.0.1", 1),)))
    assert (found.level, found.todo) == ("skipped", "that needs dnspython: pip install dnspython")


def test_a_machine_without_a_resolver_says_so(tmp_path, monkeypatch):
    import dns.resolver

    def none(_self: object, _file: object = None) -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver.Resolver, "read_resolv_conf", none)
    mail = {"host": "127.0.0.1", "sender": f"a@{DOMAIN}"}
    found = one(sender.check, setup(tmp_path, mail=mail))
    assert (found.level, "no resolver is set up here" in found.what) == ("skipped", True)


def test_a_domain_of_other_letters_is_asked_about_in_ascii(tmp_path):
    names: list[str] = []

    def note(name: str) -> list[str]:
        names.append(name)
        return []

    asked(tmp_path, note, "bücher-am-hafen.de")
    assert "xn--bcher-am-hafen-gsb.de" in names
