"""A mail server on loopback, aiosmtpd's, that can go wrong at every step; it runs in a thread of the test's process.

    with mail_server(rcpt=lambda address: "550 5.1.1 no such user" if address == "b@example.org" else None) as server:
        ...  # hand mail in at server.host, server.port
    assert server.recipients == ["a@example.org"]

A fault is given for a step (`greeting`, `ehlo`, `helo`, `starttls`, `login`, `mail`, `rcpt`, `data`, `dot`, `rset`,
`quit`): a text is answered instead, or one of HANG, CLOSE, RESET, DRIP, STALL, TAKE_AND_CLOSE; or it is a function of
what was said (an address for `mail` and `rcpt`, a Message for `dot`, the rest of the line otherwise) that returns one
of these, or None where nothing is wrong. Functions run in the server's thread, one at a time, and may block or kill.

A server for another process: pass `server.host` and `server.port` on; hooks still run here.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, NamedTuple, cast

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


class Wrong(Enum):
    """Faults that are no answer."""

    HANG = auto()  # says nothing until the server ends
    CLOSE = auto()  # closes the connection
    RESET = auto()  # closes it with an RST
    DRIP = auto()  # an answer that never ends, a line now and then
    STALL = auto()  # after DATA: agrees, and reads nothing
    TAKE_AND_CLOSE = auto()  # after the final dot: takes the message, and closes without an answer


HANG, CLOSE, RESET, DRIP, STALL, TAKE_AND_CLOSE = Wrong


_STEPS = {"AUTH": "login"}


class Message(NamedTuple):
    """What was handed in, dots undone; a message for two is two of these."""

    sender: str
    recipient: str
    data: bytes


Fault = str | Wrong | None
Hook = Callable[[Any], Fault]


@dataclass
class MailServer:
    """A running server, and what came. `commands` are the lines as they were said, with the TLS state before them."""

    host: str = "127.0.0.1"
    port: int = 0
    messages: list[Message] = field(default_factory=list)
    commands: list[tuple[bool, str]] = field(default_factory=list)
    connections: int = 0
    faults: dict[str, Fault | Hook] = field(default_factory=dict)
    after: list[Callable[[Message], None]] = field(default_factory=list)

    @property
    def recipients(self) -> list[str]:
        return [message.recipient for message in self.messages]

    @property
    def verbs(self) -> list[str]:
        return [line.split()[0].upper() for _, line in self.commands]

    def on_data(self, hook: Callable[[Message], Fault]) -> None:
        """`hook` is called when a final dot has come, before the message is kept and answered; see faults."""
        self.faults["dot"] = hook

    def on_sent(self, hook: Callable[[Message], None]) -> None:
        """`hook` is called when the 250 has been handed to the system."""
        self.after.append(hook)

    def wrong(self, step: str, said: Any) -> Fault:
        fault = self.faults.get(step)
        return fault(said) if callable(fault) else fault


class _Handler:
    def __init__(self, server: MailServer) -> None:
        self.server = server

    async def handle_DATA(self, smtp: _Session, _: Any, envelope: Any) -> Any:  # noqa: N802 - aiosmtpd's name
        came = [Message(envelope.mail_from, one, envelope.original_content) for one in envelope.rcpt_tos]
        fault = self.server.wrong("dot", came[0])
        if fault is None or fault is TAKE_AND_CLOSE:
            self.server.messages += came
        if fault is not None:
            return await smtp.spoil(fault)
        smtp.taken = came
        return "250 2.0.0 taken"

    async def handle_MAIL(self, smtp: _Session, _: Any, envelope: Any, address: str, _options: Any) -> Any:  # noqa: N802
        answer = await smtp.spoiled("mail", address)
        if answer is None:
            envelope.mail_from = address
        return answer or "250 2.1.0 go on"

    async def handle_RCPT(self, smtp: _Session, _: Any, envelope: Any, address: str, _options: Any) -> Any:  # noqa: N802
        answer = await smtp.spoiled("rcpt", address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 2.1.5 go on"


class _Session(SMTP):
    def __init__(self, server: MailServer, **settings: Any) -> None:
        super().__init__(_Handler(server), **settings)
        self.mail_server = server
        self.taken: list[Message] = []
        for verb in ("EHLO", "HELO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA", "RSET", "QUIT"):
            self._smtp_methods[verb] = self._step(verb, self._smtp_methods[verb])

    @property
    def wire(self) -> asyncio.Transport:
        return cast("asyncio.Transport", self.transport)

    def _step(self, verb: str, usual: Any) -> Any:
        async def step(argument: str | None) -> None:
            is_safe = self.session is not None and self.session.ssl is not None
            is_safe = is_safe or self.wire.get_extra_info("ssl_object") is not None
            self.mail_server.commands.append((is_safe, f"{verb} {argument or ''}".rstrip()))
            answer = None if verb in ("MAIL", "RCPT") else await self.spoiled(_STEPS.get(verb, verb.lower()), argument)
            if answer is not None:
                await self.push(answer)
                if answer.startswith("421"):
                    self.wire.close()
                return
            await usual(argument)
            for message in self.taken:
                for hook in self.mail_server.after:
                    hook(message)
            self.taken = []

        return step

    async def spoiled(self, step: str, said: Any) -> str | None:
        fault = self.mail_server.wrong(step, said)
        return None if fault is None else await self.spoil(fault)

    async def spoil(self, fault: str | Wrong) -> str:
        """The answer to give instead; for what is no answer, the end of this connection."""
        if isinstance(fault, str):
            return fault
        if fault is RESET:
            linger = struct.pack("ii", 1, 0)
            self.wire.get_extra_info("socket").setsockopt(1, 13, linger)  # SOL_SOCKET, SO_LINGER
            self.wire.abort()
        if fault in (CLOSE, TAKE_AND_CLOSE):
            self.wire.close()
        if fault is STALL:
            await self.push("354 go on")
        while fault is DRIP:
            await self.push("250-more")
            await asyncio.sleep(0.02)
        await asyncio.sleep(3600)  # until the connection ends, or the server
        raise AssertionError

    async def _handle_client(self) -> None:
        self.mail_server.connections += 1
        with suppress(asyncio.CancelledError, ConnectionError):
            answer = await self.spoiled("greeting", "")
            if answer is not None:
                await self.push(answer)
                self.wire.close()
                return
            await super()._handle_client()


@contextmanager
def mail_server(
    tls: ssl.SSLContext | None = None,
    auth: tuple[str, str] | None = None,
    *,
    from_the_start: bool = False,
    size: int | None = 40 * 2**20,
    smtputf8: bool = True,
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN"),
    **faults: Fault | Hook,
) -> Iterator[MailServer]:
    """A server until the block ends: with `tls` it offers STARTTLS, or speaks TLS `from_the_start`.

    With `auth`, a name and a password, mail is taken only after a login, which without TLS is possible as well.
    """
    server = MailServer(faults=dict(faults))

    def check(smtp: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> Any:
        given = None
        if isinstance(data, LoginPassword):
            given = (data.login.decode(), data.password.decode(errors="surrogateescape"))
        return AuthResult(success=given == auth, handled=False)

    settings: dict[str, Any] = {
        "data_size_limit": size,
        "enable_SMTPUTF8": smtputf8,
        "hostname": "mail.example.org",
        "tls_context": None if from_the_start else tls,
        "auth_required": False,
        "auth_require_tls": False,
        "authenticator": check,
        "auth_exclude_mechanism": [one for one in ("PLAIN", "LOGIN") if auth is None or one not in mechanisms],
    }
    logging.getLogger("mail.log").setLevel(logging.CRITICAL)
    with _running(server, settings, tls if from_the_start else None, needs_login=auth is not None):
        yield server


@contextmanager
def _running(
    server: MailServer, settings: dict[str, Any], tls: ssl.SSLContext | None, *, needs_login: bool
) -> Iterator[None]:
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(lambda *_: None)  # a handshake that a client breaks off is no error here
    sessions: list[_Session] = []

    def session() -> _Session:
        made = _Session(server, loop=loop, **settings)
        made._auth_required = needs_login  # aiosmtpd warns of a login without TLS, which is what is to be tested
        sessions.append(made)
        return made

    listening = loop.run_until_complete(loop.create_server(session, server.host, 0, ssl=tls))
    server.port = listening.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever, name="mail server", daemon=True)
    thread.start()

    async def end() -> None:
        listening.close()
        for one in sessions:
            for transport in (one.transport, one._original_transport):
                if transport is not None:
                    cast("asyncio.Transport", transport).abort()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await listening.wait_closed()
        await asyncio.sleep(0.01)  # for transports to tell that they are closed

    try:
        yield
    finally:
        asyncio.run_coroutine_threadsafe(end(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()
