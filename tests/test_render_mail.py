"""A briefing as mail: what stands in its two forms, what is left out of them, and what must never be in them."""

from __future__ import annotations

import email
import email.policy
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import lxml.html
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from briefing.deliver.message import Envelope, parcel
from briefing.domain import Article, Briefing, Sentence
from briefing.errors import UsageError
from briefing.letters import UNSUBSCRIBE, Letter
from briefing.render import mail as module
from briefing.render.environment import fill
from briefing.render.letterhead import SUBJECT, shorten
from briefing.render.mail import HTML_LIMIT, TEXT_LIMIT, letter
from briefing.render.page import page_of
from briefing.report import Problem
from briefing.text import single_line
from tests import editions, hostile
from tests.strategies import hostile_text

MADE_AT = datetime(2024, 10, 22, 6, 30, tzinfo=UTC)
FULL = "https://news.example/2024-10-22.html"
FAMILIES = ("harbour", "model")
AS_IT_IS = "word for word"  # of a passage that the story has said


def mail(edition: Briefing, sources: Sequence[Article], full: str | None = None, own: Path | None = None) -> Letter:
    return letter(edition, editions.by_id(sources), full_edition=full, templates=own, made_at=MADE_AT)


HARBOUR, HARBOUR_SOURCES = editions.harbour_briefing()
HARBOUR_MAIL = mail(HARBOUR, HARBOUR_SOURCES)
MODEL, MODEL_SOURCES = editions.model_briefing()
MODEL_MAIL = mail(MODEL, MODEL_SOURCES, FULL)


def tree(sent: Letter) -> lxml.html.HtmlElement:
    return lxml.html.document_fromstring(sent.html.encode())


def words(element: lxml.html.HtmlElement) -> str:
    return " ".join(element.text_content().split())


def joined(text: str) -> str:
    return " ".join(text.split())


def many(lengths: Sequence[int], *, title: str = "Title") -> tuple[Briefing, list[Article]]:
    """Events of one sentence each, of so many characters, with headlines of their own."""
    sources = [
        editions.article(
            f"a{number}", f"{title} {number}.", f"begin-{number}-{'s' * length} -{number}-end.", publisher="Paper"
        )
        for number, length in enumerate(lengths, start=1)
    ]
    events = [
        editions.event(number, [source], [editions.written(source.body, editions.cite_words(source, source.body))])
        for number, source in enumerate(sources, start=1)
    ]
    return editions.briefing(events, sources, storylines=[]), sources


def sizes(sent: Letter) -> tuple[int, int]:
    """Bytes of the two forms with lines ended as in a message."""
    html, text = (len(form.replace("\n", "\r\n").encode()) for form in (sent.html, sent.text))
    return html, text


# What is told


@pytest.mark.parametrize(("edition", "sent"), [(HARBOUR, HARBOUR_MAIL), (MODEL, MODEL_MAIL)], ids=FAMILIES)
def test_both_forms_tell_every_sentence_in_full_with_the_marks_of_the_page(edition: Briefing, sent: Letter) -> None:
    html, text = words(tree(sent)), joined(sent.text)
    for event in page_of(edition, {}).events:
        for sentence in [event.headline, *(told for paragraph in event.paragraphs for told in paragraph)]:
            numbers = [str(mark.number) for mark in sentence.marks]
            closing = "”" if sentence.quoted else ""
            assert f"{sentence.text}{closing}{','.join(numbers)}" in html
            assert f"{sentence.text}{closing} {''.join(f'[{number}]' for number in numbers)}" in text


@pytest.mark.parametrize(
    ("edition", "sources", "sent"),
    [(HARBOUR, HARBOUR_SOURCES, HARBOUR_MAIL), (MODEL, MODEL_SOURCES, MODEL_MAIL)],
    ids=FAMILIES,
)
def test_each_story_has_every_passage_that_it_cites_with_the_link_of_the_page(
    edition: Briefing, sources: list[Article], sent: Letter
) -> None:
    page = page_of(edition, editions.by_id(sources))
    notes = {note.number: note for event in page.events for note in event.notes}
    stories = tree(sent).xpath("//table[contains(@class, 'story')]")
    plain = [joined(story) for story in sent.text.split("-" * 72 + "\n")[1:]]
    assert len(stories) == len(plain) == len(page.events)
    for story, text in zip(stories, plain, strict=True):
        marks = {int(number) for mark in story.iter("sup") for number in words(mark).split(",")}
        lines = story.xpath(".//div[contains(@class, 'passages')]/p")
        assert [int(words(line.find("b"))) for line in lines] == sorted(marks)
        for line in lines:
            note = notes[int(words(line.find("b")))]
            source = f"{note.article.label}, {note.article.day_words}"
            source += f" ({note.article.caution})" if note.article.caution else ""
            if words(line).endswith(f": {AS_IT_IS}"):
                assert re.search(rf"{re.escape(note.quote)}”?([0-9]+,)*{note.number}\b", words(story))
                assert re.search(rf"{re.escape(note.quote)}”? (\[[0-9]+\])*\[{note.number}\]", text)
                passage = AS_IT_IS
            else:
                passage = f"“{note.quote}”"
            assert words(line) == f"{note.number}{source}: {passage}"
            assert f"[{note.number}] {source}: {passage}" in text
            assert line.xpath("./a/@href") == ([note.url] if note.url else [])
            assert note.url is None or f"\n      {note.url}\n" in sent.text


def test_a_passage_cited_before_stands_again_below_the_story_that_cites_it() -> None:
    source = editions.article("a1", "A title", "It is so. It stays so.", publisher="Paper")
    events = [editions.event(number, [source], [editions.verbatim(source, 0)]) for number in (1, 2)]
    sent = mail(editions.briefing(events, [source]), [source])
    assert [
        [words(number) for number in story.xpath(".//div[contains(@class, 'passages')]/p/b")]
        for story in tree(sent).xpath("//table[contains(@class, 'story')]")
    ] == [["1", "2"], ["1", "2"]]
    assert sent.text.count("[2]   Paper, no date stated: word for word") == 2


def passages(told: Sequence[Sentence], source: Article) -> list[str]:
    """What the two notes behind that of the headline say, the same in both forms."""
    sent = mail(editions.briefing([editions.event(1, [source], told)], [source]), [source])
    lines = [words(line) for line in tree(sent).xpath("//div[contains(@class, 'passages')]/p")]
    for line in lines:
        assert f"[{line[0]}] {line[1:]}" in joined(sent.text)
    return [line.removeprefix(f"{number}Paper, no date stated: ") for number, line in enumerate(lines, start=1)][1:]


def test_a_passage_is_quoted_unless_each_sentence_that_cites_it_is_the_passage_itself() -> None:
    source = editions.article("a1", "A title", "It\u00a0is   so,\u200b he said. It stays so.", publisher="Paper")
    first, second = editions.verbatim(source, 0), editions.verbatim(source, 1)
    (whole,), part = first.citations, editions.cite_words(source, "It stays")
    quoted = "“It is so, he said.”"
    assert passages([first], source) == [AS_IT_IS]
    assert passages([replace(first, attributed_to="Paper"), second], source) == [AS_IT_IS, AS_IT_IS]
    assert passages([editions.written("So it is.", whole)], source) == [quoted]
    assert passages([first, editions.written("So it is.", whole)], source) == [quoted]
    assert passages([replace(first, citations=(whole, part))], source) == [AS_IT_IS, "“It stays”"]
    assert passages([replace(second, text="It stays")], source) == ["“It stays so.”"]


def test_what_is_said_in_another_story_is_quoted_here() -> None:
    source = editions.article("a1", "A title", "It is so.", publisher="Paper")
    first = editions.verbatim(source, 0)
    told = [[first], [editions.written("So it is.", *first.citations)]]
    events = [editions.event(number, [source], sentences) for number, sentences in enumerate(told, start=1)]
    sent = mail(editions.briefing(events, [source]), [source])
    assert [
        words(story.xpath(".//div[contains(@class, 'passages')]/p")[1])
        for story in tree(sent).xpath("//table[contains(@class, 'story')]")
    ] == ["2Paper, no date stated: word for word", "2Paper, no date stated: “It is so.”"]


def test_a_long_story_that_is_not_said_twice_is_whole() -> None:
    source = editions.article("a1", "A title", f"It is {'so ' * 20_000}.", publisher="Paper")
    sent = mail(editions.briefing([editions.event(1, [source], [editions.verbatim(source, 0)])], [source]), [source])
    assert 60_000 < sizes(sent)[0] <= HTML_LIMIT
    assert source.body.split(".")[0] in words(tree(sent))


def test_the_parts_stand_in_their_order() -> None:
    for shown in (words(tree(MODEL_MAIL)), joined(MODEL_MAIL.text).replace("CONTENTS", "Contents")):
        places = [
            shown.rindex("Tuesday 22 October 2024"),
            shown.index("Read it in the browser"),
            shown.index("The language model could not be reached"),
            shown.index("Contents"),
            shown.index("because your address is on"),
            shown.index("The Aurora at Kestrel Point"),
            shown.index("Sources differ: people injured"),
            shown.index("Reported by 2 independent sources"),
            shown.index("Written by the language model some-model"),
        ]
        assert places == sorted(places)


def test_what_failed_and_how_much_was_withheld_is_told_in_a_line_each() -> None:
    for shown in (words(tree(HARBOUR_MAIL)), joined(HARBOUR_MAIL.text)):
        assert "3 lines that did not pass their check were withheld." in shown
        assert "feeds/late.xml" in shown
        assert "the file ends inside <item>" in shown
        assert "The captain fled" not in shown


def test_machine_writing_opinion_a_conflict_and_another_language_are_marked() -> None:
    for shown in (words(tree(HARBOUR_MAIL)), joined(HARBOUR_MAIL.text)):
        assert "Opinion: This was an accident" in shown
        assert "Tom Farrow writes: “The council has saved" in shown
        assert "The Kestrel Gazette, 23 October 2024 (opinion): word for word" in shown
        assert "Sources differ: people injured" in shown
    assert tree(HARBOUR_MAIL).xpath("//span[@lang='de']")
    assert "1 of 2 events is told in the articles’ own sentences" in joined(MODEL_MAIL.text)


def test_a_mail_of_nothing_says_so_and_still_has_its_way_out() -> None:
    sent = mail(editions.briefing([], []), [])
    assert sent.subject == "Daily briefing, 22 October: nothing to report"
    assert "Nothing to report." in words(tree(sent))
    assert "Nothing to report." in sent.text
    assert "Contents" not in sent.html
    assert (sent.html.count(UNSUBSCRIBE), sent.text.count(UNSUBSCRIBE)) == (1, 1)
    assert not tree(sent).xpath("//div[contains(@class, 'last')]")


@pytest.mark.parametrize("model", [None, "some-model"])
def test_a_mail_without_a_story_does_not_say_who_wrote_it(model: str | None) -> None:
    failed = (Problem("feeds/late.xml", "not well-formed"),)
    sent = mail(editions.briefing([], [], failed=failed, model=model), [])
    for shown in (words(tree(sent)), joined(sent.text)):
        assert "language model" not in shown
        assert "passed its check" not in shown
        assert shown.index("Not read today") > shown.index("nsubscribe")
    assert "Put together without a language model" in HARBOUR_MAIL.html


def test_one_story_of_one_article_has_no_count_of_origins() -> None:
    one, sources = mail(*many([50])), mail(*many([50, 50]))
    assert words(tree(one).xpath("//p[contains(@class, 'inside')]")[0]) == "1 event from 1 article."
    assert "\n1 event from 1 article.\n" in one.text
    assert "2 events from 2 articles by " in sources.text


def test_the_way_out_has_a_rule_above_it_only_below_the_contents() -> None:
    for sent, ruled in ((HARBOUR_MAIL, True), (mail(*many([50])), False), (mail(editions.briefing([], []), []), False)):
        (line,) = tree(sent).xpath("//p[contains(@class, 'note-to-you')]")
        assert ("border-top" in line.get("style")) == ruled


def test_the_same_edition_gives_the_same_letter() -> None:
    assert mail(HARBOUR, HARBOUR_SOURCES[::-1]) == HARBOUR_MAIL
    assert HARBOUR_MAIL.made_at == MADE_AT


# The way out, and the way to the page


@pytest.mark.parametrize("sent", [HARBOUR_MAIL, MODEL_MAIL], ids=FAMILIES)
def test_the_way_out_stands_before_the_first_story(sent: Letter) -> None:
    assert f'<a href="{UNSUBSCRIBE}"' in sent.html[: sent.html.index('class="story"')]
    assert f"\n{UNSUBSCRIBE}\n" in sent.text[: sent.text.index("-" * 72)]
    assert sent.text.endswith(f"\n{UNSUBSCRIBE}\n")


@pytest.mark.parametrize("sent", [HARBOUR_MAIL, MODEL_MAIL], ids=FAMILIES)
def test_the_way_out_stands_once_more_at_the_very_end(sent: Letter) -> None:
    assert tree(sent).xpath("//a[text()='Unsubscribe']/@href") == [UNSUBSCRIBE] * 2
    assert words(tree(sent)).endswith(" Unsubscribe")


@pytest.mark.parametrize("length", [1, 600])
def test_the_largest_letter_is_delivered_below_its_limit_with_long_ways_out(length: int) -> None:
    sent = mail(*many([length] * 120), FULL)
    way_out = "https://news.example/unsubscribe/".ljust(400, "x")
    envelope = Envelope("news@news.example", None, "News <news.example>", "<1@news.example>", way_out, one_click=True)
    message = email.message_from_bytes(parcel(sent, "ada@example.org", envelope).data, policy=email.policy.default)
    page = message.get_body(("html",))
    assert page is not None
    delivered = page.get_payload(decode=True)
    assert isinstance(delivered, bytes)
    assert delivered.count(way_out.encode()) == 2
    assert len(delivered.removesuffix(b"\r\n")) == sizes(sent)[0] + 2 * (len(way_out) - len(UNSUBSCRIBE))
    assert 85_000 < len(delivered) < 90_000


def test_an_article_cannot_pass_its_address_or_its_words_for_the_way_out() -> None:
    edition, sources = hostile.briefing([UNSUBSCRIBE, f"https:{UNSUBSCRIBE}", f"https://{UNSUBSCRIBE}"])
    sent = mail(edition, sources)
    assert sent.html.count(UNSUBSCRIBE) == 2
    assert sent.text.count(UNSUBSCRIBE) == 2
    assert f"Opinion: {UNSUBSCRIBE}" in words(tree(sent))


def test_the_full_edition_is_linked_where_it_is_there() -> None:
    assert tree(MODEL_MAIL).xpath("//a[text()='Read it in the browser']/@href") == [FULL]
    assert f"\n{FULL}\n" in MODEL_MAIL.text
    assert "browser" not in HARBOUR_MAIL.html + HARBOUR_MAIL.text


@pytest.mark.parametrize("address", ["javascript:alert(1)", "news.example", "https://user@news.example/", ""])
def test_an_address_that_cannot_be_linked_is_refused(address: str) -> None:
    with pytest.raises(UsageError, match="a mail cannot link"):
        mail(HARBOUR, HARBOUR_SOURCES, address)


# What there is no room for


@pytest.mark.parametrize("length", [400, 600, 800, 1000, 1600])
def test_whole_stories_are_left_out_from_the_end_and_named_with_links_to_the_page(length: int) -> None:
    edition, sources = many([length] * 120)
    sent = mail(edition, sources, f"{FULL}#top")
    root = tree(sent)
    shown = len(root.xpath("//table[contains(@class, 'story')]"))
    assert 10 < shown < 60
    first, second = [match.start() for match in re.finditer('<table class="story"', sent.html)][:2]
    assert sizes(sent)[0] + (second - first) > HTML_LIMIT - 200
    assert f"{120 - shown} more stories" in words(root)
    links = root.xpath("//a[contains(@href, '#event-')]")
    assert [link.get("href") for link in links] == [f"{FULL}#event-{shown + number}" for number in range(1, 13)]
    assert [words(link) for link in links] == [f"Title {shown + number}." for number in range(1, 13)]
    assert f"and {120 - shown - 12} more" in words(root)


def test_without_a_page_the_words_say_where_the_rest_stands() -> None:
    edition, sources = many([1000] * 60)
    sent = mail(edition, sources)
    assert "They stand in its text part and in the edition’s own file:" in words(tree(sent))
    assert "no room" not in sent.text
    for event in edition.events:
        assert event.sentences[0].text.replace(" ", "") in "".join(sent.text.split())
    longer = mail(*many([1000] * 300))
    assert "They stand in the edition’s own file:" in words(tree(longer))
    assert "They stand in the edition’s own file:" in joined(longer.text)
    assert not tree(longer).xpath("//a[contains(@href, '#')]")


@pytest.mark.parametrize("length", [42_500, 45_000, 120_000, 3_000_000])
def test_a_story_too_long_for_a_mail_is_told_by_its_headline_and_takes_no_other_away(length: int) -> None:
    edition, sources = many([50, length, 60])
    sent = mail(edition, sources, FULL)
    stories = tree(sent).xpath("//table[contains(@class, 'story')]")
    assert [bool(story.xpath(".//sup")) for story in stories] == [True, False, True]
    assert words(stories[1]) == "Title 2. This story is too long for a mail: read it in the full edition."
    assert stories[1].xpath(".//a/@href") == [f"{FULL}#event-2"]
    assert ("too long" in sent.text) == (length > 100_000)


def test_a_single_story_that_fits_alone_is_whole() -> None:
    sent = mail(*many([39_000]))
    assert tree(sent).xpath("//table[contains(@class, 'story')]//sup")
    assert sizes(sent)[0] > 80_000


def assert_bounded_and_whole(edition: Briefing, sources: list[Article], full: str | None) -> None:
    sent = mail(edition, sources, full)
    assert sizes(sent)[0] <= HTML_LIMIT
    assert sizes(sent)[1] <= TEXT_LIMIT
    first = sent.html.find('class="story"')
    assert UNSUBSCRIBE in sent.html[: first if first >= 0 else None]
    html, text = words(tree(sent)), "".join(sent.text.split())  # a word longer than a line is broken in the text
    for number, event in enumerate(edition.events, start=1):
        told = event.sentences[0].text
        assert (told in html) == (f"begin-{number}-" in html) == (f"-{number}-end" in html)
        assert (told.replace(" ", "") in text) == (f"begin-{number}-" in text) == (f"-{number}-end" in text)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.sampled_from([1, 40, 400, 4000, 40_000, 90_000, 250_000]), max_size=8),
    st.sampled_from([0, 1, 30, 500]),
    st.sampled_from(["T", "<&\"'> " * 400, "漢" * 3000]),
    st.sampled_from([None, FULL, f"https://news.example/{'%3C' * 670}"]),
)
def test_no_briefing_passes_the_limits_and_each_story_is_whole_or_absent(
    lengths: list[int], small: int, title: str, full: str | None
) -> None:
    assert_bounded_and_whole(*many([*lengths, *[30] * small], title=title), full)


def test_everything_around_the_stories_is_bounded() -> None:
    edition, sources = hostile.briefing(["<&\"'> " * 20_000] * 30)
    failed = tuple(Problem("&" * 90_000, "<" * 90_000) for _ in range(90))
    sent = mail(
        editions.briefing(edition.events, sources, title="<" * 90_000, failed=failed, model="&" * 90_000), sources
    )
    assert sizes(sent)[0] <= HTML_LIMIT
    assert sizes(sent)[1] <= TEXT_LIMIT
    assert "; and 85 more." in words(tree(sent))


def test_the_work_grows_no_faster_than_the_briefing(monkeypatch: pytest.MonkeyPatch) -> None:
    filled: list[int] = []

    def counted(*args: object) -> str:
        text = fill(*args)  # type: ignore[arg-type]
        filled.append(len(text))
        return text

    monkeypatch.setattr(module, "fill", counted)
    mail(*many([300] * 500))
    assert sum(filled) < 12 * (HTML_LIMIT + TEXT_LIMIT)


# The subject


@pytest.mark.parametrize(
    ("titles", "subject"),
    [
        (["Cranes to move again"], "Morning, 22 October: Cranes to move again"),
        (["Cranes to move again.", "B", "C", "D"], "Morning, 22 October: Cranes to move again (and 3 more)"),
        (["x\r\nBcc: a@b"], "Morning, 22 October: x Bcc: a@b"),
        (["a\x00b\u202ec\u2066d\u061ce\u2028f\x85g\u200eh\U000e0041"], "Morning, 22 October: abcde fgh"),
        (["word " * 40, "B"], f"Morning, 22 October: {'word ' * 14}word… (and 1 more)"),
        (["漢" * 200], f"Morning, 22 October: {'漢' * 88}…"),
    ],
)
def test_the_subject_is_one_plain_line_of_date_headline_and_how_many_more(titles: list[str], subject: str) -> None:
    sources = [Article(id=str(number), title=title, body="It is so.") for number, title in enumerate(titles)]
    events = [
        editions.event(n, [source], [editions.written("So.", editions.cite(source, 0, 1))])
        for n, source in enumerate(sources)
    ]
    assert mail(editions.briefing(events, sources, title="Morning"), sources).subject == subject


@settings(max_examples=25, deadline=None)
@given(hostile_text, hostile_text.filter(str.strip))
def test_no_title_or_headline_breaks_the_subject(title: str, headline: str) -> None:
    source = Article(id="a", title=f"x{headline}", body="It is so.")
    edition = editions.briefing(
        [editions.event(1, [source], [editions.written("So.", editions.cite(source, 0, 1))])], [source], title=title
    )
    subject = mail(edition, [source]).subject
    assert 0 < len(subject) <= SUBJECT
    assert subject.splitlines() == [subject]
    bad = {unicodedata.category(character) for character in subject if character not in "\u200c\u200d"}
    assert not bad & {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(max_size=300), st.integers(min_value=2, max_value=200))
def test_shortened_text_is_never_longer_than_asked(text: str, most: int) -> None:
    short = shorten(text, most)
    assert len(short) <= most
    assert short == text or (short.endswith("…") and text.startswith(short[:-1]))


# Nothing acts, nothing is loaded


class Tags(HTMLParser):
    """The start tags as written, and everything that is no tag, text or doctype."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.other: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    def handle_pi(self, data: str) -> None:
        self.other.append(data)

    def unknown_decl(self, data: str) -> None:
        self.other.append(data)


ELEMENTS = set(
    "html head meta title style body table caption tbody tr td th div p h1 h2 h3 ol ul li a b i span sup".split()
)
ATTRIBUTES = set(
    "lang dir charset name content class style role width align border cellpadding cellspacing scope href".split()
)
HREF = re.compile(r"https?://[!-~]+")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def assert_only_ours(sent: Letter) -> None:
    tags = Tags()
    tags.feed(sent.html)
    tags.close()
    assert all(comment.startswith("[if mso]>") and comment.endswith("<![endif]") for comment in tags.other)
    assert len(tags.other) == 3
    styles = {attributes["style"] for _, attributes in tags.found if "style" in attributes}
    assert len(styles) < 50
    parsed = [(element.tag, dict(element.attrib)) for element in tree(sent).iter() if isinstance(element.tag, str)]
    for tag, attributes in [*tags.found, *parsed]:
        assert tag in ELEMENTS
        assert set(attributes) <= ATTRIBUTES
        assert tag == "a" or "href" not in attributes
        assert HREF.fullmatch(attributes.get("href") or FULL)
        assert LANGUAGE.fullmatch(attributes.get("lang") or "en")
    for shown in (sent.html, sent.text):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\ufeff\ud800-\udfff]", shown)


@pytest.mark.parametrize("sent", [HARBOUR_MAIL, MODEL_MAIL], ids=FAMILIES)
def test_nothing_is_loaded_run_or_sent(sent: Letter) -> None:
    assert_only_ours(sent)
    assert "url(" not in sent.html
    assert "@import" not in sent.html
    assert not tree(sent).xpath("//@src | //@background | //@action | //@srcset | //link | //form | //img | //script")


def test_no_hostile_text_of_our_own_list_acts_and_each_is_shown_as_text() -> None:
    sent = mail(*hostile.briefing(hostile.OWN), FULL)
    assert_only_ours(sent)
    html, text = words(tree(sent)), "".join(sent.text.split())
    for told in hostile.OWN:
        assert f"{single_line(told)} and {single_line(told)}" in html
        assert "".join(single_line(f"{told} and {told}").split()) in text


def test_no_string_of_the_attack_corpora_acts(labelled: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_HTML", replace(module._HTML, limit=10**8))
    monkeypatch.setattr(module, "_TEXT", replace(module._TEXT, limit=10**8))
    for edition, sources in hostile.batches(hostile.strings(labelled), 200):
        sent = mail(edition, sources, FULL)
        assert sent.html.count('class="story"') == len(edition.events)
        assert_only_ours(sent)


@settings(max_examples=15, deadline=None)
@given(st.lists(hostile_text.filter(str.strip), min_size=1, max_size=5))
def test_no_text_at_all_acts(texts: list[str]) -> None:
    assert_only_ours(mail(*hostile.briefing([f"x{text}" for text in texts])))


# What mail clients need


def test_rules_stand_on_the_elements_and_those_for_the_dark_and_for_narrow_screens_in_the_head() -> None:
    (style,) = tree(HARBOUR_MAIL).xpath("/html/head/style/text()")
    blocks = re.findall(r"@media \(([^)]*)\) \{\n(.*?)\n\}", style, re.DOTALL)
    assert [condition for condition, _ in blocks] == ["max-width: 640px", "prefers-color-scheme: dark"]
    declarations = re.findall(r"[a-z-]+: [^;]+;", " ".join(rules for _, rules in blocks))
    assert len(declarations) > 10
    assert all(declaration.endswith("!important;") for declaration in declarations)
    assert not re.sub(r"@media [^{]*\{\n.*?\n\}", "", style, flags=re.DOTALL).strip()
    classes = set(re.findall(r"\.([a-z-]+)", " ".join(rules for _, rules in blocks)))
    used = {name for names in tree(MODEL_MAIL).xpath("//@class") for name in names.split()}
    assert classes <= used
    assert tree(HARBOUR_MAIL).xpath("//meta[@name='color-scheme']/@content") == ["light dark"]
    assert HARBOUR_MAIL.html.encode().index(b'charset="utf-8"') < 1024


def test_every_table_but_one_of_data_is_there_for_layout_alone_and_no_wider_than_600() -> None:
    root = tree(HARBOUR_MAIL)
    assert len(root.xpath("//table[not(@role='presentation')]")) == 1
    assert root.xpath("//table[not(@role)]//th/@scope") == ["col", "col"]
    assert "max-width:600px" in root.xpath("//table[contains(@class, 'sheet')]/@style")[0]
    assert set(root.xpath("//table/@width")) == {"100%"}
    assert root.xpath("/html/@lang") == ["en"]
    assert words(root.xpath("//title")[0]) == HARBOUR_MAIL.subject


def test_the_hidden_first_line_says_what_else_is_inside_and_nothing_shows_behind_it() -> None:
    (hidden,) = tree(HARBOUR_MAIL).xpath("/html/body/*[1]")
    assert "display:none" in hidden.get("style")
    text = hidden.text_content()
    shown = text.rstrip("\u034f\u200c\xa0")
    assert shown.startswith("Hafen bleibt bis Mittwoch gesperrt. ")
    assert len(shown) <= 140
    assert len(text) - len(shown) > 150


def test_headings_are_in_order_without_a_gap() -> None:
    for sent in (HARBOUR_MAIL, MODEL_MAIL):
        levels = [int(heading.tag[1]) for heading in tree(sent).xpath("//h1 | //h2 | //h3")]
        assert levels[0] == 1
        assert levels.count(1) == 1
        assert all(after <= before + 1 for before, after in pairwise(levels))


def test_no_link_leads_within_the_mail() -> None:
    assert not tree(HARBOUR_MAIL).xpath("//a[starts-with(@href, '#')] | //@id")


def test_the_colours_are_those_of_the_page_in_both_themes(root: Path) -> None:
    colours = re.compile(r"#[0-9a-f]{6}")
    house = (root / "templates" / "style.css.jinja").read_text(encoding="utf-8")
    light, dark, _ = re.findall(r":root \{(.*?)\}", house, re.DOTALL)
    mine, mine_dark = (
        (root / "templates" / "mail_style.css.jinja").read_text("utf-8").split("@media (prefers-color-scheme")
    )
    assert set(colours.findall(mine)) <= set(colours.findall(light))
    assert set(colours.findall(mine_dark)) <= set(colours.findall(dark))
    assert len(set(colours.findall(mine))) >= 6


def test_text_has_72_columns_and_addresses_stay_whole() -> None:
    for sent in (HARBOUR_MAIL, MODEL_MAIL):
        assert all(len(line) <= 72 or re.fullmatch(r" *https?://\S+", line) for line in sent.text.splitlines())
        assert "\n\n\n\n" not in sent.text


# Templates of one's own


def own(folder: Path, **texts: str) -> Path:
    for name, text in texts.items():
        (folder / f"mail{name.removeprefix('mail').replace('__', '.')}.jinja").write_text(text, encoding="utf-8")
    return folder


def test_a_template_of_one_s_own_wins_and_can_extend_ours(tmp_path: Path) -> None:
    extended = (
        '{% extends "briefing/mail.html.jinja" %}{% block masthead %}<p>Harbour Office</p>{{ super() }}{% endblock %}'
    )
    folder = own(tmp_path, mail__html=extended, mail_story__txt="* {{ event.headline.text }}\n")
    sent = mail(HARBOUR, HARBOUR_SOURCES, None, folder)
    assert '<p style="margin:0">Harbour Office</p>' in sent.html
    assert "\n* Hafen bleibt bis Mittwoch gesperrt\n" in sent.text


def test_a_style_of_one_s_own_is_inlined_into_the_stories_too(tmp_path: Path) -> None:
    extended = (
        '{% extends "briefing/mail.html.jinja" %}{% block style %}{{ super() }}.told { color: #14506b; }{% endblock %}'
    )
    assert "color:#14506b" in mail(HARBOUR, HARBOUR_SOURCES, None, own(tmp_path, mail__html=extended)).html


def test_values_are_escaped_in_a_template_of_one_s_own(tmp_path: Path) -> None:
    folder = own(tmp_path, mail_story__html="<p>{{ event.headline.text }}</p>")
    assert_text = mail(*hostile.briefing(["<script>alert(1)</script>"]), None, folder).html
    assert "<script" not in assert_text
    assert "&lt;script&gt;" in assert_text


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("mail__html", "<p>{{ stories }}</p>", r"template mail\.html\.jinja has no way out .*: put <a href="),
        ("mail__html", f"<p>{{{{ stories }}}} {UNSUBSCRIBE}</p>", r"template mail\.html\.jinja has no way out"),
        ("mail__txt", "{{ stories }}", r"template mail\.txt\.jinja has no way out .*: put \{\{ mail\.unsubscribe \}\}"),
        ("mail__txt", "{{ mail.unsubscribe }}", r"template mail\.txt\.jinja or .*put \{\{ stories \}\} where"),
        ("mail__html", "{{ mail.unsubscribe }}{{ stories }}{{ stories }}", r"template mail\.html\.jinja or "),
        ("mail_stories__txt", "{{ cut }}all{{ cut }}", r"mail_stories\.txt\.jinja does not print each story once"),
        ("mail__html", "{{ mail.unsubscribe }}{{ stories }}{{ 'x' * 99000 }}", r"writes 99,\d+ bytes without a story"),
        ("mail__html", "one\n{{ mail.titel }}", r"mail\.html\.jinja:2: .*has no attribute 'titel'"),
        ("mail_story__html", "one\n\n{{ nothing }}", r"mail_story\.html\.jinja:3: 'nothing' is undefined"),
        ("mail__txt", "{% for x in %}", r"mail\.txt\.jinja:1: "),
        ("mail_story__txt", "{{ ''.__class__.__mro__ }}", r"mail_story\.txt\.jinja:1: "),
    ],
)
def test_a_wrong_template_of_one_s_own_is_named_before_anything_is_sent(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    with pytest.raises(UsageError, match=message):
        mail(HARBOUR, HARBOUR_SOURCES, None, own(tmp_path, **{name: text}))
