"""Fixtures shared by the tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import trafilatura  # noqa: F401 - whole and first: loaded in parts by several tests, it warns
from hypothesis import settings

from briefing.store import Database, open_store
from tests.postgres import Server, name_of, running

ROOT = Path(__file__).resolve().parent.parent

settings.register_profile("default", deadline=None, max_examples=100)
settings.register_profile("soak", deadline=None, max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's top folder."""
    return ROOT


@pytest.fixture(scope="session")
def seeds(root: Path) -> Path:
    """The five sample articles."""
    return root / "seeds"


@pytest.fixture(scope="session")
def labelled(root: Path) -> Path:
    """The labelled data beside the repository; the test is skipped, saying so, where it is absent."""
    folder = root.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no labelled data: ../shared/data is absent")
    return folder


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server; the test is skipped, saying so, where it is not installed."""
    with running() as server:
        if server is None:
            pytest.skip("no PostgreSQL: apt-get install postgresql")
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A new, empty database of either kind: where a store can be opened."""
    if request.param == "sqlite":
        yield str(tmp_path / "state" / "store.sqlite")
        return
    server: Server = request.getfixturevalue("postgresql")
    address = server.fresh()
    yield address
    server.command(f"DROP DATABASE {name_of(address)} WITH (FORCE)")


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A store of each kind that others are copied from, as far as they were asked for."""
    file = tmp_path_factory.mktemp("store") / "store.sqlite"
    open_store(file).close()
    return {"sqlite": str(file)}


@pytest.fixture
def store(place: str, migrated: dict[str, str], request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An open, empty store of either kind."""
    if "://" not in place:
        Path(place).parent.mkdir(mode=0o700)
        shutil.copyfile(migrated["sqlite"], place)
        Path(place).chmod(0o600)
    else:
        server: Server = request.getfixturevalue("postgresql")
        if "postgresql" not in migrated:
            migrated["postgresql"] = server.fresh()
            open_store(migrated["postgresql"]).close()
        server.command(f"DROP DATABASE {name_of(place)}")
        server.command(
            f"CREATE DATABASE {name_of(place)} TEMPLATE {name_of(migrated['postgresql'])} STRATEGY FILE_COPY"
        )
    with open_store(place) as database:
        yield database
