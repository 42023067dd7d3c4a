"""A real PostgreSQL server, as its Debian package installs it: in a temporary folder, on loopback, with a password.

It has a socket in its folder, too. It does not run as root: it is the user `postgres` then. It ends with the process
that started it.
"""

from __future__ import annotations

import os
import pwd
import random
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from urllib.parse import quote, urlsplit

import psycopg

VARIABLE = "BRIEFING_TEST_POSTGRESQL"  # `required`: its absence is a failure
USER = "reader"
HOST = "127.0.0.1"
_START = 30.0
_PORTS = range(15_000, 32_000)  # below those that a system gives to whoever connects: it is still free after a restart


def binaries() -> Path | None:
    """The folder of the server's programs; None where there is none."""
    on_path = shutil.which("initdb")
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parent.parent.name))
    found = [*places, *([Path(on_path)] if on_path else [])]
    return found[0].resolve().parent if found else None


class Server:
    """A running server. Databases are made on it by `fresh`.

    `password` is of no other server, and has to be quoted in an address; `secret` is what both ways to write it share.
    """

    def __init__(self, programs: Path, folder: Path) -> None:
        self.folder = folder
        self.port = _free_port()
        self.secret = secrets.token_hex(8)
        self.password = f"{self.secret}@/"
        self._programs = programs
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [str(self._programs / "postgres"), "-D", str(self.folder / "data"), "-k", str(self.folder)]
        listening = (f"listen_addresses={HOST}", f"port={self.port}")
        for setting in (*listening, "fsync=off", "max_connections=40", "shared_buffers=32MB"):
            command += ["-c", setting]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*_as_its_user(), *command], stdout=log, stderr=log)
        end = time.monotonic() + _START
        while True:
            try:
                with psycopg.connect(self.address("postgres")):
                    return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(self.log()) from None
            time.sleep(0.02)

    def crash(self) -> None:
        """End it at once, as `pg_ctl stop -m immediate` does: it has to recover when it is started."""
        assert self._process is not None
        self._process.send_signal(3)
        self._process.wait(_START)

    def initialise(self) -> None:
        """Make its files."""
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(self.password)
        if _as_its_user():
            _give(password)
        command = [str(self._programs / "initdb"), "-D", str(self.folder / "data"), "-U", USER, "-A", "scram-sha-256"]
        command += [f"--pwfile={password}", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        subprocess.run([*_as_its_user(), *command], check=True, capture_output=True)
        password.unlink()

    def address(self, name: str) -> str:
        """The address of a database on it."""
        return f"postgresql://{self._login}@{HOST}:{self.port}/{name}"

    def on_socket(self, name: str) -> str:
        """The address of a database by the server's socket."""
        return f"postgresql://{self._login}@/{name}?host={self.folder}&port={self.port}"

    def log(self) -> str:
        """What the server has said so far."""
        return (self.folder / "log").read_text()

    @property
    def _login(self) -> str:
        return f"{USER}:{quote(self.password, safe='')}"

    def fresh(self, template: str = "template0") -> str:
        """The address of a new database, a copy of `template`."""
        name = f"db{next(self._numbers)}"
        self.command(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        return self.address(name)

    def command(self, statement: str) -> None:
        """Run a statement outside of a transaction."""
        with psycopg.connect(self.address("postgres"), autocommit=True) as connection:
            connection.execute(statement)


def name_of(address: str) -> str:
    """The database in an address."""
    return urlsplit(address).path.removeprefix("/")


@contextmanager
def running() -> Iterator[Server | None]:
    """A server of one's own; None where PostgreSQL is not installed."""
    programs = binaries()
    if programs is None:
        if os.environ.get(VARIABLE) == "required":
            raise RuntimeError("PostgreSQL is required and not installed: apt-get install postgresql")
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="briefing-"))
    try:
        if _as_its_user():
            _give(folder)
        server = Server(programs, folder)
        server.initialise()
        server.start()
        try:
            yield server
        finally:
            server.crash()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _as_its_user() -> list[str]:
    """What a command is preceded by so that it does not run as root, and ends with this process."""
    if os.geteuid() != 0:
        return []
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", "--pdeathsig", "QUIT", "--"]


def _give(path: Path) -> None:
    """Let a file or folder be that of the server's user."""
    user = pwd.getpwnam("postgres")
    os.chown(path, user.pw_uid, user.pw_gid)


def _free_port() -> int:
    for port in random.SystemRandom().sample(_PORTS, 20):
        with socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
            try:
                tried.bind((HOST, port))
            except OSError:
                continue
            return port
    raise OSError("no port is free")
