"""Counts in running text: the number, its hedge and its noun, or nothing."""

from __future__ import annotations

import pytest

from briefing.write.counted import counts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Fourteen people were injured.", ["Fourteen people were injured"]),
        ("About 650 workers stayed away.", ["About 650 workers"]),
        ("Six of the 88 passengers were hurt.", ["Six of the 88 passengers were hurt"]),
        ("It moves 9,000 passengers a day.", ["9,000 passengers a day"]),
        ("No fewer than 20 ships are late.", ["No fewer than 20 ships"]),
        ("It hit over 200 Palestinians, including dozens of children, killed in May.",
         ["over 200 Palestinians, including dozens of children, killed"]),
        ("Nobody saw the 20 ships.", []),  # which ones is told elsewhere
        ("About 1,040 crane drivers, lashers and clerks struck.", []),  # the list goes on
        ("It was not 14 ships.", []),
        ("The union claims 14 ships.", []),
        ("Some 20 ships might come.", []),
        ("Between 14 and 20 ships came.", []),
        ("Pier 4 passengers came.", []),
        ("It took ten days and £450.", []),
        ("It was the 11th visit.", []),
        ("The man was 70 years old.", []),
        ("Three gates were open.", []),  # a few of anything are no news
        ("He told of 14 members.", []),  # of what?
        ("Five more ships came.", []),  # more than which?
        ("“We saw 14 ships,” she wrote.", []),
        ("On October 7 attacks began.", []),
    ],
)  # fmt: skip
def test_a_count_has_its_noun_its_hedge_and_nothing_that_makes_it_another(text, found):
    assert [count.text for count in counts(text)] == found
