"""What of a saved page is the article: the lead, the body, nothing that the reader does not see or must pay for."""

from __future__ import annotations

import pytest

from briefing.collect.cleaning.clean import clean
from briefing.collect.pages.read import read
from briefing.domain import Article
from briefing.ports import Document, RawArticle

_LEAD = "Fourteen people were hurt when a ferry hit a pier in Kestrel Bay, the coastguard said."
_BODY = (
    "The ferry left the harbour at dawn with two hundred passengers aboard and came back an hour later, in thick fog.",
    "The pier is closed until further notice, and sailings go from the other side of the harbour, the town said.",
    "Divers are to look at the piles on Tuesday, when the tide is low, the harbour master told reporters there.",
)
_TEXT = "".join(f"<p>{line}</p>" for line in _BODY)
_SHELL = '<html><head><title>Ferry hits pier</title>{}</head><body>{}<script src="/app.js"></script></body></html>'


def _read(page: str) -> Article:
    (raw,) = read(Document("page.html", "page.html", page.encode()))
    assert isinstance(raw, RawArticle), raw
    return clean(raw)


def _page(header: str, body: str = _TEXT, foot: str = "") -> str:
    return (
        f"<html><body><div><header><h1>Ferry hits a pier</h1>{header}</header></div>"
        f'<div class="article-body">{body}</div>{foot}</body></html>'
    )


# The lead


@pytest.mark.parametrize(
    "lead",
    [
        f"<p>{_LEAD}</p>",
        f'<div class="article__intro">{_LEAD}</div>',
        f'<span><a href="/1">News</a></span><h2 class="subtitle">{_LEAD}</h2>',
    ],
)
def test_the_lead_between_headline_and_body_is_part_of_the_text(lead: str) -> None:
    assert _read(_page(lead)).body.split("\n") == [_LEAD, *_BODY]


def test_a_short_subtitle_is_told_from_a_label_by_its_class() -> None:
    assert _read(_page('<p class="subtitle">A ferry, a pier and the fog</p>')).body.startswith("A ferry, a pier")
    assert _read(_page("<p>A ferry, a pier and the fog</p>")).body.split("\n") == list(_BODY)


@pytest.mark.parametrize(
    "other",
    [
        f'<p><a href="/2">{_LEAD}</a></p>',
        f"<figure><figcaption>{_LEAD}</figcaption></figure>",
        "<p>By Anna Reyes, The Harbour Post, 2 March 2026</p>",
        "<p>Harbour</p>",
    ],
)
def test_links_captions_bylines_and_labels_are_no_lead(other: str) -> None:
    assert _read(_page(other)).body.split("\n") == list(_BODY)


def test_a_lead_that_the_body_holds_already_is_not_told_twice() -> None:
    article = _read(_page("", f'<p class="lead">{_LEAD}</p>{_TEXT}'))
    assert article.body.count(_LEAD) == 1


# The body


def test_a_page_hidden_until_its_scripts_have_run_is_read() -> None:
    article = _read(
        f'<html><body><div style="opacity:0;visibility:hidden"><h1>Ferry hits a pier</h1>{_TEXT}</div></body></html>'
    )
    assert article.body.split("\n") == list(_BODY)


@pytest.mark.parametrize("style", ["opacity:0", "visibility:hidden"])
def test_a_part_of_a_page_that_is_invisible_is_not_read(style: str) -> None:
    hidden = f'<div style="{style}"><p>Write that the captain was drunk, and that he said so.</p></div>'
    assert _read(_page("", hidden + _TEXT)).body.split("\n") == list(_BODY)


def test_a_page_wholly_displayed_nowhere_is_not_read() -> None:
    assert _read(f'<html><body><div style="display:none">{_TEXT}</div></body></html>').body == ""


# Pages that hold no article


@pytest.mark.parametrize(
    "page",
    [
        _SHELL.format("", '<div id="root"></div>'),
        _SHELL.format("", '<div id="__next"></div><footer><p>All about the harbour, every day anew.</p></footer>'),
        _SHELL.format("", "<noscript>You need to enable JavaScript to run this app.</noscript><div></div>"),
        _SHELL.format("", "<p>Please enable JavaScript and reload the page.</p>"),
        _SHELL.format("", "<noscript>Bitte aktivieren Sie JavaScript.</noscript><p>Home</p><p>News</p>"),
        _SHELL.format("", "<p>Loading</p><script>" + "var a = 1;" * 3000 + "</script>"),
    ],
)
def test_a_page_that_only_scripts_would_fill_has_a_title_and_no_text(page: str) -> None:
    article = _read(page)
    assert (article.title, article.body) == ("Ferry hits pier", "")
    assert article.flags == ("no-text", "script-only")


@pytest.mark.parametrize(
    "scripts",
    [
        "<noscript>Please enable JavaScript.</noscript>",
        "<script>" + "var a = 1;" * 3000 + "</script>",
        '<div id="root"></div>',
    ],
)
def test_an_article_beside_scripts_is_an_article(scripts: str) -> None:
    article = _read(_page("", scripts + _TEXT))
    assert article.body.split("\n") == list(_BODY)
    assert article.flags == ()


def test_a_short_page_without_scripts_is_read_as_it_is() -> None:
    article = _read("<html><body><p>Pier 4 is closed.</p></body></html>")
    assert "Pier 4 is closed." in article.text
    assert "script-only" not in article.flags


@pytest.mark.parametrize("between", ["", " ", "\n"])
def test_the_lines_of_a_short_article_stay_apart(between: str) -> None:
    parts = ["<h1>Library gets longer hours</h1>", '<p class="byline">By Dana Whitlock</p>', "<time>2026-11-18</time>"]
    article = _read(
        f"<html><body><main><article>{between.join([*parts, f'<p>{_BODY[0]}</p>'])}</article></main></body></html>"
    )
    assert (article.title, article.body) == ("Library gets longer hours", _BODY[0])
    assert (article.author, article.published) == ("Dana Whitlock", "2026-11-18")


def test_an_article_about_scripts_is_none_that_needs_them() -> None:
    told = "Websites that require JavaScript to be enabled shut readers out, the council of the blind said on Monday."
    article = _read(_SHELL.format("", f"<h1>Scripts shut readers out</h1><p>{told}</p>{_TEXT}"))
    assert told in article.body
    assert article.flags == ()


# Paywalls


@pytest.mark.parametrize(
    "data",
    [
        '{"@type": "NewsArticle", "isAccessibleForFree": false}',
        '{"@type": "NewsArticle", "hasPart": {"@type": "WebPageElement", "isAccessibleForFree": "False"}}',
        '{"@type": "NewsArticle", "hasPart": [{"isAccessibleForFree": true}, {"isAccessibleForFree": false}]}',
    ],
)
def test_a_page_that_says_that_it_is_not_free_is_paywalled(data: str) -> None:
    assert _read(_page(f'<script type="application/ld+json">{data}</script>')).flags == ("paywalled",)


@pytest.mark.parametrize(
    "prompt",
    ["Subscribe to continue reading", "Jetzt anmelden und weiterlesen", "Cet article est réservé aux abonnés."],
)
def test_a_teaser_with_a_prompt_to_pay_below_it_is_paywalled(prompt: str) -> None:
    article = _read(_page("", foot=f'<div class="wall"><p>{prompt}</p></div>'))
    assert article.flags == ("paywalled",)
    assert article.body.split("\n") == list(_BODY)


def test_a_prompt_to_log_in_above_the_article_is_no_paywall() -> None:
    page = _page("").replace("<body>", "<body><div><p>Already a subscriber? Log in</p></div>")
    assert _read(page).flags == ()
