"""Events and storylines: what belongs together, what must stay apart, and that neither depends on accidents."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from briefing.collect import collect
from briefing.dates import instant
from briefing.domain import Article, Span
from briefing.group import Grouping, group
from tests.strategies import articles

published = st.sampled_from([None, "2026-03-02", "2026-03-02T10:00:00+02:00", "2026-03-04T08:00:00", "soon"])
corpora = st.lists(
    st.builds(lambda source, when: replace(source, published=when), articles(), published),
    max_size=12,
    unique_by=lambda source: source.id,
)

FIRE = Article(
    id="fire",
    title="Fire destroys Lindqvist sawmill in Ostervik",
    body="A fire on Thursday destroyed the Lindqvist sawmill in Ostervik, where 64 people work.\n"
    "Nobody was hurt. Fire chief Berit Solheim said the flames began in a drying kiln at 4.20 am.",
    published="2026-03-05",
    language="en",
)
FIRE_AGAIN = replace(
    FIRE,
    id="fire again",
    title="Ostervik sawmill burns down",
    body="The Lindqvist sawmill, employer of 64 in Ostervik, burned to the ground early on Thursday.\n"
    "The blaze started in a kiln, according to fire chief Berit Solheim. All workers are safe.",
)
CHESS = Article(
    id="chess",
    title="Teenager wins national chess title",
    body="Sixteen-year-old Ines Caldeira became the youngest national chess champion on Sunday in Porto.\n"
    "She beat the grandmaster Rui Fontes in 41 moves after a pawn sacrifice in the Sicilian defence.",
    published="2026-03-01",
    language="en",
)


def partition(grouping: Grouping) -> set[frozenset[str]]:
    return {frozenset(cluster.article_ids) for cluster in grouping.clusters}


@pytest.fixture(scope="module")
def visits(seeds) -> tuple[Article, ...]:
    return collect([str(seeds)]).articles


@pytest.mark.parametrize("count", [1, 2, 3, 4, 5])
def test_reports_of_different_visits_are_different_events_of_one_storyline(visits, count):
    for chosen in combinations(visits, count):
        found = group(chosen)
        assert partition(found) == {frozenset([visit.id]) for visit in chosen}
        assert len(found.storylines) == 1


def test_they_stay_apart_in_their_raw_form_and_among_unrelated_news(visits, root):
    raw = []
    for visit in visits:
        title, _, body = (root / "seeds" / visit.id).read_text(encoding="utf-8").partition("\n")
        raw.append(Article(id=visit.id, title=title, body=body, language="en"))
    assert len(group(raw).clusters) == 5
    beside = group([*visits, FIRE, FIRE_AGAIN, CHESS])
    assert partition(group(visits)) <= partition(beside)


def test_two_reports_of_one_event_are_one_event():
    assert partition(group([FIRE, FIRE_AGAIN, CHESS])) == {frozenset(["fire", "fire again"]), frozenset(["chess"])}


def test_two_reports_of_one_event_need_no_other_news_beside_them():
    assert len(group([FIRE, FIRE_AGAIN]).clusters) == 1


def test_unrelated_events_are_storylines_of_their_own():
    assert len(group([FIRE, FIRE_AGAIN, CHESS]).storylines) == 2


def test_the_ninth_occasion_is_not_the_eleventh():
    def pair(first: str, second: str) -> list[Article]:
        one = Article(
            id="one",
            title="Weiss in Tamaru to press for truce",
            body=f"Envoy Karla Weiss arrived in Tamaru on her {first} visit since the war began, to press General Ito "
            "for a truce.\nShe met the foreign minister and will see aid workers at the Kadri crossing.",
            language="en",
        )
        other = Article(
            id="other",
            title="Weiss presses Ito for truce",
            body=f"Karla Weiss, the envoy, urged General Ito to accept a truce during her {second} visit to Tamaru.\n"
            "The foreign minister received her before a tour of the Kadri crossing with workers of the aid agencies.",
            language="en",
        )
        return [one, other, FIRE, CHESS]

    assert frozenset(["one", "other"]) in partition(group(pair("ninth", "9th")))
    assert frozenset(["one", "other"]) in partition(group(pair("brief", "brief")))
    assert frozenset(["one"]) in partition(group(pair("ninth", "11th")))


def test_different_counts_of_the_injured_are_no_different_events():
    other = replace(FIRE_AGAIN, body=FIRE_AGAIN.body.replace("64", "71"))
    assert frozenset(["fire", "fire again"]) in partition(group([FIRE, other, CHESS]))


def test_an_event_is_named_after_its_earliest_article():
    early = replace(FIRE_AGAIN, published="2026-03-05T01:00:00+02:00")
    found = group([FIRE, early, CHESS])
    chess, fire = found.clusters
    assert chess.article_ids == ("chess",)
    assert fire.article_ids == ("fire again", "fire")
    assert fire.id == "e" + hashlib.sha256(b"fire again").hexdigest()[:12]
    assert fire.storyline_id == "s" + hashlib.sha256(b"fire again").hexdigest()[:12]
    assert fire.title == "Ostervik sawmill burns down"
    assert [storyline.id for storyline in found.storylines] == [chess.storyline_id, fire.storyline_id]


def test_undated_articles_come_last_and_name_an_event_only_among_themselves():
    undated = replace(FIRE_AGAIN, id="a", published=None)
    assert group([undated, FIRE]).clusters[0].article_ids == ("fire", "a")
    assert [cluster.article_ids[0] for cluster in group([replace(CHESS, published=None), FIRE]).clusters] == [
        "fire",
        "chess",
    ]


def test_an_opinion_gives_an_event_its_title_only_where_nothing_else_does():
    opinion = replace(FIRE_AGAIN, id="opinion", flags=("opinion",), published="2026-03-04")
    assert group([opinion, FIRE]).clusters[0].title == FIRE.title
    assert group([opinion]).clusters[0].title == opinion.title


def test_an_event_without_titles_is_called_by_its_first_sentence_and_without_those_by_its_id():
    boat = Article(id="x", title=None, body="A boat sank off Ostervik. All are safe.", sentences=(Span(0, 25),))
    assert group([boat]).clusters[0].title == "A boat sank off Ostervik."
    assert group([Article(id="x", title=None, body="")]).clusters[0].title == "x"


def test_nothing_gives_nothing():
    assert group([]) == Grouping((), ())


@pytest.mark.parametrize(
    ("title", "body"), [(None, ""), ("A", ""), (None, "..."), ("Only a headline about the harbour wall", "")]
)
def test_articles_that_say_next_to_nothing_still_have_an_event(title, body):
    given_articles = [Article(id=f"{n}", title=title, body=body) for n in range(30)]
    assert sorted(i for cluster in group(given_articles).clusters for i in cluster.article_ids) == sorted(
        source.id for source in given_articles
    )


def test_identical_articles_are_one_event():
    assert len(group([replace(FIRE, id=f"{n}") for n in range(300)]).clusters) == 1


def test_unrelated_news_changes_no_id(visits):
    assert set(group(visits).clusters) <= set(group([*visits, CHESS]).clusters)
    assert set(group([FIRE, FIRE_AGAIN]).clusters) <= set(group([FIRE, FIRE_AGAIN, CHESS]).clusters)


def test_a_report_in_another_language_joins_by_names_and_numbers():
    german = Article(
        id="german",
        title="Sägewerk Lindqvist in Ostervik abgebrannt",
        body="Ein Feuer hat am Donnerstag das Sägewerk Lindqvist in Ostervik zerstört, in dem 64 Menschen arbeiten.\n"
        "Verletzt wurde niemand. Brandmeisterin Berit Solheim zufolge brach es um 4.20 Uhr aus.",
        published="2026-03-05",
        language="de",
    )
    assert frozenset(["fire", "fire again", "german"]) in partition(group([FIRE, FIRE_AGAIN, german, CHESS]))


@given(corpora)
def test_every_article_is_in_exactly_one_event_and_every_event_in_exactly_one_storyline(corpus):
    found = group(corpus)
    assert sorted(i for cluster in found.clusters for i in cluster.article_ids) == sorted(a.id for a in corpus)
    events = [event for storyline in found.storylines for event in storyline.event_ids]
    assert sorted(events) == sorted(cluster.id for cluster in found.clusters)
    assert {cluster.storyline_id for cluster in found.clusters} == {storyline.id for storyline in found.storylines}
    assert all(cluster.title for cluster in found.clusters)


@given(corpora, st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_the_order_of_the_input_changes_nothing(corpus, random):
    shuffled = list(corpus)
    random.shuffle(shuffled)
    assert group(shuffled) == group(corpus)


@given(corpora)
def test_everything_is_in_order_of_time_undated_last_ties_by_id(corpus):
    when = {source.id: (instant(source.published) is None, instant(source.published), source.id) for source in corpus}

    def key(identifier: str) -> tuple[bool, str, str]:
        undated, moment, name = when[identifier]
        return undated, "" if moment is None else moment.isoformat(), name

    found = group(corpus)
    for cluster in found.clusters:
        assert list(cluster.article_ids) == sorted(cluster.article_ids, key=key)
    firsts = [cluster.article_ids[0] for cluster in found.clusters]
    assert firsts == sorted(firsts, key=key)
    order = {cluster.id: number for number, cluster in enumerate(found.clusters)}
    for storyline in found.storylines:
        assert list(storyline.event_ids) == sorted(storyline.event_ids, key=order.__getitem__)


@given(corpora.filter(bool), st.data())
@settings(max_examples=50)
def test_a_copy_joins_the_event_of_what_it_copies(corpus, data):
    source = data.draw(st.sampled_from(corpus))
    copy = replace(source, id="the copy", published=data.draw(published))
    if len((source.title or "").split()) + len(source.body.split()) < 5:
        return
    assert any({source.id, "the copy"} <= set(cluster.article_ids) for cluster in group([*corpus, copy]).clusters)


def brief(name: str, body: str, when: str | None = None) -> Article:
    return Article(id=name, title=None, body=body, published=when, language="en")


@pytest.mark.parametrize(
    ("one", "other", "events"),
    [
        (
            "Fire crews reached the hill on Monday, the mayor said.",
            "The new bridge in Aldmoor opened on Monday, the mayor said.",
            2,
        ),
        (
            "The dam at Velden broke on 3 May 2024, officials said. Two people died.",
            "A storm hit the coast of Brill on Monday, officials said. It broke 12 roofs.",
            2,
        ),
        (
            "A ferry hit Pier 4 in Kestrel Bay on Monday, injuring 14.",
            "Fourteen people were hurt when a ferry struck Pier 4 in Kestrel Bay on Monday.",
            1,
        ),
    ],
)
def test_short_reports_are_one_event_only_where_they_share_more_than_any_two_reports(one, other, events):
    assert len(group([brief("one", one), brief("other", other)]).clusters) == events


def test_the_seventh_time_is_not_the_sixth_visit():
    rest = "the minister went to Karvia and promised aid for the harbour. She met the president and toured the port."
    sixth = brief("sixth", f"On a sixth visit {rest}", "2024-01-08")
    assert len(group([sixth, brief("seventh", f"For the seventh time {rest}", "2024-03-14")]).clusters) == 2
    assert len(group([sixth, brief("again", f"For the sixth time {rest}", "2024-01-08")]).clusters) == 1


def test_an_edited_copy_of_another_month_is_a_template_and_an_exact_one_a_copy():
    text = (
        "The statistics office of Norland said on Thursday that unemployment was {}. The number of people in work "
        "rose, and economists expected the central bank of Norland to keep its rates for the rest of the year."
    )
    january = brief("one", text.format("4.1 percent in January"), "2024-02-08")
    february = brief("two", text.format("3.9 percent in February"), "2024-03-07")
    assert len(group([january, february]).clusters) == 2
    assert len(group([january, replace(january, id="two", published="2024-03-07")]).clusters) == 1


def test_events_without_a_name_in_common_are_no_storyline():
    texts = ("Fire crews left the hill on Monday, the mayor said.", "The new bridge opened on Monday, the mayor said.")
    articles = [Article(id=str(number), title=None, body=text) for number, text in enumerate(texts)]
    assert len(group(articles).storylines) == 2
