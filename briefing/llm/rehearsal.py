"""A dry run: what would be asked, and how long it is, without asking."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import NoReturn

from briefing.errors import ModelError
from briefing.ports import Request


class Rehearsal:
    """A `Provider` that notes every request and answers none. Called from several threads at once.

    `count` gives the tokens of a request.
    """

    def __init__(self, count: Callable[[Request], int]) -> None:
        self._count = count
        self._lock = threading.Lock()
        self._requests: list[tuple[Request, int]] = []

    def __call__(self, request: Request) -> NoReturn:
        """Raises ModelError("rehearsal")."""
        tokens = self._count(request)
        with self._lock:
            self._requests.append((request, tokens))
        raise ModelError("rehearsal", "a dry run: the model was not asked")

    @property
    def requests(self) -> tuple[tuple[Request, int], ...]:
        """Every request so far and its tokens, in the order that they came."""
        return tuple(self._requests)
