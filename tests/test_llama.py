"""A real llama.cpp server with a very small model: what it writes is nonsense, how it answers is real."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from briefing.errors import ModelError
from briefing.llm.endpoint import Endpoint
from briefing.ports import Message, Request
from tests.command import briefing, lines
from tests.llama_server import CONTEXT, MISSING, MODEL, installed
from tests.llama_server import llama as server

pytestmark = pytest.mark.server

SCHEMA = {
    "type": "object",
    "properties": {
        "cites": {
            "type": "array",
            "items": {"type": "string", "enum": ["pq7x", "pm2k"]},
            "minItems": 1,
            "maxItems": 2,
        },
        "text": {"type": "string", "maxLength": 60},
    },
    "required": ["cites", "text"],
    "additionalProperties": False,
}
ARTICLES = [
    {
        "id": "gazette",
        "title": "Ferry hits pier in Kestrel Bay",
        "publisher": "Gazette",
        "published": "2024-10-21",
        "text": "The ferry Aurora hit Pier 4 in Kestrel Bay on Monday morning. Fourteen people were injured, the "
        "coastguard said. The harbour was closed for three hours.",
    },
    {
        "id": "courier",
        "title": "Fourteen injured as ferry hits pier in Kestrel Bay",
        "publisher": "Courier",
        "published": "2024-10-21",
        "text": "Fourteen passengers were hurt when the ferry Aurora struck Pier 4 in Kestrel Bay on Monday. Mayor "
        "Andrea Brandt said an inquiry would begin on Tuesday. The ferry was built in 1991.",
    },
]


@pytest.fixture(scope="session")
def llama(tmp_path_factory) -> Iterator[str]:
    """The base URL of a server that runs until the last of these tests."""
    if not installed():
        pytest.fail(MISSING)
    with server(tmp_path_factory.mktemp("llama")) as address:
        yield address


def asked(prompt: str, tokens: int = 300) -> Request:
    messages = (Message("system", "You answer in JSON."), Message("user", prompt))
    return Request(prompt="write", about="ferry", model=MODEL, messages=messages, schema=SCHEMA, max_tokens=tokens)


def endpoint(address: str) -> Endpoint:
    return Endpoint(address, None, lambda text: len(text) // 4)


def test_the_schema_binds_what_a_real_model_says(llama):
    reply = endpoint(llama)(asked("Which passage speaks of ships? They are called first and second."), 60)
    said = json.loads(reply.text)
    assert said.keys() == {"cites", "text"}
    assert set(said["cites"]) <= {"pq7x", "pm2k"}
    assert len(said["text"]) <= 60
    assert (reply.finish, reply.estimated) == ("stop", False)
    assert 20 < reply.tokens_in < 100
    assert 0 < reply.tokens_out <= 300


def test_an_answer_that_is_cut_says_so(llama):
    reply = endpoint(llama)(asked("Tell a long story of the sea.", tokens=6), 60)
    assert (reply.finish, reply.tokens_out) == ("length", 6)


def test_a_question_longer_than_the_model_reads_is_of_the_kind_context(llama):
    with pytest.raises(ModelError) as raised:
        endpoint(llama)(asked("ship " * (CONTEXT + 500)), 60)
    assert raised.value.kind == "context"


def test_a_path_that_is_not_there_is_of_the_kind_model(llama):
    with pytest.raises(ModelError) as raised:
        endpoint(f"{llama}/nowhere")(asked("Which passage speaks of ships?"), 60)
    assert raised.value.kind == "model"


def test_a_model_that_is_slower_than_the_deadline_is_left(llama):
    with pytest.raises(ModelError) as raised:
        endpoint(llama)(asked("Tell a story of the sea. " * 150), 0.05)
    assert raised.value.kind == "timeout"


def test_a_briefing_holds_whatever_nonsense_the_model_writes(llama, tmp_path):
    source, out = tmp_path / "news.jsonl", tmp_path / "out"
    source.write_bytes(lines(*ARTICLES))
    answer = briefing(
        "build", source, "--writer", "model", "--words", "30", "-o", out, "--with-text",
        OPENAI_BASE_URL=llama, OPENAI_API_KEY="none", OPENAI_MODEL=MODEL, BRIEFING_STATE=str(tmp_path / "state"),
        BRIEFING_MODEL__ANSWER_TOKENS="1500", BRIEFING_MODEL__TIMEOUT="500",
    )  # fmt: skip
    assert answer.code in (0, 3), answer.err
    (path,) = out.glob("*.json")
    document = json.loads(path.read_text(encoding="utf-8"))
    report = document["report"]
    assert report["calls"] >= 1
    assert report["tokens_out"] > 0
    assert [one for one in report["fallbacks"] if one["kind"] != "gate"] == []  # it was read, to the end
    assert report["written"] + report["verbatim"] + report["withheld"] >= 2  # and its lines met the gate
    assert report["fallbacks"] == [] or document["withheld"] != []
    (event,) = document["events"]
    texts = {row["id"]: row["text"] for row in document["articles"]}
    assert sorted(event["article_ids"]) == ["courier", "gazette"]
    for told in (event["headline"], *event["sentences"], *event["facts"]):
        assert told["citations"]
        for cited in told["citations"]:
            assert texts[cited["article_id"]][cited["start"] : cited["end"]] == cited["quote"]
    assert briefing("audit", path, "--articles", source).code == 0
