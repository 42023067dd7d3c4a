"""Functions called in other Python processes: what they are given may be slow, hungry or break them, and they go on.

A call to a process runs one function, named `"module:Name"`, so that the caller need not import what the function
needs. A process that takes too long ends itself, and one that dies, of whatever, costs its call alone.
"""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from queue import SimpleQueue
from typing import Any, Protocol, Self, cast

from briefing.errors import BriefingError
from briefing.ports import load

# Nothing of the folder that the program was called in may be imported by name; what the caller can import, may.
_START = "import json, sys; sys.path[:] = json.loads(sys.argv[1]); from briefing.aside import serve; serve()"
_GRACE = 10.0  # seconds


class Call(Protocol):
    """Calls the function of a name, and gives or raises what it does; arguments and results can be pickled."""

    def __call__(self, name: str, /, *args: Any) -> Any:
        """What the function gives."""


class AsideError(BriefingError):
    """The process that a function was called in has ended before it answered."""


def here(name: str, /, *args: Any) -> Any:
    """The same in this process."""
    return load(name)(*args)


class Aside:
    """A `Call` that uses up to `processes` processes, each started when it is first needed. Safe between threads.

    By default there are two, and one on a machine with one processor.
    Each imports the modules `loads` as it starts. `at_once` processes are started now, for where calls are sure to
    come: they load while the caller goes on.
    A call may take `seconds`; there are no more calls at a time than processes, others wait. Where the system starts
    no process, the function is called here.
    """

    def __init__(
        self, seconds: float = 30.0, processes: int | None = None, *, loads: Sequence[str] = (), at_once: int = 0
    ) -> None:
        self._seconds = seconds
        self._loads = tuple(loads)
        self._free: SimpleQueue[_Process | None] = SimpleQueue()
        self._started: set[_Process] = set()
        self._lock = threading.Lock()
        self._closed = False
        for number in range(processes or min(2, os.cpu_count() or 1)):
            self._free.put(self._started_anew(None) if number < at_once else None)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __call__(self, name: str, /, *args: Any) -> Any:
        """What the function gives or raises. Raises AsideError where its process ended first."""
        call = pickle.dumps((name, args), pickle.HIGHEST_PROTOCOL)
        process = self._free.get()
        try:
            if process is None or not process.is_alive():
                process = self._started_anew(process)
            answer = process.answer(call) if process else None
        except BaseException as error:
            # whatever broke off this call, the process may still be at it, and its answer would be the next one's
            if process is not None:
                self._end(process)
                process = None
            if isinstance(error, (OSError, EOFError, pickle.UnpicklingError)):
                why = f"took more than {self._seconds:g} s, or ended the process that was at it"
                raise AsideError(why) from error
            raise
        finally:
            self._free.put(process)
        if answer is None:
            return here(name, *args)
        gave, value = answer
        if gave:
            return value
        raise value

    def close(self) -> None:
        """End the processes, whatever they are at."""
        with self._lock:
            self._closed = True
            started = list(self._started)
        for process in started:
            self._end(process)

    def _started_anew(self, ended: _Process | None) -> _Process | None:
        if ended is not None:
            self._end(ended)
        with self._lock:
            if self._closed:
                raise EOFError
            try:
                process = _Process(self._seconds, self._loads)
            except (OSError, TypeError):  # TypeError: a program that holds Python has no executable of it
                return None
            self._started.add(process)
        return process

    def _end(self, process: _Process) -> None:
        process.end()
        with self._lock:
            self._started.discard(process)


class _Process:
    def __init__(self, seconds: float, loads: Sequence[str]) -> None:
        self._seconds = seconds
        paths = json.dumps([os.path.abspath(path) for path in sys.path])  # noqa: PTH100 - "" is the current folder
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-I", "-c", _START, paths, str(seconds), *loads],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def is_alive(self) -> bool:
        """Whether it can take a call."""
        return self._process.poll() is None

    def answer(self, call: bytes) -> tuple[bool, Any]:
        """Whether the function gave something, and that, or else what it raised."""
        assert self._process.stdin is not None  # noqa: S101 - for the type checker
        assert self._process.stdout is not None  # noqa: S101 - likewise
        # it ends itself in time, unless it hangs while it starts or was stopped
        late = threading.Timer(self._seconds + _GRACE, self._process.kill)
        late.daemon = True
        late.start()
        try:
            self._process.stdin.write(call)
            self._process.stdin.flush()
            return cast("tuple[bool, Any]", pickle.load(self._process.stdout))  # noqa: S301 - from our own process
        finally:
            late.cancel()

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what was not sent is not sent any more
                if pipe is not None:
                    pipe.close()


def serve() -> None:
    """Answer calls on standard input until it ends: what such a process runs."""
    import faulthandler
    import gc
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the caller hears of Ctrl-C, and ends this process
    calls, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whoever prints does not answer
    seconds = float(sys.argv[2])
    for name in sys.argv[3:]:
        with suppress(Exception):  # a call that needs it says why it cannot be had
            import_module(name)
    gc.freeze()  # what is loaded stays: not to be looked through again and again
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - no path of ours
        while True:
            try:
                name, args = pickle.load(calls)  # noqa: S301 - from our own caller
            except EOFError:
                return
            # a thread of C, which ends the process even where the function never lets another thread run
            with suppress(RuntimeError):  # where no thread is to be had, the caller's own watch has to do
                faulthandler.dump_traceback_later(seconds, exit=True, file=nowhere)
            answer = _answer(name, args)
            faulthandler.cancel_dump_traceback_later()
            try:
                answers.write(answer)
                answers.flush()
            except BrokenPipeError:  # the caller has been killed
                os._exit(1)


def _answer(name: str, args: tuple[Any, ...]) -> bytes:
    try:
        return pickle.dumps((True, here(name, *args)), pickle.HIGHEST_PROTOCOL)
    except Exception as error:  # noqa: BLE001 - raised again by the caller
        try:
            raised = pickle.dumps((False, error), pickle.HIGHEST_PROTOCOL)
            pickle.loads(raised)  # noqa: S301 - an error may be pickled and yet not come back
        except Exception:  # noqa: BLE001 - whatever it is, its words are enough
            raised = pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")))
        return raised
