"""When a saved page says that its article was published, and what states it; unknown is None."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.collect.cleaning import url_day
from briefing.collect.cleaning.byline import dateline_day, stated_date
from briefing.collect.cleaning.clean import clean
from briefing.collect.pages.read import read
from briefing.domain import Article
from briefing.ports import Document, RawArticle

_LINES = (
    "A ferry hit a pier in Kestrel Bay on Monday and fourteen people were hurt, the coastguard said.",
    "The pier is closed until further notice, and sailings go from the other side of the harbour, the town said.",
    "Divers are to look at the piles on Tuesday, when the tide is low, the harbour master told reporters.",
)
_TEXT = "".join(f"<p>{line}</p>" for line in _LINES)
_TITLE = "Ferry hits a pier in the fog"


def _read(body: str, head: str = "", url: str | None = None) -> Article:
    page = f"<html><head><title>{_TITLE}</title>{head}</head><body>{body}</body></html>"
    (raw,) = read(Document("page.html", "page.html", page.encode(), url))
    assert isinstance(raw, RawArticle), raw
    return clean(raw)


def _article(above: str = "", below: str = "", **more: str) -> Article:
    return _read(f'<div class="page"><div class="text">{above}<h1>{_TITLE}</h1>{below}{_TEXT}</div></div>', **more)


@pytest.mark.parametrize(
    "head",
    [
        '<meta property="article:published_time" content="2026-03-02">',
        '<meta name="DC.date.issued" content="2026-03-02">',
        '<meta name="dcterms:created" content="2026-03-02">',
        '<meta name="displaydate" content="2 Mar 2026">',
        '<meta name="date" content="02.03.2026">',
        '<script type="application/ld+json">{"@type": "WebPage", "datePublished": "2026-03-02"}</script>',
        '<script type="application/ld+json">{"@type": "NewsArticle", "datePublished": "2026-03-02",}</script>',
    ],
)
def test_the_head_states_the_date(head: str) -> None:
    article = _article(head=head)
    assert (article.published, article.published_from) == ("2026-03-02", "page")


def test_what_the_article_shows_goes_before_what_is_said_of_the_page() -> None:
    head = '<script type="application/ld+json">{"@type": "WebPage", "datePublished": "2026-07-01"}</script>'
    assert _article(head=head, below="<p><time>2 March 2026</time></p>").published == "2026-03-02"


def test_a_date_between_the_sites_name_and_the_headline_counts_where_there_is_no_other() -> None:
    page = '<h1 class="logo">Harbour Watch</h1><p><span class="date">2 March 2026</span></p>'
    assert _read(f"{page}<div><div><h2>{_TITLE}</h2>{_TEXT}</div></div>").published == "2026-03-02"


def test_a_moment_told_in_utc_and_in_a_zone_east_of_it_has_the_zones_day() -> None:
    head = (
        '<meta property="article:published_time" content="2026-03-01T23:30:00Z">'
        '<meta name="date" content="2026-03-02T00:30:00+01:00">'
    )
    assert _article(head=head).published == "2026-03-02T00:30:00+01:00"


@pytest.mark.parametrize(
    "below",
    [
        "<p><time>2 March 2026</time></p>",
        '<p class="meta"><span>02.03.26</span></p>',
        "<p>Kestrel Bay, 02.03.2026</p>",
        "<p>02.03.2026 | Anna Reyes | Harbour</p>",
        "<p>The Harbour Post • 02.03.2026</p>",
        "<p>von Anna Reyes am 2. März 2026</p>",
        '<ul class="teaser"><li><time datetime="2026-03-02">today</time></li></ul>',
        '<abbr class="published" title="2026-03-02">Monday</abbr>',
    ],
)
def test_a_date_right_below_the_headline_is_the_articles(below: str) -> None:
    article = _article(below=below)
    assert (article.published, article.published_from) == ("2026-03-02", "page")


@pytest.mark.parametrize(
    "above",
    [
        '<span class="date">02.03.2026</span>',
        '<p class="date">2 March 2026</p>',
        '<p><time datetime="2026-03-02">Monday</time></p>',
    ],
)
def test_a_date_just_above_the_headline_in_the_same_block_is_the_articles(above: str) -> None:
    assert _article(above=above).published == "2026-03-02"


@pytest.mark.parametrize(
    "chrome",
    [
        '<div class="date">27 July 2024</div>',
        '<header><p class="date">27 July 2024</p></header>',
        '<div class="masthead"><time datetime="2024-07-27">Saturday</time></div>',
    ],
)
def test_a_date_above_the_headline_in_the_pages_chrome_is_not(chrome: str) -> None:
    assert _read(f"{chrome}<h1>{_TITLE}</h1>{_TEXT}").published is None
    assert _read(f"<div>{chrome}<div><h1>{_TITLE}</h1>{_TEXT}</div></div>").published is None


def test_dates_of_other_articles_below_are_not_the_articles() -> None:
    others = "".join(
        f'<div class="related"><p>{_LINES[0]}</p><time datetime="2024-07-0{day}">x</time></div>' for day in (1, 2)
    )
    assert _read(f"<h1>{_TITLE}</h1>{_TEXT}{others}").published is None


def test_an_element_for_the_articles_date_counts_wherever_it_stands_if_it_is_the_only_day() -> None:
    aside = '<aside><span class="post-date">02.03.2026</span></aside>'
    assert _read(f"<h1>{_TITLE}</h1>{_TEXT}{aside}").published == "2026-03-02"
    assert _read(f"<h1>{_TITLE}</h1>{_TEXT}{aside}{aside.replace('02.', '05.')}").published is None


@pytest.mark.parametrize("title", [f"02.03.2026 - {_TITLE}", f"{_TITLE} | Harbour Radio | 02.03.2026"])
def test_a_date_that_stands_apart_in_the_title_counts(title: str) -> None:
    page = f"<html><head><title>{title}</title></head><body><h1>{_TITLE}</h1>{_TEXT}</body></html>"
    (raw,) = read(Document("page.html", "page.html", page.encode()))
    assert isinstance(raw, RawArticle)
    assert raw.published == "2026-03-02"


def test_the_text_states_the_date_in_its_byline_or_dateline() -> None:
    for line in ("By Anna Reyes, 2 March 2026", "KESTREL BAY, 2 March 2026 (Meridian Press) - A tug came at noon."):
        raw = RawArticle(
            id="a", title=_TITLE, text="\n".join([line, *_LINES]), url="https://harbour.example/2025/1/1/x"
        )
        article = clean(raw)
        assert (article.published, article.published_from) == ("2026-03-02", "text")


def test_the_address_states_the_date_where_nothing_else_does() -> None:
    address = "https://harbour.example/2026/03/02/ferry"
    article = _article(url=address)
    assert (article.published, article.published_from) == ("2026-03-02", "url")
    changed = '<meta property="article:modified_time" content="2026-03-09">'
    assert _article(url=address, head=changed).published == "2026-03-02"
    stated = '<meta property="article:published_time" content="2026-03-01">'
    assert _article(url=address, head=stated).published_from == "page"


@pytest.mark.parametrize(
    ("address", "day"),
    [
        ("https://a.example/2026/03/02/ferry", "2026-03-02"),
        ("https://a.example/news/2026-03-02-ferry.html", "2026-03-02"),
        ("https://a.example/news/ferry-20260302.html", "2026-03-02"),
        ("https://a.example/news/23-11-2026-ferry", "2026-11-23"),
        ("https://a.example/news/03-02-2026-ferry", None),  # the third of February, or the second of March
        ("https://a.example/2026/02/31/ferry", None),
        ("https://a.example/2026/03/ferry", None),
        ("https://a.example/2026/03/02/after-2025-01-01", None),
        ("https://a.example/ferry-12026030212", None),
        ("https://a.example/ferry?day=2026-03-02", None),
        ("https://[", None),
        (None, None),
    ],
)
def test_an_address_states_a_day_that_every_country_reads_alike(address: str | None, day: str | None) -> None:
    assert url_day.read(address) == day


@given(st.dates())
def test_an_address_of_year_month_and_day_gives_back_the_day(day: object) -> None:
    stated = str(day)
    expected = stated if stated[:2] in ("19", "20") else None
    assert url_day.read(f"https://a.example/{stated.replace('-', '/')}/ferry") == expected


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("02.03.2026", "2026-03-02"),
        ("2.3.26", "2026-03-02"),
        ("2.3.98", "1998-03-02"),
        ("23/11/2026", "2026-11-23"),
        ("11/23/2026", "2026-11-23"),
        ("23-11-2026", "2026-11-23"),
        ("2026/03/02", "2026-03-02"),
        ("03/02/2026", None),
        ("version 1.2.3.4", None),
        ("call 040 49 07 11", None),
    ],
)
def test_numbers_are_a_date_only_where_all_read_them_alike(text: str, day: str | None) -> None:
    found = stated_date(text)
    assert (found[0] if found else None) == day


@pytest.mark.parametrize(
    ("block", "day"),
    [
        ("KESTREL BAY, 2 March 2026 (Meridian Press) - A tug came at noon.", "2026-03-02"),
        ("Berlin, 2. März 2026 – Ein Schlepper kam am Mittag.", "2026-03-02"),
        ("(2 March 2026) A tug came at noon.", "2026-03-02"),
        ("On 2 March 2026 a tug came.", None),
        ("2 March 2026 – the tug comes", None),
        ("The tug came on 2 March 2026 - at noon.", None),
        ("Kestrel Bay", None),
    ],
)
def test_a_dateline_states_the_day_and_a_sentence_does_not(block: str, day: str | None) -> None:
    assert dateline_day(block) == day
