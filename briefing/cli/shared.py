"""What several verbs share: their options, and reading what INPUT names."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from briefing.console import in_lines
from briefing.errors import UsageError

if TYPE_CHECKING:
    from briefing.collect import Ask, Collected
    from briefing.config import Settings
    from briefing.domain import Article
    from briefing.fetch.collected import Lack
    from briefing.pipeline import Edition, Options
    from briefing.progress import Bar
    from briefing.store import Database
    from briefing.web import Web

PARTIAL = 3
_NO_SOURCES = (
    "no INPUT is given, and no source is there to brief: name files or addresses, "
    "or set up your own sources: briefing add URL, then briefing fetch"
)

Inputs = Annotated[
    list[str],
    typer.Argument(
        metavar="INPUT...", help="Files, folders (.txt .md .html .jsonl .json .xml), addresses, - for JSON Lines."
    ),
]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Only errors on standard error.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="Tell what each stage found.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Config = Annotated[Path | None, typer.Option("--config", help="Settings [default: briefing.toml, if there is one].")]
Output = Annotated[Path | None, typer.Option("-o", "--output", metavar="DIR", help="Where to [default: briefings/].")]
Templates = Annotated[Path | None, typer.Option(metavar="DIR", help="Your templates, before ours.")]


def collect_inputs(inputs: Sequence[str], *, quiet: bool, settings: Settings | None = None) -> Collected:
    """What INPUT names, read and cleaned, under a progress bar."""
    from briefing.collect import collect
    from briefing.collect.inputs import is_address

    def read(ask: Ask | None = None) -> Collected:
        with progress_bar(quiet=quiet) as bar:
            return collect(
                inputs, stdin=sys.stdin.buffer, progress=lambda done, total: bar("read", done, total), ask=ask
            )

    if not any(map(is_address, inputs)):
        return read()
    from briefing.config import load_settings
    from briefing.fetch.inputs import ask

    with web_of(settings or load_settings()) as web:
        return read(lambda address: ask(address, web))


def collect_any(
    inputs: Sequence[str], options: Options, settings: Settings, *, quiet: bool
) -> tuple[Collected, list[str]]:
    """What INPUT names, or without any the store has; and what is said of what could not be read.

    Of the store, which is asked each day, `quiet` leaves only what fails since the last edition.
    """
    if inputs:
        collected = collect_inputs(inputs, quiet=quiet, settings=settings)
        return collected, in_lines(collected.problems)
    collected, lacks = collect_stored(settings, options)
    return collected, [one.line for one in lacks if one.is_new or not quiet]


def collect_stored(settings: Settings, options: Options) -> tuple[Collected, tuple[Lack, ...]]:
    """What the store has collected in the window that `options` name, and what is said of the sources that failed.

    Raises UsageError where there are no sources.
    """
    from briefing.fetch.collected import collected
    from briefing.store.sources import listed

    assert options.since is not None  # noqa: S101 - for the type checker
    start, end = options.window(options.since)
    if not has_store(settings):
        raise UsageError(_NO_SOURCES)
    with open_store_of(settings) as database:
        if not database.read(listed):
            raise UsageError(_NO_SOURCES)
        return collected(database, start, end if end < options.clock.now else None, options.clock.now)


def remember(settings: Settings, edition: Edition) -> None:
    """Keep an edition that was made from the store: what it cites is not forgotten, and can be proven again."""
    from briefing.edition import to_json
    from briefing.store.briefings import save

    with open_store_of(settings) as database:
        database.write(save, edition.briefing, to_json(edition.briefing), now_of()())


def stored_texts(document: Mapping[str, Any], config: Path | None) -> dict[str, Article]:
    """The texts that a briefing's JSON lists without holding them, as far as there is a store that has them."""
    from briefing.config import load_settings
    from briefing.store.briefings import texts

    records = document.get("articles")
    rows = [one for one in records if isinstance(one, dict)] if isinstance(records, list) else []
    wanted = [(one.get("id"), one.get("sha256")) for one in rows if not isinstance(one.get("text"), str)]
    known = [(key, sha256) for key, sha256 in wanted if isinstance(key, str) and isinstance(sha256, str)]
    settings = load_settings(config)
    if not known or not has_store(settings):
        return {}
    with open_store_of(settings) as database:
        return database.read(texts, known)


def has_store(settings: Settings) -> bool:
    """Whether there is a store to open; a server is asked when it is opened."""
    place = settings.store_place
    return not isinstance(place, Path) or place.exists()


@contextmanager
def open_settings_store(config: Path | None) -> Iterator[tuple[Settings, Database]]:
    """The settings, and the store that they name, closed at the end."""
    from briefing.config import load_settings

    settings = load_settings(config)
    with open_store_of(settings) as database:
        yield settings, database


@contextmanager
def open_known_store(config: Path | None) -> Iterator[tuple[Settings, Database]]:
    """As `open_settings_store`, for a verb that has nothing to do where there is no store: none is made."""
    from briefing.config import load_settings

    settings = load_settings(config)
    if not has_store(settings):
        raise UsageError(
            f"there is no store at {settings.store_place}: make one with `briefing init` or `briefing add`"
        )
    with open_store_of(settings) as database:
        yield settings, database


@contextmanager
def open_store_of(settings: Settings) -> Iterator[Database]:
    """The store that the settings name, closed at the end."""
    from briefing.store import open_store

    with open_store(settings.store_place) as database:
        yield database


def web_of(settings: Settings) -> Web:
    """The client that asks the web, within the limits that the settings state."""
    from briefing.web import Limits, Web

    own = settings.fetch
    return Web(Limits(timeout=own.timeout, pause=own.pause, intranet=frozenset(own.intranet), contact=own.contact))


def now_of() -> Callable[[], datetime]:
    """The time, or what `SOURCE_DATE_EPOCH` fixes it to. Raises UsageError where that is no time."""
    from briefing.dates import clock

    try:
        fixed = clock(os.environ)
    except ValueError as error:
        raise UsageError(str(error)) from error
    return (lambda: fixed.now) if fixed.fixed else lambda: datetime.now(UTC)


def progress_bar(*, quiet: bool) -> Bar:
    """A progress bar on standard error, shown only on a terminal."""
    from briefing.progress import Bar

    shown = not quiet and sys.stderr is not None and sys.stderr.isatty()  # None: it was closed by who called us
    return Bar(shown=shown)


def bytes_of(path: Path) -> bytes:
    """A file's bytes. Raises UsageError that names it."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
