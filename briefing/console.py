"""What the verbs say: JSON on standard output, everything in words on standard error."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from textwrap import indent
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from briefing.collect import Collected
    from briefing.config import ModelSettings
    from briefing.llm.rehearsal import Rehearsal
    from briefing.pipeline import Edition
    from briefing.report import Fallback, Problem


def print_json(value: object) -> None:
    """Print JSON for people and programs, on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=2))


def tell(text: str) -> None:
    """Say a line on standard error."""
    print(f"briefing: {text}", file=sys.stderr)


def tell_each(lines: Iterable[str]) -> None:
    """Say lines on standard error."""
    for line in lines:
        tell(line)


def in_lines(problems: Iterable[Problem]) -> list[str]:
    """What could not be read, a line each."""
    return [f"{problem.source}: {problem.error}" for problem in problems]


def tell_problems(problems: Iterable[Problem]) -> None:
    """Say what could not be read, a line each."""
    tell_each(in_lines(problems))


def tell_fallbacks(fallbacks: Sequence[Fallback], events: int) -> None:
    """Say why events are told in their articles' own sentences, each kind of reason once, in its first words."""
    for kind in dict.fromkeys(one.kind for one in fallbacks):
        messages = [one.message for one in fallbacks if one.kind == kind]
        told = f"{len(messages)} of {events} events without the language model, in the articles' own sentences"
        tell(f"{told}: {messages[0]}")


def tell_plan(
    collected: Collected,
    edition: Edition,
    rehearsal: Rehearsal | None,
    model: ModelSettings | None,
    words: int,
    *,
    verbose: bool = False,
) -> None:
    """Print what a run would read, tell, send and pay; `verbose`: every word that it would send, too."""
    from briefing.render.wording import count
    from briefing.write.model.requests import judged_at_most

    report = edition.briefing.report
    print(
        f"would read: {count(len(collected.articles), 'article')}, of which {report.articles} in the window, on topic"
    )
    if rehearsal is None or model is None:
        print(f"would tell: {count(report.events, 'event')} in {count(report.sentences, 'sentence')}")
        print("would send: nothing (no language model)\nwould pay: 0.00")
        return
    print(f"would tell: {count(report.events, 'event')}")
    requests = sorted(rehearsal.requests, key=lambda one: one[0].about)
    for request, tokens in requests:
        print(f"  {tokens} tokens in, at most {request.max_tokens} out: {request.about}")
        for message in request.messages if verbose else ():
            print(indent(f"[{message.role}]\n{message.content}\n", "    "))
    tokens_in = sum(tokens for _, tokens in requests)
    tokens_out = sum(request.max_tokens for request, _ in requests)
    kept = f"; {count(report.kept, 'answer')} kept from earlier runs" if report.kept else ""
    asked = count(len(requests), "request")
    print(f"would send: {asked} to {model.name}, {tokens_in} tokens in, at most {tokens_out} out{kept}")
    print(f"would pay: {_cost(model, tokens_in, tokens_out)}")
    if requests:
        print("  as much again at most, where an answer has to be asked for or mended a second time")
    if model.judge:
        most = report.events * judged_at_most(words)
        print(
            f"  and {model.judge} would be asked about each line: at most {count(most, 'request')}, "
            "which the cost above leaves out"
        )
    caps = [f"{name} = {value:g}" for name, value in model.caps.items() if value is not None]
    if caps:
        print(f"  what would pass a cap is not sent ({', '.join(caps)})")


def _cost(model: ModelSettings, tokens_in: int, tokens_out: int) -> str:
    """What so many tokens cost at most, in words."""
    price = model.prices.get(model.name)
    if not tokens_in:
        return "0.00"
    if price is None:
        return f"not known; set the price of {model.name} in [model.prices]"
    return f"at most {(tokens_in * price.input + tokens_out * price.output) / 1_000_000:.4f}"


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
