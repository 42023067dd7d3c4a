"""What the gate's layers catch and what they let pass."""

from __future__ import annotations

import json
import re
import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from briefing.domain import Kind
from briefing.gate import CHECKS, examine, support_score
from briefing.gate.quotation import quotations
from briefing.numbers import quantities
from briefing.ports import Claim, Passage
from tests.strategies import articles, hostile_text


def reasons(claim: str, *passages: str, kind: Kind = "written", published: str | None = None, language: str = "en"):
    return examine(Claim(claim, kind), [Passage(text, published, language) for text in passages])


def test_a_claim_that_its_passage_says_in_other_words_passes():
    passage = "Officials said on Friday that the bridge will close on Monday for repairs."
    assert reasons("The bridge will close for repairs on Monday, officials said.", passage) == ()


def test_every_reason_is_told_once_in_the_order_of_the_layers():
    claim = "Mr. Sullivan paid 52 dollars and 53 dollars on Tuesday for “a golden <b>goose</b>”."
    assert reasons(claim, "The ferry stayed in the harbour.") == (
        "markup", "quotation", "number", "date", "name", "support",
    )  # fmt: skip


def test_the_layers_are_these_each_in_a_file_of_its_name():
    assert list(CHECKS) == [
        "citation", "empty", "markup", "instruction", "length", "language",
        "quotation", "number", "date", "name", "belongs", "negation", "reversal", "direction",
        "modality", "attribution",
        "cause", "support", "joined",
    ]  # fmt: skip
    assert all(target == f"briefing.gate.{name}:check" for name, target in CHECKS.items())


def test_a_claim_without_a_passage_fails_for_that_alone():
    assert reasons("The pier closed on Monday.") == ("citation",)
    assert reasons("The pier closed on Monday.", "The pier closed on Monday.", " \n") == ("citation",)


@pytest.mark.parametrize("text", ["", " ", "—", "?!", "\u200b"])
def test_a_claim_without_a_word_fails_for_that_alone(text):
    assert reasons(text, "The pier closed.") == ("empty",)


class TestQuotation:
    said = "“This is a decisive moment — probably the best,” he said. ‘It isn’t over’, she added; „Wir gehen nicht“."

    @pytest.mark.parametrize(
        "claim",
        [
            "He called it “a decisive moment”.",
            'He called it "a decisive moment".',
            "He called it «a decisive moment».",
            "He called it »a decisive moment«.",
            "He called it ‘a decisive moment’.",
            "He called it 'a decisive moment'.",
            "“A decisive moment,” he said.",
            "It was “a decisive moment - probably the best.”",
            "She said ‘It isn’t over’.",
            "Sie sagte: „Wir gehen nicht.“",
            "He called it “decisive”, the union’s members’ word.",
        ],
    )
    def test_a_quotation_in_any_style_passes_where_its_words_stand_in_a_passage(self, claim):
        assert "quotation" not in reasons(claim, self.said)

    @pytest.mark.parametrize(
        "claim",
        [
            "He called it “a divisive moment”.",
            "He called it “a decisive moment, the best”.",
            "He called it 'a decisive minute'.",
            "He said: “This is a decisive hour",
            "Sie sagte: „Wir gehen jetzt“.",
            "She said ‘It is over’.",
            "He said “his is a decisive moment”.",
        ],
    )
    def test_a_quotation_that_was_changed_or_made_up_is_caught(self, claim):
        assert "quotation" in reasons(claim, self.said)

    def test_a_verbatim_claim_stands_in_its_passage_to_the_letter(self):
        passage = "The mayor’s office said so."
        assert reasons("The mayor’s office said so.", passage, kind="verbatim") == ()
        assert reasons("The mayor's office said so.", passage, kind="verbatim") == ("quotation",)

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("the miners’ union and the ’90s", []),
            ("a 5'10\" man", []),
            ("“one ‘two three’ four”", ["two three", "one ‘two three’ four"]),
            ("he said “never closed", ["never closed"]),
            ("rock 'n' roll", ["n"]),
        ],
    )
    def test_apostrophes_are_no_quotation_marks(self, text, expected):
        assert quotations(text) == expected


class TestNumber:
    @pytest.mark.parametrize(
        ("claim", "passage"),
        [
            ("Twelve boats sank.", "12 boats sank."),
            ("2.4 million boats sank.", "2,400,000 boats sank."),
            ("Its 11th boat sank.", "Its eleventh boat sank."),
            ("50% of boats sank.", "Half of the boats sank."),
            ("It cost $2m.", "It cost two million dollars."),
            ("One of the boats sank.", "A boat sank."),
            ("The two boats sank.", "Both boats sank."),
            ("Boats of 14 km an hour sank.", "14-kilometre boats sank in an hour."),
            ("The KSLV-1 sank.", "The KSLV-1 sank."),
            ("It sank in 2006.", "Its 2006 sinking."),
            ("Some boats sank [1][2].", "Some boats sank."),
            ("1 boat sank.", "One boat sank."),
        ],
    )
    def test_the_same_number_in_another_dress_passes(self, claim, passage):
        assert "number" not in reasons(claim, passage)

    @pytest.mark.parametrize(
        ("claim", "passage"),
        [
            ("52 boats sank.", "Boats sank."),
            ("2.4 billion boats sank.", "2.4 million boats sank."),
            ("The sixth boat sank.", "The ninth boat sank."),
            ("20% of boats sank.", "20 boats sank."),
            ("£20 was lost.", "$20 was lost."),
            ("It sank for 14 weeks.", "It sank for 14 days."),
            ("12 boats sank.", "Boats sank on 12 May."),
            ("Seven boats sank.", "Boats sank at 7 p.m."),
        ],
    )
    def test_another_number_or_unit_is_caught(self, claim, passage):
        assert "number" in reasons(claim, passage)

    def test_numbers_of_a_language_that_writes_a_decimal_comma_are_read_so(self):
        assert "number" not in reasons("It cost 1,300.", "Es kostete 1.300.", language="de")
        assert "number" in reasons("It cost 1,300.", "It cost 1.300.", language="en")


class TestDate:
    @pytest.mark.parametrize(
        ("claim", "passage"),
        [
            ("It closed on 9 January 2024.", "It closed on Tuesday."),
            ("It closed on Tuesday.", "It closed yesterday."),
            ("It closed on Jan. 9.", "It closed on January 9th."),
            ("It closed at 14:00.", "It closed at 2 p.m."),
            ("It closed at noon.", "It closed at 12:00."),
            ("It closed in January.", "It closed on 9 January."),
            ("It closed on October 7, 2023.", "It closed on 7 October."),
            ("It will close on Thursday.", "It will close tomorrow."),
            ("It closed in 2023.", "It closed last year."),
            ("It closed on 8 and 9 May.", "It closed from May 8-9."),
            ("It may close.", "It might march on."),
        ],
    )
    def test_what_follows_from_a_passage_and_its_articles_day_passes(self, claim, passage):
        assert "date" not in reasons(claim, passage, published="2024-01-10T18:00:00+01:00")

    @pytest.mark.parametrize(
        ("claim", "passage"),
        [
            ("It closed on Wednesday.", "It closed on Tuesday."),
            ("It closed on 9 January 2025.", "It closed on Tuesday."),
            ("It closed on 8 January.", "It closed on 9 January."),
            ("It closed in 2022.", "It closed in 2021."),
            ("It closed in May.", "It closed in June."),
            ("It closed at 2 a.m.", "It closed at 2 p.m."),
            ("It closed on 10 January 2024.", "It closed."),
        ],
    )
    def test_another_day_or_time_is_caught(self, claim, passage):
        assert "date" in reasons(claim, passage, published="2024-01-10")

    def test_without_the_articles_day_a_weekday_is_only_itself(self):
        assert reasons("It closed on Tuesday.", "It closed on Tuesday, they said.") == ()
        assert reasons("It closed on 9 January 2024.", "It closed on Tuesday.")[0] == "date"

    @pytest.mark.parametrize("published", ["", "soon", "2024-13-77", "9999-12-31", "0001-01-01"])
    def test_a_damaged_or_extreme_day_of_publication_is_survived(self, published):
        assert reasons("It closed on Friday.", "It closed on Tuesday.", published=published)


class TestName:
    @pytest.mark.parametrize(
        ("claim", "passage"),
        [
            ("The UN agreed.", "The United Nations agreed."),
            ("The United Nations agreed.", "The U.N. agreed."),
            ("Aides of Blinken agreed.", "Antony Blinken’s aides agreed."),
            ("Officials in Israel agreed.", "Israeli officials agreed."),
            ("Officials in Britain agreed.", "U.K. officials agreed."),
            ("Officials of Iran and China agreed.", "Iranian and Chinese officials agreed."),
            ("Rescuers agreed.", "The rescue crews agreed."),
            ("Israel and Hamas agreed.", "The Israel-Hamas talks agreed."),
            ("The F16 flew.", "The F-16 flew."),
            ("Former President Obama agreed.", "President Obama agreed."),
        ],
    )
    def test_another_form_of_the_same_name_passes(self, claim, passage):
        assert "name" not in reasons(claim, passage)

    def test_a_first_name_may_be_known_from_elsewhere_but_for_what_is_written_for_us(self):
        claim, passage = "Aides of Antony Blinken agreed.", "Mr. Blinken’s aides agreed."
        assert "name" not in examine(Claim(claim, "given"), [Passage(passage)])
        assert "name" in reasons(claim, passage)

    @pytest.mark.parametrize("code", ["[a99]", "Source a99", "The A320", "CANARY-7f3a"])
    def test_a_word_of_letters_and_digits_has_to_stand_in_a_passage(self, code):
        assert "name" in reasons(f"{code} will close the bridge.", "Officials will close the bridge.")
        assert "name" not in reasons(f"{code} will close the bridge.", f"{code} will close the bridge, they said.")

    @pytest.mark.parametrize(
        ("claim", "passage"),
        [
            ("Netanyahu agreed.", "Blinken agreed."),
            ("Aides of James Smith agreed.", "John Smith’s aides agreed."),
            ("Aides in Iraq agreed.", "Iranian aides agreed."),
            ("Aides in Austria agreed.", "Australian aides agreed."),
            ("The KSLV-2 flew.", "The KSLV-1 flew with 2 crew."),
            ("Aides in North Korea agreed.", "South Korea’s aides agreed."),
            ("The EU agreed.", "The United Nations agreed."),
            ("It told the US so.", "It told us so."),
        ],
    )
    def test_another_name_is_caught(self, claim, passage):
        assert "name" in reasons(claim, passage)


class TestMarkup:
    @pytest.mark.parametrize(
        "claim",
        [
            "<script>alert(1)</script>Bridge closed",
            "Bridge <img src=x onerror=alert(1)> closed",
            "Bridge <!-- closed -->",
            "![x](https://evil.test/p.png?d=SECRET) Bridge closed",
            "Bridge [closed](//evil.test)",
            "Bridge [closed][r]\n\n[r]: //evil.test",
            "Bridge closed[^1]",
            "Bridge closed, see <https://evil.test>",
            "Bridge closed, see www.evil.test",
            "Bridge closed, see https://evil.test",
            "Bridge closed javascript:alert(1)",
            "# Bridge closed",
            "Bridge `closed`",
            "```\nBridge closed",
            "Bridge\u202e closed",
            "Bri\u200bdge closed",
            "Bridge\x1b[2J closed",
            "Bridge\x00 closed",
            "Bridge\U000e0067 closed",
            "Bridge\ud800 closed",
        ],
    )
    def test_markup_is_refused_even_where_it_stands_in_the_passage(self, claim):
        assert "markup" in reasons(claim, "Bridge closed")
        assert "markup" in reasons(claim, claim, kind="verbatim")

    @pytest.mark.parametrize("address", ["evil.test", "Booking.com", "a.b@evil.test", "bit.ly/x", "news.co.uk"])
    def test_an_address_is_refused_where_no_passage_has_it(self, address):
        claim = f"Bridge closed, said {address}."
        assert "markup" in reasons(claim, "Bridge closed, they said.")
        assert reasons(claim, claim, kind="verbatim") == ()

    @pytest.mark.parametrize(
        "text",
        ["Profit < 5% and > 2%", "the [sic] vote (2-1)", "at 5 p.m. in the U.S. It closed", "tag #bridge", "a * b * c"],
    )
    def test_plain_text_with_odd_signs_passes(self, text):
        assert "markup" not in reasons(text, text)


class TestNegation:
    closes, stays = (
        "Officials said the bridge will close on Monday.",
        "Officials said the bridge will not close on Monday.",
    )

    def test_a_negation_added_or_dropped_is_caught(self):
        assert reasons(self.stays, self.closes) == ("negation",)
        assert reasons(self.closes, self.stays) == ("negation",)

    @pytest.mark.parametrize(
        ("claim", "passage"),
        [
            ("The bridge did not open on Monday.", "The bridge stayed closed on Monday."),
            ("The mayor rejected the claim on Monday.", "The mayor denied the claim on Monday."),
            ("It closed not only the bridge but the pier.", "It closed the bridge and the pier."),
        ],
    )
    def test_the_same_in_other_words_passes(self, claim, passage):
        assert "negation" not in reasons(claim, passage)


class TestSupport:
    def test_a_claim_that_shares_nothing_with_its_passage_is_refused(self):
        assert reasons("The chickens lay eggs in spring.", "The ferry stayed in the harbour.") == ("support",)
        assert support_score(Claim("The chickens lay eggs"), [Passage("The ferry stayed.")]) == 0

    def test_a_claim_that_stands_in_its_passage_scores_one(self):
        assert support_score(Claim("The ferry stayed."), [Passage("“The ferry stayed.” So it was.")]) == 1

    def test_words_may_come_from_different_passages(self):
        claim = "The ferry stayed in harbour while the pier burned."
        assert reasons(claim, "The ferry stayed in the harbour.", "The pier burned.") == ()

    @given(st.text(max_size=80), st.lists(st.text(max_size=80), max_size=3))
    def test_the_score_lies_between_nought_and_one(self, claim, passages):
        assert 0 <= support_score(Claim(claim), [Passage(text) for text in passages]) <= 1


@given(articles(), st.sampled_from(["verbatim", "written"]), st.data())
def test_a_sentence_of_an_article_always_passes_against_its_article(article, kind, data):
    assume(article.sentences)
    start, end = data.draw(st.sampled_from(article.sentences))
    published = data.draw(st.none() | st.dates().map(str))
    sentence = Claim(article.text[start:end], kind)
    assert examine(sentence, [Passage(article.text[start:end], published, "en")]) == ()
    assert examine(sentence, [Passage(article.text, published, "en")]) == ()


@given(articles(), st.data())
def test_a_digit_changed_in_a_sentence_is_caught(article, data):
    numbered = [article.text[a:b] for a, b in article.sentences if re.search(r"\d", article.text[a:b])]
    assume(numbered)
    sentence = data.draw(st.sampled_from(numbered))
    place = data.draw(st.sampled_from([match.start() for match in re.finditer(r"\d", sentence)]))
    changed = sentence[:place] + data.draw(st.sampled_from("123456789")) + sentence[place + 1 :]
    said = {quantity.value for quantity in quantities(sentence)}
    assume(any(quantity.value not in said for quantity in quantities(changed)))
    assert {"number", "date"} & set(reasons(changed, sentence))


@given(st.permutations(["Kestrel", "Brandt", "Aurora", "Sinwar", "Łódź", "Путин"]), st.integers(0, 2))
def test_a_name_exchanged_for_another_is_caught(drawn, place):
    form = "{} met {} and the aides of {} on the pier."
    changed = [*drawn[:3]]
    changed[place] = drawn[3]
    assert "name" in reasons(form.format(*changed), form.format(*drawn[:3]))


@given(hostile_text, st.lists(hostile_text, max_size=3), st.sampled_from(["written", "verbatim"]), hostile_text)
def test_no_text_breaks_the_gate(claim, passages, kind, stated):
    found = examine(Claim(claim, kind), [Passage(text, stated, stated) for text in passages])
    assert len(found) == len(set(found))


@pytest.mark.parametrize("piece", ["a.", "“", "'a ", "Ab ", "1 ", "1 May ", "[", "not a ", "no.", "a@", "`a", "two "])
def test_a_huge_claim_is_judged_in_time_proportional_to_its_length(piece):
    text = piece * (65_536 // len(piece))
    started = time.perf_counter()
    reasons(text, "The ferry stayed in the harbour.")
    reasons("The ferry of Ab stayed.", text)
    assert time.perf_counter() - started < 10


@pytest.mark.parametrize(
    "name",
    [
        "altered_number", "negation", "copied_instruction", "image_md", "ref_md", "autolink", "html", "img_onerror",
        "ansi", "tag_chars", "zero_width", "lone_surrogate", "nul", "canary_leak", "repeat_loop", "opinion",
    ],
)  # fmt: skip
def test_a_language_models_bad_sentence_is_refused(labelled, name):
    lines = (labelled / "attacks" / "own_llm_bad_outputs.jsonl").read_text(encoding="utf-8").splitlines()
    row = next(row for row in map(json.loads, lines) if row["name"] == name)
    text = json.loads(row["raw"])["sentences"][0]["text"]
    assert reasons(text, row["source_a1"])


class TestAttribution:
    @pytest.mark.parametrize(
        ("claim", "passage"),
        [
            ("The crew ignored a warning.", "The crew ignored a warning, the union said."),
            ("Forty people were hurt.", "According to the hospital, forty people were hurt."),
            (
                "A soldier fled, officials said; he crossed the line at noon.",
                "The soldier said he crossed the line at noon.",
            ),
            ("The mayor took the money.", "The mayor allegedly took the money."),
        ],
    )
    def test_what_is_only_reported_is_not_told_as_a_fact(self, claim, passage):
        assert "attribution" in reasons(claim, passage)

    @pytest.mark.parametrize(
        ("claim", "passages"),
        [
            ("The crew ignored a warning, the union said.", ["The crew ignored a warning, the union said."]),
            ("The union accused the crew of ignoring a warning.", ["The crew ignored a warning, the union said."]),
            ("The crew ignored a warning.", ["The crew ignored a warning, the union said.", "It ignored a warning."]),
            ("The ferry was built in 1999.", ["Falk said the ferry, which was built in 1999, would be sold."]),
            ("The crew ignored a warning", ["The crew ignored a warning, the union said."]),
        ],
        ids=["kept", "in other words", "said by a passage itself", "an aside", "a headline"],
    )
    def test_what_keeps_who_said_it_or_needs_nobody_passes(self, claim, passages):
        assert "attribution" not in reasons(claim, *passages)

    def test_a_claim_from_elsewhere_is_not_held_to_it(self):
        claim = Claim("The crew ignored a warning.", "given")
        assert "attribution" not in examine(claim, [Passage("The crew ignored a warning, the union said.")])


class TestStatement:
    PASSAGE = "Harbour Lines, a ferry company, will run boats every twenty minutes, Councillor Piet Larsen said."

    @pytest.mark.parametrize(
        "claim",
        [
            "Harbour Lines is bankrupt.",
            "Councillor Piet Larsen has resigned.",
            "Harbour Lines will run boats, Piet Larsen said. Harbour Lines is bankrupt.",
        ],
    )
    def test_a_name_in_a_passage_bears_out_nothing_that_is_said_of_it(self, claim):
        assert "support" in reasons(claim, self.PASSAGE)

    def test_what_the_passage_says_of_the_name_passes(self):
        assert reasons("Harbour Lines will run boats every twenty minutes, Piet Larsen said.", self.PASSAGE) == ()


class TestReversal:
    @pytest.mark.parametrize(
        ("claim", "passage"),
        [
            ("The vaccine was withdrawn.", "It is not the case that the vaccine was withdrawn, the agency said."),
            ("Doctor Lund confirmed two deaths.", "Doctor Lund refused to confirm that there were two deaths."),
            ("The vaccine caused two deaths", "Doctor Lund refused to confirm that the vaccine caused two deaths."),
            ("Her lawyer said Lind owned shares.", "Her lawyer said it was untrue that Lind owned shares."),
            ("Falk found that money went missing.", "Falk found no evidence that money went missing."),
            ("Soldiers shot at civilians.", "The ministry dismissed reports that soldiers shot at civilians."),
            ("The dam burst.", "Officials had feared that the dam would burst."),
            ("The troops will leave, Brandt said.", "Only if the truce holds will the troops leave, Brandt said."),
            ("Lund said he approved it.", "Lund said he would have approved it if the trial had been larger."),
            ("Holt lied to parliament", "A committee is investigating whether Holt lied to parliament."),
        ],
    )
    def test_what_is_denied_doubted_or_feared_is_not_so(self, claim, passage):
        assert "negation" in reasons(claim, passage)

    @pytest.mark.parametrize(
        ("claim", "passage"),
        [
            ("Doctor Lund would not confirm two deaths.", "Doctor Lund refused to confirm that there were two deaths."),
            ("The ferry left at noon.", "The ferry left at noon, which nobody had expected to see."),
            ("Falk found no evidence of missing money.", "Falk found no evidence that money went missing."),
            ("The talks go on until Friday.", "The talks go on until Friday. Nobody doubts that the talks go on."),
        ],
    )
    def test_what_keeps_the_denial_or_stands_elsewhere_passes(self, claim, passage):
        assert "negation" not in reasons(claim, passage)

    @pytest.mark.parametrize(
        ("headline", "passage"),
        [
            ("Surgeon kills three patients", "Surgeon Lars Nes is on trial for killing three patients in Holm."),
            ("Vik stole from pension fund", "Vik was charged with stealing 3 million crowns from the pension fund."),
            ("Dalco caused the blackout", "The regulator blamed Dalco for the blackout."),
        ],
    )
    def test_a_headline_does_not_convict(self, headline, passage):
        assert "attribution" in reasons(headline, passage)


class TestCause:
    @pytest.mark.parametrize(
        ("claim", "passages"),
        [
            ("The bridge closed because the ferry company paid for it.", ["The bridge closed.", "The company paid."]),
            ("The mayor resigned after the fire.", ["The mayor resigned. There was a fire in the mill."]),
            ("Despite the warnings, the ferry sailed.", ["The ferry sailed at noon. The office gave out warnings."]),
            ("The strike led to higher prices.", ["The strike began.", "Prices were higher, because fuel was short."]),
            ("Ferry prices rose due to the strike.", ["Prices rose because fuel was short. The strike goes on."]),
        ],
    )
    def test_what_no_passage_joins_is_not_joined(self, claim, passages):
        assert "cause" in reasons(claim, *passages)

    @pytest.mark.parametrize(
        ("claim", "passages"),
        [
            ("Prices rose because fuel was short.", ["Prices rose because fuel was short, and the shops closed."]),
            ("Ten houses burned after the gas leak.", ["The gas leak led to a fire in which ten houses burned."]),
            ("The mill closed after it burned.", ["The mill burned on Monday. Then it closed, the owner said."]),
            ("Despite the warnings, the ferry sailed.", ["There were warnings. But the ferry sailed at noon."]),
        ],
        ids=["as there", "in another word", "in two sentences", "a contrast"],
    )
    def test_what_a_passage_joins_passes(self, claim, passages):
        assert "cause" not in reasons(claim, *passages)

    def test_a_claim_from_elsewhere_is_not_held_to_it(self):
        assert "cause" not in examine(Claim("It fell after it rose.", "given"), [Passage("It rose. It fell.")])


class TestJoined:
    HERE = "Mayor Andrea Brandt called the closure of the bridge a necessary step for the town."
    THERE = "The bridge will be closed from Monday, the town's council announced on Friday. Boats will run."

    def joined(self, claim: str, *, of: tuple[str, str] = ("here", "there")) -> bool:
        passages = [Passage(text, article=name) for text, name in zip((self.HERE, self.THERE), of, strict=True)]
        return "support" in examine(Claim(claim), passages)

    @pytest.mark.parametrize(
        "claim",
        [
            "Mayor Andrea Brandt announced the closure of the bridge on Friday.",
            "Boats will run from Monday, and Mayor Andrea Brandt announced the closure on Friday.",
            "Mayor Andrea Brandt said the bridge will be closed from Monday.",
        ],
    )
    def test_what_no_article_says_alone_is_not_made_of_two(self, claim):
        assert self.joined(claim)

    @pytest.mark.parametrize(
        "claim",
        [
            "The bridge will be closed from Monday, and Mayor Andrea Brandt called the closure a necessary step.",
            "The council announced on Friday that the bridge will be closed; Andrea Brandt called it a necessary step.",
        ],
    )
    def test_each_part_of_a_claim_may_come_from_another_article(self, claim):
        assert not self.joined(claim)

    def test_passages_of_one_article_may_say_it_together(self):
        assert not self.joined("Mayor Andrea Brandt called the closure from Monday a necessary step.", of=("a", "a"))

    def test_that_sources_differ_need_not_be_said_by_any(self):
        passages = [
            Passage("The coastguard put the leak at 900 litres of diesel.", article="here"),
            Passage("The company said 400 litres of diesel had leaked.", article="there"),
        ]
        claim = "Sources differ: the coastguard put the leak at 900 litres, while the company said 400 litres leaked."
        assert examine(Claim(claim), passages) == ()

    @pytest.mark.parametrize(
        ("claim", "passage"),
        [
            ("Engineers said the repairs will take six weeks.", "The repairs will take six weeks, the council said."),
            ("Brandt said cracks had been found.", "Larsen said cracks had been found. Brandt had seen the pier."),
            ("The council will carry passengers.", "Ferries will carry passengers. The council met on Friday."),
        ],
    )
    def test_nobody_says_or_does_what_somebody_else_says_or_does(self, claim, passage):
        assert "support" in reasons(claim, passage)

    @pytest.mark.parametrize(
        ("claim", "passage"),
        [
            ("Piet Larsen said cracks had been found.", "Piet Larsen met the press. He said cracks had been found."),
            ("Blue Line will carry passengers.", "Blue Line has a ferry. The company will carry passengers."),
            (
                "Mayor Piet Larsen said cracks had been found.",
                "Larsen said cracks had been found. The mayor, Piet Larsen.",
            ),
        ],
        ids=["a pronoun", "a company", "the longer name"],
    )
    def test_whom_a_passage_only_points_to_may_be_named(self, claim, passage):
        assert "support" not in reasons(claim, passage)


class TestBelongs:
    SAID = (
        "The bridge will be closed from Monday, the council announced on Friday. Boats will run every twenty minutes. "
        "Engineers found cracks in three of the pillars."
    )

    @pytest.mark.parametrize(
        ("claim", "reason"),
        [
            ("The bridge will be closed from Friday.", "date"),
            ("The council announced on Monday that the bridge will be closed.", "date"),
            ("Twenty boats will run.", "number"),
            ("Engineers found three cracks.", "number"),
            ("The bridge will be closed until Monday.", "date"),
            ("Boats will run for twenty minutes.", "number"),
        ],
    )
    def test_a_day_or_a_number_is_not_put_to_something_else(self, claim, reason):
        assert reason in reasons(claim, self.SAID)

    @pytest.mark.parametrize(
        "claim",
        [
            "The bridge will be closed from Monday.",
            "On Friday the council announced that the bridge will be closed.",
            "Boats will run every twenty minutes.",
            "Engineers found cracks in three pillars.",
        ],
    )
    def test_what_it_belongs_to_in_a_passage_it_may_belong_to(self, claim):
        assert not {"date", "number"} & set(reasons(claim, self.SAID))

    def test_one_day_goes_with_everything(self):
        assert "date" not in reasons("The mayor resigned on Monday.", "The mayor stepped down. It rained on Monday.")


class TestModality:
    @pytest.mark.parametrize(
        ("claim", "passage"),
        [
            ("Only three ferries sailed.", "Three ferries sailed."),
            ("The bridge is certain to reopen.", "The bridge will reopen, the council hopes."),
            ("The mill was completely destroyed.", "The mill was destroyed."),
            ("The repairs took six weeks.", "The repairs will take six weeks, the council said."),
            ("Divers found the anchor in the basin.", "Divers may have found the anchor in the basin."),
            ("Findings will be published within 30 days.", "Findings could be published within 30 days, Strand said."),
        ],
    )
    def test_nothing_is_made_surer_or_the_only_one(self, claim, passage):
        assert "modality" in reasons(claim, passage)

    def test_what_a_passage_says_as_strongly_passes(self):
        assert "modality" not in reasons("Only three ferries sailed.", "Just three ferries sailed.")

    def test_what_is_kept_open_in_other_words_passes(self):
        assert "modality" not in reasons("The council plans six weeks of repairs.", "Repairs will take six weeks.")
        assert "modality" not in reasons("The repairs take six weeks", "The repairs will take six weeks.")  # a headline


class TestDirection:
    @pytest.mark.parametrize(
        ("claim", "passage"),
        [
            ("The crash killed 14 commuters.", "The crash injured 14 commuters."),
            ("The missing fisherman was found dead.", "The missing fisherman was found safe on Tuesday."),
            ("Ferry prices fell by 5 per cent.", "Ferry prices rose by 5 per cent on Monday."),
            ("The council approved the new quay.", "The council rejected the new quay on Friday."),
        ],
    )
    def test_nothing_is_turned_round(self, claim, passage):
        assert "direction" in reasons(claim, passage)

    @pytest.mark.parametrize(
        ("claim", "passage"),
        [
            ("Fourteen people were hurt.", "Fourteen people were injured, and nobody died."),
            ("Prices rose, then fell.", "Prices fell in May after they had risen in April."),
        ],
    )
    def test_what_a_passage_says_both_ways_is_left_to_its_reader(self, claim, passage):
        assert "direction" not in reasons(claim, passage)
