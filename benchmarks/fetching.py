"""How long fetching takes, how much memory, beside other programs that do the same on the same feeds and pages.

    python benchmarks/fetching.py [--runs N] [--feeds N] [--items N] [--venvs DIR] [--only NAME,...]

Everything is on loopback: `tests/newsroom.py` in a process of its own, on 20 addresses or on one, each answer after
5 ms. Others are installed into environments of their own in DIR (a temporary folder by default) and left out, saying
so, where they cannot be had. Each figure is the median of N processes; memory is the largest peak of them (Linux).
`first` is a round into an empty store, `second` the same round again, where every feed is unchanged. Ours keeps an
index of words with every round; `search index` is what the other program takes for its own afterwards.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.fetched import HOSTS, ROUNDS, got
from tests.newsroom import apart

PAGES = 100
LARGE = 100_000  # items of one feed

READER = """
import json, sys, time
from pathlib import Path
from reader import make_reader
told = json.loads(Path(sys.argv[1]).read_text())
found = {}
reader = make_reader(sys.argv[2] + "/reader.sqlite")
for url in told["addresses"]:
    reader.add_feed(url)
for name in ("first", "second"):
    began, used = time.perf_counter(), time.process_time()
    reader.update_feeds(scheduled=False, workers=int(sys.argv[3]))
    found[name] = time.perf_counter() - began
    found[name + " CPU"] = time.process_time() - used
if sys.argv[3] == "20":
    began = time.perf_counter()
    reader.update_search()
    found["search index"] = time.perf_counter() - began
found["stored"] = reader.get_entry_counts().total
"""
NEWSPAPER = """
import json, sys, time
from pathlib import Path
import newspaper
told = json.loads(Path(sys.argv[1]).read_text())
began = time.perf_counter()
texts = []
for url, page in told["html"].items():
    article = newspaper.Article(url)
    article.download(input_html=page)
    article.parse()
    texts.append(article.text)
found = {"seconds": time.perf_counter() - began, "characters": sum(map(len, texts))}
"""
_TOLD = """
status = Path("/proc/self/status").read_text()
found["memory"] = int(status.partition("VmHWM:")[2].split()[0]) / 1000
print(json.dumps(found))
"""


def main() -> None:
    """Measure and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--items", type=int, default=50)
    parser.add_argument("--venvs", type=Path)
    parser.add_argument("--only", default="feeds,pages,large,rounds")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.venvs or Path(folder) / "venvs", options.runs)
        for name in options.only.split(","):
            PARTS[name](bench, options.feeds, options.items)


class Bench:
    """Runs processes and prints what they tell."""

    def __init__(self, folder: Path, venvs: Path, runs: int) -> None:
        self.folder = folder
        self.runs = runs
        self._venvs = venvs
        self._count = 0

    def fresh(self) -> Path:
        """A new folder."""
        self._count += 1
        made = self.folder / str(self._count)
        made.mkdir()
        return made

    def tell(self, label: str, command: Callable[[Path], Sequence[str]], runs: int | None = None) -> None:
        """Run what `command` makes of a fresh folder several times; print the medians of what it tells."""
        told = [json.loads(output(command(self.fresh()))) for _ in range(runs or self.runs)]
        parts = []
        for key, value in told[0].items():
            if isinstance(value, str):
                parts.append(f"{key} {value}")
                continue
            values = [one[key] for one in told]
            middle = max(values) if key == "memory" else statistics.median(values)
            unit = " MB" if key == "memory" else "" if isinstance(value, int) else " s"
            parts.append(f"{key} {middle:,.3g}{unit}" if isinstance(middle, float) else f"{key} {middle:,}")
        print(f"{label:44} {', '.join(parts)}", flush=True)

    def python_with(self, *packages: str) -> str | None:
        """The Python of an environment that has these packages; None where they cannot be installed."""
        venv = self._venvs / packages[0]
        python = venv / "bin" / "python"
        if not python.exists():
            output([sys.executable, "-m", "venv", str(venv)])
        installed = subprocess.run([python, "-m", "pip", "install", "-q", *packages], capture_output=True, check=False)
        if installed.returncode:
            print(f"{packages[0]}: left out, it cannot be installed here")
            return None
        return str(python)


def output(command: Sequence[str]) -> str:
    """What a command prints. Ends the program where it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 3}:
        sys.exit(f"failed: {' '.join(command)}\n{done.stderr}")
    return done.stdout


def inside(name: str, *arguments: object) -> list[str]:
    """The command for a part of `fetched.py` in a process of its own."""
    return [sys.executable, str(Path(__file__).with_name("fetched.py")), name, *map(str, arguments)]


def feeds(bench: Bench, count: int, items: int) -> None:
    """Many feeds: ours as a call and as a command, the parser alone, and `reader`."""
    for hosts, whole in ((HOSTS, False), (HOSTS[:1], False), (HOSTS, True)):
        with apart(hosts, count, items, whole=whole, paragraphs=20 if whole else 6) as room:
            told = bench.fresh() / "told.json"
            told.write_text(json.dumps(room.told))
            texts = "whole texts of 7 KB" if whole else "teasers of 0.9 KB"
            print(f"\n{count} feeds of {items} items, {texts}, on {len(hosts)} host(s)")
            bench.tell("ours, a call", lambda one: inside("call", told, one))  # noqa: B023 - used at once
            bench.tell("ours, the command", lambda one: inside("command", told, one))  # noqa: B023 - used at once
            if hosts is HOSTS:
                bench.tell("fastfeedparser alone, no network", lambda _: inside("parser", told))  # noqa: B023
            python = bench.python_with("reader", "sgmllib3k")
            for workers in (1, 10, 20) if python else ():
                command = [str(python), "-c", READER + _TOLD, str(told)]
                bench.tell(f"reader, {workers} workers", lambda one: [*command, str(one), str(workers)])  # noqa: B023
            print(f"most requests at once to a host, of all these programs: {room.counts()['most']}")


def pages(bench: Bench, *_: int) -> None:
    """Pages: ours over the web, and the reading alone beside others."""
    with apart(HOSTS, 20, PAGES // 20) as room:
        told = bench.fresh() / "told.json"
        told.write_text(json.dumps({**room.told, "html": {url: got(url) for url in room.told["pages"]}}))
        print(f"\n{PAGES} pages on {len(HOSTS)} hosts")
        bench.tell("ours over the web, 20 workers", lambda _: inside("web_pages", told))
        bench.tell("ours, reading and cleaning alone", lambda _: inside("own_pages", told))
        bench.tell("trafilatura alone", lambda _: inside("trafilatura_pages", told))
        python = bench.python_with("newspaper4k", "lxml_html_clean")
        if python:
            bench.tell("newspaper4k alone", lambda _: [python, "-c", NEWSPAPER + _TOLD, str(told)])


def large(bench: Bench, *_: int) -> None:
    """One feed of very many items: one below the cap on bytes, one above."""
    print(f"\none feed of {LARGE:,} items")
    with apart(HOSTS[:1], 1, 1, latency=0) as room:
        for label, text in (("few words", ""), ("a paragraph each", "The pier of Lowick opened on Monday. " * 6)):
            file = bench.fresh() / "feed.xml"
            parts = (f"<item><title>Case {n} {text[:9]}</title><guid>{n}</guid>{text}</item>" for n in range(LARGE))
            file.write_text(f"<rss version='2.0'><channel><title>L</title>{''.join(parts)}</channel></rss>")
            room.put("/large", file)
            told = file.with_name("told.json")
            told.write_text(json.dumps({"addresses": [f"http://{HOSTS[0]}:{room.told['port']}/large"]}))
            bytes_ = f"{file.stat().st_size / 1e6:.0f} MB"
            bench.tell(f"ours, {label} ({bytes_})", lambda one: inside("call", told, one))  # noqa: B023 - used at once


def rounds(bench: Bench, count: int, items: int) -> None:
    """Round after round with a tenth of new items."""
    print(f"\n{ROUNDS} rounds over {count} feeds of {items} items, a tenth of them new each time")
    bench.tell("ours, in one process", lambda one: inside("many", one, count, items), runs=1)


PARTS: dict[str, Callable[[Bench, int, int], None]] = {"feeds": feeds, "pages": pages, "large": large, "rounds": rounds}

if __name__ == "__main__":
    main()
