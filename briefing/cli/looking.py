"""The verbs that look at something and write no briefing: group, extract, check, audit."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from briefing.cli.shared import PARTIAL, AsJson, Config, Inputs, Quiet, bytes_of, collect_inputs, stored_texts
from briefing.console import print_json, tell_problems
from briefing.errors import BriefingError

if TYPE_CHECKING:
    from briefing.domain import Article
    from briefing.report import Problem


def group(inputs: Inputs, as_json: AsJson = False, quiet: Quiet = False) -> None:
    """Group articles into events and storylines, without writing anything.

    Example: briefing group seeds/ --json
    """
    from briefing.group import group as group_articles
    from briefing.group import resolve_origins

    collected = collect_inputs(inputs, quiet=quiet)
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


def check(
    claims: Annotated[str, typer.Argument(metavar="CLAIMS.jsonl", help='Lines of {"id", "claim", "evidence"}, or -.')],
    as_json: AsJson = False,
) -> None:
    """Hold claims against their evidence; the exit code is 0 whatever the verdicts, 3 if a line is no claim.

    Example: briefing check claims.jsonl --json
    """
    from briefing.claims import read_claims, verdict

    data = sys.stdin.buffer.read() if claims == "-" else bytes_of(Path(claims))
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


def audit(
    briefing: Annotated[Path, typer.Argument(metavar="BRIEFING.json", help="A finished briefing.")],
    articles: Annotated[
        list[str] | None, typer.Option(metavar="INPUT", help="Where its articles are; repeat for several.")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Prove a finished briefing again: every passage exists, reads as quoted, and holds its sentence.

    Texts come from the file itself, from --articles, or from the store.

    Example: briefing audit briefings/2024-10-22.json --articles seeds/
    """
    from briefing.audit import audit as prove

    try:
        document = json.loads(bytes_of(briefing))
    except (ValueError, RecursionError) as error:
        raise BriefingError(f"{briefing} is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise BriefingError(f"{briefing} is no briefing: its JSON is no object")
    texts: dict[str, Article] = {}
    if articles:
        collected = collect_inputs(articles, quiet=quiet)
        tell_problems(collected.problems)
        texts = {article.id: article for article in collected.articles}
    else:
        texts = stored_texts(document, config)
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
            print(
                "what has no text cannot be proven: give --articles INPUT, or build with --with-text or from the store"
            )
    if result.findings:
        raise typer.Exit(1)
    if result.unproven:
        raise typer.Exit(PARTIAL)
