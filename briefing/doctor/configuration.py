"""The configuration: is it there, and can what it names for all profiles be used."""

from __future__ import annotations

from collections.abc import Iterator

from briefing.doctor.finding import Finding, Setup, bad, good, warn, why_not_writable
from briefing.errors import UsageError
from briefing.render import check_formats, check_templates
from briefing.render.wording import count


def check(setup: Setup) -> Iterator[Finding]:
    """The file, the formats, the templates, the folders."""
    settings = setup.settings
    if setup.file.is_file():
        number = len(settings.profiles)
        yield good(f"{setup.file} is read, with {count(number, 'profile') if number else 'no profile'}")
    else:
        yield warn(
            f"there is no {setup.file}: only defaults and the environment count",
            "briefing init writes one; --config names another",
        )
    try:
        check_formats(settings.formats)
    except UsageError as error:
        yield bad(f"formats: {error}", "correct them")
    try:
        check_templates(settings.templates)
    except UsageError as error:
        yield bad(f"templates: {error}", "until then no edition is made")
    prompts = settings.prompts
    if prompts is not None and not prompts.is_dir():
        yield bad(f"prompts: there is no folder {prompts}", f"briefing prompts {prompts} makes one with ours")
    why = why_not_writable(settings.output)
    if why is not None:
        yield bad(f"output: nothing can be written to {settings.output}: {why}", "make it writable, or set output")
    else:
        yield good(f"editions go to {settings.output}")
