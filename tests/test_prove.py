"""From drafts to what a reader is shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.domain import Citation, Cluster, Draft, Summary, Withheld
from briefing.gate.drafts import reasons_against
from briefing.ports import Manuscript
from briefing.prove import prove
from tests.editions import article, cite, cite_words
from tests.strategies import articles

GAZETTE = article(
    "gazette",
    "Ferry Aurora runs aground",
    "The ferry Aurora ran aground on Monday. Fourteen people were injured and taken ashore.",
)
COURIER = article("courier", None, "The ferry Aurora ran aground on Monday.", origin="Wire")
EVENING = article("evening", None, "The ferry Aurora ran aground on Monday.", origin="Wire")
ARTICLES = [GAZETTE, COURIER, EVENING]
EVENT = Cluster("e1", "s1", "Ferry Aurora runs aground", tuple(one.id for one in ARTICLES))

TITLE = Draft("Ferry Aurora runs aground", (cite_words(GAZETTE, "Ferry Aurora runs aground"),), "verbatim")
AGROUND = Draft(
    "The ferry Aurora ran aground on Monday.",
    tuple(cite_words(one, "The ferry Aurora ran aground on Monday.") for one in ARTICLES),
    "verbatim",
)
INJURED = Draft(
    "Fourteen people were injured.",
    (cite_words(GAZETTE, "Fourteen people were injured and taken ashore."),),
)


def shown(*drafts: Draft) -> Summary:
    summary = prove(EVENT, Manuscript(drafts=drafts), ARTICLES)
    assert isinstance(summary, Summary)
    return summary


def test_what_passes_is_shown_in_the_order_written_headline_first():
    summary = shown(TITLE, AGROUND, INJURED)
    assert summary.headline.text == TITLE.text
    assert [sentence.text for sentence in summary.sentences] == [AGROUND.text, INJURED.text]
    assert summary.withheld == ()


def test_origins_are_counted_and_not_articles():
    assert [sentence.origins for sentence in shown(TITLE, AGROUND, INJURED).sentences] == [2, 1]


def test_a_sentence_keeps_its_kind_its_citations_and_its_speaker():
    told = shown(TITLE, replace(AGROUND, attributed_to="Tom Farrow")).sentences[0]
    assert (told.kind, told.citations, told.attributed_to) == ("verbatim", AGROUND.citations, "Tom Farrow")


def test_what_fails_is_withheld_with_its_reasons_and_the_rest_is_shown():
    wrong = replace(INJURED, text="Forty people were injured.")
    summary = shown(TITLE, wrong, AGROUND)
    assert [sentence.text for sentence in summary.sentences] == [AGROUND.text]
    assert summary.withheld == (Withheld("e1", wrong.text, ("number",)),)


def test_a_headline_that_fails_is_replaced_by_the_first_sentence_that_passes():
    summary = shown(replace(TITLE, text="Ferry Borealis runs aground", kind="written"), AGROUND, INJURED)
    assert (summary.headline.text, summary.headline.origins) == (AGROUND.text, 2)
    assert [sentence.text for sentence in summary.sentences] == [INJURED.text]
    assert [one.reasons for one in summary.withheld] == [("name",)]


def test_an_event_of_which_nothing_passes_is_withheld_as_a_whole():
    refused = prove(EVENT, Manuscript(drafts=(replace(TITLE, citations=()),)), ARTICLES)
    assert refused == Withheld("e1", TITLE.text, ("citation",))


def test_an_event_without_drafts_is_withheld_under_its_own_title():
    assert prove(EVENT, Manuscript(), ARTICLES) == Withheld("e1", EVENT.title, ("empty",))


def test_a_draft_without_words_is_withheld_as_empty():
    empty = shown(TITLE, replace(AGROUND, text="", kind="written")).withheld
    assert [one.reasons for one in empty] == [("empty",)]


@pytest.mark.parametrize(
    "citation",
    [
        Citation("nobody", 0, 5, "Ferry"),
        Citation("gazette", 1, 6, "Ferry"),
        Citation("gazette", 0, 5, "Fairy"),
        Citation("gazette", 10_000, 10_005, "Ferry"),
    ],
)
def test_one_false_citation_is_enough_to_refuse_a_draft(citation):
    told = {one.id: one for one in ARTICLES}
    assert reasons_against(AGROUND, told) == ()
    assert reasons_against(replace(AGROUND, citations=(*AGROUND.citations, citation)), told) == ("citation",)


def test_a_verbatim_draft_that_stands_in_no_passage_is_withheld_and_never_an_error():
    summary = shown(TITLE, replace(AGROUND, text="On Monday the ferry Aurora ran aground."))
    assert summary.sentences == ()
    assert summary.withheld[0].reasons == ("quotation",)


@given(articles(identifier="a"), st.data())
def test_every_draft_is_either_shown_or_withheld_and_what_is_shown_is_cited_as_it_stands(source, data):
    cluster = Cluster("e1", "s1", "Event", ("a",))
    passages = st.sampled_from(source.sentences).map(lambda span: cite(source, *span))
    texts = st.sampled_from([source.text[start:end] for start, end in source.sentences]) | st.text(max_size=30)
    drafts = data.draw(
        st.lists(
            st.builds(
                Draft,
                texts,
                st.lists(passages, max_size=2).map(tuple),
                st.sampled_from(["written", "verbatim"]),
            ),
            max_size=5,
        )
    )
    told = prove(cluster, Manuscript(drafts=tuple(drafts)), [source])
    if isinstance(told, Withheld):
        assert all(reasons_against(draft, {"a": source}) for draft in drafts)
        return
    assert 1 + len(told.sentences) + len(told.withheld) == len(drafts)
    assert {told.headline.origins, *(sentence.origins for sentence in told.sentences)} == {1}
    for citations in (told.headline.citations, *(sentence.citations for sentence in told.sentences)):
        assert citations
        assert all(source.text[part.start : part.end] == part.quote for part in citations)
