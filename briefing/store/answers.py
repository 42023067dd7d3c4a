"""What language models answered: `briefing.llm.kept.Answers` in the store."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, and_, delete, insert, select

from briefing.store.engine import Database
from briefing.store.schema import answers


class StoredAnswers:
    """The answers of one endpoint, by the hash of what it was asked: models of one name differ between endpoints.

    Safe between threads; raises StoreError.
    """

    def __init__(self, database: Database, endpoint: str, now: Callable[[], datetime]) -> None:
        self._database = database
        self._endpoint = endpoint
        self._now = now

    def get(self, request: str) -> str | None:
        """What was put under a request's hash last; None where there is nothing."""
        query = select(answers.c.recording).where(self._is(request))
        return self._database.read(lambda connection: connection.execute(query).scalar())

    def put(self, request: str, recording: str) -> None:
        """Keep a recording under a request's hash, instead of the one that is there."""
        self._database.write(self._put, request, recording)

    def _put(self, connection: Connection, request: str, recording: str) -> None:
        connection.execute(delete(answers).where(self._is(request)))
        row = {"endpoint": self._endpoint, "request": request, "recording": recording, "kept_at": self._now()}
        connection.execute(insert(answers).values(row))

    def _is(self, request: str) -> ColumnElement[bool]:
        return and_(answers.c.endpoint == self._endpoint, answers.c.request == request)
