"""A profile's edition of a day: what its sources have shown since the edition before, made, written and entered."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from sqlalchemy import Connection

from briefing.collect import Collected
from briefing.config import MailSettings, Settings
from briefing.dates import Clock
from briefing.deliver.folder import write_edition
from briefing.edition import to_json
from briefing.errors import BriefingError, NothingNew, UsageError
from briefing.fetch.collected import collected
from briefing.letters import Letter
from briefing.morning.posting import new_message_id
from briefing.morning.tools import Tools
from briefing.options import Options
from briefing.pipeline import Edition, empty, make
from briefing.render import check_formats, check_templates, file_ending
from briefing.render.mail import letter, page_address
from briefing.report import Report
from briefing.sources import Source, named
from briefing.store import Database, briefings, editions, sends
from briefing.store.recipients import barred
from briefing.store.sources import listed

_NOTED = type(lru_cache(lambda: None))
_STAGES = tuple(
    f"briefing.{name}" for name in ("gate", "write", "group", "collect", "text", "names", "numbers", "dates")
)
FIRST = timedelta(hours=24)  # what a profile's first edition covers
LONGEST = timedelta(days=7)  # what any covers at most: older news is none


@dataclass(frozen=True, slots=True)
class Made:
    """An edition that was made and entered: how it went, and what is said of sources that failed."""

    report: Report
    lacking: tuple[str, ...]


def check_edition(settings: Settings, name: str, sources: Sequence[Source] | None = None) -> None:
    """Raises UsageError where the settings cannot make an edition, before anything is asked or paid for.

    `sources` are those that are there, where that is known.
    """
    wanted = settings.profile(name).sources
    if sources is not None and wanted:
        try:
            named(sources, wanted)
        except UsageError as error:
            raise UsageError(f"profiles.{name}.sources: {error}") from error
    check_formats(settings.formats)
    check_templates(settings.templates)
    _seen_at(settings, name, date.min)
    if settings.prompts is not None and not settings.prompts.is_dir():
        raise UsageError(
            f"there is no folder of prompts {settings.prompts}: `briefing prompts {settings.prompts}` makes one"
        )


def make_edition(
    database: Database, settings: Settings, name: str, day: date, readers: tuple[str, ...], tools: Tools
) -> Made:
    """Make the day's edition, write its files, and enter it with its letter and all its readers in one step.

    Raises NothingNew where there is no news and the profile does not want to be told so, BriefingError where no
    source could be read.
    """
    own, now = settings.profile(name), tools.clock()
    options = _options(database, settings, name, day, now, tools)
    assert options.since is not None  # noqa: S101 - for the type checker
    start, end = options.window(options.since)
    gathered, lacks = collected(database, start, None, now, own.sources)
    lacking = tuple(one.line for one in lacks)
    try:
        edition = make(gathered, options, tools.progress)
    except NothingNew:
        _refuse_silence(database, gathered, own.sources)
        if own.empty == "skip":
            raise
        edition = empty(gathered, options)
    mail = letter(
        edition.briefing, edition.articles, full_edition=_seen_at(settings, name, day), templates=settings.templates,
        made_at=now,
    )  # fmt: skip
    write_edition(
        edition.briefing, edition.articles, settings.output, settings.formats, settings.templates, profile=name
    )
    _forget_texts()
    covered = end + datetime.resolution  # what came at this very moment is told in it
    messages = messages_for(settings.mail, readers)
    database.write(_enter, edition, name, day, mail, covered, messages)
    return Made(edition.briefing.report, lacking)


def _forget_texts() -> None:
    """Empty what the stages have noted of single sentences: the next day's are others, and a daemon runs for a year."""
    for one in gc.get_objects():
        if isinstance(one, _NOTED) and one.__module__.startswith(_STAGES):
            one.cache_clear()


def enter_readers(
    database: Database, mail: MailSettings, name: str, edition_id: int, readers: Sequence[str], now: datetime
) -> None:
    """Enter readers of an edition that was made before; those who have it, or are barred, are left as they are."""
    database.write(_queue, name, edition_id, messages_for(mail, readers), now)


def messages_for(mail: MailSettings, readers: Iterable[str]) -> list[tuple[str, str]]:
    """Each reader with the Message-ID of the one message to them."""
    return [(reader, new_message_id(mail)) for reader in readers]


def _enter(
    connection: Connection,
    edition: Edition,
    name: str,
    day: date,
    mail: Letter,
    end: datetime,
    messages: list[tuple[str, str]],
) -> None:
    briefings.save(connection, edition.briefing, to_json(edition.briefing), mail.made_at)
    entered = editions.note_made(connection, name, day, edition.briefing.id, mail, end)
    _queue(connection, name, entered, messages, mail.made_at)


def _queue(connection: Connection, name: str, edition_id: int, messages: list[tuple[str, str]], now: datetime) -> None:
    out = barred(connection, name, [reader for reader, _ in messages])
    wanted = [one for one in messages if one[0].casefold() not in out]
    sends.queue(connection, edition_id, wanted, now)


def _options(database: Database, settings: Settings, name: str, day: date, now: datetime, tools: Tools) -> Options:
    """Since the edition before, or as long as the profile says; in the profile's own zone."""
    own = settings.profile(name)
    before = database.read(editions.covered_until, name)
    since = own.since or (now - before if before is not None and before < now else FIRST)
    return Options(
        clock=Clock(now.astimezone(own.zone), fixed=tools.fixed),
        title=settings.title,
        date=day.isoformat(),
        since=min(since, LONGEST),
        topics=own.topics,
        author=tools.author(settings),
        words=settings.words,
        max_events=settings.max_events,
        by_arrival=True,
        to_now=True,
    )


def _refuse_silence(database: Database, gathered: Collected, sources: tuple[str, ...]) -> None:
    """That none of the profile's sources could be read must not pass for a day without news."""
    known = [one.source for one in database.read(listed)]
    if not known:
        raise UsageError("no sources yet; add one: briefing add URL, or briefing import FILE.opml")
    asked = named(known, sources) if sources else known
    failed = len(gathered.problems)
    if failed and not gathered.articles and failed >= len(asked):
        raise BriefingError(f"no source could be read: {gathered.problems[0].source}: {gathered.problems[0].error}")


def _seen_at(settings: Settings, name: str, day: date) -> str | None:
    """Where the whole edition can be seen, if the settings say where the files are shown."""
    address = settings.mail.archive_url
    if address is None or "html" not in settings.formats:
        return None
    return page_address(f"{address.rstrip('/')}/{day.isoformat()}-{name}.{file_ending('html')}")
