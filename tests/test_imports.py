"""`--help` and `--version` are quick because they load none of the heavy libraries."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.command import environment

HEAVY = {
    "openai", "trafilatura", "numpy", "lxml", "jinja2", "pydantic", "tiktoken", "py3langid", "rensa", "rich", "httpx",
    "feedparser", "sentencex", "tenacity", "css_inline", "nh3", "markdown_it", "sqlalchemy", "alembic", "psycopg",
    "starlette", "uvicorn", "itsdangerous", "dns", "apscheduler", "keyring", "idna",
}  # fmt: skip
TELL = """
import sys
from briefing.cli import main
sys.argv = ["briefing", *sys.argv[1:]]
try:
    main()
finally:
    print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""


def loaded(*arguments: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", TELL, *arguments], capture_output=True, text=True, check=True, env=environment()
    )
    assert done.stdout
    return set(done.stderr.split())


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_help_and_version_load_no_heavy_library(flag):
    names = loaded(flag)
    assert {"typer", "briefing"} <= names
    assert names & HEAVY == set()


@pytest.mark.parametrize("verb", ["build", "audit", "check"])
def test_the_help_of_a_verb_loads_none_but_what_typer_itself_reads_values_with(verb):
    assert loaded(verb, "--help") & HEAVY <= {"pydantic"}


def test_without_a_model_nothing_of_one_is_loaded(seeds, tmp_path):
    names = loaded("build", str(seeds), "-o", str(tmp_path))
    assert names & {"openai", "tenacity", "tiktoken", "httpx2"} == set()
