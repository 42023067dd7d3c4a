"""The command as a process: streams, signals, terminals."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import CLAIMS, environment, lines


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def start(*arguments: str | Path, **changes: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "briefing", *map(str, arguments)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, env=environment(**changes))


def test_an_interrupted_run_ends_with_130_and_writes_nothing(out):
    with start("build", "-", "-o", out) as process:
        assert process.stderr is not None
        process.stderr.readline()  # it runs now, and waits for its input
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 130
        assert b"Traceback" not in process.stderr.read()
    assert not out.exists()


def test_away_from_a_terminal_no_bar_and_no_colour_is_shown(seeds, out):
    with start("build", seeds, "-o", out, FORCE_COLOR="", TERM="xterm-256color") as process:
        printed, told = process.communicate(timeout=60)
    assert process.returncode == 0
    assert b"\x1b" not in printed + told
    assert b"\r" not in printed + told
    assert b"reading" not in told


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_on_a_terminal_a_bar_is_shown_on_standard_error_without_colour_where_that_is_asked(seeds):
    ours, theirs = os.openpty()
    command = [sys.executable, "-m", "briefing", "group", str(seeds), "--json"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=theirs, env=environment(NO_COLOR="1", TERM="xterm")
    ) as process:
        os.close(theirs)
        told = b""
        while piece := _read(ours):
            told += piece
        assert process.stdout is not None
        assert len(json.loads(process.stdout.read())["events"]) == 5
    os.close(ours)
    assert b"reading" in told
    assert not re.search(rb"\x1b\[[\d;]*m", told)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how a pseudo-terminal says that its other end is closed
        return b""


def test_output_is_utf8_whatever_the_locale_says():
    with start("check", "-", "--json", PYTHONIOENCODING="ascii", LC_ALL="C") as process:
        printed, told = process.communicate(lines({**CLAIMS[0], "id": "Fähre"}), timeout=60)
    assert (process.returncode, told) == (0, b"")
    assert '"id": "Fähre"' in printed.decode("utf-8")
