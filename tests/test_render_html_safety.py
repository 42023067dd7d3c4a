"""Nothing of an article's text acts in the HTML page, whatever field it stands in."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import lxml.html
from hypothesis import given, settings
from hypothesis import strategies as st

from briefing.domain import Article, Briefing
from briefing.render import render
from tests import editions, hostile
from tests.strategies import hostile_text

ATTRIBUTES = {
    "html": "lang",
    "meta": "charset http-equiv content name",
    "a": "class href id role aria-label rel lang",
    "time": "datetime",
    "nav": "class aria-labelledby",
    "section": "class role aria-labelledby",
    "article": "class id aria-labelledby",
    "li": "value id",
    "th": "scope",
    "blockquote": "lang dir",
    "cite": "lang dir",
    "span": "class lang dir",
    **dict.fromkeys("h1 h2 h3 h4 header footer main div p ol dl table".split(), "class id"),
    **dict.fromkeys("head title style body ul sup mark details summary caption thead tbody tr td dt dd".split(), ""),
}
HREF = re.compile(r"#[a-z]+(-\d+)*|https?://[!-~]+")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


class Tags(HTMLParser):
    """The start tags as written, with their attributes, and everything that is no tag, text or doctype."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.other: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs)
        self.found.append((tag, dict(attrs)))

    def handle_comment(self, data: str) -> None:
        self.other.append(data)

    def handle_pi(self, data: str) -> None:
        self.other.append(data)

    def unknown_decl(self, data: str) -> None:
        self.other.append(data)


def page(edition: Briefing, sources: list[Article]) -> str:
    return render(edition, "html", editions.by_id(sources))


def assert_only_ours(text: str) -> None:
    tags = Tags()
    tags.feed(text)
    tags.close()
    assert tags.other == []
    root = lxml.html.document_fromstring(text.encode())
    parsed = [(element.tag, dict(element.attrib)) for element in root.iter()]
    for tag, attributes in [*tags.found, *parsed]:
        assert tag in ATTRIBUTES
        assert set(attributes) <= set(ATTRIBUTES[tag].split())
        assert HREF.fullmatch(attributes.get("href") or "#x")
        assert LANGUAGE.fullmatch(attributes.get("lang") or "en")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u202a-\u202e\ufeff\ud800-\udfff]", text)
    identifiers = [attributes["id"] for _, attributes in tags.found if "id" in attributes]
    assert len(identifiers) == len(set(identifiers))
    targets = {attributes["href"] for _, attributes in tags.found if (attributes.get("href") or "").startswith("#")}
    assert targets <= {f"#{identifier}" for identifier in identifiers}


def test_a_headline_of_script_is_text() -> None:
    edition, sources = hostile.briefing(["<script>alert(1)</script>"])
    text = page(edition, sources)
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text


def test_no_hostile_text_of_our_own_list_acts_in_any_field() -> None:
    assert_only_ours(page(*hostile.briefing(hostile.OWN)))


def test_no_string_of_the_attack_corpora_acts_in_any_field(labelled: Path) -> None:
    for edition, sources in hostile.batches(hostile.strings(labelled)):
        assert_only_ours(page(edition, sources))


@settings(max_examples=15)
@given(st.lists(hostile_text.filter(str.strip), min_size=1, max_size=5))
def test_no_text_at_all_acts_in_any_field(texts: list[str]) -> None:
    assert_only_ours(page(*hostile.briefing([f"x{text}" for text in texts])))
