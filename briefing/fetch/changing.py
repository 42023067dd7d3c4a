"""Settings of known sources that the reader changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from briefing.errors import UsageError
from briefing.sources import Source, SourceState, named
from briefing.store import Database
from briefing.store.sources import Kept, change, listed, save_state

_OF_ONE = ("name", "url")  # what no two sources can share


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of a source: `values` by field, then its tags without `untags`, whatever their case, and `tags`."""

    values: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    untags: tuple[str, ...] = ()

    def of(self, source: Source) -> Source:
        """The source changed."""
        source = replace(source, **self.values)
        gone = {tag.casefold() for tag in self.untags}
        rest = [tag for tag in source.tags if tag.casefold() not in gone]
        return replace(source, tags=tuple(dict.fromkeys((*rest, *self.tags))))


def change_all(database: Database, wanted: Iterable[str], wish: Change) -> list[tuple[Source, Source]]:
    """Change the sources that `wanted` means (see `named`), in one transaction: each as it was and as it is.

    Raises UsageError, and changes nothing, where a word means no source, where several would get one name or one
    address, and where another source has the address already.
    """
    words = list(wanted)

    def change_each(connection: Connection) -> list[tuple[Source, Source]]:
        known = listed(connection)
        meant = named((one.source for one in known), words)
        chosen = [one for one in known if one.source.url in meant]
        for key in _OF_ONE:
            if wish.values.get(key) is not None and len(chosen) > 1:
                shown = ", ".join(one.source.shown for one in chosen)
                raise UsageError(f"--{key} is for one source, and these are {len(chosen)}: {shown}")
        for other in known:
            if other.source.url == wish.values.get("url") and other.source.url not in meant:
                raise UsageError(f"{other.source.public_url} is a source already: {other.source.shown}")
        return [(one.source, _changed(connection, one, wish)) for one in chosen]

    return database.write(change_each)


def _changed(connection: Connection, kept: Kept, wish: Change) -> Source:
    before, after = kept.source, wish.of(kept.source)
    old, new = asdict(before), asdict(after)
    if different := {key: value for key, value in new.items() if value != old[key]}:
        change(connection, before.url, **different)
    state = kept.state
    if "url" in wish.values and (after.url != before.url or after.url != state.address):
        state = SourceState(address=after.url, succeeded_at=state.succeeded_at)
    elif "max_items" in different:
        state = replace(state, etag=None, modified=None)  # what was left out is read, though the feed is the same
    if state != kept.state:
        save_state(connection, kept.id, state)
    return after
