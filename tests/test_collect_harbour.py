"""The example corpus and what was planted in it: what must be kept, dropped, told of each article."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from briefing.collect import collect
from briefing.domain import Article

_HARBOUR = Path(__file__).resolve().parent.parent / "examples" / "harbour"


@pytest.fixture(scope="module")
def truth() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((_HARBOUR / "truth.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def articles() -> dict[str, Article]:
    collected = collect([str(_HARBOUR)])
    assert collected.problems == ()
    return {article.id: article for article in collected.articles}


def test_every_article_is_read_under_the_id_that_it_should_have(
    articles: dict[str, Article], truth: dict[str, Any]
) -> None:
    assert sorted(articles) == sorted(truth["keep"])


def test_the_first_sentence_opens_the_article_and_the_last_is_kept_whole(
    articles: dict[str, Article], truth: dict[str, Any]
) -> None:
    for identifier, (first, last) in truth["keep"].items():
        article = articles[identifier]
        sentences = [article.text[start:end] for start, end in article.sentences]
        assert sentences[0] == first, identifier
        assert last in sentences, identifier


def test_furniture_hidden_text_and_comments_are_gone(articles: dict[str, Article], truth: dict[str, Any]) -> None:
    left = {
        (identifier, string)
        for identifier, strings in truth["drop"].items()
        for string in strings
        if string in articles[identifier].text
    }
    assert left == set()


@pytest.mark.parametrize("field", ["published", "publisher", "author"])
def test_fields_are_as_stated_and_null_where_nothing_states_them(
    field: str, articles: dict[str, Article], truth: dict[str, Any]
) -> None:
    assert {identifier: getattr(articles[identifier], field) for identifier in truth[field]} == truth[field]


@pytest.mark.parametrize(
    ("flag", "key"), [("opinion", "opinion"), ("correction", "corrections"), ("ai-written", "ai_written")]
)
def test_flags_stand_exactly_where_the_articles_say_so(
    flag: Any, key: str, articles: dict[str, Article], truth: dict[str, Any]
) -> None:
    assert sorted(identifier for identifier, article in articles.items() if flag in article.flags) == sorted(truth[key])


def test_wire_reports_are_credited_where_they_say_so(articles: dict[str, Article], truth: dict[str, Any]) -> None:
    credited = {identifier for identifier, article in articles.items() if article.credit}
    assert credited <= set(truth["wire"])
    assert {articles[identifier].credit for identifier in credited} == {"Meridian Press"}
    assert len(credited) == 2  # the third paper prints it without a word: its text will tell


def test_languages_are_recognised(articles: dict[str, Article], truth: dict[str, Any]) -> None:
    others = {identifier: a.language for identifier, a in articles.items() if a.language != "en"}
    assert others == truth["languages"]


def test_what_an_article_quotes_is_kept_word_by_word(articles: dict[str, Article], truth: dict[str, Any]) -> None:
    for one in truth["quotations"]:
        assert one["quote"].rstrip(".") in articles[one["article_id"]].body
