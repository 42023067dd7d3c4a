"""The secrets: who can read their files, and is the key of the mails that went out still there."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr
from sqlalchemy import Connection, select

from briefing.config import Settings
from briefing.doctor.finding import Finding, Setup, bad, good, skipped, warn, why_not_writable
from briefing.doctor.kept import opened
from briefing.errors import BriefingError
from briefing.store.schema import sends

_KEY = "unsubscribe.key"
_SHORTEST = 16  # characters of a key that signs


def check(setup: Setup) -> Iterator[Finding]:
    """Whether files are there, and their modes: nothing of what stands in them is told."""
    settings, mail = setup.settings, setup.settings.mail
    files: dict[Path, str] = {}
    for name in ("password_file", "unsubscribe_key_file"):
        stated: Path | None = getattr(mail, name)
        if stated is not None:
            files[Path(os.path.expandvars(stated)).expanduser()] = f"mail.{name}"
    missing = _missing_key(settings)
    own = settings.state_folder / _KEY
    if missing is None and mail.unsubscribe_key_file is None and own.exists():
        files[own] = "the key of unsubscribing"
    if setup.file.is_file() and _holds_secret(setup):
        files[setup.file] = "the configuration, with a secret in it"
    for file, what in files.items():
        yield _of_file(file, what)
    if mail.unsubscribe_key is not None and 0 < len(mail.unsubscribe_key.get_secret_value()) < _SHORTEST:
        yield warn("the key of unsubscribing is short: links could be forged", "set one of 32 random letters")
    lost = None if missing is None else _lost(missing, setup)
    if lost is not None:
        yield lost
    elif not files:
        yield skipped("none lies in a file")


def with_key(settings: Settings) -> Settings:
    """The settings, with a stand-in where the key of unsubscribing is still to be made: looking makes none."""
    if _missing_key(settings) is None:
        return settings
    mail = settings.mail.model_copy(update={"unsubscribe_key": SecretStr("a stand-in, which signs nothing")})
    return settings.model_copy(update={"mail": mail})


def _missing_key(settings: Settings) -> Path | None:
    """Where the key of unsubscribing will lie; None where it is there, or stated elsewhere."""
    mail, own = settings.mail, settings.state_folder / _KEY
    stated = mail.unsubscribe_key is not None and mail.unsubscribe_key.get_secret_value()
    return None if stated or mail.unsubscribe_key_file is not None or own.exists() else own


def _lost(key: Path, setup: Setup) -> Finding | None:
    """What is wrong with a key that is not there, unless it was never needed."""
    mail = setup.settings.mail
    why = why_not_writable(key.parent) if mail.reachable else None
    if why is not None:
        return bad(
            f"the key of unsubscribing cannot be kept at {key}: {why}",
            "make the folder writable, or set BRIEFING_MAIL__UNSUBSCRIBE_KEY",
        )
    if not (mail.public_url or "").startswith("https://") or not _has_sent(setup):
        return None
    return warn(
        f"there is no {key}, and mail has gone out before: its links to leave are dead",
        "restore it from a backup before anything is sent: the next mail, or briefing serve, makes another",
    )


def _has_sent(setup: Setup) -> bool:
    def asked(connection: Connection) -> bool:
        return connection.execute(select(sends.c.id).where(sends.c.state == "sent").limit(1)).first() is not None

    try:
        with opened(setup) as database:
            return database is not None and database.read(asked)
    except BriefingError:  # the store's own check tells it
        return False


def _of_file(file: Path, what: str) -> Finding:
    try:
        mode = file.stat().st_mode & 0o777
        with file.open("rb") as content:
            empty = not content.read(1)
    except OSError as error:
        return bad(f"{what}: cannot read {file}: {error.strerror}", "write it there, or name another file")
    if empty:
        return bad(f"{what}: {file} is empty", "write it there: one line, no more")
    if os.name == "posix" and mode & 0o007:
        return bad(f"{what}: all can read {file} (mode {mode:04o})", f"chmod 600 {file}, and change the secret")
    if os.name == "posix" and mode & 0o070:
        return warn(f"{what}: its group can read {file} (mode {mode:04o})", f"chmod 600 {file}, unless that is wanted")
    return good(f"{what}: {file} is for its owner alone")


def _holds_secret(setup: Setup) -> bool:
    """Whether the file itself has a key, or an address with a password."""
    import tomllib

    try:
        values = tomllib.loads(setup.file.read_bytes().decode("utf-8-sig"))
    except (OSError, ValueError):
        return False
    model, store = values.get("model"), values.get("store")
    addresses = [store, *(model.get(name) for name in ("base_url",) if isinstance(model, dict))]
    return (isinstance(model, dict) and "api_key" in model) or any(
        _has_password(one) for one in addresses if isinstance(one, str)
    )


def _has_password(address: str) -> bool:
    try:
        return urlsplit(address).password is not None
    except ValueError:
        return True
