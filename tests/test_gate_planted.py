"""Errors planted in true sentences are caught; true sentences and fair rewordings pass."""

from __future__ import annotations

import pytest

from briefing.gate import examine
from briefing.ports import Claim, Passage
from tests.planted import KINDS, seed_sentences
from tests.rewrites import REWRITES


def test_every_true_sentence_passes_as_a_written_claim(seeds):
    sentences = seed_sentences(seeds)
    assert len(sentences) > 80
    assert [sentence for sentence in sentences if examine(Claim(sentence), [Passage(sentence)])] == []


@pytest.mark.parametrize(("kind", "least"), [("number", 20), ("day", 12), ("name", 200), ("quotation", 100)])
@pytest.mark.parametrize("around", [0, 1], ids=["own sentence", "with its neighbours"])
def test_planted_errors_are_caught(seeds, kind, least, around):
    sentences = seed_sentences(seeds)
    planted = [
        (broken, " ".join(sentences[max(0, place - around) : place + around + 1]))
        for place, sentence in enumerate(sentences)
        for broken in KINDS[kind](sentence)
    ]
    missed = [broken for broken, passage in planted if not examine(Claim(broken), [Passage(passage)])]
    assert len(planted) >= least
    assert len(missed) <= 0.05 * len(planted), missed


def test_fair_rewordings_pass():
    refused = {
        claim: found
        for published, passage, claim in REWRITES
        if (found := examine(Claim(claim, "given"), [Passage(passage, published)]))
    }
    assert len(REWRITES) >= 20
    assert len(refused) <= 0.03 * len(REWRITES), refused
