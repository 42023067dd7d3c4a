"""Claims with their evidence, as `briefing check` reads and answers them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from briefing.gate import examine, support_score
from briefing.ports import Claim, Passage
from briefing.report import Problem

KEYS = ("id", "claim", "evidence")


def read_claims(data: bytes, name: str, problems: list[Problem]) -> Iterator[dict[str, str]]:
    """The claims of JSON Lines; a line that is none is added to `problems`, with its number, and the rest goes on.

    A whole number as id is kept as its text; a claim without an id goes by `line N`.
    """
    for number, line in enumerate(data.decode("utf-8-sig", "replace").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            problems.append(Problem(f"{name} line {number}", f"is no JSON: {error}"))
            continue
        if isinstance(row, dict) and (row.get("id") is None or type(row["id"]) is int):
            row = {**row, "id": f"line {number}" if row.get("id") is None else str(row["id"])}
        wrong = [key for key in KEYS if not isinstance(row, dict) or not isinstance(row.get(key), str)]
        if wrong:
            problems.append(Problem(f"{name} line {number}", f"{wrong[0]!r} has to be a text"))
            continue
        yield {key: row[key] for key in KEYS}


def verdict(row: dict[str, str]) -> dict[str, Any]:
    """`{"id", "supported", "score", "reasons"}`: supported where no layer of the gate has a reason against it."""
    claim, passages = Claim(row["claim"], "given"), [Passage(row["evidence"])]
    reasons = examine(claim, passages)
    score = round(support_score(claim, passages), 4)
    return {"id": row["id"], "supported": not reasons, "score": score, "reasons": list(reasons)}
