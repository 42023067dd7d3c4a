"""Answers kept from earlier runs: an event whose evidence has not changed is never paid for twice."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Protocol

from briefing.errors import BriefingError, ModelError
from briefing.llm.recording import Damaged, Recording, recording_in
from briefing.ports import Provider, Reply, Request

_log = logging.getLogger(__name__)


class Answers(Protocol):
    """Where recordings are kept as text, by the hash of their request. Both raise BriefingError where they cannot."""

    def get(self, request: str, /) -> str | None:
        """The text under a request's hash; None where there is none."""

    def put(self, request: str, recording: str, /) -> None:
        """Keep a text under a request's hash, instead of what is there."""


class Kept:
    """A `Provider` that asks another one only what was not answered yet. Called from several threads at once.

    Kept is a reply that says all it had to (`stop`) and that is `sound`. A kept answer is not `paid`. A damaged one is
    asked anew. Where `answers` cannot be read or written, that is one warning: answers that are not kept cost no more
    than they did.
    """

    def __init__(self, provider: Provider, answers: Answers, sound: Callable[[Reply], bool]) -> None:
        self._provider = provider
        self._answers = answers
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
            try:
                self._answers.put(request.sha256, Recording(request=request, outcome=reply).to_text())
            except BriefingError as error:
                self._warn(error)
        return reply

    def find(self, request: Request) -> Reply | None:
        """The kept reply to a request; None where it would have to be asked."""
        try:
            text = self._answers.get(request.sha256)
            recording = recording_in(text) if text is not None else None
        except Damaged:
            return None
        except BriefingError as error:
            self._warn(error)
            return None
        if recording is None or recording.request.sha256 != request.sha256:
            return None
        if isinstance(recording.outcome, ModelError) or not self._keepable(recording.outcome):
            return None
        return replace(recording.outcome, paid=False)

    def _keepable(self, reply: Reply) -> bool:
        return reply.finish == "stop" and self._sound(reply)

    def _warn(self, error: BriefingError) -> None:
        with self._lock:
            first, self._warned = not self._warned, True
        if first:
            _log.warning("answers are not kept: %s", error)
