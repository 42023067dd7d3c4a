"""The main job from articles to a briefing: what it holds, that it is the same every time and can be proven."""

from __future__ import annotations

import copy
import json
import os
import random
import re
import shutil
import subprocess
import sys
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import pytest

from briefing.collect import Collected, collect
from briefing.dates import clock
from briefing.domain import Briefing
from briefing.edition import to_json
from briefing.errors import NothingNew
from briefing.pipeline import Options, make
from tests.command import DAY, EPOCH, Answer, briefing, built, environment

CLOCK = clock({"SOURCE_DATE_EPOCH": EPOCH})


def brief(collected: Collected, **wishes: Any) -> Briefing:
    return make(collected, Options(clock=CLOCK, **wishes)).briefing


@pytest.fixture(scope="module")
def visits(seeds) -> Collected:
    return collect([str(seeds)])


@pytest.fixture(scope="module")
def harbour(root) -> Collected:
    return collect([str(root / "examples" / "harbour")])


@pytest.fixture(scope="module")
def document(seeds, tmp_path_factory) -> dict[str, Any]:
    return built(tmp_path_factory.mktemp("seeds"), seeds, "--with-text", "--format", "json")


def audited(document: dict[str, Any], folder: Path, *arguments: str | Path) -> Answer:
    path = folder / "briefing.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    return briefing("audit", path, *arguments)


# What the five sample articles become.


def test_the_seeds_are_five_events_of_one_storyline_in_every_order_and_subset(visits):
    whole = brief(visits)
    first, *others = visits.articles
    for order in permutations(others):
        assert brief(Collected((*order, first), ())) == whole
    for some in (part for size in range(1, 6) for part in combinations(visits.articles, size)):
        made = brief(Collected(some, ()))
        assert (len(made.events), len(made.storylines)) == (len(some), 1)
    assert sorted(event.article_ids for event in whole.events) == [(one.id,) for one in visits.articles]


def test_an_event_keeps_its_id_whatever_else_is_briefed(visits):
    ids = {event.article_ids: event.id for event in brief(visits).events}
    for article in visits.articles:
        (event,) = brief(Collected((article,), ())).events
        assert event.id == ids[event.article_ids]


def test_the_report_counts_what_the_briefing_holds(visits, harbour):
    for made in (brief(visits), brief(harbour), brief(harbour, max_events=2)):
        sentences = [sentence for event in made.events for sentence in event.sentences]
        assert made.report.articles == len(made.articles)
        assert made.report.events == len(made.events)
        assert made.report.sentences == made.report.cited == made.report.verbatim == len(sentences)
        assert made.report.withheld == len(made.withheld)
        assert (made.report.tokens_in, made.report.tokens_out, made.report.cost) == (0, 0, 0.0)
        assert made.report.seconds is None
        assert all(sentence.citations for sentence in sentences)


def test_the_clock_gives_the_day_and_the_moment(visits):
    made = brief(visits)
    assert (made.date, made.generated_at) == (DAY, "2024-10-22T06:00:00Z")
    assert brief(visits, date="2030-01-31").date == "2030-01-31"


def test_what_a_reader_has_to_know_of_an_event_is_said(visits):
    by_article = {event.article_ids[0]: set(event.caveats) for event in brief(visits).events}
    assert by_article["004_d54eb295966d00e4.txt"] == {"one-origin", "ai-written"}
    assert by_article["000_ecc243404c244522.txt"] == {"one-origin", "undated"}


def test_more_independent_origins_come_first(harbour):
    made = brief(harbour)
    assert [event.rank for event in made.events] == list(range(1, len(made.events) + 1))
    assert [event.origins for event in made.events] == sorted((event.origins for event in made.events), reverse=True)
    assert brief(harbour, max_events=2).events == made.events[:2]


@pytest.mark.parametrize("words", [1, 12, 40, 90, 160])
def test_the_words_asked_for_are_a_strict_upper_bound_of_an_event(harbour, words):
    for event in brief(harbour, words=words).events:
        assert sum(len(sentence.text.split()) for sentence in event.sentences) <= words


# The same bytes, every time.


def test_files_given_in_any_order_give_the_same_bytes(root, tmp_path):
    files = sorted((root / "examples" / "harbour").glob("day*/*"))
    expected = None
    for turn in range(3):
        shuffled = random.Random(turn).sample(files, len(files))
        built(tmp_path / str(turn), *shuffled, "--format", "md,html,json,txt")
        made = {path.name: path.read_bytes() for path in (tmp_path / str(turn)).iterdir()}
        expected = expected or made
        assert made == expected


def test_a_fresh_process_with_another_hash_seed_writes_the_same_bytes(root, seeds, tmp_path):
    made = []
    for number in ("1", "2"):
        folder = tmp_path / number
        command = [sys.executable, "-m", "briefing", "build", str(root / "examples" / "harbour"), str(seeds)]
        subprocess.run(
            [*command, "-q", "--format", "md,html,json,txt", "-o", str(folder)],
            env=environment(PYTHONHASHSEED=number), check=True, capture_output=True,
        )  # fmt: skip
        made.append({path.name: path.read_bytes() for path in folder.iterdir()})
    assert made[0] == made[1]
    assert len(made[0]) == 4


def test_where_the_input_lies_does_not_matter(seeds, tmp_path):
    shutil.copytree(seeds, tmp_path / "elsewhere")
    one, other = (to_json(brief(collect([str(folder)]))) for folder in (seeds, tmp_path / "elsewhere"))
    assert one == other


# No article, one, many.


def test_no_article_is_nothing_new():
    with pytest.raises(NothingNew):
        brief(Collected((), ()))


def test_one_article_is_one_event_that_rests_on_one_origin(visits):
    made = brief(Collected(visits.articles[:1], ()))
    assert len(made.events) == len(made.storylines) == 1
    assert "one-origin" in made.events[0].caveats


def test_an_article_of_a_title_alone_is_no_reason_to_fail(tmp_path):
    rows = (
        b'{"id": "a", "title": "Ferry hits pier", "text": ""}\n{"id": "b", "text": "The ferry hit the pier on Monday."}'
    )
    assert briefing("build", "-", "-o", tmp_path, "-q", stdin=rows).code == 0
    made = json.loads((tmp_path / f"{DAY}.json").read_text(encoding="utf-8"))
    assert {article["id"]: article["flags"] for article in made["articles"]} == {"a": ["no-text"], "b": []}


def test_two_thousand_articles_are_briefed_and_every_one_is_accounted_for(tmp_path):
    chance = random.Random(7)
    things = "ferry pier harbour council court school bridge train storm flood election bank market hospital".split()
    towns = [a + b for a in ("Alder", "Birch", "Cedar", "Elder", "Hazel", "Rowan") for b in ("ton", "ford", "wick")]
    with (tmp_path / "many.jsonl").open("w", encoding="utf-8") as file:
        for number in range(2000):
            town, (one, other) = chance.choice(towns), chance.sample(things, 2)
            text = (
                f"The {one} of {town} opened a new {other} on Monday, officials said. It cost {chance.randint(2, 900)} "
                f"million pounds, the mayor of {town} said in a statement."
            )
            row = {"id": str(number), "title": f"{town} {one} opens {other}", "text": text, "published": "2024-10-21"}
            file.write(json.dumps(row) + "\n")
    made = built(tmp_path / "out", tmp_path / "many.jsonl", "--format", "json")
    assert made["report"]["articles"] == 2000
    grouped = [name for event in made["events"] for name in event["article_ids"]]
    assert sorted(grouped, key=int) == [str(number) for number in range(2000)]


# Every briefing can be proven again.


def test_the_window_of_since_ends_with_the_day_that_date_names(root, tmp_path):
    answer = briefing(
        "build", root / "examples" / "harbour", "-o", tmp_path, "--date", "2026-03-02", "--since", "24h",
        "--format", "json", SOURCE_DATE_EPOCH="1790000000",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    document = json.loads((tmp_path / "2026-03-02.json").read_text("utf-8"))
    assert document["window"] == {"start": "2026-03-02T00:00:00Z", "end": "2026-03-03T00:00:00Z"}
    days = {(article["published"] or "undated")[:10] for article in document["articles"]}
    assert "2026-03-02" in days


def test_the_audit_of_the_seeds_passes_with_the_texts_inside_or_beside(document, seeds, tmp_path):
    assert audited(document, tmp_path).code == 0
    bare = copy.deepcopy(document)
    for article in bare["articles"]:
        del article["text"]
    assert audited(bare, tmp_path, "--articles", seeds).code == 0
    unproven = audited(bare, tmp_path)
    assert unproven.code == 3
    assert "what has no text cannot be proven: give --articles" in unproven.out


def test_the_audit_of_labelled_news_passes(labelled, tmp_path):
    lines: list[str] = []
    for name in ("news_cluster", "wikinews", "neus"):
        with (labelled / "events" / f"{name}.jsonl").open(encoding="utf-8") as file:
            lines += [line for _, line in zip(range(67), file, strict=False)]
    (tmp_path / "labelled.jsonl").write_text("".join(lines), encoding="utf-8")
    made = built(tmp_path / "out", tmp_path / "labelled.jsonl", "--with-text", "--format", "json")
    assert made["report"]["articles"] >= 200
    answer = audited(made, tmp_path)
    assert answer.code == 0, answer.out


def _first_with(document: dict[str, Any], pattern: str) -> tuple[str, dict[str, Any]]:
    for event in document["events"]:
        for number, sentence in enumerate(event["sentences"], 1):
            if re.search(pattern, sentence["text"]):
                return f"event {event['id']} sentence {number}", sentence
    raise AssertionError(f"no sentence holds {pattern}")


def test_one_changed_character_of_a_quote_is_named(document, tmp_path):
    changed = copy.deepcopy(document)
    where, sentence = _first_with(changed, "Blinken")
    citation = sentence["citations"][0]
    citation["quote"] = citation["quote"].replace("Blinken", "Blinkem", 1)
    answer = audited(changed, tmp_path)
    assert answer.code == 1
    assert f"{where} citation 1" in answer.out


def test_one_changed_number_of_a_sentence_is_named(document, tmp_path):
    changed = copy.deepcopy(document)
    where, sentence = _first_with(changed, r"\d")
    sentence["text"] = re.sub(r"\d", lambda found: str((int(found[0]) + 1) % 10), sentence["text"], count=1)
    sentence["kind"] = "written"  # so that no check of the wording alone finds it
    changed["report"]["verbatim"] -= 1
    answer = audited(changed, tmp_path)
    assert answer.code == 1
    assert where in answer.out


@pytest.mark.parametrize("key", ["start", "end"])
def test_one_changed_offset_is_named(document, tmp_path, key):
    changed = copy.deepcopy(document)
    where, sentence = _first_with(changed, "Blinken")
    sentence["citations"][0][key] += 1
    answer = audited(changed, tmp_path)
    assert answer.code == 1
    assert f"{where} citation 1" in answer.out


def test_the_audit_as_json_holds_what_it_found(document, tmp_path):
    changed = copy.deepcopy(document)
    where, sentence = _first_with(changed, "Blinken")
    sentence["citations"][0]["start"] += 1
    answer = audited(changed, tmp_path, "--json")
    assert answer.code == 1
    found = answer.json
    assert set(found) == {"proven", "unproven", "findings"}
    assert {"where", "reason", "message"} == set(found["findings"][0])
    assert any(one["where"].startswith(where) for one in found["findings"])


@pytest.mark.skipif(os.name != "posix", reason="names that are no UTF-8 exist only there")
def test_a_file_name_that_is_no_utf8_is_told_with_its_escape(seeds, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    shutil.copy(seeds / "000_ecc243404c244522.txt", os.path.join(os.fsencode(folder), b"odd\xff.txt"))  # noqa: PTH118 - bytes
    made = built(tmp_path / "out", folder)
    assert [article["id"] for article in made["articles"]] == ["odd\\xff.txt"]
