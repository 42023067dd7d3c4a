"""How a run went: what it covered, which writer it had, what that took, and what failed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """A source, or a part of one, that could not be read. The rest of the run goes on."""

    source: str
    error: str


@dataclass(frozen=True, slots=True)
class Window:
    """The time that the briefing covers, half-open, UTC; None where it is not known."""

    start: str | None
    end: str | None


@dataclass(frozen=True, slots=True)
class WriterRecord:
    """Which writer wrote, with which model and prompts, and which model had to agree."""

    name: str
    model: str | None
    prompts_sha256: str | None
    judge: str | None = None


@dataclass(frozen=True, slots=True)
class Usage:
    """What the calls of a language model took. `cost` is None where the model's price is not known.

    `calls` were made and paid, `kept` were answered from answers of earlier runs, which cost nothing.
    """

    tokens_in: int = 0
    tokens_out: int = 0
    cost: float | None = 0.0
    calls: int = 0
    kept: int = 0

    def __add__(self, other: Usage) -> Usage:
        cost = None if self.cost is None or other.cost is None else self.cost + other.cost
        return Usage(
            self.tokens_in + other.tokens_in,
            self.tokens_out + other.tokens_out,
            cost,
            self.calls + other.calls,
            self.kept + other.kept,
        )


@dataclass(frozen=True, slots=True)
class Fallback:
    """An event that the language model should have written and did not: why, as a code and in words."""

    event_id: str
    kind: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """The scorecard of a run. `seconds` is None under a fixed clock, `cost` where a model's price is not known.

    `written` counts sentences in a model's words, `repaired` those among them that passed at the second try, and
    `replaced` those that did not and that a passage stands in for. `unjudged` says why the second model, if there is
    one, could not be asked about every line; what it was not asked about is withheld.
    """

    articles: int
    events: int
    sentences: int
    cited: int
    verbatim: int
    withheld: int
    sources_failed: tuple[Problem, ...]
    tokens_in: int
    tokens_out: int
    cost: float | None
    seconds: float | None
    written: int = 0
    repaired: int = 0
    replaced: int = 0
    calls: int = 0
    kept: int = 0
    fallbacks: tuple[Fallback, ...] = ()
    unjudged: str | None = None
