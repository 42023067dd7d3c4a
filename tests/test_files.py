"""A file is written whole or not at all."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.files import write_whole
from tests.command import written
from tests.strategies import hostile_text

LONG = "first line\n" * 20_000


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


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
