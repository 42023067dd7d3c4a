"""What was found, in lines and as plain values."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from briefing.doctor.examining import Examined

_INDENT = " " * 9


def is_good(examined: Sequence[Examined]) -> bool:
    """Whether nothing that was found is bad."""
    return all(finding.level != "bad" for one in examined for finding in one.findings)


def lines(examined: Sequence[Examined]) -> Iterator[str]:
    """A line for each finding, what to do about it below, and a sum."""
    for one in examined:
        for finding in one.findings:
            mark = finding.level.upper() if finding.level == "bad" else finding.level
            yield f"{mark:<7}  {one.name}: {finding.what}"
            if finding.todo is not None:
                yield f"{_INDENT}-> {finding.todo}"
    levels = Counter(finding.level for one in examined for finding in one.findings)
    told = [f"{levels['good']} good", f"{levels['warn']} to look at", f"{levels['bad']} bad"]
    yield ", ".join([*told, f"{levels['skipped']} not checked"])


def as_dict(examined: Sequence[Examined]) -> dict[str, Any]:
    """What was found as plain values."""
    findings = [
        {"check": one.name, "level": finding.level, "what": finding.what, "todo": finding.todo}
        for one in examined
        for finding in one.findings
    ]
    return {"good": is_good(examined), "findings": findings}
