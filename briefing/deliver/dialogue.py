"""The talk with a mail server: what is said, what is answered, each step within its time.

Over smtplib, whose own steps are not bounded: its timeout starts anew with every byte that comes, and with every piece
that goes over TLS. Its debugging output is never used: it would print the password.
"""

from __future__ import annotations

import re
import smtplib
import socket
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from briefing.text import single_line

SHOWN = 300  # characters of an answer
PIECE = 64 * 1024  # octets handed to the system at once

_LINE, _LINES = 8_192, 128  # octets of an answer's line, lines of an answer
_REPLY = re.compile(rb"(?P<code>[2-5][0-9]{2})(?:(?P<more>[ -])(?P<text>.*))?", re.DOTALL)
_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\S)")


class Lost(Exception):
    """The connection is over, and why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A server's answer: its code, and its text in one line, without what must stay secret."""

    code: int
    text: str

    def __str__(self) -> str:
        return f"{self.code} {self.text}".rstrip()

    @property
    def enhanced(self) -> tuple[int, int, int] | None:
        """The code of RFC 3463 that the text begins with."""
        found = _ENHANCED.match(self.text)
        return (int(found[1]), int(found[2]), int(found[3])) if found else None


class Dialogue(smtplib.SMTP):
    """One connection, already open. Every step raises Lost where the connection ends or time is up, and closes it.

    `timeout` are the seconds for a command and its answer. `secrets` are blanked out of every answer.
    """

    def __init__(self, connected: socket.socket, local_name: str, timeout: float) -> None:
        super().__init__(local_hostname=local_name, timeout=timeout)
        self.sock: socket.socket | None = connected
        self.command_encoding = "utf-8"
        self.secrets: tuple[str, ...] = ()
        self._step = timeout
        self._patience = timeout
        self._come = b""

    def say(self, command: str) -> Answer:
        """A command, and what is answered."""
        self.putcmd(command)
        return self.hear(self._step)

    def hear(self, seconds: float) -> Answer:
        """What is said within so many seconds."""
        self._patience = seconds
        try:
            code, text = self.getreply()
        finally:
            self._patience = self._step
        said = text.decode(errors="replace")
        for secret in self.secrets:
            said = said.replace(secret, "***")
        line = single_line(said)
        return Answer(code, line if len(line) <= SHOWN else f"{line[: SHOWN - 1]}…")

    def greet(self) -> Answer:
        """EHLO, or HELO to a server that does not know it; `has_extn` then tells what it offers."""
        code, text = self.ehlo()
        if code != 250:
            code, text = self.helo()
        return Answer(code, single_line(text.decode(errors="replace"))[:SHOWN])

    def encrypt(self, context: ssl.SSLContext, host: str) -> None:
        """TLS from here on, and nothing that was heard before counts. Raises ssl.SSLError, ValueError, Lost."""
        if self._come:  # it would be taken for something that was said under TLS
            raise self.lost("it sent more than was asked for, before encryption: somebody may be in between")
        if self.sock is None:
            raise Lost("the connection is closed")
        self.sock.settimeout(self._step)
        try:
            self.sock = context.wrap_socket(self.sock, server_hostname=host)
        except (ssl.SSLError, ValueError):
            self.close()
            raise
        except OSError as error:
            raise self.lost(_why(error, self._step, "TLS was agreed on")) from error
        self.helo_resp = self.ehlo_resp = None
        self.esmtp_features = {}
        self.does_esmtp = False

    def hand_over(self, data: bytes, seconds: float) -> None:
        """A message without its final dot: lines ended by CR LF, dots at their beginning doubled (RFC 5321, 4.5.2).

        A CR or LF by itself ends a line, too: what servers make of it differs, and messages were smuggled so.
        """
        if not data.count(b"\r\n") == data.count(b"\r") == data.count(b"\n"):
            data = re.sub(rb"\r\n|\r|\n", b"\r\n", data)
        data = data.replace(b"\r\n.", b"\r\n..")
        if data.startswith(b"."):
            data = b"." + data
        self._push(data if data.endswith(b"\r\n") else data + b"\r\n", seconds)

    def send(self, s: Any) -> None:
        """What smtplib says goes through here."""
        self._push(s.encode(self.command_encoding) if isinstance(s, str) else s, self._step)

    def getreply(self) -> tuple[int, bytes]:
        """As smtplib's, within `_patience` seconds in all, and only what is an answer."""
        ends = time.monotonic() + self._patience
        texts: list[bytes] = []
        while len(texts) < _LINES:
            found = _REPLY.fullmatch(self._line(ends).strip(b"\r\n"))
            if found is None:
                raise self.lost("it does not speak SMTP")
            texts.append(found["text"] or b"")
            if found["more"] != b"-":
                return int(found["code"]), b"\n".join(texts)
        raise self.lost("its answer does not end")

    def leave(self) -> None:
        """QUIT, and the end of the connection, whatever comes of it."""
        with suppress(Lost):
            self._step = min(self._step, 5.0)
            self.say("QUIT")
        self.close()

    def lost(self, why: str) -> Lost:
        """Closes the connection; what to raise."""
        self.close()
        return Lost(why)

    def _line(self, ends: float) -> bytes:
        while b"\n" not in self._come:
            if len(self._come) > _LINE:
                raise self.lost("its answer does not end")
            if self.sock is None:
                raise Lost("the connection is closed")
            try:
                self.sock.settimeout(max(ends - time.monotonic(), 0.001))
                come = self.sock.recv(4_096)
            except OSError as error:
                raise self.lost(_why(error, self._patience, "it answered")) from error
            if not come:
                raise self.lost("it closed the connection")
            self._come += come
        line, _, self._come = self._come.partition(b"\n")
        return line

    def _push(self, data: bytes, seconds: float) -> None:
        """Hand all of it to the system, each piece in the time of a step, the whole in so many seconds."""
        if self._come:  # it would be taken for the answer to this
            raise self.lost("it said more than it was asked")
        ends = time.monotonic() + seconds
        left = memoryview(data)
        while left:
            if self.sock is None:
                raise Lost("the connection is closed")
            try:
                self.sock.settimeout(max(min(ends - time.monotonic(), self._step), 0.001))
                left = left[self.sock.send(left[:PIECE]) :]
            except OSError as error:
                raise self.lost(_why(error, min(seconds, self._step), "it took what was sent")) from error


def _why(error: OSError, seconds: float, missed: str) -> str:
    if isinstance(error, TimeoutError):
        return f"{seconds:g} s were over before {missed}"
    return f"the connection broke before {missed}"
