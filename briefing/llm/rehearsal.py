"""A dry run: what would be asked, and how long it is, without asking."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NoReturn

from briefing.errors import ModelError
from briefing.llm.kept import Kept
from briefing.ports import Request


class Rehearsal:
    """A `Provider` that notes every request and answers none. Called from several threads at once.

    `count` gives the tokens of a request. With `kept`, it tells which requests are answered from an earlier run.
    """

    def __init__(self, count: Callable[[Request], int], kept: Kept | None = None) -> None:
        self._count = count
        self._answers = kept
        self._lock = threading.Lock()
        self._requests: list[tuple[Request, int]] = []
        self._kept: list[Request] = []

    def __call__(self, request: Request) -> NoReturn:
        """Raises ModelError("rehearsal")."""
        tokens = self._count(request)
        answered = self._answers is not None and self._answers.find(request) is not None
        with self._lock:
            self._requests.append((request, tokens))
            if answered:
                self._kept.append(request)
        raise ModelError("rehearsal", "a dry run: the model was not asked")

    @property
    def requests(self) -> tuple[tuple[Request, int], ...]:
        """Every request so far and its tokens, in the order that they came."""
        return tuple(self._requests)

    @property
    def kept(self) -> tuple[Request, ...]:
        """Those of the requests that an earlier run's answer is kept of: they would cost nothing."""
        return tuple(self._kept)
