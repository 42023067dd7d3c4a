"""`briefing` in processes that are there to be killed, as many at a time as are wanted.

A process that has everything loaded forks for each of them, so that whatever moment one is killed at, it is at work and
not still starting. What such a fork runs is the command line.

    with warm() as starter:
        run = starter.begin(folder, "send", BRIEFING_STORE=place)
        os.kill(run.process, signal.SIGKILL)
        assert run.ended() == -signal.SIGKILL

`plan` plants a death at an exact place: `{"at": "briefing.morning.run:refresh", "when": "after", "nth": 1}` kills the
process before or after that call of a function, or `half` way through handing a message over. `{"fetches": true}` has
forks ready for what reads the answers of sources, too; `{"whole": true}` goes on to the end of the interpreter.
"""

from __future__ import annotations

import gc
import itertools
import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.command import environment
from tests.forks import _Loaded

_LOADS = (
    "trafilatura", "alembic.command", "sqlalchemy.dialects.sqlite", "psycopg", "briefing.aside", "briefing.cli",
    "briefing.cli.desk", "briefing.collect.feeds.read", "briefing.collect.pages.read", "briefing.deliver.dialogue",
    "briefing.cli.scheduling", "briefing.fetch.news", "briefing.morning.due", "briefing.morning.run",
    "briefing.render.mail", "briefing.serve.app", "briefing.serve.listening", "briefing.store.migrate", "briefing.web",
)  # fmt: skip


@dataclass
class Run:
    """A run of the program that was begun."""

    starter: Starter
    process: int
    files: tuple[Path, Path]
    code: int | None = None

    def ended(self, seconds: float = 60) -> int:
        """How it ended: its exit code, or a signal as a negative number. Until then its process id is no other's."""
        if self.code is None:
            self.code = self.starter.say("end", self.process, seconds)
            assert self.code is not None, f"not ended after {seconds:g} s: {self.err}"
        return self.code

    def kill(self) -> int:
        """End it at once, wherever it is."""
        os.kill(self.process, signal.SIGKILL)
        return self.ended()

    @property
    def out(self) -> str:
        return self.files[0].read_text()

    @property
    def err(self) -> str:
        return self.files[1].read_text()

    @property
    def json(self) -> Any:
        return json.loads(self.out)


class Starter:
    """A process that has everything loaded, and forks for each run."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._numbers = itertools.count(1)

    def begin(self, folder: Path, *arguments: str, plan: Any = None, **changes: str) -> Run:
        """Begin `briefing ARGUMENTS` in a folder, with changes of the environment; what it says is kept beside it."""
        said = folder.parent / f"{folder.name}.said"
        said.mkdir(exist_ok=True)
        number = next(self._numbers)
        files = said / f"{number}.out", said / f"{number}.err"
        for one in files:
            one.touch(mode=0o600)
        call = [str(folder), [str(one) for one in files], arguments, plan or {}, changes]
        return Run(self, self.say("begin", *call), files)

    def run(self, folder: Path, *arguments: str, plan: Any = None, **changes: str) -> Run:
        """Begin, and wait for the end."""
        begun = self.begin(folder, *arguments, plan=plan, **changes)
        begun.ended()
        return begun

    def say(self, *words: Any) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())


@contextmanager
def warm() -> Iterator[Starter]:
    """Such a process, until the end of the block."""
    root = Path(__file__).resolve().parent.parent
    with subprocess.Popen(
        [sys.executable, "-m", "tests.send_crash_forks"],
        cwd=root,
        env=environment(OPENBLAS_NUM_THREADS="1"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield Starter(process)
        process.kill()


def _serve() -> None:
    """Load everything; then do what each line of standard input says, and answer with a line."""
    for name in _LOADS:
        import_module(name)
    gc.collect()
    gc.freeze()
    while line := sys.stdin.readline():
        verb, *words = json.loads(line)
        if verb == "begin":
            answer: int | None = os.fork()
            if answer == 0:
                _be(*words)
        else:
            answer = _end(*words)
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


def _end(process: int, seconds: float) -> int | None:
    last = time.monotonic() + seconds
    while time.monotonic() < last:
        found, status = os.waitpid(process, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.002)
    os.kill(process, signal.SIGKILL)
    os.waitpid(process, 0)
    return None


def _be(folder: str, files: list[str], arguments: list[str], plan: dict[str, Any], changes: dict[str, str]) -> None:
    """In a fork: the program, which ends it."""
    from briefing.cli import main

    os.chdir(folder)
    os.environ.update(changes)
    for descriptor, file in zip((0, 1, 2), (os.devnull, *files), strict=True):
        opened = os.open(file, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if plan.get("fetches"):
        _read_in_forks()
    if "at" in plan:
        _plant(**{key: plan[key] for key in plan if key in {"at", "when", "nth"}})
    sys.argv = ["briefing", *arguments]
    if plan.get("whole"):
        main()
        sys.exit()
    code: Any = 0
    try:
        main()
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - told as the interpreter would
        traceback.print_exc()
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)  # to take down all that is loaded costs as much as most runs


def _read_in_forks() -> None:
    """Made before any lock is held, of which forks would have their part."""
    import briefing.aside

    ready = [_Loaded() for _ in range(2)]

    def started(command: list[str], **pipes: Any) -> Any:
        return ready.pop().run(command) if ready else subprocess.Popen(command, **pipes)

    setattr(briefing.aside, "subprocess", SimpleNamespace(Popen=started, PIPE=subprocess.PIPE))  # noqa: B010


def _plant(at: str, when: str = "before", nth: int = 1) -> None:
    name, _, path = at.partition(":")
    owner: Any = import_module(name)
    *outer, last = path.split(".")
    for one in outer:
        owner = getattr(owner, one)
    usual = getattr(owner, last)
    calls = itertools.count(1)

    def planted(*arguments: Any, **fields: Any) -> Any:
        if next(calls) != nth:
            return usual(*arguments, **fields)
        if when == "half":  # of the octets that it is to hand over
            link, data, seconds = arguments
            usual(link, data[: len(data) // 2], seconds)
        elif when == "after":
            usual(*arguments, **fields)
        return os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, last, planted)


if __name__ == "__main__":
    _serve()
