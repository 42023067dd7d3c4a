"""Which sentences several sources agree on, as a page counts them."""

from __future__ import annotations

from briefing.domain import Article, Sentence
from briefing.render.agreement import with_agreement
from tests import editions
from tests.editions import article, cite_words

AMBULANCE = "The county ambulance service said that 14 people were injured on the quay."
HOSPITAL = "The hospital of Port Orla said that 17 people were injured on the quay."
HERE, THERE = article("here", None, AMBULANCE), article("there", None, HOSPITAL)
COPY = article("copy", None, f"{AMBULANCE} It rained.")
RECORDS = {source.id: editions.record(source) for source in (HERE, THERE, COPY)}


def agreeing(text: str, *quotes: tuple[Article, str]) -> int:
    citations = tuple(cite_words(source, words) for source, words in quotes)
    told = editions.event(1, [HERE, THERE, COPY], [Sentence(text, "written", len(citations), None, citations)])
    return with_agreement(told, RECORDS).sentences[0].origins


def test_two_sources_of_two_different_figures_agree_on_nothing():
    differ = "The ambulance service said 14 people were injured, while the hospital said 17 were."
    assert agreeing(differ, (HERE, AMBULANCE), (THERE, HOSPITAL)) == 1


def test_two_sources_that_say_the_same_agree():
    said = "The county ambulance service said 14 people were injured on the quay."
    assert agreeing(said, (HERE, AMBULANCE), (COPY, AMBULANCE)) == 2
