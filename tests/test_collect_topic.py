"""`--topic`: the articles that are about something, in their order."""

from __future__ import annotations

import pytest
from hypothesis import given

from briefing.collect.topic import about
from briefing.domain import Article
from briefing.errors import UsageError
from tests.strategies import hostile_text

_FERRY = Article(id="a", title="Ferry hits pier", body="Two ferries collided in Kestrel Bay, the coastguard said.")
_STRIKE = Article(id="b", title="Dockers strike", body="Workers at the port of Kestrel Bay want better pay.")
_CAFE = Article(id="c", title=None, body="A new café has opened in Zürich.")
_ALL = (_FERRY, _STRIKE, _CAFE)


@pytest.mark.parametrize(
    ("topics", "expected"),
    [
        ([], "abc"),
        (["ferry"], "a"),
        (["FERRIES"], "a"),
        (["collision", "colliding"], "a"),
        (["Kestrel Bay"], "ab"),
        (["ferry strike"], ""),
        (["strike in the port"], "b"),
        (["ferry", "strike"], "ab"),
        (["strike", "ferry"], "ab"),
        (["cafe zurich"], "c"),
        (["ferry pier kestrel bay harbour sinking"], "a"),
        (["nothing of this kind"], ""),
    ],
)
def test_an_article_is_kept_if_it_holds_the_words_of_any_topic(topics: list[str], expected: str) -> None:
    assert "".join(article.id for article in about(_ALL, topics)) == expected


def test_the_order_of_the_articles_is_kept() -> None:
    assert about(_ALL[::-1], ["Kestrel Bay"]) == (_STRIKE, _FERRY)


@pytest.mark.parametrize("topic", ["", "  ", "the", "?!"])
def test_a_topic_without_a_word_is_an_error_of_use(topic: str) -> None:
    with pytest.raises(UsageError, match="holds no word to look for"):
        about(_ALL, [topic])


@pytest.mark.parametrize(
    "topic", ['ferry"', "ferry OR strike", "ferry*", "text:ferry", "NEAR(ferry pier)", "ferry -pier"]
)
def test_nothing_in_a_topic_is_an_operator(topic: str) -> None:
    assert _STRIKE not in about(_ALL, [topic])


@given(hostile_text)
def test_no_topic_crashes_it(topic: str) -> None:
    try:
        assert set(about(_ALL, [topic])) <= set(_ALL)
    except UsageError as error:
        assert "--topic" in str(error)  # noqa: PT017 - which of the two happens depends on what was drawn
