"""A small event to be written by a model, and models that say what a test wants them to say."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from briefing.domain import Article, Cluster
from briefing.errors import ModelError
from briefing.ports import Reply, Request
from briefing.write.model.evidence import Evidence, Slot, gather
from briefing.write.model.prompts import load_prompts
from briefing.write.model.requests import Requests
from briefing.write.model.writer import ModelWriter
from tests.editions import article, cite_words

POST = article(
    "post",
    "Ferry service halted after collision",
    "The ferry Aurora hit the north pier in Marlow on Monday morning. Two people were slightly injured, the harbour "
    "office said. The ferry will stay in port until Thursday, harbour master Ines Falk said. "
    '"We heard a long scraping noise," Falk said.',
    published="2026-03-03",
    publisher="Marlow Post",
    language="en",
)
HERALD = article(
    "herald",
    "Aurora strikes pier",
    "The Aurora, with 120 passengers on board, struck the north pier in Marlow on Monday. The operator, Blue Line, "
    "denied that the captain had ignored a warning. Repairs may cost up to 400,000 euros, Blue Line said.",
    published="2026-03-03",
    publisher="Marlow Herald",
    language="en",
)
ARTICLES = (POST, HERALD)
CLUSTER = Cluster("e1", "s1", "Ferry service halted after collision", ("post", "herald"))
PASSAGES = {
    "p1": (POST, "The ferry Aurora hit the north pier in Marlow on Monday morning."),
    "p2": (POST, "Two people were slightly injured, the harbour office said."),
    "p3": (POST, "The ferry will stay in port until Thursday, harbour master Ines Falk said."),
    "p4": (HERALD, "The operator, Blue Line, denied that the captain had ignored a warning."),
    "p5": (HERALD, "Repairs may cost up to 400,000 euros, Blue Line said."),
}
EVIDENCE = Evidence(
    CLUSTER, ARTICLES, tuple(Slot(name, cite_words(source, words)) for name, (source, words) in PASSAGES.items())
)
HEADLINE: dict[str, Any] = {"cites": ["p1"], "text": "Ferry Aurora hits pier in Marlow"}
GOOD: dict[str, Any] = {"cites": ["p1"], "text": "The ferry Aurora hit the north pier in Marlow on Monday morning."}
SHORT: dict[str, Any] = {"cites": ["p2"], "text": "The harbour office said two people were slightly injured."}
WRONG: dict[str, Any] = {"cites": ["p2"], "text": "Seven people were slightly injured, the harbour office said."}
MENDED: dict[str, Any] = {"cites": ["p2"], "text": "Two people were slightly injured, according to the harbour office."}

Scripted = Callable[[Request], Reply]


def said(
    *sentences: Mapping[str, Any], headline: Mapping[str, Any] | None = HEADLINE, facts: Sequence[Any] = ()
) -> str:
    """An answer to the prompt `write`."""
    return json.dumps({"headline": headline, "sentences": list(sentences), "facts": list(facts)})


def mended(*sentences: tuple[int, Mapping[str, Any]]) -> str:
    """An answer to the prompt `repair`."""
    return json.dumps({"sentences": [{"number": number, **one} for number, one in sentences]})


def reply(text: str, **fields: Any) -> Reply:
    return Reply(**{"text": text, "model": "scripted", "tokens_in": 100, "tokens_out": 20, **fields})


class Model:
    """A provider that gives the next answer at every call, and keeps what it was asked."""

    def __init__(self, *answers: str | Reply | ModelError) -> None:
        self._answers = list(answers)
        self._lock = threading.Lock()
        self.asked: list[Request] = []

    def __call__(self, request: Request) -> Reply:
        with self._lock:
            self.asked.append(request)
            answer = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(answer, ModelError):
            raise answer
        return reply(answer) if isinstance(answer, str) else answer

    @property
    def prompts(self) -> list[str]:
        """The prompts asked, in order."""
        return [request.prompt for request in self.asked]


def writer(ask: Callable[[Request], Reply], *, judge: str | None = None, **fields: Any) -> ModelWriter:
    """A writer that asks `ask`."""
    requests = Requests(load_prompts(), "small", judge)
    return ModelWriter(ask=ask, requests=requests, count=lambda request: len(str(request.body())) // 4, **fields)


def evidence_of(*articles: Article, words: int = 160) -> Evidence:
    """The evidence gathered from articles of one event."""
    cluster = Cluster("e1", "s1", articles[0].title or "", tuple(one.id for one in articles))
    return gather(cluster, articles, words)
