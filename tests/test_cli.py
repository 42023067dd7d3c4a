"""The command line and its main verb, `build`: what it answers, on which stream, with which exit code."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from briefing import __version__
from tests.command import DAY, ROW, Answer, briefing, lines, written

VERBS = ("build", "summarize", "group", "extract", "check", "audit", "schema", "templates")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch) -> None:
    """Runs in an empty folder, so that a default path never writes into the repository."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


# Help and version.


@pytest.mark.parametrize("verb", VERBS)
def test_the_help_of_every_verb_shows_an_example(verb):
    answer = briefing(verb, "--help")
    assert answer.code == 0
    assert f"Example: briefing {verb}" in answer.out


def test_help_lists_the_verbs_and_the_exit_codes():
    answer = briefing("--help")
    assert answer.code == 0
    assert all(re.search(rf"^  {verb} ", answer.out, re.MULTILINE) for verb in VERBS)
    assert "Exit codes: 0 good" in answer.out


def test_the_version_is_told_without_a_verb():
    assert briefing("--version") == Answer(0, f"{__version__}\n", "")


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["build", "x", "--nonsense"], ["check"]])
def test_a_wrong_call_is_a_usage_error_told_on_standard_error(arguments):
    answer = briefing(*arguments)
    assert (answer.code, answer.out) == (2, "")
    assert "Usage: briefing" in answer.err


# build


def test_build_writes_the_three_formats_and_prints_their_paths(seeds, out):
    answer = briefing("build", seeds, "-o", out)
    assert answer.code == 0
    assert answer.out.splitlines() == [str(out / f"{DAY}.{name}") for name in ("md", "html", "json")]
    assert written(out) == [f"{DAY}.html", f"{DAY}.json", f"{DAY}.md"]
    assert "5 articles, 5 events" in answer.err


def test_build_without_a_folder_writes_to_briefings(seeds):
    assert briefing("build", seeds, "--format", "txt").out == f"briefings/{DAY}.txt\n"


def test_the_settings_file_of_the_working_folder_is_read_and_a_flag_wins_over_it(seeds):
    Path("briefing.toml").write_text('output = "mine"\nformats = ["txt"]\n', encoding="utf-8")
    assert briefing("build", seeds).out == f"mine/{DAY}.txt\n"
    assert briefing("build", seeds, "--format", "md").out == f"mine/{DAY}.md\n"


def test_quiet_says_nothing_but_the_paths_and_verbose_says_more(seeds, out):
    assert briefing("build", seeds, "-o", out, "-q").err == ""
    assert "independent origins" in briefing("build", seeds, "-o", out, "-v").err


def test_without_a_key_the_writer_is_extractive_and_says_so_in_one_line(seeds, out):
    err = briefing("build", seeds, "-o", out).err
    assert sum("extractive" in line for line in err.splitlines()) == 1
    assert "extractive)" not in briefing("build", seeds, "-o", out, "--writer", "extractive").err


def test_a_dry_run_tells_the_plan_and_writes_nothing(seeds, out):
    answer = briefing("build", seeds, "-o", out, "--dry-run")
    assert answer.code == 0
    assert "would read: 5 articles" in answer.out
    assert "would pay: 0.00" in answer.out
    assert not out.exists()


def test_with_text_puts_the_article_texts_into_the_json_and_only_then(seeds, out):
    briefing("build", seeds, "-o", out)
    bare = json.loads((out / f"{DAY}.json").read_text(encoding="utf-8"))
    assert not any("text" in article for article in bare["articles"])
    briefing("build", seeds, "-o", out, "--with-text")
    full = json.loads((out / f"{DAY}.json").read_text(encoding="utf-8"))
    for told in (event["headline"] for event in full["events"]):
        for citation in told["citations"]:
            (text,) = (one["text"] for one in full["articles"] if one["id"] == citation["article_id"])
            assert text[citation["start"] : citation["end"]] == citation["quote"]


def test_most_events_and_words_are_kept_to(root, out):
    briefing("build", root / "examples" / "harbour", "-o", out, "--max-events", "2", "--words", "40")
    made = json.loads((out / f"{DAY}.json").read_text(encoding="utf-8"))
    assert len(made["events"]) == 2
    for event in made["events"]:
        assert sum(len(sentence["text"].split()) for sentence in event["sentences"]) <= 40


def test_since_keeps_the_new_and_the_undated(out):
    rows = [
        {**ROW, "id": "new", "published": "2024-10-22T01:00:00Z"},
        {**ROW, "id": "old", "title": "Court opens in Alder", "text": "The court of Alder opened its doors to all.",
         "published": "2024-10-20T01:00:00Z"},
        {**ROW, "id": "undated", "title": "School burns", "text": "The school in Birchwick burned down, police said."},
    ]  # fmt: skip
    answer = briefing("build", "-", "-o", out, "--since", "24h", stdin=lines(*rows))
    assert answer.code == 0
    made = json.loads((out / f"{DAY}.json").read_text(encoding="utf-8"))
    assert {article["id"] for article in made["articles"]} == {"new", "undated"}
    assert made["window"] == {"start": "2024-10-21T06:00:00Z", "end": "2024-10-22T06:00:00Z"}


def test_topic_keeps_what_is_on_any_of_them(root, out):
    harbour = root / "examples" / "harbour"
    briefing("build", harbour, "-o", out, "--topic", "ferry breakwater Port Ellery")
    one = json.loads((out / f"{DAY}.json").read_text(encoding="utf-8"))
    briefing("build", harbour, "-o", out, "--topic", "ferry breakwater Port Ellery", "--topic", "dock strike ballot")
    two = json.loads((out / f"{DAY}.json").read_text(encoding="utf-8"))
    assert {"courier-302"} <= {article["id"] for article in one["articles"]} < {a["id"] for a in two["articles"]}
    assert len(two["articles"]) < 24


@pytest.mark.parametrize(
    "wishes", [("--topic", "zebra"), ("--since", "1h")], ids=["off every topic", "older than the window"]
)
def test_nothing_new_is_exit_code_4_and_no_file(out, wishes):
    row = lines({**ROW, "published": "2024-01-01"})
    answer = briefing("build", "-", "-o", out, *wishes, stdin=row)
    assert (answer.code, answer.out) == (4, "")
    assert "nothing" in answer.err
    assert not out.exists()


def test_no_line_on_standard_input_is_nothing_new(out):
    assert briefing("build", "-", "-o", out).code == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--format", "docx"], "unknown format 'docx': known are md, html, json, txt"),
        (["--format", ""], "--format"),
        (["--date", "tomorrow"], "'tomorrow' is no day: write it as 2024-10-22"),
        (["--date", "2024-02-30"], "no day"),
        (["--date", "../../x"], "no day"),
        (["--date", "2024-10-2/"], "no day"),
        (["--since", "nonsense"], "'nonsense' is no age"),
        (["--max-events", "0"], "--max-events"),
        (["--words", "0"], "--words"),
        (["--words", "many"], "--words"),
        (["--writer", "oracle"], "--writer"),
        (["--writer", "extractive", "--replay", "."], "--replay"),
        (["--config", "absent.toml"], "cannot read the configuration absent.toml"),
    ],
)
def test_a_wrong_wish_is_a_usage_error_that_names_the_fix_and_writes_nothing(seeds, out, arguments, said):
    answer = briefing("build", seeds, "-o", out, *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert not out.exists()


def test_a_clock_that_is_no_time_is_a_configuration_error(seeds, out):
    answer = briefing("build", seeds, "-o", out, SOURCE_DATE_EPOCH="noon")
    assert answer.code == 2
    assert "SOURCE_DATE_EPOCH" in answer.err


def test_hostile_names_as_date_never_become_a_path(labelled, seeds, tmp_path, out):
    rows = (labelled / "attacks" / "own_path_names.jsonl").read_text(encoding="utf-8").splitlines()
    before = sorted(tmp_path.rglob("*"))
    for name in (json.loads(row)["text"] for row in rows):
        answer = briefing("build", seeds, "-o", out, "--format", "md", "--date", name)
        assert answer.code == 2, name
    assert sorted(tmp_path.rglob("*")) == before


def test_hostile_names_as_article_ids_and_publishers_name_no_file(labelled, tmp_path, out):
    rows = (labelled / "attacks" / "own_path_names.jsonl").read_text(encoding="utf-8").splitlines()
    names = [json.loads(row)["text"] for row in rows]
    articles = [{**ROW, "id": name, "publisher": name, "text": f"{ROW['text']} It was number {n}."}
                for n, name in enumerate(names)]  # fmt: skip
    answer = briefing("build", "-", "-o", out, stdin=lines(*articles))
    assert answer.code == 3, answer.err  # the name that ends in a space is refused as an id, and named
    assert written(out) == [f"{DAY}.html", f"{DAY}.json", f"{DAY}.md"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "work"]


def test_a_link_at_the_target_is_refused_and_what_it_points_at_stays_untouched(seeds, tmp_path, out):
    out.mkdir()
    (out / f"{DAY}.md").symlink_to(tmp_path / "target.md")
    answer = briefing("build", seeds, "-o", out)
    assert answer.code == 2
    assert "is a link" in answer.err
    assert not (tmp_path / "target.md").exists()
    assert written(out) == [f"{DAY}.md"]


def test_a_file_in_place_of_the_folder_is_refused(seeds, tmp_path):
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        answer = briefing("build", seeds, "-o", folder)
        assert answer.code == 2
        assert "cannot write to" in answer.err
    assert (tmp_path / "file").read_text(encoding="utf-8") == "kept"


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere")
def test_an_unwritable_folder_is_refused(seeds, out):
    out.mkdir(mode=0o555)
    answer = briefing("build", seeds, "-o", out)
    assert answer.code == 2
    assert "cannot write to" in answer.err


def test_an_older_edition_is_replaced_and_nothing_else_in_the_folder_touched(seeds, out):
    out.mkdir()
    (out / f"{DAY}.md").write_text("old", encoding="utf-8")
    (out / "notes.txt").write_text("mine", encoding="utf-8")
    briefing("build", seeds, "-o", out, "--format", "md")
    assert written(out) == [f"{DAY}.md", "notes.txt"]
    assert (out / f"{DAY}.md").read_text(encoding="utf-8").startswith("# ")
    assert (out / "notes.txt").read_text(encoding="utf-8") == "mine"


def test_a_users_template_wins(seeds, out, tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "briefing.md.jinja").write_text("mine\n", encoding="utf-8")
    assert briefing("build", seeds, "-o", out, "--format", "md", "--templates", tmp_path / "own").code == 0
    assert (out / f"{DAY}.md").read_text(encoding="utf-8").strip() == "mine"


# Input that is not as it should be.


@pytest.mark.parametrize("verb", ["build", "summarize", "group"])
def test_a_missing_path_is_a_usage_error(verb, seeds):
    answer = briefing(verb, seeds, "nowhere")
    assert (answer.code, answer.out) == (2, "")
    assert "nowhere: no such file or folder" in answer.err


@pytest.mark.parametrize("verb", ["build", "summarize", "group"])
def test_a_folder_without_articles_is_partial(verb, tmp_path):
    (tmp_path / "empty").mkdir()
    answer = briefing(verb, tmp_path / "empty")
    assert answer.code == 3
    assert "no article in this folder" in answer.err


def test_what_cannot_be_read_is_named_and_the_rest_goes_out(tmp_path, out):
    (tmp_path / "rows.jsonl").write_bytes(lines(ROW) + b"{broken\n" + lines({**ROW, "id": "b"}))
    (tmp_path / "binary.txt").write_bytes(bytes(range(256)) * 20)
    answer = briefing("build", tmp_path / "rows.jsonl", tmp_path / "binary.txt", "-o", out)
    assert answer.code == 3
    assert "rows.jsonl line 2" in answer.err
    assert "binary.txt" in answer.err
    made = json.loads((out / f"{DAY}.json").read_text(encoding="utf-8"))
    assert {article["id"] for article in made["articles"]} == {"a", "b"}
    assert len(made["report"]["sources_failed"]) == 2


def test_two_texts_under_one_id_are_an_error_that_names_both():
    answer = briefing("group", "-", stdin=lines(ROW, {**ROW, "text": "Something else entirely happened here."}))
    assert answer.code == 2
    assert "two different texts have the id 'a': standard input line 1 and standard input line 2" in answer.err
