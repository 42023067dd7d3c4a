"""What a reader is told of the language model: where it did not write, what it took, whose words the sentences are."""

from __future__ import annotations

from dataclasses import replace
from typing import get_args

import lxml.html
import pytest

from briefing.domain import Briefing
from briefing.errors import Failure
from briefing.render import render, summary
from briefing.render.fallback import banner
from briefing.render.wording import FALLBACK
from briefing.report import Fallback
from tests import editions

EDITION, SOURCES = editions.model_briefing()
TEXTS = editions.by_id(SOURCES)
FORMS = ("md", "html", "txt", "story")


def fallen(*pairs: tuple[str, str], events: int = 5) -> Briefing:
    """A briefing of so many events with these fallbacks, each an event's id and a kind."""
    source = editions.article("a1", "A title", "It is so.")
    told = [editions.event(number, [source], [editions.verbatim(source, 0)]) for number in range(1, events + 1)]
    fallbacks = tuple(Fallback(event, kind, "words of an endpoint") for event, kind in pairs)
    return editions.briefing(told, [source], model="some-model", fallbacks=fallbacks)


def reported(**changes: object) -> Briefing:
    return replace(EDITION, report=replace(EDITION.report, **changes))  # type: ignore[arg-type]


def shown(form: str, edition: Briefing = EDITION) -> str:
    """What a reader sees of a form, on one line."""
    text = render(edition, form, TEXTS)
    return " ".join((str(lxml.html.fromstring(text.encode()).text_content()) if form == "html" else text).split())


@pytest.mark.parametrize(
    ("edition", "words"),
    [
        (fallen(), ""),
        (
            fallen(*((f"e{n}", "connection") for n in range(1, 5))),
            "The language model could not be reached: 4 of 5 events are told in the articles’ own sentences.",
        ),
        (
            fallen(("e2", "cap")),
            "The limit set for the language model was reached: 1 of 5 events is told in the articles’ own sentences.",
        ),
        (
            fallen(("e1", "key"), ("e2", "key"), events=2),
            "The language model did not accept the key: all 2 events are told in the articles’ own sentences.",
        ),
        (
            fallen(("e1", "refusal"), events=1),
            "The language model would not write: the event is told in the articles’ own sentences.",
        ),
        (
            fallen(("e1", "timeout"), ("e2", "gate"), ("e3", "timeout")),
            (
                "The language model did not answer in time (2) and nothing that the language model wrote passed its "
                "check (1): 3 of 5 events are told in the articles’ own sentences."
            ),
        ),
        (
            fallen(("e1", "server"), ("e9", "server")),
            (
                "The language model’s server failed: 1 of 5 events is told in the articles’ own sentences, and 1 event "
                "could not be told at all."
            ),
        ),
        (fallen(("e9", "server")), "The language model’s server failed: 1 event could not be told at all."),
        (
            fallen(("e1", "a kind of later")),
            "The language model failed: 1 of 5 events is told in the articles’ own sentences.",
        ),
    ],
)
def test_the_banner_says_how_many_events_and_why(edition: Briefing, words: str) -> None:
    assert banner(edition) == words


def test_every_kind_of_failure_has_words_of_its_own() -> None:
    assert set(get_args(Failure)) | {"gate", "language"} == set(FALLBACK)
    assert len(set(FALLBACK.values())) == len(FALLBACK)


@pytest.mark.parametrize("form", FORMS)
def test_the_banner_stands_before_the_first_event_and_is_marked_in_words(form: str) -> None:
    text = shown(form)
    words = "The language model could not be reached: 1 of 2 events is told in the articles’ own sentences."
    assert text.count(words) == 1
    assert text.index(words) < text.index("The ferry Aurora ran aground")
    assert "please note" in text[: text.index(words)].lower()


@pytest.mark.parametrize("form", FORMS)
def test_the_event_that_fell_back_says_so_itself(form: str) -> None:
    assert shown(form).count("Not written by the language model") == 1
    assert "Hafen" in shown(form)[: shown(form).index("Not written by the language model")]


@pytest.mark.parametrize("form", FORMS)
def test_a_model_that_wrote_every_event_needs_no_banner_and_no_tag(form: str) -> None:
    text = shown(form, reported(fallbacks=()))
    assert "lease note" not in text
    assert "Not written" not in text


@pytest.mark.parametrize("form", FORMS)
def test_what_an_endpoint_said_is_no_part_of_the_page(form: str) -> None:
    assert "127.0.0.1" not in render(EDITION, form, TEXTS)


def test_a_summary_has_the_banner_too() -> None:
    edition = fallen(("e1", "timeout"), events=1)
    assert "**Please note:** The language model did not answer in time: the event is told" in summary(edition, {})


def test_a_screen_reader_is_told_that_the_banner_is_a_note() -> None:
    root = lxml.html.document_fromstring(render(EDITION, "html", TEXTS).encode())
    assert len(root.xpath("//p[@class='banner'][@role='note']/strong")) == 1


def scores(edition: Briefing) -> dict[str, str]:
    root = lxml.html.document_fromstring(render(edition, "html", TEXTS).encode())
    return {row.findtext("dt"): row.findtext("dd") for row in root.xpath("//dl[@class='scores']/div")}


def test_the_scorecard_tells_what_the_model_did_and_took() -> None:
    assert scores(EDITION) == {
        "Articles read": "5",
        "Events": "2",
        "Sentences": "7",
        "Sentences with their source": "7 of 7",
        "Word for word from their source": "3 of 7",
        "In the language model’s words": "4 of 7",
        "Of these, right at the second try": "1",
        "Replaced by a passage": "2",
        "Events that it did not write": "1",
        "Sentences withheld": "0",
        "Sources that failed": "0",
        "Language model": "some-model",
        "Prompts": "0123456789ab",
        "Answers of the model": "3",
        "Answers kept from earlier runs": "4",
        "Tokens sent": "1,200",
        "Tokens received": "300",
        "Cost": "0.0042",
    }


def test_a_cost_that_is_not_known_says_so() -> None:
    assert scores(reported(cost=None))["Cost"] == "not known"


def test_without_a_model_the_scorecard_says_nothing_of_one() -> None:
    edition, _ = editions.harbour_briefing()
    for form in FORMS:
        assert "language model" not in shown(form, edition).lower().replace("without a language model", "")


def test_written_sentences_are_said_to_be_a_model_s_and_checked() -> None:
    text = shown("md")
    assert (
        "Written by the language model some-model from the passages cited, each sentence checked against them. "
        "3 sentences stand word for word as in the source."
    ) in text
    assert "a sentence can pass its check and still read otherwise" in text


def test_a_model_that_wrote_nothing_is_not_named_as_the_writer() -> None:
    text = shown("md", fallen(("e1", "timeout"), events=1))
    assert "The language model some-model wrote no sentence of it" in text
    assert "still read otherwise" not in text


def test_written_words_stand_without_quotation_marks_and_a_source_s_own_opinion_with_them() -> None:
    column = editions.article(
        "c1", "A column", "The council has failed us all.", author="Tom Farrow", flags=("opinion",)
    )
    passage = editions.cite_words(column, "The council has failed us all.")
    told = [
        replace(editions.written("The council is at fault.", passage), attributed_to="Tom Farrow"),
        editions.verbatim(column, 0, attributed_to="Tom Farrow"),
    ]
    edition = editions.briefing([editions.event(1, [column], told)], [column], model="some-model")
    text = render(edition, "story", {})
    assert "Tom Farrow writes: The council is at fault.[^2]" in text
    assert "Tom Farrow writes: “The council has failed us all.”[^2]" in text
