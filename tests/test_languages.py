"""Where the model of languages cannot be loaded, a language that is not stated is unknown, and all else goes on."""

from __future__ import annotations

import logging
import lzma
import re
import subprocess
import sys
import threading
from typing import Any

import py3langid
import pytest
from py3langid import langid

from briefing import languages
from briefing.collect.cleaning.language import language
from briefing.gate.language import _ranked, check
from briefing.ports import Claim, Passage
from tests.command import environment

GERMAN = (
    "Beim Aufprall einer Fähre auf einen Anleger im Hafen sind am Montagmorgen nach Angaben des "
    "Rettungsdienstes vierzehn Menschen verletzt worden, darunter ein Ehepaar aus Norderwiek."
)
ENGLISH = "The ferry hit the pier on Monday and 14 of the people who were on it had to be taken to a hospital. " * 2


@pytest.fixture(autouse=True)
def unloaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a program that has not asked for the model yet."""
    monkeypatch.setattr(languages, "_MISSING", threading.Event())
    monkeypatch.setattr(langid, "IDENTIFIER", None)


def failing(error: BaseException) -> Any:
    def rank(_: str) -> None:
        raise error

    return rank


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (OSError(28, "No space left on device"), "No space left on device in /.*; make room there, or set TMPDIR"),
        (lzma.LZMAError("Corrupt input data"), "LZMAError: Corrupt input data; install py3langid anew"),
        (ValueError("unsupported model layout"), "ValueError: unsupported .*; install py3langid anew"),
    ],
    ids=["full", "damaged", "another"],
)
def test_it_is_unknown_with_one_warning_that_says_why_and_what_to_do(monkeypatch, caplog, error, said):
    monkeypatch.setattr(py3langid, "rank", failing(error))
    with caplog.at_level(logging.WARNING):
        assert [language(None, GERMAN) for _ in range(3)] == [None] * 3
    (record,) = caplog.records
    assert re.search(said, record.getMessage())


def test_what_is_stated_or_told_by_the_words_alone_stays_known(monkeypatch):
    monkeypatch.setattr(py3langid, "rank", failing(OSError(28, "No space left on device")))
    assert language(None, GERMAN) is None
    assert language("de", GERMAN) == "de"
    assert language(None, ENGLISH) == "en"


def test_a_claim_is_not_refused_for_its_language_where_none_can_be_told(monkeypatch):
    claim = Claim(text=GERMAN)
    passages = [Passage(text=ENGLISH, language="en")]
    assert check(claim, passages) == "language"
    _ranked.cache_clear()
    monkeypatch.setattr(py3langid, "rank", failing(OSError(28, "No space left on device")))
    assert check(claim, passages) is None


def test_a_fault_that_is_not_of_the_loading_is_raised(monkeypatch):
    monkeypatch.setattr(py3langid, "rank", failing(TypeError("a fault of ours")))
    with pytest.raises(TypeError, match="a fault of ours"):
        language(None, GERMAN)


SMALL = """
import resource, sys, tempfile
if sys.argv[1] == "limit":
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
elif sys.argv[1] == "gone":
    tempfile.tempdir = "/proc/none"
from briefing.collect.cleaning.language import language
print([language(None, sys.argv[2]) for _ in range(3)])
"""


@pytest.mark.parametrize(
    ("what", "found", "said"),
    [
        ("whole", "['de', 'de', 'de']", []),
        ("limit", "[None, None, None]", ["File too large in /"]),
        ("gone", "[None, None, None]", ["No such file or directory in /proc/none;"]),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="the limit is one of POSIX")
def test_where_the_temporary_folder_takes_no_model_it_is_named_once(what, found, said):
    done = subprocess.run(
        [sys.executable, "-c", SMALL, what, GERMAN], capture_output=True, text=True, check=False, env=environment()
    )
    assert done.stdout.strip() == found, done.stderr
    assert all(one in done.stderr for one in said)
    assert len(done.stderr.splitlines()) == len(said)
