"""Grouping the example corpus against its planted truth, and the floors of its quality."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import pytest

from benchmarks.grouping import bcubed
from briefing.collect import collect
from briefing.domain import Article
from briefing.group import group, resolve_origins


@pytest.fixture(scope="module")
def truth(root) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((root / "examples" / "harbour" / "truth.json").read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def corpus(root) -> tuple[Article, ...]:
    return collect([str(root / "examples" / "harbour")]).articles


@pytest.fixture(scope="module")
def event_of(truth) -> dict[str, str]:
    return {article: event["key"] for event in truth["events"] for article in event["article_ids"]}


def test_the_four_events_are_found_with_the_two_accidents_apart_and_the_german_report_in_its_place(corpus, truth):
    found = {frozenset(cluster.article_ids) for cluster in group(corpus).clusters}
    assert found == {frozenset(event["article_ids"]) for event in truth["events"]}


def test_the_two_storylines_are_found_in_order_of_time(corpus, truth, event_of):
    found = group(corpus)
    key_of = {cluster.id: event_of[cluster.article_ids[0]] for cluster in found.clusters}
    assert sorted([key_of[event] for event in storyline.event_ids] for storyline in found.storylines) == sorted(
        storyline["events"] for storyline in truth["storylines"]
    )


def test_articles_share_an_origin_exactly_where_the_truth_says_so(corpus, truth):
    expected = {article: entry["name"] for entry in truth["origins"] for article in entry["article_ids"]}
    for article in resolve_origins(corpus):
        assert article.origin == expected.get(article.id, article.publisher or article.id)


def test_seeds_and_harbour_together_have_the_events_of_both(corpus, seeds):
    visits = collect([str(seeds)]).articles
    together = {frozenset(cluster.article_ids) for cluster in group([*corpus, *visits]).clusters}
    assert together >= {frozenset([visit.id]) for visit in visits}
    assert len(together) == 9


def test_part_of_the_corpus_is_grouped_nearly_as_well(corpus, event_of):
    scores = []
    for seed in range(12):
        some = Random(seed).sample(corpus, 18)
        gold = {article.id: event_of[article.id] for article in some}
        scores.append(bcubed(gold, (cluster.article_ids for cluster in group(some).clusters))[2])
    assert sum(scores) / len(scores) >= 0.88
    assert min(scores) >= 0.70


def test_the_articles_of_one_event_alone_stay_nearly_together(corpus, event_of):
    for key in "ABCD":
        alone = [article for article in corpus if event_of[article.id] == key]
        assert len(group(alone).clusters[0].article_ids) >= len(alone) - 1


def test_bcubed_is_the_published_measure():
    gold = {"a": "1", "b": "1", "c": "2", "d": "2"}
    assert bcubed(gold, [["a", "b"], ["c", "d"]]) == pytest.approx((1, 1, 1))
    assert bcubed(gold, [["a", "b", "c", "d"]]) == pytest.approx((0.5, 1, 2 / 3))
    assert bcubed(gold, []) == pytest.approx((1, 0.5, 2 / 3))


@pytest.mark.parametrize(("name", "floor"), [("news_cluster", 0.885), ("wikinews", 0.80)])
def test_labelled_news_is_grouped_at_least_as_well_as_by_plain_tfidf(labelled, name, floor):
    path = labelled / "events" / f"{name}.jsonl"
    gold = {row["id"]: row["event"] for row in map(json.loads, path.read_text(encoding="utf-8").splitlines())}
    clusters = group(collect([str(path)]).articles).clusters
    assert bcubed(gold, (cluster.article_ids for cluster in clusters))[2] >= floor
