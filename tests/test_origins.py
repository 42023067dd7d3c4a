"""Copies of one report share an origin; independent reports do not."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.collect import collect
from briefing.domain import Article
from briefing.group import group, resolve_origins
from tests.strategies import articles

WIRE = """\
Dock workers walked off the job at 6 am on Tuesday, halting cargo handling at the region's largest port after a ballot.
About 1,040 crane drivers and lashers belong to the league, which is asking for a pay rise of 7 per cent this year.
The company has offered half of that and says that it cannot go further while rates for containers are falling.
Eleven cargo ships were waiting outside the breakwater at noon, and two more were diverted to the next harbour.
The strike is open-ended. The last stoppage at the port lasted eleven days and cost the town a third of its trade."""
OWN = """\
Market traders in the old town counted half their usual customers on Tuesday while the docks stood still behind them.
Mina Orrel, who sells fish beside the customs house, took her stall down at ten because the auction had been called off.
Hauliers parked forty lorries along the ring road and waited for word from the gates, which stayed shut until dark."""
PARAGRAPHS = WIRE.splitlines()


def article(name: str, body: str, **other: str | None) -> Article:
    return Article(id=name, title=other.pop("title", "A headline"), body=body, language="en", **other)  # type: ignore[arg-type] # text fields only


def origins(*given: Article) -> dict[str, str]:
    return {resolved.id: resolved.origin for resolved in resolve_origins(given)}


@pytest.mark.parametrize(
    "copy",
    [
        WIRE,
        "\n".join(PARAGRAPHS[:2] + PARAGRAPHS[3:]),
        "\n".join(PARAGRAPHS[:3]),
        "\n".join(reversed(PARAGRAPHS)),
        WIRE.replace("Dock workers", "KESTREL BAY (Other Wire) - Dockers").replace("halting", "stopping"),
        f"{WIRE}\nThe mayor is to speak at seven this evening at the town hall, her office told this paper.",
        WIRE.upper(),
    ],
    ids=["same", "one paragraph cut", "cut after three", "reordered", "swapped agency line", "one added", "capitals"],
)
def test_a_copy_shares_the_origin_and_the_event_whatever_its_headline(copy: str):
    first = article("a", WIRE, publisher="The Gull", published="2026-03-03T09:00:00Z", title="Port shut by strike")
    second = article(
        "b", copy, publisher="The Tern", published="2026-03-03T11:00:00Z", title="Cranes idle, cafes empty"
    )
    assert origins(first, second) == {"a": "The Gull", "b": "The Gull"}
    assert len(group([first, second]).clusters) == 1


def test_a_credited_agency_is_the_origin_of_every_copy_even_of_those_that_hide_it():
    given = [
        article("a", WIRE, publisher="The Gull", published="2026-03-03T08:00:00Z"),
        article("b", WIRE, publisher="The Tern", published="2026-03-03T09:00:00Z", credit="Meridian Press"),
        article("c", WIRE, publisher="The Skua", published="2026-03-03T10:00:00Z"),
    ]
    assert set(origins(*given).values()) == {"Meridian Press"}


def test_of_two_credited_agencies_the_earliest_copy_names_the_origin():
    late = article("a", WIRE, published="2026-03-03T09:00:00Z", credit="Alpha Wire")
    early = article("b", WIRE, published="2026-03-03T08:00:00Z", credit="Meridian Press")
    assert set(origins(late, early).values()) == {"Meridian Press"}


def test_a_papers_own_report_beside_its_wire_report_is_another_origin():
    wire = article("a", WIRE, publisher="The Gull", credit="Meridian Press")
    own = article("b", OWN, publisher="The Gull")
    assert origins(wire, own) == {"a": "Meridian Press", "b": "The Gull"}


def test_two_reports_of_one_publisher_share_an_origin():
    assert origins(article("a", WIRE, publisher="The Gull"), article("b", OWN, publisher="The Gull")) == {
        "a": "The Gull",
        "b": "The Gull",
    }


def test_papers_of_one_owner_share_an_origin():
    assert origins(
        article("a", WIRE, publisher="The Gull", owner="Tidewater"),
        article("b", OWN, publisher="Post", owner="Tidewater"),
    ) == {"a": "Tidewater", "b": "Tidewater"}


def test_without_publisher_and_credit_an_articles_own_id_is_its_origin():
    assert origins(article("a", WIRE), article("b", OWN)) == {"a": "a", "b": "b"}


def test_a_shared_statement_does_not_make_two_reports_copies():
    statement = "\n" + PARAGRAPHS[1]
    assert len(set(origins(article("a", WIRE), article("b", OWN + statement)).values())) == 2


def test_short_texts_are_copies_only_word_for_word_and_under_one_headline():
    notice = "The ferry terminal is closed until noon."
    given = [
        article("a", notice, title="Terminal closed"),
        article("b", notice.upper(), title="Terminal closed"),
        article("c", notice, title="Ferries stopped"),
        article("d", "The ferry terminal is closed until one.", title="Terminal closed"),
        article("e", "", title=None),
        article("f", "", title=None),
        article("g", "", title="Live updates"),
        article("h", "", title="Live updates"),
    ]
    found = origins(*given)
    assert found["a"] == found["b"]
    assert len(set(found.values())) == 7


def test_a_chain_of_edits_is_one_origin():
    steps = ["\n".join(PARAGRAPHS), "\n".join(PARAGRAPHS[:4]), "\n".join(PARAGRAPHS[1:4])]
    assert len(set(origins(*(article(f"{n}", body) for n, body in enumerate(steps))).values())) == 1


def test_edited_copies_of_real_texts_are_found(seeds):
    texts = collect([str(seeds)]).articles
    copies = []
    for number, source in enumerate(texts):
        paragraphs = source.body.splitlines()
        for kind, body in {
            "cut": paragraphs[:number] + paragraphs[number + 1 :],
            "half": paragraphs[: len(paragraphs) * 2 // 3],
            "reordered": paragraphs[::-1],
            "agency": ["LONDON (Other Wire) - " + paragraphs[0], *paragraphs[1:], "Reporting by A. N. Other."],
        }.items():
            edited = replace(source, id=f"{kind} {source.id}", body="\n".join(body), title="Another headline")
            copies.append((source.id, edited))
    found = origins(*texts, *(edited for _, edited in copies))
    assert [edited.id for source, edited in copies if found[source] != found[edited.id]] == []
    assert len(set(found.values())) == len(texts)


def test_the_result_keeps_the_order_and_everything_but_the_origin():
    given = [article("b", OWN), article("a", WIRE, publisher="The Gull")]
    resolved = resolve_origins(given)
    assert [replace(done, origin=source.origin) for done, source in zip(resolved, given, strict=True)] == given


def test_the_order_of_the_input_changes_nothing():
    given = [
        article("a", WIRE, publisher="The Gull", credit="Beta"),
        article("b", WIRE, publisher="The Tern", credit="Alpha"),
        article("c", OWN, publisher="The Tern"),
        article("d", "\n".join(PARAGRAPHS[:3])),
    ]
    assert len({tuple(sorted(origins(*order).items())) for order in permutations(given)}) == 1


@given(st.lists(articles(), max_size=8, unique_by=lambda source: source.id))
def test_every_article_has_an_origin(given_articles):
    resolved = resolve_origins(given_articles)
    assert [source.id for source in resolved] == [source.id for source in given_articles]
    assert all(source.origin for source in resolved)
