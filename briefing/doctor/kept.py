"""The store: can it be opened, is it whole, how large is it, who can read it, when was it fed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import make_url

from briefing.canonical import without_credentials
from briefing.doctor.finding import Finding, Setup, bad, good, skipped, warn, why_not_writable
from briefing.fetch.telling import age, day
from briefing.render.wording import count
from briefing.sources import Source
from briefing.store import Database, StoreError, peek
from briefing.store.migrate import HEAD
from briefing.store.sources import last_fetches, listed

_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_OLD = 3  # times of `fetch.every` after which a fetch is overdue


def check(setup: Setup) -> Iterator[Finding]:
    """Opened to be read; nothing is made and nothing brought up to date."""
    place = setup.settings.store_place
    try:
        with opened(setup) as database:
            if database is None:
                yield _absent(place)
                return
            database.check()
            yield good(f"{database.place}: whole, revision {HEAD}{_size(database)}")
            yield from _fed(database, setup)
    except StoreError as error:
        yield bad(str(error), _repair(place))
        return
    if isinstance(place, Path):
        yield from _of_file(place)


@contextmanager
def opened(setup: Setup) -> Iterator[Database | None]:
    """The store, to be read; None where there is none yet, or an older one. Raises StoreError, UsageError."""
    database = peek(setup.settings.store_place)
    try:
        yield database
    finally:
        if database is not None:
            database.close()


def known_sources(setup: Setup) -> list[Source] | None:
    """The sources in the store; None where there is no store to ask. Raises StoreError, UsageError."""
    with opened(setup) as database:
        return None if database is None else [one.source for one in database.read(listed)]


def size(octets: float) -> str:
    """A number of octets, in words."""
    for unit in ("KB", "MB", "GB"):
        octets /= 1000
        if octets < 1000:
            return f"{octets:.1f} {unit}"
    return f"{octets / 1000:.1f} TB"


def _absent(place: str | Path) -> Finding:
    shown = place if isinstance(place, Path) else without_credentials(place)
    if isinstance(place, Path) and not place.exists():
        why = why_not_writable(place.parent)
        if why is not None:
            return bad(
                f"there is none at {shown}, and none can be made: {why}", "make the folder writable, or set store"
            )
        return warn(f"there is none yet at {shown}", "briefing init makes it, then briefing add URL")
    return warn(f"{shown} is of an older version", "the next run brings it up to date, after a copy of it")


def _repair(place: str | Path) -> str:
    if isinstance(place, Path):
        return "nothing was changed; until this is mended nothing is stored"
    host = make_url(place).host or "its server"
    return f"is PostgreSQL up at {host}, and may this user log in? nothing was changed"


def _size(database: Database) -> str:
    return f", {size(database.size)}" if database.file is not None else ", on a server"


def _fed(database: Database, setup: Setup) -> Iterator[Finding]:
    last = database.read(last_fetches, _EVER, 1)
    if not last:
        yield skipped("nothing was ever fetched", "briefing fetch")
        return
    at: datetime = last[0]._mapping["at"]  # noqa: SLF001 - the library's public name for a row as a mapping
    past, every = setup.now - at, setup.settings.fetch.every
    if every and past > every * _OLD:
        yield warn(f"nothing was fetched for {age(past)}", "briefing fetch, or see below whether a timer runs")
    else:
        yield good(f"last fetched {day(at)}")


def _of_file(file: Path) -> Iterator[Finding]:
    mode = file.stat().st_mode
    if mode & 0o077:
        yield warn(f"{file} can be read by others (mode {mode & 0o777:04o})", f"chmod 600 {file}")
    why = why_not_writable(file.parent)
    if why is not None:
        yield bad(f"nothing can be written beside {file}: {why}", "make the file and its folder writable")
    old = sorted(file.parent.glob(f"{file.name}.backup-*"))
    if len(old) > 3:
        total = sum(one.stat().st_size for one in old)
        yield warn(
            f"{count(len(old), 'copy', 'copies')} of older versions take {size(total)}", f"remove {old[0]} and on"
        )
