"""The parts under grouping, each against the plainest way to say the same."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.domain import Article
from briefing.group.evidence import similarities
from briefing.group.linkage import average_link
from briefing.group.reading import numbers, read
from briefing.group.vectors import presence, products, tfidf

documents = st.lists(
    st.dictionaries(st.sampled_from("abcdefghij"), st.integers(1, 5), max_size=8), min_size=1, max_size=80
)


@st.composite
def matrices(draw: st.DrawFn) -> np.ndarray:
    n = draw(st.integers(1, 9))
    values = draw(st.lists(st.integers(0, 1000), min_size=n * n, max_size=n * n, unique=True))
    upper = np.triu(np.array(values, dtype=np.float32).reshape(n, n) / 1000, 1)
    return upper + upper.T


def closest_first(similarity: np.ndarray, threshold: float) -> list[list[int]]:
    """Average linkage as it is defined: join the closest two again and again."""
    clusters = [[row] for row in range(len(similarity))]
    while len(clusters) > 1:
        best, a, b = max(
            (float(np.mean(similarity[np.ix_(clusters[a], clusters[b])], dtype=np.float64)), -a, -b)
            for a in range(len(clusters))
            for b in range(a)
        )
        if best < threshold:
            break
        joined = sorted(clusters[-a] + clusters[-b])
        clusters = [c for n, c in enumerate(clusters) if n not in (-a, -b)] + [joined]
    return sorted(clusters)


@given(matrices(), st.sampled_from([0.20037, 0.50037, 0.80037]))
def test_average_link_joins_as_if_the_closest_two_were_joined_again_and_again(similarity, threshold):
    assert average_link(similarity.copy(), threshold) == closest_first(similarity, threshold)


@pytest.mark.parametrize("similarity", [0.0, 0.3, 1.0])
def test_equal_similarities_end_and_join_all_or_none(similarity):
    found = average_link(np.full((200, 200), similarity, dtype=np.float32), 0.2)
    assert len(found) == (200 if similarity < 0.2 else 1)


def test_the_upper_half_of_a_matrix_counts():
    matrix = np.array([[0, 0.9, 0], [0.1, 0, 0], [0, 0, 0]], dtype=np.float32)
    assert average_link(matrix, 0.5) == [[0, 1], [2]]


def cosine(a: dict[str, int], b: dict[str, int], corpus: list[dict[str, int]]) -> float:
    def vector(document: dict[str, int]) -> dict[str, float]:
        df = Counter(term for other in corpus for term in other)
        return {t: (1 + np.log(c)) * (1 + np.log((1 + len(corpus)) / (1 + df[t]))) for t, c in document.items()}

    va, vb = vector(a), vector(b)
    norm = np.sqrt(sum(v * v for v in va.values()) * sum(v * v for v in vb.values()))
    return float(sum(v * vb.get(t, 0) for t, v in va.items()) / norm) if norm else 0.0


@given(documents, st.data())
def test_a_product_of_rows_is_their_cosine_whatever_the_block(corpus, data):
    start = data.draw(st.integers(0, len(corpus) - 1))
    stop = data.draw(st.integers(start + 1, len(corpus)))
    found = products(tfidf(corpus), start, stop)
    assert found.shape == (stop - start, len(corpus))
    row, other = data.draw(st.integers(start, stop - 1)), data.draw(st.integers(0, len(corpus) - 1))
    if set(corpus[row]) & set(corpus[other]) and row != other:
        assert found[row - start, other] == pytest.approx(cosine(corpus[row], corpus[other], corpus), abs=1e-5)


@given(documents)
def test_presence_counts_what_two_rows_share(corpus):
    found = products(presence(corpus), 0, len(corpus))
    for a in range(len(corpus)):
        for b in range(a):
            assert found[a, b] == len(set(corpus[a]) & set(corpus[b]))


def test_parts_are_a_weighted_mean_of_their_cosines():
    whole, lead = [{"a": 1, "b": 1}, {"a": 1, "b": 1}, {"c": 1}], [{"x": 1}, {"y": 1}, {"x": 1}]
    found = products(tfidf([*whole, *lead], (0.7, 0.3)), 0, 3)
    assert found[0, 1] == pytest.approx(0.7)
    assert found[0, 2] == pytest.approx(0.3)


def test_numbers_are_digits_alone_and_days_of_the_month_are_none():
    text = "On 7 October, Oct. 8 and the 9th, 2.4 million of 1,300 met seven times; 2 left."
    assert sorted(numbers(text)) == ["1300", "24", "7"]


def test_a_reading_tells_weekdays_of_the_lead_and_nth_occasions():
    later = "word " * 80 + "On Friday he left."
    body = f"On Tuesday Ada Byron paid her ninth visit to Gaza, her 3rd round of talks since October 7th. {later}"
    found = read(Article(id="x", title="Byron in Gaza", body=body, language="en-GB"))
    assert found.weekdays == 1 << 1
    assert found.occasions == {("visit", 9), ("round", 3)}
    assert set(found.names) >= {"byron", "gaza"}
    assert "on" not in found.names
    assert found.terms["byron"] == 3
    assert found.language == "en"


def alike(one: Article, other: Article) -> float:
    return float(similarities([one, other], [read(one), read(other)])[0, 1])


def test_leads_that_tell_of_one_weekday_are_more_alike_than_leads_of_two_or_of_none():
    def report(name: str, opening: str, day: str) -> Article:
        return Article(id=name, title="Bridge debated", body=f"{opening} the bridge at Holt {day}.", language="en")

    one = report("one", "The council of Ardmoor debated", "on Monday")
    same, none, other = (report("x", "Ardmoor argued about", day) for day in ("on Monday", "at length", "on Friday"))
    assert alike(one, same) > alike(one, none) > alike(one, other)


def test_reports_far_apart_in_time_are_less_alike_and_a_missing_date_is_not_held_against_one():
    def report(when: str | None) -> Article:
        return Article(id="x", title="Bridge debated", body="Ardmoor argued.", published=when, language="en")

    same, later, undated = (alike(report("2026-03-02"), report(w)) for w in ("2026-03-02", "2026-05-02", None))
    assert same == undated > later


def test_a_pair_in_a_crowd_counts_less_than_the_same_pair_among_strangers():
    def report(number: int, subject: str) -> Article:
        return Article(id=f"{number}", title=None, body=f"{subject} item{number} detail{number} note{number}")

    pair = [report(1, "harbour wall"), report(2, "harbour wall")]
    strangers = [report(n, f"subject{n} matter{n}") for n in range(3, 40)]
    crowd = [report(n, "harbour wall") for n in range(3, 40)]
    apart, crowded = (similarities(a, [read(x) for x in a])[0, 1] for a in ([*pair, *strangers], [*pair, *crowd]))
    assert apart > crowded > 0
