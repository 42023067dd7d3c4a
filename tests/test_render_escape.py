"""Text of others as Markdown shows it and does nothing else; plain text is wrapped by columns."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from briefing.render.escape import inline, markdown, wrap
from tests.strategies import hostile_text

READER = MarkdownIt("gfm-like", {"linkify": True, "html": True}).use(footnote_plugin)

SNIPPETS = (
    "https://evil.example/a?b=c www.evil.example evil.com //evil.com ftp://evil.com mailto:a@evil.com a@evil.com "
    "![x](https://evil.com/p.png) [x](javascript:1) [x][y] [^1] [^1]: ^[note] <script>alert(1)</script> <b> </b> "
    "<https://evil.com> <!-- --> &lt;b&gt; &#60; &amp &copy; ``` ~~~ ~~x~~ **x** __x__ *x* _x_ `x` ` \\ \\[ # ## "
    "- + * 1. 1) = == === ==x== %% $x$ $$ | a|b :-- --- *** ___ > : {.a} @a www. http:// http: WWW.EVIL.COM "
    "Https://evil.com xn--p1ai.com 1.2.3.4 a.b U.S. (https://evil.com) ! !] \n \n\n \t     tel:1 xmpp:a@b.c 。 ．com"
).split(" ")
tangled = st.lists(st.sampled_from(SNIPPETS), max_size=12).flatmap(
    lambda parts: st.sampled_from(("", " ", "\n")).map(lambda glue: glue.join(parts))
)
texts = st.one_of(hostile_text, tangled, st.text(alphabet="[]()!<>*_`~#^|\\&;@:/.-+=$%{}1aw \n\t", max_size=60))


def shown(tokens: list[Token]) -> str:
    """What a reader sees of inline tokens that are text and code alone."""
    assert {token.type for token in tokens} <= {"text", "code_inline"}
    return "".join(token.content for token in tokens)


@given(texts)
def test_a_reader_of_markdown_sees_the_text_and_nothing_but_text(text: str) -> None:
    tokens = READER.parse(markdown(text))
    if not inline(text).strip():
        assert tokens == []
        return
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert shown(tokens[1].children or []) == inline(text).strip()


@given(texts)
def test_a_footnote_mark_behind_any_text_stays_a_footnote_mark(text: str) -> None:
    tokens = READER.parse(f"{markdown(text)}[^1]\n\n[^1]: note\n")
    assert [token.type for token in tokens[:3]] == ["paragraph_open", "inline", "paragraph_close"]
    children = tokens[1].children or []
    assert children[-1].type == "footnote_ref"
    assert shown(children[:-1]) == inline(text).lstrip()


@given(texts)
def test_any_text_can_be_a_heading_a_list_item_and_the_text_of_a_link(text: str) -> None:
    tokens = READER.parse(f"# x {markdown(text)}\n\n- {markdown(text)} x\n\n[x {markdown(text)}](https://p.example/)\n")
    kinds = [token.type for token in tokens if token.nesting == 1]
    assert kinds == ["heading_open", "bullet_list_open", "list_item_open", "paragraph_open", "paragraph_open"]
    lines = [token.children or [] for token in tokens if token.type == "inline"]
    assert shown(lines[0]) == f"x {inline(text)}".rstrip()
    assert [token.type for token in (lines[2][0], lines[2][-1])] == ["link_open", "link_close"]
    assert shown(lines[2][1:-1]) == f"x {inline(text)}"


@given(texts)
def test_nothing_invisible_is_written(text: str) -> None:
    assert not re.search("[\x00-\x1f\x7f-\x9f\u200b\u2028-\u202e\u2060\ufeff]", markdown(text))


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Ten ferries sail on Monday.", "Ten ferries sail on Monday."),
        ("U.S. troops, 2.4 million", "U.S. troops, 2.4 million"),
        ("See https://evil.example/x.", "See `https://evil.example/x`."),
        ("(www.evil.example)", "(`www.evil.example`)"),
        ("mail a@b.example now", "mail `a@b.example` now"),
        ("evil.com", "evil&#46;com"),
        ("x]://y", "x\\]`://y`"),
        ("1. Not a list", "1\\. Not a list"),
        ("- Not a list", "\\- Not a list"),
        ("AT&T &amp; Co", "AT\\&T \\&amp; Co"),
        ("Wow!", "Wow\\!"),
    ],
)
def test_what_is_written_stays_readable(text: str, written: str) -> None:
    assert markdown(text) == written


def test_a_long_text_without_a_space_takes_no_long_time() -> None:
    assert len(markdown("w" * 300_000)) == 300_000
    assert len(markdown("<" * 300_000)) == 600_000


@given(st.lists(st.text(alphabet="ab é漢", min_size=1, max_size=90), max_size=30).map(" ".join))
def test_wrapped_text_keeps_its_letters_within_72_columns(text: str) -> None:
    lines = wrap(text, "    ", "[1] ").split("\n")
    assert lines[0].startswith("[1] ")
    assert all(line.startswith("    ") for line in lines[1:])
    assert all(len(line) + line.count("漢") <= 72 for line in lines)
    assert "".join("".join(lines).split()).replace("[1]", "") == "".join(text.split())


def test_an_address_is_not_broken() -> None:
    address = "https://paper.example/" + "a" * 100
    assert address in wrap(f"See {address} there").split("\n")
