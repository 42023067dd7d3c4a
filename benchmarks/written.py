"""What became of a language model's sentences: kept, mended, replaced or withheld and why, and the tokens that it took.

    python benchmarks/written.py examples/recordings/seeds examples/recordings/harbour
    python benchmarks/written.py EVENTS.jsonl

A folder is a recorded edition, a file what `benchmarks/answers.py written` printed.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from briefing import bundle
from briefing.llm.tokens import counter
from briefing.pipeline import make

COUNTS = ("sentences", "cited", "verbatim", "written", "repaired", "replaced", "calls", "tokens_in", "tokens_out")


def edition(folder: Path) -> tuple[Counter[str], Counter[str]]:
    """Counts and reasons of a recorded edition."""
    recorded = bundle.read(folder)
    briefing = make(recorded.collected, recorded.options).briefing
    count = counter("o200k")
    source = sum(count(article.body) for article in recorded.collected.articles)
    facts = sum(len(event.facts) for event in briefing.events)
    return _counted(
        asdict(briefing.report), [asdict(one) for one in briefing.withheld], briefing.report.events, source, facts
    )


def events(file: Path) -> tuple[Counter[str], Counter[str]]:
    """Counts and reasons of events, one a line."""
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for row in map(json.loads, file.read_text("utf-8").splitlines()):
        some, why = _counted(row["report"], row["withheld"], 1, row["source_tokens"], len(row["facts"]))
        counts += some
        reasons += why
    return counts, reasons


def _counted(
    report: dict[str, Any], withheld: list[dict[str, Any]], told: int, source: int, facts: int
) -> tuple[Counter[str], Counter[str]]:
    counts = Counter({key: report[key] for key in COUNTS})
    counts += Counter(events=told, source_tokens=source, facts=facts, fallbacks=len(report["fallbacks"]))
    return counts, Counter(reason for one in withheld for reason in one["reasons"])


def main(paths: list[str]) -> None:
    """Print a line for each path."""
    for path in map(Path, paths):
        counts, reasons = (edition if path.is_dir() else events)(path)
        told, taken = counts["events"], counts["tokens_in"] + counts["tokens_out"]
        print(
            f"{path.name}: {told} events, {counts['sentences']} sentences ({counts['cited']} cited, "
            f"{counts['written']} written, {counts['verbatim']} verbatim), {counts['facts']} facts; "
            f"{counts['repaired']} mended, "
            f"{counts['replaced']} replaced, withheld {dict(reasons)}, {counts['fallbacks']} events fell back; "
            f"{counts['calls']} calls, {counts['tokens_in'] / told:.0f} tokens in and "
            f"{counts['tokens_out'] / told:.0f} out an event, {taken / counts['source_tokens']:.2f} a source token"
        )


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    main(sys.argv[1:])
