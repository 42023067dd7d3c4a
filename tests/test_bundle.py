"""A recorded edition: what was wished for, read and asked comes back as it was, and nothing secret is in it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from briefing.bundle import ARTICLES, EDITION, KEPT, answers_in, read, save, settings_in
from briefing.collect import Collected
from briefing.config import ModelSettings, PriceSettings
from briefing.dates import Clock
from briefing.domain import Article
from briefing.errors import ModelFailed, UsageError
from briefing.options import EXTRACTIVE, Options
from briefing.report import Problem
from briefing.write.model.prompts import Prompts
from tests.command import written
from tests.stories import CLUSTER, HERALD, POST
from tests.strategies import articles

CLOCK = Clock(datetime(2024, 10, 22, 6, tzinfo=UTC), fixed=True)
OPTIONS = Options(
    clock=CLOCK, title="Küstenblick", date="2024-10-22", since=timedelta(hours=36), topics=("ferry", "Häfen"),
    words=120, max_events=7, with_text=True, one_event=True,
)  # fmt: skip
PROBLEMS = (Problem("news/a.txt", "is not UTF-8 „hier“"), Problem("b.html line 3", "has no text"))
COLLECTED = Collected((HERALD, POST), PROBLEMS)
SETTINGS = ModelSettings(
    name="small-1", judge="strict-1", base_url="http://user:pass@model.example:8080/v1", timeout=7.25,
    api_key=SecretStr("sk-canary-0123456789"), provider="openai", calls=3, answer_tokens=900, event_tokens=5000,
    fallback=False, prices={"small-1": PriceSettings(input=0.25, output=2.0)}, tokens_per_run=123_457,
    tokens_per_day=765_433, cost_per_run=4.375, cost_per_day=9.625,
)  # fmt: skip
PROMPTS = Prompts("Write.\n\nBriefly.", "Mend.", "Judge.")
whole = st.text(st.characters(categories=["L", "N", "P", "Zs", "So"]), max_size=12)
wishes = st.builds(
    Options,
    clock=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 - theirs
        lambda moment: Clock(moment, fixed=True)
    ),
    title=whole,
    date=st.none() | st.dates().map(str),
    since=st.none() | st.integers(1, 10**7).map(lambda seconds: timedelta(seconds=seconds)),
    topics=st.lists(whole, max_size=3).map(tuple),
    words=st.integers(1, 2000),
    max_events=st.none() | st.integers(1, 99),
    with_text=st.booleans(),
    one_event=st.booleans(),
)
detailed = st.builds(
    replace,
    articles(),
    published=st.sampled_from([None, "2024-10-22", "2024-10-22T06:00:00+02:00"]),
    publisher=st.none() | whole,
    url=st.none() | st.just("https://paper.example/ä?b=1"),
    author=st.none() | whole,
    flags=st.lists(st.sampled_from(["opinion", "ai-written", "wire"]), unique=True).map(tuple),
    credit=st.sampled_from([None, "AP"]),
    origin=st.sampled_from(["", "other"]),
)


def saved(folder: Path, collected: Collected = COLLECTED, options: Options = OPTIONS, *, model: bool = True) -> Path:
    if model:
        (folder / "answers").mkdir(parents=True, exist_ok=True)
    save(folder, collected, options, ("md", "json"), (SETTINGS, PROMPTS) if model else None)
    return folder


def document(folder: Path) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((folder / EDITION).read_text("utf-8"))
    return value


def told(folder: Path) -> str:
    with pytest.raises(UsageError) as raised:
        read(folder)
    return str(raised.value)


# What comes back


def test_wishes_clock_formats_and_problems_come_back(tmp_path):
    bundle = read(saved(tmp_path))
    assert replace(bundle.options, author=EXTRACTIVE) == OPTIONS
    assert bundle.formats == ("md", "json")
    assert bundle.collected == COLLECTED


@settings(max_examples=max(1, settings().max_examples // 4))
@given(wishes)
def test_any_wishes_come_back(tmp_path_factory, options):
    folder = saved(tmp_path_factory.mktemp("bundle"), options=options, model=False)
    assert read(folder).options == options


@settings(max_examples=max(1, settings().max_examples // 4))
@given(st.lists(detailed, max_size=3))
def test_any_articles_come_back_in_their_order_and_to_the_character(tmp_path_factory, found):
    folder = saved(tmp_path_factory.mktemp("bundle"), Collected(tuple(found), ()))
    again = read(folder).collected.articles
    assert again == tuple(found)
    assert [(one.text, one.sha256, one.origin) for one in again] == [
        (one.text, one.sha256, one.origin) for one in found
    ]


def test_a_line_separator_within_an_article_does_not_end_its_line(tmp_path):
    odd = Article(id="a", title=None, body="one\u2028two\x85three\x0cfour\r\nfive")
    assert read(saved(tmp_path, Collected((odd,), ()))).collected.articles == (odd,)


def test_the_clock_of_what_is_read_stands_still(tmp_path):
    running = replace(OPTIONS, clock=Clock(CLOCK.now, fixed=False, started=1.0))
    clock = read(saved(tmp_path, options=running)).options.clock
    assert (clock.now, clock.fixed, clock.seconds()) == (CLOCK.now, True, None)


def test_the_model_and_its_prompts_come_back_as_the_author(tmp_path):
    author = read(saved(tmp_path)).options.author
    assert author.record.name == "model"
    assert (author.record.model, author.record.prompts_sha256) == ("small-1", PROMPTS.sha256)
    assert author.write.requests.prompts == PROMPTS  # type: ignore[attr-defined]  # it is a ModelWriter
    assert author.write.requests.judge_model == "strict-1"  # type: ignore[attr-defined]
    assert author.write.requests.answer_tokens == 900  # type: ignore[attr-defined]
    assert author.write.most_input == 5000  # type: ignore[attr-defined]
    assert author.write.fallback is False  # type: ignore[attr-defined]


def test_without_a_model_the_author_is_extractive(tmp_path):
    assert read(saved(tmp_path, model=False)).options.author is EXTRACTIVE
    assert settings_in(tmp_path) == {}


def test_the_settings_that_the_edition_depends_on_can_be_read_alone(tmp_path):
    found = settings_in(saved(tmp_path))
    assert set(found) == set(KEPT)
    again = ModelSettings(**found)
    assert (again.name, again.judge, again.prices) == (SETTINGS.name, SETTINGS.judge, SETTINGS.prices)
    assert settings_in(tmp_path / "no") == {}


def test_answers_are_in_the_folder_of_that_name_or_are_the_folder(tmp_path):
    assert answers_in(tmp_path) == tmp_path
    (tmp_path / "answers").mkdir()
    assert answers_in(tmp_path) == tmp_path / "answers"


def test_an_author_that_is_read_asks_the_recording_alone(tmp_path):
    author = read(saved(tmp_path)).options.author
    with pytest.raises((UsageError, ModelFailed), match="record"):
        author.write(CLUSTER, (POST, HERALD), 120)


# What is not in it


def test_neither_key_nor_address_nor_timeout_nor_caps_are_in_it(tmp_path):
    saved(tmp_path)
    everything = "".join(path.read_text("utf-8") for path in tmp_path.glob("*.json*"))
    secrets = ("canary", "model.example", "user:pass", "7.25", "123457", "765433", "4.375", "9.625")
    assert not [secret for secret in secrets if secret in everything]
    for name in ("api_key", "base_url", "timeout", "provider", "calls", "tokens_per", "cost_per"):
        assert name not in everything
    assert set(document(tmp_path)["model"]) == {*KEPT, "prompts"}


def test_the_same_edition_makes_the_same_bytes(tmp_path):
    first, second = saved(tmp_path / "1"), saved(tmp_path / "2")
    assert [name for name in written(first) if name != "answers"] == [ARTICLES, EDITION]
    for name in (ARTICLES, EDITION):
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_an_article_is_a_line_and_a_prompt_a_list_of_lines_for_people_to_compare(tmp_path):
    saved(tmp_path)
    rows = [json.loads(line) for line in (tmp_path / ARTICLES).read_text("utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["herald", "post"]
    assert "text" not in rows[0]
    assert document(tmp_path)["model"]["prompts"]["write"] == ["Write.", "", "Briefly."]


# What is damaged is named


def test_a_folder_that_holds_no_edition_is_named(tmp_path):
    assert str(tmp_path) in told(tmp_path)
    assert "no recorded edition" in told(tmp_path)


def test_an_edition_without_its_articles_is_named(tmp_path):
    (saved(tmp_path) / ARTICLES).unlink()
    assert str(tmp_path) in told(tmp_path)
    assert ARTICLES in told(tmp_path)


@pytest.mark.parametrize("version", [0, 2, "1", None])
def test_another_version_says_so(tmp_path, version):
    edition = document(saved(tmp_path)) | {"version": version}
    (tmp_path / EDITION).write_text(json.dumps(edition))
    assert str(tmp_path / EDITION) in told(tmp_path)
    assert "version" in told(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "[1]", "null", '"x"', "[" * 100_000, "\x00", '{"version": 1}'])
def test_what_is_no_edition_at_all_is_named(tmp_path, text):
    (saved(tmp_path) / EDITION).write_text(text)
    assert str(tmp_path / EDITION) in told(tmp_path)


def test_an_edition_that_is_not_utf_8_is_named(tmp_path):
    (saved(tmp_path) / EDITION).write_bytes(b'{"version": 1, "x": "\xff\xfe"}')
    assert str(tmp_path / EDITION) in told(tmp_path)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("clock",), "yesterday"),
        (("clock",), 7),
        (("options",), None),
        (("options",), [1]),
        (("options", "since"), "long"),
        (("options", "since"), 1e300),
        (("options", "topics"), 5),
        (("options", "colour"), "blue"),
        (("options", "words"), "many"),
        (("options", "words"), 0),
        (("options", "max_events"), "few"),
        (("options", "title"), None),
        (("options", "date"), "soon"),
        (("formats",), None),
        (("problems",), [{"source": "a"}]),
        (("problems",), [5]),
        (("model",), [1]),
        (("model", "prompts"), None),
        (("model", "prompts"), {"write": ["x"]}),
        (("model", "prompts", "write"), 5),
        (("model", "prompts", "write"), [5]),
        (("model", "event_tokens"), 0),
        (("model", "colour"), "blue"),
        (("model", "prices"), {"small-1": {"input": 1}}),
    ],
    ids=str,
)
def test_a_value_that_cannot_be_is_named_with_its_file(tmp_path, path, value):
    edition = document(saved(tmp_path))
    place = edition
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    (tmp_path / EDITION).write_text(json.dumps(edition))
    assert str(tmp_path / EDITION) in told(tmp_path)
    assert "damaged" in told(tmp_path)


@pytest.mark.parametrize("name", ["clock", "options", "formats", "model", "problems"])
def test_a_member_that_is_missing_is_named_with_its_file(tmp_path, name):
    edition = document(saved(tmp_path))
    del edition[name]
    (tmp_path / EDITION).write_text(json.dumps(edition))
    assert str(tmp_path / EDITION) in told(tmp_path)
    assert name in told(tmp_path)


@pytest.mark.parametrize(
    "line",
    [b"{}", b"{", b"", b"null", b"\xff\xfe", b'{"id": "a"}', b'{"id": "a", "title": null, "body": 5}', b"[" * 10_000],
    ids=["empty", "cut", "blank", "null", "not UTF-8", "lacking", "a number for a body", "deep"],
)
def test_an_article_that_cannot_be_read_is_named_with_its_file_and_line(tmp_path, line):
    path = saved(tmp_path) / ARTICLES
    first, second = path.read_bytes().splitlines()
    path.write_bytes(b"\n".join([first, line, second, b""]))
    assert f"{path} line 2 is damaged" in told(tmp_path)


def test_settings_of_a_damaged_edition_are_refused_and_not_passed_over(tmp_path):
    (saved(tmp_path) / EDITION).write_text("{")
    with pytest.raises(UsageError, match="damaged"):
        settings_in(tmp_path)


def test_a_folder_that_cannot_be_written_is_named_with_the_flag(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="--record") as raised:
        saved(tmp_path / "file" / "bundle", model=False)
    assert str(tmp_path / "file" / "bundle") in str(raised.value)
