"""The verbs that say which sources a reader has: init, add, remove, import, export."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from briefing.cli.shared import PARTIAL, Config, Quiet, bytes_of, open_settings_store, web_of
from briefing.console import tell, tell_problems
from briefing.errors import BriefingError, UsageError

if TYPE_CHECKING:
    from briefing.config import Settings
    from briefing.fetch.adding import Template
    from briefing.sources import Source, TextPolicy

Tags = Annotated[list[str] | None, typer.Option("--tag", help="A tag; repeat for several.")]
Publisher = Annotated[str | None, typer.Option(help="Who publishes it, if it does not say so itself.")]
Owner = Annotated[str | None, typer.Option(help="The group that owns it: papers of one owner count as one origin.")]
MaxItems = Annotated[int | None, typer.Option(min=1, metavar="N", help="Entries read in one fetch, at most.")]
MaxPages = Annotated[int | None, typer.Option(min=0, metavar="N", help="Pages fetched in one fetch, at most.")]
TextFrom = Annotated[
    str,
    typer.Option("--text", metavar="auto|feed|page", help="Where texts come from; auto: the page of a teaser."),
]


def init(config: Config = None, quiet: Quiet = False) -> None:
    """Set up: write a briefing.toml to edit, if there is none, and make the store.

    Example: briefing init
    """
    from briefing.cli.sample import write_sample
    from briefing.config import DEFAULT_FILE

    file = config or DEFAULT_FILE
    written = write_sample(file)
    with open_settings_store(config) as (_, database):
        if not quiet:
            tell(f"{file}: {'written; every setting in it is explained' if written else 'is there already'}")
            tell(f"{database.place}: the store; add sources with: briefing add URL, or briefing import FILE.opml")


def add(
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help="Feeds, or pages that name their feed.")],
    kind: Annotated[
        str | None,
        typer.Option(metavar="feed|page|sitemap", help="What it is [default: what it turns out to be; unseen: feed]."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="What to call it.")] = None,
    publisher: Publisher = None,
    owner: Owner = None,
    tag: Tags = None,
    text: TextFrom = "auto",
    max_items: MaxItems = None,
    max_pages: MaxPages = None,
    check: Annotated[bool, typer.Option("--check/--no-check", help="Ask the address before it is added.")] = True,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Add sources. From a page's address its feed is found.

    Example: briefing add https://example.org/news --tag local
    """
    from briefing.fetch.adding import Template, add_all

    _check_words(kind, text, name, urls)
    own = Template(
        name=name, publisher=publisher, owner=owner, tags=tuple(tag or ()), text=cast("TextPolicy", text),
        max_items=max_items, max_pages=max_pages,
    )  # fmt: skip
    problems: list[str] = []
    with open_settings_store(config) as (settings, database):
        if check:
            wanted = list(_found(urls, kind, own, settings, problems, quiet=quiet))
        else:
            wanted = [own.source(url, kind or "feed") for url in urls]
        added, known = add_all(database, wanted)
    if not quiet:
        for source in added:
            tell(f"added {source.shown}: {source.kind} {source.public_url}")
        for source in known:
            tell(f"known already, and left as it is: {source.public_url}; to change it, remove it first")
    for problem in problems:
        tell(problem)
    if problems:
        raise typer.Exit(PARTIAL if added or known else 1)


def _check_words(kind: str | None, text: str, name: str | None, urls: Sequence[str]) -> None:
    from briefing.fetch import KINDS

    if text not in {"auto", "feed", "page"}:
        raise UsageError(f"--text {text!r}: known are auto, feed, page")
    if kind is not None and kind not in KINDS and ":" not in kind:
        raise UsageError(f"--kind {kind!r}: known are {', '.join(KINDS)}, or module:Name of your own")
    if name is not None and len(urls) > 1:
        raise UsageError("--name names one source: give one URL")


def _found(
    urls: Sequence[str], kind: str | None, own: Template, settings: Settings, problems: list[str], *, quiet: bool
) -> Iterator[Source]:
    """What the addresses lead to; those that lead nowhere are added to `problems`."""
    from briefing.canonical import without_credentials
    from briefing.fetch.adding import found_at

    with web_of(settings) as web:
        for url in urls:
            try:
                found = found_at(url, web, kind)
            except BriefingError as error:
                problems.append(f"{error}; not added (--no-check adds it unseen)")
                continue
            if found.others and not quiet:
                tell(f"{without_credentials(url)} also names {', '.join(found.others)}")
            yield own.source(found.url, found.kind, found.title)


def remove(
    sources: Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Addresses, as `status` shows them.")],
    config: Config = None,
) -> None:
    """Take sources out. What they gave stays in the store.

    Example: briefing remove https://example.org/feed.xml
    """
    from briefing.canonical import without_credentials
    from briefing.store.sources import remove as take_out

    with open_settings_store(config) as (_, database):
        missing = [url for url in sources if not database.write(take_out, url)]
    for url in sources:
        if url not in missing:
            tell(f"removed {without_credentials(url)}; what it gave stays")
    if missing:
        shown = ", ".join(map(without_credentials, missing))
        raise UsageError(f"no such source: {shown}; `briefing status` lists them")


def import_opml(
    opml: Annotated[str, typer.Argument(metavar="FILE.opml", help="A list of feeds from any reader, or -.")],
    tag: Tags = None,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Add the feeds of an OPML file, with the outlines that they lie in. Nothing is asked yet.

    Example: briefing import feeds.opml
    """
    from briefing.collect.feeds.opml import read
    from briefing.fetch.adding import Template, add_all

    data = sys.stdin.buffer.read() if opml == "-" else bytes_of(Path(opml))
    outlines, problems = read(data, opml)
    if not outlines:
        raise UsageError(f"{opml}: {problems[0].error if problems else 'names no feed'}")
    with open_settings_store(config) as (_, database):
        wanted = [
            Template(tags=(*one.tags, *(tag or ())), folder=one.folder).source(one.url, one.kind, one.title)
            for one in outlines
        ]
        added, known = add_all(database, wanted)
    if not quiet:
        tell(f"{len(added)} added, {len(known)} known already")
    tell_problems(problems)
    if problems:
        raise typer.Exit(PARTIAL)


def export(config: Config = None) -> None:
    """Print all sources as OPML, for any reader.

    Example: briefing export > feeds.opml
    """
    from briefing.collect.feeds.opml import Outline, write
    from briefing.store.sources import listed

    with open_settings_store(config) as (_, database):
        known = [one.source for one in database.read(listed)]
    outlines = [Outline(url=one.url, title=one.shown, kind=one.kind, folder=one.folder, tags=one.tags) for one in known]
    if secret := [one.shown for one in known if one.url != one.public_url]:
        tell(f"the addresses of {', '.join(secret)} hold passwords, and stand in the list as they are")
    print(write(outlines, "briefing"), end="")
