"""A real PostgreSQL server, as its Debian package installs it: in a temporary folder, on a socket in it alone.

A server does not run as root: it is the user `postgres` then. It ends with the process that started it.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import psycopg

VARIABLE = "BRIEFING_TEST_POSTGRESQL"  # `required`: its absence is a failure
_START = 30.0


def binaries() -> Path | None:
    """The folder of the server's programs; None where there is none."""
    on_path = shutil.which("initdb")
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda one: int(one.parent.parent.name))
    found = [*places, *([Path(on_path)] if on_path else [])]
    return found[0].resolve().parent if found else None


class Server:
    """A running server. Databases are made on it by `fresh`."""

    def __init__(self, programs: Path, folder: Path) -> None:
        self._programs = programs
        self._folder = folder
        self._numbers = count(1)
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, and wait until it answers."""
        command = [str(self._programs / "postgres"), "-D", str(self._folder / "data"), "-k", str(self._folder)]
        for setting in ("listen_addresses=", "fsync=off", "max_connections=40", "shared_buffers=32MB"):
            command += ["-c", setting]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*_as_its_user(), *command], stdout=log, stderr=log)
        end = time.monotonic() + _START
        while True:
            try:
                with psycopg.connect(self.address("postgres")):
                    return
            except psycopg.OperationalError:
                if self._process.poll() is not None or time.monotonic() > end:
                    raise RuntimeError((self._folder / "log").read_text()) from None
            time.sleep(0.02)

    def crash(self) -> None:
        """End it at once, as `pg_ctl stop -m immediate` does: it has to recover when it is started."""
        assert self._process is not None
        self._process.send_signal(3)
        self._process.wait(_START)

    def initialise(self) -> None:
        """Make its files."""
        command = [str(self._programs / "initdb"), "-D", str(self._folder / "data"), "-U", "postgres", "-A", "trust"]
        subprocess.run(
            [*_as_its_user(), *command, "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"], check=True, capture_output=True
        )

    def address(self, name: str) -> str:
        """The address of a database on it."""
        return f"postgresql://postgres@/{name}?host={self._folder}"

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
    return address.partition("@/")[2].partition("?")[0]


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
            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
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
