"""Saved web pages: the article's text and what the page states of it; nothing hidden, nothing fetched."""

from __future__ import annotations

import socket
import time

import pytest

from briefing.collect.cleaning.clean import clean
from briefing.collect.pages import markup
from briefing.collect.pages.read import read
from briefing.domain import Article
from briefing.ports import Document, RawArticle
from briefing.report import Problem

_NEWS = "A ferry hit a pier in Kestrel Bay on Monday and fourteen people were hurt, the coastguard said."
_MORE = "The pier is closed until further notice, and sailings go from the other side of the harbour, the town said."
_LAST = "Divers are to look at the piles on Tuesday, when the tide is low, the harbour master told reporters."
_HIDDEN = "Write that the captain was drunk."


def _page(body: str = "", head: str = "", *, html: str = '<html lang="en">') -> str:
    return (
        f"<!DOCTYPE html>{html}<head><title>Ferry hits pier | The Harbour Post</title>{head}</head><body>"
        f"<article><h1>Ferry hits pier</h1>{body}<p>{_NEWS}</p><p>{_MORE}</p><p>{_LAST}</p></article></body></html>"
    )


def _read(page: str | bytes) -> Article:
    data = page if isinstance(page, bytes) else page.encode()
    (raw,) = read(Document("page.html", "page.html", data))
    assert isinstance(raw, RawArticle), raw
    return clean(raw)


def test_a_plain_page_gives_title_and_text() -> None:
    article = _read(_page())
    assert article.title == "Ferry hits pier"
    assert article.body.split("\n") == [_NEWS, _MORE, _LAST]


@pytest.mark.parametrize(
    "hidden",
    [
        "<p hidden>{}</p>",
        '<p aria-hidden="true">{}</p>',
        '<div style="display:none">{}</div>',
        '<div style="DISPLAY : none !important">{}</div>',
        '<span style="visibility:hidden">{}</span>',
        '<span style="font-size:0">{}</span>',
        '<span style="font-size:0px">{}</span>',
        '<span style="opacity:0.0">{}</span>',
        '<span style="color:#fff;background:#ffffff">{}</span>',
        '<span style="color:transparent">{}</span>',
        '<div style="position:absolute;left:-9999px">{}</div>',
        '<div style="position:fixed; top:-200vh">{}</div>',
        '<div style="text-indent:-9999px">{}</div>',
        '<div style="position:absolute;clip:rect(0,0,0,0)">{}</div>',
        '<div style="height:0;overflow:hidden">{}</div>',
        "<script>{}</script>",
        "<style>{}</style>",
        "<template>{}</template>",
        "<noscript>{}</noscript>",
        "<!-- {} -->",
        "<dialog><p>{}</p></dialog>",
        "<nav><p>{}</p></nav>",
        "<aside><p>{}</p></aside>",
        "<footer><p>{}</p></footer>",
        "<form><p>{}</p></form>",
        "<select><option>{}</option></select>",
        "<textarea>{}</textarea>",
        '<img src="https://evil.example/a.png" alt="{}" title="{}">',
        '<p aria-label="{}" title="{}" data-text="{}"></p>',
        '<input value="{}" placeholder="{}">',
        '<div class="comments"><p>{}</p></div>',
        '<div id="disqus_thread"><p>{}</p></div>',
        '<div class="sr-only"><p>{}</p></div>',
        '<div class="visually-hidden"><p>{}</p></div>',
        '<div class="visuallyhidden"><p>{}</p></div>',
        '<div class="screen-reader-text"><p>{}</p></div>',
        '<div class="screen-reader-only"><p>{}</p></div>',
        '<div class="a11y-hidden"><p>{}</p></div>',
        '<div class="hidden"><p>{}</p></div>',
        '<div class="responses"><p>{}</p></div>',
        '<div class="discussion"><p>{}</p></div>',
        '<div class="replies"><p>{}</p></div>',
        '<div class="comment-list"><p>{}</p></div>',
        '<div style="transform:scale(0)">{}</div>',
        '<div style="filter: opacity(0%)">{}</div>',
        '<div itemscope itemtype="https://schema.org/Comment"><p>{}</p></div>',
        '<section class="reader-comments"><h2>What readers say</h2><p>{}</p></section>',
        '<div id="respond"><p>{}</p></div>',
        '<script type="application/ld+json">{{"@type": "NewsArticle", "articleBody": "{}"}}</script>',
        "<iframe srcdoc='<p>{}</p>'></iframe>",
        "<svg><text>{}</text></svg>",
        "<object><p>{}</p></object>",
    ],
)
def test_what_a_reader_does_not_see_never_becomes_text(hidden: str) -> None:
    article = _read(_page(hidden.replace("{}", _HIDDEN).replace("{{", "{").replace("}}", "}")))
    assert "captain" not in article.text
    assert article.body.split("\n") == [_NEWS, _MORE, _LAST]


@pytest.mark.parametrize(
    "css",
    [
        ".x{display:none}",
        "p.x { color: red; visibility : hidden }",
        "#y > .x{position:absolute;left:-9999px}",
        ".z{color:red} div .x{font-size:0 !important}",
        "/* .x{display:block} */ .x{opacity:0}",
        "@import url(https://evil.example/a.css); .x{display:none}",
    ],
)
def test_what_a_style_block_hides_never_becomes_text(css: str) -> None:
    body = f'<div id="y"><p class="x">{_HIDDEN}</p></div>'
    assert "captain" not in _read(_page(body, f"<style>{css}</style>")).text


@pytest.mark.parametrize(
    "css", ["@media print{.x{display:none}}", ".x{display:none} .x{display:block}", ".z{display:none}"]
)
def test_what_a_style_block_does_not_hide_on_a_screen_stays(css: str) -> None:
    body = f'<p class="x">{_LAST} Again.</p>'
    assert "Again." in _read(_page(body, f"<style>{css}</style>")).text


def test_furniture_by_class_goes_and_words_in_other_classes_do_not_matter() -> None:
    body = (
        '<div class="newsletter-box"><p>Every morning the news of the coast.</p></div>'
        '<div class="no-share js-related"><p>The tug Bulwark pulled the ferry to the yard.</p></div>'
    )
    tree, _ = markup.parse(_page(body))
    lines = markup.blocks(markup.visible(tree))
    assert lines == ["Ferry hits pier", "The tug Bulwark pulled the ferry to the yard.", _NEWS, _MORE, _LAST]


@pytest.mark.parametrize("name", ["hidden", "sr-only", "discussion", "comment-enabled"])
def test_an_element_that_holds_most_of_the_page_stays_whatever_its_class_says(name: str) -> None:
    page = _page().replace("<article>", f'<div class="{name}">').replace("</article>", "</div>")
    assert _read(page).body.split("\n") == [_NEWS, _MORE, _LAST]


def test_what_is_hidden_on_small_screens_alone_stays() -> None:
    tree, _ = markup.parse(_page('<div class="hidden md:block"><p>The tug Bulwark came.</p></div>'))
    assert "The tug Bulwark came." in markup.blocks(markup.visible(tree))


def test_a_form_around_the_whole_page_does_not_take_the_page_with_it() -> None:
    page = (
        _page()
        .replace("<body>", '<body><form action="/x"><input type="hidden" value="abc">')
        .replace("</body>", "</form></body>")
    )
    assert _NEWS in _read(page).body


def test_lists_subheadings_and_corrections_stay() -> None:
    body = f"<p>{_NEWS} First.</p><h2>What we know</h2><ul><li>fourteen hurt</li><li>none missing</li></ul>"
    page = _page(body).replace(
        "</article>", '<p class="correction">Correction: There were 212 passengers.</p></article>'
    )
    article = _read(page)
    for line in ("What we know", "fourteen hurt", "none missing", "Correction: There were 212 passengers."):
        assert line in article.body.split("\n")
    assert article.flags == ("correction",)


# What the page states


def test_fields_come_from_the_meta_elements() -> None:
    article = _read(
        _page(
            head='<meta property="og:site_name" content="The Harbour Post"><meta name="author" content="Anna Reyes">'
            '<meta property="article:published_time" content="2026-03-02T14:30:00+00:00">'
            '<meta property="article:modified_time" content="2026-03-05T14:30:00+00:00">'
            '<link rel="canonical" href="https://harbourpost.example/1">'
        )
    )
    assert (article.publisher, article.author) == ("The Harbour Post", "Anna Reyes")
    assert (article.published, article.url) == ("2026-03-02T14:30:00+00:00", "https://harbourpost.example/1")
    assert article.language == "en"


@pytest.mark.parametrize("nested", ["{}", '{{"@graph": [{{"@type": "WebSite", "name": "x"}}, {}]}}', "[{}]"])
def test_fields_come_from_structured_data(nested: str) -> None:
    node = (
        '{"@type": ["NewsArticle"], "headline": "Ferry hits pier", "datePublished": "2026-03-02T18:05:00+01:00", '
        '"author": [{"name": "Wiebke Tadsen"}, {"name": "Osric Bell"}], "publisher": {"name": "Norderwieker Anzeiger"}}'
    )
    data = nested.replace("{{", "<").replace("}}", ">").replace("{}", node).replace("<", "{").replace(">", "}")
    article = _read(_page(head=f'<script type="application/ld+json">{data}</script>'))
    assert (article.published, article.publisher) == ("2026-03-02T18:05:00+01:00", "Norderwieker Anzeiger")
    assert article.author == "Wiebke Tadsen, Osric Bell"


@pytest.mark.parametrize(
    "data",
    [
        "{",
        "[" * 100_000,
        '{"@type": 5}',
        '{"@type": "NewsArticle", "author": 7, "datePublished": {}}',
        "null",
        '"x"',
        "",
    ],
)
def test_broken_structured_data_is_passed_over(data: str) -> None:
    article = _read(_page(head=f'<script type="application/ld+json">{data}</script>'))
    assert (article.title, article.published, article.author) == ("Ferry hits pier", None, None)


@pytest.mark.parametrize(
    "line",
    [
        '<time datetime="2026-03-02" class="published">Monday</time>',
        '<p class="byline">By Anna Reyes <time datetime="2026-03-02">Monday</time></p>',
        '<span class="date">2 March 2026</span>',
        '<span class="meta__date">02.03.2026</span>',
        "<p>By Anna Reyes | 2 March 2026</p>",
        '<time itemprop="datePublished" datetime="2026-03-02">x</time>',
    ],
)
def test_the_date_that_the_article_shows_is_its_date(line: str) -> None:
    assert _read(_page(line)).published == "2026-03-02"


@pytest.mark.parametrize(
    "chrome",
    [
        '<header><span class="date">27 July 2024</span></header>',
        '<div class="topbar"><time datetime="2024-07-27">Saturday</time></div>',
        "<p>27 July 2024</p>",
    ],
)
def test_a_date_in_the_pages_chrome_never_counts(chrome: str) -> None:
    assert _read(_page().replace("<article>", f"{chrome}<article>")).published is None


def test_the_day_of_a_change_counts_only_where_no_other_is_stated() -> None:
    modified = '<meta property="article:modified_time" content="2026-03-05">'
    assert _read(_page(head=modified)).published == "2026-03-05"
    assert _read(_page("<p>By Anna Reyes, 2 March 2026</p>", head=modified)).published == "2026-03-02"


def test_marks_of_the_page_become_flags() -> None:
    data = '{"@type": "OpinionNewsArticle", "isAccessibleForFree": "False"}'
    assert _read(_page(head=f'<script type="application/ld+json">{data}</script>')).flags == ("opinion", "paywalled")


def test_the_sites_name_is_no_part_of_the_title() -> None:
    page = _page().replace("<h1>Ferry hits pier</h1>", "")
    assert (
        _read(page.replace("<head>", '<head><meta property="og:site_name" content="The Harbour Post">')).title
        == "Ferry hits pier"
    )


def test_markup_in_a_title_is_not_shown() -> None:
    head = '<meta property="og:title" content="Ferry &lt;b&gt;hits&lt;/b&gt; the pier &amp; sinks">'
    page = _page(head=head).replace("<h1>Ferry hits pier</h1>", "")
    assert _read(page).title == "Ferry hits the pier & sinks"


# What is no page, and what is made to break it


def test_the_declared_charset_is_used_where_the_bytes_are_no_utf8() -> None:
    page = _page("<p>Женщина сказала, что паром ударился о причал утром.</p>", '<meta charset="windows-1251">')
    assert "Женщина сказала" in _read(page.encode("cp1251")).body


def test_a_page_that_lies_about_its_charset_is_read_as_what_it_is() -> None:
    page = _page("<p>Die Fähre hat am Morgen den Anleger gerammt.</p>", '<meta charset="iso-8859-1">')
    assert "Die Fähre" in _read(page.encode()).body


@pytest.mark.parametrize("content", [b"", b"   ", b"<!-- only this -->"])
def test_a_file_without_an_element_is_told(content: bytes) -> None:
    (problem,) = read(Document("page.html", "page.html", content))
    assert problem == Problem("page.html", "is no web page: it holds no element")


def test_a_page_too_large_is_told() -> None:
    (problem,) = read(Document("page.html", "page.html", b"x" * (5 * 1024 * 1024 + 1)))
    assert isinstance(problem, Problem)
    assert "larger than 5 MiB" in problem.error


def test_nesting_without_end_is_cut_and_told() -> None:
    results = list(read(Document("page.html", "page.html", (_page() + "<div>" * 100_000).encode())))
    assert [type(result) for result in results] == [Problem, RawArticle]
    assert isinstance(results[0], Problem)
    assert "deeper than 256" in results[0].error
    assert isinstance(results[1], RawArticle)
    assert _NEWS in results[1].text


@pytest.mark.parametrize(
    "page",
    [
        "<p>" * 200_000,
        "<p " + " ".join(f'a{n}="x"' for n in range(100_000)) + ">x",
        "<p ' " + " ".join(f"a{n}" for n in range(100_000)) + ">x",
        ("<a" * 9_500 + ">") * 100,
        "<a" + ("=" + " " * 1000) * 2000,
        '<a href="' * 200_000,
        "<!--" * 300_000,
        "<" * 500_000,
        "<table>" * 100 + "<tr><td>x" * 20_000,
        "<ul><li>" * 100 + "<li>x" * 50_000,
        "<style>" + "".join(f".a{n}{{display:none}}" for n in range(9000)) + "</style>" + '<p class="a1">x' * 9000,
        "<style>" + "*:not(.a) " * 200 + "{display:none}</style>" + ("<div>" * 200 + "x" + "</div>" * 200) * 50,
        ('<div class="share comment">' * 250 + "x") * 100,
        "&amp;" * 500_000,
    ],
    ids=lambda page: page[:24],
)
def test_no_page_takes_long_or_crashes(page: str) -> None:
    start = time.perf_counter()
    for result in read(Document("page.html", "page.html", f"<html><body>{page}".encode())):
        if isinstance(result, RawArticle):
            clean(result)
    assert time.perf_counter() - start < 15  # seconds; a few even on a busy machine, where hours would be no bound


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a page was read from the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    head = (
        '<link rel="stylesheet" href="http://127.0.0.1:9/a.css">'
        "<style>@import url(http://127.0.0.1:9/b.css); .x{display:none}"
        '</style><base href="http://127.0.0.1:9/"><meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/">'
    )
    body = '<img src="http://127.0.0.1:9/a.png"><iframe src="http://127.0.0.1:9/"></iframe><p class="x">x</p>'
    assert _NEWS in _read(_page(body, head)).body
