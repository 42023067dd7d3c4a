"""The wheel holds the package and its templates and nothing else, and works from anywhere."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from briefing.render.folders import template_folder
from tests.command import environment


@pytest.fixture(scope="module")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(target)]
    subprocess.run(command, cwd=root, check=True, capture_output=True, text=True)
    (made,) = target.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def names(wheel) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("folder", ["templates", "prompts"])
def test_the_files_a_user_may_copy_are_inside_the_package(names, root, folder):
    ours = {f"briefing/{folder}/{path.name}" for path in (root / folder).glob("*") if path.is_file()}
    assert {name for name in names if name.startswith(f"briefing/{folder}/")} == ours


def test_the_templates_are_inside(names):
    assert {"briefing/templates/briefing.html.jinja", "briefing/templates/briefing.md.jinja"} <= names


def test_the_prompts_are_inside(names):
    assert {f"briefing/prompts/{name}.md" for name in ("write", "repair", "judge")} <= names


def test_the_ranks_that_tokens_are_counted_by_are_inside_with_their_licence_and_whole(wheel, root):
    with ZipFile(wheel) as archive:
        for name in ("briefing/llm/o200k_base.tiktoken.xz", "briefing/llm/NOTICE"):
            assert archive.read(name) == (root / name).read_bytes() != b""


def test_every_module_is_inside_and_nothing_that_is_no_part_of_the_package(names, root):
    modules = {path.relative_to(root).as_posix() for path in (root / "briefing").rglob("*.py")}
    assert modules <= names
    assert all(name.startswith("briefing/") or ".dist-info/" in name for name in names)
    assert not any(name.startswith(("briefing/seeds", "briefing/tests", "briefing/examples")) for name in names)
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names)


def test_the_command_is_declared(wheel, names):
    (declared,) = (name for name in names if name.endswith(".dist-info/entry_points.txt"))
    with ZipFile(wheel) as archive:
        assert b"briefing = briefing.cli:main" in archive.read(declared)


def test_unpacked_elsewhere_it_briefs_with_its_own_templates(wheel, seeds, tmp_path):
    place = tmp_path / "site"
    with ZipFile(wheel) as archive:
        archive.extractall(place)
    shutil.copytree(seeds, tmp_path / "input")
    work = tmp_path / "work"
    work.mkdir()
    program = (
        f"import sys; sys.path.insert(0, {str(place)!r}); import briefing; print(briefing.__file__)\n"
        "from briefing.render.folders import template_folder; print(template_folder(), flush=True)\n"
        "from briefing.cli import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, "build", "../input", "-q", "--format", "md,html"],
        cwd=work, capture_output=True, text=True, check=True, env=environment(),
    )  # fmt: skip
    package, templates, *written = done.stdout.splitlines()
    assert Path(package) == place / "briefing" / "__init__.py"
    assert Path(templates) == place / "briefing" / "templates"
    assert [Path(path).suffix for path in written] == [".md", ".html"]
    assert all((work / path).stat().st_size > 1000 for path in written)


def test_unpacked_elsewhere_it_counts_tokens_and_reads_its_own_prompts(wheel, tmp_path):
    with ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from briefing.cli import main\n"
        "from briefing.llm.tokens import RANKS, counter\n"
        "print(RANKS, counter('gpt-5-mini')('Two people were injured.'), flush=True); main()"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", program, "prompts", "copies"],
        cwd=tmp_path, capture_output=True, text=True, check=True, env=environment(),
    )  # fmt: skip
    assert done.stdout.splitlines()[0] == f"{tmp_path / 'briefing' / 'llm' / 'o200k_base.tiktoken.xz'} 5"
    assert done.stderr == ""
    for name in ("write", "repair", "judge"):
        copy = tmp_path / "copies" / f"{name}.md"
        assert copy.read_bytes() == (tmp_path / "briefing" / "prompts" / f"{name}.md").read_bytes()


def test_in_the_repository_the_templates_are_its_own(root):
    assert template_folder() == root / "templates"
