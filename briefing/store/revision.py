"""Where a database stands among the migrations, asked without Alembic."""

from __future__ import annotations

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError


def revision(connection: Connection) -> str | None:
    """The migration that a database stands at; None where it says nothing."""
    try:
        with connection.begin_nested():
            return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", "42P01") == "42P01" and "alembic_version" in str(error.orig):
            return None
        raise
