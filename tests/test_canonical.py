"""The canonical form of an address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.canonical import canonical

PAGE = "https://a.example/news/7?id=3"


@pytest.mark.parametrize(
    "twin",
    [
        "http://a.example/news/7?id=3",
        "HTTPS://WWW.A.EXAMPLE:443/news/7?id=3",
        "http://a.example:80/news/7/?id=3",
        "https://a.example/news/7?utm_source=rss&id=3&utm_medium=feed#comments",
        "https://a.example/news/7?fbclid=abc&id=3&gclid=1",
        "https://a.example/news/7?id=3&at_medium=RSS&CMP=rss",
        "https://reader:secret@a.example/news/7?id=3",
        " https://a.example./news/7?id=3 ",
    ],
)
def test_two_links_to_one_page_have_one_form(twin):
    assert canonical(twin) == canonical(PAGE)


@pytest.mark.parametrize(
    "other",
    [
        "https://a.example/news/8?id=3",
        "https://a.example/news/7?id=4",
        "https://a.example/news/7",
        "https://b.example/news/7?id=3",
        "https://a.example:8443/news/7?id=3",
        "https://a.example/News/7?id=3",
    ],
)
def test_two_pages_have_two_forms(other):
    assert canonical(other) != canonical(PAGE)


def test_the_order_of_parameters_does_not_matter():
    assert canonical("https://a.example/?b=2&a=1") == canonical("https://a.example/?a=1&b=2")


@pytest.mark.parametrize(
    "no_address",
    [None, "", "post-7", "javascript:alert(1)", "ftp://a.example/x", "http://", "http://[::1/", "http://a:b/"],
)
def test_what_is_no_address_on_the_web_has_none(no_address):
    assert canonical(no_address) is None


@given(st.text(max_size=60))
def test_it_never_fails_and_its_form_is_final(text):
    first = canonical(f"https://a.example/{text}")
    if first is not None:
        assert canonical(f"https://{first}") == first
