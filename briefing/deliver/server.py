"""The mail server of the settings: reached, trusted, logged in to."""

from __future__ import annotations

import base64
import errno
import ipaddress
import re
import socket
import ssl
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import SecretStr

from briefing.deliver.dialogue import Answer, Dialogue, Lost
from briefing.errors import DeliveryFailed, UsageError
from briefing.web.asking import Resolve
from briefing.web.encryption import trusting_the_system, why_refused
from briefing.web.failures import Fault
from briefing.web.resolving import addresses_of, by_system

_INITIAL = 480  # octets of a first answer that fit into the command's 512 (RFC 4954, 4)
_OTHER_WAY = frozenset((500, 501, 502, 503, 504))  # this way of logging in is not for this server, another may be
_NO_TLS = frozenset(("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE"))
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)+")


@dataclass(frozen=True, slots=True)
class Server:
    """Where mail is handed in. Raises UsageError where a password would be sent in the clear.

    `certificates` is a file of authorities to trust instead of the system's. `timeout` are the seconds for connecting
    and for each command, `answer_timeout` those for the answer to a message (RFC 5321, 4.5.3.2, wants ten minutes), and
    for handing its octets over. `local_name` is what this machine calls itself; None for its own name or address.
    """

    host: str
    port: int
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    certificates: Path | None = None
    timeout: float = 60.0
    answer_timeout: float = 600.0
    local_name: str | None = None

    def __post_init__(self) -> None:
        if self.password is not None and self.security == "none":
            raise UsageError(
                f"the password for {self.place} would go over the network in the clear: "
                'set security under [mail] to "starttls" or "tls", or remove the password'
            )
        if (self.password is None) != (self.username is None):
            given, missing = ("user name", "password") if self.password is None else ("password", "user name")
            raise UsageError(f"[mail] has a {given} for {self.place} and no {missing}: give both, or neither")
        if self.local_name is not None and not re.fullmatch(r"[!-~]+", self.local_name):
            raise UsageError(f"local_name under [mail] is no host name: {self.local_name!r}")

    @property
    def place(self) -> str:
        """`host:port`, for messages."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def opened(server: Server, resolve: Resolve = by_system) -> Dialogue:
    """A connection on which mail can be sent: encrypted, greeted, logged in.

    Raises DeliveryFailed that says what is wrong and what to do, UsageError for a file of certificates.
    """
    context = None if server.security == "none" else _trusted(server.certificates)
    connected = _dialled(server, resolve)
    link = Dialogue(connected, _local_name(server, connected), server.timeout)
    try:
        _begin(link, server, context)
    except Lost as error:
        raise _failed(server, f"{error}; try later, or check host and port under [mail]") from error
    except BaseException:
        link.close()
        raise
    return link


def _begin(link: Dialogue, server: Server, context: ssl.SSLContext | None) -> None:
    if context is not None and server.security == "tls":
        _encrypt(link, server, context)
    _expect(server, _greeting(link, server), "it takes no mail now: try later")
    _expect(server, link.greet(), "it does not like this machine's name: set local_name under [mail]")
    if context is not None and server.security == "starttls":
        if not link.has_extn("starttls"):
            raise _failed(
                server,
                "it offers no STARTTLS, so nothing was sent: either somebody between here and there removes it, or "
                'security under [mail] has to be "tls" (most often port 465)',
            )
        _expect(server, link.say("STARTTLS"), "it cannot encrypt now, so nothing was sent: try later")
        _encrypt(link, server, context)
        _expect(server, link.greet(), "after STARTTLS it does not go on: ask its owner")
    if server.username is not None and server.password is not None:
        _log_in(link, server, server.username, server.password.get_secret_value())


def _greeting(link: Dialogue, server: Server) -> Answer:
    try:
        return link.hear(server.timeout)
    except Lost as error:
        if server.security == "tls":
            raise
        hint = 'if it speaks TLS from the start, set security under [mail] to "tls"'
        raise _failed(server, f"{error}; {hint}; otherwise try later, or check host and port there") from error


def _expect(server: Server, answer: Answer, otherwise: str) -> None:
    if not 200 <= answer.code < 300:
        raise _failed(server, f"{otherwise} (it says: {answer})")


def _dialled(server: Server, resolve: Resolve) -> socket.socket:
    ends = time.monotonic() + server.timeout
    check = "check host and port under [mail]"
    try:
        addresses = addresses_of(server.host, server.port, ends, resolve)
    except Fault as error:
        raise _failed(server, f"{error.reason}; {check}") from error
    for number, address in enumerate(addresses):
        share = max(ends - time.monotonic(), 0.01) / (len(addresses) - number)
        try:
            connected = socket.create_connection((str(address), server.port), share)
        except OSError as error:
            last = error
        else:
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the final dot goes out by itself
            return connected
    if isinstance(last, TimeoutError):
        why = f"no connection within {server.timeout:g} s: a firewall may be in between"
    elif last.errno == errno.ECONNREFUSED:
        why = "the connection was refused: nothing listens there"
    else:
        why = f"no connection: {last.strerror or last}"
    raise _failed(server, f"{why}; {check}") from last


def _trusted(certificates: Path | None) -> ssl.SSLContext:
    if certificates is None:
        return trusting_the_system()
    try:
        context = ssl.create_default_context(cafile=certificates)
    except OSError as error:
        raise UsageError(
            f"certificates under [mail]: no certificates can be read from {certificates} ({error.strerror or error})"
        ) from error
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _encrypt(link: Dialogue, server: Server, context: ssl.SSLContext) -> None:
    try:
        link.encrypt(context, server.host)
    except (ssl.SSLError, ValueError) as error:
        if isinstance(error, ssl.SSLCertVerificationError):
            fix = (
                "host under [mail] has to be the name in its certificate; an authority of your own goes into "
                "certificates under [mail]"
            )
            raise _failed(server, f"{why_refused(error)}; {fix}") from error
        if getattr(error, "reason", None) in _NO_TLS:
            fix = 'set security under [mail] to "starttls"' if server.security == "tls" else "ask its owner"
            raise _failed(server, f"it does not speak TLS when it should; {fix}") from error
        raise _failed(server, why_refused(error)) from error


def _local_name(server: Server, connected: socket.socket) -> str:
    """What this machine calls itself. No name server is asked: `socket.getfqdn`, as smtplib does, may hang."""
    if server.local_name is not None:
        return server.local_name
    name = socket.gethostname()
    if _HOST.fullmatch(name):
        return name
    address = ipaddress.ip_address(connected.getsockname()[0].partition("%")[0])
    return f"[{address}]" if address.version == 4 else f"[IPv6:{address}]"  # RFC 5321, 4.1.3


def _log_in(link: Dialogue, server: Server, username: str, password: str) -> None:
    """AUTH PLAIN or LOGIN, in UTF-8. A password that is refused is not offered again: accounts are locked for that."""
    offered = link.esmtp_features.get("auth", "").upper().split()
    plain, name, word = (_encoded(text) for text in (f"\0{username}\0{password}", username, password))
    link.secrets = tuple(secret for secret in (password, plain, word) if secret)
    ways = [way for way in (("PLAIN", [plain]), ("LOGIN", [name, word])) if way[0] in offered]
    if not ways:
        known = f"only {', '.join(offered)}" if offered else "no way to log in"
        raise _failed(
            server,
            f"it offers {known}, and this program PLAIN and LOGIN: remove user name and password under [mail] if it "
            "needs none, or ask its owner for a password for programs",
        )
    for mechanism, words in ways:
        answer = _tried(link, mechanism, words)
        if answer.code == 235:
            return
        if answer.code not in _OTHER_WAY:
            break
    if 400 <= answer.code < 500:
        raise _failed(server, f"it cannot check the password now: try later (it says: {answer})")
    raise _failed(
        server,
        f"the user name or the password is wrong, or may not be used here: check username and password under [mail] "
        f"(it says: {answer})",
    )


def _tried(link: Dialogue, mechanism: str, words: list[str]) -> Answer:
    at_once = mechanism == "PLAIN" and len(words[0]) <= _INITIAL
    answer = link.say(f"AUTH {mechanism} {words[0]}" if at_once else f"AUTH {mechanism}")
    for word in words:
        if answer.code != 334:
            break
        answer = link.say(word)
    return answer


def _encoded(text: str) -> str:
    octets = text.encode(errors="surrogateescape")  # as they stood in the environment, if they were no UTF-8
    return base64.b64encode(octets).decode("ascii")


def _failed(server: Server, why: str) -> DeliveryFailed:
    return DeliveryFailed(f"{server.place}: {why}")
