"""Briefings in the store, and the texts that they rest on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import delete
from sqlalchemy.exc import DBAPIError

from briefing.domain import Article
from briefing.store import Database, StoreError
from briefing.store.briefings import save, texts
from briefing.store.schema import articles
from tests.editions import model_briefing, seed_briefing
from tests.stored import DAY, NOW, add_article, add_version, counts, rows


@pytest.fixture
def told(store, seeds):
    """A briefing of the seeds, whose articles are in the store."""
    briefing, sources = seed_briefing(seeds)
    for source in sources:
        store.write(add_article, source)
    return briefing, sources


def cited(database: Database) -> set[tuple[str, str]]:
    return {(row["article_id"], row["sha256"]) for row in rows(database, "citations")}


def test_a_briefing_is_stored_with_its_document_and_what_it_cites(store, told):
    briefing, sources = told
    store.write(save, briefing, '{"id": "é"}', NOW)
    assert rows(store, "briefings") == [
        {"id": briefing.id, "date": briefing.date, "title": briefing.title, "made_at": NOW, "document": '{"id": "é"}'}
    ]
    ids = {citation.article_id for event in briefing.events for citation in event.headline.citations}
    ids |= {one.article_id for event in briefing.events for sentence in event.sentences for one in sentence.citations}
    expected = {(source.id, source.sha256) for source in sources if source.id in ids}
    assert expected
    assert cited(store) >= expected


def test_what_facts_and_disagreements_cite_is_kept_too(store):
    briefing, sources = model_briefing()
    for source in sources:
        store.write(add_article, source)
    (event, *_), facts = briefing.events, [one for event in briefing.events for one in event.facts]
    assert facts
    only = replace(event, sentences=(), facts=tuple(facts), disagreements=())
    store.write(save, replace(briefing, events=(only,)), "{}", NOW)
    ids = {citation.article_id for fact in facts for citation in fact.citations}
    assert {key for key, _ in cited(store)} >= ids


def test_stored_twice_it_is_there_once_as_it_was_last(store, told):
    briefing, _ = told
    store.write(save, briefing, "first", NOW)
    before = cited(store)
    store.write(save, replace(briefing, title="Later"), "second", NOW + DAY)
    assert cited(store) == before
    (row,) = rows(store, "briefings")
    assert (row["title"], row["document"], row["made_at"]) == ("Later", "second", NOW + DAY)
    store.write(save, replace(briefing, events=()), "third", NOW)
    assert cited(store) == set()


def test_an_event_keeps_when_it_was_told_first_and_gains_articles(store, told):
    briefing, _ = told
    event = briefing.events[0]
    fewer = replace(event, article_ids=event.article_ids[:1])
    store.write(save, replace(briefing, events=(fewer,)), "{}", NOW)
    store.write(save, replace(briefing, id="next", events=(event,)), "{}", NOW + DAY)
    (row,) = rows(store, "events")
    assert (row["id"], row["title"], row["storyline_id"]) == (event.id, event.headline.text, event.storyline_id)
    assert (row["first_told"], row["last_told"]) == (NOW, NOW + DAY)
    assert [one["article_id"] for one in rows(store, "event_articles")] == sorted(event.article_ids)


def test_articles_read_from_elsewhere_leave_no_trace(store, seeds):
    briefing, _ = seed_briefing(seeds)
    store.write(save, briefing, "{}", NOW)
    found = counts(store, "briefings", "citations", "event_articles", "articles")
    assert found == {"briefings": 1, "citations": 0, "event_articles": 0, "articles": 0}


def test_a_cited_article_cannot_be_taken_out(store, told):
    briefing, _ = told
    store.write(save, briefing, "{}", NOW)
    with pytest.raises(StoreError) as caught:
        store.write(lambda connection: connection.execute(delete(articles)))
    assert isinstance(caught.value.__cause__, DBAPIError)
    assert counts(store, "articles")["articles"] == len(briefing.articles)


# The texts for a proof


def test_the_text_that_was_cited_is_found_though_a_newer_one_came(store):
    first, second = (Article(id="a", title="Ferry", body=body) for body in ("It hit the pier.", "It missed the pier."))
    store.write(add_article, first)
    store.write(add_version, second)
    assert store.read(texts, [("a", first.sha256)]) == {"a": first}
    assert store.read(texts, [("a", second.sha256)]) == {"a": second}


def test_a_text_that_is_not_there_is_left_out(store):
    one = Article(id="a", title="Ferry", body="It hit the pier.")
    store.write(add_article, one)
    assert store.read(texts, [("a", "0" * 64), ("b", one.sha256)]) == {}
    assert store.read(texts, []) == {}


def test_more_texts_than_a_statement_takes_values_are_found(store):
    sources = [Article(id=f"a{number}", title=None, body=f"Text {number}.") for number in range(1200)]

    def add(connection):
        for source in sources:
            add_article(connection, source)

    store.write(add)
    assert len(store.read(texts, ((source.id, source.sha256) for source in sources))) == 1200
