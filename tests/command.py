"""The command line as a user calls it, inside the test's own process."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from briefing.cli import main

_STATE = str(Path(tempfile.gettempdir()) / f"briefing-state-{os.getpid()}")  # nobody's own store is touched
EPOCH = "1729576800"  # 2024-10-22T06:00:00Z
DAY = "2024-10-22"
ROW = {"id": "a", "title": "Ferry hits pier", "text": "The ferry hit the pier on Monday. Two people were injured."}
CLAIMS = [
    {"id": "1", "claim": "Two people were injured.", "evidence": "Two people were injured on Monday."},
    {"id": "2", "claim": "Three people were injured.", "evidence": "Two people were injured on Monday."},
]


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def environment(**changes: str) -> dict[str, str]:
    """The environment without settings and state of the one who runs the tests, under a fixed clock."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("BRIEFING_", "OPENAI_"))}
    return {**kept, "SOURCE_DATE_EPOCH": EPOCH, "XDG_STATE_HOME": _STATE, **changes}


def briefing(*arguments: str | Path, stdin: bytes = b"", **changes: str) -> Answer:
    """What `briefing ARGUMENTS` answers; `changes` are variables of the environment."""
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.TextIOWrapper(io.BytesIO(), "utf-8")
    code: Any = None
    with (
        patch.dict(os.environ, environment(**changes), clear=True),
        patch.object(sys, "argv", ["briefing", *map(str, arguments)]),
        patch.object(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin), "utf-8")),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code
        out.flush()
        err.flush()
    texts = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return Answer(code or 0, *texts)


def built(folder: Path, *arguments: str | Path, day: str = DAY) -> dict[str, Any]:
    """The JSON of the briefing that `build ARGUMENTS -o FOLDER` made."""
    answer = briefing("build", *arguments, "-o", folder)
    assert answer.code == 0, answer.err
    document: dict[str, Any] = json.loads((folder / f"{day}.json").read_text(encoding="utf-8"))
    return document


def lines(*rows: dict[str, Any]) -> bytes:
    """Rows as JSON Lines."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def written(folder: Path) -> list[str]:
    """The names in a folder; none where there is no folder."""
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []
