"""The verb that runs the server for readers: serve."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from briefing.cli.shared import Config, Quiet, open_settings_store
from briefing.console import tell
from briefing.errors import UsageError

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from briefing.config import Settings


def serve(
    host: Annotated[str, typer.Option(help="The address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="The port to listen at; 0: any that is free.")] = 8080,
    config: Config = None,
    quiet: Quiet = False,
) -> None:
    """Let readers leave by the link in their mail, until it is ended. It has to stand behind an https proxy.

    Example: briefing serve --port 8080
    """
    try:
        from briefing.serve.app import app
        from briefing.serve.listening import bound, place_of, run
    except ImportError as error:
        if (error.name or "").partition(".")[0] not in {"starlette", "uvicorn", "anyio", "h11"}:
            raise
        raise UsageError("serve needs two libraries more: pip install starlette uvicorn") from error
    from briefing.config.secrets import unsubscribe_key
    from briefing.store.recipients import leave, rejoin

    with open_settings_store(config) as (settings, database):
        program = app(
            leave=lambda profile, address: database.write(leave, profile, address, datetime.now(UTC)),
            rejoin=lambda profile, address: database.write(rejoin, profile, address, datetime.now(UTC)),
            key=unsubscribe_key(settings),
            is_well=lambda: database.read(_is_current),
            templates=settings.templates,
            title_of=lambda profile: _title(settings, profile),
        )
        listener = bound(host, port)
        _tell_of_proxy(settings)
        if not quiet:
            tell(f"listening at {place_of(listener)}; Ctrl-C ends it. Put it behind a proxy that speaks https")
        run(program, listener)


def _title(settings: Settings, profile: str) -> str:
    """What the mails of a profile are called, as they say themselves; of one that is gone, what all are called."""
    own = settings.profiles.get(profile)
    return (own.title if own is not None else None) or settings.title


def _is_current(connection: Connection) -> bool:
    from briefing.store.migrate import HEAD
    from briefing.store.revision import revision

    return revision(connection) == HEAD


def _tell_of_proxy(settings: Settings) -> None:
    url = settings.mail.public_url
    if url is None:
        tell("public_url under [mail] is not set: mails do not lead here; set it to the https address of the proxy")
    elif not url.startswith("https://"):
        tell("public_url under [mail] is no https address: mails do not lead here, for that would promise too much")
