"""The documents tell the truth: what they show is what comes out."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.command import briefing

EXCERPT = re.compile(r"<!-- excerpt: (\S+) (\S+) -->\n(.*?)<!-- end -->", re.DOTALL)


def test_every_line_of_the_excerpt_in_the_readme_is_a_line_of_the_real_briefing(root, tmp_path, monkeypatch):
    monkeypatch.chdir(root)
    ((folder, day, shown),) = EXCERPT.findall((root / "README.md").read_text("utf-8"))
    assert briefing("build", folder, "-o", tmp_path, "--date", day, "--format", "md").code == 0
    real = (tmp_path / f"{day}.md").read_text("utf-8").splitlines()
    lines = [line.removeprefix(">").strip() for line in shown.strip().splitlines()]
    assert len(lines) > 5
    assert [line for line in lines if line not in real] == []


def test_every_command_of_the_readme_runs(root, tmp_path, monkeypatch):
    monkeypatch.chdir(root)
    commands = re.findall(r"^\.venv/bin/briefing (.+)$", (root / "README.md").read_text("utf-8"), re.MULTILINE)
    assert len(commands) >= 2
    for command in commands:
        words = command.replace("briefings", str(tmp_path)).split()
        assert briefing(*words).code == 0, command


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", "docs/design.md", "docs/quality.md"])
def test_every_path_that_a_document_names_exists(root, name):
    text = (root / name).read_text("utf-8")
    named = re.findall(r"`((?:briefing|tests|benchmarks|examples|docs|templates|seeds)/[\w./-]*)`", text)
    named += re.findall(r"\]\(([^)#:]+)\)", text)
    base = (root / name).parent
    missing = [path for path in named if not ((root / path).exists() or (base / path).exists())]
    assert missing == []


def test_no_dependency_goes_without_its_reason_in_the_design(root):
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    names = {re.split(r"[<>=\[ ]", line)[0].lower().replace("_", "-") for line in project["dependencies"]}
    design = (root / "docs" / "design.md").read_text("utf-8").partition("## Libraries")[2].lower().replace("_", "-")
    assert sorted(name for name in names if name not in design) == []


def test_the_constraints_name_no_index(root: Path):
    lines = (root / "constraints.txt").read_text("utf-8").splitlines()
    assert all(re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line) for line in lines)
    assert any(line.startswith("trafilatura==") for line in lines)
