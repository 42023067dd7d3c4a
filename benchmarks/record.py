"""Makes every recording of a language model anew: the examples' editions and the answers to the tests' frozen evidence.

    OPENAI_BASE_URL=http://127.0.0.1:8088/v1 python benchmarks/record.py            all of them
    OPENAI_BASE_URL=http://127.0.0.1:8088/v1 python benchmarks/record.py seeds      one, by name

The model is the one that OPENAI_MODEL names, `relay` if it names none; only what that model answered is recorded anew
(`smollm2-135m` is the small model of the tests, which `tests.llama_server` serves). What is there stays until the new
recording is whole. Never in CI: recordings are what CI is tested against.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from briefing.author import connect
from briefing.cli import app
from briefing.config import ModelSettings, load_settings
from briefing.errors import BriefingError
from briefing.llm.recording import Recorder
from briefing.parallel import each
from briefing.store import open_store
from tests import frozen_evidence

ROOT = Path(__file__).resolve().parent.parent
RECORDINGS = ROOT / "examples" / "recordings"
EDITIONS = {  # name: input, day, seconds since 1970
    "seeds": ("seeds", "2024-10-22", 1729576800),
    "harbour": ("examples/harbour", "2026-03-04", 1772604000),
}


def record_edition(name: str, state: Path) -> None:
    """The edition of an example, with its answers."""
    source, day, epoch = EDITIONS[name]
    os.environ |= {"SOURCE_DATE_EPOCH": str(epoch), "BRIEFING_STATE": str(state)}
    target = state / name
    arguments = ["build", source, "--writer", "model", "--date", day, "--record", str(target), "-o", str(state / "out")]
    app([*arguments, "--format", "md,html,json,story", "--no-fallback"], standalone_mode=False)
    _swap(target, RECORDINGS / name)


def record_frozen(name: str, settings: ModelSettings, state: Path) -> None:
    """The answers to a frozen event."""
    frozen = frozen_evidence.load(name)
    answers = state / f"{name}-answers"
    manuscript = frozen.written(Recorder(connect(settings, open_store(state / "store.sqlite")), answers))
    if manuscript.fallback is not None and manuscript.fallback.kind != "gate":
        sys.exit(f"{name}: {manuscript.fallback.message}")
    _swap(answers, frozen.answers)


def _swap(new: Path, old: Path) -> None:
    if old.exists():
        shutil.rmtree(old)
    old.parent.mkdir(parents=True, exist_ok=True)
    shutil.copytree(new, old)


def main(wanted: list[str]) -> None:
    """Record what is named, or all."""
    if os.environ.get("CI"):
        sys.exit("recording never happens in CI")
    os.chdir(ROOT)
    os.environ.setdefault("OPENAI_MODEL", frozen_evidence.MODEL)
    os.environ.setdefault("BRIEFING_MODEL__TIMEOUT", "3600")
    os.environ.setdefault("BRIEFING_MODEL__CALLS", "8")
    settings = load_settings().model
    if not settings.reachable:
        sys.exit(f"no language model: set OPENAI_BASE_URL\n\n{__doc__}")
    frozen_here = [name for name in frozen_evidence.names() if frozen_evidence.load(name).model == settings.name]
    names = wanted or [*(EDITIONS if settings.name == frozen_evidence.MODEL else ()), *frozen_here]
    unknown = set(names) - set(EDITIONS) - set(frozen_evidence.names())
    if unknown:
        sys.exit(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join([*EDITIONS, *frozen_evidence.names()])}")
    with TemporaryDirectory() as folder:
        for name in names:
            if name in EDITIONS:
                record_edition(name, Path(folder))
                print(f"recorded {name}")
        frozen = [name for name in names if name not in EDITIONS]
        each(lambda name: record_frozen(name, settings, Path(folder)), frozen, 8)
        print(f"recorded {', '.join(frozen)}")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except BriefingError as error:
        sys.exit(f"not recorded: {error}")
