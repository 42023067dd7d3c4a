"""Alembic runs this: the migrations, on the connection and in the transaction of `briefing.store.upgrade`."""

from __future__ import annotations

from alembic import context

from briefing.store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
