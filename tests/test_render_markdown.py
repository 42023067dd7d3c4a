"""The Markdown and the plain text of a briefing, and of a single event."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.footnote import footnote_plugin

from briefing.domain import Article, Briefing, Sentence
from briefing.render import render, summary
from briefing.render.page import page_of
from tests import editions, hostile
from tests.strategies import hostile_text

READER = MarkdownIt("gfm-like", {"linkify": True, "html": True}).use(footnote_plugin)
# What the templates write themselves. No image, HTML, code block, table, quotation or strikethrough is among it.
OURS = {
    *("text", "text_special", "softbreak", "code_inline", "inline", "hr"),
    *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "strong_open", "strong_close"),
    *("bullet_list_open", "bullet_list_close", "ordered_list_open", "ordered_list_close"),
    *("list_item_open", "list_item_close", "link_open", "link_close"),
    *("footnote_ref", "footnote_block_open", "footnote_block_close", "footnote_open", "footnote_close"),
    "footnote_anchor",
}


def flat(text: str) -> list[Token]:
    tokens = []
    for token in READER.parse(text):
        tokens.append(token)
        tokens.extend(token.children or [])
    return tokens


def assert_only_ours(edition: Briefing, sources: list[Article]) -> None:
    """A reader finds our footnotes, our headings and links to our passages and articles, and nothing else."""
    page = page_of(edition, editions.by_id(sources))
    tokens = flat(render(edition, "md", editions.by_id(sources)))
    assert {token.type for token in tokens} <= OURS
    links = Counter(token.attrGet("href") for token in tokens if token.type == "link_open")
    notes = [note for event in page.events for note in event.notes]
    addresses = [note.url for note in notes if note.url] + [article.url for article in page.articles if article.url]
    assert links == Counter(READER.normalizeLink(address) for address in addresses)
    assert sum(token.type == "footnote_open" for token in tokens) == len(notes)
    marks = sum(len(note.marks) for note in notes)
    assert sum(token.type == "footnote_ref" for token in tokens) == marks
    sections = 3 + bool(page.withheld) + bool(page.failed) + sum(bool(line.title) for line in page.storylines)
    assert sum(token.type == "heading_open" for token in tokens) == 1 + sections + len(page.events)


def test_a_reader_of_markdown_finds_our_footnotes_and_links_alone() -> None:
    assert_only_ours(*editions.harbour_briefing())


def test_the_same_holds_with_hostile_text_of_our_own_list_in_every_field() -> None:
    assert_only_ours(*hostile.briefing(hostile.OWN))


def test_the_same_holds_with_every_string_of_the_attack_corpora_in_every_field(labelled: Path) -> None:
    for edition, sources in hostile.batches(hostile.strings(labelled)):
        assert_only_ours(edition, sources)


@settings(max_examples=15)
@given(st.lists(hostile_text.filter(str.strip), min_size=1, max_size=5))
def test_the_same_holds_with_any_text_at_all(texts: list[str]) -> None:
    assert_only_ours(*hostile.briefing([f"x{text}" for text in texts]))


def test_a_footnote_names_publisher_day_passage_and_the_way_there() -> None:
    edition, sources = editions.harbour_briefing()
    text = render(edition, "md", editions.by_id(sources))
    assert (
        "[^6]: The Kestrel Gazette, 21 October 2024: “Fourteen people were injured, the coast guard said.” [Read it in "
        "the article](https://gazette.example/news/ferry-aground?page=1&amp;view=full#:~:text=Fourteen%20people%20were"
        "%20injured%2C%20the%20coast%20guard%20said.)\n"
    ) in text


def test_an_article_without_publisher_goes_by_its_title_and_without_both_by_its_id() -> None:
    titled = editions.article("a1", "A title", "One sentence stands here.")
    bare = editions.article("file-2.txt", None, "Another sentence stands here.")
    events = [editions.event(n, [source], [editions.verbatim(source, 0)]) for n, source in enumerate((titled, bare))]
    text = render(editions.briefing(events, [titled, bare]), "md", {})
    assert "[^2]: A title, no date stated: “One sentence stands here.”\n" in text
    assert "[^3]: file-2&#46;txt, no date stated: “Another sentence stands here.”\n" in text


def test_a_sentence_of_two_origins_has_two_marks() -> None:
    edition, sources = editions.harbour_briefing()
    assert "The ship was carrying 212 passengers.[^3][^4]" in render(edition, "md", editions.by_id(sources))


def test_what_rests_on_one_source_and_where_sources_differ_is_said() -> None:
    edition, sources = editions.harbour_briefing()
    text = render(edition, "md", editions.by_id(sources))
    assert "21 to 22 October 2024 · Updated · **Sources differ** · **Corrected**\n" in text
    assert "**Sources differ: people injured**\n\n- 14[^6] (The Kestrel Gazette)\n- 17[^7][^8] (" in text
    assert "More than one of them says what stands at 3; each other sentence has one source." in text


def test_an_opinion_is_told_as_its_author_s_in_markdown_and_in_text() -> None:
    edition, sources = editions.harbour_briefing()
    words = "The council has saved in the wrong place for ten years."
    assert f"Tom Farrow writes: “{words}”[^13]" in render(edition, "md", editions.by_id(sources))
    assert f'Tom Farrow writes: "{words}" [13]' in " ".join(render(edition, "txt", {}).split())


def test_an_opinion_without_a_name_is_not_told_as_fact_either() -> None:
    source = editions.article("a1", "A title", "We must act. It is late.", flags=("opinion",))
    told = [editions.verbatim(source, 0)]
    text = render(editions.briefing([editions.event(1, [source], told, caveats=("opinion",))], [source]), "md", {})
    assert "## Opinion: A title[^1]" in text
    assert "An opinion piece says: “We must act.”[^2]" in text


def test_a_speaker_is_told_with_a_colon_and_without_double_quotation_marks() -> None:
    source = editions.article("a1", "A title", "“We sail at noon.”\nThe harbour is open.", publisher="The Gazette")
    words = editions.cite_words(source, "“We sail at noon.”")
    told = [
        Sentence(words.quote, "verbatim", 1, "Ada Brandt", (words,)),
        Sentence("The ship sails at noon.", "written", 1, "Ada Brandt", (words,)),
    ]
    text = render(editions.briefing([editions.event(1, [source], told)], [source]), "md", {})
    assert "Ada Brandt: “We sail at noon.”[^2] Ada Brandt: The ship sails at noon.[^2]" in text


def test_a_summary_is_one_event_with_its_footnotes_and_no_more() -> None:
    source = editions.article("a1", "A title", "One sentence stands here. Another follows it.")
    told = [editions.verbatim(source, 0), editions.verbatim(source, 1)]
    edition = editions.briefing([editions.event(1, [source], told, caveats=("one-origin",))], [source])
    assert summary(edition, {}) == (
        "# A title[^1]\n\n**One source**\n\nOne sentence stands here.[^2] Another follows it.[^3]\n\n"
        "Reported by one source: A title.\n\n"
        "[^1]: A title, no date stated: “A title”\n"
        "[^2]: A title, no date stated: “One sentence stands here.”\n"
        "[^3]: A title, no date stated: “Another follows it.”\n"
    )


@pytest.mark.parametrize("form", ["md", "txt"])
def test_a_briefing_without_events_says_that_there_is_nothing(form: str) -> None:
    text = render(editions.briefing([], []), form, {})
    assert "Nothing to report." in text
    assert "contents" not in text.lower()


@pytest.mark.parametrize("form", ["md", "txt"])
def test_blank_lines_never_pile_up(form: str) -> None:
    edition, sources = editions.harbour_briefing()
    text = render(edition, form, editions.by_id(sources))
    assert "\n\n\n" not in text
    assert not re.search(r"[ \t]\n", text)
    assert text.endswith("\n")
    assert not text.startswith("\n")


def test_plain_text_is_wrapped_at_72_columns_save_for_addresses() -> None:
    edition, sources = editions.harbour_briefing()
    for line in render(edition, "txt", editions.by_id(sources)).split("\n"):
        assert len(line) <= 72 or re.fullmatch(r"\s*https?://\S+", line)


def test_plain_text_has_its_notes_below_each_event() -> None:
    edition, sources = editions.harbour_briefing()
    text = render(edition, "txt", editions.by_id(sources))
    assert text.index("\n[8] ") < text.index("\nHafen bleibt") < text.index("\n[9] ")
    assert (
        '[2]   The Kestrel Gazette, 21 October 2024: "The ferry Aurora ran\n'
        '      aground off Kestrel Point at 6.40 on Monday."\n'
        "      https://gazette.example/news/ferry-aground?page=1&view=full#:~:text="
    ) in text


def test_plain_text_has_no_controls_whatever_the_sources_hold(labelled: Path) -> None:
    for edition, sources in [hostile.briefing(hostile.OWN), *hostile.batches(hostile.strings(labelled), 200)]:
        text = render(edition, "txt", editions.by_id(sources))
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff]", text)
