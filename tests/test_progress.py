"""The bar that shows how far the work is: on a terminal alone, and only on standard error."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from briefing.cli.shared import progress_bar
from briefing.progress import Bar
from tests.command import briefing, environment
from tests.web_server import Site, reply, serving

FEED = b"""<?xml version="1.0"?><rss version="2.0"><channel><title>Paper</title><link>http://paper.example/</link>
<item><guid>1</guid><title>Ferry hits pier</title><pubDate>Tue, 22 Oct 2024 05:00:00 GMT</pubDate>
<description>The ferry hit the pier on Monday. Two people were injured.</description></item></channel></rss>"""
SHELL = pytest.mark.skipif(sys.platform == "win32", reason="needs a shell that closes a stream")


@pytest.fixture
def site() -> Iterator[Site]:
    with serving({"/feed": reply(FEED, headers={"Content-Type": "application/rss+xml"})}) as running:
        yield running


@pytest.fixture
def own(site: Site, tmp_path: Path) -> dict[str, str]:
    """The environment of a reader who has one source."""
    changes = {
        "BRIEFING_STATE": str(tmp_path / "state"), "BRIEFING_FETCH__INTRANET": "127.0.0.0/8", "TERM": "xterm",
    }  # fmt: skip
    answer = briefing("add", site.url("/feed"), stdin=b"", **changes)
    assert answer.code == 0, answer.err
    return environment(**changes)


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "briefing", *arguments]


def on_a_terminal(own: dict[str, str], *arguments: str) -> tuple[int, bytes, bytes]:
    """The command's exit code, what it prints into a pipe, and what a terminal at its standard error is sent."""
    pty = pytest.importorskip("pty", reason="needs a pseudo-terminal")
    try:
        ours, theirs = pty.openpty()
    except OSError:
        pytest.skip("no pseudo-terminal is to be had")
    told: list[bytes] = []
    reader = threading.Thread(target=lambda: told.extend(iter(lambda: _read(ours), b"")))
    reader.start()  # now, for a terminal that nobody reads holds up who writes
    try:
        done = subprocess.run(
            command(*arguments), env=own, stdout=subprocess.PIPE, stderr=theirs, timeout=60, check=False
        )
    finally:
        os.close(theirs)
        reader.join(30)
        os.close(ours)
    return done.returncode, done.stdout, b"".join(told)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 4096)
    except OSError:  # how a pseudo-terminal says that its other end is closed
        return b""


def test_on_a_terminal_fetch_shows_a_bar_on_standard_error_and_takes_it_away_again(own):
    code, printed, told = on_a_terminal(own, "fetch")
    assert (code, printed) == (0, b"")
    assert b"asking sources" in told
    assert b"100%" in told
    assert b"\x1b[2K" in told[told.rindex(b"asking sources") :]  # the line is wiped
    assert told.rstrip().endswith(b"1 article new")


def test_nothing_of_the_bar_is_in_what_is_printed(own):
    code, printed, told = on_a_terminal(own, "fetch", "--json")
    assert code == 0
    assert b"asking sources" in told
    assert b"\x1b" not in printed
    assert printed.startswith(b"{\n")
    assert printed.endswith(b"}\n")


def test_on_a_terminal_build_shows_its_stages(own, seeds, tmp_path):
    code, printed, told = on_a_terminal(own, "build", str(seeds), "-o", str(tmp_path / "out"))
    assert code == 0
    assert all(stage in told for stage in (b"reading", b"grouping", b"writing"))
    assert b"\x1b" not in printed


def test_quiet_there_is_no_bar_even_on_a_terminal(own):
    assert on_a_terminal(own, "fetch", "-q") == (0, b"", b"")


def test_into_a_pipe_no_bar_is_shown(own):
    done = subprocess.run(
        command("fetch"), env={**own, "FORCE_COLOR": "1"}, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, b"")
    assert b"1 article new" in done.stderr
    assert b"asking sources" not in done.stderr
    assert not re.search(rb"[\x1b\r]", done.stderr)


@SHELL
def test_a_closed_standard_error_is_no_error_and_what_belongs_there_is_not_printed(own):
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" 2>&-', "sh", *command("fetch", "--json")],
        env=own, stdout=subprocess.PIPE, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert done.stdout.startswith(b"{\n")
    assert done.stdout.endswith(b"}\n")
    assert b"briefing:" not in done.stdout


@SHELL
def test_with_standard_error_closed_a_failure_is_still_told_by_the_exit_code(own, tmp_path):
    done = subprocess.run(
        ["sh", "-c", 'exec "$@" 2>&-', "sh", *command("build", str(tmp_path / "nowhere"))],
        env=own, stdout=subprocess.PIPE, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode in {2, 3}
    assert done.stdout == b""


def test_without_a_standard_error_no_bar_is_made_and_the_work_goes_on(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    with progress_bar(quiet=False) as bar:
        bar("fetch", 1, 2)


def test_where_no_thread_is_to_be_had_the_work_goes_on_and_the_cursor_is_seen_again(capfd, monkeypatch):
    def fails(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr(threading.Thread, "start", fails)
    with Bar(shown=True) as bar:
        bar("fetch", 1, 2)
    told = capfd.readouterr().err
    assert "asking sources" not in told
    assert told.rindex("\x1b[?25h") > told.rindex("\x1b[?25l")


def test_a_bar_that_is_not_shown_takes_what_it_is_told_and_says_nothing(capfd):
    with Bar(shown=False) as bar:
        bar("fetch", 1, 2)
    assert capfd.readouterr() == ("", "")


def test_each_stage_has_one_bar_that_moves(capfd, monkeypatch):
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("FORCE_COLOR", "1")  # a terminal, for who asks
    monkeypatch.setenv("COLUMNS", "80")
    with Bar(shown=True) as bar:
        for done in range(3):
            bar("fetch", done, 2)
        bar("an own stage", 1, 4)
    printed, told = capfd.readouterr()
    assert printed == ""
    last = re.sub(r"\x1b\[[\d;?]*[a-zA-Z]", "", told)
    assert re.search(r"asking sources\s.*100%", last)
    assert re.search(r"an own stage\s.*25%", last)
