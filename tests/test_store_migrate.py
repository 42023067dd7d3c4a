"""Opening a store: made, brought up in one step or not at all, and refused where it is not ours."""

from __future__ import annotations

import logging
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, inspect, select, text

from briefing.config import load_settings
from briefing.errors import UsageError
from briefing.store import Database, StoreError, migrate, open_store, upgrade
from briefing.store.migrate import HEAD, peek
from briefing.store.revision import revision as stands_at
from briefing.store.schema import metadata, source_states, sources
from tests.command import environment
from tests.postgres import USER, name_of
from tests.stored import NOW

LATER = f"{int(HEAD) + 1:04}"
STEP = '''
"""A later step."""
from alembic import op
from sqlalchemy import Column, Text
revision = "{revision}"
down_revision = "{before}"
def upgrade():
    anew = "always" if op.get_context().dialect.name == "sqlite" else "auto"
    with op.batch_alter_table("sources", recreate=anew) as table:
        table.add_column(Column("colour", Text))
    op.execute("CREATE TABLE later (id INTEGER)")
    {then}
'''


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Makes the program one of a later version, with one more step, which ends with a statement of one's own."""

    def install(then: str = "") -> None:
        folder = tmp_path / "migrations 100%"
        shutil.copytree(upgrade.MIGRATIONS, folder, dirs_exist_ok=True)
        (folder / "versions" / f"{LATER}_later.py").write_text(STEP.format(then=then, revision=LATER, before=HEAD))
        monkeypatch.setattr(upgrade, "MIGRATIONS", folder)
        monkeypatch.setattr(migrate, "HEAD", LATER)

    return install


def tables(database: Database) -> set[str]:
    return set(database.read(lambda connection: inspect(connection).get_table_names()))


def add_source(connection: Connection) -> None:
    row = {"url": "http://a.test/", "kind": "feed", "tags": [], "folder": [], "text": "auto", "added_at": NOW}
    connection.execute(insert(sources).values(id=7, **row))
    connection.execute(insert(source_states).values(source_id=7, address="http://a.test/", failures=0, moved_seen=0))


def states(database: Database) -> list[int]:
    return list(database.read(lambda connection: connection.execute(select(source_states.c.source_id)).scalars()))


def version(database: Database) -> str | None:
    return database.read(stands_at)


# A new store


def test_the_migrated_tables_are_those_of_the_schema(place):
    from alembic.autogenerate import compare_metadata
    from alembic.runtime.migration import MigrationContext

    def ours(name: str | None, kind: str, _parents: object) -> bool:
        return not (kind == "table" and str(name).startswith("article_words"))

    def difference(connection: Connection) -> object:
        options = {"compare_type": True, "compare_server_default": True, "include_name": ours, "include_object": _own}
        return compare_metadata(MigrationContext.configure(connection, opts=options), metadata)

    with open_store(place) as database:
        assert database.read(difference) == []


def _own(_object: object, name: str | None, kind: str, _reflected: object, _compared: object) -> bool:
    return (kind, name) not in {("column", "words"), ("index", "ix_article_versions_words")}


def test_a_store_is_at_the_head_the_newest_step_in_the_folder(place):
    with open_store(place) as database:
        assert version(database) == HEAD
    steps = sorted(path.name[:4] for path in (upgrade.MIGRATIONS / "versions").glob("[0-9]*.py"))
    assert steps[-1] == HEAD


def test_a_store_can_be_opened_again_with_what_is_in_it(place):
    with open_store(place) as database:
        database.write(add_source)
    with open_store(place) as database:
        assert states(database) == [7]


def test_an_empty_file_becomes_a_store(tmp_path):
    (tmp_path / "store.sqlite").touch(mode=0o600)
    with open_store(tmp_path / "store.sqlite") as database:
        assert version(database) == HEAD


def test_a_store_at_the_head_is_opened_without_alembic(tmp_path):
    program = "import sys; from briefing.store import open_store; open_store(sys.argv[1]).close()\n"
    told = program + "print('alembic' in sys.modules)"
    for expected in ("True", "False"):
        done = subprocess.run(
            [sys.executable, "-c", told, str(tmp_path / "store.sqlite")],
            check=True, capture_output=True, text=True, env=environment(),
        )  # fmt: skip
        assert done.stdout.strip() == expected


def test_programs_that_open_a_new_store_at_once_all_find_it_whole(place):
    together = threading.Barrier(4)

    def opened(_: int) -> str | None:
        together.wait(10)
        with open_store(place) as database:
            return version(database)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(opened, range(4))) == [HEAD] * 4


def test_a_store_in_memory_leaves_no_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with open_store(":memory:") as database:
        database.write(add_source)
        assert states(database) == [7]
    assert list(tmp_path.iterdir()) == []


# An older store


def test_an_older_store_is_brought_up_with_its_rows_and_others_that_point_at_them(place, later):
    with open_store(place) as database:
        database.write(add_source)
    later()
    with open_store(place) as database:
        assert version(database) == LATER
        assert "later" in tables(database)
        assert states(database) == [7]
        with pytest.raises(StoreError):  # references are heeded again
            database.write(lambda connection: connection.execute(text("UPDATE source_states SET source_id = 8")))


def test_before_an_older_file_is_brought_up_a_copy_is_put_beside_it_for_its_owner_alone(tmp_path, later, caplog):
    file = tmp_path / "store.sqlite"
    with open_store(file) as database:
        database.write(add_source)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["store.sqlite"]
    later()
    open_store(file).close()
    (copy,) = tmp_path.glob(f"store.sqlite.backup-{HEAD}-*Z")
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    assert str(copy) in caplog.text
    other = sqlite3.connect(copy)
    assert other.execute("SELECT version_num, url FROM alembic_version, sources").fetchall() == [
        (HEAD, "http://a.test/")
    ]
    other.close()


def test_on_a_server_it_is_said_that_the_store_is_brought_up_and_no_password(postgresql, later, caplog):
    place = postgresql.fresh()
    assert postgresql.secret in place
    with caplog.at_level(logging.INFO):
        open_store(place).close()
        later()
        open_store(place).close()
    assert "brought up to date" in caplog.text
    assert postgresql.secret not in caplog.text


def test_a_step_that_fails_leaves_everything_as_it_was(place, later):
    with open_store(place) as database:
        database.write(add_source)
        before = tables(database)
    later('op.execute("INSERT INTO nowhere VALUES (1)")')
    with pytest.raises(StoreError, match="nowhere"):
        open_store(place)
    migrate.HEAD = HEAD
    with open_store(place) as database:
        assert (version(database), tables(database), states(database)) == (HEAD, before, [7])


def test_a_step_that_is_no_database_error_leaves_everything_as_it_was(place, later):
    with open_store(place) as database:
        before = tables(database)
    later("raise RuntimeError('a bug')")
    with pytest.raises(RuntimeError, match="a bug"):
        open_store(place)
    migrate.HEAD = HEAD
    with open_store(place) as database:
        assert (version(database), tables(database)) == (HEAD, before)


def test_a_step_that_loses_rows_that_others_point_at_is_refused(tmp_path, later):
    with open_store(tmp_path / "store.sqlite") as database:
        database.write(add_source)
    later('op.execute("DELETE FROM sources")')
    with pytest.raises(StoreError, match="nothing was changed"):
        open_store(tmp_path / "store.sqlite")
    migrate.HEAD = HEAD
    with open_store(tmp_path / "store.sqlite") as database:
        assert states(database) == [7]


def test_without_room_for_the_copy_nothing_is_changed(tmp_path, later, monkeypatch):
    file = tmp_path / "store.sqlite"
    open_store(file).close()
    later()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(StoreError, match=r"No space left.*make room"):
        open_store(file)
    monkeypatch.undo()
    assert sorted(path.name for path in tmp_path.glob("store*")) == ["store.sqlite"]
    with open_store(file) as database:
        assert version(database) == HEAD


# A store that is not to be touched


def test_a_store_of_a_later_version_is_refused_in_words_and_left_as_it_is(place, later, monkeypatch):
    later()
    open_store(place).close()
    monkeypatch.undo()
    for opening in (open_store, peek):
        with pytest.raises(StoreError, match="written by a later version of briefing: install"):
            opening(place)
    later()
    with open_store(place) as database:
        assert version(database) == LATER


def test_a_foreign_file_is_refused_and_left_as_it_is(tmp_path):
    file = tmp_path / "other.sqlite"
    other = sqlite3.connect(file)
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    other.close()
    with pytest.raises(StoreError, match=r"other\.sqlite belongs to another program"):
        open_store(file)
    other = sqlite3.connect(file)
    assert other.execute("SELECT name FROM sqlite_master").fetchall() == [("theirs",)]
    other.close()


def test_another_programs_migrations_are_not_ours(place, monkeypatch):
    monkeypatch.setattr(upgrade, "upgrade", lambda _: None)
    with open_store(place) as database:
        database.write(lambda connection: connection.execute(text("CREATE TABLE alembic_version (version_num TEXT)")))
        database.write(lambda connection: connection.execute(text("INSERT INTO alembic_version VALUES ('ae1027a6')")))
    monkeypatch.undo()
    with pytest.raises(StoreError, match="belongs to another program"):
        open_store(place)


def test_on_a_server_others_may_have_tables_but_none_of_our_names(postgresql):
    place = postgresql.fresh()
    with Database_of(place) as database:
        database.write(lambda connection: connection.execute(text("CREATE TABLE theirs (x INTEGER)")))
    with open_store(place) as database:
        assert {"theirs", "articles"} <= tables(database)
    place = postgresql.fresh()
    with Database_of(place) as database:
        database.write(lambda connection: connection.execute(text("CREATE TABLE articles (x INTEGER)")))
    with pytest.raises(StoreError, match="belongs to another program"):
        open_store(place)


def Database_of(place: str) -> Database:  # noqa: N802 - reads like what it opens
    from briefing.store.engine import connect

    return connect(place)


# Looking without touching


def test_a_look_makes_no_store_and_brings_none_up(place, later):
    assert peek(place) is None
    if "://" not in place:
        assert not Path(place).exists()
    open_store(place).close()
    found = peek(place)
    assert found is not None
    assert states(found) == []
    with pytest.raises(StoreError):
        found.read(add_source)
    found.close()
    later()
    assert peek(place) is None
    migrate.HEAD = HEAD
    with open_store(place) as database:
        assert version(database) == HEAD


# Addresses


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u:s3cret@h:port/db",
        "mysql://u:s3cret@h/db",
        "sqlite:///s3cret-not.sqlite?password=s3cret",
        "://s3cret",
    ],
)
def test_an_address_of_no_store_is_refused_without_telling_its_password(address):
    with pytest.raises(UsageError) as caught:
        open_store(address)
    shown = str(caught.value).replace("s3cret-not", "")
    assert "store" in shown
    assert "s3c" not in shown


def test_a_server_that_cannot_be_reached_is_named_without_its_password():
    with pytest.raises(StoreError, match=r"postgresql://u:\*\*\*@127.0.0.1:9/db cannot be used") as caught:
        open_store("postgresql://u:s3cret@127.0.0.1:9/db?password=s3cret")
    assert "s3cret" not in str(caught.value)


def test_settings_do_not_show_the_address_of_the_store(tmp_path, monkeypatch):
    address = "postgresql://u:s3cret@h/db"
    monkeypatch.setenv("BRIEFING_STORE", address)
    settings = load_settings()
    assert settings.store == address
    assert "s3cret" not in repr(settings)
    monkeypatch.delenv("BRIEFING_STORE")
    (tmp_path / "briefing.toml").write_text(f'[store]\nurl = "{address}"\n')
    with pytest.raises(UsageError, match="store") as caught:
        load_settings(tmp_path / "briefing.toml")
    assert "s3cret" not in str(caught.value)


def test_what_libpq_reads_from_the_environment_counts(postgresql, monkeypatch):
    place = postgresql.fresh()
    open_store(place).close()
    server = {"PGHOST": str(postgresql.folder), "PGPORT": str(postgresql.port)}
    login = {"PGDATABASE": name_of(place), "PGUSER": USER, "PGPASSWORD": postgresql.password}
    for key, value in (server | login).items():
        monkeypatch.setenv(key, value)
    with open_store("postgresql://") as database:
        assert version(database) == HEAD
