"""The story form: each event an article of a newspaper, in Markdown, with its facts in a box and its proof below."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from briefing.deliver.folder import write_edition
from briefing.domain import Article, Briefing, Fact
from briefing.errors import BriefingError
from briefing.render import FORMATS, file_ending, render
from briefing.render.page import STORY, page_of
from tests import editions, hostile
from tests.strategies import hostile_text
from tests.test_render_markdown import OURS

READER = MarkdownIt("gfm-like", {"linkify": True, "html": True}).use(footnote_plugin)
EDITION, SOURCES = editions.model_briefing()


def story(edition: Briefing, sources: list[Article], templates: Path | None = None) -> str:
    return render(edition, "story", editions.by_id(sources), templates)


def flat(text: str) -> list[Token]:
    return [token for block in READER.parse(text) for token in (block, *(block.children or []))]


def with_hostile_facts(edition: Briefing) -> Briefing:
    """Every event gets its own first sentence as a fact of every aspect."""
    events = []
    for event in edition.events:
        told = event.sentences[0]
        facts = [
            Fact(aspect, told.text, "written", 1, told.citations)
            for aspect in ("how many", "who", "what", "when", "where")
        ]
        events.append(replace(event, facts=tuple(facts)))
    return replace(edition, events=tuple(events))


def assert_only_ours(edition: Briefing, sources: list[Article]) -> None:
    page = page_of(edition, editions.by_id(sources), STORY)
    tokens = flat(story(edition, sources))
    assert {token.type for token in tokens} <= OURS
    notes = [note for event in page.events for note in event.notes]
    addresses = [note.url for note in notes if note.url] + [article.url for article in page.articles if article.url]
    links = Counter(token.attrGet("href") for token in tokens if token.type == "link_open")
    assert links == Counter(READER.normalizeLink(address) for address in addresses)
    assert sum(token.type == "footnote_ref" for token in tokens) == sum(len(note.marks) for note in notes)


def test_an_article_has_headline_small_line_facts_text_differences_sources_and_passages_in_that_order() -> None:
    text = story(EDITION, SOURCES)
    parts = [
        "### Ferry runs aground off Kestrel Point[^1]\n\n",
        "21 to 22 October 2024 · Updated · **Sources differ** · **Corrected**\n\n",
        "- **Who:** The ferry Aurora[^2][^3]\n",
        "- **Where:** off Kestrel Point[^2]\n",
        "- **When:** at 6.40 on Monday[^2]\n",
        "- **How many:** Fourteen people were injured[^4]; 212 passengers[^5][^6]\n\n",
        "The ferry Aurora ran aground off Kestrel Point on Monday.[^2] The coast guard put",
        "**Sources differ: people injured**\n\n- 14[^4] (The Kestrel Gazette)\n",
        "Reported by 2 independent sources: The Kestrel Gazette;",
        "\n\n[^1]: The Kestrel Gazette, 21 October 2024: “Ferry runs aground off Kestrel Point”",
    ]
    places = [text.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)


def test_a_row_of_the_fact_box_stands_only_where_there_is_a_fact() -> None:
    text = story(EDITION, SOURCES)
    assert "**What:**" not in text
    assert text.count("- **Who:**") == 1
    assert "**Who:**" not in story(*editions.harbour_briefing())


def test_an_extractive_briefing_reads_like_one_too() -> None:
    text = story(*editions.harbour_briefing())
    assert "Tom Farrow writes: “The council has saved in the wrong place for ten years.”[^13]" in text
    assert "**Sources differ: people injured**" in text


def test_paragraphs_have_two_or_three_sentences() -> None:
    source = editions.article("a1", "A title", " ".join(f"Sentence number {n} stands here." for n in range(10)))
    for length in range(2, 11):
        told = [editions.verbatim(source, number) for number in range(length)]
        page = page_of(editions.briefing([editions.event(1, [source], told)], [source]), {}, STORY)
        assert {len(paragraph) for paragraph in page.events[0].paragraphs} <= {2, 3}


def test_footnotes_are_numbered_in_the_order_in_which_they_are_read() -> None:
    told = re.sub(r"^\[\^\d+\]:.*\n", "", story(EDITION, SOURCES), flags=re.MULTILINE)
    numbers = list(dict.fromkeys(int(number) for number in re.findall(r"\[\^(\d+)\]", told)))
    assert numbers == list(range(1, len(numbers) + 1))


def test_facts_stand_in_the_story_alone_of_the_pages() -> None:
    bare = replace(EDITION, events=tuple(replace(event, facts=()) for event in EDITION.events))
    for form in ("md", "html", "txt"):
        assert render(EDITION, form, {}) == render(bare, form, {})
    assert story(EDITION, SOURCES) != story(bare, SOURCES)


def test_a_fact_of_an_article_that_is_not_listed_is_an_error() -> None:
    elsewhere = editions.article("elsewhere", "A title", "It is so.")
    event = EDITION.events[0]
    fact = Fact("what", "It is so.", "verbatim", 1, (editions.cite_words(elsewhere, "It is so."),))
    with pytest.raises(BriefingError, match="cites article 'elsewhere'"):
        story(replace(EDITION, events=(replace(event, facts=(fact,)),)), SOURCES)


def test_blank_lines_never_pile_up_and_no_line_ends_in_space() -> None:
    for edition, sources in ((EDITION, SOURCES), editions.harbour_briefing(), (editions.briefing([], []), [])):
        text = story(edition, sources)
        assert "\n\n\n" not in text
        assert not re.search(r"[ \t]\n", text)
        assert text.endswith("\n")


def test_a_reader_of_markdown_finds_our_footnotes_and_links_alone() -> None:
    assert_only_ours(EDITION, SOURCES)
    assert_only_ours(*editions.harbour_briefing())


def test_the_same_holds_with_hostile_text_in_every_field_and_fact() -> None:
    edition, sources = hostile.briefing(hostile.OWN)
    assert_only_ours(with_hostile_facts(edition), sources)


@settings(max_examples=15)
@given(st.lists(hostile_text.filter(str.strip), min_size=1, max_size=5))
def test_the_same_holds_with_any_text_at_all(texts: list[str]) -> None:
    edition, sources = hostile.briefing([f"x{text}" for text in texts])
    assert_only_ours(with_hostile_facts(edition), sources)


def test_a_user_s_own_article_replaces_ours(tmp_path: Path) -> None:
    (tmp_path / "article.md.jinja").write_text(
        "{{ heading }} {{ event.headline.text }}: {{ event.facts|length }}\n", encoding="utf-8"
    )
    assert "### Ferry runs aground off Kestrel Point: 4\n" in story(EDITION, SOURCES, tmp_path)


def test_a_user_s_own_story_replaces_ours(tmp_path: Path) -> None:
    (tmp_path / "story.md.jinja").write_text("{{ page.banner }}", encoding="utf-8")
    assert story(EDITION, SOURCES, tmp_path).startswith("The language model could not be reached:")


def test_a_file_is_named_by_its_day_and_its_format_and_a_story_is_markdown(tmp_path: Path) -> None:
    names = [path.name for path in write_edition(EDITION, editions.by_id(SOURCES), tmp_path, list(FORMATS))]
    assert names == [f"2024-10-22.{ending}" for ending in ("md", "html", "json", "txt", "story.md")]


def test_no_two_formats_have_one_file_ending() -> None:
    endings = [file_ending(name) for name in FORMATS]
    assert len(set(endings)) == len(endings)
