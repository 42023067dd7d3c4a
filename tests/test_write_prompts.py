"""The prompts: a user's own file wins, ours stand in for the others, and their version tells any byte of difference."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from briefing.errors import UsageError
from briefing.write.model.prompts import NAMES, Prompts, copy_prompts, load_prompts
from tests.command import written

OURS = load_prompts()
texts = st.text(max_size=20)


def test_without_a_folder_the_prompts_are_the_ones_in_the_repository(root):
    for name in NAMES:
        assert getattr(OURS, name) == (root / "prompts" / f"{name}.md").read_text("utf-8").strip()


@pytest.mark.parametrize("name", NAMES)
def test_a_users_file_wins_and_the_others_are_ours(tmp_path, name):
    (tmp_path / f"{name}.md").write_text("Be brief.\n")
    assert load_prompts(tmp_path) == replace(OURS, **{name: "Be brief."})


def test_a_file_saved_by_a_windows_editor_is_the_same_prompt(tmp_path):
    (tmp_path / "write.md").write_bytes(b"\xef\xbb\xbfBe brief.\r\nCite.\r\n\r\n")
    assert load_prompts(tmp_path).write == "Be brief.\nCite."


def test_other_files_in_the_folder_are_let_be(tmp_path):
    (tmp_path / "judge.md").write_text("Judge.")
    (tmp_path / "notes.md").write_bytes(b"\xff\xfe")
    assert load_prompts(tmp_path).judge == "Judge."


# What is wrong is named


def told(folder: Path) -> str:
    with pytest.raises(UsageError) as raised:
        load_prompts(folder)
    return str(raised.value)


def test_a_folder_that_is_missing_or_is_a_file_is_named_with_the_fix(tmp_path):
    (tmp_path / "file").write_text("x")
    for folder in (tmp_path / "no", tmp_path / "file"):
        assert str(folder) in told(folder)
        assert "briefing prompts DIR" in told(folder)


def test_a_folder_without_any_prompt_is_named_with_the_names_of_the_files(tmp_path):
    (tmp_path / "Write.txt").write_text("x")
    assert str(tmp_path) in told(tmp_path)
    assert all(f"{name}.md" in told(tmp_path) for name in NAMES)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("content", [b"", b"\n \t\r\n", b"\xef\xbb\xbf"], ids=["nothing", "space", "a mark alone"])
def test_an_empty_file_is_named(tmp_path, name, content):
    path = tmp_path / f"{name}.md"
    path.write_bytes(content)
    assert str(path) in told(tmp_path)
    assert "empty" in told(tmp_path)


@pytest.mark.parametrize("content", ["Fasse kurz für uns".encode("latin-1"), "Be brief".encode("utf-16")])
def test_a_file_that_is_not_utf_8_is_named(tmp_path, content):
    path = tmp_path / "repair.md"
    path.write_bytes(content)
    assert str(path) in told(tmp_path)
    assert "UTF-8" in told(tmp_path)


def test_a_file_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    path = tmp_path / "write.md"
    path.write_text("Be brief.")

    def denied(_: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    assert str(path) in told(tmp_path)
    assert "Permission denied" in told(tmp_path)


def test_an_installation_without_prompts_says_so(tmp_path):
    with pytest.raises(UsageError, match="install briefing again"):
        load_prompts(None, tmp_path / "package")


# The version


@given(texts, texts, texts, st.sampled_from(NAMES), texts)
def test_the_version_changes_with_any_prompt_and_only_with_one(write, repair, judge, name, other):
    prompts = Prompts(write, repair, judge)
    assert prompts.sha256 == Prompts(write, repair, judge).sha256
    assert re.fullmatch(r"[0-9a-f]{64}", prompts.sha256)
    assume(getattr(prompts, name) != other)
    assert replace(prompts, **{name: other}).sha256 != prompts.sha256


@given(st.integers(0, 10_000), st.sampled_from("xé \n"))
def test_the_version_changes_with_a_single_character_wherever_it_is(place, character):
    at = place % (len(OURS.write) + 1)
    changed = OURS.write[:at] + character + OURS.write[at:]
    assert replace(OURS, write=changed).sha256 != OURS.sha256


@given(texts, texts)
def test_two_prompts_changed_for_each_other_are_another_version(first, second):
    assume(first != second)
    assert Prompts(first, second, "").sha256 != Prompts(second, first, "").sha256


# Copies


def test_copies_are_ours_to_the_byte_and_are_used_as_ours(root, tmp_path):
    target = tmp_path / "new" / "folder"
    paths = copy_prompts(target)
    assert paths == [target / f"{name}.md" for name in NAMES]
    assert written(target) == sorted(path.name for path in paths)
    for path in paths:
        assert path.read_bytes() == (root / "prompts" / path.name).read_bytes()
    assert load_prompts(target) == OURS


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["file", "dangling link"])
def test_nothing_is_ever_written_over_or_written_beside_it(tmp_path, name, kind):
    path = tmp_path / f"{name}.md"
    if kind == "file":
        path.write_text("mine")
    else:
        path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match=re.escape(str(path))):
        copy_prompts(tmp_path)
    assert written(tmp_path) == [path.name]
    assert path.is_symlink() or path.read_text() == "mine"


def test_a_place_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match=re.escape(str(tmp_path / "file"))):
        copy_prompts(tmp_path / "file" / "inside")
