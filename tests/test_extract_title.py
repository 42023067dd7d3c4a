"""Which of a page's headings is its article's, where nothing states the title."""

from __future__ import annotations

import pytest

from briefing.collect.pages.read import read
from briefing.ports import Document, RawArticle

_TEXT = (
    "<p>A ferry hit a pier in Kestrel Bay on Monday and fourteen people were hurt, the coastguard said.</p>"
    "<p>The pier is closed until further notice, and sailings go from the other side, the town said.</p>"
    "<p>Divers are to look at the piles on Tuesday, when the tide is low, the harbour master said.</p>"
)


def _title(body: str, window: str = "") -> str | None:
    page = f"<html><head><title>{window}</title></head><body>{body}</body></html>"
    (raw,) = read(Document("page.html", "page.html", page.encode()))
    assert isinstance(raw, RawArticle), raw
    return raw.title


@pytest.mark.parametrize(
    "site",
    [
        '<h1 class="site-title">Harbour Watch of Kestrel Bay</h1>',
        '<h1><a href="/" rel="home">Harbour Watch of Kestrel Bay</a></h1>',
        '<h1 id="logo">Harbour Watch of Kestrel Bay</h1>',
    ],
)
def test_the_sites_name_is_no_title(site: str) -> None:
    assert _title(f"{site}<div><h2>Ferry hits a pier</h2>{_TEXT}</div>") == "Ferry hits a pier"


def test_the_sites_name_is_told_by_the_windows_last_words() -> None:
    body = f"<h1>Harbour Watch</h1><div><h1>Ferry hits a pier</h1>{_TEXT}</div>"
    assert _title(body, "Ferry hits a pier | Harbour Watch") == "Ferry hits a pier"


def test_of_several_headings_the_one_in_the_windows_title_is_the_articles() -> None:
    body = f"<h1>Quick links for you</h1><h1>Tug comes to help</h1><h2>Ferry hits a pier</h2>{_TEXT}"
    assert _title(body, "Harbour Watch - News » Ferry hits a pier") == "Ferry hits a pier"


def test_of_several_headings_the_one_marked_as_the_articles_is() -> None:
    body = (
        f'<h1>Quick links for you</h1><h1>Tug comes to help</h1><h2 class="entry-title">Ferry hits a pier</h2>{_TEXT}'
    )
    assert _title(body, "News") == "Ferry hits a pier"


def test_of_several_headings_the_one_right_above_the_text_is_the_articles() -> None:
    body = f"<h1>Quick links for you</h1><h1>Tug comes to help</h1><p>News</p><h3>Ferry hits a pier</h3>{_TEXT}"
    assert _title(body) == "Ferry hits a pier"


def test_the_only_headline_goes_before_what_search_engines_are_told() -> None:
    head = '<meta property="og:title" content="Ferry crash: all you need to know">'
    page = f"<html><head>{head}</head><body><h1>Ferry hits a pier</h1>{_TEXT}</body></html>"
    (raw,) = read(Document("page.html", "page.html", page.encode()))
    assert isinstance(raw, RawArticle)
    assert raw.title == "Ferry hits a pier"
