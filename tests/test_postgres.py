"""The tests' own PostgreSQL: where it has to be there, its absence is no skip."""

from __future__ import annotations

import psycopg
import pytest

from briefing.store import StoreError, open_store
from tests import postgres
from tests.stored import counts


def test_where_it_is_not_installed_there_is_none_unless_it_is_required(monkeypatch):
    monkeypatch.setattr(postgres, "binaries", lambda: None)
    monkeypatch.delenv(postgres.VARIABLE, raising=False)
    with postgres.running() as server:
        assert server is None
    monkeypatch.setenv(postgres.VARIABLE, "required")
    with pytest.raises(RuntimeError, match="apt-get install postgresql"), postgres.running():
        pass


def test_it_is_a_server_and_each_test_has_a_database_of_its_own(postgresql, store):
    assert counts(store, "articles") == {"articles": 0}
    assert len({postgresql.fresh() for _ in range(3)}) == 3


def test_it_is_on_loopback_and_wants_the_password(postgresql):
    place = postgresql.fresh()
    assert place.startswith("postgresql://reader:")
    assert f"@127.0.0.1:{postgresql.port}/" in place
    for address in (place, postgresql.on_socket(postgres.name_of(place))):
        with psycopg.connect(address) as connection:
            assert connection.execute("SHOW password_encryption").fetchone() == ("scram-sha-256",)
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(address.replace(postgresql.secret, "wrong"))
        with pytest.raises(psycopg.OperationalError, match="no password supplied"):
            psycopg.connect(address.replace(f":{postgresql.secret}%40%2F", ""))


def test_a_store_is_the_same_by_the_servers_socket(postgresql):
    place = postgresql.fresh()
    open_store(place).close()
    with open_store(postgresql.on_socket(postgres.name_of(place))) as database:
        assert counts(database, "articles") == {"articles": 0}
        assert postgresql.secret not in database.place


def test_neither_a_wrong_password_nor_the_right_one_is_shown(postgresql):
    place = postgresql.fresh()
    wrong = place.replace(postgresql.secret, "s3cret")
    with pytest.raises(
        StoreError, match=r"postgresql://reader:\*\*\*@127\.0\.0\.1:.*password authentication"
    ) as caught:
        open_store(wrong)
    missing = place.replace(postgres.name_of(place), "nowhere")
    with pytest.raises(StoreError, match='"nowhere" does not exist') as other:
        open_store(missing)
    shown = f"{caught.value} {other.value} {postgresql.log()}"
    assert "s3cret" not in shown
    assert postgresql.secret not in shown
