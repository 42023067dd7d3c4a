"""Frozen evidence: events as the model writer got them one day, whatever grouping and choosing do later.

tests/frozen/NAME/evidence.json   the event, its articles and its passages, with the words and the judge asked for
tests/frozen/NAME/answers/        what a language model answered: `make record` makes them anew
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from briefing.ports import Manuscript, Provider
from briefing.write.model.evidence import Evidence
from briefing.write.model.prompts import load_prompts
from briefing.write.model.requests import Requests
from briefing.write.model.writer import ModelWriter

FOLDER = Path(__file__).parent / "frozen"
MODEL = "relay"  # the name under which most answers are recorded


@dataclass(frozen=True)
class Frozen:
    """Evidence, and what the model is asked to make of it."""

    name: str
    evidence: Evidence
    words: int
    judge: str | None
    model: str = MODEL

    @property
    def answers(self) -> Path:
        return FOLDER / self.name / "answers"

    def written(self, ask: Provider) -> Manuscript:
        """What the writer hands in when `ask` answers."""
        requests = Requests(load_prompts(), self.model, self.judge)
        return ModelWriter(ask=ask, requests=requests, count=lambda _: 0).write(self.evidence, self.words)


def names() -> list[str]:
    return sorted(path.parent.name for path in FOLDER.glob("*/evidence.json"))


def load(name: str) -> Frozen:
    document = json.loads((FOLDER / name / "evidence.json").read_text("utf-8"))
    evidence: Evidence = _adapter().validate_python(document["evidence"])
    return Frozen(name, evidence, document["words"], document["judge"], document.get("model", MODEL))


def save(frozen: Frozen) -> None:
    evidence: dict[str, Any] = _adapter().dump_python(frozen.evidence, mode="json")
    for article in evidence["articles"]:
        del article["text"]  # made of the title and the body
    document = {"model": frozen.model, "words": frozen.words, "judge": frozen.judge, "evidence": evidence}
    folder = FOLDER / frozen.name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evidence.json").write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", "utf-8")


@cache
def _adapter() -> TypeAdapter[Evidence]:
    return TypeAdapter(Evidence)
