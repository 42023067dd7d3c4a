"""The writer that asks a language model: evidence first, then words, then the gate, sentence by sentence.

What the gate refuses goes back to the model once, with the reasons. What it refuses again is replaced by the passage
itself, or withheld. Where the model fails as a whole, the event is told in its articles' own sentences.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from briefing.domain import Article, Cluster
from briefing.errors import ModelError, ModelFailed
from briefing.llm.caps import Price
from briefing.ports import Manuscript, Provider, Request
from briefing.report import Fallback
from briefing.write import extractive
from briefing.write.model.event import Event
from briefing.write.model.evidence import Evidence, gather
from briefing.write.model.requests import Requests
from briefing.write.model.talk import Talk

MOST_INPUT = 6000  # tokens of a request: what an event may cost, whatever its sources say


@dataclass(frozen=True, slots=True)
class ModelWriter:
    """Writes events with a language model. Implements `ports.Writer`; called from several threads at once.

    `count` gives the tokens of a request; evidence is left out until there are at most `most_input`. Without
    `fallback`, a failure of the model raises ModelFailed.
    """

    ask: Provider
    requests: Requests
    count: Callable[[Request], int]
    prices: Mapping[str, Price] = field(default_factory=dict)
    most_input: int = MOST_INPUT
    fallback: bool = True

    def __call__(self, cluster: Cluster, articles: Sequence[Article], words: int) -> Manuscript:
        """The manuscript of one event; empty where nothing of it can be told."""
        return self.write(gather(cluster, articles, words, lambda evidence: self._fits(evidence, words)), words)

    def write(self, evidence: Evidence, words: int) -> Manuscript:
        """The manuscript of one event from its evidence."""
        if not evidence.slots:
            return extractive.write(evidence.cluster, evidence.articles, words)
        talk = Talk(self.ask, self.prices)
        try:
            manuscript = Event(evidence, words, self.requests, talk).written()
        except ModelError as error:
            manuscript = extractive.write(evidence.cluster, evidence.articles, words)
            manuscript = replace(manuscript, fallback=Fallback(evidence.cluster.id, error.kind, error.public))
        failed = manuscript.fallback.message if manuscript.fallback else manuscript.unjudged
        if failed is not None and not self.fallback:
            raise ModelFailed(f"“{evidence.cluster.title}”: {failed}")
        return replace(manuscript, usage=talk.usage)

    def _fits(self, evidence: Evidence, words: int) -> bool:
        return self.count(self.requests.write(evidence, words)) <= self.most_input
