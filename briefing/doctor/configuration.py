"""The configuration: is it there, and can what it names be used."""

from __future__ import annotations

from collections.abc import Iterator

from briefing.doctor.finding import Finding, Setup, bad, good, warn, why_not_writable
from briefing.render import FORMATS
from briefing.render.wording import count


def check(setup: Setup) -> Iterator[Finding]:
    """The file, the formats, the folders."""
    settings = setup.settings
    if setup.file.is_file():
        number = len(settings.profiles)
        yield good(f"{setup.file} is read, with {count(number, 'profile') if number else 'no profile'}")
    else:
        yield warn(
            f"there is no {setup.file}: only defaults and the environment count",
            "briefing init writes one; --config names another",
        )
    stated = dict.fromkeys(settings.formats, "formats")
    stated |= {one: f"formats of {name}" for name, own in setup.profiles.items() for one in own.formats or ()}
    for one, where in stated.items():
        if one not in FORMATS:
            yield bad(f"{where}: there is no format {one!r}", f"known are {', '.join(FORMATS)}")
    for name in ("templates", "prompts"):
        folder = getattr(settings, name)
        if folder is not None and not folder.is_dir():
            yield bad(f"{name}: there is no folder {folder}", f"briefing {name} {folder} makes one with ours")
    why = why_not_writable(settings.output)
    if why is not None:
        yield bad(f"output: nothing can be written to {settings.output}: {why}", "make it writable, or set output")
    else:
        yield good(f"editions go to {settings.output}")
