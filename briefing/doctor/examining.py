"""All checks at once, each within its time and none able to end the others."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from importlib import import_module
from queue import Empty, SimpleQueue
from urllib.parse import unquote, urlsplit

from briefing.doctor import CHECKS
from briefing.doctor.finding import Check, Finding, Setup, bad
from briefing.errors import BriefingError
from briefing.ports import load
from briefing.text import single_line

PATIENCE = 30.0  # seconds for a check
_LONGER = {"store": 600.0, "mail": 90.0}  # a whole file is read; a greeting may be held back for a minute, against spam
_LONGEST = 600  # characters of a line
_SHORT = 8  # a secret shorter than this is masked as a whole word only: it may be part of one
_ALSO = (
    "briefing.render.environment", "courlan", "dns.nameserver", "dns.resolver", "encodings.ascii", "encodings.idna",
    "httpcore2", "httpx2", "keyring", "platformdirs", "psycopg", "sqlalchemy.dialects.postgresql.psycopg",
    "sqlalchemy.dialects.sqlite", "sqlite3", "tzdata.zoneinfo", "tzlocal",
)  # fmt: skip
"""What is imported inside functions that checks call, as far as it is installed."""

_log = logging.getLogger("briefing")


@dataclass(frozen=True, slots=True)
class Examined:
    """A check and what it found."""

    name: str
    findings: tuple[Finding, ...]


def examine(
    setup: Setup,
    progress: Callable[[str, int, int], None] = lambda *_: None,
    checks: Mapping[str, str] = CHECKS,
    patience: float | None = None,
) -> list[Examined]:
    """What the checks find, in their order. `patience` is the seconds for each of them, where all are to have the same.

    A check that fails, or takes too long, is a finding too. What they import is imported before any of them starts: by
    several threads at once, modules that import each other can lock one another out.
    """
    secrets = _secrets(setup)
    ended: SimpleQueue[tuple[str, tuple[Finding, ...]]] = SimpleQueue()
    found: dict[str, tuple[Finding, ...]] = {}
    began = time.monotonic()
    ends = {name: began + (patience or _LONGER.get(name, PATIENCE)) for name in checks}
    with silent():
        for name, check in _loaded(checks).items():
            _start(name, check, setup, ended)
        while len(found) < len(checks):
            waiting = {name: end for name, end in ends.items() if name not in found}
            try:
                name, findings = ended.get(timeout=max(0.0, min(waiting.values()) - time.monotonic()))
                found.setdefault(name, findings)
            except Empty:
                for name, end in waiting.items():
                    if end <= time.monotonic():
                        found[name] = (_late(end - began),)
            progress("checking", len(found), len(checks))
    return [Examined(name, tuple(_public(one, secrets) for one in found[name])) for name in checks]


def not_set_up(error: BriefingError) -> list[Examined]:
    """What is found where the settings cannot be read, so that nothing else can be looked at."""
    return [Examined("configuration", (bad(single_line(str(error)), "correct it, and run briefing doctor again"),))]


def _start(name: str, check: Check, setup: Setup, ended: SimpleQueue[tuple[str, tuple[Finding, ...]]]) -> None:
    def run() -> None:
        ended.put((name, _found(check, setup)))

    try:
        threading.Thread(target=run, name=f"check {name}", daemon=True).start()
    except RuntimeError:  # no thread is to be had
        run()


def _loaded(checks: Mapping[str, str]) -> dict[str, Check]:
    for module in _ALSO:
        with suppress(ImportError):
            import_module(module)
    return {name: _check_of(place) for name, place in checks.items()}


def _check_of(place: str) -> Check:
    """The check of that name, or one that raises why there is none."""
    try:
        found: Check = load(place)
    except Exception as error:  # noqa: BLE001 - as where it runs
        why = error

        def broken(_: Setup) -> tuple[Finding, ...]:
            raise why

        return broken
    return found


def _found(check: Check, setup: Setup) -> tuple[Finding, ...]:
    try:
        return tuple(check(setup))
    except BriefingError as error:
        return (bad(str(error), "see to it, and run briefing doctor again"),)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told, and the other checks go on
        told = f"this could not be checked: {type(error).__name__}: {error}"
        return (bad(told, "if nothing else is wrong here, this is a fault of the program: report it"),)


def _late(seconds: float) -> Finding:
    return bad(f"no answer within {seconds:g} s", "see whether the network, or the disk, is slow or down")


@contextmanager
def silent() -> Iterator[None]:
    """Keeps back the warnings of the parts that are called: each has a check that tells it better."""
    before = _log.level
    _log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        _log.setLevel(before)


def _public(finding: Finding, secrets: tuple[str, ...]) -> Finding:
    todo = None if finding.todo is None else _masked(finding.todo, secrets)
    return replace(finding, what=_masked(finding.what, secrets), todo=todo)


def _masked(text: str, secrets: tuple[str, ...]) -> str:
    """One line of what may be shown, whatever a server, a file or a library has put into it."""
    line = single_line(text)
    for one in secrets:
        line = re.sub(re.escape(one) if len(one) >= _SHORT else rf"(?<!\w){re.escape(one)}(?!\w)", "***", line)
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 1]}…"


def _secrets(setup: Setup) -> tuple[str, ...]:
    """What must not be seen, the longest first; a file's content as far as it can be read."""
    settings, mail = setup.settings, setup.settings.mail
    stated = [settings.model.api_key, mail.password, mail.unsubscribe_key]
    found = {one.get_secret_value().strip() for one in stated if one is not None}
    for file in (mail.password_file, mail.unsubscribe_key_file, settings.state_folder / "unsubscribe.key"):
        if file is not None:
            try:
                found.add(file.expanduser().read_text(encoding="utf-8").strip())
            except (OSError, ValueError):
                continue
    for address in (settings.store, settings.model.base_url, mail.public_url, mail.archive_url):
        found |= _passwords(address or "")
    return tuple(sorted((one for one in found if one), key=len, reverse=True))


def _passwords(address: str) -> set[str]:
    try:
        stated = urlsplit(address).password or ""
    except ValueError:
        stated = address.partition("://")[2].rpartition("@")[0].partition(":")[2]
    return {stated, unquote(stated)}
