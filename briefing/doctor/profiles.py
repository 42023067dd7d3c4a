"""The profiles: has each its sources and its readers."""

from __future__ import annotations

from collections.abc import Iterator

from briefing.config import ProfileSettings
from briefing.doctor.finding import Finding, Setup, bad, good, skipped, warn
from briefing.doctor.kept import known_sources
from briefing.errors import BriefingError, UsageError
from briefing.morning.posting import check_mail
from briefing.morning.readers import readers
from briefing.render.wording import count
from briefing.sources import Source, named


def check(setup: Setup) -> Iterator[Finding]:
    """What each profile names is there, and its mail can be addressed."""
    if not setup.profiles:
        yield skipped("there is none", "for mail on schedule add a table [profiles.morning] with hour and recipients")
        return
    try:
        known = known_sources(setup)
    except BriefingError:  # the store's own check tells it
        known = None
    reads = False
    for name, own in setup.profiles.items():
        yield from _sources(name, own, known)
        try:
            to_whom = readers(own)
        except UsageError as error:
            yield bad(f"{name}: {error}", f"correct recipients under [profiles.{name}]")
            continue
        reads |= bool(to_whom)
        zone = f"{own.hour:%H:%M} {own.time_zone or 'of this machine’s own zone'}"
        if to_whom:
            yield good(f"{name}: {count(len(to_whom), 'reader')}, at {zone}")
        else:
            yield warn(
                f"{name}: at {zone}, for nobody", f"name recipients, or recipients_file, under [profiles.{name}]"
            )
    if reads:
        yield from _mail(setup)


def _sources(name: str, own: ProfileSettings, known: list[Source] | None) -> Iterator[Finding]:
    if known is None:
        return
    if not known:
        yield bad(f"{name}: there are no sources to brief", "briefing add URL, or briefing import FILE.opml")
        return
    for one in own.sources:
        try:
            named(known, [one])
        except UsageError as error:
            yield bad(f"{name}: {error}", f"correct sources under [profiles.{name}], or briefing add it")


def _mail(setup: Setup) -> Iterator[Finding]:
    try:
        check_mail(setup.settings)
    except UsageError as error:
        yield bad(str(error), "until then no profile with recipients can be run")
