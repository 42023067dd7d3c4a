"""Caps on what a run and a day may take: every try is reserved before it is made and settled after."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import NamedTuple, Protocol

from briefing.errors import BriefingError, Failure, ModelError, UsageError
from briefing.llm import Attempt
from briefing.ports import Reply, Request

# Answers that came, or may have come after nobody waited for them any more: without stated tokens they count in full.
_ANSWERED: frozenset[Failure] = frozenset(("timeout", "body", "length", "answer"))

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """The most that a run and a day (UTC) may take, in tokens in and out and in money; None is no cap."""

    tokens_per_run: int | None = None
    cost_per_run: float | None = None
    tokens_per_day: int | None = None
    cost_per_day: float | None = None

    @property
    def money(self) -> bool:
        """Whether there is a cap in money."""
        return self.cost_per_run is not None or self.cost_per_day is not None


class Spent(NamedTuple):
    """What was taken, reservations included; `cost` leaves out what had no price when it was taken."""

    tokens: int
    cost: float


class Ledger(Protocol):
    """Entries of what was spent, which outlive the run: a cap for a day holds over runs, restarts and processes.

    A call is entered at the most that it can take before it is made, and corrected once it is answered. A run that dies
    in between leaves its entry as it stands, so that a crash can only count too much. Safe between threads. Every
    method raises BriefingError where the entries cannot be read or written.
    """

    def reserve(self, day: str, run: str, tokens: int, cost: float | None, caps: Caps, highest: float = 0.0) -> int:
        """Enter the most that a call can take, and return the entry's id.

        `day` is a date in UTC, `cost` None where there is no price. To a cap in money, an earlier entry without a
        price counts `highest` for each of its tokens. Raises ModelError("cap") where a cap would be passed, and enters
        nothing.
        """

    def settle(self, reservation: int, tokens: int, cost: float | None) -> None:
        """Correct an entry to what the call took in fact."""

    def release(self, reservation: int) -> None:
        """Strike an entry out: its call took nothing."""


class Price(NamedTuple):
    """Money for a million tokens, in the currency of the caps."""

    input: float
    output: float

    def cost(self, tokens_in: int, tokens_out: int) -> float:
        """What so many tokens cost."""
        return (tokens_in * self.input + tokens_out * self.output) / 1_000_000


def cost(price: Price | None, tokens_in: int, tokens_out: int) -> float | None:
    """What so many tokens cost; None where the price is not known."""
    return None if price is None else price.cost(tokens_in, tokens_out)


@dataclass(slots=True)
class Budget:
    """An `Attempt` that holds the caps: no try is made that could pass one. Called from several threads at once.

    A try is reserved at the tokens of its request, as `count` gives them, and all of `max_tokens`; where the model has
    read a request as more tokens than were counted, later ones are reserved at so much more, and until the first answer
    has shown it, calls under a cap are made one at a time. So no cap is passed by more than one call, as long as the
    model counts every request alike. A failure that costs nothing is released; one that may have been paid, and does
    not say how much, stays reserved.

    `price` is by the name of the model, `day` gives today's date in UTC, `run` is the run's own name, `models` are
    those that will be asked. Raises UsageError where a cap in money cannot be held because a model has no price.
    """

    attempt: Attempt
    caps: Caps
    ledger: Ledger
    price: Mapping[str, Price]
    count: Callable[[Request], int]
    day: Callable[[], str]
    run: str
    models: Collection[str] = ()
    _read_as: float | None = field(default=None, init=False)  # tokens read for each counted; None until an answer came
    _learning: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)
    _first: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        if self.caps.money and not self.price:
            raise UsageError("a cap in money needs the price of the model: set prices")
        for model in self.models:
            self._check(model)

    def __call__(self, request: Request, seconds: float) -> Reply:
        """The attempt's reply. Raises ModelError; of kind `cap`, without asking, where a cap could be passed."""
        if self._read_as is not None or self.caps == Caps():
            return self._asked(request, seconds)
        ends = time.monotonic() + seconds
        if not self._first.acquire(timeout=max(0.0, seconds)):
            raise ModelError("timeout", "another call, which goes alone because of the caps, took all the time")
        try:
            if self._read_as is None:
                return self._asked(request, ends - time.monotonic())
        finally:
            self._first.release()
        return self._asked(request, ends - time.monotonic())

    def _asked(self, request: Request, seconds: float) -> Reply:
        self._check(request.model)
        price = self.price.get(request.model)
        counted = max(1, self.count(request))
        reservation = self._reserve(ceil(counted * (self._read_as or 1.0)), request.max_tokens, price)
        try:
            reply = self.attempt(request, seconds)
        except ModelError as error:
            if error.tokens_in or error.tokens_out or error.kind not in _ANSWERED:
                self._settle(reservation, price, error.tokens_in, error.tokens_out)
            else:
                error.tokens_in = counted  # what was sent counts in the report, whether or not it was answered
            raise
        self._settle(reservation, price, reply.tokens_in, reply.tokens_out)
        with self._learning:
            self._read_as = max(self._read_as or 1.0, reply.tokens_in / counted)
        return reply

    def _check(self, model: str) -> None:
        if self.caps.money and model not in self.price:
            raise UsageError(f"a cap in money needs the price of {model!r}: set it in prices")

    def _reserve(self, tokens_in: int, tokens_out: int, price: Price | None) -> int:
        most = cost(price, tokens_in, tokens_out)
        highest = max((max(one) for one in self.price.values()), default=0.0) / 1_000_000
        return self.ledger.reserve(self.day(), self.run, tokens_in + tokens_out, most, self.caps, highest)

    def _settle(self, reservation: int, price: Price | None, tokens_in: int, tokens_out: int) -> None:
        """Correct the entry; where that fails, it stays at the most that the call can take, and no answer is lost."""
        try:
            if tokens_in or tokens_out:
                self.ledger.settle(reservation, tokens_in + tokens_out, cost(price, tokens_in, tokens_out))
            else:
                self.ledger.release(reservation)
        except BriefingError as error:
            _log.warning("a call counts in full: %s", error)
