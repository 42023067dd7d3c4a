"""Secrets: from the environment, a file of their own or the system's keyring; never from the settings file."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from secrets import token_urlsafe

from pydantic import SecretStr

from briefing.config.settings import Settings
from briefing.config.tables import MailSettings
from briefing.errors import UsageError
from briefing.files import write_whole

_log = logging.getLogger(__name__)

SERVICE = "briefing"  # the keyring's name for what is ours


def mail_password(mail: MailSettings) -> SecretStr | None:
    """The password of the mail server: as the environment says, else from `password_file`, else from the keyring.

    Raises UsageError where the file cannot be read.
    """
    if mail.password is not None and mail.password.get_secret_value():
        return mail.password
    if mail.password_file is not None:
        return _from_file(mail.password_file, "mail.password_file")
    return _from_keyring(mail.username) if mail.username else None


def unsubscribe_key(settings: Settings) -> SecretStr:
    """The key that signs the ways out in mails: as stated, else made once and kept in the state folder.

    Raises UsageError where it cannot be read or kept.
    """
    mail = settings.mail
    if mail.unsubscribe_key is not None and mail.unsubscribe_key.get_secret_value():
        return mail.unsubscribe_key
    if mail.unsubscribe_key_file is not None:
        return _from_file(mail.unsubscribe_key_file, "mail.unsubscribe_key_file")
    file = settings.state_folder / "unsubscribe.key"
    if not file.exists():
        try:
            file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _make(file)
        except OSError as error:
            raise UsageError(
                f"cannot keep {file}: {error.strerror}; make the folder writable, or set BRIEFING_MAIL__UNSUBSCRIBE_KEY"
            ) from error
    return _from_file(file, "the key of unsubscribing")


def _make(file: Path) -> None:
    """Make the key, whole or not at all; where another program was quicker, its key stands."""
    own = file.with_name(f"{file.name}.{os.getpid()}")
    write_whole(own, token_urlsafe(32) + "\n", private=True)
    try:
        os.link(own, file)
    except FileExistsError:
        pass
    finally:
        own.unlink()


def _from_file(stated: Path, what: str) -> SecretStr:
    file = Path(os.path.expandvars(stated)).expanduser()
    try:
        text = file.read_text(encoding="utf-8").strip()
        readable = os.name == "posix" and file.stat().st_mode & 0o007
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise UsageError(f"{what}: cannot read {file}: {why}") from error
    if not text:
        raise UsageError(f"{what}: {file} is empty")
    if readable:
        _log.warning("%s holds a secret and can be read by others: chmod 600 %s", file, file)
    return SecretStr(text)


def _from_keyring(username: str) -> SecretStr | None:
    try:
        import keyring
        import keyring.errors
    except ImportError:
        return None
    try:
        found = keyring.get_password(SERVICE, username)
    except keyring.errors.KeyringError as error:
        _log.warning("the keyring cannot be asked for the password of %s: %s", username, error)
        return None
    return SecretStr(found) if found else None
