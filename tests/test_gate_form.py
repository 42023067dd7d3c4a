"""A claim is in the language of its passages, short enough to be a sentence, and says a thing once."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.gate.language import check as language
from briefing.gate.length import MOST_WORDS, repeats
from briefing.gate.length import check as length
from briefing.ports import Claim, Passage
from tests.strategies import hostile_text

NEWS = "The mayor of Kestrel Bay called off the meeting of the council on Monday after the ferry had hit the pier."


class TestLanguage:
    @pytest.mark.parametrize(
        "text",
        [
            "Der Bürgermeister sagte am Montag die Sitzung des Rates ab.",
            "Le maire a annulé lundi la réunion du conseil municipal.",
            "El alcalde canceló el lunes la reunión del consejo.",
            "Burgemeester zegde maandag de vergadering van de raad af.",
            "Мэр отменил заседание совета в понедельник.",
            "市長は月曜日の会議を中止した。",
            "ألغى العمدة اجتماع المجلس يوم الاثنين.",
            "Мэр отменил заседание.",
        ],
    )
    def test_another_language_than_the_passages_is_refused(self, text):
        assert language(Claim(text), [Passage(NEWS, None, "en"), Passage(NEWS, None, "en-GB")]) == "language"

    @pytest.mark.parametrize(
        "text",
        [
            "The mayor called the meeting off.",
            "Bundeskanzler Olaf Scholz met Christine Lagarde in Bellevue.",
            "Real Madrid beat Borussia Dortmund, Juventus and Paris Saint-Germain.",
            "Kestrel Bay: mayor cancels",
            "Владимир",
            "“Der Bürgermeister sagte am Montag die Sitzung des Rates ab”, a sign read.",
            "Mayor cancels council session, ferry pier collision, Monday",
            "14:00, 12.5%",
            "€ 1,300,000",
        ],
    )
    def test_names_quotations_and_short_headlines_pass(self, text):
        assert language(Claim(text), [Passage(NEWS, None, "en")]) is None

    def test_a_claim_in_the_language_of_one_passage_passes(self):
        german = "Der Bürgermeister von Kestrel Bay sagte die Ratssitzung am Montag ab, nachdem die Fähre anlegte."
        claim = Claim("Am Montag sagte der Bürgermeister die geplante Sitzung ab.")
        assert language(claim, [Passage(NEWS, None, "en"), Passage(german, None, "de")]) is None
        assert language(claim, [Passage(NEWS, None, "en")]) == "language"

    def test_only_the_script_is_certain_where_no_language_is_stated(self):
        assert language(Claim("Der Bürgermeister sagte am Montag die Sitzung des Rates ab."), [Passage(NEWS)]) is None
        assert language(Claim("Мэр отменил заседание совета."), [Passage(NEWS)]) == "language"

    def test_a_page_that_states_the_wrong_language_may_be_told_in_its_own(self):
        page = "Der Bürgermeister sagte am Montag die Sitzung des Rates ab, weil die Fähre den Pier getroffen hatte."
        claim = Claim("Am Montag sagte der Bürgermeister die Sitzung ab, weil die Fähre den Pier getroffen hatte.")
        assert language(claim, [Passage(page, None, "en")]) is None

    def test_a_text_that_stands_in_a_passage_passes_in_any_language(self):
        text = "Мэр отменил заседание совета в понедельник."
        assert language(Claim(text, "verbatim"), [Passage(f"{NEWS} {text}", None, "en")]) is None

    def test_the_seeds_pass_against_their_neighbours_language(self, seeds):
        for path in sorted(seeds.iterdir()):
            lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
            for line in lines:
                assert language(Claim(line), [Passage(NEWS, None, "en")]) is None, line

    @given(hostile_text, hostile_text, st.none() | st.sampled_from(["en", "de", "xx", "", "zh-Hant"]))
    def test_any_text_at_all_is_judged(self, text, passage, code):
        assert language(Claim(text), [Passage(passage, None, code)]) in (None, "language")

    def test_a_claim_costs_less_than_a_few_milliseconds(self):
        claims = [Claim(f"Der Bürgermeister sagte am {day}. Oktober die Sitzung des Rates ab.") for day in range(50)]
        language(Claim("Le maire a annulé lundi la réunion du conseil municipal."), [Passage(NEWS, None, "en")])
        start = time.process_time()
        assert {language(claim, [Passage(NEWS, None, "en")]) for claim in claims} == {"language"}
        assert (time.process_time() - start) / len(claims) < 0.003


class TestLength:
    @pytest.mark.parametrize(
        "text",
        [
            " ".join(f"word{number}" for number in range(MOST_WORDS + 1)),
            "x" * 601,
            "The the the pier closed on Monday.",
            "The pier closed on Monday, the pier closed on Monday and the pier closed on Monday.",
        ],
    )
    def test_a_page_and_a_sentence_that_goes_round_in_circles_are_refused(self, text):
        assert length(Claim(text), [Passage(NEWS)]) == "length"

    @pytest.mark.parametrize(
        "text",
        [
            " ".join(f"word{number}" for number in range(MOST_WORDS)),
            "Sirens were heard in Brill, sirens were heard in Ost.",
            "The pier that that storm hit closed.",
            "The team won 2 2 2 and lost 0 0 0.",
            "Kestrel Bay, Monday",
        ],
    )
    def test_a_sentence_passes(self, text):
        assert length(Claim(text), [Passage(NEWS)]) is None

    def test_an_articles_own_sentence_is_as_long_as_it_is(self):
        text = "The the the " + "pier " * 100
        assert length(Claim(text, "verbatim"), [Passage(text)]) is None

    def test_a_repetition_that_a_passage_has_is_its_own(self):
        text = "“Never, never, never,” sang the crowd."
        assert repeats(text)
        assert length(Claim(text), [Passage(text)]) is None

    @given(hostile_text)
    def test_any_text_at_all_is_judged(self, text):
        assert length(Claim(text), [Passage(NEWS)]) in (None, "length")
