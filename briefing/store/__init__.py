"""The store: what the program remembers from one run to the next.

`schema` has the tables, `engine` the database, `migrate` brings an older one up; each other module is what one part of
the program asks of it, as plain functions of a connection, run by `Database.write` and `Database.read`.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from briefing.store.engine import Database
    from briefing.store.failures import Refused, StoreError
    from briefing.store.migrate import open_store, peek

__all__ = ["Database", "Refused", "StoreError", "open_store", "peek"]

_PLACES = {
    "Database": "engine",
    "Refused": "failures",
    "StoreError": "failures",
    "open_store": "migrate",
    "peek": "migrate",
}


def __getattr__(name: str) -> object:
    """What is named here is imported when it is asked for: `entries` and `versions` are used without a database."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"briefing.store.{_PLACES[name]}"), name)
