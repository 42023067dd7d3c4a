"""The server for readers, over real HTTP on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
from starlette.applications import Starlette

from briefing.serve.listening import bound, place_of, server_of


@contextmanager
def listening(program: Starlette) -> Iterator[httpx2.Client]:
    """A client of the program, which runs in a thread named `server` until the block ends."""
    listener = bound("127.0.0.1", 0)
    server = server_of(program)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="server")
    thread.start()
    try:
        with httpx2.Client(base_url=place_of(listener), timeout=5, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
    assert not thread.is_alive()
