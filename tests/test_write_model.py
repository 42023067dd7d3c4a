"""The model writer: evidence first, then words, then the gate; mended once, then replaced, withheld, or given up."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from briefing.domain import Summary
from briefing.errors import ModelError, ModelFailed
from briefing.llm.caps import Price
from briefing.ports import Manuscript
from briefing.prove import prove
from briefing.report import Usage
from briefing.write import extractive
from tests.editions import article, cite_words
from tests.stories import (
    ARTICLES,
    CLUSTER,
    EVIDENCE,
    GOOD,
    HEADLINE,
    MENDED,
    SHORT,
    WRONG,
    Model,
    evidence_of,
    mended,
    reply,
    said,
    writer,
)

OWN = extractive.write(CLUSTER, ARTICLES, 160)
CUSTODY = "The official in charge said he was in custody and was being questioned."
NAMES = "Aurora Bright Cormorant Dunlin Egret Fulmar Gannet Heron".split()
CLAIMED = {"cites": ["p4"], "text": "Blue Line denied that the captain had ignored a warning."}


def texts(manuscript: Manuscript) -> list[str]:
    return [draft.text for draft in manuscript.drafts]


def cited(manuscript: Manuscript, number: int) -> list[str]:
    return [citation.quote for citation in manuscript.drafts[number].citations]


def test_sound_sentences_are_kept_with_the_passages_that_they_cite():
    model = Model(said(GOOD, SHORT))
    manuscript = writer(model).write(EVIDENCE, 160)
    assert texts(manuscript) == [HEADLINE["text"], GOOD["text"], SHORT["text"]]
    assert cited(manuscript, 2) == ["Two people were slightly injured, the harbour office said."]
    assert model.prompts == ["write"]
    assert manuscript.fallback is None
    summary = prove(CLUSTER, manuscript, ARTICLES)
    assert isinstance(summary, Summary)
    assert [one.kind for one in summary.sentences] == ["verbatim", "written"]


def test_a_sentence_that_another_origin_holds_too_carries_its_passage():
    both = {"cites": ["p1"], "text": "The Aurora struck the north pier in Marlow on Monday."}
    manuscript = writer(Model(said(both, SHORT))).write(EVIDENCE, 160)
    assert {citation.article_id for citation in manuscript.drafts[1].citations} == {"post", "herald"}


def test_what_the_gate_refuses_goes_back_once_with_the_reasons_and_what_passes_then_is_kept():
    model = Model(said(GOOD, WRONG), mended((2, MENDED)))
    manuscript = writer(model).write(EVIDENCE, 160)
    assert texts(manuscript)[1:] == [GOOD["text"], MENDED["text"]]
    assert (manuscript.repaired, manuscript.replaced, manuscript.withheld) == (1, 0, ())
    assert model.prompts == ["write", "repair"]
    sent = json.loads(model.asked[1].messages[1].content)
    assert sent["refused"] == [{"number": 2, "cites": ["p2"], "text": WRONG["text"], "reasons": ["number"]}]
    assert model.asked[1].schema["properties"]["sentences"]["items"]["properties"]["number"]["enum"] == [2]


def test_what_is_refused_twice_is_replaced_by_the_cited_passage_and_stays_on_record():
    manuscript = writer(Model(said(GOOD, WRONG), mended((2, WRONG)))).write(EVIDENCE, 160)
    assert texts(manuscript)[2] == "Two people were slightly injured, the harbour office said."
    assert manuscript.drafts[2].kind == "verbatim"
    assert manuscript.replaced == 1
    assert [(one.text, one.reasons) for one in manuscript.withheld] == [(WRONG["text"], ("number",))]


@pytest.mark.parametrize("cites", [[], ["p99"], ["https://evil.test/"]])
def test_what_cites_nothing_of_this_event_is_withheld_for_there_is_no_passage_to_show(cites):
    foreign = {"cites": cites, "text": "The company is bankrupt."}
    manuscript = writer(Model(said(GOOD, foreign), mended())).write(EVIDENCE, 160)
    assert texts(manuscript)[1:] == [GOOD["text"]]
    assert [one.reasons for one in manuscript.withheld] == [("citation",)]


def test_a_foreign_id_beside_a_real_one_is_dropped_and_the_sentence_is_held_to_the_real_one():
    mixed = {"cites": ["p2", "zz"], "text": SHORT["text"]}
    manuscript = writer(Model(said(GOOD, mixed))).write(EVIDENCE, 160)
    assert cited(manuscript, 2) == ["Two people were slightly injured, the harbour office said."]


def test_a_passage_does_not_replace_a_sentence_where_it_is_told_already():
    manuscript = writer(Model(said(SHORT, WRONG), mended())).write(EVIDENCE, 160)
    assert texts(manuscript)[1:] == [SHORT["text"]]
    assert len(manuscript.withheld) == 1


def test_a_repair_may_neither_touch_what_passed_nor_add_a_sentence():
    model = Model(said(GOOD, WRONG), mended((1, SHORT), (2, MENDED), (7, CLAIMED)))
    assert texts(writer(model).write(EVIDENCE, 160))[1:] == [GOOD["text"], MENDED["text"]]


def test_a_repair_that_fails_leaves_what_passed():
    for failed in (ModelError("server", "503"), "no JSON"):
        manuscript = writer(Model(said(GOOD, WRONG), failed)).write(EVIDENCE, 160)
        assert texts(manuscript)[1] == GOOD["text"]
        assert manuscript.replaced == 1
        assert manuscript.fallback is None


def test_a_headline_that_fails_twice_gives_way_to_a_title_that_its_article_bears_out():
    false = {"cites": ["p1"], "text": "Seven injured as ferry Aurora hits pier"}
    manuscript = writer(Model(said(GOOD, headline=false), mended((0, false)))).write(EVIDENCE, 160)
    assert texts(manuscript)[0] == OWN.drafts[0].text
    assert manuscript.withheld[0].text == false["text"]
    assert manuscript.replaced == 0


def test_an_answer_without_a_headline_gets_one_from_the_articles():
    assert texts(writer(Model(said(GOOD, headline=None))).write(EVIDENCE, 160))[0] == OWN.drafts[0].text


@pytest.mark.parametrize("bad", ["", "Sure!", "{", "null", reply("{}", finish="length")])
def test_an_answer_that_cannot_be_read_is_asked_for_once_more_with_the_reason(bad):
    model = Model(bad, said(GOOD))
    manuscript = writer(model).write(EVIDENCE, 160)
    assert texts(manuscript)[1:] == [GOOD["text"]]
    assert model.prompts == ["write", "write"]
    assert "problem" in json.loads(model.asked[1].messages[1].content)


def test_no_event_takes_more_than_two_calls():
    model = Model("no JSON", said(WRONG, GOOD), mended((1, MENDED)))
    manuscript = writer(model).write(EVIDENCE, 160)
    assert model.prompts == ["write", "write"]
    assert GOOD["text"] in texts(manuscript)


@pytest.mark.parametrize(
    ("answers", "kind", "calls"),
    [
        ((ModelError("refusal", "the model refused"),), "refusal", 1),
        ((ModelError("server", "503"),), "server", 1),
        ((ModelError("timeout", "no answer"),), "timeout", 1),
        (("no JSON",), "answer", 2),
        ((reply("{}", finish="length"),), "length", 2),
        ((said({"cites": ["p1"], "text": "The company is bankrupt."}, headline=None), mended()), "gate", 2),
    ],
)
def test_where_the_model_fails_the_event_is_told_in_its_articles_own_sentences(answers, kind, calls):
    model = Model(*answers)
    manuscript = writer(model).write(replace(EVIDENCE, slots=EVIDENCE.slots), 160)
    assert manuscript.fallback is not None
    assert (manuscript.fallback.event_id, manuscript.fallback.kind) == ("e1", kind)
    assert len(model.asked) == calls
    if kind != "gate":
        assert manuscript.drafts == OWN.drafts


def test_without_a_fallback_a_failure_ends_the_run():
    with pytest.raises(ModelFailed, match="Ferry service halted") as raised:
        writer(Model(ModelError("server", "503")), fallback=False).write(EVIDENCE, 160)
    assert raised.value.exit_code == 5


def test_the_sentences_have_at_most_the_words_asked_for_and_what_is_over_is_withheld_for_length():
    manuscript = writer(Model(said(GOOD, SHORT, CLAIMED))).write(EVIDENCE, 25)
    assert sum(len(text.split()) for text in texts(manuscript)[1:]) <= 25
    assert ("length",) in [one.reasons for one in manuscript.withheld]


def test_four_hundred_sentences_are_cut_at_the_number_asked_for():
    many = [{"cites": ["p1"], "text": f"{GOOD['text'][:-1]}, number {number}."} for number in range(400)]
    manuscript = writer(Model(said(GOOD, *many), mended())).write(EVIDENCE, 160)
    assert len(manuscript.drafts) <= 14
    assert len(manuscript.withheld) >= 380


def test_facts_are_held_to_their_passages_like_sentences():
    facts = [
        {"cites": ["p2"], "aspect": "how many", "text": "two people slightly injured"},
        {"cites": ["p2"], "aspect": "how many", "text": "seven people killed"},
    ]
    summary = prove(CLUSTER, writer(Model(said(GOOD, facts=facts))).write(EVIDENCE, 160), ARTICLES)
    assert isinstance(summary, Summary)
    assert [(fact.aspect, fact.text) for fact in summary.facts] == [("how many", "two people slightly injured")]
    assert "seven people killed" in [one.text for one in summary.withheld]


def test_a_second_model_has_to_agree_with_what_the_first_one_wrote_and_sees_nothing_but_sentence_and_passages():
    model = Model(said(GOOD, SHORT), '{"verdict": "full"}', '{"verdict": "part"}', mended(), '{"verdict": "full"}')
    manuscript = writer(model, judge="strict").write(EVIDENCE, 160)
    assert model.prompts == ["write", "judge", "judge", "repair"]  # the verbatim sentence is asked about by nobody
    assert [request.model for request in model.asked[:3]] == ["small", "strict", "strict"]
    assert json.loads(model.asked[2].messages[1].content) == {
        "sentence": SHORT["text"],
        "passages": ["Two people were slightly injured, the harbour office said."],
    }
    assert [one.reasons for one in manuscript.withheld] == [("judge",)]


def test_a_second_model_is_not_asked_to_overrule_the_gate():
    model = Model(said(GOOD, WRONG), '{"verdict": "full"}', mended())
    manuscript = writer(model, judge="strict").write(EVIDENCE, 160)
    assert WRONG["text"] not in texts(manuscript)
    assert model.prompts.count("judge") == 1  # about the headline alone


def test_what_was_asked_is_added_up_and_what_was_kept_costs_nothing():
    model = Model(said(GOOD, WRONG), reply(mended((2, MENDED)), paid=False))
    manuscript = writer(model, prices={"small": Price(1.0, 10.0)}).write(EVIDENCE, 160)
    assert manuscript.usage == Usage(100, 20, (100 * 1.0 + 20 * 10.0) / 1_000_000, calls=1, kept=1)


def test_without_a_price_the_cost_is_not_known():
    assert writer(Model(said(GOOD))).write(EVIDENCE, 160).usage == Usage(100, 20, None, calls=1)


def test_a_failure_that_was_paid_is_counted():
    failed = ModelError("refusal", "no", tokens_in=70, tokens_out=3)
    assert writer(Model(failed)).write(EVIDENCE, 160).usage == Usage(70, 3, None, calls=1)


def test_an_opinion_piece_is_told_as_its_authors_words():
    opinion = article(
        "o", "Ferries need rules", "The council should inspect every ferry on the river before the summer begins.",
        author="Ada Quill", flags=("opinion",), language="en",
    )  # fmt: skip
    evidence = evidence_of(opinion)
    sentence = {"cites": [evidence.slots[0].id], "text": "Every ferry on the river should be inspected by the council."}
    manuscript = writer(Model(said(sentence, headline=None))).write(evidence, 160)
    assert manuscript.drafts[1].attributed_to == "Ada Quill"


def test_an_event_without_evidence_is_not_asked_about():
    model = Model(said(GOOD))
    bare = article("t", "Title alone", "")
    assert writer(model).write(evidence_of(bare), 160) == Manuscript()
    assert model.asked == []


def test_a_passage_that_only_points_to_what_the_sentence_names_is_cited_from_where_that_is_named():
    source = article(
        "s", "Soldier crosses",
        f"A soldier crossed the border on Saturday. Officials confirmed the report. {CUSTODY}", language="en",
    )  # fmt: skip
    evidence = evidence_of(source)
    last = next(slot for slot in evidence.slots if "custody" in slot.citation.quote)
    evidence = replace(evidence, slots=(replace(last, citation=cite_words(source, CUSTODY)),))
    sentence = {"cites": [last.id], "text": "The official in charge said the soldier was in custody."}
    manuscript = writer(Model(said(sentence, headline=None))).write(evidence, 160)
    assert cited(manuscript, 1)[0].startswith("A soldier crossed the border")
    assert cited(manuscript, 1)[0].endswith(CUSTODY)


def test_a_first_name_that_another_passage_gives_is_cited_from_there():
    source = article(
        "s", "Gold",
        "People like Mark Saposnik are serious about gold. Rain fell for weeks. "
        "Saposnik said the floods have rearranged the rivers.", language="en",
    )  # fmt: skip
    evidence = evidence_of(source)
    by_words = {slot.citation.quote: slot for slot in evidence.slots}
    last = next(slot for quote, slot in by_words.items() if "rearranged" in quote)
    sentence = {"cites": [last.id], "text": "Mark Saposnik said that floods have rearranged the rivers."}
    manuscript = writer(Model(said(sentence, headline=None))).write(evidence, 160)
    assert manuscript.drafts[1].text == sentence["text"]
    assert any("Mark Saposnik" in quote for quote in cited(manuscript, 1))


def test_a_sentence_whose_passage_does_not_hold_it_cites_the_passage_that_does():
    astray = {"cites": ["p5"], "text": "The harbour office said two people were slightly injured."}
    model = Model(said(GOOD, astray))
    manuscript = writer(model).write(EVIDENCE, 160)
    assert model.prompts == ["write"]
    assert cited(manuscript, 2) == ["Two people were slightly injured, the harbour office said."]


DENIED = article(
    "d", "Ferry line denies claim",
    "Blue Line denied on Monday that the captain was drunk at the wheel of the ferry. Police said it is not true that "
    "Joss Penhallick stole 4,000 euros from the union. The council said members did not approve the sale of the yard.",
    language="en",
)  # fmt: skip


@pytest.mark.parametrize(
    "cut",
    [
        "The captain was drunk at the wheel of the ferry.",
        "the captain was drunk at the wheel of the ferry.",
        "Joss Penhallick stole 4,000 euros from the union.",
        "Blue Line denied on Monday that the captain was drunk at the wh",
        "members did",
        "approve the sale of the yard.",
    ],
)
def test_what_is_cut_out_of_a_passage_is_not_told_for_its_words_stand_there(cut):
    evidence = evidence_of(DENIED)
    ids = [slot.id for slot in evidence.slots]
    sentence = {"cites": ids[:3], "text": cut}
    sound = {"cites": ids[:1], "text": "Blue Line denied that the captain was drunk at the wheel."}
    manuscript = writer(Model(said(sound, sentence, headline=None), mended())).write(evidence, 160)
    assert cut not in texts(manuscript)
    assert cut in [one.text for one in manuscript.withheld]


def test_a_headline_may_not_turn_a_denial_into_news():
    evidence = evidence_of(DENIED)
    ids = [slot.id for slot in evidence.slots]
    false = {"cites": ids[:1], "text": "Captain was drunk at the wheel of the ferry"}
    sound = {"cites": ids[:1], "text": "Blue Line denied that the captain was drunk at the wheel."}
    manuscript = writer(Model(said(sound, headline=false), mended())).write(evidence, 160)
    assert texts(manuscript)[0] != false["text"]


def test_a_judge_that_fails_costs_its_sentence_and_not_the_event():
    for failure in (ModelError("server", "503"), "no JSON"):
        model = Model(said(GOOD, SHORT), '{"verdict": "full"}', failure, mended(), '{"verdict": "full"}')
        manuscript = writer(model, judge="strict").write(EVIDENCE, 160)
        assert manuscript.fallback is None
        assert texts(manuscript)[:2] == [HEADLINE["text"], GOOD["text"]]
        assert [one.reasons for one in manuscript.withheld] == [("judge",)]


def test_a_line_of_the_fact_box_that_runs_into_another_sentence_is_withheld():
    fact = {"cites": ["p1"], "aspect": "what", "text": "The ferry Aurora hit the north pier. The ferry"}
    whole = {"cites": ["p2"], "aspect": "who", "text": "St. Olav’s harbour office and two people"}
    manuscript = writer(Model(said(GOOD, facts=[fact]))).write(EVIDENCE, 160)
    assert manuscript.facts == ()
    assert [(one.text, one.reasons) for one in manuscript.withheld] == [(fact["text"], ("length",))]
    manuscript = writer(Model(said(GOOD, facts=[whole]))).write(EVIDENCE, 160)
    assert all("length" not in one.reasons for one in manuscript.withheld)


def test_where_the_model_fills_no_fact_box_the_articles_own_facts_do():
    manuscript = writer(Model(said(GOOD, SHORT))).write(EVIDENCE, 160)
    assert manuscript.facts == OWN.facts != ()


@pytest.mark.parametrize("text", ["Aurora.", "U.S. ferry."])
def test_a_scrap_is_no_sentence(text):
    scrap = {"cites": ["p1"], "text": text}
    manuscript = writer(Model(said(GOOD, scrap), mended((2, scrap)))).write(EVIDENCE, 160)
    assert text not in texts(manuscript)


def test_a_headline_that_ends_within_a_name_is_refused():
    source = article("s", None, "Blinken met with Israeli Prime Minister Benjamin Netanyahu on Friday.", language="en")
    evidence = evidence_of(source)
    cut = {"cites": [evidence.slots[0].id], "text": "Blinken met with Israeli"}
    whole = {**cut, "text": "Blinken met with Israeli Prime Minister Benjamin Netanyahu on Friday."}
    manuscript = writer(Model(said(whole, headline=cut), mended())).write(evidence, 160)
    assert cut["text"] not in texts(manuscript)


def test_an_event_of_which_next_to_nothing_passes_is_told_by_its_articles_and_says_so():
    rows = (
        "The ferry Aurora left the harbour of Marlow on Monday with 80 passengers. Divers searched the river bed for "
        "the lost anchor until dusk. The council of Marlow will pay for a new quay in May. A crane of the port company "
        "fell into the basin in the storm. Fishermen sold their catch from the market hall instead. The school sent "
        "40 pupils home because the bridge was closed."
    )
    evidence = evidence_of(article("s", "Ferries leave Marlow", rows, language="en"))
    astray = [{"cites": [evidence.slots[0].id], "text": f"Vikings burned {name} in 1999."} for name in NAMES]
    foreign = [{**one, "text": f"Die Fähre {NAMES[n]} hat den Hafen am Montag nicht verlassen, sagte die Reederei."}
               for n, one in enumerate(astray)]  # fmt: skip
    for rows_of, kind in ((astray, "gate"), (foreign, "language")):
        manuscript = writer(Model(said(*rows_of), mended())).write(evidence, 160)
        assert manuscript.fallback is not None
        assert manuscript.fallback.kind == kind
        assert len(manuscript.drafts) >= 4


def test_the_fact_box_is_judged_too():
    fact = {"cites": ["p2"], "aspect": "how many", "text": "two people slightly injured"}
    model = Model(said(GOOD, facts=[fact]), '{"verdict": "full"}', '{"verdict": "none"}')
    manuscript = writer(model, judge="strict").write(EVIDENCE, 160)
    assert model.prompts == ["write", "judge", "judge"]
    assert manuscript.facts == ()
    assert [one.reasons for one in manuscript.withheld] == [("judge",)]


def test_what_a_server_without_bounds_lets_through_is_bounded_here():
    facts = [{"cites": ["p2"], "aspect": "how many", "text": "two people injured"}] * 300
    everything = {"cites": [f"p{number}" for number in range(1, 6)], "text": MENDED["text"]}
    manuscript = writer(Model(said(GOOD, GOOD, everything, facts=facts), mended())).write(EVIDENCE, 160)
    assert len(manuscript.facts) == 1
    assert texts(manuscript).count(GOOD["text"]) == 1
    assert all(len(draft.citations) <= 4 + 3 for draft in manuscript.drafts)
    assert ("length",) in [one.reasons for one in manuscript.withheld]
