"""The command as a process: streams, signals, terminals."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import CLAIMS, DAY, briefing, environment, lines


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


# --- a machine that has no more of something ---------------------------------------------------------------------

LIMITED = """
import resource, sys
from briefing.cli import main
which, limit = sys.argv.pop(1), int(sys.argv.pop(1))
if which == "RLIMIT_AS":  # so much more than is used
    with open("/proc/self/statm") as file:
        limit += int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(getattr(resource, which), (limit, limit))
main()
"""
NO_MEMORY = r"briefing: out of memory: .*close other programs, or lower \[fetch\] workers.*\n"
LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits as Linux has them")


def limited(which: str, limit: int, *arguments: str | Path, **changes: str) -> tuple[int, str, str]:
    """The command under a limit of the system: its exit code, and what it says on either stream."""
    command = [sys.executable, "-c", LIMITED, which, str(limit), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment(**changes))
    return done.returncode, done.stdout, done.stderr


@LINUX
@pytest.mark.parametrize("fits", ["md", "json", ""])
def test_where_the_disk_is_full_no_file_of_the_edition_is_new_and_the_earlier_ones_stay(seeds, out, fits):
    formats = ("md", "html", "json")
    assert briefing("build", seeds, "-o", out).code == 0
    sizes = {name: (out / f"{DAY}.{name}").stat().st_size for name in formats}
    assert sizes["md"] < sizes["json"] != sizes["html"]
    for name in formats:
        (out / f"{DAY}.{name}").write_text(f"the earlier {name}", encoding="utf-8")
    limit = sizes[fits] + 1 if fits else 100
    assert limit < max(sizes.values())
    code, printed, told = limited("RLIMIT_FSIZE", limit, "build", seeds, "-o", out, "-q")
    assert (code, printed) == (1, "")
    assert told.startswith("briefing: the disk is full: ")
    assert str(out) in told
    assert "make room" in told
    assert "another folder" not in told
    assert {path.name: path.read_text() for path in out.iterdir()} == {
        f"{DAY}.{name}": f"the earlier {name}" for name in formats
    }
    assert briefing("build", seeds, "-o", out).code == 0
    assert {name: (out / f"{DAY}.{name}").stat().st_size for name in formats} == sizes


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_an_error_and_not_a_wrong_call(seeds, out, monkeypatch, number):
    def fails(_: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", fails)
    answer = briefing("build", seeds, "-o", out)
    assert answer.code == 1
    assert "the disk is full" in answer.err
    assert str(out) in answer.err
    assert list(out.iterdir()) == []


@LINUX
@pytest.mark.parametrize("verb", ["build", "fetch"])
def test_without_any_memory_left_that_is_said_in_one_line(seeds, out, tmp_path, verb):
    arguments = ["build", seeds, "-o", out, "-q"] if verb == "build" else ["fetch", "-q"]
    code, printed, told = limited("RLIMIT_AS", 0, *arguments, BRIEFING_STATE=str(tmp_path / "state"))
    assert (code, printed) == (1, "")
    assert re.fullmatch(NO_MEMORY, told)
    assert not out.exists()


@LINUX
def test_what_takes_all_the_memory_is_let_go_before_that_is_said(tmp_path):
    (tmp_path / "large.txt").touch()
    os.truncate(tmp_path / "large.txt", 200 << 20)  # all holes: it takes no place on the disk
    code, printed, told = limited("RLIMIT_AS", 100 << 20, "check", tmp_path / "large.txt", "--json")
    assert (code, printed) == (1, "")
    assert re.fullmatch(NO_MEMORY, told)


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("can't start new thread"), OSError(errno.ENOMEM, "Cannot allocate memory")]
)
def test_whatever_says_that_memory_is_out_ends_in_the_same_line(seeds, out, monkeypatch, error):
    def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("briefing.pipeline.make", fails)
    answer = briefing("build", seeds, "-o", out, "-q")
    assert answer.code == 1
    assert re.fullmatch(NO_MEMORY, answer.err)


def test_a_fault_of_ours_is_not_taken_for_too_little_memory(seeds, out, monkeypatch):
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("briefing.pipeline.make", fails)
    with pytest.raises(RuntimeError, match="a bug"):
        briefing("build", seeds, "-o", out)
