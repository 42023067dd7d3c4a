"""`briefing fetch` in processes that are there to be killed, and what a store holds afterwards.

A process that has everything loaded forks for each of them, and for what such a fetch reads with, so that whatever
moment one is killed at, it is at work and not still starting.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import TextIOWrapper
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import briefing.aside
from briefing.store import open_store
from tests.command import environment
from tests.stored import rows

PASSING = {  # what differs between two stores that have been told the same
    "sources": {"id"},
    "source_states": set[str](),
    "articles": set[str](),
    "article_versions": {"id"},
    "items": {"id"},
}

Story = dict[str, list[dict[str, Any]]]


class Forks:
    """A process that has everything loaded, and runs `briefing fetch` in a fork of itself whenever it is told to."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def begin(self, place: str, **kill: int) -> int:
        """Begin a fetch, which kills itself `before` or `after` its nth transaction is stored; its process id."""
        changes = {"BRIEFING_STORE": place, "BRIEFING_FETCH__INTRANET": "127.0.0.0/8", "BRIEFING_FETCH__TIMEOUT": "10"}
        return self._say(json.dumps([changes, kill]))

    def ended(self) -> int:
        """How it ended: its exit code, or a signal as a negative number. Until then its process id is no other's."""
        return self._say("")

    def run(self, place: str, **kill: int) -> int:
        """Begin, and wait for the end."""
        self.begin(place, **kill)
        return self.ended()

    def _say(self, line: str) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def forking() -> Iterator[Forks]:
    """Such a process, until the end of the block."""
    root = Path(__file__).resolve().parent.parent
    command = [sys.executable, "-m", "tests.forks"]
    with subprocess.Popen(
        command, cwd=root, env=environment(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Forks(process)
        process.kill()


def story_of(place: str) -> Story:
    """The rows of a store, without what differs between two stores that have been told the same."""
    with open_store(place) as database:
        found = {
            name: [{key: value for key, value in row.items() if key not in passing} for row in rows(database, name)]
            for name, passing in PASSING.items()
        }
    return {name: sorted(known, key=repr) for name, known in found.items()}


class _Loaded:
    """What stands in for `subprocess.Popen` of a Python program: a fork that runs it as soon as it is told which."""

    def __init__(self) -> None:
        asked, self.stdin = _pipe()
        self.stdout, answered = _pipe()
        self.pid = os.fork()
        self._ended: int | None = None
        if self.pid == 0:
            os.dup2(asked.fileno(), 0)
            os.dup2(answered.fileno(), 1)
            for one in (asked, answered, self.stdin, self.stdout):
                one.close()
            _run_as_told()
        asked.close()
        answered.close()

    def run(self, command: list[str]) -> _Loaded:
        self.stdin.write(json.dumps(command).encode() + b"\n")
        self.stdin.flush()
        return self

    def poll(self) -> int | None:
        return self._wait(os.WNOHANG)

    def wait(self) -> int | None:
        return self._wait(0)

    def kill(self) -> None:
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)

    def _wait(self, how: int) -> int | None:
        if self._ended is None:
            process, status = os.waitpid(self.pid, how)
            self._ended = os.waitstatus_to_exitcode(status) if process else None
        return self._ended


def _pipe() -> tuple[Any, Any]:
    read, write = os.pipe()
    return os.fdopen(read, "rb"), os.fdopen(write, "wb")


def _run_as_told() -> None:
    with suppress(BaseException):  # a fork never goes on where its parent does
        calls = os.fdopen(0, "rb")
        sys.stdin = TextIOWrapper(calls)
        if line := calls.readline():  # none: it was not needed
            _, _isolated, _c, program, *arguments = json.loads(line)
            sys.argv = ["-c", *arguments]
            exec(program, {})
    os._exit(0)


def _fork_on_demand() -> None:
    """Load everything; then, for each line of standard input, fetch in a fork; tell its process id, then its end."""
    import trafilatura

    import briefing.cli.fetching
    import briefing.collect.feeds.read
    import briefing.collect.pages.read
    import briefing.web

    loaded = (trafilatura, briefing.cli, briefing.collect, briefing.web)
    while line := sys.stdin.readline():
        changes, kill = json.loads(line)
        child = os.fork()
        if child == 0:
            os.environ.update(changes)
            _fetch(kill, loaded)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()
        sys.stdin.readline()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{status}\n")
        sys.stdout.flush()


def _fetch(kill: dict[str, int], _loaded: object) -> None:
    from sqlalchemy import Engine, event

    from briefing.cli import main
    from briefing.store import Database

    done = 0
    write = Database.write

    def counted(self: Database, *arguments: Any, **fields: Any) -> Any:
        nonlocal done
        result = write(self, *arguments, **fields)
        done += 1
        if done == kill.get("after"):
            os.kill(os.getpid(), signal.SIGKILL)
        return result

    def about_to_commit(connection: Any) -> None:
        is_write = connection.get_execution_options().get("mode") == "write"
        if is_write and done + 1 == kill.get("before"):
            os.kill(os.getpid(), signal.SIGKILL)

    Database.write = counted  # type: ignore[method-assign]  # in a process that is there to be killed
    event.listen(Engine, "commit", about_to_commit)
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    ready = [_Loaded() for _ in range(2)]

    def started(command: list[str], **pipes: Any) -> Any:
        return ready.pop().run(command) if ready else subprocess.Popen(command, **pipes)

    setattr(briefing.aside, "subprocess", SimpleNamespace(Popen=started, PIPE=subprocess.PIPE))  # noqa: B010
    sys.argv = ["briefing", "fetch", "-q"]
    code: Any = 0
    try:
        main()
    except SystemExit as end:
        code = end.code or 0
    os._exit(code)


if __name__ == "__main__":
    _fork_on_demand()
