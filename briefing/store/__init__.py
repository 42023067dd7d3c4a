"""The store: what the program remembers from one run to the next.

`schema` has the tables, `engine` the database, `migrate` brings an older one up; each other module is what one part of
the program asks of it, as plain functions of a connection, run by `Database.write` and `Database.read`.
"""

from __future__ import annotations

from briefing.store.engine import Database
from briefing.store.failures import Refused, StoreError
from briefing.store.migrate import open_store, peek

__all__ = ["Database", "Refused", "StoreError", "open_store", "peek"]
