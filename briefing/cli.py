"""The command line: `briefing VERB`. Data on standard output, everything else on standard error.

Exit codes: 0 good, 1 error (`audit`: it does not hold), 2 usage or configuration, 3 partial, 4 nothing new, 130
interrupted. Each verb imports what it needs when it runs, so that `--help` stays quick.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from briefing import __version__
from briefing.console import in_one_line, print_json, tell, tell_plan, tell_problems
from briefing.errors import BriefingError, UsageError

if TYPE_CHECKING:
    from briefing.collect import Collected
    from briefing.domain import Article, Problem
    from briefing.pipeline import Edition, Options
    from briefing.progress import Bar

PARTIAL = 3

app = typer.Typer(
    name="briefing",
    help="Turns many news articles into one briefing in which every sentence carries its sources.\n\n"
    "Example: briefing build seeds/ -o briefings/",
    epilog="Exit codes: 0 good, 1 error (audit: it does not hold), 2 usage or configuration, 3 partial (something "
    "could not be read; the rest went out), 4 nothing new, 130 interrupted.",
    rich_markup_mode=None,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Inputs = Annotated[
    list[str],
    typer.Argument(metavar="INPUT...", help="Files, folders (.txt .md .html .jsonl .json .xml), or - for JSON Lines."),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Only errors on standard error.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Tell what each stage found.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Config = Annotated[Path | None, typer.Option("--config", help="Settings [default: briefing.toml, if there is one].")]
WriterName = Annotated[
    str | None, typer.Option("--writer", metavar="auto|extractive|model", help="Who writes [default: auto].")
]


def main() -> None:
    """Run the command line; the errors of ours end it with their message and exit code."""
    if isinstance(sys.stdout, TextIOWrapper):  # data is UTF-8 whatever the locale; a lone surrogate is told as \udcff
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        app(prog_name="briefing")
    except BriefingError as error:
        print(f"briefing: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
    except OSError as error:
        print(f"briefing: {error.strerror or error}: {error.filename or ''}".rstrip(": "), file=sys.stderr)
        sys.exit(1)


def _show_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def _top(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", is_eager=True, callback=_show_version)
    ] = False,
) -> None:
    pass


@app.command()
def build(
    inputs: Inputs,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="DIR", help="Where to [default: briefings/].")
    ] = None,
    formats: Annotated[
        str | None, typer.Option("--format", metavar="LIST", help="md, html, json, txt [default: md,html,json].")
    ] = None,
    date: Annotated[str | None, typer.Option(help="The briefing's day, such as 2024-10-22 [default: today].")] = None,
    since: Annotated[
        str | None, typer.Option(help="Only articles of the last 24h, 3d, ...; undated ones stay.")
    ] = None,
    topic: Annotated[list[str] | None, typer.Option(help="Only articles on this; repeat for any of several.")] = None,
    writer: WriterName = None,
    max_events: Annotated[int | None, typer.Option(metavar="N", help="At most N events.")] = None,
    words: Annotated[int | None, typer.Option(metavar="N", help="Words an event, at most [default: 160].")] = None,
    with_text: Annotated[bool, typer.Option("--with-text", help="Put the article texts into the JSON.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be read, sent and paid; write no file.")
    ] = False,
    templates: Annotated[Path | None, typer.Option(metavar="DIR", help="Your templates, before ours.")] = None,
    config: Config = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Make the briefing: read, group, write, prove, render.

    Example: briefing build seeds/ --format md,html,json -o briefings/
    """
    from briefing.config import load_settings
    from briefing.deliver.folder import write_edition
    from briefing.render import FORMATS

    settings = load_settings(
        config, output=output, formats=formats, writer=writer, max_events=max_events, words=words, templates=templates
    )
    unknown = [name for name in settings.formats if name not in FORMATS]
    if unknown:
        raise UsageError(f"unknown format {unknown[0]!r}: known are {', '.join(FORMATS)}")
    options = _options(
        settings.writer, words=settings.words, title=settings.title, date=date, since=since, topics=tuple(topic or ()),
        max_events=settings.max_events, with_text=with_text, quiet=quiet,
    )  # fmt: skip
    collected, edition = _make(inputs, options, quiet=quiet)
    if dry_run:
        tell_plan(collected, edition)
    else:
        paths = write_edition(edition.briefing, edition.articles, settings.output, settings.formats, settings.templates)
        if not quiet:
            tell(in_one_line(edition, verbose=verbose))
        print("\n".join(map(str, paths)))
    tell_problems(collected.problems)
    if collected.problems:
        raise typer.Exit(PARTIAL)


@app.command()
def summarize(
    inputs: Inputs,
    words: Annotated[int | None, typer.Option(metavar="N", help="Words, at most [default: 160].")] = None,
    writer: WriterName = None,
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

    settings = load_settings(config, words=words, writer=writer)
    options = _options(settings.writer, words=settings.words, one_event=True, quiet=quiet)
    collected, edition = _make(inputs, options, quiet=quiet)
    tell_problems(collected.problems)
    if not edition.briefing.events:
        raise BriefingError("nothing to tell: no sentence of these articles can stand alone")
    if not edition.briefing.events[0].sentences:
        tell(f"no sentence that stands alone has {settings.words} words or fewer: give a larger --words")
    if as_json:
        print(event_to_json(edition.briefing.events[0], edition.briefing.articles), end="")
    else:
        print(summary(edition.briefing, edition.articles, settings.templates), end="")
    if collected.problems:
        raise typer.Exit(PARTIAL)


@app.command()
def group(inputs: Inputs, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Group articles into events and storylines, without writing anything.

    Example: briefing group seeds/ --json
    """
    from briefing.group import group as group_articles
    from briefing.group import resolve_origins

    collected = _collect(inputs, quiet=quiet)
    grouping = group_articles(resolve_origins(collected.articles))
    if as_json:
        rows = [
            {"id": one.id, "storyline_id": one.storyline_id, "title": one.title, "article_ids": list(one.article_ids)}
            for one in grouping.clusters
        ]
        print_json({"events": rows})
    else:
        for one in grouping.clusters:
            print(f"{one.id}  {one.title}")
            for identifier in one.article_ids:
                print(f"    {identifier}")
    tell_problems(collected.problems)
    if collected.problems:
        raise typer.Exit(PARTIAL)


@app.command()
def extract(
    page: Annotated[str, typer.Argument(metavar="PAGE", help="One file, or - for a page on standard input.")],
    url: Annotated[str | None, typer.Option(help="The page's address, if it states none.")] = None,
    as_json: AsJson = False,
) -> None:
    """Clean one page: its title, text, date, author and publisher as the briefing would read them.

    Example: briefing extract page.html --json
    """
    from briefing.collect import extract as read_page

    article = read_page(page, sys.stdin.buffer if page == "-" else None, url)
    if as_json:
        keys = ("title", "body", "published", "author", "publisher", "language", "flags")
        values = {("text" if key == "body" else key): getattr(article, key) for key in keys}
        print_json(values)
    else:
        print(article.text)


@app.command()
def check(
    claims: Annotated[str, typer.Argument(metavar="CLAIMS.jsonl", help='Lines of {"id", "claim", "evidence"}, or -.')],
    as_json: AsJson = False,
) -> None:
    """Hold claims against their evidence; the exit code is 0 whatever the verdicts, 3 if a line is no claim.

    Example: briefing check claims.jsonl --json
    """
    from briefing.claims import read_claims, verdict

    data = sys.stdin.buffer.read() if claims == "-" else _bytes_of(Path(claims))
    problems: list[Problem] = []
    for row in read_claims(data, claims, problems):
        answer = verdict(row)
        if as_json:
            print(json.dumps(answer, ensure_ascii=False))
        else:
            holds = "holds" if answer["supported"] else "fails"
            print(f"{holds}  {answer['id']}  {', '.join(answer['reasons'])}".rstrip())
    tell_problems(problems)
    if problems:
        raise typer.Exit(PARTIAL)


@app.command()
def audit(
    briefing: Annotated[Path, typer.Argument(metavar="BRIEFING.json", help="A finished briefing.")],
    articles: Annotated[
        list[str] | None, typer.Option(metavar="INPUT", help="Where its articles are; repeat for several.")
    ] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Prove a finished briefing again: every passage exists, reads as quoted, and holds its sentence.

    Example: briefing audit briefings/2024-10-22.json --articles seeds/
    """
    from briefing.audit import audit as prove

    try:
        document = json.loads(_bytes_of(briefing))
    except (ValueError, RecursionError) as error:
        raise BriefingError(f"{briefing} is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise BriefingError(f"{briefing} is no briefing: its JSON is no object")
    texts: dict[str, Article] = {}
    if articles:
        collected = _collect(articles, quiet=quiet)
        tell_problems(collected.problems)
        texts = {article.id: article for article in collected.articles}
    result = prove(document, texts)
    if as_json:
        findings = [{"where": one.where, "reason": one.reason, "message": one.message} for one in result.findings]
        print_json({"proven": result.proven, "unproven": list(result.unproven), "findings": findings})
    else:
        for one in result.findings:
            print(f"{one.where}: {one.message} ({one.reason})")
        for where in result.unproven if texts else ():
            print(f"{where}: no text at hand, not proven")
        print(f"{result.proven} proven, {len(result.unproven)} without text, {len(result.findings)} findings")
        if result.unproven:
            print("what has no text cannot be proven: give --articles INPUT, or build with --with-text")
    if result.findings:
        raise typer.Exit(1)
    if result.unproven:
        raise typer.Exit(PARTIAL)


@app.command()
def schema() -> None:
    """Print the JSON Schema of the briefing's JSON.

    Example: briefing schema > briefing.schema.json
    """
    from briefing.edition import json_schema

    print_json(json_schema())


@app.command()
def templates(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Where to put the copies.")],
) -> None:
    """Copy our templates, to be changed; give the folder to `build --templates`.

    Example: briefing templates my-templates/
    """
    from briefing.render import copy_templates

    print("\n".join(map(str, copy_templates(folder))))


def _options(writer: str, *, quiet: bool, since: str | None = None, date: str | None = None, **rest: Any) -> Options:
    from briefing.dates import clock, parse_age, parse_stated
    from briefing.pipeline import Options

    if writer == "model":
        raise UsageError("the model writer is not in this version: leave --writer out, or say --writer extractive")
    if date is not None and (len(date) != len("2024-10-22") or parse_stated(date) != date):
        raise UsageError(f"--date {date!r} is no day: write it as 2024-10-22")
    try:
        options = Options(
            clock=clock(os.environ), date=date, since=parse_age(since) if since is not None else None, **rest
        )
    except ValueError as error:
        raise UsageError(str(error)) from error
    if writer == "auto" and not quiet:
        tell("no language model is used in this version: the sentences are the articles' own (extractive)")
    return options


def _make(inputs: Sequence[str], options: Options, *, quiet: bool) -> tuple[Collected, Edition]:
    from briefing.errors import NothingNew
    from briefing.pipeline import make

    collected = _collect(inputs, quiet=quiet)
    try:
        with _progress(quiet=quiet) as bar:
            return collected, make(collected, options, bar)
    except NothingNew as nothing:
        tell_problems(collected.problems)
        if collected.problems and not collected.articles:
            print(f"briefing: {nothing}", file=sys.stderr)
            raise typer.Exit(PARTIAL) from nothing
        raise


def _collect(inputs: Sequence[str], *, quiet: bool) -> Collected:
    from briefing.collect import collect

    with _progress(quiet=quiet) as bar:
        return collect(inputs, stdin=sys.stdin.buffer, progress=lambda done, total: bar("read", done, total))


def _progress(*, quiet: bool) -> Bar:
    from briefing.progress import Bar

    return Bar(shown=not quiet and sys.stderr.isatty())


def _bytes_of(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
