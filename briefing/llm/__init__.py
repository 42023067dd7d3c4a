"""A language model behind an OpenAI-compatible endpoint: retries, caps, kept and recorded answers.

Each layer wraps the one below it and has its own file. From the outside in: recorded (`recording`), kept from an
earlier run (`kept`), tried again (`retry`), the circuit (`circuit`), the caps (`caps`), the endpoint (`endpoint`).
"""

from __future__ import annotations

from collections.abc import Callable

from briefing.ports import Reply, Request

Attempt = Callable[[Request, float], Reply]
"""One try of a request within so many seconds; raises ModelError."""

PROVIDERS: dict[str, str] = {"openai": "briefing.llm.endpoint:Endpoint"}
"""Ways to a model: called with a base URL, a key (either may be None) and a counter of tokens, each is an `Attempt`."""
