"""A file is written whole or not at all."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.files import is_full, write_together, write_whole
from tests.command import written
from tests.strategies import hostile_text

NAMES = ("a.md", "a.html", "a.json")
LONG = "first line\n" * 20_000


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def three(tmp_path: Path) -> dict[Path, str]:
    """Three files that are there already, and what is to be written into them."""
    for name in NAMES:
        (tmp_path / name).write_text(f"the earlier {name}", encoding="utf-8")
    return {tmp_path / name: f"the new {name}" for name in NAMES}


def are_the_earlier(folder: Path) -> bool:
    """Whether the three files, and no other, are as they were."""
    return {path.name: path.read_text() for path in folder.iterdir()} == {n: f"the earlier {n}" for n in NAMES}


def fails(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


@given(hostile_text | st.text(st.characters(categories=["Cs", "Cc", "Lu"]), max_size=20))
def test_any_text_is_written_as_utf_8_and_nothing_of_it_is_changed(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("files") / "a.json"
    write_whole(path, text)
    assert path.read_bytes() == text.encode(errors="surrogatepass")


def test_a_lone_half_of_a_character_is_written_as_it_is(tmp_path):
    write_whole(tmp_path / "a", "half \ud83d of it")
    assert (tmp_path / "a").read_bytes() == b"half \xed\xa0\xbd of it"


def test_line_breaks_stay_what_they_are(tmp_path):
    write_whole(tmp_path / "a", "one\r\ntwo\nthree\r")
    assert (tmp_path / "a").read_bytes() == b"one\r\ntwo\nthree\r"


def test_a_longer_file_is_replaced_by_a_shorter_one_and_nothing_else_is_left(tmp_path):
    path = tmp_path / "a.json"
    write_whole(path, LONG)
    write_whole(path, "short")
    assert path.read_text() == "short"
    assert written(tmp_path) == ["a.json"]


def test_a_private_file_is_for_its_owner_alone_even_where_it_replaces_a_public_one(tmp_path):
    path = tmp_path / "a"
    write_whole(path, "for all")
    path.chmod(0o666)
    write_whole(path, "for me", private=True)
    assert mode(path) == 0o600


@pytest.mark.parametrize(("mask", "expected"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_any_other_file_is_for_those_whom_the_users_mask_allows(tmp_path, mask, expected):
    before = os.umask(mask)
    try:
        write_whole(tmp_path / "a", "")
        assert os.umask(mask) == mask
    finally:
        os.umask(before)
    assert mode(tmp_path / "a") == expected


@pytest.mark.parametrize("step", ["fsync", "chmod", "replace"])
def test_a_write_that_fails_leaves_the_earlier_file_as_it_was_and_no_other(tmp_path, monkeypatch, step):
    path = tmp_path / "a.json"
    write_whole(path, "the earlier one")
    monkeypatch.setattr(*((os, step) if step == "fsync" else (Path, step)), fails)
    with pytest.raises(OSError, match="No space"):
        write_whole(path, LONG)
    monkeypatch.undo()
    assert path.read_text() == "the earlier one"
    assert written(tmp_path) == ["a.json"]


def test_a_first_write_that_is_interrupted_leaves_nothing(tmp_path, monkeypatch):
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_whole(tmp_path / "a.json", "text")
    assert written(tmp_path) == []


def test_a_folder_that_is_missing_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "no" / "a.json", "text")


def test_a_folder_in_the_files_place_is_an_os_error_and_stays(tmp_path):
    (tmp_path / "a.json").mkdir()
    with pytest.raises(OSError):  # noqa: PT011 - which one depends on the system
        write_whole(tmp_path / "a.json", "text")
    assert written(tmp_path) == ["a.json"]


def test_who_reads_while_it_is_written_over_and_over_sees_one_whole_text_or_the_other(tmp_path):
    path, over = tmp_path / "a", threading.Event()
    texts = {"a" * 300_000, "b" * 200_000}
    write_whole(path, min(texts))

    def write() -> None:
        for _ in range(10):
            for text in texts:
                write_whole(path, text)
        over.set()

    thread = threading.Thread(target=write)
    thread.start()
    seen = {path.read_text()}
    while not over.is_set():
        seen.add(path.read_text())
    thread.join()
    assert seen <= texts
    assert written(tmp_path) == ["a"]


def test_several_files_are_all_written_and_nothing_else_is_left(three, tmp_path):
    write_together(three)
    assert {path: path.read_text() for path in tmp_path.iterdir()} == three


def test_no_file_takes_its_place_before_all_are_written(three, tmp_path, monkeypatch):
    real, before = os.fsync, []

    def look(descriptor: int) -> None:
        before.append([path.read_text().startswith("the earlier") for path in three])
        real(descriptor)

    monkeypatch.setattr(os, "fsync", look)
    write_together(three)
    assert before == [[True] * 3] * 3


@pytest.mark.parametrize("number", [1, 2, 3])
@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, "No space left on device"), KeyboardInterrupt()])
def test_whichever_of_several_writes_fails_all_earlier_files_stay_and_no_other(
    three, tmp_path, monkeypatch, number, error
):
    real, calls = os.fsync, []

    def fail(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == number:
            raise error
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(error)):
        write_together(three)
    assert len(calls) == number
    assert are_the_earlier(tmp_path)


def test_a_folder_in_the_place_of_the_last_file_leaves_the_first_as_they_were(three, tmp_path):
    (tmp_path / "b").mkdir()
    with pytest.raises(IsADirectoryError):
        write_together({**three, tmp_path / "b": "text"})
    (tmp_path / "b").rmdir()
    assert are_the_earlier(tmp_path)


def test_what_cannot_be_taken_away_again_does_not_hide_the_first_error(three, monkeypatch):
    def stays(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "fsync", fails)
    monkeypatch.setattr(Path, "unlink", stays)
    with pytest.raises(OSError, match="No space"):
        write_together(three)


@pytest.mark.parametrize(("number", "expected"), [("ENOSPC", True), ("EDQUOT", True), ("EFBIG", True), ("EIO", False)])
def test_a_disk_a_quota_and_a_file_can_be_full(number, expected):
    assert is_full(OSError(getattr(errno, number), "said")) is expected
