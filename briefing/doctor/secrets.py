"""The secrets: who can read their files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from briefing.doctor.finding import Finding, Setup, bad, good, skipped, warn

_SHORTEST = 16  # characters of a key that signs


def check(setup: Setup) -> Iterator[Finding]:
    """Modes of files only: nothing of what stands in them is told."""
    settings, mail = setup.settings, setup.settings.mail
    files: dict[Path, str] = {}
    for name in ("password_file", "unsubscribe_key_file"):
        stated: Path | None = getattr(mail, name)
        if stated is not None:
            files[Path(os.path.expandvars(stated)).expanduser()] = f"mail.{name}"
    own = settings.state_folder / "unsubscribe.key"
    if mail.unsubscribe_key_file is None and own.exists():
        files[own] = "the key of unsubscribing"
    if setup.file.is_file() and _holds_secret(setup):
        files[setup.file] = "the configuration, with a secret in it"
    for file, what in files.items():
        yield _of_file(file, what)
    if mail.unsubscribe_key is not None and 0 < len(mail.unsubscribe_key.get_secret_value()) < _SHORTEST:
        yield warn("the key of unsubscribing is short: links could be forged", "set one of 32 random letters")
    if not files:
        yield skipped("none lies in a file")


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
