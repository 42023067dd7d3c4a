"""The fact box without a model: verbatim snippets, cited, certain or absent."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.collect import collect
from briefing.domain import Article, Aspect, Citation, Cluster, Draft, Reason
from briefing.gate import examine
from briefing.group import group, resolve_origins
from briefing.ports import Claim, Passage
from briefing.write import extractive
from briefing.write.facts import facts
from tests import editions, strategies


def told(source: Article, *others: Article) -> list[Draft]:
    """An article's title and all its sentences as drafts, then the sentences of others."""
    title = source.title or ""
    drafts = [Draft(title, (Citation(source.id, 0, len(title), title),), "verbatim")]
    for one in (source, *others):
        for span in one.sentences:
            quote = one.text[span.start : span.end]
            drafts.append(Draft(quote, (Citation(one.id, span.start, span.end, quote),), "verbatim"))
    return drafts


def box(title: str, body: str, **fields: object) -> dict[Aspect, list[str]]:
    """The fact box of one article."""
    source = editions.article("a1", title, body, **fields)
    found: dict[Aspect, list[str]] = {}
    for aspect, draft in facts(told(source), [source]):
        found.setdefault(aspect, []).append(draft.text)
    return found


def refused(draft: Draft, articles: Sequence[Article]) -> tuple[Reason, ...]:
    """What the gate has against a draft, its passages read from the articles."""
    by_id = {one.id: one for one in articles}
    cited = [(by_id[one.article_id], one) for one in draft.citations]
    passages = [Passage(one.text[at.start : at.end], one.published, one.language) for one, at in cited]
    return examine(Claim(draft.text, draft.kind), passages)


def events(folder: Path) -> list[tuple[tuple[Draft, ...], list[Article]]]:
    """The drafts and articles of every event in a folder, as the extractive writer tells them."""
    articles = resolve_origins(collect([str(folder)]).articles)
    by_id = {article.id: article for article in articles}
    made = []
    for cluster in group(articles).clusters:
        members = [by_id[name] for name in cluster.article_ids]
        made.append((extractive.write(cluster, members, 160).drafts, members))
    return made


REPORT = (
    "Captain Signe Ballard ran the ferry onto the stones at Port Ellery at 6.55 am on Wednesday. Fourteen passengers "
    "were hurt. Captain Ballard said the horn had failed. Divers of the Marine Safety Board are at work in Port "
    "Ellery. The Marine Safety Board asked for calm. The Marine Safety Board asked for time."
)


def test_a_plain_report_answers_who_where_when_and_how_many():
    assert box("Ferry passengers hurt on the stones at Port Ellery", REPORT) == {
        "who": ["Captain Signe Ballard", "Marine Safety Board"],
        "where": ["at Port Ellery"],
        "when": ["at 6.55 am on Wednesday"],
        "how many": ["Fourteen passengers were hurt"],
    }


@pytest.mark.parametrize("folder", ["seeds", "examples/harbour"])
def test_every_fact_of_the_samples_stands_verbatim_in_each_passage_that_it_cites_and_passes_the_gate(root, folder):
    number = 0
    for drafts, articles in events(root / folder):
        cited = {citation for draft in drafts for citation in draft.citations}
        for _, draft in facts(drafts, articles):
            number += 1
            assert draft.kind == "verbatim"
            assert draft.citations
            assert set(draft.citations) <= cited
            assert all(draft.text in citation.quote for citation in draft.citations)
            assert not refused(draft, articles)
    assert number >= 8


def test_the_harbour_accidents_and_the_strike_are_placed_and_dated_as_they_were(root):
    found = {
        drafts[0].text: {(aspect, draft.text) for aspect, draft in facts(drafts, articles)}
        for drafts, articles in events(root / "examples" / "harbour")
    }
    assert {("where", "in Kestrel Bay harbour"), ("when", "at 7.42 am on Monday")} <= found[
        "Ferry hits Pier 4 in Kestrel Bay harbour"
    ]
    assert {("where", "at Port Ellery"), ("when", "at 6.55 am on Wednesday")} <= found[
        "Ferry hits breakwater at Port Ellery"
    ]
    numbers = [text for facts_of_one in found.values() for aspect, text in facts_of_one if aspect == "how many"]
    assert not any("injured" in text or "hurt" in text for text in numbers)  # the papers never agreed on them


def test_the_sixth_and_the_eleventh_visit_are_the_secretary_of_state_s(seeds):
    for drafts, articles in events(seeds):
        who = [draft.text for aspect, draft in facts(drafts, articles) if aspect == "who"]
        assert who[0].endswith("Secretary of State Antony Blinken")


@pytest.mark.parametrize(
    ("title", "body"),
    [
        ("The harbour council meets again", "The harbour council met after the storm on Monday."),
        ("The harbour council meets again", "The harbour council is open, its mayor said on Monday."),
        ("The harbour council meets again", "The harbour council will meet on Monday."),
        ("The harbour council meets again", "The harbour council, which met on Monday, is closed."),
        ("The harbour council meets again", "“The harbour council met on Monday,” he wrote."),
        ("The harbour council meets again", "The harbour council met over Monday’s storm."),
        ("The harbour council meets again", "The harbour council met. It was all about the storm on Monday."),
    ],
)
def test_a_day_of_something_else_is_no_when(title, body):
    assert "when" not in box(title, body)


def test_two_days_are_no_when():
    opening = "The harbour council met on Monday. The harbour council meets again: the council met on Tuesday."
    assert box("The harbour council meets again", opening).get("when") is None
    assert box("The harbour council meets again", opening.replace("Tuesday", "Monday"))["when"] == ["on Monday"]


@pytest.mark.parametrize(
    "body",
    [
        "The harbour council met in March and found it cold.",
        "The harbour council met amid a strike in Port Ellery.",
        "The harbour council met in Gaza talks yesterday.",
        "The harbour council spoke in English.",
        "The harbour council found faith in President Ada Brandt.",
        "The harbour council met in Port Ellery and Kestrel Bay.",
        "The harbour council met in the Chase.",
    ],
)
def test_what_may_be_no_place_of_the_event_is_no_where(body):
    assert "where" not in box("The harbour council meets again", body)


@pytest.mark.parametrize(
    ("body", "where"),
    [
        ("The harbour council met in the port of Kestrel Bay.", "in the port of Kestrel Bay"),
        ("The harbour council met in Kestrel Bay harbour after dark.", "in Kestrel Bay harbour"),
        ("The harbour council met in northern Marlow on Monday.", "in northern Marlow"),
        ("The harbour council met in Marlow.", "in Marlow"),
        ("In Marlow, the harbour council met.", "In Marlow"),
    ],
)
def test_a_place_phrase_in_the_main_clause_is_the_where(body, where):
    assert box("The harbour council meets again", body)["where"] == [where]


def test_a_number_that_another_source_contradicts_is_left_out():
    one = editions.article("a1", "Ferry hits the stones", "The ferry hit the stones: fourteen people were injured.")
    other = editions.article("b1", "Ferry on the stones", "Seventeen people were hurt.")
    assert [draft.text for aspect, draft in facts(told(one), [one]) if aspect == "how many"] == [
        "fourteen people were injured"
    ]
    assert not [draft for aspect, draft in facts(told(one), [one, other]) if aspect == "how many"]


def test_a_date_in_another_article_contradicts_no_number():
    one = editions.article("a1", "Ferry hits the stones", "The ferry hit the stones: fourteen people were injured.")
    other = editions.article("b1", "Ferry on the stones", "On March 12 people were injured. " * 20)
    assert [draft.text for aspect, draft in facts(told(one), [one, other]) if aspect == "how many"] == [
        "fourteen people were injured"
    ]


def test_what_has_nothing_to_do_with_the_headline_is_no_fact():
    body = "The ferry hit the stones. Some 45,000 jobs depend on tourism."
    assert "how many" not in box("Ferry hits the stones", body)


def test_three_numbers_at_most_and_the_hurt_first():
    body = (
        "The ferry moved 90 cars on the stones. The ferry lost 12 boats on the stones. The ferry has 40 doors on the "
        "stones. When the ferry hit the stones, fourteen people were injured."
    )
    found = box("Ferry hits the stones", body)["how many"]
    assert found == ["fourteen people were injured", "90 cars", "12 boats"]


def test_an_opinion_and_another_language_state_no_facts():
    assert box("Ferry passengers hurt on the stones at Port Ellery", REPORT, language="de") == {}
    assert box("Ferry passengers hurt on the stones at Port Ellery", REPORT, flags=("opinion",)) == {}
    assert box("Ferry passengers hurt on the stones at Port Ellery", REPORT, language="en-GB") != {}


def test_a_written_draft_is_no_passage_to_take_words_from():
    source = editions.article("a1", "Ferry hits the stones at Port Ellery", REPORT)
    drafts = [Draft(one.text, one.citations, "written") for one in told(source)]
    assert facts(drafts, [source]) == ()


def test_without_a_draft_there_is_no_fact():
    assert facts((), ()) == ()


def test_a_fact_cites_one_passage_of_every_article_that_has_its_words():
    one = editions.article("a1", "The council meets", "President Ada Brandt met the council. Ada Brandt left.")
    other = editions.article("b1", "The council met", "President Ada Brandt met the council of the town.")
    found = dict(facts(told(one, other), [one, other]))
    assert found["who"].text == "President Ada Brandt"
    assert [citation.article_id for citation in found["who"].citations] == ["a1", "b1"]


@given(st.lists(strategies.articles(), min_size=1, max_size=3, unique_by=lambda one: one.id))
def test_whatever_the_articles_hold_a_fact_is_verbatim_and_passes_the_gate(sources):
    cluster = Cluster("e1", "s1", "t", tuple(one.id for one in sources))
    drafts = extractive.write(cluster, sources, 160).drafts
    for _, draft in facts(drafts, sources):
        assert all(draft.text in citation.quote for citation in draft.citations)
        assert not refused(draft, sources)
