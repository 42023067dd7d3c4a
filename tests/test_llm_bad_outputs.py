"""Bad answers of language models, row by row, over real HTTP: what is sound is kept, nothing else reaches a reader."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from briefing.domain import Article, Citation, Cluster, Summary
from briefing.errors import ModelError
from briefing.llm.endpoint import Endpoint
from briefing.ports import Manuscript
from briefing.prove import prove
from briefing.render import summary as markdown
from briefing.write.model.answer import read_answer
from briefing.write.model.evidence import Evidence, Slot
from tests.editions import article, briefing, event
from tests.endpoint import Answer, completion, endpoint
from tests.stories import writer

SOUND = "Officials said the bridge will close on Monday."
OTHERS = ("Engineers found three cracks in its arches in May.", "A ferry will carry people across the river.")
KEPT = {"fenced": SOUND, "prose_then_json": SOUND, "mixed_cites": SOUND, "think_tags": SOUND}
KEPT |= {"right_fact_wrong_source": SOUND}  # cited anew, where it stands
UNREADABLE = {
    "whitespace", "null", "not_json", "truncated", "two_objects", "array_top", "huge_string", "many_sentences",
    "refusal", "content_filter",
}  # fmt: skip
FINISH = {"truncated": "length", "content_filter": "content_filter"}


@cache
def rows(folder: Path) -> dict[str, dict[str, Any]]:
    lines = (folder / "attacks" / "own_llm_bad_outputs.jsonl").read_text("utf-8").splitlines()
    return {row["name"]: row for row in map(json.loads, lines)}


def story(source: str) -> tuple[Cluster, tuple[Article, ...], Evidence]:
    """The event that the rows are about: article a1 says what they cite, a2 and a3 something else."""
    articles = tuple(
        article(name, None, text, published="2024-10-18", language="en", publisher=name)
        for name, text in zip(("a1", "a2", "a3"), (source, *OTHERS), strict=True)
    )
    cluster = Cluster("e1", "s1", "Bridge to close", ("a1", "a2", "a3"))
    slots = tuple(Slot(one.id, Citation(one.id, 0, len(one.text), one.text)) for one in articles)
    return cluster, articles, Evidence(cluster, articles, slots)


def told(row: dict[str, Any], answer: Callable[[dict[str, Any], int], Answer] | None = None) -> tuple[Any, Any, int]:
    """What becomes of an event whose model answers with the row, and mends nothing; and the calls that it took."""
    cluster, articles, evidence = story(row["source_a1"])

    def bad(body: dict[str, Any], _: int) -> Answer:
        if "refused" in json.loads(body["messages"][1]["content"]):
            return completion('{"sentences": []}')
        return completion(row["raw"], finish=FINISH.get(row["name"], "stop"))

    with endpoint(answer or bad) as fake:
        ask = Endpoint(fake.base_url, None, lambda text: len(text) // 4 + 1)
        manuscript = writer(lambda request: ask(request, 10.0)).write(evidence, 160)
        return manuscript, prove(cluster, manuscript, articles), len(fake.requests)


def page(summary: Summary) -> str:
    """The event as Markdown."""
    _, articles, _ = story("Officials said on Friday that the bridge will close on Monday for repairs.")
    made = event(1, articles, summary.sentences)
    return markdown(briefing([made], articles), {one.id: one for one in articles})


NAMES = """whitespace null not_json fenced prose_then_json truncated two_objects array_top huge_string many_sentences
    mixed_cites no_cites url_as_cite cite_other_event altered_number negation right_fact_wrong_source copied_instruction
    image_md ref_md autolink html img_onerror jinja ansi tag_chars zero_width lone_surrogate nul refusal content_filter
    canary_leak repeat_loop think_tags opinion""".split()


def test_the_rows_are_these(labelled):
    assert sorted(rows(labelled)) == sorted(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_row_comes_to_what_it_says(name, labelled):
    row = rows(labelled)[name]
    _, summary, calls = told(row)
    assert isinstance(summary, Summary)  # the event is never lost
    assert calls <= 2  # at most one call to mend
    assert calls == 1 or name != "content_filter"
    shown = [one.text for one in summary.sentences]
    written = [one for one in summary.sentences if one.kind == "written"]
    assert [one.text for one in written] == ([KEPT[name]] if name in KEPT else [])
    for one in written:
        assert {citation.article_id for citation in one.citations} == {"a1"}
    everything = page(summary) + " ".join(shown)
    assert not re.search(
        r"evil\.test|secret|CANARY|terrible|52|not close|<script|onerror|\{\{|AAAA|the the|sorry|Sure!|Here you go",
        everything,
    )


@pytest.mark.parametrize("name", NAMES)
def test_the_row_is_read_or_refused_as_a_whole(name, labelled):
    raw = rows(labelled)[name]["raw"]
    if name in UNREADABLE:
        with pytest.raises(ModelError):
            read_answer(raw)
    else:
        assert read_answer(raw).sentences


@pytest.mark.parametrize("name", ["truncated", "refusal", "content_filter", "whitespace"])
def test_the_reason_for_falling_back_is_recorded(name, labelled):
    manuscript: Manuscript
    manuscript, _, _ = told(rows(labelled)[name])
    assert manuscript.fallback is not None
    assert manuscript.fallback.kind == {"truncated": "length", "content_filter": "refusal"}.get(name, "answer")


def test_what_is_withheld_is_on_record_with_its_reason(labelled):
    reasons = {}
    for name in (
        "no_cites",
        "url_as_cite",
        "cite_other_event",
        "altered_number",
        "negation",
        "copied_instruction",
        "html",
    ):
        manuscript, _, _ = told(rows(labelled)[name])
        reasons[name] = set().union(*(one.reasons for one in manuscript.withheld))
    assert all("citation" in reasons[name] for name in ("no_cites", "url_as_cite", "cite_other_event"))
    assert "number" in reasons["altered_number"]
    assert "negation" in reasons["negation"]
    assert reasons["copied_instruction"] & {"instruction", "markup"}
    assert "markup" in reasons["html"]
