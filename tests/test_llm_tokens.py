"""Counting tokens: exact, without a network, and never a reason to stop."""

from __future__ import annotations

import hashlib
import logging
import lzma
import socket
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given

from briefing.llm import tokens
from briefing.llm.tokens import RANKS, RANKS_SHA256, counter, estimate, of_request
from briefing.ports import Message, Request
from tests.strategies import hostile_text

# Counted once by tiktoken 0.14.0 over the ranks that OpenAI publishes.
KNOWN = {
    "": 0,
    "hello world": 2,
    "The ferry Aurora ran aground off Kestrel Point on Monday.": 14,
    "Fourteen passengers — “seriously” injured…": 10,
    "1,300 million in 2024-10-22": 12,
    "Ça va? Übermäßig große Straße.": 8,
    "東京は日本の首都です。": 8,
    "الحكومة أعلنت أمس": 4,
    "🚢👩‍👩‍👧‍👦": 13,
    "\n\n  x\t\r\n": 4,
    "def f(x):\n    return x * 2\n": 11,
    "a\ud800b": 3,
    "a" * 1_000_000: 125_000,
}

count = counter("gpt-5-mini")


@pytest.fixture
def afresh():
    """tiktoken as in a new process, before and after."""
    tokens._loaded.cache_clear()
    tokens._warn.cache_clear()
    yield
    tokens._loaded.cache_clear()
    tokens._warn.cache_clear()


def request(*contents: str, schema: Mapping[str, object] | None = None) -> Request:
    messages = tuple(Message("user", content) for content in contents)
    return Request(prompt="write", about="Ferry", model="m", messages=messages, schema=schema or {}, max_tokens=100)


@pytest.mark.parametrize(("text", "number"), KNOWN.items(), ids=[ascii(text)[:20] for text in KNOWN])
def test_the_count_is_that_of_tiktoken(text, number):
    assert count(text) == number


def test_a_special_token_in_a_text_is_text():
    assert count("<|endoftext|>") == 7


def test_a_model_that_nobody_knows_is_counted_the_same():
    assert counter("gpt-9-imaginary")("hello world") == 2


def test_the_ranks_are_those_that_openai_publishes():
    assert hashlib.sha256(lzma.decompress(RANKS.read_bytes())).hexdigest() == RANKS_SHA256
    assert RANKS_SHA256 == "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"


def test_the_licence_stands_beside_the_ranks():
    notice = RANKS.with_name("NOTICE").read_text(encoding="utf-8")
    assert "MIT License" in notice
    assert "Copyright (c) 2022 OpenAI, Shantanu Jain" in notice
    assert RANKS_SHA256 in notice


def test_counting_asks_nobody(afresh, monkeypatch):
    def refuse(*_):
        pytest.fail("a connection was opened")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert count("hello world") == 2


def test_importing_the_module_loads_neither_tiktoken_nor_the_ranks():
    tell = "import sys, briefing.llm.tokens as t; t.counter('m'); print('tiktoken' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", tell], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_threads_that_ask_first_at_once_load_once(afresh, monkeypatch):
    loads = []
    construct = tokens._constructed

    def counted():
        loads.append(1)
        return construct()

    monkeypatch.setattr(tokens, "_constructed", counted)
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(count, ["hello world"] * 64)) == {2}
    assert loads == [1]


@pytest.mark.parametrize("damage", ["missing", "cut", "changed", "no xz", "empty"])
def test_damaged_ranks_are_one_warning_and_an_estimate(afresh, monkeypatch, tmp_path, caplog, damage):
    data = RANKS.read_bytes()
    path = tmp_path / RANKS.name
    if damage != "missing":
        path.write_bytes(
            {"cut": data[:5000], "changed": lzma.compress(b"YQ== 0\n"), "no xz": b"<html>", "empty": b""}[damage]
        )
    monkeypatch.setattr(tokens, "RANKS", path)
    with caplog.at_level(logging.WARNING):
        assert [count("hello world"), count("déjà vu")] == [4, 3]
    (record,) = caplog.records
    assert record.name.startswith("briefing.")
    assert "gpt-5-mini are estimated" in record.getMessage()


def test_a_tiktoken_that_is_not_what_it_was_is_one_warning_and_an_estimate(afresh, monkeypatch, caplog):
    monkeypatch.setitem(sys.modules, "tiktoken_ext.openai_public", None)
    assert [count("hello world"), count("hello world")] == [4, 4]
    assert len(caplog.records) == 1


def test_a_text_that_tiktoken_gives_up_on_is_estimated(afresh, caplog, capfd):
    spaces = " " * 1_000_000
    assert [count(spaces), count(spaces), count("hello world")] == [333_334, 333_334, 2]
    assert len(caplog.records) == 1
    capfd.readouterr()  # tiktoken's own words of its panic


def test_an_interrupt_is_no_failure_of_tiktoken(afresh, monkeypatch):
    class Interrupted:
        def encode_ordinary(self, _: str) -> list[int]:
            raise KeyboardInterrupt

    monkeypatch.setattr(tokens, "_constructed", Interrupted)
    with pytest.raises(KeyboardInterrupt):
        count("hello world")


@given(hostile_text)
def test_any_text_has_a_count_between_nothing_and_its_bytes(text):
    assert bool(text) <= count(text) <= max(len(text.encode(errors="surrogatepass")), 3 * len(text))


@given(hostile_text)
def test_the_estimate_is_a_third_of_the_bytes_rounded_up(text):
    size = len(text.encode(errors="surrogatepass"))
    assert size <= 3 * estimate(text) < size + 3


def test_a_request_has_the_tokens_of_its_messages_and_schema_and_a_few_around_them():
    schema = {"type": "object", "properties": {"text": {"type": "string"}}}
    bare = of_request(request("hello world", "The ferry ran aground."), count)
    whole = of_request(request("hello world", "The ferry ran aground.", schema=schema), count)
    texts = count("hello world") + count("The ferry ran aground.")
    assert texts + 6 <= bare <= texts + 24
    assert whole - bare >= 12
    assert of_request(request("hello world"), count) < bare
