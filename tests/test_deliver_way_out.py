"""The way out in each message: a word that its reader alone has, and an address that breaks no header."""

from __future__ import annotations

import hashlib
import re
import string
import subprocess
import sys
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer
from pydantic import SecretStr

from briefing.config import MailSettings
from briefing.deliver.way_out import LONGEST, read_token, token, way_out
from briefing.errors import UsageError

KEY = SecretStr("a key of some thirty random letters")
ADA = "ada@example.org"
UNRESERVED = set(string.ascii_letters + string.digits + "-._~")  # RFC 3986, 2.3

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)


@given(TEXTS, TEXTS)
def test_a_token_is_read_back_and_needs_no_escape_in_an_address(profile, address):
    made = token(profile, address, KEY)
    assert read_token(made, KEY) == (profile, address)
    assert set(made) <= UNRESERVED


def test_a_token_is_short_and_the_same_each_time_and_in_each_process():
    made = token("morning", ADA, KEY)
    assert len(made) < 100
    program = (
        "from briefing.deliver.way_out import token; from pydantic import SecretStr;"
        f"print(token('morning', {ADA!r}, SecretStr({KEY.get_secret_value()!r})))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == made


def test_a_token_of_last_year_still_lets_its_reader_go():
    # Written down from the first version: a change that cannot read it would shut in everybody who has mail of ours.
    made = "WyJtb3JuaW5nIiwiYWRhQGV4YW1wbGUub3JnIl0.szG1rmOOLQkWVRUorJScoLwozw6Jg0KVcSou1RPSDnI"
    assert read_token(made, KEY) == ("morning", ADA)


def test_no_token_is_read_with_another_key_or_signed_for_another_use():
    assert read_token(token("morning", ADA, KEY), SecretStr("another key of thirty random letters")) is None
    other = URLSafeSerializer(KEY.get_secret_value(), salt=b"something else").dumps(["morning", ADA])
    assert read_token(other, KEY) is None


def test_a_token_of_another_reader_cannot_be_made_from_ones_own():
    own, other = token("morning", ADA, KEY), token("morning", "bob@example.org", SecretStr("x" * 32))
    payload, signature = other.rpartition(".")[0], own.rpartition(".")[2]
    assert read_token(f"{payload}.{signature}", KEY) is None


@given(st.data())
def test_a_token_with_any_letter_changed_is_no_token_or_says_the_same(data):
    made = token("morning", ADA, KEY)
    place = data.draw(st.integers(0, len(made) - 1))
    changed = made[:place] + data.draw(st.sampled_from(sorted(UNRESERVED - {made[place]}))) + made[place + 1 :]
    # The last letter of base64 has bits to spare, so that two spellings can stand for the same signature.
    assert read_token(changed, KEY) in {None, ("morning", ADA)}
    if place != len(made) - 1:
        assert read_token(changed, KEY) is None


@pytest.mark.parametrize("stated", ["", ".", "..", "x", "é.é", "\0", "a" * 5000, "=" * 40, "%0a", ".eJw." + "A" * 43])
def test_what_is_no_token_is_none(stated):
    assert read_token(stated, KEY) is None


def test_what_is_signed_and_no_reader_is_no_token():
    signer = URLSafeSerializer(
        KEY.get_secret_value(),
        salt=b"briefing.unsubscribe",
        signer_kwargs={"key_derivation": "hmac", "digest_method": hashlib.sha256},
    )
    assert read_token(signer.dumps(["morning", ADA]), KEY) == ("morning", ADA)
    for wrong in (["morning"], ["morning", 1], {"profile": "morning"}, "morning", ["a", "b", "c"], None):
        assert read_token(signer.dumps(wrong), KEY) is None


def test_a_token_longer_than_any_of_ours_is_not_even_looked_at():
    made = token("morning", "a" * LONGEST + "@example.org", KEY)
    assert len(made) <= LONGEST or read_token(made, KEY) is None
    longest = token("p" * 40, "a" * 64 + "@" + "b" * 189, KEY)  # RFC 5321's limits
    assert read_token(longest, KEY) is not None


def test_by_https_one_click_is_enough():
    mail = MailSettings(public_url="https://briefing.example.org/", sender="b@example.org")
    address, one_click = way_out(mail, "morning", ADA, KEY)
    assert one_click
    assert address == f"https://briefing.example.org/unsubscribe/{token('morning', ADA, KEY)}"


def test_behind_a_proxys_path_the_way_out_is_below_it():
    mail = MailSettings(public_url="https://example.org:8443/news/morning/", sender="b@example.org")
    address, _ = way_out(mail, "morning", ADA, KEY)
    assert address.startswith("https://example.org:8443/news/morning/unsubscribe/")


@pytest.mark.parametrize("url", [None, "http://briefing.example.org"])
def test_without_https_it_is_a_mail_to_the_sender_and_one_click_is_not_promised(url):
    mail = MailSettings(public_url=url, sender="Daily briefing <briefing@example.org>")
    assert way_out(mail, "morning", ADA, KEY) == ("mailto:briefing@example.org?subject=unsubscribe%20morning", False)


def test_the_mail_goes_to_the_one_who_takes_answers():
    mail = MailSettings(sender="briefing@example.org", reply_to="The desk <desk+list@Example.org>")
    assert way_out(mail, "p", ADA, KEY)[0] == "mailto:desk+list@example.org?subject=unsubscribe%20p"


def test_a_mailbox_of_odd_letters_is_escaped():
    mail = MailSettings(sender="grüße&x=y?%/@bücher.example")
    address, _ = way_out(mail, "p", ADA, KEY)
    assert address == "mailto:gr%C3%BC%C3%9Fe%26x=y%3F%25%2F@xn--bcher-kva.example?subject=unsubscribe%20p"
    assert unquote(urlsplit(address).path) == "grüße&x=y?%/@xn--bcher-kva.example"


def test_without_a_way_out_nothing_can_be_sent():
    with pytest.raises(UsageError, match="public_url"):
        way_out(MailSettings(), "morning", ADA, KEY)


@pytest.mark.parametrize(
    "url",
    [
        "https://example.org/a\r\nBcc: eve@example.org",
        "https://example.org/a>, <https://evil.example/",
        "https://example.org/a b\tc",
        "https://example.org/é\u2028x",
        "https://ada:canary-secret@example.org/x?y=z#f",
    ],
)
def test_nothing_in_the_public_address_ends_a_header_or_tells_a_password(url):
    address, one_click = way_out(MailSettings(public_url=url), "morning", ADA, KEY)
    assert one_click
    assert re.fullmatch(r"[!-;=?-~]+", address)
    assert urlsplit(address).hostname == "example.org"
    assert "canary" not in address
    assert not urlsplit(address).query
    assert not urlsplit(address).fragment


def test_a_host_of_other_letters_is_written_in_ascii():
    address, _ = way_out(MailSettings(public_url="https://bücher.example"), "morning", ADA, KEY)
    assert address.startswith("https://xn--bcher-kva.example/unsubscribe/")


@pytest.mark.parametrize("url", ["https://", "https:///x", "https://exa mple.org", "https://[::1", "https://a:b/"])
def test_a_public_address_that_is_none_is_told(url):
    with pytest.raises(UsageError, match="public_url under"):
        way_out(MailSettings(public_url=url), "morning", ADA, KEY)


@pytest.mark.parametrize("profile", ["a\r\nBcc: eve@example.org", "a&body=x", "a>b"])
def test_nothing_in_a_profiles_name_ends_the_address(profile):
    address, _ = way_out(MailSettings(sender="b@example.org"), profile, ADA, KEY)
    assert re.fullmatch(r"[!-;=?-~]+", address)
    assert "&" not in address
