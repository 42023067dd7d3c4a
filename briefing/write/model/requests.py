"""The requests that a language model gets: a prompt, then the event as JSON, and the schema of the answer.

Article text stands in JSON strings only, so that no text can end its own place; the marks by which some servers know
the turns of a chat are broken up. `cites` comes before `text` in every schema, and may hold ids of this event alone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from briefing.domain import Aspect, Citation, Reason
from briefing.ports import Message, Request
from briefing.write.model.answer import Said
from briefing.write.model.evidence import Evidence
from briefing.write.model.prompts import Prompts

MOST_SENTENCES, LEAST_SENTENCES = 24, 3
WORDS_A_SENTENCE = 13  # fewer than a sentence of news has: the number of sentences must not be what binds
MOST_FACTS, MOST_CITED = 8, 4
SENTENCE, HEADLINE, FACT = 400, 160, 120  # characters
_TURN = re.compile(r"<[|｜]|[|｜]>|\[/?INST\]|</?s>|<<|>>")
_ASPECTS = list(get_args(Aspect))


@dataclass(frozen=True, slots=True)
class Refused:
    """A sentence that the gate refused; number 0 is the headline."""

    number: int
    said: Said
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Requests:
    """Makes the requests of one run: with these prompts, to this model. `answer_tokens` bounds an answer, if given."""

    prompts: Prompts
    model: str
    judge_model: str | None = None
    answer_tokens: int | None = None

    def write(self, evidence: Evidence, words: int, problem: str | None = None) -> Request:
        """To write the event in at most `words` words; `problem` says why an earlier answer could not be used."""
        ids = [slot.id for slot in evidence.slots]
        most = sentences_for(words)
        data = {"words": words, "sentences": most, "evidence": _passages(evidence)}
        if problem is not None:
            data["problem"] = problem
        fact = {**_said(ids, FACT)["properties"], "aspect": {"type": "string", "enum": _ASPECTS}}
        schema = _object(
            headline=_said(ids, HEADLINE),
            sentences=_array(_said(ids, SENTENCE), 1, most),
            facts=_array(_object(cites=fact["cites"], aspect=fact["aspect"], text=fact["text"]), 0, MOST_FACTS),
        )
        return self._request("write", self.prompts.write, evidence.cluster.title, data, schema, 1200 + 6 * words)

    def repair(self, evidence: Evidence, refused: Sequence[Refused]) -> Request:
        """To mend the refused sentences of the event."""
        ids = [slot.id for slot in evidence.slots]
        rows = [
            {
                "number": one.number,
                "cites": [name for name in one.said.cites if name in ids],
                "text": _harmless(one.said.text),
                "reasons": list(one.reasons),
            }
            for one in refused
        ]
        numbers = {"type": "integer", "enum": [one.number for one in refused]}
        mended = _object(number=numbers, **_said(ids, SENTENCE)["properties"])
        schema = _object(sentences=_array(mended, 0, len(refused)))
        data = {"evidence": _passages(evidence), "refused": rows}
        most = 600 + 120 * len(refused)
        return self._request("repair", self.prompts.repair, evidence.cluster.title, data, schema, most)

    def judge(self, about: str, text: str, passages: Sequence[Citation]) -> Request:
        """To hold one sentence against its passages."""
        data = {"sentence": text, "passages": [_harmless(one.quote) for one in passages]}
        schema = _object(verdict={"type": "string", "enum": ["full", "part", "none"]})
        return self._request("judge", self.prompts.judge, about, data, schema, 600)

    def _request(
        self, prompt: str, text: str, about: str, data: Mapping[str, Any], schema: Mapping[str, Any], most: int
    ) -> Request:
        content = json.dumps(data, ensure_ascii=False, indent=1)
        return Request(
            prompt=prompt,
            about=about,
            model=(self.judge_model or self.model) if prompt == "judge" else self.model,
            messages=(Message("system", text), Message("user", content)),
            schema=schema,
            max_tokens=self.answer_tokens or most,
        )


def sentences_for(words: int) -> int:
    """The most sentences that a text of `words` words may have."""
    return min(MOST_SENTENCES, max(LEAST_SENTENCES, words // WORDS_A_SENTENCE))


def judged_at_most(words: int) -> int:
    """The most lines of an event that a judge is asked about: headline, sentences and fact box."""
    return 1 + sentences_for(words) + MOST_FACTS


def _passages(evidence: Evidence) -> list[dict[str, Any]]:
    articles = {article.id: article for article in evidence.articles}
    sources: dict[str, int] = {}
    rows = []
    for slot in evidence.slots:
        article = articles[slot.citation.article_id]
        row: dict[str, Any] = {"id": slot.id, "source": sources.setdefault(article.origin, len(sources) + 1)}
        if article.published:
            row["published"] = article.published
        if "opinion" in article.flags:
            row["opinion"] = True
        rows.append({**row, "text": _harmless(slot.citation.quote)})
    return rows


def _harmless(text: str) -> str:
    """Text without what a server could take for the end of a turn."""
    while _TURN.search(text):  # breaking "<<s>>" once leaves "<s>"; each time fewer characters touch
        text = _TURN.sub(lambda match: " ".join(match.group()), text)
    return text


def _said(ids: Sequence[str], characters: int) -> dict[str, Any]:
    cites = _array({"type": "string", "enum": list(ids)}, 1, MOST_CITED)
    return _object(cites=cites, text={"type": "string", "maxLength": characters})


def _array(items: Mapping[str, Any], least: int, most: int) -> dict[str, Any]:
    return {"type": "array", "items": dict(items), "minItems": least, "maxItems": most}


def _object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
