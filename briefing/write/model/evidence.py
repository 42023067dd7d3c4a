"""The evidence of an event: the passages that a language model may write from, each under a short opaque id.

The model never sees a whole article. Its ids are made from the passage itself, so that they neither tell anything about
the articles nor fit another event, and stay the same when the evidence around them changes.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from briefing.domain import Article, Citation, Cluster
from briefing.gate import examine
from briefing.ports import Claim, Passage
from briefing.write.candidates import Candidate, candidates, told_from
from briefing.write.choose import choose, concept_weights
from briefing.write.order import runs_in_order

WORDS = 5  # words of evidence for every word to be written: enough to choose from, few enough to pay for
LEAST = 400  # words of evidence, however short the text is to be
_SHORTEST = 4  # characters of an id


@dataclass(frozen=True, slots=True)
class Slot:
    """One fact: one to three sentences of one article that stand together."""

    id: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one event is written from. `slots` are in the order to be read, each id once.

    `articles` are the event's, in order of time; every slot's passage stands in one of them.
    """

    cluster: Cluster
    articles: tuple[Article, ...]
    slots: tuple[Slot, ...]

    @property
    def by_id(self) -> Mapping[str, Slot]:
        """The slots by their ids."""
        return {slot.id: slot for slot in self.slots}


def gather(
    cluster: Cluster, articles: Sequence[Article], words: int, fits: Callable[[Evidence], bool] = lambda _: True
) -> Evidence:
    """The evidence for a text of `words` words: what matters most of what the sources say.

    Chosen as the extractive writer chooses, over several times the words; reports that differ in a number are both
    kept, so that the model can say that they differ. What matters least is left out until `fits` is content; a single
    slot is never left out.
    """
    sources = told_from(articles)
    choices = [one for one in candidates(sources) if not _is_markup(one.text)]
    chosen = choose(choices, concept_weights(choices), max(LEAST, WORDS * words), differing=True)
    evidence = Evidence(cluster, tuple(articles), ())
    while chosen:
        evidence = replace(evidence, slots=_slots(runs_in_order(chosen)))
        if len(chosen) == 1 or fits(evidence):
            break
        chosen = chosen[: max(1, len(chosen) * 9 // 10)]
    return evidence


def _is_markup(text: str) -> bool:
    """Whether a sentence holds what the gate would refuse in every sentence, or could pass for a turn of a chat."""
    refused = examine(Claim(text, "verbatim"), [Passage(text)])
    return bool(refused) or any(mark in text for mark in ("<|", "|>", "<｜", "｜>"))  # the wide bar is DeepSeek's


def _slots(runs: Sequence[Sequence[Candidate]]) -> tuple[Slot, ...]:
    slots: dict[str, Slot] = {}
    for run in runs:
        article, start, end = run[0].article, run[0].span.start, run[-1].span.end
        passage = Citation(article.id, start, end, article.text[start:end])
        digest = hashlib.sha256(f"{article.id}\n{start}\n{passage.quote}".encode(errors="surrogatepass")).digest()
        name = "p" + base64.b32encode(digest).decode().lower()
        length = next(size for size in range(_SHORTEST, len(name)) if name[:size] not in slots)
        slots[name[:length]] = Slot(name[:length], passage)
    return tuple(slots.values())
