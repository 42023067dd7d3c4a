"""What the verbs say: JSON on standard output, everything in words on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from briefing.collect import Collected
    from briefing.domain import Problem
    from briefing.pipeline import Edition


def print_json(value: object) -> None:
    """Print JSON for people and programs, on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def tell(text: str) -> None:
    """Say a line on standard error."""
    print(f"briefing: {text}", file=sys.stderr)


def tell_problems(problems: Iterable[Problem]) -> None:
    """Say what could not be read, a line each."""
    for problem in problems:
        tell(f"{problem.source}: {problem.error}")


def tell_plan(collected: Collected, edition: Edition) -> None:
    """Print what a run would read, tell, send and pay."""
    report = edition.briefing.report
    print(f"would read: {len(collected.articles)} articles, of which {report.articles} are in the window and on topic")
    print(f"would tell: {report.events} events in {report.sentences} sentences")
    print("would send: nothing (no language model)\nwould pay: 0.00")


def in_one_line(edition: Edition, *, verbose: bool) -> str:
    """What a run made of what it read."""
    from briefing.render.wording import count

    report = edition.briefing.report
    counts = (count(report.articles, "article"), count(report.events, "event"), count(report.sentences, "sentence"))
    line = f"{', '.join(counts)}, each with its proof"
    if report.withheld or verbose:
        line += f"; {report.withheld} withheld"
    if verbose:
        origins = len({article.origin for article in edition.articles.values()})
        line += f"; {origins} independent origins, {len(edition.briefing.storylines)} storylines, {report.seconds} s"
    return line
