"""The verbs that ask the sources and look at what they gave: fetch, status, search."""

from __future__ import annotations

from typing import Annotated

import typer

from briefing.cli.shared import (
    PARTIAL,
    AsJson,
    Config,
    Quiet,
    Verbose,
    now_of,
    open_known_store,
    progress_bar,
    web_of,
)
from briefing.console import print_json, tell
from briefing.errors import NothingNew, UsageError


def fetch(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE...]", help="Addresses, names or tags [default: all].")
    ] = None,
    again: Annotated[
        bool, typer.Option("--all", help="Ask also the sources that wait after failures, or have ended.")
    ] = False,
    pages: Annotated[bool | None, typer.Option("--pages/--no-pages", help="Fetch the pages of teasers.")] = None,
    as_json: AsJson = False,
    config: Config = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Ask the sources for news and store it: each article once, however often it is fetched.

    Example: briefing fetch && briefing build
    """
    from briefing.fetch.round import Wishes
    from briefing.fetch.run import fetch as run
    from briefing.fetch.telling import as_dict, in_lines
    from briefing.store.lock import held

    with open_known_store(config) as (settings, database):
        own = settings.fetch
        wanted = own.pages if pages is None else pages
        wishes = Wishes(
            workers=own.workers,
            pages_within=own.pages_within if wanted else None,
            again=again,
            only=tuple(sources or ()),
        )
        with held(database, "fetch"), web_of(settings) as web, progress_bar(quiet=quiet) as bar:
            result = run(database, web, wishes, now_of(), bar, keep_for=own.keep)
    if as_json:
        print_json(as_dict(result))
    if not result.asked and not result.waiting and not result.ended:
        raise UsageError("no sources yet; add one: briefing add URL, or briefing import FILE.opml")
    for line in in_lines(result, quiet=quiet, verbose=verbose):
        tell(line)
    if result.failed:
        raise typer.Exit(1 if len(result.failed) == result.asked else PARTIAL)


def status(
    sources: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE...]", help="Addresses, names or tags [default: all].")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
    verbose: Annotated[bool, typer.Option("-v", "--verbose", help="Tell its settings and what it gave, too.")] = False,
) -> None:
    """Tell how each source fares: what failed, since when, why, and when it is asked again.

    Example: briefing status
    """
    from briefing.fetch.telling import status_dict, status_lines
    from briefing.sources import named
    from briefing.store.lookup import page_failures
    from briefing.store.sources import gave, listed

    now = now_of()()
    with open_known_store(config) as (settings, database):
        known = database.read(listed)
        pages = database.read(page_failures, now - settings.fetch.pages_within)
        articles = database.read(gave) if as_json or verbose else None
    meant = named((one.source for one in known), sources or ())
    chosen = [one for one in known if not sources or one.source.url in meant]
    if as_json:
        print_json({"sources": [status_dict(one, now, pages, articles or {}) for one in chosen]})
        return
    if not known:
        tell("no sources yet: briefing add URL, or briefing import FILE.opml")
    for line in status_lines(chosen, now, pages, articles):
        print(line)


def search(
    words: Annotated[list[str], typer.Argument(metavar="WORD...", help="Words that an article has, all of them.")],
    limit: Annotated[int, typer.Option("-n", min=1, metavar="N", help="Articles at most.")] = 20,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Find stored articles, the best first.

    Example: briefing search ferry accident
    """
    from briefing.store import StoreError
    from briefing.store.lookup import newest
    from briefing.store.search import index, is_whole
    from briefing.store.search import search as find

    with open_known_store(config) as (_, database):
        if not database.read(is_whole):  # a fetch was cut short
            try:
                database.write(index)
            except StoreError as error:
                tell(f"the newest texts are not searched: {error}")
        found = database.read(find, " ".join(words), limit)
        texts = database.read(newest, [identifier for identifier, _ in found])
    if not found:
        if as_json:
            print_json({"articles": []})
        raise NothingNew(f"no stored article has {' '.join(words)!r}")
    rows = [texts[identifier] for identifier, _ in found]
    if as_json:
        keys = ("id", "title", "published", "publisher", "url")
        print_json({"articles": [{key: getattr(one, key) for key in keys} for one in rows]})
        return
    for one in rows:
        place = f"  {one.url}" if one.url else ""
        print(f"{(one.published or 'undated')[:10]:<10}  {one.publisher or '-'}: {one.title or one.body[:80]}{place}")
