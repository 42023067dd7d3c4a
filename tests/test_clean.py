"""Cleaning: title, fields, flags, credit, sentences; nothing guessed, nothing invisible, nothing twice."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.collect.cleaning.clean import clean
from briefing.collect.cleaning.rules import RULES
from briefing.domain import Article
from briefing.ports import RawArticle
from briefing.text import single_line, visible
from tests.strategies import body_text, hostile_text

_NEWS = "A ferry hit a pier in Kestrel Bay on Monday and fourteen people were hurt, the coastguard said."
_MORE = "The pier is closed until further notice, and sailings go from the other side of the harbour."
_LINES = [c for rule in RULES for c in rule.catches + rule.passes] + [
    "By Anna Reyes, The Harbour Post",
    "The Harbour Post, 2 March 2026",
    "2 March 2026",
    "Published 4 March 2026, 13:15 GMT",
    "Updated 3 March 2026",
    "The Harbour Post",
    "Opinion",
    "Ferry hits pier",
    "KESTREL BAY (Meridian Press) - " + _NEWS,
    _NEWS,
]


def _page(*lines: str) -> Article:
    """A plain text of these lines, cleaned."""
    return clean(RawArticle(id="x", text="\n".join(lines), trusted_title=False))


def _row(text: str = _NEWS, **fields: Any) -> Article:
    return clean(RawArticle(id="x", text=text, **fields))


def _sentences(article: Article) -> list[str]:
    return [article.text[start:end] for start, end in article.sentences]


# Dates


@pytest.mark.parametrize(
    ("line", "published"),
    [
        ("2 March 2026", "2026-03-02"),
        ("March 2, 2026", "2026-03-02"),
        ("Published 2 March 2026, 14:30 GMT", "2026-03-02T14:30:00+00:00"),
        ("Posted on March 2, 2026 at 2:30 pm", "2026-03-02T14:30:00"),
        ("Veröffentlicht am 2. März 2026, 14:30 Uhr", "2026-03-02T14:30:00"),
        ("2.3.2026", "2026-03-02"),
        ("Montag, 02.03.2026, 14:30 Uhr", "2026-03-02T14:30:00"),
        ("By Anna Reyes | Tuesday 3 March 2026, 8.20 am", "2026-03-03T08:20:00"),
        ("The Harbour Post, 2 March 2026", "2026-03-02"),
        ("03/02/2026", None),
        ("30 February 2026", None),
        ("Published", None),
    ],
)
def test_a_date_line_between_title_and_text_is_the_date(line: str, published: str | None) -> None:
    assert _page("Ferry hits pier", line, _NEWS).published == published


def test_a_date_above_the_title_is_the_pages_own_and_never_counts() -> None:
    article = _page("July 27, 2024", "Ferry hits pier", _NEWS)
    assert (article.title, article.published) == ("Ferry hits pier", None)
    assert "2024" not in article.text


def test_a_date_in_the_report_is_no_date_of_the_report() -> None:
    assert _page("Ferry hits pier", _NEWS, "The pier was opened on 2 March 1999.").published is None


@pytest.mark.parametrize(
    "line", ["| Last update : 3 March 2026", "Updated: 3 March 2026", "Last modified on 3 March 2026"]
)
def test_a_filled_last_update_counts_only_where_no_other_date_stands(line: str) -> None:
    assert _page("Ferry hits pier", line, _NEWS).published == "2026-03-03"
    assert _page("Ferry hits pier", line, "2 March 2026", _NEWS).published == "2026-03-02"
    assert (
        clean(RawArticle(id="x", text=f"{line}\n{_NEWS}", title="T", published="2026-03-01")).published == "2026-03-01"
    )


def test_a_stated_field_wins_over_the_text() -> None:
    text = f"By Anna Reyes, The Harbour Post, 2 March 2026\n{_NEWS}"
    article = _row(text, title="T", author="Osric Bell", publisher="The Winch", published="2026-03-05T10:00:00Z")
    assert (article.author, article.publisher, article.published) == (
        "Osric Bell",
        "The Winch",
        "2026-03-05T10:00:00+00:00",
    )
    assert article.body == _NEWS


@pytest.mark.parametrize("value", ["yesterday", "2026-02-30", "03/04/2026", "", "99999-01-01"])
def test_a_field_that_holds_no_date_is_no_date(value: str) -> None:
    assert _row(published=value).published is None


# Author, publisher


@pytest.mark.parametrize(
    ("line", "author", "publisher"),
    [
        ("By Anna Reyes", "Anna Reyes", None),
        ("By Anna Reyes and Osric Bell", "Anna Reyes and Osric Bell", None),
        ("Written by AiBot", "AiBot", None),
        ("Von Wiebke Tadsen", "Wiebke Tadsen", None),
        ("By Callum Wrenfield, Northern Line News, 2 March 2026", "Callum Wrenfield", "Northern Line News"),
        ("By Dorothea Quill, columnist, Northern Line News", "Dorothea Quill", "Northern Line News"),
        ("Port Ellery Gazette, 3 March 2026", None, "Port Ellery Gazette"),
        ("By Monday the ferry was back", None, None),
        ("By the harbour", None, None),
        ("Kestrel Bay, 2 March 2026", None, None),
    ],
)
def test_bylines_name_author_and_publisher(line: str, author: str | None, publisher: str | None) -> None:
    article = _page("Ferry hits pier", line, _NEWS)
    assert (article.author, article.publisher) == (author, publisher)


def test_a_publisher_on_a_line_of_its_own_beside_the_date_is_one() -> None:
    article = _page("Ferry hits pier", "Kestrel Bay Courier", "Published 3 March 2026, 13:40 GMT", _NEWS)
    assert article.publisher == "Kestrel Bay Courier"
    assert article.body == _NEWS


def test_a_heading_that_sounds_like_a_paper_is_a_heading() -> None:
    article = _page("Ferry hits pier", "The Morning Star", _NEWS)
    assert article.publisher is None
    assert article.body.startswith("The Morning Star")


@pytest.mark.parametrize(
    ("line", "publisher"),
    [
        ("© 2026 The Harbour Post Ltd. All rights reserved.", "The Harbour Post"),
        ("Copyright 2026 Northern Line News. All rights reserved.", "Northern Line News"),
        ("© Northern Line News 2026. All rights reserved.", "Northern Line News"),
        ("(Associated Medias) – All rights reserved", None),
        ("Source: Newsroom", None),
        ("All rights reserved.", None),
    ],
)
def test_a_copyright_line_names_the_publisher_only_if_it_names_somebody(line: str, publisher: str | None) -> None:
    article = _page("Ferry hits pier", _NEWS, line)
    assert article.publisher == publisher
    assert article.body == _NEWS


# Title


def test_a_title_in_a_field_is_not_told_again_by_the_text() -> None:
    article = _row(f"Breaking\nFERRY HITS PIER\n{_NEWS}\nFerry hits pier", title="Ferry hits pier")
    assert (article.title, article.body) == ("Ferry hits pier", _NEWS)


def test_a_row_without_title_stays_without_one() -> None:
    assert _row(f"Ferry hits pier\n{_NEWS}").title is None


def test_fields_are_single_visible_lines_of_bounded_length() -> None:
    article = _row(title="A\u202eB\r\nBcc: x\u200b", author="a" * 1000, publisher="P\x00\x1b[31m")
    assert article.title == "AB Bcc: x"
    assert len(article.author or "") == 300
    assert article.publisher == "P[31m"


def test_markup_in_plain_fields_stays_as_it_is_written() -> None:
    assert _row(title="<script>alert(1)</script>").title == "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.org/a?b=1#c", True),
        ("http://[::1]/a", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("java\nscript:alert(1)", False),
        ("https://user:secret@example.org/", False),
        ("https://", False),
        ("//example.org/a", False),
        ("https://exa mple.org/", False),
        ("https://example.org/\u202ea", False),
        ("http://[bad", False),
        ("ftp://example.org/a", False),
    ],
)
def test_only_addresses_of_web_pages_are_kept(url: str, kept: bool) -> None:  # noqa: FBT001 - a parametrised truth
    assert _row(url=url).url == (url if kept else None)


# Flags


@pytest.mark.parametrize(
    "note",
    [
        "This article was generated automatically from berth data. It was not reviewed by an editor.",
        "To err is human, but AI does it too. The content is written entirely by AI.",
        "This story was written with the help of artificial intelligence.",
        "This summary has been produced by a large language model.",
        "AI-generated summary",
        "Written by AI",
        "Dieser Text wurde automatisch erstellt.",
        "Dieser Artikel wurde mit Hilfe von KI verfasst.",
    ],
)
def test_what_says_that_a_machine_wrote_it_is_flagged(note: str) -> None:
    assert "ai-written" in _page("Ferry hits pier", _NEWS, _MORE, note).flags
    assert "ai-written" in _page("Ferry hits pier", note, _NEWS, _MORE).flags


@pytest.mark.parametrize(
    "news",
    [
        "The essay was written by AI, the university said on Monday.",
        "“This article was written by AI,” the editor admitted to the council.",
        "The letters were generated automatically by a computer of the county, officials said.",
        "A robot wrote the first page of the new novel.",
    ],
)
def test_news_about_machines_that_write_is_not_flagged_and_kept(news: str) -> None:
    article = _page("Ferry hits pier", _NEWS, news)
    assert article.flags == ()
    assert news in article.body


def test_a_machines_note_counts_inside_a_paragraph_in_which_somebody_said_something() -> None:
    note = "This article was generated by AI and was not reviewed."
    assert "ai-written" in _row(f"{_NEWS} {_MORE} {note}").flags
    assert "ai-written" in _row(f"{note} {_NEWS}").flags


@pytest.mark.parametrize(
    "news",
    [
        "This article was written by AI, the council said.",
        "“We are sorry. This article was written by AI. It will go,” the editor said.",
    ],
)
def test_what_somebody_says_of_an_article_inside_a_paragraph_is_no_note(news: str) -> None:
    assert "ai-written" not in _row(f"{_NEWS} {_MORE} {news} {_MORE}").flags


@pytest.mark.parametrize("author", ["AiBot", "AI Writer", "ChatGPT"])
def test_a_machine_as_author_is_flagged(author: str) -> None:
    assert _row(title="T", author=author).flags == ("ai-written",)


@pytest.mark.parametrize("author", ["Aino Virtanen", "Mai Botha", "Robotham Smith"])
def test_people_whose_names_hold_the_letters_are_not(author: str) -> None:
    assert _row(title="T", author=author).flags == ()


@pytest.mark.parametrize(
    "fields",
    [
        {"title": "Opinion: The dockers won a clock"},
        {"title": "Why the dockers won | Opinion"},
        {"title": "Kommentar: Die Uhr"},
        {"title": "T", "url": "https://example.org/opinion/2026/dockers"},
        {"title": "T", "text": f"Op-Ed\n{_NEWS}"},
        {"title": "T", "text": f"By Dorothea Quill, columnist\n{_NEWS}"},
    ],
)
def test_opinion_is_flagged_where_it_is_marked(fields: dict[str, str]) -> None:
    assert _row(**fields).flags == ("opinion",)


@pytest.mark.parametrize("title", ["Opinion polls: mayor leads", "Public opinion turns", "Column of smoke over port"])
def test_opinion_as_a_matter_is_not(title: str) -> None:
    assert _row(title=title, url="https://example.org/news/opinion-polls").flags == ()


@pytest.mark.parametrize(
    "note",
    [
        "Correction, 3 March: An earlier version of this article said the ferry was carrying 221 passengers.",
        "Correction: The ferry had 212 passengers.",
        "Clarification: The pier belongs to the town.",
        "Editor's note: An earlier version of this story gave a wrong name.",
        "This article has been corrected to give the right number.",
        "In einer früheren Version dieses Artikels stand eine falsche Zahl.",
    ],
)
def test_a_correction_is_flagged_and_stays_in_the_text(note: str) -> None:
    article = _row(f"{_NEWS}\n{note}", title="T")
    assert article.flags == ("correction",)
    assert note in article.body


def test_a_correction_of_prices_is_news() -> None:
    assert _row(f"{_NEWS}\nCorrections in share prices followed.", title="T").flags == ()


def test_a_paywall_is_flagged_and_its_prompt_goes() -> None:
    article = _row(f"{_NEWS}\nSubscribe to continue reading", title="T")
    assert (article.flags, article.body) == (("paywalled",), _NEWS)


def test_a_title_alone_is_flagged() -> None:
    assert _row("Subscribe now", title="Ferry hits pier").flags == ("no-text",)


# Credit


@pytest.mark.parametrize(
    ("line", "credit"),
    [
        ("KESTREL BAY (Meridian Press) - ", "Meridian Press"),
        ("LONDON, March 3 (Reuters) — ", "Reuters"),
        ("PARIS, 3 March (AFP) - ", "Agence France-Presse"),
        ("(Reuters) - ", "Reuters"),
        ("WASHINGTON (AP) — ", "Associated Press"),
        ("BERLIN (dpa) - ", "Deutsche Presse-Agentur"),
    ],
)
def test_a_dateline_credits_the_agency_and_belongs_to_no_sentence(line: str, credit: str) -> None:
    article = _row(line + _NEWS, title="T")
    assert (article.credit, article.flags) == (credit, ("wire",))
    assert article.body == line + _NEWS
    assert _sentences(article) == [_NEWS]


@pytest.mark.parametrize(
    ("line", "credit"),
    [
        ("By Reuters", "Reuters"),
        ("By the Associated Press", "Associated Press"),
        ("By Meridian Press", "Meridian Press"),
    ],
)
def test_a_byline_credits_the_agency(line: str, credit: str) -> None:
    assert _page("Ferry hits pier", line, _NEWS).credit == credit


@pytest.mark.parametrize(("line", "credit"), [("Source: AFP", "Agence France-Presse"), ("Source: Newsroom", None)])
def test_a_source_line_credits_an_agency_if_it_is_one(line: str, credit: str | None) -> None:
    assert _page("Ferry hits pier", _NEWS, line).credit == credit


@pytest.mark.parametrize(
    "text",
    [
        "The Kestrel (KB) - a ship - sank.",
        "Mayor Ashgrove (61) - a dentist - won.",
        "Reuters said on Monday that the ferry had hit a pier.",
        "NATO — the alliance — met on Monday.",
    ],
)
def test_brackets_and_dashes_in_a_sentence_credit_nobody(text: str) -> None:
    article = _row(text, title="T")
    assert article.credit is None
    assert _sentences(article) == [text]


def test_people_called_like_initials_are_no_agency() -> None:
    assert _row(title="T", author="Pa").credit is None


# Language and sentences


@pytest.mark.parametrize(
    ("stated", "text", "language"),
    [
        ("en-GB", _NEWS, "en"),
        ("DE", _NEWS, "de"),
        (None, f"{_NEWS} {_MORE}", "en"),
        (
            None,
            (
                "Beim Aufprall einer Fähre auf einen Anleger im Hafen sind am Montagmorgen nach Angaben des "
                "Rettungsdienstes vierzehn Menschen verletzt worden, darunter ein Ehepaar aus Norderwiek."
            ),
            "de",
        ),
        (None, "Too short to tell.", None),
        ("not a language", "Too short.", None),
        ("", "Too short.", None),
    ],
)
def test_the_language_is_as_stated_else_recognised_else_unknown(
    stated: str | None, text: str, language: str | None
) -> None:
    assert _row(text, language=stated).language == language


def test_sentences_lie_in_the_body_and_are_whole() -> None:
    article = _row(f"A heading\n{_NEWS} {_MORE}\nfourteen hurt\nOne pier closed", title="Ends like one.")
    assert _sentences(article) == [_NEWS, _MORE]
    assert all(start >= article.body_start for start, _ in article.sentences)


# Properties

_fields = st.none() | hostile_text | st.sampled_from(_LINES)


@given(st.lists(hostile_text | st.sampled_from(_LINES) | body_text, max_size=12), _fields, st.booleans())
def test_cleaning_what_is_clean_changes_nothing(lines: list[str], title: str | None, trusted: bool) -> None:  # noqa: FBT001 - drawn
    once = clean(RawArticle(id="x", text="\n".join(lines), title=title, trusted_title=trusted))
    twice = clean(RawArticle(id="x", text=once.body, title=once.title))
    assert (twice.title, twice.body) == (once.title, once.body)


@given(hostile_text, st.tuples(*[_fields] * 6))
def test_no_text_crashes_it_and_nothing_invisible_is_left(text: str, fields: tuple[str | None, ...]) -> None:
    title, published, publisher, url, author, language = fields
    article = clean(
        RawArticle(
            id="x",
            text=text,
            title=title,
            published=published,
            publisher=publisher,
            url=url,
            author=author,
            language=language,
        )
    )
    for value in (article.text, article.title, article.publisher, article.author, article.url, article.published):
        assert value is None or visible(value) == value
        (value or "").encode()
    for line in article.body.split("\n"):
        assert single_line(line) == line
    assert all(article.text[start:end].strip() for start, end in article.sentences)
    assert list(article.sentences) == sorted(article.sentences)


@given(body_text)
def test_plain_news_is_kept_to_the_last_character(body: str) -> None:
    assert clean(RawArticle(id="x", text=body)).body == visible(body)
