"""Articles go into the store and come back as they were."""

from __future__ import annotations

import json
from dataclasses import fields, replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, select

from briefing.domain import Article, DateOrigin, Flag, Span
from briefing.store import open_store
from briefing.store.rows import insert_rows
from briefing.store.schema import article_versions, articles
from briefing.store.versions import Written, article_of, row_of
from tests.stored import NOW, add_article

WORDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=60
)  # what cleaning leaves
STATED = st.none() | WORDS
ARTICLES = st.builds(
    Article,
    id=st.uuids().map(str),
    title=STATED,
    body=WORDS,
    published=STATED,
    published_from=st.none() | st.sampled_from(get_args(DateOrigin)),
    publisher=STATED,
    owner=STATED,
    url=STATED,
    author=STATED,
    language=STATED,
    flags=st.lists(st.sampled_from(get_args(Flag)), max_size=4).map(tuple),
    credit=STATED,
    sentences=st.lists(st.builds(Span, st.integers(0, 10**6), st.integers(0, 10**6)), max_size=4).map(tuple),
)


@given(ARTICLES)
def test_a_row_holds_all_that_an_article_says(one):
    assert article_of(row_of(one)) == one


def test_the_origin_is_the_article_itself_again():
    one = Article(id="a", title=None, body="x", origin="Reuters")
    assert article_of(row_of(one)) == replace(one, origin="a")


def test_every_field_of_an_article_but_its_id_origin_and_text_has_a_column_of_its_name():
    named = {one.name for one in fields(Article)} - {"id", "origin", "text"}
    assert named <= set(row_of(Article(id="a", title=None, body="x")))
    assert named <= set(article_versions.c.keys())


@pytest.fixture(scope="module")
def both(postgresql):
    databases = [open_store(":memory:"), open_store(postgresql.fresh())]
    yield databases
    for database in databases:
        database.close()


@given(ARTICLES)
def test_a_stored_article_comes_back_as_it_was(both, one):
    query = select(article_versions).where(article_versions.c.article_id == one.id)
    for database in both:
        database.write(lambda connection: connection.execute(delete(articles)))
        database.write(add_article, one)
        (row,) = database.read(lambda connection: connection.execute(query).mappings().all())
        assert article_of(row) == one
        assert row["sha256"] == one.sha256


@pytest.mark.parametrize("count", [1, 2])
def test_what_is_written_elsewhere_is_stored_as_it_is(store, count):
    ones = [Article(id=f"{number}", title="A", body="B b. C c.", sentences=(Span(3, 7),)) for number in range(count)]
    for one in ones:
        store.write(add_article, replace(one, title="Old", body=""))
    made = [
        {**row_of(one), "sentences": Written(json.dumps(one.sentences)), "version": 7, "seen_at": NOW} for one in ones
    ]
    store.write(insert_rows, article_versions, made)
    query = select(article_versions).where(article_versions.c.version == 7)
    found = store.read(lambda connection: connection.execute(query).mappings().all())
    assert [article_of(row) for row in found] == ones
