"""A server that fails, is restarted or has no room: work is done again, or refused in words."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from briefing.store import StoreError, engine, open_store
from briefing.store.answers import StoredAnswers
from briefing.store.failures import transient
from tests.stored import NOW, add_article, article, counts, rows


def test_a_server_that_is_restarted_at_once_in_the_middle_of_writes_has_the_same_rows_in_the_end(
    postgresql, monkeypatch
):
    again = []

    def judged(error: DBAPIError, *, reached: bool) -> bool:
        again.append(error)
        return transient(error, reached=reached)

    monkeypatch.setattr(engine, "transient", judged)
    with open_store(postgresql.fresh()) as database:
        begun = threading.Event()

        def put(number: int) -> None:
            StoredAnswers(database, "e", lambda: NOW).put(f"r{number}", f"text {number}")
            if number == 40:
                begun.set()

        with ThreadPoolExecutor(4) as pool:
            writing = [pool.submit(put, number) for number in range(200)]
            begun.wait(20)
            postgresql.crash()
            postgresql.start()
            for one in writing:
                one.result(60)
        found = {row["request"]: row["recording"] for row in rows(database, "answers")}
    assert found == {f"r{number}": f"text {number}" for number in range(200)}
    assert again


@pytest.mark.parametrize("state", ["40001", "40P01", "57P01"])
def test_work_that_the_server_asks_to_do_again_is_done_again(postgresql, state):
    tries = []

    def work(connection: Connection) -> None:
        add_article(connection, article())
        tries.append(1)
        if len(tries) < 3:
            connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{state}'; END $$")

    with open_store(postgresql.fresh()) as database:
        database.write(work)
        assert (len(tries), counts(database, "articles")) == (3, {"articles": 1})


@pytest.mark.parametrize(
    ("state", "said"), [("53100", "the disk is full"), ("55P03", "has locked"), ("42501", "cannot be used: .*oh no")]
)
def test_what_the_server_refuses_for_good_is_said_at_once(postgresql, state, said):
    def work(connection: Connection) -> None:
        connection.exec_driver_sql(f"DO $$ BEGIN RAISE EXCEPTION 'oh no' USING ERRCODE = '{state}'; END $$")

    began = time.monotonic()
    with open_store(postgresql.fresh()) as database, pytest.raises(StoreError, match=said):
        database.write(work)
    assert time.monotonic() - began < 5


def test_a_server_that_stays_away_is_named(postgresql, monkeypatch):
    monkeypatch.setattr(engine, "_TRIES", 2)
    with open_store(postgresql.fresh()) as database:
        postgresql.crash()
        try:
            with pytest.raises(
                StoreError, match=r"the database postgresql://reader:\*\*\*@.* cannot be used"
            ) as caught:
                counts(database, "articles")
        finally:
            postgresql.start()
        assert postgresql.secret not in str(caught.value)
        assert counts(database, "articles") == {"articles": 0}


def test_where_all_connections_are_in_use_one_waits_and_then_says_so(place, monkeypatch):
    monkeypatch.setattr(engine, "CONNECTIONS", 1)
    monkeypatch.setattr(engine, "PATIENCE", 0.2)
    begun, end = threading.Event(), threading.Event()

    def slow(_: Connection) -> None:
        begun.set()
        end.wait(10)

    with open_store(place) as database, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(database.read, slow)
        begun.wait(10)
        with pytest.raises(StoreError, match=r"no connection was free for 0\.2 s"):
            database.read(slow)
        end.set()
        waiting.result(10)
        assert counts(database, "articles") == {"articles": 0}


def test_what_only_reads_cannot_write(store):
    with pytest.raises(StoreError):
        store.read(add_article, article())
    store.write(add_article, article())
    assert counts(store, "articles") == {"articles": 1}
