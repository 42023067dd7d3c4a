"""The tests' own PostgreSQL: where it has to be there, its absence is no skip."""

from __future__ import annotations

import pytest

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
