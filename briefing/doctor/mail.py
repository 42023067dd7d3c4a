"""The way for mail to go out: the server takes the login, or the folder the files. No mail is sent."""

from __future__ import annotations

from collections.abc import Iterator

from briefing.config import MailSettings
from briefing.deliver.smtp import Smtp
from briefing.doctor.finding import Finding, Setup, bad, good, skipped, warn, why_not_writable
from briefing.doctor.profiles import has_readers
from briefing.doctor.secrets import with_key
from briefing.errors import DeliveryFailed, UsageError
from briefing.morning.posting import check_mail, server_of


def check(setup: Setup) -> Iterator[Finding]:
    """Whether readers could be written to; connects, has the certificate verified, logs in, says goodbye."""
    mail = setup.settings.mail
    if has_readers(setup):
        try:
            check_mail(with_key(setup.settings))
        except UsageError as error:
            yield bad(str(error), "until then no profile with recipients can be run")
            return
    if not mail.reachable:
        yield skipped("no way for it is set up", "for mail set host and sender under [mail], or folder")
        return
    if mail.operator is None:
        yield warn("nobody is told when an edition fails", "set operator under [mail] to your own address")
    if mail.folder is not None:
        folder = mail.folder.expanduser()
        why = why_not_writable(folder)
        if why is not None:
            yield bad(f"nothing can be written to {folder}: {why}", "make it writable, or set folder under [mail]")
        else:
            yield good(f"messages become files in {folder}")
        return
    yield from _of_server(mail)


def _of_server(mail: MailSettings) -> Iterator[Finding]:
    try:
        server = server_of(mail)
        with Smtp(server) as carrier:
            carrier.check()
    except (DeliveryFailed, UsageError) as error:
        yield bad(str(error), "until then mail waits in the outbox")
        return
    how = "not encrypted" if server.security == "none" else "its certificate verified"
    login = f"logged in as {server.username}" if server.username is not None else "no login"
    yield good(f"{server.place} answers, {how}, {login}")
