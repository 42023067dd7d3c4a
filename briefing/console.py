"""What the verbs say: JSON on standard output, everything in words on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from briefing.collect import Collected
    from briefing.config import ModelSettings
    from briefing.domain import Fallback, Problem
    from briefing.llm.rehearsal import Rehearsal
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


def tell_fallbacks(fallbacks: Sequence[Fallback], events: int) -> None:
    """Say why events are told in their articles' own sentences, each reason once."""
    for message in dict.fromkeys(one.message for one in fallbacks):
        count = sum(one.message == message for one in fallbacks)
        tell(f"{count} of {events} events without the language model, in the articles' own sentences: {message}")


def tell_plan(collected: Collected, edition: Edition, rehearsal: Rehearsal | None, model: ModelSettings | None) -> None:
    """Print what a run would read, tell, send and pay."""
    report = edition.briefing.report
    print(f"would read: {len(collected.articles)} articles, of which {report.articles} are in the window and on topic")
    if rehearsal is None or model is None:
        print(f"would tell: {report.events} events in {report.sentences} sentences")
        print("would send: nothing (no language model)\nwould pay: 0.00")
        return
    print(f"would tell: {report.events} events")
    tokens_in = tokens_out = 0
    for request, tokens in rehearsal.requests:
        tokens_in += tokens
        tokens_out += request.max_tokens
        print(f"  {tokens} tokens in, at most {request.max_tokens} out: {request.about}")
    calls = len(rehearsal.requests)
    kept = f"; {report.kept} answers are kept from earlier runs" if report.kept else ""
    print(f"would send: {calls} requests to {model.name}, {tokens_in} tokens in, at most {tokens_out} out{kept}")
    price = model.prices.get(model.name)
    if price is None:
        print(f"would pay: not known; set the price of {model.name} in [model.prices]")
    else:
        most = (tokens_in * price.input + tokens_out * price.output) / 1_000_000
        print(f"would pay: at most {most:.4f}, and as much again if every event needed a second call")


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
