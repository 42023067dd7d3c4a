"""Answers on disk: a run recorded once is replayed without a model, without a network and for nothing.

One request is one file of readable JSON, named after the request's hash. Texts of several lines are lists of lines. A
recording holds what was asked and what came back, no header, key or address.
"""

from __future__ import annotations

import json
import re
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from briefing.errors import Failure, ModelError, UsageError
from briefing.files import write_whole
from briefing.ports import Provider, Reply, Request

VERSION = 1
DIGITS = 16  # of the request's hash, in the name of its file

_SURROGATE = re.compile("[\ud800-\udfff]")
_NONE = f"is no recording of version {VERSION}"
_OTHER = "does not hold the request that it is named after"


class Damaged(ValueError):
    """A file that is no recording, or whose request is not the one that it is named after. The message says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """A request and what came of it."""

    request: Request
    outcome: Reply | ModelError

    @property
    def name(self) -> str:
        """The name of its file."""
        return file_name(self.request)

    def told(self) -> Reply:
        """The reply. Raises the ModelError that came instead of one."""
        if isinstance(self.outcome, ModelError):
            raise _again(self.outcome)
        return self.outcome

    def to_json(self) -> str:
        """The text of its file."""
        body = self.request.body()
        body["messages"] = [{**one, "content": _lines(one["content"])} for one in body["messages"]]
        outcome: dict[str, Any]
        if isinstance(self.outcome, ModelError):
            error = self.outcome
            message = _lines(error.public)
            failed = {"kind": error.kind, "message": message}
            outcome = {"error": {**failed, "tokens_in": error.tokens_in, "tokens_out": error.tokens_out}}
        else:
            outcome = {"reply": {**asdict(self.outcome), "text": _lines(self.outcome.text)}}
        about = {"prompt": self.request.prompt, "about": self.request.about}
        document = {"version": VERSION, "sha256": self.request.sha256, **about, "request": body, **outcome}
        return json.dumps(document, ensure_ascii=False, indent=1) + "\n"

    def to_text(self) -> str:
        """The same for a database, which takes no lone surrogates: they are escaped."""
        return _SURROGATE.sub(lambda found: f"\\u{ord(found[0]):04x}", self.to_json())


@dataclass(frozen=True, slots=True)
class _Failed:
    """A ModelError as its file holds it."""

    kind: Failure
    message: str
    tokens_in: int = 0
    tokens_out: int = 0


class Recorder:
    """A `Provider` that writes down what another one answers, failures too, into a folder that it makes.

    The same request has one outcome in a run: who asks it again, or while it is being answered, gets the first one's.
    Raises UsageError where the folder cannot be written to.
    """

    def __init__(self, provider: Provider, folder: Path) -> None:
        self._provider = provider
        self._folder = folder
        self._lock = threading.Lock()
        self._outcomes: dict[str, Future[Recording]] = {}
        with _writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass  # before anything is paid for

    def __call__(self, request: Request) -> Reply:
        """The provider's reply, or its ModelError."""
        sha256 = request.sha256
        with self._lock:
            known = self._outcomes.get(sha256)
            outcome = known or self._outcomes.setdefault(sha256, Future())
        if known is None:
            try:
                outcome.set_result(self._record(request))
            except BaseException as error:
                outcome.set_exception(error)  # who waits for it must not wait for ever
                raise
        return outcome.result().told()

    def _record(self, request: Request) -> Recording:
        try:
            recording = Recording(request=request, outcome=self._provider(request))
        except ModelError as error:
            recording = Recording(request=request, outcome=error)
        with _writing(self._folder):
            write(recording, self._folder, private=False)
        return recording


class Replayer:
    """A `Provider` that answers from a folder of recordings, and from nothing else.

    Raises UsageError for a folder that cannot be read and for a damaged file, when it is made; for a request that was
    not recorded, when it is asked.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._recordings: dict[str, Recording] = {}
        self._asked: set[str] = set()
        try:
            for path in sorted(one for one in folder.iterdir() if one.match("[!.]*.json")):
                recording = read(path)
                self._recordings[recording.request.sha256] = recording
        except Damaged as error:
            raise UsageError(f"{error}: record the run anew, with --record and a new folder") from error
        except OSError as error:
            raise UsageError(f"cannot read the recordings in {folder}: {error.strerror}; correct --replay") from error

    def __call__(self, request: Request) -> Reply:
        """The recorded reply, or the recorded ModelError. Raises UsageError where there is neither."""
        sha256 = request.sha256
        recording = self._recordings.get(sha256)
        if recording is None:
            raise UsageError(self._missing(request))
        self._asked.add(sha256)
        return recording.told()

    def unused(self) -> tuple[str, ...]:
        """Names of the files that no request has asked for yet, in order."""
        return tuple(sorted(one.name for key, one in self._recordings.items() if key not in self._asked))

    def _missing(self, request: Request) -> str:
        event = (request.prompt, request.about)
        alike = [one.name for one in self._recordings.values() if (one.request.prompt, one.request.about) == event]
        changed = f" (its request has changed since {alike[0]} was recorded)" if alike else ""
        return (
            f"no recording of the prompt {request.prompt!r} for “{request.about}”, {request.sha256[:DIGITS]}, "
            f"in {self._folder}{changed}: record the run anew, with --record and a new folder"
        )


def file_name(request: Request) -> str:
    """The name of a request's file."""
    return f"{request.sha256[:DIGITS]}.json"


def read(path: Path) -> Recording:
    """The recording in a file. Raises Damaged, or OSError where it cannot be read."""
    data = path.read_bytes()
    try:
        recording = recording_in(data.decode(errors="surrogatepass"))
    except ValueError as error:
        raise Damaged(f"{path} {error}" if isinstance(error, Damaged) else f"{path} {_NONE}") from error
    if path.name != recording.name:
        raise Damaged(f"{path} {_OTHER}")
    return recording


def recording_in(text: str) -> Recording:
    """The recording that a text holds. Raises Damaged."""
    try:
        document = json.loads(text)
        recording = _from_document(document)
        sound = document["version"] == VERSION and document["sha256"] == recording.request.sha256
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        raise Damaged(_NONE) from error
    if not sound:
        raise Damaged(_OTHER)
    return recording


def write(recording: Recording, folder: Path, *, private: bool) -> None:
    """Write a recording's file in one step, so that nobody ever reads half of one; `private` is for its owner alone.

    Raises OSError.
    """
    write_whole(folder / recording.name, recording.to_json(), private=private)


def _from_document(document: Any) -> Recording:
    asked = document["request"]
    messages = [{**one, "content": _joined(one["content"])} for one in asked["messages"]]
    named = {"prompt": document["prompt"], "about": document["about"]}
    request: Request = _adapter(Request).validate_python({**asked, **named, "messages": messages})
    if "reply" in document:
        row = {**document["reply"], "text": _joined(document["reply"]["text"])}
        return Recording(request=request, outcome=_adapter(Reply).validate_python(row))
    row = {**document["error"], "message": _joined(document["error"]["message"])}
    failed: _Failed = _adapter(_Failed).validate_python(row)
    error = ModelError(failed.kind, failed.message, tokens_in=failed.tokens_in, tokens_out=failed.tokens_out)
    return Recording(request=request, outcome=error)


def _lines(text: str) -> str | list[str]:
    return text.split("\n") if "\n" in text else text


def _joined(text: str | list[str]) -> str:
    return text if isinstance(text, str) else "\n".join(text)


def _again(error: ModelError) -> ModelError:
    """An error like the one given: one that several threads raise would gather the traces of all of them."""
    return ModelError(
        error.kind, str(error), retry_after=error.retry_after, tokens_in=error.tokens_in, tokens_out=error.tokens_out
    )


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}; name another folder with --record") from error


@cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter  # heavy: only runs that read recordings pay for it

    return TypeAdapter(kind)
