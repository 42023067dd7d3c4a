"""The verbs that say which sources a reader has: init, add, remove, import, export."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from briefing.cli.shared import PARTIAL, Config, Quiet, bytes_of, open_known_store, open_settings_store, web_of
from briefing.console import tell, tell_problems
from briefing.errors import BriefingError, UsageError
from briefing.sources import BOUND_LIMIT, Source, TextPolicy

if TYPE_CHECKING:
    from briefing.config import Settings

Tags = Annotated[list[str] | None, typer.Option("--tag", help="A tag; repeat for several.")]
Publisher = Annotated[str | None, typer.Option(help="Who publishes it, if it does not say so itself.")]
Owner = Annotated[str | None, typer.Option(help="The group that owns it: papers of one owner count as one origin.")]
MaxItems = Annotated[
    int | None, typer.Option(min=1, max=BOUND_LIMIT, metavar="N", help="Entries read in one fetch, at most.")
]
MaxPages = Annotated[
    int | None, typer.Option(min=0, max=BOUND_LIMIT, metavar="N", help="Pages fetched in one fetch, at most.")
]
TextFrom = Annotated[
    str,
    typer.Option("--text", metavar="auto|feed|page", help="Where texts come from; auto: the page of a teaser."),
]
Named = Annotated[list[str], typer.Argument(metavar="SOURCE...", help="Addresses, names or tags.")]


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
    from briefing.fetch.adding import add_all, placed, worded

    if name is not None and len(urls) > 1:
        raise UsageError("--name names one source: give one URL")
    wish = Source(
        url="", kind="feed" if kind is None else kind, name=name, publisher=publisher, owner=owner,
        tags=tuple(tag or ()), text=cast("TextPolicy", text), max_items=max_items, max_pages=max_pages,
    )  # fmt: skip
    wish = worded(wish)
    problems: list[str] = []
    with open_settings_store(config) as (settings, database):
        if check:
            wanted = list(_found(urls, kind, wish, settings, problems, quiet=quiet))
        else:
            wanted = [placed(wish, url, wish.kind) for url in urls]
        added, known = add_all(database, wanted)
    if not quiet:
        for source in added:
            tell(f"added {source.shown}: {source.kind} {source.public_url}")
        for source in known:
            tell(f"known already, and left as it is: {source.public_url}; to change it: briefing edit")
    for problem in problems:
        tell(problem)
    if problems:
        raise typer.Exit(PARTIAL if added or known else 1)


def _found(
    urls: Sequence[str], kind: str | None, wish: Source, settings: Settings, problems: list[str], *, quiet: bool
) -> Iterator[Source]:
    """What the addresses lead to; those that lead nowhere are added to `problems`."""
    from briefing.canonical import without_credentials
    from briefing.fetch.adding import found_at, placed

    with web_of(settings) as web:
        for url in urls:
            try:
                found = found_at(url, web, kind)
            except BriefingError as error:
                problems.append(f"{error}; not added (--no-check adds it unseen)")
                continue
            if found.others and not quiet:
                tell(f"{without_credentials(url)} also names {', '.join(found.others)}")
            yield placed(wish, found.url, found.kind, found.title)


def remove(
    sources: Named,
    yes: Annotated[bool, typer.Option("-y", "--yes", help="Do not ask before several are taken out.")] = False,
    config: Config = None,
) -> None:
    """Take sources out; a tag takes out all that have it. What they gave stays in the store.

    On a terminal it asks before it takes out several.

    Example: briefing remove https://example.org/feed.xml
    """
    from briefing.sources import named
    from briefing.store.sources import listed
    from briefing.store.sources import remove as take_out

    with open_known_store(config) as (_, database):
        known = [one.source for one in database.read(listed)]
        meant = named(known, sources)
        chosen = [one for one in known if one.url in meant]
        if len(chosen) > 1 and not yes and sys.stdin.isatty():
            for one in chosen:
                tell(f"{one.shown}: {one.public_url}")
            if not typer.confirm(f"Take out these {len(chosen)} sources?", err=True):
                tell("nothing is removed")
                raise typer.Exit(1)
        database.write(take_out, *meant)
    for one in chosen:
        tell(f"removed {one.shown}: {one.public_url}; what it gave stays")


def import_opml(
    opml: Annotated[str, typer.Argument(metavar="FILE.opml", help="A list of feeds from any reader, or -.")],
    tag: Tags = None,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Add the feeds of an OPML file, with the outlines and settings that they have. Nothing is asked yet.

    Example: briefing import feeds.opml
    """
    from briefing.collect.feeds.opml import read
    from briefing.fetch.adding import add_all, worded

    tags = worded(Source(url="", tags=tuple(tag or ()))).tags
    data = sys.stdin.buffer.read() if opml == "-" else bytes_of(Path(opml))
    found, problems = read(data, opml)
    if not found:
        raise UsageError(f"{opml}: {problems[0].error if problems else 'names no feed'}")
    with open_settings_store(config) as (_, database):
        wanted = [replace(one, tags=tuple(dict.fromkeys((*one.tags, *tags)))) for one in found]
        added, known = add_all(database, wanted)
    if not quiet:
        tell(f"{len(added)} added, {len(known)} known already")
    tell_problems(problems)
    if problems:
        raise typer.Exit(PARTIAL)


def export(config: Config = None) -> None:
    """Print all sources as OPML, for any reader; `import` takes all their settings from it.

    Example: briefing export > feeds.opml
    """
    from briefing.collect.feeds.opml import write
    from briefing.store.sources import listed

    with open_known_store(config) as (_, database):
        known = [one.source for one in database.read(listed)]
    if secret := [one.shown for one in known if one.url != one.public_url]:
        tell(f"the addresses of {', '.join(secret)} hold passwords, and stand in the list as they are")
    print(write(known, "briefing"), end="")
