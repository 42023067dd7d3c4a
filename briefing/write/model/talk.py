"""What one event asks of a language model, and what that took."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from briefing.errors import ModelError
from briefing.llm.caps import Price
from briefing.ports import Provider, Reply, Request
from briefing.report import Usage


@dataclass(slots=True)
class Talk:
    """Asks, and adds up: answers and failures alike, for both may be paid."""

    ask_model: Provider
    prices: Mapping[str, Price]
    usage: Usage = field(default_factory=Usage)

    def ask(self, request: Request) -> Reply:
        """The reply, all of it. Raises ModelError, with kind `length` where the answer was cut at its limit."""
        try:
            reply = self.ask_model(request)
        except ModelError as error:
            self._add(request, error.tokens_in, error.tokens_out, calls=int(bool(error.tokens_in or error.tokens_out)))
            raise
        if reply.paid:
            self._add(request, reply.tokens_in, reply.tokens_out, calls=1)
        else:
            self.usage += Usage(kept=1)
        if reply.finish == "length":
            raise ModelError("length", f"the model's answer was cut at {reply.tokens_out} tokens")
        return reply

    def _add(self, request: Request, tokens_in: int, tokens_out: int, calls: int) -> None:
        price = self.prices.get(request.model)
        nothing = not tokens_in and not tokens_out
        cost = 0.0 if nothing else price.cost(tokens_in, tokens_out) if price else None
        self.usage += Usage(tokens_in, tokens_out, cost, calls)
