"""The verb that changes a source's settings: edit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from briefing.cli.shared import Config, Quiet, open_known_store
from briefing.cli.sources import Named
from briefing.console import tell
from briefing.errors import UsageError
from briefing.sources import BOUND_LIMIT, Source

if TYPE_CHECKING:
    from briefing.fetch.changing import Change

_PLAIN = Source(url="")  # every setting not set
_FIELDS = ("url", "name", "publisher", "owner", "tags", "text", "max_items", "max_pages")
_RESET = {one.replace("_", "-"): one for one in _FIELDS if one != "url"}
_USAGE = (
    "briefing edit SOURCE... with one of --name, --publisher, --owner, --tag, --untag, --text, --max-items, "
    "--max-pages, --url, --reset"
)


def edit(
    sources: Named,
    name: Annotated[str | None, typer.Option(help="What to call it; of one source.")] = None,
    publisher: Annotated[str | None, typer.Option(help="Who publishes it.")] = None,
    owner: Annotated[str | None, typer.Option(help="The group that owns it.")] = None,
    tag: Annotated[list[str] | None, typer.Option("--tag", help="A tag to add; repeat for several.")] = None,
    untag: Annotated[list[str] | None, typer.Option("--untag", help="A tag to take away; repeat for several.")] = None,
    text: Annotated[str | None, typer.Option("--text", metavar="auto|feed|page", help="Where texts come from.")] = None,
    max_items: Annotated[
        int | None,
        typer.Option(min=0, max=BOUND_LIMIT, metavar="N", help="Entries read in one fetch; 0: no bound of its own."),
    ] = None,
    max_pages: Annotated[
        int | None, typer.Option(min=0, max=BOUND_LIMIT, metavar="N", help="Pages fetched in one fetch; 0: none.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(metavar="URL", help="Its new address, taken unseen; what it gave stays its own.")
    ] = None,
    reset: Annotated[
        list[str] | None,
        typer.Option(metavar="FIELD", help=f"Take a setting back; repeat for several: {', '.join(_RESET)}."),
    ] = None,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Change settings of sources, for what is fetched from now on.

    An empty --name, --publisher or --owner takes it back, as --reset does.

    Example: briefing edit local --publisher "The Courier" --untag old --reset max-pages
    """
    from briefing.fetch.changing import change_all
    from briefing.store.lock import held

    given: dict[str, Any] = {
        "name": name, "publisher": publisher, "owner": owner, "text": text, "max_items": max_items,
        "max_pages": max_pages, "url": url,
    }  # fmt: skip
    given = {key: value for key, value in given.items() if value is not None}
    change = _change(given, tag or (), untag or (), reset or ())
    with ExitStack() as stack:
        _, database = stack.enter_context(open_known_store(config))
        if {"url", "max_items"} & set(change.values):  # a fetch under way would store the old address, and the ETag
            stack.enter_context(held(database, "fetch"))
        changed = change_all(database, sources, change)
    for before, after in changed if not quiet else ():
        told = "; ".join(_differences(before, after))
        tell(f"changed {before.shown}: {told}" if told else f"{before.shown}: is so already")


def _change(given: dict[str, Any], tags: Sequence[str], untags: Sequence[str], reset: Sequence[str]) -> Change:
    """What the options ask for. Raises UsageError where that is nothing, or what no source can have."""
    from briefing.fetch.adding import placed, worded
    from briefing.fetch.changing import Change

    back = _taken_back(reset, given, untags)
    if not (given or back or tags or untags):
        raise UsageError(f"nothing is to be changed: {_USAGE}")
    wish = worded(replace(_PLAIN, **{key: value for key, value in given.items() if key != "url"}, tags=tuple(tags)))
    wish = replace(wish, max_items=wish.max_items or None)
    if "url" in given:
        wish = placed(wish, given["url"], wish.kind)
    values = {key: getattr(wish, key) for key in given} | {key: getattr(_PLAIN, key) for key in back}
    return Change(values=values, tags=wish.tags, untags=tuple(untags))


def _taken_back(reset: Sequence[str], given: dict[str, Any], untag: Sequence[str]) -> list[str]:
    """The fields that `--reset` names. Raises UsageError for one that is none, or that is set in the same call."""
    for one in reset:
        if one not in _RESET:
            raise UsageError(f"--reset {one!r}: known are {', '.join(_RESET)}")
        if _RESET[one] in given or (one == "tags" and untag):
            raise UsageError(f"--reset {one}: the same call says what it is to be; leave one of them out")
    return [_RESET[one] for one in reset]


def _differences(before: Source, after: Source) -> Iterator[str]:
    for key in _FIELDS:
        old, new = _said(before, key), _said(after, key)
        if old != new:
            yield f"{key.replace('_', '-')}: {new} (was {old})"


def _said(source: Source, key: str) -> str:
    value = source.public_url if key == "url" else getattr(source, key)
    if isinstance(value, tuple):
        value = ", ".join(value) or None
    return "not set" if value is None else str(value)
