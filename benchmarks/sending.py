"""How long a digest takes: the letter made, and sent to many readers by SMTP on loopback; how much memory.

    python benchmarks/sending.py [--readers N] [--runs N]

The edition is the recorded one of the harbour. The server is aiosmtpd in a process of its own, which takes everything
and keeps nothing. Each message is two transactions of the store, on the disk before it goes on. Medians of the runs.
"""

from __future__ import annotations

import argparse
import resource
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from briefing.bundle import read
from briefing.config import MailSettings, ProfileSettings, Settings
from briefing.letters import Letter
from briefing.morning.posting import post_all
from briefing.morning.tools import Tools
from briefing.pipeline import EXTRACTIVE, make
from briefing.render.mail import letter
from briefing.store import editions, open_store, sends
from briefing.web import Web

RECORDED = Path(__file__).resolve().parent.parent / "examples" / "recordings" / "harbour"


def main() -> None:
    """Measure and print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    made, seconds = _letter(options.runs)
    print(
        f"the letter: {seconds:.2f} s, {len(made.html.encode()):,} bytes of HTML, {len(made.text.encode()):,} of text"
    )
    with _server() as port:
        found = [_sent(made, port, options.readers) for _ in range(options.runs)]
    taken = statistics.median(found)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
    print(f"{options.readers:,} readers: {taken:.2f} s, {options.readers / taken:.0f} a second, {peak:.0f} MB at most")


def _letter(runs: int) -> tuple[Letter, float]:
    recorded = read(RECORDED)
    edition = make(recorded.collected, recorded.options)
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        made = letter(edition.briefing, edition.articles, made_at=datetime.now(UTC))
        times.append(time.perf_counter() - began)
    return made, statistics.median(times)


def _sent(made: Letter, port: int, readers: int) -> float:
    """Seconds to send to all of them."""
    with tempfile.TemporaryDirectory() as folder, open_store(Path(folder) / "store.sqlite") as database:
        settings = Settings(
            state=Path(folder),
            mail=MailSettings(host="127.0.0.1", port=port, security="none", sender="Morning <us@example.org>"),
            profiles={"morning": ProfileSettings()},
        )
        now = datetime.now(UTC)
        entered = database.write(editions.note_made, "morning", date.today(), None, made, now)  # noqa: DTZ011 - any day
        names = [f"reader{number}@example.org" for number in range(readers)]
        database.write(sends.queue, entered, [(name, f"<{name}>") for name in names], now)
        tools = Tools(
            author=lambda _: EXTRACTIVE,
            web=lambda _: Web(),
            clock=lambda: datetime.now(UTC),
            tell=lambda _: None,
            warn=lambda line: print(line, file=sys.stderr),
        )
        began = time.perf_counter()
        posted = post_all(database, settings, tools)
        taken = time.perf_counter() - began
        if len(posted.sent) != readers:
            raise SystemExit(f"only {len(posted.sent)} of {readers} were sent: {posted.failure}")
        return taken


@contextmanager
def _server() -> Iterator[int]:
    """A server that keeps nothing, and its port."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    place = f"127.0.0.1:{port}"
    command = [sys.executable, "-m", "aiosmtpd", "-n", "-c", "aiosmtpd.handlers.Sink", "-l", place]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        for _ in range(100):
            try:
                socket.create_connection(("127.0.0.1", port), 0.1).close()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


if __name__ == "__main__":
    main()
