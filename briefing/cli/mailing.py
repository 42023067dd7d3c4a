"""The verbs of the email digest: run, send, recipients."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from briefing.cli.shared import (
    AsJson,
    Config,
    Quiet,
    now_of,
    open_known_store,
    open_settings_store,
    progress_bar,
    web_of,
)
from briefing.console import print_json, tell, tell_each
from briefing.errors import UsageError

if TYPE_CHECKING:
    from briefing.morning.tools import Tools
    from briefing.progress import Bar
    from briefing.store import Database
    from briefing.store.recipients import Standing

Profile = Annotated[str, typer.Argument(metavar="PROFILE", help="A table [profiles.NAME] of briefing.toml.")]


def run(
    profile: Profile,
    to: Annotated[
        list[str] | None, typer.Option("--to", metavar="ADDRESS", help="Send it to this address, too; repeatable.")
    ] = None,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """The whole morning of a profile: fetch, make today's edition, send it to its recipients, keep it.

    It may be run again: an edition is made once a day, and what has gone out does not go out again.

    Example: briefing run morning
    """
    from briefing.config import load_settings
    from briefing.deliver.addresses import address
    from briefing.morning.run import run as run_morning

    load_settings(config).profile(profile)
    also = [address(stated) for stated in to or ()]
    with open_settings_store(config) as (settings, database), progress_bar(quiet=quiet) as bar:
        morning = run_morning(database, settings, profile, tools_of(bar, quiet=quiet, by_hand=True), also=also)
    if not quiet and morning.made is not None:
        from briefing.render.wording import count

        report = morning.made.report
        tell(f"{count(report.events, 'event')} of {count(report.articles, 'article')} in {settings.output}")
    if morning.exit_code:
        raise typer.Exit(morning.exit_code)


def send(
    listing: Annotated[bool, typer.Option("--list", help="Tell what is in the outbox; send nothing.")] = False,
    unknown: Annotated[
        str | None,
        typer.Option("--unknown", metavar="resend|drop", help="Send mail whose fate nobody knows again, or never."),
    ] = None,
    failed: Annotated[
        bool, typer.Option("--failed", help="Send what was refused or given up in the last week again, too.")
    ] = False,
    as_json: AsJson = False,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Send what waits in the outbox: what a server turned away for a while, or a killed run has left.

    Example: briefing send --list
    """
    from briefing.deliver.outbox import Posted
    from briefing.morning.posting import post_all
    from briefing.morning.telling import as_dict

    if unknown not in {None, "resend", "drop"}:
        raise UsageError(f"--unknown {unknown!r}: say resend or drop")
    with open_known_store(config) as (settings, database), progress_bar(quiet=quiet) as bar:
        if listing:
            _list(database, as_json=as_json)
            return
        if unknown is not None:
            _decide(database, "resend" if unknown == "resend" else "drop")
            if unknown == "drop":
                return
        if failed:
            _retry(database)
        posted = post_all(database, settings, tools_of(bar, quiet=quiet, by_hand=True))
    if as_json:
        print_json({"sent": [as_dict(one) for one in posted.sent], "waiting": posted.unsent + len(posted.later)})
    if not quiet and posted == Posted(held=posted.held):
        tell("nothing waits to be sent")
    if posted.exit_code:
        raise typer.Exit(posted.exit_code)


def recipients(
    profile: Profile,
    remove: Annotated[
        str | None, typer.Option("--remove", metavar="ADDRESS", help="Write to this address no more.")
    ] = None,
    restore: Annotated[
        str | None, typer.Option("--restore", metavar="ADDRESS", help="Write again to one who left, or was refused.")
    ] = None,
    as_json: AsJson = False,
    config: Config = None,
) -> None:
    """Tell who gets a profile's edition, and who does not any more, and why.

    Example: briefing recipients morning
    """
    from briefing.deliver.addresses import address
    from briefing.morning.readers import readers
    from briefing.store.recipients import barred, forget_bounces, leave, rejoin

    with open_settings_store(config) as (settings, database):
        named = readers(settings.profile(profile))
        to_whom, now = named.addresses, now_of()()
        for stated in (remove, restore):
            if stated is not None and address(stated).casefold() not in map(str.casefold, to_whom):
                tell(f"{stated} is not among the recipients of {profile}: what is noted holds where it is named later")
        if remove is not None:
            database.write(leave, profile, address(remove), now, by_hand=True)
        if restore is not None:
            database.write(rejoin, profile, address(restore), now, by_hand=True)
            database.write(forget_bounces, address(restore))
        out = database.read(barred, profile, to_whom)
    rows = [(one, out.get(one.casefold())) for one in to_whom]
    if as_json:
        print_json({"recipients": [_as_dict(one, gone) for one, gone in rows]})
        return
    tell_each(named.problems)
    for one, gone in rows:
        print(one if gone is None else f"{one}  no mail since {gone.since:%Y-%m-%d}: {gone.why}")
    if not rows:
        tell(f"nobody: name recipients, or recipients_file, under [profiles.{profile}]")


def _as_dict(address: str, gone: Standing | None) -> dict[str, Any]:
    why, since = (None, None) if gone is None else (gone.why, gone.since.isoformat())
    return {"address": address, "gets_mail": gone is None, "why": why, "since": since}


def tools_of(bar: Bar, *, quiet: bool, by_hand: bool = False) -> Tools:
    """What a morning needs: the author that settings ask for, the web, the clock, and this terminal."""
    from briefing.cli.desk import Exchanges, desk
    from briefing.morning.tools import Tools

    return Tools(
        author=lambda own: desk(own, Exchanges(), quiet=quiet).author,
        web=web_of,
        clock=now_of(),
        tell=(lambda _: None) if quiet else tell,
        warn=tell,
        progress=bar,
        fixed="SOURCE_DATE_EPOCH" in os.environ,
        by_hand=by_hand,
    )


def _list(database: Database, *, as_json: bool) -> None:
    from briefing.morning.telling import as_dict
    from briefing.store.sends import in_state

    found = database.read(in_state, "queued", "sending", "sent", "unknown", "failed")
    if as_json:
        print_json({"sends": [as_dict(one) for one in found]})
        return
    for one in found:
        when = f"next try {one.next_at:%Y-%m-%d %H:%M} UTC" if one.state == "queued" else f"{one.changed_at:%H:%M} UTC"
        why = f": {one.answer}" if one.answer and one.state != "sent" else ""
        print(f"{one.day}  {one.profile:<12}  {one.state:<8}  {one.recipient}  {when}{why}")
    if not found:
        tell("the outbox is empty")


def _retry(database: Database) -> None:
    from briefing.store.lock import held
    from briefing.store.sends import retry_failed

    with held(database, "send"):
        tell(f"{database.write(retry_failed, now_of()())} that had failed queued again")


def _decide(database: Database, what: Literal["resend", "drop"]) -> None:
    from briefing.store.lock import held
    from briefing.store.sends import doubt_abandoned, drop_unknown, send_again

    now = now_of()()
    with held(database, "send"):
        database.write(doubt_abandoned, now)
        number = database.write(send_again if what == "resend" else drop_unknown, now)
    done = "queued again" if what == "resend" else "counted as failed"
    tell(f"{number} of unknown fate {done}")
