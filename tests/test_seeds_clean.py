"""The five sample articles: what goes, that everything else stays, and what is known of each."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from briefing.collect import collect
from briefing.domain import Article
from briefing.text import single_line

_AIBOT = (
    "AiBot scans breaking news and distills multiple news articles into a concise, easy-to-understand summary which "
    "reads just like a news story, saving users time while keeping them well-informed."
)

# Every line that is neither the title nor kept, in the order of the page.
REMOVED: dict[str, list[str]] = {
    "000_ecc243404c244522.txt": [],
    "001_100b739afe2dc999.txt": [
        "| Last update :",
        "US top diplomat Blinken lands in Israel for Gaza cease-fire talks",
        "Source: Newsroom",
        (
            "WARNING: Comments that contain insults, swearing, offensive sentences or allusions, attacks on "
            "beliefs, are not written with spelling rules, do not use Turkish characters and are written in "
            "capital letters are not approved."
        ),
    ],
    "002_c8ffc32e1dfc1935.txt": ["(Associated Medias) – All rights reserved"],
    "003_66d432745632dec3.txt": ["Comments"],
    "004_d54eb295966d00e4.txt": [
        "Breaking",
        "July 27, 2024",
        "AiBot",
        "Written by AiBot",
        _AIBOT,
        "Jan 10, 2024",
        "AiBot",
        "AiBot",
        "Author",
        _AIBOT,
        (
            "To err is human, but AI does it too. Whilst factual data is used in the production of these articles,"
            " the content is written entirely by AI. Double check any facts you intend to rely on with another "
            "source."
        ),
        "By AiBot",
        _AIBOT,
        "Related Post",
    ],
}

FIRST_AND_LAST: dict[str, tuple[str, str]] = {
    "000_ecc243404c244522.txt": (
        (
            "U.S. Secretary of State Antony Blinken traveled to Israel on Tuesday amid an international push for a "
            "cease-fire in the conflict between Israel and Hamas in Gaza."
        ),
        (
            "Only time will tell if Blinken’s visit will lead to a tangible resolution to the conflict, or if the "
            "violence will continue to escalate in the days and weeks to come."
        ),
    ),
    # the standfirst above has no full stop: it is kept, and is no sentence
    "001_100b739afe2dc999.txt": (
        (
            "United States Secretary of State Antony Blinken is returning to Israel on Friday as part of a focused "
            "diplomatic effort to achieve an immediate and sustained cease-fire in Gaza."
        ),
        (
            "Earlier this month, faced with Israeli government reluctance, the U.S. announced plans for airdrops "
            "and the military construction of a maritime pier to facilitate aid delivery."
        ),
    ),
    "002_c8ffc32e1dfc1935.txt": (
        (
            "As violence between Israel, Gaza, and Hezbollah escalates, U.S. Secretary of State Antony Blinken "
            "calls for renewed ceasefire talks and increased humanitarian aid."
        ),
        (
            "Blinken is also scheduled to visit Jordan, where discussions will focus on providing humanitarian aid"
            " to Gaza, as the international community continues to grapple with the devastating impact of the "
            "ongoing conflict."
        ),
    ),
    "003_66d432745632dec3.txt": (
        (
            "US Secretary of State Antony Blinken, currently in Israel to advocate for a ceasefire in Gaza, "
            "emphasized on Monday that ongoing negotiations might represent the “last” opportunity to secure an "
            "agreement to end the conflict."
        ),
        (
            "“There is no greater humanitarian objective, and there’s no greater humanitarian cause, than bringing"
            " back our hostages,” Herzog told Blinken."
        ),
    ),
    "004_d54eb295966d00e4.txt": (
        (
            "US Secretary of State Antony Blinken met with Israeli and Palestinian leaders this week as part of an"
            " urgent trip to the Middle East aimed at preventing further escalation in the conflict between Israel"
            " and Hamas militants in Gaza."
        ),
        (
            "But Blinken’s Middle East tour is so far spotlighting the enduring divides that have defied solution "
            "for decades when it comes to this eternally volatile region."
        ),
    ),
}

TITLES = {
    "000_ecc243404c244522.txt": "Blinken Travels to Israel Amid Push for Gaza Cease-Fire",
    "001_100b739afe2dc999.txt": "US top diplomat Blinken lands in Israel for Gaza cease-fire talks",
    "002_c8ffc32e1dfc1935.txt": (
        "Blinken Urges Israeli Leaders to Pursue Ceasefire Amid Ongoing Strikes in Gaza and Lebanon"
    ),
    "003_66d432745632dec3.txt": (
        "US Secretary of State Antony Blinken Pushes for Gaza Truce During High-Stakes Israel Visit"
    ),
    "004_d54eb295966d00e4.txt": "Blinken Seeks to De-escalate Israel-Hamas Conflict During Middle East Tour",
}


@pytest.fixture(scope="module")
def articles(seeds: Path) -> dict[str, Article]:
    collected = collect([str(seeds)])
    assert collected.problems == ()
    return {article.id: article for article in collected.articles}


def test_the_five_articles_are_read_and_the_note_beside_them_is_not(articles: dict[str, Article]) -> None:
    assert sorted(articles) == sorted(TITLES)


def test_titles_are_the_headlines(articles: dict[str, Article]) -> None:
    assert {identifier: article.title for identifier, article in articles.items()} == TITLES


@pytest.mark.parametrize("identifier", sorted(TITLES))
def test_exactly_the_furniture_goes_and_every_other_line_stays(
    identifier: str, articles: dict[str, Article], seeds: Path
) -> None:
    page = [line for line in map(single_line, (seeds / identifier).read_text(encoding="utf-8").splitlines()) if line]
    kept = [TITLES[identifier], *articles[identifier].body.split("\n")]
    assert Counter(page) - Counter(kept) == Counter(REMOVED[identifier])
    assert Counter(kept) - Counter(page) == Counter()
    gone = Counter(REMOVED[identifier])
    in_order = [line for line in page if line in kept and (line not in gone or line == TITLES[identifier])]
    assert list(dict.fromkeys(in_order)) == kept


@pytest.mark.parametrize("identifier", sorted(TITLES))
def test_first_and_last_kept_sentence(identifier: str, articles: dict[str, Article]) -> None:
    article = articles[identifier]
    sentences = [article.text[start:end] for start, end in article.sentences]
    assert (sentences[0], sentences[-1]) == FIRST_AND_LAST[identifier]


def test_the_fifth_is_of_its_own_date_not_of_the_pages_and_says_that_a_machine_wrote_it(
    articles: dict[str, Article],
) -> None:
    fifth = articles["004_d54eb295966d00e4.txt"]
    assert (fifth.published, fifth.author, fifth.flags) == ("2024-01-10", "AiBot", ("ai-written",))


def test_what_nothing_states_is_null(articles: dict[str, Article]) -> None:
    for identifier, article in articles.items():
        assert article.publisher is None
        assert article.url is None
        assert article.credit is None
        if not identifier.startswith("004"):
            assert (article.published, article.author, article.flags) == (None, None, ())


def test_their_language_is_recognised(articles: dict[str, Article]) -> None:
    assert {article.language for article in articles.values()} == {"en"}


def test_subheadings_and_fact_boxes_are_text_but_no_sentences(articles: dict[str, Article]) -> None:
    fifth = articles["004_d54eb295966d00e4.txt"]
    sentences = {fifth.text[start:end] for start, end in fifth.sentences}
    for line in ("Secretary Criticized by Right-Wing Protesters", "44 Palestinians killed in Gaza"):
        assert line in fifth.body.split("\n")
        assert not any(line in sentence for sentence in sentences)
