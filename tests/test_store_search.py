"""Finding stored articles by words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from briefing.domain import Article
from briefing.store import Database, open_store
from briefing.store.schema import articles
from briefing.store.search import index, is_whole, search
from tests.stored import add_article, add_version, article
from tests.strategies import hostile_text

TEXTS = {
    "ferry": ("Ferry hits pier", "The ferry Aurora, built in 1998, hit Café Müller's pier. A 25-year-old was hurt."),
    "strike": (
        "Strike at the port",
        "Dockers' union e-mail: info@port.example.com, see https://port.example.com/a_b?c=1.",
    ),
    "both": (None, "A strike stopped the ferry. Naïve crème brûlée for 2.5 million at -7 degrees; U.S. and R&D."),
    "greek": ("Ελλάδα", "Η Αθήνα και ο Πειραιάς. Москва и Ёлка. 東京"),
}


def fill(database: Database) -> None:
    for key, (title, body) in TEXTS.items():
        database.write(add_article, article(key, title, body))


def found(database: Database, words: str, limit: int = 10) -> set[str]:
    database.write(index)
    return {key for key, _ in database.read(search, words, limit)}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("ferry", {"ferry", "both"}),
        ("FERRY strike", {"both"}),
        ("cafe muller", {"ferry"}),
        ("café MÜLLER’S", {"ferry"}),
        ("brulee", {"both"}),
        ("25-year-old", {"ferry"}),
        ("year", {"ferry"}),
        ("1998", {"ferry"}),
        ("example", {"strike"}),
        ("port.example.com", {"strike"}),
        ("info@port.example.com", {"strike"}),
        ("https://port.example.com/a_b?c=1", {"strike"}),
        ("2.5", {"both"}),
        ("7", {"both"}),
        ("R&D", {"both"}),
        ("Dockers", {"strike"}),
        ("Αθήνα", {"greek"}),
        ("москва", {"greek"}),
        ("東京", {"greek"}),
        ("fer", set()),
        ("whale", set()),
        ("the", {"ferry", "strike", "both"}),
        ('" OR ferry', set()),
        ("NOT ferry", set()),
        ("ferry*", {"ferry", "both"}),
        ("title: ferry", set()),
        ("(ferry", {"ferry", "both"}),
        ("", set()),
        (" \x00'\"*-()%_\\ ", set()),
    ],
)
def test_an_article_is_found_by_all_of_the_words(store, words, expected):
    fill(store)
    assert found(store, words) == expected


def test_an_article_is_found_by_its_newest_text_alone(store):
    fill(store)
    store.write(add_version, article("ferry", "Ferry misses pier", "A whale was blamed."))
    assert found(store, "whale") == {"ferry"}
    assert found(store, "Aurora") == set()


def test_what_is_gone_is_not_found(store):
    fill(store)
    store.write(lambda connection: connection.execute(delete(articles).where(articles.c.id == "ferry")))
    assert found(store, "ferry") == {"both"}


def test_what_goes_before_it_is_indexed_leaves_the_index_sound(tmp_path):
    with open_store(tmp_path / "store.sqlite") as database:
        fill(database)
        gone = delete(articles).where(articles.c.id == "both")
        database.write(lambda connection: connection.execute(gone))
        assert found(database, "ferry") == {"ferry"}
        assert database.read(is_whole)
        database.write(add_version, article("ferry", "Ferry misses pier", "A whale was blamed."))
        assert not database.read(is_whole)
        database.write(lambda connection: connection.execute(delete(articles)))
        check = "INSERT INTO article_words (article_words, rank) VALUES ('integrity-check', 1)"
        database.write(lambda connection: connection.exec_driver_sql(check))
        assert found(database, "ferry") == set()


def test_the_best_come_first_and_no_more_than_asked_for(store):
    fill(store)
    store.write(add_article, article("much", "Ferry", "Ferry ferry ferry."))
    store.write(index)
    ranked = store.read(search, "ferry", 10)
    assert ranked[0][0] == "much"
    assert [score for _, score in ranked] == sorted((score for _, score in ranked), reverse=True)
    assert store.read(search, "ferry", 1) == ranked[:1]


def test_a_very_long_text_can_be_stored_and_is_found(store):
    words = " ".join(f"w{number}x" for number in range(200_000))
    store.write(add_article, article("long", "Long", words + " " + "y" * 3_000_000))
    assert found(store, "w7x w20000x") == {"long"}


@pytest.fixture(scope="module")
def pair(postgresql, tmp_path_factory):
    file, server = open_store(tmp_path_factory.mktemp("search") / "store.sqlite"), open_store(postgresql.fresh())
    for database in (file, server):
        fill(database)
    yield file, server
    file.close()
    server.close()


@given(hostile_text)
def test_any_words_are_safe(pair, words):
    for database in pair:
        assert found(database, words) <= set(TEXTS)


LATIN = st.text("abcdeéèüñçÅøßÆ ABC123 .,-'’“/@:_", max_size=30)


@given(st.lists(LATIN, min_size=1, max_size=4), LATIN)
def test_both_databases_find_the_same_in_any_latin_text(pair, bodies, words):
    def replace_all(connection):
        connection.execute(delete(articles))
        for number, body in enumerate(bodies):
            add_article(connection, Article(id=f"a{number}", title=None, body=body + " "))

    try:
        for database in pair:
            database.write(replace_all)
        assert found(pair[0], words) == found(pair[1], words)
    finally:
        for database in pair:
            database.write(lambda connection: connection.execute(delete(articles)))
            fill(database)
