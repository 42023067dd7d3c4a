"""The disks that the store and the editions lie on: is there room."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from briefing.doctor.finding import Finding, Setup, bad, good, nearest, warn
from briefing.doctor.kept import size

LITTLE, NONE = 1_000_000_000, 100_000_000  # octets


def check(setup: Setup) -> Iterator[Finding]:
    """Each disk once."""
    settings = setup.settings
    store = settings.store_place
    places = [store.parent if isinstance(store, Path) else settings.state_folder, settings.output]
    places += [settings.mail.folder.expanduser()] if settings.mail.folder is not None else []
    disks = {there.stat().st_dev: there for there in map(nearest, reversed(places))}
    for there in reversed(disks.values()):
        yield of_free(shutil.disk_usage(there).free, there)


def of_free(free: int, there: Path) -> Finding:
    """What so many free octets mean."""
    what = f"{size(free)} free at {there}"
    if free < NONE:
        return bad(what, "make room: nothing more can be stored soon")
    if free < LITTLE:
        return warn(what, "make room, or lower keep under [fetch]")
    return good(what)
