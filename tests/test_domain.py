"""What the nouns refuse to be."""

from __future__ import annotations

import hashlib
from dataclasses import FrozenInstanceError

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.domain import Article, Citation, Headline, Sentence, Withheld
from tests.strategies import articles

PASSAGE = Citation("a", 4, 20, "The ferry sailed")


def test_a_sentence_without_a_citation_cannot_exist():
    with pytest.raises(ValueError, match="needs a citation"):
        Sentence("The ferry sailed.", "written", 1, None, ())


@pytest.mark.parametrize("text", ["", " ", "\n\t"])
def test_a_sentence_without_text_cannot_exist(text):
    with pytest.raises(ValueError, match="needs text"):
        Sentence(text, "written", 1, None, (PASSAGE,))


def test_a_sentence_without_an_origin_cannot_exist():
    with pytest.raises(ValueError, match="needs an origin"):
        Sentence("The ferry sailed.", "written", 0, None, (PASSAGE,))


def test_a_verbatim_sentence_stands_in_one_of_its_quotes():
    assert Sentence("ferry sailed", "verbatim", 1, None, (PASSAGE,)).text in PASSAGE.quote
    with pytest.raises(ValueError, match="not verbatim"):
        Sentence("The ferry sank", "verbatim", 1, None, (PASSAGE,))


def test_a_written_sentence_has_words_of_its_own():
    assert Sentence("It sailed.", "written", 1, None, (PASSAGE,)).kind == "written"


def test_a_headline_is_held_to_the_same_rules_as_a_sentence():
    assert Headline("The ferry sailed", "verbatim", 1, (PASSAGE,)).origins == 1
    for text, kind, origins, citations in (
        ("The ferry sailed", "verbatim", 1, ()),
        ("The ferry sank", "verbatim", 1, (PASSAGE,)),
        ("The ferry sailed", "verbatim", 0, (PASSAGE,)),
        (" ", "written", 1, (PASSAGE,)),
    ):
        with pytest.raises(ValueError, match=r"needs|not verbatim"):
            Headline(text, kind, origins, citations)  # type: ignore[arg-type]


@pytest.mark.parametrize(("start", "end"), [(-1, 3), (3, 3), (5, 2)])
def test_a_citation_needs_a_span(start, end):
    with pytest.raises(ValueError, match="is no span"):
        Citation("a", start, end, "x" * max(0, end - start))


@given(st.integers(0, 50), st.integers(1, 50), st.text(max_size=60))
def test_a_citations_quote_is_as_long_as_its_span(start, length, quote):
    if len(quote) == length:
        assert Citation("a", start, start + length, quote).quote == quote
    else:
        with pytest.raises(ValueError, match=f"the quote has {len(quote)} characters, the span {length}"):
            Citation("a", start, start + length, quote)


def test_nothing_is_withheld_without_a_reason():
    assert Withheld("e1", "Forty were hurt.", ("number",)).reasons == ("number",)
    with pytest.raises(ValueError, match="without a reason"):
        Withheld("e1", "Forty were hurt.", ())


def test_an_articles_text_is_its_title_a_blank_line_and_its_body():
    told = Article(id="a", title="Ferry sails", body="The ferry sailed.")
    assert told.text == "Ferry sails\n\nThe ferry sailed."
    assert told.text[told.body_start :] == told.body


@pytest.mark.parametrize("title", [None, ""])
def test_an_article_without_a_title_is_its_body_alone(title):
    told = Article(id="a", title=title, body="The ferry sailed.")
    assert (told.text, told.body_start) == ("The ferry sailed.", 0)


def test_an_article_is_its_own_origin_until_one_is_found():
    assert Article(id="a", title=None, body="x").origin == "a"
    assert Article(id="a", title=None, body="x", origin="Northern Wire").origin == "Northern Wire"


@given(articles())
def test_every_sentence_of_an_article_is_a_passage_that_can_be_cited(article):
    assert article.sha256 == hashlib.sha256(article.text.encode()).hexdigest()
    for start, end in article.sentences:
        quote = article.text[start:end]
        assert Citation(article.id, start, end, quote).quote in article.body


def test_the_nouns_are_immutable():
    told = Article(id="a", title=None, body="x")
    for value, name in ((told, "body"), (PASSAGE, "quote")):
        with pytest.raises(FrozenInstanceError):
            setattr(value, name, "y")
