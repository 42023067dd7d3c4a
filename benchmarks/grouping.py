"""Quality and speed of grouping on labelled sets, one setting for all: a table of B-cubed figures.

    python benchmarks/grouping.py [SET.jsonl ...]

A set holds an article a line, as `briefing group` reads it, and its label under `event`. Without paths, the sets in
`../shared/data/events/` beside the repository.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean

from briefing.collect import collect
from briefing.group import group, resolve_origins

LABELLED = Path(__file__).resolve().parent.parent.parent / "shared" / "data" / "events"


def bcubed(gold: Mapping[str, str], found: Iterable[Sequence[str]]) -> tuple[float, float, float]:
    """Precision, recall and F1 over articles, each weighing the same (Bagga and Baldwin 1998).

    `gold` gives each article's event; an article that `found` lacks counts as an event of its own.
    """
    told = {article: f"{number}" for number, cluster in enumerate(found) for article in cluster}
    pairs = [(gold[article], told.get(article, f"alone {article}")) for article in gold]
    both, labels, clusters = Counter(pairs), Counter(g for g, _ in pairs), Counter(t for _, t in pairs)
    precision = fmean(both[pair] / clusters[pair[1]] for pair in pairs)
    recall = fmean(both[pair] / labels[pair[0]] for pair in pairs)
    return precision, recall, 2 * precision * recall / (precision + recall)


def main(paths: Sequence[Path]) -> int:
    """Prints the table."""
    print("| set | articles | events | found | P | R | F1 | seconds |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    scores = []
    for path in paths:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        gold = {row["id"]: row["event"] for row in rows}
        articles = collect([str(path)]).articles
        started = time.perf_counter()
        clusters = group(resolve_origins(articles)).clusters
        seconds = time.perf_counter() - started
        precision, recall, f1 = bcubed(gold, (cluster.article_ids for cluster in clusters))
        scores.append(f1)
        sizes = f"{len(gold)} | {len(set(gold.values()))} | {len(clusters)}"
        print(f"| {path.stem} | {sizes} | {precision:.3f} | {recall:.3f} | {f1:.3f} | {seconds:.1f} |", flush=True)
    print(f"| mean | | | | | | {fmean(scores):.3f} | |")
    return 0


if __name__ == "__main__":
    sets = [Path(name) for name in sys.argv[1:]] or sorted(LABELLED.glob("*.jsonl"))
    if not sets:
        sys.exit(f"no labelled sets in {LABELLED}: give paths")
    sys.exit(main(sets))
