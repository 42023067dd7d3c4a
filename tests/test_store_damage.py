"""A bit that flipped anywhere in a store's file: what is read is right or refused in words, and nothing is written."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text

from briefing.fetch.round import Wishes
from briefing.fetch.run import fetch
from briefing.sources import Source
from briefing.store import Database, StoreError, open_store, peek
from briefing.store.answers import StoredAnswers
from briefing.store.briefings import texts
from briefing.store.lookup import in_window, newest, page_failures, pages_wanted
from briefing.store.schema import articles, metadata
from briefing.store.search import search
from briefing.store.sources import Fetch, add, is_there, last_fetches, listed, log
from briefing.store.spending import Spending
from briefing.web import Web
from tests.stored import DAY, NOW, add_article, article, rows

REPAIR = r"store\.sqlite is damaged: {}; put back a copy .*\.recover"


def fill(connection: Connection) -> None:
    source = Source(url="http://a.test/feed", kind="feed", name="A", tags=("port", "city"), folder=("News",))
    add(connection, source, NOW)
    (source_id,) = (one.id for one in listed(connection))
    log(connection, Fetch(run="r", source_id=source_id, url=source.url, at=NOW, seconds=0.5, outcome="read"))
    for number in range(4):
        add_article(connection, article(f"a{number}", body=f"The ferry hit pier {number}. " * 9), NOW, source_id)
    connection.execute(text("UPDATE articles SET page = 'wanted', page_url = 'http://a.test/p'"))
    connection.execute(text("UPDATE article_versions SET flags = '[\"feed-text\"]', sentences = '[[0, 9], [10, 20]]'"))
    row = {"day": "2026-11-23", "run": "r", "tokens": 10, "cost": 0.5, "state": "settled"}
    connection.execute(insert(metadata.tables["spending"]).values(row))
    connection.execute(
        insert(metadata.tables["answers"]).values(endpoint="e", request="r", recording="{}", kept_at=NOW)
    )


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A small store's file."""
    file = tmp_path_factory.mktemp("sound") / "store.sqlite"
    with open_store(file) as database:
        database.write(fill)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("VACUUM")  # fewer bytes that stand for nothing
    return file.read_bytes()


def written(tmp_path: Path, data: bytes | bytearray) -> Path:
    file = tmp_path / "store.sqlite"
    for left in tmp_path.glob("store.sqlite*"):
        left.unlink()
    file.write_bytes(data)
    file.chmod(0o600)
    return file


def reads(database: Database) -> list[Callable[[], object]]:
    """Every function that reads."""
    keys = database.read(
        lambda connection: list(connection.execute(text("SELECT article_id, sha256 FROM article_versions")))
    )
    return [
        lambda: database.read(listed),
        lambda: [database.read(is_there, one) for one in database.read(listed)],
        lambda: database.read(last_fetches, NOW - DAY),
        lambda: database.read(in_window, NOW - DAY, NOW + DAY),
        lambda: database.read(pages_wanted, NOW, NOW - DAY),
        lambda: database.read(page_failures, NOW - DAY),
        lambda: database.read(newest, ["a0", "a1", "a2", "a3"]),
        lambda: database.read(texts, [(one[0], one[1]) for one in keys]),
        lambda: database.read(search, "ferry pier", 10),
        lambda: StoredAnswers(database, "e", lambda: NOW).get("r"),
        lambda: Spending(database).spent("2026-11-23"),
        *(lambda name=name: rows(database, name) for name in metadata.tables),
    ]


def is_sound(file: Path) -> bool:
    with closing(sqlite3.connect(f"file:{file}?immutable=1", uri=True)) as connection:
        try:
            return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))
        except (sqlite3.Error, UnicodeDecodeError):
            return False


def refusals(file: Path) -> int:
    """How many readings of a file, the opening among them, end in a StoreError; any other error is raised."""
    refused = 0
    try:
        with open_store(file) as database:
            for one in reads(database):
                try:
                    one()
                except StoreError as error:
                    assert str(file) in str(error)  # noqa: PT017 - most go well
                    refused += 1
    except StoreError as error:
        assert str(file) in str(error)  # noqa: PT017 - as above
        refused += 1
    return refused


@pytest.mark.parametrize("seed", range(4))
def test_wherever_a_bit_flips_each_reading_goes_well_or_ends_in_words(sound, tmp_path, seed):
    chance, refused, unsound = random.Random(seed), 0, 0
    used = [at for at, byte in enumerate(sound) if byte]
    for _ in range(100):
        broken = bytearray(sound)
        broken[chance.choice(used)] ^= 1 << chance.randrange(8)
        file = written(tmp_path, broken)
        was_sound = is_sound(file)
        refused += bool(refusals(file))
        if not was_sound:
            unsound += 1
            assert file.read_bytes() == broken
    assert refused > 5
    assert unsound > 5


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (b"2026-11-23 18", b"2026-11-\xf23 18", "a text in its column .* is no UTF-8"),
        (b"2026-11-23 18:00:00", b"2026-19-23 18:00:00", "'2026-19-23 18.*' is no moment"),
        (b'["port", "city"]', b'["port", "city"}', ".* is no JSON"),
        (b"[[0, 9], [10, 20]]", b"[[0, 9], [10, 2.]]", ".* is no JSON"),
        (b"[[0, 9], [10, 20]]", b"[[0, 9], [10,0.1]]", ".* is no list of texts or spans"),
        (b"[[0, 9], [10, 20]]", b"[[0, 9], [10,1,2]]", ".* is no list of texts or spans"),
    ],
    ids=["no UTF-8", "no moment", "no JSON", "no number", "no position", "no span"],
)
def test_a_damaged_value_is_named_with_the_place_and_the_repair(sound, tmp_path, before, after, said):
    assert before in sound
    file = written(tmp_path, sound.replace(before, after))
    with open_store(file) as database, pytest.raises(StoreError, match=REPAIR.format(said)):
        [one() for one in reads(database)]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("id", b"a0", "bytes stand where .* should"),
        ("page", b"none", "bytes stand where .* should"),
        ("latest", "many", "'many' is no whole number"),
        ("page_url", 7, "'?7'? is no text"),
    ],
)
def test_a_value_of_another_kind_is_damage(sound, tmp_path, column, value, said):
    file = written(tmp_path, sound)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = 1")
        connection.execute("PRAGMA writable_schema = 1")  # as a flipped bit would have it: whatever the column's type
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, 'page_url TEXT', 'page_url BLOB')")
        connection.commit()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA ignore_check_constraints = 1")
        connection.execute(f"UPDATE articles SET {column} = ? WHERE id = 'a1'", [value])
        connection.commit()
    with open_store(file) as database, pytest.raises(StoreError, match=REPAIR.format(said)):
        rows(database, "articles")


def test_a_version_that_never_was_is_damage_and_a_missing_table_too(sound, tmp_path):
    for change, said in (
        ("UPDATE alembic_version SET version_num = '0000'", ".*0000.*"),
        ("UPDATE alembic_version SET version_num = CAST('0001' AS BLOB)", "bytes stand .*"),
    ):
        file = written(tmp_path, sound)
        with closing(sqlite3.connect(file)) as connection:
            connection.execute(change)
            connection.commit()
        with pytest.raises(StoreError, match=REPAIR.format(said)):
            open_store(file)
    file = written(tmp_path, sound)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DROP TABLE answers")
    with open_store(file) as database, pytest.raises(StoreError, match=REPAIR.format("no such table: answers, .*")):
        rows(database, "answers")


def null_in_a_column_that_has_none(sound: bytes, tmp_path: Path) -> Path:
    file = written(tmp_path, sound)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA writable_schema = 1")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, 'latest INTEGER NOT NULL', 'latest INTEGER')")
        connection.commit()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE articles SET latest = NULL WHERE id = 'a1'")
        connection.execute("PRAGMA writable_schema = 1")
        connection.execute("UPDATE sqlite_master SET sql = replace(sql, 'latest INTEGER', 'latest INTEGER NOT NULL')")
        connection.commit()
    assert not is_sound(file)
    return file


def test_a_file_that_sqlite_finds_damaged_is_fetched_into_and_altered_no_more(sound, tmp_path):
    file = null_in_a_column_that_has_none(sound, tmp_path)
    before = file.read_bytes()
    with open_store(file) as database, Web() as web:
        for change in (
            lambda: database.alter(add_article, article("new")),
            lambda: fetch(database, web, Wishes(), lambda: NOW + DAY),
        ):
            with pytest.raises(StoreError, match=REPAIR.format("NULL value in articles.latest")):
                change()
    assert file.read_bytes() == before


def test_nor_is_one_that_has_lost_how_it_is_written(sound, tmp_path):
    file = null_in_a_column_that_has_none(sound, tmp_path)
    broken = bytearray(file.read_bytes())
    broken[18:20] = b"\1\1"
    file = written(tmp_path, broken)
    for opened in (open_store, peek):
        with pytest.raises(StoreError, match=REPAIR.format("NULL value in articles.latest")):
            opened(file)
    assert file.read_bytes() == broken


def test_a_fault_of_ours_is_no_damage_while_the_file_is_sound(sound, tmp_path):
    def fault(connection: Connection) -> None:
        connection.execute(select(articles.c.id)).all()
        int("a fault of ours")

    with open_store(written(tmp_path, sound)) as database:
        for run in (database.read, database.write):
            with pytest.raises(ValueError, match="a fault of ours") as caught:
                run(fault)
            assert not isinstance(caught.value, StoreError)
        naive = (NOW + timedelta(0)).replace(tzinfo=None)
        with pytest.raises(Exception, match="a moment needs its zone") as naively:
            database.read(in_window, naive, None)
        assert not isinstance(naively.value, StoreError)


def test_what_stumbles_over_a_damaged_file_is_told_as_damage(sound, tmp_path):
    def stumble(connection: Connection) -> None:
        sum(connection.execute(select(articles.c.latest)).scalars())

    said = REPAIR.format("NULL value in articles.latest")
    with open_store(null_in_a_column_that_has_none(sound, tmp_path)) as database:
        with pytest.raises(StoreError, match=said) as caught:
            database.read(stumble)
        assert isinstance(caught.value.__cause__, TypeError)
