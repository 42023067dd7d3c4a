"""Every source kind, whatever its address gives: values out, no crash, nothing that must not be shown."""

from __future__ import annotations

import base64
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.fetch import KINDS
from briefing.fetch.article import from_entry
from briefing.fetch.poll import document_of
from briefing.fetch.reading import found_in
from briefing.sources import Source
from briefing.web import Answer
from tests.stored import NOW

HOSTILE = [
    b"",
    b"\0" * 100,
    b"<",
    b"{}",
    b"[]",
    b'{"error": "rate limited"}',
    b"<rss><channel><item><title>&lt;script&gt;x()&lt;/script&gt;</title><link>javascript:x</link></item></channel>",
    b"<rss><channel><item><title>A&#13;&#10;Bcc: x@y.test</title><link>data:text/html,x</link></item></channel></rss>",
    b"<!DOCTYPE r [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><rss><channel><item><title>&x;</title></item></channel>",
    "<urlset><url><loc>\u202ehttps://a.example/x</loc></url></urlset>".encode(),
    b"<html><body>" + b"<div>" * 5000 + b"deep",
    b"\xff\xfe<\0r\0s\0s\0>\0",
    b"\x1f\x8b\x08" + b"\0" * 50,
    b"<rss><channel><item><title>x</title><pubDate>0001-01-01T00:00:00Z</pubDate></item></channel></rss>",
    b"<rss><channel><item><title>x</title><pubDate>1 January 0001 10:00 +9999</pubDate></item></channel></rss>",
    b"<rss><channel>" + b"<a/>" * 1_100_000,
    b"[" + b"{}," * 1_100_000,
]


def answer(data: bytes) -> Answer:
    return Answer(status=200, url="https://a.example/x", data=data)


def check(kind: str, data: bytes) -> None:
    found = found_in(kind, document_of("the source", answer(data)))
    assert all(found.notes)
    for raw in found.raws:
        article = from_entry(raw, Source(url="https://a.example/x", kind=kind), NOW)
        assert "root:" not in article.text
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e]", article.text + (article.publisher or ""))
        assert "\n" not in (article.title or "")
        assert article.url is None or article.url.startswith(("http://", "https://"))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("data", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_an_address_gives_a_kind_makes_values_of_it(kind, data):
    check(kind, data)


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.binary(max_size=300))
def test_any_bytes_do(kind, data):
    check(kind, data)


@pytest.mark.parametrize("kind", KINDS)
def test_what_holds_nothing_says_so(kind):
    found = found_in(kind, document_of("the source", answer(b"")))
    assert (found.raws, len(found.notes)) == ((), 1)


@pytest.mark.parametrize("kind", KINDS)
def test_the_hostile_feeds_of_the_labelled_data_do(kind, labelled):
    rows = [json.loads(row) for row in (labelled / "attacks" / "own_feed_cases.jsonl").read_text().splitlines()]
    for row in rows:
        check(kind, base64.b64decode(row["b64"]))
