"""Whatever fails below the store: all of a transaction is kept or nothing, and the message names the repair."""

from __future__ import annotations

import logging
import os
import random
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, delete, event, insert, select, text
from sqlalchemy.exc import OperationalError

from briefing.store import Database, StoreError, engine, open_store
from briefing.store.answers import StoredAnswers
from briefing.store.retention import forget
from briefing.store.schema import answers, articles
from briefing.store.search import index
from tests.command import environment
from tests.stored import DAY, NOW, add_article, add_source, article, counts, rows

TABLES = ("sources", "articles", "article_versions", "items", "answers")


def run_python(program: str, *arguments: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True, text=True, check=False, env=environment(), timeout=60, **options,
    )  # fmt: skip


def much(connection: Connection) -> None:
    """A representative piece of work: rows of several tables, large and small, new and gone."""
    source = add_source(connection, "http://new.test/")
    for number in range(5):
        add_article(connection, article(f"new{number}", body=f"Text {number}. " * 2000), NOW, source)
    connection.execute(insert(answers).values(endpoint="e", request="r", recording="{}" * 5000, kept_at=NOW))
    connection.execute(delete(articles).where(articles.c.id.like("old%")))


def fill(connection: Connection) -> None:
    source = add_source(connection)
    for number in range(5):
        add_article(connection, article(f"old{number}", body=f"Old {number}. " * 50), NOW - DAY, source)


@pytest.fixture
def filled(store: Database) -> Database:
    store.write(fill)
    return store


@pytest.fixture
def filled_file(tmp_path: Path) -> Path:
    with open_store(tmp_path / "filled" / "store.sqlite") as database:
        database.write(fill)
    return tmp_path / "filled" / "store.sqlite"


def whole(database: Database) -> bool:
    """Whether the file, its references and its index of words are sound."""
    if database.dialect != "sqlite":
        return True

    def check(connection: Connection) -> bool:
        sound = connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        index(connection)
        words = "INSERT INTO article_words (article_words, rank) VALUES ('integrity-check', 1)"
        connection.exec_driver_sql(words)
        return sound and not connection.exec_driver_sql("PRAGMA foreign_key_check").all()

    return database.write(check)


# The Nth step fails (F82)


def test_whichever_statement_fails_nothing_of_the_work_is_kept_and_it_can_be_done_again(filled):
    before = counts(filled, *TABLES)
    left = [0]

    def fail(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        left[0] -= 1
        if left[0] == 0:
            raise OperationalError(statement, None, sqlite3.OperationalError("disk I/O error"))

    event.listen(filled.engine, "before_cursor_execute", fail)
    for failing in range(1, 200):
        left[0] = failing
        try:
            filled.write(much)
        except StoreError:
            left[0] = -1
            assert counts(filled, *TABLES) == before
            assert whole(filled)
        else:
            break
    event.remove(filled.engine, "before_cursor_execute", fail)
    assert failing > 20
    assert counts(filled, *TABLES) == {"sources": 2, "articles": 5, "article_versions": 5, "items": 5, "answers": 1}
    assert whole(filled)


LIMITED = """
import resource, shutil, signal, sys
from pathlib import Path
from briefing.store import StoreError, open_store
from tests.test_store_faults import TABLES, much, whole
from tests.stored import counts
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
base, place = Path(sys.argv[1]), Path(sys.argv[2])
refused, outcomes = 0, set()
for limit in range(0, 2_000_000, 12_288):
    shutil.copyfile(base, place)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    try:
        database = open_store(place)
        try:
            database.write(much)
        finally:
            database.close()
        kept = True
    except StoreError as error:
        assert place.name in str(error), error
        kept, refused = False, refused + 1
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    with open_store(place) as database:
        found = tuple(counts(database, *TABLES).values())
        assert found == ((2, 5, 5, 5, 1) if kept else (1, 5, 5, 5, 0)), (limit, kept, found)
        assert whole(database), limit
        if not kept:
            database.write(much)
    for path in place.parent.glob(place.name + "*"):
        path.unlink()
    if kept:
        break
print(refused)
"""


def test_wherever_the_disk_takes_no_more_all_is_kept_or_nothing_and_it_goes_on_with_room(filled_file, tmp_path):
    done = run_python(LIMITED, filled_file, tmp_path / "limited.sqlite", cwd=Path(__file__).parent.parent)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 5


def test_a_full_disk_is_named_and_once_there_is_room_it_goes_on(tmp_path):
    with open_store(tmp_path / "store.sqlite") as database:
        ours = StoredAnswers(database, "e", lambda: NOW)
        pages = database.read(lambda connection: connection.exec_driver_sql("PRAGMA page_count").scalar_one())
        database.engine.dispose()

        def limit(connection: Any, _: object) -> None:
            connection.execute(f"PRAGMA max_page_count = {pages + 2}")

        event.listen(database.engine, "connect", limit)
        with pytest.raises(StoreError, match=r"the disk is full: nothing more .*store\.sqlite; make room"):
            ours.put("a", "x" * 100_000)
        event.remove(database.engine, "connect", limit)
        database.engine.dispose()
        assert counts(database, "answers") == {"answers": 0}
        ours.put("a", "x" * 100_000)
        assert whole(database)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = shutil.which("mount") and os.geteuid() == 0
    if (
        not mounted
        or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", folder], check=False).returncode
    ):
        pytest.skip("a small disk can be mounted by root alone")
    yield folder
    subprocess.run(["umount", folder], check=True)


def test_on_a_small_disk_that_fills_up_nothing_is_lost(small_disk):
    with open_store(small_disk / "store.sqlite") as database:
        ours = StoredAnswers(database, "e", lambda: NOW)
        try:
            for stored in range(1000):
                ours.put(f"r{stored}", "x" * 20_000)
        except StoreError as error:
            assert "the disk is full" in str(error)  # noqa: PT017 - as above
        assert 5 < stored < 500
        assert counts(database, "answers") == {"answers": stored}
    subprocess.run(["mount", "-o", "remount,size=8m", small_disk], check=True)
    with open_store(small_disk / "store.sqlite") as database:
        StoredAnswers(database, "e", lambda: NOW).put("more", "x" * 20_000)
        assert counts(database, "answers") == {"answers": stored + 1}
        assert whole(database)


WRITER = """
import sys
from briefing.store import open_store
from tests.stored import add_article, article
database = open_store(sys.argv[1])
def pair(connection, number):
    for half in "ab":
        add_article(connection, article(f"{number}{half}", body="x " * 3000))
for number in range(10_000):
    database.write(pair, number)
    print(number, flush=True)
"""


def test_a_program_that_is_killed_while_it_writes_leaves_all_or_nothing_and_all_that_it_was_told_is_kept(place):
    for seed in range(3):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER.replace("range(10_000)", f"range({seed * 1000}, 10_000)"), place],
            stdout=subprocess.PIPE, text=True, env=environment(), cwd=Path(__file__).parent.parent,
        )  # fmt: skip
        assert process.stdout is not None
        told = [process.stdout.readline() for _ in range(5)]
        time.sleep(random.Random(seed).random() * 0.05)
        process.send_signal(signal.SIGKILL)
        told += process.communicate()[0].splitlines()
        with open_store(place) as database:
            ids = {row["id"] for row in rows(database, "articles")}
            assert {f"{int(line)}{half}" for line in told for half in "ab"} <= ids
            assert {one[:-1] + "a" for one in ids} == {one[:-1] + "a" for one in ids if one.endswith("b")}
            assert whole(database)


# Another program (F61)


def test_a_writer_waits_for_another_one_and_then_says_so(store, place, monkeypatch):
    monkeypatch.setattr(engine, "PATIENCE", 0.2)
    begun, end = threading.Event(), threading.Event()

    def slow(_: Connection) -> None:
        begun.set()
        end.wait(10)

    with open_store(place) as other, ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(store.write, slow)
        begun.wait(10)
        with pytest.raises(StoreError, match=r"another program has locked .* for too long"):
            other.write(add_article, article())
        assert counts(other, "articles") == {"articles": 0}
        end.set()
        waiting.result(10)
        other.write(add_article, article())
    assert counts(store, "articles") == {"articles": 1}


def test_writers_of_several_programs_see_what_the_one_before_wrote(store, place):
    def add_one(connection: Connection) -> None:
        number = len(connection.execute(select(articles.c.id)).all())
        add_article(connection, article(f"{number}"))

    with open_store(place) as other, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: (store, other)[number % 2].write(add_one), range(40)))
    assert {row["id"] for row in rows(store, "articles")} == {str(number) for number in range(40)}


# A file that is damaged, or not ours to write to (F62)


@pytest.mark.parametrize("damage", ["text", "cut", "header", "schema"])
def test_a_damaged_file_is_refused_with_the_repair_and_left_as_it_is(tmp_path, damage):
    file = tmp_path / "store.sqlite"
    open_store(file).close()
    data = bytearray(file.read_bytes())
    if damage == "text":
        data = bytearray(b"no database " * 1000)
    elif damage == "cut":
        del data[5000:]
    elif damage == "header":
        data[:16] = b"x" * 16
    else:
        data[100:108] = b"\xff" * 8
    file.write_bytes(data)
    with pytest.raises(StoreError, match=r"store\.sqlite is damaged: .*put back a copy .*\.recover"):
        open_store(file)
    assert file.read_bytes() == data


def test_bytes_that_are_wrong_anywhere_end_in_words_or_in_other_values(filled_file, tmp_path):
    data, chance, refused = filled_file.read_bytes(), random.Random(1), 0
    for number in range(60):
        broken = bytearray(data)
        for _ in range(40):
            broken[chance.randrange(len(broken))] ^= 1 << chance.randrange(8)
        file = tmp_path / f"{number}.sqlite"
        file.write_bytes(broken)
        file.chmod(0o600)
        try:
            with open_store(file) as database:
                for name in TABLES:
                    rows(database, name)
                database.write(much)
                database.write(forget, NOW + DAY)
        except StoreError as error:
            refused += 1
            assert str(file) in str(error)  # noqa: PT017 - most go well
        except (ValueError, TypeError):
            pass  # a value that is none of its column's: the file is sound to SQLite
    assert refused > 10


def test_half_a_journal_gives_the_last_whole_transaction(tmp_path):
    file = tmp_path / "store.sqlite"
    database = open_store(file)
    for number in range(20):
        database.write(add_article, article(f"a{number}"))
    copy = tmp_path / "copy.sqlite"
    shutil.copyfile(file, copy)
    copy.chmod(0o600)
    journal = Path(f"{file}-wal").read_bytes()
    found = []
    for part in range(11):
        Path(f"{copy}-wal").write_bytes(journal[: len(journal) * part // 10])
        with closing(sqlite3.connect(copy)) as other:
            assert other.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        shutil.copyfile(file, copy)
        Path(f"{copy}-wal").write_bytes(journal[: len(journal) * part // 10])
        Path(f"{copy}-shm").unlink(missing_ok=True)
        with open_store(copy) as half:
            found.append(counts(half, "articles")["articles"])
        for path in tmp_path.glob("copy.sqlite*"):
            path.unlink()
        shutil.copyfile(file, copy)
        copy.chmod(0o600)
    database.close()
    assert found == sorted(found)
    assert found[-1] == 20


READ_ONLY = """
import os, sys
from briefing.store import StoreError, open_store
if os.geteuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    open_store(sys.argv[1])
except StoreError as error:
    print(error)
"""


@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_place_that_cannot_be_written_to_is_named_with_the_fix(what):
    with tempfile.TemporaryDirectory() as name:  # which others can get to, unlike pytest's
        file = Path(name) / "store.sqlite"
        if what == "file":
            open_store(file).close()
            file.chmod(0o444)
        Path(name).chmod(0o555)
        done = run_python(READ_ONLY, file)
        Path(name).chmod(0o755)
    assert f"cannot use {file}: Permission denied; make it writable" in done.stdout, done.stderr


def test_a_folder_or_a_place_below_a_file_is_named(tmp_path):
    (tmp_path / "file").touch()
    for path in (tmp_path, tmp_path / "file" / "store.sqlite"):
        with pytest.raises(StoreError, match=rf"cannot use {path}: .*; make it writable"):
            open_store(path)


# The limits of a process, and its end (F65)


FEW_FILES = """
import resource, sys
from concurrent.futures import ThreadPoolExecutor
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
from briefing.store import open_store
from tests.stored import NOW, add_article, article, counts
with open_store(sys.argv[1]) as database, ThreadPoolExecutor(40) as pool:
    def both(number):
        database.write(add_article, article(str(number)))
        return counts(database, "articles")["articles"]
    assert max(pool.map(both, range(80))) == 80
print("done")
"""


def test_with_few_open_files_forty_threads_store_all(place):
    done = run_python(FEW_FILES, place, cwd=Path(__file__).parent.parent)
    assert done.stdout == "done\n", done.stderr


UNDER_WAY = """
import sys, threading, time
from briefing.store import StoreError, open_store
from tests.stored import add_article, article
database = open_store(sys.argv[1])
def work(name):
    number = 0
    while True:
        try:
            database.write(add_article, article(f"{name}.{number}"))
        except StoreError:
            return
        number += 1
for name in "abcd":
    threading.Thread(target=work, args=(name,), daemon=True).start()
time.sleep(0.2)
"""


def test_a_program_that_ends_while_threads_are_writing_ends_well(place):
    for _ in range(3):
        done = run_python(
            UNDER_WAY.replace('"{name}.', f'"{random.random()}{{name}}.'), place, cwd=Path(__file__).parents[1]
        )
        assert (done.returncode, done.stderr) == (0, "")
    with open_store(place) as database:
        assert whole(database)
        assert counts(database, "articles")["articles"] > 0


def test_closing_waits_for_the_work_under_way(store, place):
    begun, ended = threading.Event(), []

    def slow(connection: Connection) -> None:
        begun.set()
        time.sleep(0.2)
        add_article(connection, article())

    def work() -> None:
        store.write(slow)
        ended.append(1)

    thread = threading.Thread(target=work)
    thread.start()
    begun.wait(10)
    store.close()
    thread.join(10)
    assert ended == [1]
    if "://" not in place:
        assert [path.name for path in Path(place).parent.iterdir()] == ["store.sqlite"]  # no connection is left


def test_a_closed_store_says_so(store):
    store.close()
    store.close()
    with pytest.raises(StoreError, match="is closed"):
        counts(store, "articles")


# Who may read it (F84)


def test_a_new_store_and_its_folder_are_for_their_owner_alone_whatever_the_mask(tmp_path):
    before = os.umask(0)
    try:
        with open_store(tmp_path / "state" / "store.sqlite") as database:
            database.write(add_article, article())
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()}
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "state").stat().st_mode) == 0o700
    assert modes == {"store.sqlite": 0o600, "store.sqlite-wal": 0o600, "store.sqlite-shm": 0o600}


@pytest.mark.parametrize(("mode", "warned"), [(0o600, False), (0o644, True), (0o660, True)])
def test_a_store_that_others_can_read_is_a_warning_with_the_fix(tmp_path, caplog, mode, warned):
    file = tmp_path / "store.sqlite"
    open_store(file).close()
    file.chmod(mode)
    with caplog.at_level(logging.WARNING), open_store(file):
        assert (f"chmod 600 {file}" in caplog.text) is warned
    assert stat.S_IMODE(file.stat().st_mode) == mode


# What a hostile source can say


def test_a_very_long_address_is_stored_on_both(store):
    long = article("a", body="x")
    source = store.write(add_source)
    store.write(add_article, long, NOW, source)
    link = "http://a.test/" + "".join(random.Random(3).choices("abcdefghijklmnop0123456789", k=20_000))
    store.write(
        lambda connection: connection.execute(text("UPDATE items SET link = :link, guid = :link"), {"link": link})
    )
    assert rows(store, "items")[0]["link"] == link
