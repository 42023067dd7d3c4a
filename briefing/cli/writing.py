"""The verbs that write: build, summarize, replay."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from briefing.cli.desk import Exchanges, desk
from briefing.cli.shared import (
    PARTIAL,
    AsJson,
    Config,
    Inputs,
    Output,
    Quiet,
    Templates,
    Verbose,
    collect_any,
    progress_bar,
    remember,
)
from briefing.console import in_lines, in_one_line, tell, tell_each, tell_fallbacks, tell_plan
from briefing.errors import BriefingError, UsageError

if TYPE_CHECKING:
    from briefing.collect import Collected
    from briefing.config import Settings
    from briefing.pipeline import Edition, Options

STORE_WINDOW = "24h"

WriterName = Annotated[
    str | None, typer.Option("--writer", metavar="auto|extractive|model", help="Who writes [default: auto].")
]
Model = Annotated[str | None, typer.Option("--model", metavar="NAME", help="The language model [default: gpt-5-mini].")]
Judge = Annotated[
    str | None, typer.Option("--judge", metavar="NAME", help="A second model that has to agree with each sentence.")
]
Prompts = Annotated[Path | None, typer.Option(metavar="DIR", help="Your prompts, before ours.")]
Record = Annotated[Path | None, typer.Option(metavar="DIR", help="Record the edition with all answers, for replay.")]
Replay = Annotated[
    Path | None, typer.Option(metavar="DIR", help="Take the model's answers from a recording; ask nobody.")
]
NoFallback = Annotated[
    bool, typer.Option("--no-fallback", help="End with exit code 5 where the model fails.")
]  # fmt: skip


def build(
    inputs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[INPUT...]",
            help="Files, folders (.txt .md .html .jsonl .json .xml), addresses, - for JSON Lines "
            "[default: what fetch has stored].",
        ),
    ] = None,
    output: Output = None,
    formats: Annotated[
        str | None, typer.Option("--format", metavar="LIST", help="md, html, json, txt, story [default: md,html,json].")
    ] = None,
    date: Annotated[str | None, typer.Option(help="The briefing's day, such as 2024-10-22 [default: today].")] = None,
    since: Annotated[
        str | None,
        typer.Option(
            help="Only articles of the last 24h, 3d, ...; undated ones stay [default: all; of the store 24h]."
        ),
    ] = None,
    topic: Annotated[list[str] | None, typer.Option(help="Only articles on this; repeat for any of several.")] = None,
    writer: WriterName = None,
    model: Model = None,
    judge: Judge = None,
    max_events: Annotated[int | None, typer.Option(metavar="N", help="At most N events.")] = None,
    words: Annotated[int | None, typer.Option(metavar="N", help="Words an event, at most [default: 160].")] = None,
    with_text: Annotated[bool, typer.Option("--with-text", help="Put the article texts into the JSON.")] = False,
    record: Record = None,
    replay: Replay = None,
    no_fallback: NoFallback = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be read, sent (-v: every word) and paid; write no file.")
    ] = False,
    templates: Templates = None,
    prompts: Prompts = None,
    config: Config = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Make the briefing: read, group, write, prove, render.

    Without INPUT, from what `briefing fetch` has stored in the last 24 hours.

    Example: briefing build seeds/ --format md,html,json -o briefings/
    """
    from briefing.config import load_settings
    from briefing.deliver.folder import write_edition
    from briefing.render import check_formats

    flags = _model_flags(model, judge, no_fallback=no_fallback)
    settings = load_settings(
        config, output=output, formats=formats, writer=writer, max_events=max_events, words=words,
        templates=templates, prompts=prompts, model=flags,
    )  # fmt: skip
    check_formats(settings.formats)
    exchanges = Exchanges(
        record=None if dry_run else record, replay=replay, rehearse=dry_run, model_named=flags is not None
    )
    own = desk(settings, exchanges, quiet=quiet)
    options = _options(
        author=own.author, words=settings.words, title=settings.title, date=date,
        since=since if inputs else since or STORE_WINDOW, by_arrival=not inputs,
        topics=tuple(topic or ()), max_events=settings.max_events, with_text=with_text, fixed=record is not None,
    )  # fmt: skip
    collected, edition, lacking = _make(inputs or (), options, settings, quiet=quiet)
    if dry_run:
        asked = own.model[0] if own.model else None
        tell_plan(collected, edition, own.rehearsal, asked, settings.words, verbose=verbose)
    else:
        paths = write_edition(edition.briefing, edition.articles, settings.output, settings.formats, settings.templates)
        own.save(collected, options, settings.formats, settings.templates)
        if not inputs:
            remember(settings, edition)
        if not quiet:
            tell(in_one_line(edition, verbose=verbose))
        print("\n".join(map(str, paths)))
    _end(edition, lacking, rehearsed=dry_run)


def summarize(
    inputs: Inputs,
    words: Annotated[int | None, typer.Option(metavar="N", help="Words, at most [default: 160].")] = None,
    writer: WriterName = None,
    model: Model = None,
    judge: Judge = None,
    record: Record = None,
    replay: Replay = None,
    no_fallback: NoFallback = False,
    prompts: Prompts = None,
    as_json: AsJson = False,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Summarize all inputs as one event, every sentence cited; Markdown on standard output.

    Example: briefing summarize examples/harbour/day1 --words 100
    """
    from briefing.config import load_settings
    from briefing.edition import event_to_json
    from briefing.render import summary

    flags = _model_flags(model, judge, no_fallback=no_fallback)
    settings = load_settings(config, words=words, writer=writer, prompts=prompts, model=flags)
    own = desk(settings, Exchanges(record=record, replay=replay, model_named=flags is not None), quiet=quiet)
    options = _options(author=own.author, words=settings.words, one_event=True, fixed=record is not None)
    collected, edition, lacking = _make(inputs, options, settings, quiet=quiet)
    own.save(collected, options, ("json",))
    if not edition.briefing.events:
        tell_each(lacking)
        raise BriefingError("nothing to tell: no sentence of these articles can stand alone")
    if not edition.briefing.events[0].sentences:
        tell(f"no sentence that stands alone has {settings.words} words or fewer: give a larger --words")
    if as_json:
        print(event_to_json(edition.briefing.events[0], edition.briefing.articles), end="")
    else:
        print(summary(edition.briefing, edition.articles, settings.templates), end="")
    _end(edition, lacking)


def replay(
    bundle: Annotated[Path, typer.Argument(metavar="BUNDLE", help="A folder that --record wrote.")],
    output: Output = None,
    formats: Annotated[
        str | None, typer.Option("--format", metavar="LIST", help="Other formats than the recorded ones.")
    ] = None,
    templates: Templates = None,
    quiet: Quiet = False,
) -> None:
    """Make a recorded edition again, byte for byte, offline.

    Example: briefing replay examples/recordings/seeds -o briefings/
    """
    from briefing.bundle import read
    from briefing.config import load_settings
    from briefing.deliver.folder import write_edition
    from briefing.pipeline import make

    settings = load_settings(None, output=output, formats=formats)
    recorded = read(bundle)
    with progress_bar(quiet=quiet) as bar:
        edition = make(recorded.collected, recorded.options, bar)
    names = settings.formats if formats is not None else recorded.formats
    paths = write_edition(edition.briefing, edition.articles, settings.output, names, templates or recorded.templates)
    if not quiet:
        tell(in_one_line(edition, verbose=False))
    print("\n".join(map(str, paths)))
    _end(edition, in_lines(recorded.collected.problems))


def _model_flags(model: str | None, judge: str | None, *, no_fallback: bool) -> dict[str, Any] | None:
    """The flags of the table `model` that were given; None where there is none."""
    given = {"name": model, "judge": judge, "fallback": False if no_fallback else None}
    return {key: value for key, value in given.items() if value is not None} or None


def _options(*, fixed: bool, since: str | None = None, date: str | None = None, **rest: Any) -> Options:
    """The options of a run; `fixed` stops its clock, so that a recorded edition can be made again byte for byte."""
    from briefing.dates import clock, parse_age, parse_stated
    from briefing.pipeline import Options

    if date is not None and (len(date) != len("2024-10-22") or parse_stated(date) != date):
        raise UsageError(f"--date {date!r} is no day: write it as 2024-10-22")
    try:
        now = clock(os.environ)
        return Options(
            clock=replace(now, fixed=True) if fixed else now,
            date=date,
            since=parse_age(since) if since is not None else None,
            **rest,
        )
    except ValueError as error:
        raise UsageError(str(error)) from error


def _make(
    inputs: Sequence[str], options: Options, settings: Settings, *, quiet: bool
) -> tuple[Collected, Edition, list[str]]:
    """What was collected, the edition of it, and what is said of what could not be read.

    Raises NothingNew, having said that; of inputs none of which could be read, exit code 3 instead.
    """
    from briefing.errors import NothingNew
    from briefing.pipeline import make

    collected, lacking = collect_any(inputs, options, settings, quiet=quiet)
    try:
        with progress_bar(quiet=quiet) as bar:
            return collected, make(collected, options, bar), lacking
    except NothingNew as nothing:
        tell_each(lacking)
        if inputs and collected.problems and not collected.articles:
            tell(str(nothing))
            raise typer.Exit(PARTIAL) from nothing
        raise


def _end(edition: Edition, lacking: Sequence[str], *, rehearsed: bool = False) -> None:
    """Say what failed; exit code 3 where something did and the rest went out."""
    tell_each(lacking)
    report = edition.briefing.report
    fallbacks = () if rehearsed else report.fallbacks
    unjudged = None if rehearsed else report.unjudged
    tell_fallbacks(fallbacks, report.events)
    if unjudged is not None:
        tell(f"the second model could not be asked about every line; those lines are withheld: {unjudged}")
    if report.sources_failed or fallbacks or unjudged is not None:
        raise typer.Exit(PARTIAL)
