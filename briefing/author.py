"""Who writes: the author that settings ask for, with every layer between a request and the endpoint in its place."""

from __future__ import annotations

import hashlib
import secrets
from datetime import UTC, datetime

from briefing.config import ModelSettings
from briefing.errors import ModelError, UsageError
from briefing.llm import PROVIDERS
from briefing.llm.caps import Budget, Caps, Price
from briefing.llm.circuit import Circuit
from briefing.llm.kept import Kept
from briefing.llm.retry import Patient
from briefing.llm.tokens import counter, of_request
from briefing.ports import Author, Provider, Reply, Request, load
from briefing.report import WriterRecord
from briefing.store import Database
from briefing.store.answers import StoredAnswers
from briefing.store.spending import Spending
from briefing.write.model.answer import one_object
from briefing.write.model.prompts import Prompts
from briefing.write.model.requests import Requests
from briefing.write.model.writer import ModelWriter


def model_author(settings: ModelSettings, prompts: Prompts, ask: Provider) -> Author:
    """The author that writes with a language model, asking through `ask`.

    Raises UsageError where the prompt alone is longer than a request may be.
    """
    count = counter(settings.name)
    if count(prompts.write) >= settings.event_tokens:
        raise UsageError(
            f"event_tokens = {settings.event_tokens}: the prompt alone takes {count(prompts.write)}; set 3000 or more"
        )
    write = ModelWriter(
        ask=ask,
        requests=Requests(prompts, settings.name, settings.judge, settings.answer_tokens),
        count=lambda request: of_request(request, count),
        prices=prices(settings),
        most_input=settings.event_tokens,
        fallback=settings.fallback,
    )
    return Author(WriterRecord("model", settings.name, prompts.sha256, settings.judge), write, settings.calls)


def connect(settings: ModelSettings, database: Database) -> Provider:
    """The endpoint that the settings name, with caps, circuit, retries, and the answers kept in the store.

    Raises UsageError where a cap in money cannot be held.
    """
    count = counter(settings.name)
    key = settings.api_key.get_secret_value() if settings.api_key else None
    caps = Caps(
        tokens_per_run=settings.tokens_per_run,
        cost_per_run=settings.cost_per_run,
        tokens_per_day=settings.tokens_per_day,
        cost_per_day=settings.cost_per_day,
    )
    attempt = load(PROVIDERS.get(settings.provider, settings.provider))
    budget = Budget(
        attempt(settings.base_url, key, count),
        caps,
        Spending(database),
        prices(settings),
        lambda request: of_request(request, count),
        lambda: datetime.now(UTC).date().isoformat(),
        secrets.token_hex(8),
        models=_models(settings),
    )
    circuits = {name: Circuit(budget) for name in _models(settings)}  # a judge that is down stops no writer

    def ask(request: Request, seconds: float) -> Reply:
        return circuits[request.model](request, seconds)

    return kept(Patient(ask, settings.timeout), database, settings)


def kept(provider: Provider, database: Database, settings: ModelSettings) -> Kept:
    """The provider, asked only what this endpoint has not answered yet: models of one name differ between servers."""
    endpoint = hashlib.sha256(f"{settings.provider} {settings.base_url or ''}".encode()).hexdigest()
    return Kept(provider, StoredAnswers(database, endpoint, lambda: datetime.now(UTC)), sound)


def _models(settings: ModelSettings) -> list[str]:
    return [settings.name, *([settings.judge] if settings.judge else [])]


def sound(reply: Reply) -> bool:
    """Whether an answer is worth keeping: JSON, as it was asked for."""
    try:
        one_object(reply.text)
    except ModelError:
        return False
    return True


def prices(settings: ModelSettings) -> dict[str, Price]:
    """The price of every model that the settings name."""
    return {name: Price(price.input, price.output) for name, price in settings.prices.items()}


def counted(settings: ModelSettings, request: Request) -> int:
    """Tokens of a request, as the model reads it."""
    return of_request(request, counter(settings.name))
