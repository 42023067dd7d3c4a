"""The profiles: can each have its edition, and its readers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from briefing.config import ProfileSettings, Settings
from briefing.doctor.finding import Finding, Setup, bad, good, skipped, warn
from briefing.doctor.kept import known_sources
from briefing.errors import BriefingError, UsageError
from briefing.morning.making import check_edition
from briefing.morning.readers import readers
from briefing.render import FORMATS
from briefing.render.wording import count
from briefing.sources import Source


def check(setup: Setup) -> Iterator[Finding]:
    """What each profile names is there, and can be used."""
    if not setup.profiles:
        yield skipped("there is none", "for mail on schedule add a table [profiles.morning] with hour and recipients")
        return
    try:
        known = known_sources(setup)
    except BriefingError:  # the store's own check tells it
        known = None
    for name, own in setup.profiles.items():
        if known is not None and not known:
            yield bad(f"{name}: there are no sources to brief", "briefing add URL, or briefing import FILE.opml")
        for why in _lacking(setup.settings, name, known):
            yield bad(f"{name}: {why}", "until then it has no edition")
        yield from _readers(name, own)


def has_readers(setup: Setup) -> bool:
    """Whether any profile has somebody to write to, as far as that can be read."""
    for own in setup.profiles.values():
        try:
            if readers(own).addresses:
                return True
        except UsageError:
            continue
    return False


def _lacking(settings: Settings, name: str, known: Sequence[Source] | None) -> Iterator[str]:
    """Why the profile has no edition, each reason once; what is wrong for all is told of the configuration."""
    formats = tuple(one for one in settings.formats if one in FORMATS)
    sound = settings.model_copy(update={"templates": None, "prompts": None, "formats": formats})
    told = None
    for sources in (known or None, None):  # without sources, what else there is
        try:
            check_edition(sound.of_profile(name), name, sources)
        except UsageError as error:
            if str(error) != told:
                told = str(error)
                yield told


def _readers(name: str, own: ProfileSettings) -> Iterator[Finding]:
    try:
        found = readers(own)
    except UsageError as error:
        yield bad(f"{name}: {error}", f"correct recipients under [profiles.{name}]")
        return
    for problem in found.problems:
        yield warn(f"{name}: {problem}", "correct the line: nothing is sent to it")
    zone = f"{own.hour:%H:%M} {own.time_zone or 'of this machine’s own zone'}"
    if found.addresses:
        yield good(f"{name}: {count(len(found.addresses), 'reader')}, at {zone}")
    else:
        yield warn(f"{name}: at {zone}, for nobody", f"name recipients, or recipients_file, under [profiles.{name}]")
