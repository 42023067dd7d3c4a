"""What `briefing doctor` is given in tests: settings without those of whoever runs them, and what a check finds."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dns.flags
import dns.message
import dns.rcode
import dns.rrset

from briefing.config import Settings
from briefing.doctor.finding import Check, Finding, Setup
from tests.command import environment

NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)


def setup(folder: Path, *, now: datetime = NOW, name_servers: tuple[tuple[str, int], ...] = (), **values: Any) -> Setup:
    """Settings whose store, state and output lie in `folder`."""
    stated = {"store": str(folder / "store.sqlite"), "state": folder / "state", "output": folder / "out", **values}
    with patch.dict("os.environ", environment(), clear=True):
        settings = Settings(**stated)
    names = tuple(settings.profiles)
    return Setup(settings=settings, file=folder / "briefing.toml", names=names, now=now, name_servers=name_servers)


def levels(findings: Iterable[Finding]) -> list[str]:
    return [one.level for one in findings]


def told(check: Check, given: Setup) -> str:
    """All that a check says, a line for each finding: its level, what was found, what to do."""
    return "\n".join(f"{one.level}: {one.what} -> {one.todo or ''}" for one in check(given))


def one(check: Check, given: Setup) -> Finding:
    """The only finding of a check."""
    (found,) = check(given)
    assert (found.todo is None) == (found.level == "good") or found.level == "skipped"
    return found


def command(folder: Path, name: str, text: str = "", code: int = 0) -> None:
    """A command of the system's that prints a text."""
    folder.mkdir(exist_ok=True)
    (folder / "said").mkdir(exist_ok=True)
    (folder / "said" / name).write_text(text, encoding="utf-8")
    (folder / name).write_text(f'#!/bin/sh\n/bin/cat "{folder}/said/{name}"\nexit {code}\n', encoding="utf-8")
    (folder / name).chmod(0o755)


Records = Mapping[str, Sequence[str]] | Callable[[str], Sequence[str] | None]


@contextmanager
def name_server(records: Records) -> Iterator[tuple[str, int]]:
    """A name server on loopback with TXT records by name; a function that returns None for a name does not answer."""
    wire = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    wire.bind(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            data, sender = wire.recvfrom(4096)
            if data == b"end":
                return
            asked = dns.message.from_wire(data)
            name = str(asked.question[0].name).rstrip(".").lower()
            found = records(name) if callable(records) else records.get(name, ())
            if found is None:
                continue
            reply = dns.message.make_response(asked)
            reply.flags |= dns.flags.RA
            if found:
                quoted = [" ".join(f'"{text[at : at + 200]}"' for at in range(0, len(text), 200)) for text in found]
                reply.answer.append(dns.rrset.from_text(asked.question[0].name, 60, "IN", "TXT", *quoted))
            else:
                reply.set_rcode(dns.rcode.NXDOMAIN)
            wire.sendto(reply.to_wire(), sender)

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    try:
        yield "127.0.0.1", wire.getsockname()[1]
    finally:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"end", wire.getsockname())
        thread.join(5)
        wire.close()
