"""The HTML page: what stands in it, where, and in which words."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import lxml.html
import pytest

from briefing.domain import Article, Briefing, Sentence, Storyline
from briefing.render import render
from tests import editions


def page(edition: Briefing, sources: list[Article]) -> str:
    return render(edition, "html", editions.by_id(sources))


@pytest.fixture(scope="module")
def harbour() -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(page(*editions.harbour_briefing()).encode())


def words(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def test_the_page_needs_nothing_from_elsewhere_and_says_so(harbour: lxml.html.HtmlElement) -> None:
    policy = harbour.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0]
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'")
    assert not harbour.xpath("//script | //link | //img | //iframe | //@src | //@style | //form | //object")
    assert "url(" not in harbour.findtext(".//style")
    assert "@import" not in harbour.findtext(".//style")


def test_date_title_and_one_line_of_what_is_inside_come_first(harbour: lxml.html.HtmlElement) -> None:
    header = harbour.xpath("//header")[0]
    assert [words(child) for child in header] == [
        "Tuesday 22 October 2024",
        "Daily briefing",
        "3 events from 5 articles by 4 independent origins.",
    ]


def test_the_skip_link_comes_before_everything(harbour: lxml.html.HtmlElement) -> None:
    assert harbour.xpath("(//body//a)[1]/@href") == ["#events"]
    assert harbour.xpath("//main/@id") == ["events"]


@pytest.mark.parametrize("edition", [editions.harbour_briefing(), (editions.briefing([], []), [])])
def test_headings_are_in_order_without_a_gap(edition: tuple[Briefing, list[Article]]) -> None:
    root = lxml.html.document_fromstring(page(*edition).encode())
    levels = [int(heading.tag[1]) for heading in root.xpath("//h1 | //h2 | //h3 | //h4 | //h5 | //h6")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))


def test_a_storyline_of_one_event_has_no_title(harbour: lxml.html.HtmlElement) -> None:
    assert [words(title) for title in harbour.xpath("//h2[@class='strand']")] == [
        "The Aurora at Kestrel Point 2 events, in order of time"
    ]
    assert [heading.tag for heading in harbour.xpath("//*[@class='headline']")] == ["h3", "h3", "h2"]


def test_the_contents_name_every_event(harbour: lxml.html.HtmlElement) -> None:
    assert [words(item) for item in harbour.xpath("//nav//li")] == [
        "Ferry runs aground off Kestrel Point",
        "Hafen bleibt bis Mittwoch gesperrt",
        "Opinion: This was an accident that everybody saw coming.",
    ]


def test_every_headline_and_sentence_has_its_mark_and_every_mark_its_note(harbour: lxml.html.HtmlElement) -> None:
    references = harbour.xpath("//a[@role='doc-noteref']")
    assert [words(reference) for reference in references if "-" not in reference.get("id")[5:]] == [
        str(number) for number in range(1, 14)
    ]
    for reference in references:
        note = harbour.get_element_by_id(reference.get("href")[1:])
        assert reference.get("id") in [link.get("href")[1:] for link in note.xpath(".//a[@role='doc-backlink']")]


def test_notes_stand_in_a_list_under_a_heading_in_endnotes(harbour: lxml.html.HtmlElement) -> None:
    for section in harbour.xpath("//*[@role='doc-endnotes']"):
        assert [child.tag for child in section] in (["h4", "ol"], ["h3", "ol"])
        assert section.get("aria-labelledby") == section[0].get("id")


def test_a_back_link_says_where_it_leads(harbour: lxml.html.HtmlElement) -> None:
    labels = harbour.xpath("//div[@id='note-2']//a[@role='doc-backlink']/@aria-label")
    assert labels == ["Back to sentence 1"]
    assert harbour.xpath("//div[@id='note-6']//a[@role='doc-backlink']/@aria-label") == [
        "Back to sentence 4",
        "Back to what the sources say about people injured",
    ]


def test_a_passage_is_marked_within_its_paragraph(harbour: lxml.html.HtmlElement) -> None:
    quote = harbour.xpath("//div[@id='note-6']//blockquote")[0]
    assert words(quote) == (
        "The ferry Aurora ran aground off Kestrel Point at 6.40 on Monday. Fourteen people were injured, the coast "
        "guard said. The ship was carrying 212 passengers."
    )
    assert [words(mark) for mark in quote.iter("mark")] == ["Fourteen people were injured, the coast guard said."]


def test_without_the_text_of_the_article_the_passage_stands_alone() -> None:
    edition, _ = editions.harbour_briefing()
    root = lxml.html.document_fromstring(render(edition, "html", {}).encode())
    assert words(root.xpath("//div[@id='note-6']//blockquote")[0]) == (
        "Fourteen people were injured, the coast guard said."
    )


def test_a_passage_links_to_its_words_in_the_article(harbour: lxml.html.HtmlElement) -> None:
    assert harbour.xpath("//div[@id='note-4']//a[contains(@rel, 'external')]/@href") == [
        "https://courier.example/a#top:~:text=The%20ship%20was%20carrying%20212%20passengers%2C%20its%20owner%20said."
    ]


def test_text_in_another_language_says_so(harbour: lxml.html.HtmlElement) -> None:
    assert harbour.xpath("/html/@lang") == ["en"]
    assert harbour.xpath("//div[@id='note-10']//blockquote/@lang") == ["de"]
    assert harbour.xpath("//article[@id='event-2']//div[@class='story']//span[@lang='de']")


def test_what_the_reader_must_know_is_said_in_words(harbour: lxml.html.HtmlElement) -> None:
    kickers = [words(line) for line in harbour.xpath("//*[@class='kicker']")]
    assert kickers == [
        "21 to 22 October 2024UpdatedSources differCorrected",
        "22 October 2024NewOne source",
        "23 October 2024NewOne source",
    ]


def test_machine_writing_and_a_missing_date_are_said_in_words(seeds: Path) -> None:
    root = lxml.html.document_fromstring(page(*editions.seed_briefing(seeds)).encode())
    kickers = [words(line) for line in root.xpath("//*[@class='kicker']")]
    assert kickers[0] == "No date statedNewOne source"
    assert kickers[4] == "10 January 2024NewOne sourceWritten by a machine, says its publisher"


def test_an_opinion_is_told_as_its_author_s(harbour: lxml.html.HtmlElement) -> None:
    told = harbour.xpath("//article[@id='event-3']//div[@class='story']/p[2]")[0]
    assert words(told) == "Tom Farrow writes: “The council has saved in the wrong place for ten years.”13"


def test_a_disagreement_is_a_table_with_both_sides(harbour: lxml.html.HtmlElement) -> None:
    table = harbour.xpath("//table")[0]
    assert words(table.find("caption")) == "Sources differ: people injured"
    assert [[words(cell) for cell in row] for row in table.find("tbody")] == [
        ["146", "The Kestrel Gazette"],
        ["1778", "Harbour Courier, Evening Post"],
    ]


def test_who_reports_it_counts_origins_and_names_their_articles(harbour: lxml.html.HtmlElement) -> None:
    assert words(harbour.xpath("//article[@id='event-1']//p[@class='origins']")[0]) == (
        "Reported by 2 independent sources: The Kestrel Gazette; Northern Wire, in 2 articles (Harbour Courier, "
        "Evening Post). More than one of them says what stands at 3; each other sentence has one source."
    )


def test_two_reports_of_one_paper_are_one_origin_named_once() -> None:
    sources = [
        editions.article(f"a{n}", f"Title {n}", "It is so.", publisher="The Gazette", origin="The Gazette")
        for n in (1, 2)
    ]
    edition = editions.briefing([editions.event(1, sources, [editions.verbatim(sources[0], 0)])], sources)
    root = lxml.html.document_fromstring(page(edition, sources).encode())
    assert words(root.xpath("//p[@class='origins']")[0]) == "Reported by one source: The Gazette (articles 1 and 2)."


def test_a_passage_says_how_many_sources_stand_beside_it_only_where_every_mark_has_several() -> None:
    edition, sources = editions.harbour_briefing()
    root = lxml.html.document_fromstring(page(edition, sources).encode())
    assert "One of 2 independent sources for it." in words(root.get_element_by_id("note-4"))
    assert "independent sources" not in words(root.get_element_by_id("note-6"))


def test_a_storyline_named_like_one_of_its_events_does_not_say_it_twice() -> None:
    edition, sources = editions.harbour_briefing()
    first, second, third = edition.events
    lines = [Storyline("s1", first.headline.text, (first.id, second.id)), Storyline("s2", "Column", (third.id,))]
    text = page(editions.briefing([first, second, third], sources, storylines=lines), sources)
    assert "One storyline <span" in text


def test_what_was_withheld_is_told_with_reasons_but_not_shown(harbour: lxml.html.HtmlElement) -> None:
    lines = [words(line) for line in harbour.xpath("//section[@aria-labelledby='withheld']//li")]
    headline = "Ferry runs aground off Kestrel Point"
    assert lines == [
        f"2 lines of {headline}: a number is not in its passages.",
        f"1 line of {headline}: its passages do not bear it out; a name is not in its passages.",
    ]
    assert "The captain fled" not in words(harbour)


def test_a_source_that_failed_is_named(harbour: lxml.html.HtmlElement) -> None:
    assert words(harbour.xpath("//section[@aria-labelledby='failed']//li")[0]).startswith("feeds/late.xml: not well")


def test_the_scorecard_shows_cost_only_where_a_model_wrote() -> None:
    edition, sources = editions.harbour_briefing()
    assert "Tokens" not in page(edition, sources)
    modelled = editions.briefing(edition.events, sources, model="some-model")
    text = page(modelled, sources)
    assert "Tokens sent" in text
    assert "0.0042" in text
    assert "some-model" in text


def test_a_briefing_without_events_says_that_there_is_nothing() -> None:
    text = page(editions.briefing([], []), [])
    assert "Nothing to report." in text
    assert "Contents" not in text


def test_a_briefing_of_two_hundred_events_has_all_of_them(seeds: Path) -> None:
    source = editions.seed_articles(seeds)[0]
    events = [editions.event(number, [source], [editions.verbatim(source, 0)]) for number in range(200)]
    text = page(editions.briefing(events, [source]), [source])
    assert text.count('<article class="event"') == 200
    assert text.count('class="passage"') == 2


def test_a_long_paragraph_is_shortened_around_its_passage() -> None:
    filler = "The harbour is closed and the ferry waits. " * 30
    source = editions.article("a1", None, f"{filler}Here it stands. {filler.strip()}")
    words_cited = editions.cite_words(source, "Here it stands.")
    told = Sentence("Here it stands.", "verbatim", 1, None, (words_cited, words_cited))
    edition = editions.briefing([editions.event(1, [source], [told])], [source])
    root = lxml.html.document_fromstring(page(edition, [source]).encode())
    assert [words(mark) for mark in root.xpath("//article//a[@role='doc-noteref']")] == ["1", "2"]
    quote = words(root.get_element_by_id("note-2").find("blockquote"))
    assert quote.startswith("… ")
    assert quote.endswith(" …")
    assert "waits. Here it stands. The harbour" in quote
    assert len(quote) < 830


def test_a_day_that_no_calendar_has_is_no_date() -> None:
    source = editions.article("a1", "Title", "It is so.", published="2024-02-31")
    edition = editions.briefing([editions.event(1, [source], [editions.verbatim(source, 0)])], [source])
    assert "No date stated" in page(edition, [source])
