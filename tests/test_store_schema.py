"""What the columns of the store hold."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert
from sqlalchemy.exc import StatementError

from briefing.store import Database, open_store
from briefing.store.schema import answers
from tests.stored import NOW, rows

MOMENTS = st.datetimes(
    min_value=datetime(1970, 1, 3),  # noqa: DTZ001 - they want bounds without a zone
    max_value=datetime(2100, 1, 1),  # noqa: DTZ001 - likewise
    timezones=st.timezones(),
)


def keep(database: Database, *moments: datetime) -> None:
    def put(connection):
        connection.execute(delete(answers))
        for number, moment in enumerate(moments):
            row = {"endpoint": "e", "request": f"{number}", "recording": "", "kept_at": moment}
            connection.execute(insert(answers).values(row))

    database.write(put)


def test_a_moment_comes_back_in_utc_to_the_microsecond(store):
    there = timezone(timedelta(hours=5, minutes=45))
    moment = datetime(2026, 11, 23, 18, 0, 0, 123456, tzinfo=there)
    keep(store, moment)
    (row,) = rows(store, "answers")
    assert row["kept_at"] == moment
    assert row["kept_at"].tzinfo is UTC


def test_a_moment_without_its_zone_is_refused(store):
    with pytest.raises(StatementError, match="a moment needs its zone"):
        keep(store, NOW.replace(tzinfo=None))


@pytest.fixture(scope="module")
def memory():
    with open_store(":memory:") as database:
        yield database


@given(MOMENTS, MOMENTS)
def test_moments_are_compared_as_they_follow_each_other(memory, one, other):
    keep(memory, one, other)
    found = memory.read(
        lambda connection: connection.execute(answers.select().where(answers.c.kept_at < other)).mappings().all()
    )
    assert {row["request"] for row in found} == ({"0"} if one.astimezone(UTC) < other.astimezone(UTC) else set())
