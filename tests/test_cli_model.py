"""The model writer from the command line, against an endpoint over real HTTP: what goes out, is said, and is paid."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from briefing.store import open_store
from tests.command import DAY, Answer, briefing, environment, written
from tests.endpoint import Fake, always, closed_port, completion, endpoint, error, hang, honest, page, said_by
from tests.stored import counts

KEY = "sk-canary-0123456789"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def state(tmp_path: Path) -> Path:
    return tmp_path / "state"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")


def build(fake: Fake | str, seeds: Path, out: Path, state: Path, *flags: str | Path, **changes: str) -> Answer:
    url = fake if isinstance(fake, str) else fake.base_url
    variables = {"OPENAI_BASE_URL": url, "OPENAI_API_KEY": KEY, "BRIEFING_STATE": str(state), **changes}
    return briefing("build", seeds, "-o", out, *flags, stdin=b"", **variables)


def document(out: Path) -> Any:
    return json.loads((out / f"{DAY}.json").read_text("utf-8"))


def test_an_endpoint_in_the_environment_makes_the_model_the_writer(seeds, out, state):
    with endpoint(honest) as fake:
        answer = build(fake, seeds, out, state, OPENAI_MODEL="small-1")
    assert answer.code == 0, answer.err
    told = document(out)
    assert told["writer"]["name"] == "model"
    assert told["writer"]["model"] == "small-1"
    assert len(told["writer"]["prompts_sha256"]) == 64
    assert told["report"]["fallbacks"] == []
    assert told["report"]["calls"] == 5
    assert {body["model"] for body in fake.requests} == {"small-1"}
    assert {header["authorization"] for header in fake.headers} == {f"Bearer {KEY}"}


def test_the_static_part_of_a_request_comes_first_and_articles_enter_as_json_alone(seeds, out, state):
    with endpoint(honest) as fake:
        build(fake, seeds, out, state)
    assert len({body["messages"][0]["content"] for body in fake.requests}) == 1
    for body in fake.requests:
        assert [message["role"] for message in body["messages"]] == ["system", "user"]
        assert set(json.loads(body["messages"][1]["content"])) == {"words", "sentences", "evidence"}


def test_the_schema_puts_cites_before_text_and_allows_the_ids_of_the_event_alone(seeds, out, state):
    with endpoint(honest) as fake:
        build(fake, seeds, out, state)
    for body in fake.requests:
        ids = [one["id"] for one in json.loads(body["messages"][1]["content"])["evidence"]]
        schema = body["response_format"]["json_schema"]["schema"]["properties"]
        sentence = schema["sentences"]["items"]
        assert list(sentence["properties"]) == ["cites", "text"]
        assert sentence["properties"]["cites"]["items"]["enum"] == ids
        assert sentence["properties"]["cites"]["minItems"] == 1
        assert sentence["properties"]["text"]["maxLength"] == 400
        assert schema["sentences"]["maxItems"] == 12
        assert list(schema) == ["headline", "sentences", "facts"]


def test_with_a_dead_endpoint_the_briefing_goes_out_extractive_and_says_so(seeds, out, state):
    with closed_port() as url:
        answer = build(url, seeds, out, state)
    assert answer.code == 3
    assert "5 of 5 events without the language model" in answer.err
    told = document(out)
    assert [event["sentences"] != [] for event in told["events"]] == [True] * 5
    assert {one["kind"] for event in told["events"] for one in event["sentences"]} == {"verbatim"}
    assert {one["event_id"] for one in told["report"]["fallbacks"]} == {event["id"] for event in told["events"]}
    for name in ("md", "html"):
        assert "language model was not asked again" in (out / f"{DAY}.{name}").read_text("utf-8")
    assert briefing("audit", out / f"{DAY}.json", "--articles", seeds).code == 0


@pytest.mark.parametrize(
    ("fault", "told", "calls"),
    [
        (error(401, f"Incorrect API key provided: {KEY}", code="invalid_api_key"), "OPENAI_API_KEY", 4),
        (error(404, "The model does not exist", code="model_not_found"), "OPENAI_MODEL", 4),
        (error(429, "You exceeded your current quota", code="insufficient_quota"), "quota", 4),
        (page(), "", 20),
        (completion(None, refusal="I can't help with that."), "", 5),
        (completion("", finish="content_filter"), "", 5),
        (completion("Sure! Here is your summary."), "no JSON object", 10),
        (completion('{"sentences":[{"text":"Officials said', finish="length"), "cut", 10),
    ],
    ids=["bad key", "wrong model", "no quota", "web page", "refusal", "filter", "no JSON", "cut"],
)
def test_whatever_the_endpoint_does_each_event_is_told_and_the_reason_said(fault, told, calls, seeds, out, state):
    with endpoint(always(fault)) as fake:
        answer = build(fake, seeds, out, state)
    assert answer.code == 3
    assert told in answer.err
    assert KEY not in answer.err + answer.out
    assert len(document(out)["events"]) == 5
    assert len(fake.requests) <= calls
    for path in [*out.iterdir(), *(one for one in state.rglob("*") if one.is_file())]:
        assert KEY.encode() not in path.read_bytes()
        assert b"Here is your summary" not in path.read_bytes()
        assert b"help with that" not in path.read_bytes()


def test_without_a_fallback_a_failing_model_ends_the_run_with_5_and_no_file(seeds, out, state):
    with endpoint(always(error(401, "no"))) as fake:
        answer = build(fake, seeds, out, state, "--no-fallback")
    assert answer.code == 5
    assert not out.exists()


def test_a_server_that_knows_no_json_schema_is_asked_in_words(seeds, out, state):
    def old(body, number):
        return error(400, "response_format json_schema is not supported") if "response_format" in body else honest(body)

    with endpoint(old) as fake:
        answer = build(fake, seeds, out, state)
    assert answer.code == 0, answer.err
    assert document(out)["report"]["fallbacks"] == []
    asked = next(body for body in fake.requests if "response_format" not in body)
    assert '"cites"' in asked["messages"][0]["content"]


def test_an_unchanged_event_is_never_paid_for_twice(seeds, out, state):
    with endpoint(honest) as fake:
        build(fake, seeds, out, state)
        first, asked = document(out), len(fake.requests)
        build(fake, seeds, out, state)
        assert len(fake.requests) == asked == 5
    again = document(out)
    assert again["events"] == first["events"]
    assert (again["report"]["calls"], again["report"]["kept"], again["report"]["tokens_in"]) == (0, 5, 0)


def test_an_answer_that_was_of_no_use_is_asked_for_again_the_next_day(seeds, out, state):
    with endpoint(always(completion("no JSON"))) as fake:
        build(fake, seeds, out, state)
    with endpoint(honest) as fake:
        assert build(fake, seeds, out, state).code == 0
        assert len(fake.requests) == 5


def test_a_recorded_edition_is_made_again_byte_for_byte_without_input_or_endpoint(seeds, out, state, tmp_path):
    bundle, again = tmp_path / "bundle", tmp_path / "again"
    with endpoint(honest) as fake:
        answer = build(fake, seeds, out, state, "--record", bundle, "--format", "md,html,json,txt,story")
    assert answer.code == 0, answer.err
    replayed = briefing("replay", bundle, "-o", again, SOURCE_DATE_EPOCH="1")
    assert replayed.code == 0, replayed.err
    assert written(out) == written(again) == [f"{DAY}.{end}" for end in ("html", "json", "md", "story.md", "txt")]
    for name in written(out):
        assert (out / name).read_bytes() == (again / name).read_bytes()
    assert document(out)["report"]["seconds"] is None
    for path in bundle.rglob("*.*"):
        assert KEY.encode() not in path.read_bytes()
        assert fake.base_url.encode() not in path.read_bytes()


def test_an_edition_whose_endpoint_failed_is_made_again_with_its_failures(seeds, out, state, tmp_path):
    bundle, again = tmp_path / "bundle", tmp_path / "again"
    with endpoint(lambda body, number: honest(body) if number % 2 else error(400, "no")) as fake:
        assert build(fake, seeds, out, state, "--record", bundle).code == 3
    assert briefing("replay", bundle, "-o", again).code == 3
    assert document(out) == document(again)


def test_a_recording_answers_a_build_of_the_same_input(seeds, out, state, tmp_path):
    bundle = tmp_path / "bundle"
    with endpoint(honest) as fake:
        build(fake, seeds, out, state, "--record", bundle, "--model", "large-2")
    first = document(out)
    answer = briefing("build", seeds, "-o", out, "--writer", "model", "--replay", bundle)
    assert answer.code == 0, answer.err
    assert document(out)["events"] == first["events"]
    assert document(out)["writer"]["model"] == "large-2"


def test_a_miss_names_the_prompt_and_the_event(seeds, out, state, tmp_path):
    bundle = tmp_path / "bundle"
    with endpoint(honest) as fake:
        build(fake, seeds, out, state, "--record", bundle)
    answer = briefing("build", seeds, "-o", out, "--writer", "model", "--replay", bundle, "--words", "90")
    assert answer.code == 2
    assert "'write'" in answer.err
    assert "Blinken" in answer.err
    assert "--record" in answer.err


def test_a_bundle_is_not_recorded_over_and_record_and_replay_exclude_each_other(seeds, out, state, tmp_path):
    bundle = tmp_path / "bundle"
    with endpoint(honest) as fake:
        build(fake, seeds, out, state, "--record", bundle)
        again = build(fake, seeds, out, state, "--record", bundle)
    assert (again.code, str(bundle) in again.err) == (2, True)
    both = briefing("build", seeds, "-o", out, "--writer", "model", "--record", tmp_path / "b2", "--replay", bundle)
    assert both.code == 2
    assert briefing("build", seeds, "-o", out, "--writer", "extractive", "--replay", bundle).code == 2


@pytest.mark.parametrize("damage", ["absent", "no edition", "edition", "articles", "answers"])
def test_a_damaged_bundle_is_named_with_the_fix(damage, seeds, out, state, tmp_path):
    bundle = tmp_path / "bundle"
    with endpoint(honest) as fake:
        build(fake, seeds, out, state, "--record", bundle)
    if damage == "absent":
        bundle = tmp_path / "nothing"
    elif damage == "no edition":
        (bundle / "edition.json").unlink()
    else:
        path = next((bundle / "answers").iterdir()) if damage == "answers" else next(bundle.glob(f"{damage}.json*"))
        path.write_text("{}\n")
    answer = briefing("replay", bundle, "-o", tmp_path / "again")
    assert answer.code == 2
    assert str(bundle) in answer.err
    assert "Traceback" not in answer.err


def test_an_extractive_edition_can_be_recorded_and_made_again_too(seeds, out, tmp_path):
    bundle, again = tmp_path / "bundle", tmp_path / "again"
    assert briefing("build", seeds, "-o", out, "--record", bundle).code == 0
    assert briefing("replay", bundle, "-o", again).code == 0
    assert (out / f"{DAY}.json").read_bytes() == (again / f"{DAY}.json").read_bytes()


def test_a_summary_can_be_written_by_a_model_recorded_and_replayed(seeds, state, tmp_path):
    source = next(seeds.glob("*.txt"))
    with endpoint(honest) as fake:
        variables = {"OPENAI_BASE_URL": fake.base_url, "BRIEFING_STATE": str(state)}
        first = briefing("summarize", source, "--json", "--record", tmp_path / "bundle", stdin=b"", **variables)
    again = briefing("summarize", source, "--json", "--replay", tmp_path / "bundle")
    assert (first.code, again.code) == (0, 0), first.err + again.err
    assert first.json == again.json
    assert len(first.json["sentences"]) == 3


def test_a_dry_run_tells_what_would_be_sent_and_paid_and_sends_nothing(seeds, out, state):
    Path("briefing.toml").write_text('[model]\nname = "small"\nprices.small = {input = 1.0, output = 10.0}\n')
    with endpoint(honest) as fake:
        answer = build(fake, seeds, out, state, "--dry-run")
        assert fake.requests == []
        assert answer.code == 0, answer.err
        assert not state.exists()
        assert "would send: 5 requests to small" in answer.out
        assert "would pay: at most 0.1" in answer.out
        assert "[user]" not in answer.out
        every_word = build(fake, seeds, out, state, "--dry-run", "--verbose")
        assert every_word.out.count("[user]") == every_word.out.count('"evidence"') == 5
        assert fake.requests == []
        build(fake, seeds, out, state)
        planned = build(fake, seeds, out, state, "--dry-run")
    assert "would send: 0 requests" in planned.out
    assert "5 answers kept" in planned.out
    assert "would pay: 0.00" in planned.out
    assert "not known" in build(fake, seeds, out, state, "--dry-run", "--model", "other").out


def test_the_report_tells_tokens_and_cost(seeds, out, state):
    Path("briefing.toml").write_text('[model]\nname = "small"\nprices.small = {input = 1.0, output = 10.0}\n')
    usage = {"prompt_tokens": 3000, "completion_tokens": 400}
    with endpoint(lambda body, _: completion(said_by(honest(body)), usage=usage)) as fake:
        build(fake, seeds, out, state)
    report = document(out)["report"]
    assert (report["tokens_in"], report["tokens_out"]) == (5 * 3000, 5 * 400)
    assert report["cost"] == pytest.approx((15000 * 1.0 + 2000 * 10.0) / 1e6)


def test_tokens_that_an_endpoint_understates_are_counted_here(seeds, out, state):
    with endpoint(lambda body, _: completion(said_by(honest(body)), usage={"prompt_tokens": 1})) as fake:
        build(fake, seeds, out, state)
    assert document(out)["report"]["tokens_in"] > 5 * 2000


def test_a_cap_ends_the_calls_and_not_the_briefing_and_holds_over_runs(seeds, out, state):
    Path("briefing.toml").write_text("[model]\ncalls = 1\ntokens_per_day = 7000\n")
    usage = {"prompt_tokens": 2400, "completion_tokens": 1600}
    with endpoint(lambda body, _: completion(said_by(honest(body)), usage=usage)) as fake:
        answer = build(fake, seeds, out, state)
        asked = len(fake.requests)
        assert 1 <= asked < 5
        assert answer.code == 3
        assert "cap" in answer.err
        again = build(fake, seeds, out, state, "--words", "150")
        assert len(fake.requests) <= asked + 1
        assert again.code == 3
    assert len(document(out)["events"]) == 5


def test_a_cap_in_money_without_a_price_is_refused_before_anything_is_sent(seeds, out, state):
    Path("briefing.toml").write_text("[model]\ncost_per_day = 1\n")
    with endpoint(honest) as fake:
        answer = build(fake, seeds, out, state)
        assert (answer.code, fake.requests) == (2, [])
    assert "prices" in answer.err


def test_a_judge_is_asked_about_written_sentences_and_can_only_take_away(seeds, out, state):
    def strict(body, number):
        data = json.loads(body["messages"][1]["content"])
        if "sentence" in data:
            return completion('{"verdict": "part"}')
        answer = honest(body)
        text = json.loads(said_by(answer))
        for one in text.get("sentences", []):
            one["text"] = one["text"].replace(" the ", " this ", 1)
        return completion(json.dumps(text))

    with endpoint(strict) as fake:
        build(fake, seeds, out, state, "--judge", "strict-1")
    told = document(out)
    assert {one["kind"] for event in told["events"] for one in event["sentences"]} == {"verbatim"}
    assert "judge" in {reason for one in told["withheld"] for reason in one["reasons"]}
    assert {body["model"] for body in fake.requests} == {"gpt-5-mini", "strict-1"}


def test_a_users_prompts_are_sent_and_change_the_version_in_the_briefing(seeds, out, state, tmp_path):
    mine = tmp_path / "mine"
    assert briefing("prompts", mine).out.splitlines() == [
        str(mine / f"{name}.md") for name in ("write", "repair", "judge")
    ]
    assert briefing("prompts", mine).code == 2
    with endpoint(honest) as fake:
        build(fake, seeds, out, state)
        ours = document(out)["writer"]["prompts_sha256"]
        (mine / "write.md").write_text("Write like a telegram.\n")
        build(fake, seeds, out, state, "--prompts", mine)
    assert fake.requests[-1]["messages"][0]["content"] == "Write like a telegram."
    assert document(out)["writer"]["prompts_sha256"] != ours
    (mine / "write.md").write_text("")
    assert briefing("build", seeds, "-o", out, "--writer", "model", "--prompts", mine).code == 2
    assert briefing("build", seeds, "-o", out, "--writer", "model", "--prompts", tmp_path / "no").code == 2


def test_only_so_many_events_as_are_shown_are_written(seeds, out, state):
    with endpoint(honest) as fake:
        build(fake, seeds, out, state, "--max-events", "2")
        assert len(fake.requests) == 2


def test_ctrl_c_ends_a_run_whose_model_does_not_answer_and_keeps_what_was_answered(seeds, out, state):
    def slow(body, number):
        return honest(body) if number == 1 else hang()

    with endpoint(slow) as fake:
        changes = {"OPENAI_BASE_URL": fake.base_url, "BRIEFING_STATE": str(state)}
        process = subprocess.Popen(
            [sys.executable, "-m", "briefing", "build", str(seeds), "-o", str(out)],
            env=environment(**changes), stderr=subprocess.PIPE, cwd=Path.cwd(),
        )  # fmt: skip
        deadline = 40.0
        while len(fake.requests) < 5 and deadline > 0:
            with pytest.raises(subprocess.TimeoutExpired):
                process.wait(0.25)
            deadline -= 0.25
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=10)
    assert process.returncode == 130
    assert b"Traceback" not in told
    assert not out.exists()
    with open_store(state / "store.sqlite") as database:
        assert counts(database, "answers") == {"answers": 1}


def test_a_bundle_holds_the_users_templates_and_replays_with_them(seeds, out, state, tmp_path, root):
    mine, bundle, again = root / "examples" / "templates", tmp_path / "bundle", tmp_path / "again"
    with endpoint(honest) as fake:
        build(fake, seeds, out, state, "--record", bundle, "--templates", mine)
    plain = tmp_path / "plain"
    briefing("replay", bundle, "-o", again)
    briefing("build", seeds, "-o", plain, "--writer", "model", "--replay", bundle)
    name = f"{DAY}.html"
    assert (out / name).read_bytes() == (again / name).read_bytes() != (plain / name).read_bytes()


@pytest.mark.parametrize("flag", [["--model", "x"], ["--judge", "x"], ["--no-fallback"]])
def test_a_flag_about_a_model_needs_a_model(flag, seeds, out, state, tmp_path):
    answer = briefing("build", seeds, "-o", out, *flag)
    assert answer.code == 2
    assert "OPENAI_BASE_URL" in answer.err
    bundle = tmp_path / "bundle"
    with endpoint(honest) as fake:
        build(fake, seeds, out, state, "--record", bundle)
    assert briefing("build", seeds, "-o", out, "--replay", bundle, *flag).code == 2


def test_a_request_shorter_than_its_prompt_is_refused_with_the_least(seeds, out, state):
    Path("briefing.toml").write_text("[model]\nevent_tokens = 100\n")
    with endpoint(honest) as fake:
        answer = build(fake, seeds, out, state)
        assert (answer.code, fake.requests) == (2, [])
    assert "event_tokens" in answer.err


def test_no_address_of_an_endpoint_reaches_a_reader_or_a_recording(seeds, out, state, tmp_path):
    bundle = tmp_path / "bundle"
    with closed_port() as url:
        answer = build(url, seeds, out, state, "--record", bundle)
    address = url.removeprefix("http://").removesuffix("/v1")
    assert answer.code == 3
    for path in (*out.iterdir(), *bundle.rglob("*.json*")):
        assert address.encode() not in path.read_bytes()


def test_answers_of_one_endpoint_are_not_those_of_another(seeds, out, state):
    with endpoint(honest) as fake:
        build(fake, seeds, out, state)
    with endpoint(honest) as other:
        build(other, seeds, out, state)
        assert len(other.requests) == 5


def test_a_judge_that_does_not_exist_stops_no_writer(seeds, out, state):
    def answers(body, number):
        if body["model"] == "absent":
            return error(404, "The model does not exist", code="model_not_found")
        text = json.loads(said_by(honest(body)))
        for one in text.get("sentences", []):
            one["text"] = one["text"].replace(" the ", " this ", 1)
        return completion(json.dumps(text))

    with endpoint(answers) as fake:
        answer = build(fake, seeds, out, state, "--judge", "absent")
    assert answer.code in (0, 3)
    assert {body["model"] for body in fake.requests} == {"gpt-5-mini", "absent"}
    assert sum(body["model"] == "gpt-5-mini" for body in fake.requests) >= 5
    assert document(out)["writer"]["judge"] == "absent"


def test_a_judge_that_cannot_be_asked_is_told_of_and_leaves_its_mark(seeds, out, state):
    def answers(body, number):
        if body["model"] == "down":
            return error(500, "boom")
        text = json.loads(said_by(honest(body)))
        for one in text.get("sentences", []):
            one["text"] = one["text"].replace(" the ", " this ", 1)
        return completion(json.dumps(text))

    Path("briefing.toml").write_text("[model]\ntimeout = 2\n")
    with endpoint(answers) as fake:
        answer = build(fake, seeds, out, state, "--judge", "down", "--max-events", "1")
        strict = build(
            fake, seeds, out, state, "--judge", "down", "--max-events", "1", "--no-fallback", "--words", "90"
        )
    assert (answer.code, strict.code) == (3, 5)
    assert "second model could not be asked" in answer.err
    assert document(out)["report"]["unjudged"]


def test_an_address_without_its_scheme_is_refused_with_the_fix(seeds, out, state):
    answer = build("127.0.0.1:9/v1", seeds, out, state)
    assert answer.code == 2
    assert "OPENAI_BASE_URL" in answer.err


def test_a_run_that_ends_while_calls_are_in_flight_ends_with_its_own_code(seeds, out, state):
    with endpoint(always(error(401, "no"))) as fake:
        changes = {"OPENAI_BASE_URL": fake.base_url, "OPENAI_API_KEY": KEY}
        codes = []
        for number in range(8):
            process = subprocess.run(
                [sys.executable, "-m", "briefing", "build", str(seeds), "-o", str(out), "--no-fallback"],
                env=environment(**changes, BRIEFING_STATE=str(state / str(number))), capture_output=True, check=False,
            )  # fmt: skip
            codes.append(process.returncode)
            assert b"closed database" not in process.stderr
    assert codes == [5] * 8
