"""What `fetching.py` measures of ours, each in a process of its own, which prints its figures as JSON."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.newsroom import apart  # noqa: E402 - a script finds the tests' own server beside it only now

HOSTS = [f"127.0.0.{number}" for number in range(2, 22)]
INTRANET = "127.0.0.0/8"
ROUNDS = 20
SCALE = 1000


def call(told: str, folder: str) -> dict[str, Any]:
    """A round and the same again, as a call of `fetch`."""
    database, fetch_once = _prepared(json.loads(Path(told).read_text())["addresses"], folder)
    found: dict[str, Any] = {}
    with database:
        for name in ("first", "second"):
            began, used = time.perf_counter(), _used()
            result = fetch_once()
            found[name] = time.perf_counter() - began
            found[f"{name} CPU"] = _used() - used
            found.setdefault("stored", result.stored.new)
            if result.notes or result.failed:
                found["said"] = (*result.failed, *result.notes)[0].error
            elif name == "second":
                found["unchanged"] = result.unchanged
    return {**found, "memory": _peak()}


def command(told: str, folder: str) -> dict[str, Any]:
    """The same as whole processes."""
    database, _ = _prepared(json.loads(Path(told).read_text())["addresses"], folder)
    database.close()
    own = {"BRIEFING_STORE": f"{folder}/store.sqlite", "BRIEFING_FETCH__INTRANET": INTRANET}
    found: dict[str, Any] = {}
    peak = 0.0
    for name in ("first", "second"):
        began = time.perf_counter()
        child = subprocess.Popen(
            [sys.executable, "-m", "briefing", "fetch", "--no-pages", "-q"], env={**os.environ, **own}, cwd=ROOT
        )
        _, status, usage = os.wait4(child.pid, 0)
        found[name] = time.perf_counter() - began
        peak = max(peak, usage.ru_maxrss / SCALE)  # of the larger of its processes
        if status:
            sys.exit(f"briefing fetch ended with {os.waitstatus_to_exitcode(status)}")
    return {**found, "memory": peak}


def parser_alone(told: str) -> dict[str, Any]:
    """Only fastfeedparser, on the bodies of the feeds."""
    import fastfeedparser

    bodies = [got(url) for url in json.loads(Path(told).read_text())["addresses"]]
    began = time.perf_counter()
    entries = sum(bool(one.get("title")) for body in bodies for one in fastfeedparser.parse(body).entries)
    return {"seconds": time.perf_counter() - began, "entries": entries, "memory": _peak()}


def web_pages(told: str) -> dict[str, Any]:
    """Our pages as a round fetches them, robots.txt and all."""
    from briefing.aside import Aside
    from briefing.domain import Article
    from briefing.fetch.hosts import host_of
    from briefing.fetch.news import Reading
    from briefing.fetch.poll import PAGE_BYTES, PAGE_TYPES, document_of
    from briefing.parallel import as_done
    from briefing.web import Ask, Limits, Web

    urls = json.loads(Path(told).read_text())["pages"]
    teaser = Article(id="a", title=None, body="")
    with Web(Limits(intranet=frozenset((INTRANET,)))) as web, Aside() as aside:
        reading = Reading(aside)

        def characters(url: str) -> int:
            answer = web.get(Ask(url=url, limit=PAGE_BYTES, accept=PAGE_TYPES, robots=True))
            article, _ = reading.page(document_of(url, answer), url, None, teaser, datetime.now(UTC))
            return len(article.body)

        began = time.perf_counter()
        found = sum(number for some in as_done(characters, urls, 20, host_of) for _, number in some)
        return {"seconds": time.perf_counter() - began, "characters": found, "memory": _peak()}


def own_pages(told: str) -> dict[str, Any]:
    """Our page reader and cleaning on pages that are there."""
    from briefing.collect.cleaning.clean import clean
    from briefing.collect.pages.read import read
    from briefing.ports import Document, RawArticle

    def characters(url: str, page: str) -> int:
        raws = read(Document(url, url, page.encode(), url, "utf-8"))
        return sum(len(clean(one).body) for one in raws if isinstance(one, RawArticle))

    return _timed(told, characters)


def trafilatura_pages(told: str) -> dict[str, Any]:
    """Only trafilatura, on pages that are there."""
    import trafilatura

    return _timed(told, lambda url, page: len(trafilatura.extract(page, url=url) or ""))


def many(folder: str, count: str, items: str) -> dict[str, Any]:
    """Round after round in one process: its memory after each, and the size of the store."""
    with apart(HOSTS, int(count), int(items)) as room:
        database, fetch_once = _prepared(room.told["addresses"], folder)
        seconds, memory, size = [], [], []
        with database:
            for number in range(ROUNDS):
                if number:
                    room.publish(max(1, int(items) // 10))
                began = time.perf_counter()
                fetch_once()
                seconds.append(time.perf_counter() - began)
                memory.append(_memory("VmRSS"))
                size.append(sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e6)
    return {
        "seconds a round": " ".join(f"{one:.2f}" for one in seconds),
        "MB after each": " ".join(f"{one:.0f}" for one in memory),
        "MB of store": " ".join(f"{one:.0f}" for one in size),
        "grown from the third on": f"{100 * (memory[-1] / memory[2] - 1):.1f} %",
    }


def _prepared(addresses: Sequence[str], folder: str) -> tuple[Any, Callable[[], Any]]:
    """A new store with the feeds in it, and a round over them."""
    from briefing.fetch.round import Wishes
    from briefing.fetch.run import fetch
    from briefing.sources import Source
    from briefing.store import open_store
    from briefing.store.sources import add
    from briefing.web import Limits, Web

    chosen = [Source(url=url, text="feed") for url in addresses]
    database = open_store(f"{folder}/store.sqlite")
    database.write(lambda connection: [add(connection, one, datetime.now(UTC)) for one in chosen])

    def once() -> Any:
        with Web(Limits(intranet=frozenset((INTRANET,)))) as web:
            return fetch(database, web, Wishes(pages_within=None), lambda: datetime.now(UTC))

    return database, once


def _timed(told: str, characters: Callable[[str, str], int]) -> dict[str, Any]:
    html = json.loads(Path(told).read_text())["html"]
    characters(*next(iter(html.items())))  # what is loaded at the first is not what is measured
    began = time.perf_counter()
    found = sum(characters(url, page) for url, page in html.items())
    return {"seconds": time.perf_counter() - began, "characters": found, "memory": _peak()}


def _used() -> float:
    """Seconds of CPU that this process took, and those that it started and saw end."""
    return sum(os.times()[:4])


def _peak() -> float:
    """The most memory in MB of this process, and beside it of the largest that it started: at most what both took."""
    return _memory("VmHWM") + resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / SCALE


def _memory(name: str) -> float:
    """`VmRSS` or `VmHWM` of this process in MB."""
    return int(Path("/proc/self/status").read_text().partition(f"{name}:")[2].split()[0]) / SCALE


def got(url: str) -> str:
    """The text at an address of our own server."""
    from urllib.request import urlopen

    with urlopen(url) as answer:  # noqa: S310 - an address of our own server
        text: str = answer.read().decode()
        return text


INSIDE: dict[str, Callable[..., dict[str, Any]]] = {
    "call": call,
    "command": command,
    "parser": parser_alone,
    "web_pages": web_pages,
    "own_pages": own_pages,
    "trafilatura_pages": trafilatura_pages,
    "many": many,
}

if __name__ == "__main__":
    print(json.dumps(INSIDE[sys.argv[1]](*sys.argv[2:])))
