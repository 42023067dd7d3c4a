"""The documents tell the truth: what they show is what comes out."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from briefing.config import load_settings
from tests.command import briefing

EXCERPT = re.compile(r"<!-- excerpt: (replay )?(\S+) (\S+) -->\n(.*?)<!-- end -->", re.DOTALL)


@pytest.mark.parametrize("place", [0, 1])
def test_every_line_of_an_excerpt_in_the_readme_is_a_line_of_the_real_briefing(place, root, tmp_path, monkeypatch):
    monkeypatch.chdir(root)
    excerpts = EXCERPT.findall((root / "README.md").read_text("utf-8"))
    assert len(excerpts) == 2
    replayed, folder, day, shown = excerpts[place]
    command = ["replay", folder] if replayed else ["build", folder, "--date", day]
    assert briefing(*command, "-o", tmp_path, "--format", "md").code == 0
    real = (tmp_path / f"{day}.md").read_text("utf-8").splitlines()
    lines = [line.removeprefix(">").strip() for line in shown.strip().splitlines()]
    assert len(lines) > 5
    assert [line for line in lines if line not in real] == []


def test_every_command_of_the_readme_runs(root, tmp_path, monkeypatch):
    monkeypatch.chdir(root)
    commands = re.findall(r"^\.venv/bin/briefing (.+)$", (root / "README.md").read_text("utf-8"), re.MULTILINE)
    assert len(commands) >= 4
    for command in commands:
        words = [str(tmp_path) if word == "briefings" else word for word in command.split()]
        words = [word.replace("briefings/", f"{tmp_path}/") for word in words]
        assert briefing(*words).code == 0, command


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "docs/design.md", "docs/operate.md", "docs/quality.md"]
)
def test_every_path_that_a_document_names_exists(root, name):
    text = (root / name).read_text("utf-8")
    named = re.findall(r"`((?:briefing|tests|benchmarks|examples|docs|templates|seeds)/[\w./-]*)`", text)
    named += re.findall(r"\]\(([^)#:]+)\)", text)
    base = (root / name).parent
    missing = [path for path in named if not ((root / path).exists() or (base / path).exists())]
    assert missing == []


@pytest.mark.parametrize("name", ["README.md", "docs/operate.md", "docs/sources.md"])
def test_every_verb_and_option_that_a_document_shows_is_there(root, name):
    text = (root / name).read_text("utf-8")
    shown = re.findall(r"^briefing (.+)$", text, re.MULTILINE) + re.findall(r"`briefing ([a-z][^`]*)`", text)
    assert len(shown) > 5
    for call in shown:
        words = re.split(r"\s+", call.partition("#")[0].split("\\|")[0])
        verb = [word for word in words[:2] if re.fullmatch("[a-z]+", word)]
        verb = verb if verb[0] in {"schedule", "config"} else verb[:1]
        answer = briefing(*verb, "--help")
        assert answer.code == 0, call
        options = re.findall(r"(?<=\s)--[a-z][a-z-]*", answer.out)
        missing = [word for word in re.findall(r"(?<!\S)--[a-z][a-z-]*", call) if word not in options]
        assert missing == [], call


@pytest.mark.parametrize("name", ["README.md", "docs/operate.md"])
def test_every_example_of_settings_that_a_document_shows_is_accepted(root, name, tmp_path):
    examples = re.findall(r"^```toml\n(.*?)^```", (root / name).read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert examples
    for example in examples:
        file = tmp_path / "briefing.toml"
        file.write_text(example, encoding="utf-8")
        load_settings(file)


def test_no_dependency_goes_without_its_reason_in_the_design(root):
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    names = {re.split(r"[<>=\[ ]", line)[0].lower().replace("_", "-") for line in project["dependencies"]}
    design = (root / "docs" / "design.md").read_text("utf-8").partition("## Libraries")[2].lower().replace("_", "-")
    assert sorted(name for name in names if name not in design) == []


def test_the_constraints_name_no_index(root: Path):
    lines = (root / "constraints.txt").read_text("utf-8").splitlines()
    assert all(re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line) for line in lines)
    assert any(line.startswith("trafilatura==") for line in lines)
