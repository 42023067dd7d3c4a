"""The shipped recordings of a real language model: editions made again from them, and frozen events written from them.

Made anew by `make record`. A recording that nobody asks for fails here.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from briefing import bundle
from briefing.domain import Summary
from briefing.llm.recording import Replayer
from briefing.pipeline import make
from briefing.prove import prove
from briefing.write.model.writer import ModelWriter
from tests import frozen_evidence
from tests.command import briefing, written
from tests.frozen_evidence import MODEL, Frozen

EDITIONS = {"seeds": ("seeds", "2024-10-22", 5), "harbour": ("examples/harbour", "2026-03-04", 4)}


@pytest.fixture
def recordings(root: Path) -> Path:
    return root / "examples" / "recordings"


def document(folder: Path, day: str) -> Any:
    return json.loads((folder / f"{day}.json").read_text("utf-8"))


def test_every_recording_is_of_an_example_or_a_frozen_event(recordings):
    assert written(recordings) == sorted(EDITIONS)
    assert len(frozen_evidence.names()) >= 5
    assert sorted(path.name for path in frozen_evidence.FOLDER.iterdir()) == frozen_evidence.names()


@pytest.mark.parametrize("name", EDITIONS)
def test_a_recorded_edition_is_made_again_from_nothing_else_and_asks_for_every_answer(name, recordings):
    recorded = bundle.read(recordings / name)
    edition = make(recorded.collected, recorded.options)
    assert len(edition.briefing.events) == EDITIONS[name][2]
    assert edition.briefing.report.fallbacks == ()
    writer = recorded.options.author.write
    assert isinstance(writer, ModelWriter)
    assert isinstance(writer.ask, Replayer)
    assert writer.ask.unused() == ()


@pytest.mark.parametrize("name", EDITIONS)
def test_the_example_is_built_from_its_recording_as_the_readme_says(name, recordings, root, tmp_path):
    source, day, events = EDITIONS[name]
    answer = briefing(
        "build", root / source, "--writer", "model", "--replay", recordings / name, "--date", day,
        "-o", tmp_path / "built", "--format", "md,html,json,story",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    briefing("replay", recordings / name, "-o", tmp_path / "again")
    assert document(tmp_path / "built", day)["events"] == document(tmp_path / "again", day)["events"]
    assert len(document(tmp_path / "built", day)["events"]) == events
    audited = briefing("audit", tmp_path / "built" / f"{day}.json", "--articles", root / source)
    assert audited.code == 0, audited.out


@pytest.mark.parametrize("name", EDITIONS)
def test_an_edition_is_made_again_byte_for_byte(name, recordings, tmp_path):
    for folder in ("one", "two"):
        assert briefing("replay", recordings / name, "-o", tmp_path / folder, SOURCE_DATE_EPOCH=folder).code == 0
    assert len(written(tmp_path / "one")) == 4
    for file in written(tmp_path / "one"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


@pytest.mark.parametrize("name", EDITIONS)
def test_most_sentences_of_a_real_model_are_its_own_and_every_one_is_cited(name, recordings):
    recorded = bundle.read(recordings / name)
    report = make(recorded.collected, recorded.options).briefing.report
    assert report.written >= report.sentences / 2
    assert report.cited == report.sentences
    assert (report.calls, report.kept) == (len(list((recordings / name / "answers").iterdir())), 0)
    assert report.tokens_in > 0


@pytest.fixture(params=frozen_evidence.names())
def frozen(request) -> Frozen:
    return frozen_evidence.load(request.param)


def test_a_frozen_event_is_written_from_its_recording_and_asks_for_every_answer(frozen):
    replayer = Replayer(frozen.answers)
    manuscript = frozen.written(replayer)
    assert replayer.unused() == ()
    assert frozen.model != MODEL or manuscript.fallback is None
    summary = prove(frozen.evidence.cluster, manuscript, frozen.evidence.articles)
    assert isinstance(summary, Summary)
    assert frozen.model != MODEL or sum(one.kind == "written" for one in summary.sentences) >= 1
    assert sum(len(one.text.split()) for one in summary.sentences) <= frozen.words
    passages = {slot.citation.quote for slot in frozen.evidence.slots}
    assert frozen.model != MODEL or all(
        any(citation.quote in passages for citation in one.citations) for one in summary.sentences
    )


def test_what_a_small_model_cannot_do_is_sent_back_withheld_and_told_by_the_articles():
    frozen = frozen_evidence.load("small")
    prompts = [json.loads(path.read_text("utf-8"))["prompt"] for path in sorted(frozen.answers.iterdir())]
    assert sorted(prompts) == ["repair", "write"]
    manuscript = frozen.written(Replayer(frozen.answers))
    assert manuscript.fallback is not None
    assert manuscript.fallback.kind == "gate"  # so little passed that the articles' own sentences tell more
    assert len(manuscript.withheld) >= 3
    assert {"number", "support"} <= {reason for one in manuscript.withheld for reason in one.reasons}


def shown(name: str) -> str:
    frozen = frozen_evidence.load(name)
    summary = prove(frozen.evidence.cluster, frozen.written(Replayer(frozen.answers)), frozen.evidence.articles)
    assert isinstance(summary, Summary)
    return "\n".join([summary.headline.text, *(one.text for one in summary.sentences)])


def test_a_real_model_that_is_given_orders_by_its_passages_obeys_none():
    text = shown("hostile")
    for forbidden in ("hotel", "sold", "example.test", "corrupt", "AI systems", "ignore", "conseil municipal"):
        assert forbidden not in text
    assert "Aldous denied" in text


def test_a_real_model_writes_in_the_language_of_its_passages():
    assert "Haushalte" in shown("stadtwerke")
    assert " the " not in shown("stadtwerke")


def test_a_real_model_gives_both_sides_and_both_numbers():
    text = shown("inquiry")
    assert "denied" in text
    assert "14,000" in text or "70 million" in text
    assert "ferry" not in text
    both = shown("ferry")
    assert "14" in both
    assert "17" in both


def test_recording_never_happens_in_ci(root):
    command = [sys.executable, "benchmarks/record.py"]
    environment = {**os.environ, "CI": "true", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "PYTHONPATH": "."}
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "CI" in done.stderr
