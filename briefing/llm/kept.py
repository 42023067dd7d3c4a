"""Answers kept from earlier runs: an event whose evidence has not changed is never paid for twice."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from briefing.errors import ModelError
from briefing.llm.recording import Damaged, Recording, file_name, read, write
from briefing.ports import Provider, Reply, Request

_log = logging.getLogger(__name__)


class Kept:
    """A `Provider` that asks another one only what is not in its folder yet. Called from several threads at once.

    Kept is a reply that says all it had to (`stop`) and that is `sound`, in a file that its owner alone can read. A
    kept answer is not `paid`. A damaged file is asked anew; a folder that cannot be written to is one warning, for
    answers that are not kept cost no more than they did.
    """

    def __init__(self, provider: Provider, folder: Path, sound: Callable[[Reply], bool]) -> None:
        self._provider = provider
        self._folder = folder
        self._sound = sound
        self._lock = threading.Lock()
        self._warned = False

    def __call__(self, request: Request) -> Reply:
        """The kept reply, else the provider's. Raises the provider's errors."""
        kept = self.find(request)
        if kept is not None:
            return kept
        reply = self._provider(request)
        if self._keepable(reply):
            self._keep(Recording(request=request, outcome=reply))
        return reply

    def find(self, request: Request) -> Reply | None:
        """The kept reply to a request; None where it would have to be asked."""
        try:
            recording = read(self._folder / file_name(request))
        except (Damaged, OSError):
            return None
        if recording.request.sha256 != request.sha256 or isinstance(recording.outcome, ModelError):
            return None
        return replace(recording.outcome, paid=False) if self._keepable(recording.outcome) else None

    def _keepable(self, reply: Reply) -> bool:
        return reply.finish == "stop" and self._sound(reply)

    def _keep(self, recording: Recording) -> None:
        try:
            for folder in (self._folder.parent, self._folder):  # one by one: `parents` does not heed the mode
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            write(recording, self._folder, private=True)
        except OSError as error:
            with self._lock:
                first, self._warned = not self._warned, True
            if first:
                _log.warning("answers are not kept, for %s cannot be written to: %s", self._folder, error.strerror)
