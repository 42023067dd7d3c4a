"""Addresses that may be linked, and text fragments that lead to the exact passage."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.render.links import passage_url, safe_url, text_directive
from tests.strategies import hostile_text

PAGE = (
    "Ferry aground\n\nThe ferry ran aground. The pier is closed, well-known & loved.\n"
    "One two three four five six seven eight nine ten eleven twelve thirteen fourteen.\nThe pier is closed again."
)


def directive(words: str, text: str = PAGE, *, last: bool = False) -> str | None:
    start = text.rindex(words) if last else text.index(words)
    return text_directive(text, start, start + len(words))


@pytest.mark.parametrize(
    "address",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "\x01javascript:alert(1)",
        "data:text/html,<script>",
        "vbscript:x",
        "file:///etc/passwd",
        "ftp://host/x",
        "//host/x",
        "/local",
        "#here",
        "http:/host",
        "http://",
        "https:///path",
        "http:\\\\host",
        "https://host/a b",
        "https://host\t/a",
        "https://paper.example@evil.example/",
        "https://host:99999/",
        "https://host:port/",
        "https://[::1",
        "https://ho\u202est/",
        "https://ho\u200bst/",
        "https://.host/",
        "https://ho<st/",
        "https://host/" + "a" * 3000,
        "",
        None,
    ],
)
def test_only_a_plain_web_address_is_linked(address: str | None) -> None:
    assert safe_url(address) is None


@pytest.mark.parametrize(
    ("address", "linked"),
    [
        ("https://paper.example/a?b=1&c=2#d", "https://paper.example/a?b=1&c=2#d"),
        ("HTTP://Paper.Example:8080/A", "http://paper.example:8080/A"),
        (" https://paper.example/ ", "https://paper.example/"),
        ("https://bücher.example/straße", "https://xn--bcher-kva.example/stra%C3%9Fe"),
        ("https://paper.example/a_(b)", "https://paper.example/a_%28b%29"),
        ("https://paper.example/\"'<>`*", "https://paper.example/%22%27%3C%3E%60%2A"),
        ("https://paper.example/100%25", "https://paper.example/100%25"),
        ("http://[2001:db8::1]/x", "http://[2001:db8::1]/x"),
    ],
)
def test_an_address_is_written_so_that_no_form_can_misread_it(address: str, linked: str) -> None:
    assert safe_url(address) == linked


@given(st.one_of(hostile_text, hostile_text.map("https://host/".__add__), hostile_text.map("http://".__add__)))
def test_whatever_is_linked_is_printable_ascii_with_scheme_and_host(address: str) -> None:
    url = safe_url(address)
    if url is not None:
        assert url.isascii()
        assert url.isprintable()
        assert not set(url) & set(" \"'<>`()*\\^{|}")
        assert urlsplit(url).scheme in ("http", "https")
        assert urlsplit(url).hostname
        assert safe_url(url) == url


def test_a_short_passage_is_named_whole() -> None:
    assert directive("The ferry ran aground.") == "text=The%20ferry%20ran%20aground."


def test_the_marks_of_the_directive_are_encoded() -> None:
    assert directive("closed, well-known & loved") == "text=closed%2C%20well%2Dknown%20%26%20loved"


def test_a_long_passage_is_named_by_its_two_ends() -> None:
    long = "One two three four five six seven eight nine ten eleven twelve thirteen fourteen."
    assert directive(long) == "text=One%20two%20three%20four%20five,ten%20eleven%20twelve%20thirteen%20fourteen."


def test_a_passage_over_two_paragraphs_is_named_by_its_two_ends() -> None:
    assert directive("loved.\nOne two") == "text=loved.,One%20two"


def test_a_passage_that_stands_twice_gets_the_words_before_it() -> None:
    assert directive("pier is closed") == "text=ran%20aground.%20The-,pier%20is%20closed"
    assert directive("pier is closed", last=True) == "text=The-,pier%20is%20closed"


def test_a_passage_that_stands_twice_and_opens_its_paragraph_gets_the_words_after_it() -> None:
    assert directive("The pier is closed", last=True) == "text=The%20pier%20is%20closed,-again."


def test_parts_of_words_at_the_edges_are_left_out() -> None:
    start = PAGE.index("erry ran agrou")
    assert text_directive(PAGE, start, start + len("erry ran agrou")) == "text=ran"
    assert text_directive("Ferries", 1, 4) is None


@given(hostile_text, st.integers(0, 200), st.integers(0, 200))
def test_a_directive_holds_words_of_the_passage_alone(text: str, start: int, end: int) -> None:
    end = min(end, len(text))
    found = text_directive(text, min(start, end), end)
    if found is not None:
        assert found.startswith("text=")
        assert found.isascii()
        assert found.isprintable()
        named = [part for part in found.removeprefix("text=").split(",") if not part.startswith("-")]
        named = [part for part in named if not part.endswith("-")]
        passage = " ".join(text[start:end].split()).encode(errors="ignore").decode()
        assert 1 <= len(named) <= 2
        assert all(unquote(part) in passage for part in named)


def test_the_directive_follows_a_fragment_that_the_address_has() -> None:
    assert passage_url("https://p.example/a", "One day.", 0, 8) == "https://p.example/a#:~:text=One%20day."
    assert passage_url("https://p.example/a#top", "One day.", 0, 8) == "https://p.example/a#top:~:text=One%20day."
    assert passage_url("https://p.example/a#x:~:text=y", "One day.", 0, 8) == "https://p.example/a#x:~:text=One%20day."


def test_a_passage_without_a_whole_word_leads_to_the_page() -> None:
    assert passage_url("https://p.example/a", "Ferries", 1, 4) == "https://p.example/a"
    assert passage_url("https://p.example/a#b", "Ferries", 1, 4) == "https://p.example/a#b"
    assert passage_url("javascript:x", "Ferries", 0, 7) is None


def test_a_passage_of_endless_words_leads_to_the_page() -> None:
    assert passage_url("https://p.example/a", "x" * 100_000, 0, 100_000) == "https://p.example/a"


def test_a_long_passage_that_opens_like_another_is_named_by_more_of_its_words() -> None:
    text = "a b c d e f one two three four five six seven.\na b c d e f two three four five six seven eight."
    assert directive(text.split("\n")[1], text) == "text=a%20b%20c%20d%20e%20f%20two,four%20five%20six%20seven%20eight."
    twice = "a b c d e f g h i j k l m.\na b c d e f g h i j k l m."
    assert directive("c d e f g h i j k l m", twice) == "text=c%20d%20e%20f%20g%20h%20i%20j%20k%20l%20m".replace(
        "text=", "text=a%20b-,"
    )
