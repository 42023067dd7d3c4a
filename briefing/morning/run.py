"""`briefing run PROFILE`: the whole morning, from the sources to the mailboxes. It may be run again at any time.

The day's edition is made once: where it is there already, only what has not gone out yet is sent. What fails does not
keep the rest from its readers; where nothing works, the operator is told, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from briefing.config import Settings
from briefing.dates import age_text
from briefing.deliver.outbox import Posted
from briefing.errors import NothingNew
from briefing.fetch.round import Round, Wishes
from briefing.fetch.run import fetch
from briefing.fetch.telling import in_lines
from briefing.morning.making import Made, check_edition, enter_readers, make_edition
from briefing.morning.posting import alarm, check_mail, post_all
from briefing.morning.readers import readers
from briefing.morning.tools import Tools
from briefing.store import Database, StoreError, editions, sends
from briefing.store.editions import Edition
from briefing.store.lock import AlreadyRunning, held, in_turn
from briefing.store.sources import listed

OTHERS_END = 300.0  # seconds to wait for another's fetch, without whose news an edition is half of one, or sending
_FIRST_WAIT = timedelta(minutes=10)
_LONGEST_WAIT = timedelta(hours=1)


@dataclass(slots=True)
class Morning:
    """How it went. `made` is None where the edition was there already, `posted` where there is nobody to write to.

    `problems` are lines of the file of recipients that are no address.
    """

    fetched: Round | None = None
    made: Made | None = None
    posted: Posted | None = None
    problems: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 good, 3 where a part failed, 6 where nothing could be sent; 128 and its number where a signal ended it."""
        lacking = self.made is not None and (self.made.report.sources_failed or self.made.report.fallbacks)
        return max(3 if lacking or self.problems else 0, self.posted.exit_code if self.posted is not None else 0)


def run(
    database: Database,
    settings: Settings,
    name: str,
    tools: Tools,
    day: date | None = None,
    also: Sequence[str] = (),
) -> Morning:
    """Make and send the edition of a local day of the profile (None: today's, by its own zone).

    `also` are addresses that get this edition beside the profile's readers, once like them.

    Raises UsageError for settings that cannot do it, AlreadyRunning where another program is at it, NothingNew where
    there is no news, BriefingError where nothing worked: then it is noted for the day, and the operator was told.
    """
    profile = settings.profile(name)
    wanted = day or tools.clock().astimezone(profile.zone).date()
    with held(database, f"run {name}"):
        before = database.read(editions.edition_of, name, wanted)
        try:
            return _run(database, settings, name, wanted, before, tools, also)
        except (AlreadyRunning, NothingNew):
            raise
        except Exception as error:
            _fail(database, settings, name, wanted, before, error, tools)
            raise


def refresh(
    database: Database, settings: Settings, tools: Tools, only: tuple[str, ...] = (), patience: float = 0.0
) -> Round | None:
    """Ask the sources, as `briefing fetch` does; None where another fetch is at it and does not end in `patience`."""
    own = settings.fetch
    wishes = Wishes(workers=own.workers, pages_within=own.pages_within if own.pages else None, only=only)

    def asked() -> Round:
        with held(database, "fetch"), tools.web(settings) as web:
            return fetch(database, web, wishes, tools.clock, tools.progress, keep_for=own.keep, call=tools.call)

    try:
        return in_turn(asked, patience)
    except AlreadyRunning:
        return None


def _run(
    database: Database,
    settings: Settings,
    name: str,
    day: date,
    before: Edition | None,
    tools: Tools,
    also: Sequence[str],
) -> Morning:
    """Whatever of the settings is wrong is found before anything is asked, made or paid for."""
    listed_readers = readers(settings.profile(name))
    to_whom = (*listed_readers.addresses, *also)
    morning = Morning(problems=listed_readers.problems)
    for line in morning.problems:
        tools.warn(line)
    check_edition(settings.of_profile(name), name, [one.source for one in database.read(listed)])
    if to_whom:
        check_mail(settings)
    if before is not None and before.state == "made":
        is_sent = bool(database.read(sends.tally, before.id))
        tools.tell(f"the edition of {day} was made before" + ("; who has it gets it once" if is_sent else ""))
        enter_readers(database, settings.mail, name, before.id, also if is_sent else to_whom, tools.clock())
    else:
        _make(database, settings.of_profile(name), name, day, to_whom, tools, morning)
        if morning.problems:
            alarm(settings, f"briefing {name}: readers without an address", "\n".join(morning.problems) + "\n", tools)
    if to_whom:
        morning.posted = post_all(database, settings, tools, OTHERS_END)
    else:
        tools.tell(f"nobody is named under [profiles.{name}]: the edition is in {settings.output}, and sent to no one")
    return morning


def _make(
    database: Database,
    settings: Settings,
    name: str,
    day: date,
    to_whom: tuple[str, ...],
    tools: Tools,
    morning: Morning,
) -> None:
    morning.fetched = refresh(database, settings, tools, settings.profile(name).sources, OTHERS_END)
    if morning.fetched is None:
        tools.tell("another fetch is running: the edition is made of what is stored by now")
    else:
        for line in in_lines(morning.fetched, quiet=False, verbose=False):
            tools.tell(line)
    try:
        morning.made = make_edition(database, settings, name, day, to_whom, tools)
    except NothingNew:
        if morning.fetched is not None:  # else there may be news in a moment: the day is not settled
            database.write(editions.note_empty, name, day, tools.clock())
        raise
    for line in morning.made.lacking:
        tools.warn(line)


def _fail(
    database: Database,
    settings: Settings,
    name: str,
    day: date,
    before: Edition | None,
    error: Exception,
    tools: Tools,
) -> None:
    """Note that the day's edition failed, and tell the operator the first time; `before`: what had become of it."""
    now = tools.clock()
    why = str(error) or type(error).__name__
    tries = before.tries if before is not None else 0
    wait = min(_FIRST_WAIT * 2 ** min(tries, 5), _LONGEST_WAIT)
    try:
        database.write(editions.note_failed, name, day, why, now + wait, now)
    except StoreError as also:  # the operator has to know all the same
        tools.warn(str(also))
    if before is None or before.state not in {"failed", "made"}:
        text = (
            f"The edition of {day} of the profile {name} could not be made or sent:\n\n{why}\n\n"
            f"The schedule tries again until {age_text(settings.profile(name).grace)} after its hour, "
            "and this is told once.\n"
            f"By hand: briefing run {name}. What is set up: briefing doctor.\n"
        )
        alarm(settings, f"briefing {name}, {day}: nothing went out", text, tools)
