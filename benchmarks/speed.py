"""How long the main job takes, and how much memory: whole processes, cold, as a user runs them.

    python benchmarks/speed.py [--runs N] [--data DIR]

Prints the median of N runs of `briefing --help`, of `briefing build seeds`, and of a build of 1,000 articles taken from
the labelled sets in DIR (`../shared/data/events` beside the repository by default; left out, saying so, where absent).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SETS = ("news_cluster.jsonl", "wikinews.jsonl")
LARGE = 1000


def main() -> None:
    """Measure and print one line a command."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data" / "events")
    options = parser.parse_args()
    command = [sys.executable, "-m", "briefing"]
    print(f"{'command':42} {'median s':>9} {'min':>6} {'max':>6} {'peak MB':>8}")
    with tempfile.TemporaryDirectory() as folder:
        tell("briefing --help", [*command, "--help"], options.runs)
        tell("briefing build seeds (5 articles)", [*command, "build", "-q", "seeds", "-o", folder], options.runs)
        if not options.data.is_dir():
            print(f"{LARGE} articles: left out, no data in {options.data}")
            return
        rows = [line for name in SETS for line in (options.data / name).read_text("utf-8").splitlines()][:LARGE]
        large = Path(folder) / "large.jsonl"
        large.write_text("\n".join(rows) + "\n", "utf-8")
        characters = sum(len(json.loads(row)["text"]) for row in rows)
        label = f"briefing build, {len(rows)} articles, {characters / 1e6:.1f} MB"
        tell(label, [*command, "build", "-q", str(large), "-o", folder], max(1, options.runs // 2))


def tell(label: str, command: Sequence[str], runs: int) -> None:
    """Run a command several times and print its times and the largest peak of its resident memory."""
    figures = [once(command) for _ in range(runs)]
    seconds = [one for one, _ in figures]
    peak = max(memory for _, memory in figures)
    print(f"{label:42} {statistics.median(seconds):9.2f} {min(seconds):6.2f} {max(seconds):6.2f} {peak:8.0f}")


def once(command: Sequence[str]) -> tuple[float, float]:
    """Seconds on the wall and peak resident memory in MB of one run."""
    start = time.perf_counter()
    child = os.fork()
    if child == 0:
        os.chdir(ROOT)
        with Path(os.devnull).open("w") as sink:
            os.dup2(sink.fileno(), 1)
        os.execv(command[0], list(command))  # noqa: S606 - the command is ours
    _, status, usage = os.wait4(child, 0)
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"failed: {' '.join(command)}")
    return time.perf_counter() - start, kilobytes(usage) / 1000


def kilobytes(usage: resource.struct_rusage) -> int:
    """Peak resident memory; Linux counts it in kilobytes."""
    return usage.ru_maxrss


if __name__ == "__main__":
    main()
