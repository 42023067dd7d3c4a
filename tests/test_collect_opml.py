"""Lists of feeds: read from what every reader writes, written so that every reader reads it."""

from __future__ import annotations

import base64
import json
import time
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.collect.feeds.opml import NAMESPACE, read, write
from briefing.fetch.adding import add_all
from briefing.sources import BOUND_LIMIT, POLICIES, Source
from briefing.store import open_store
from briefing.store.engine import MEMORY
from briefing.store.sources import listed, remove
from briefing.text import single_line
from tests.strategies import hostile_text


def _opml(body: str) -> bytes:
    head = '<?xml version="1.0" encoding="UTF-8"?><opml version="2.0"><head><title>t</title></head>'
    return f"{head}<body>{body}</body></opml>".encode()


def _read(body: str) -> list[Source]:
    outlines, problems = read(_opml(body), "list.opml")
    assert problems == []
    return outlines


def test_a_feed_has_its_address_its_name_its_tags_and_its_folders() -> None:
    (outline,) = _read(
        '<outline text="World"><outline text="Europe"><outline type="rss" text="The Winch" title="Winch" '
        'xmlUrl="https://w.example/feed?a=1&amp;b=2" htmlUrl="https://w.example/" language="en" '
        'category="sea,north/harbour"/></outline></outline>'
    )
    assert outline == Source(
        url="https://w.example/feed?a=1&b=2",
        title="The Winch",
        folder=("World", "Europe"),
        tags=("sea", "north/harbour"),
    )


@pytest.mark.parametrize(
    "outline",
    [
        '<outline text="W" xmlUrl="https://w.example/feed"/>',  # no type
        '<outline text="W" type="rss" xmlurl="https://w.example/feed"/>',
        '<outline TEXT="W" TYPE="RSS" XMLURL="https://w.example/feed"/>',
        '<outline title="W" type="atom" xmlUrl=" https://w.example/feed "/>',  # a title alone
        '<outline text="" title="W" description="" version="RSS" type="rss" htmlUrl="" xmlUrl="https://w.example/feed"/>',
        '<outline text="W" type="rss" url="https://w.example/feed"/>',
        '<outline text="W" xmlUrl="feed:https://w.example/feed"/>',
        '<outline xmlns:frss="https://freshrss.org/opml" text="W" frss:priority="main" xmlUrl="https://w.example/feed"/>',
        '<Outline text="W" xmlUrl="https://w.example/feed"></Outline>',
    ],
)
def test_feeds_are_read_as_other_readers_write_them(outline: str) -> None:
    assert _read(outline) == [Source(url="https://w.example/feed", title="W")]


def test_names_keep_their_letters() -> None:
    body = '<outline text="Zürich – «東京» &amp; &#8220;Ærø&#8221;" xmlUrl="https://w.example/feed"/>'
    assert _read(body)[0].title == "Zürich – «東京» & “Ærø”"
    latin = (
        '<?xml version="1.0" encoding="iso-8859-1"?><opml><body><outline text="Zürich" xmlUrl="https://e.example/"/>'
    )
    outlines, _ = read(f"{latin}</body></opml>".encode("latin-1"), "list.opml")
    assert outlines[0].title == "Zürich"


def test_names_are_single_visible_lines() -> None:
    body = '<outline text="a&#10;b\u202e" xmlUrl="https://w.example/feed"/>'
    assert _read(f'<outline text=" x&#10;y ">{body}</outline>') == [
        Source(url="https://w.example/feed", title="a b", folder=("x y",))
    ]


def test_a_feed_listed_again_is_not_repeated_and_its_other_folder_becomes_a_tag() -> None:
    feed = '<outline text="W" xmlUrl="https://w.example/feed"/>'
    (outline,) = _read(
        f'<outline text="A">{feed}{feed}</outline><outline text="B"><outline text="C">{feed}</outline></outline>'
    )
    assert (outline.folder, outline.tags) == (("A",), ("B/C",))


def test_outlines_that_are_no_feeds_are_left_out() -> None:
    (outline,) = _read(
        '<outline text="a note"/><outline type="link" text="l" url="https://w.example/"/>'
        '<outline text="W" xmlUrl="https://w.example/feed"/><outline text="" xmlUrl=""/>'
    )
    assert outline.title == "W"


@pytest.mark.parametrize("url", ["javascript:alert(1)", "file:///etc/passwd", "https://", "w.example/feed", "feed:"])
def test_a_feed_that_is_not_on_the_web_is_told(url: str) -> None:
    outlines, (problem,) = read(_opml(f'<outline text="W" xmlUrl="{url}"/>'), "list.opml")
    assert outlines == []
    assert "is no web address" in problem.error


def test_many_bad_outlines_are_told_in_few_lines() -> None:
    outlines, problems = read(_opml('<outline xmlUrl="x"/>' * 1000), "list.opml")
    assert (outlines, len(problems)) == ([], 21)
    assert "980 more" in problems[-1].error


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "is empty"),
        (b"hello", "is no OPML file"),
        (b"<rss><channel/></rss>", "is no OPML file"),
        (b"%PDF-1.7", "is no OPML file"),
        (_opml(""), "is a list without feeds"),
        (b"<opml>" + b" " * 10 * 1024 * 1024, "is larger than 10 MiB"),
        (_opml('<outline type="include" url="https://w.example/more.opml"/>'), "names another list"),
    ],
    ids=["empty", "text", "feed", "binary", "no feeds", "large", "list of lists"],
)
def test_what_cannot_be_read_is_told(data: bytes, error: str) -> None:
    outlines, (problem,) = read(data, "list.opml")
    assert outlines == []
    assert problem.source == "list.opml"
    assert error in problem.error


def test_a_list_that_breaks_off_is_read_as_far_as_it_goes() -> None:
    whole = _opml('<outline text="A">' + "".join(f'<outline xmlUrl="https://w.example/{n}"/>' for n in range(9)))
    outlines, (problem,) = read(whole[: whole.index(b"/5")], "list.opml")
    assert [outline.url[-2:] for outline in outlines] == ["/0", "/1", "/2", "/3", "/4"]
    assert "is damaged" in problem.error
    outlines, problems = read(_opml('<outline text="Fish & chips &nbsp;" xmlUrl="https://w.example/?a&b"/>'), "x")
    assert (outlines[0].title, outlines[0].url, problems) == ("Fish & chips", "https://w.example/?a&b", [])


def test_entities_are_never_expanded() -> None:
    entities = '<!DOCTYPE opml [<!ENTITY f SYSTEM "file:///etc/passwd"><!ENTITY l "lol">]>'
    outlines, _ = read(
        f'{entities}<opml><body><outline text="&f;&l;" xmlUrl="https://e.example/"/></body></opml>'.encode(), "x"
    )
    assert outlines[0].title == "&f;&l;"


def test_depth_and_number_are_no_trouble(labelled: Path) -> None:
    start = time.perf_counter()
    read(_opml('<outline text="x">' * 100_000), "deep")
    for line in (labelled / "attacks" / "own_feed_cases.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["name"] == "opml_bomb":
            assert read(base64.b64decode(row["b64"]), "bomb")[0] == []
    many = "".join(f'<outline text="a{n}" xmlUrl="https://w.example/{n}"/>' for n in range(150_000))
    outlines, (problem,) = read(_opml(many), "many")
    assert len(outlines) == 20_000
    assert "holds more than 20,000 feeds" in problem.error
    assert time.perf_counter() - start < 8


_NAMES = hostile_text.map(lambda text: single_line(single_line(text)[:60])).filter(bool)
_TAGS = _NAMES.map(lambda name: single_line(name.replace(",", "")).removeprefix("/")).filter(
    lambda tag: tag == single_line(tag) != "" and not tag.startswith("/")
)
_FEEDS = st.builds(
    Source,
    url=st.uuids().map(lambda number: f"https://w.example/{number}?a=1&b=<2>'"),
    kind=st.sampled_from(("feed", "sitemap", "page")),
    name=st.none() | _NAMES,
    title=st.none() | _NAMES,
    publisher=st.none() | _NAMES,
    owner=st.none() | _NAMES,
    tags=st.lists(_TAGS, unique=True, max_size=3).map(tuple),
    text=st.sampled_from(POLICIES),
    max_items=st.none() | st.integers(1, BOUND_LIMIT),
    max_pages=st.none() | st.integers(0, BOUND_LIMIT),
)


@st.composite
def _lists(draw: st.DrawFn, folder: tuple[str, ...] = ()) -> list[Source]:
    """Feeds in the order of a tree of folders, the names of neighbours apart."""
    found = [replace(one, folder=folder) for one in draw(st.lists(_FEEDS, max_size=3))]
    if len(folder) < 3:
        for name in draw(st.lists(_NAMES, unique=True, max_size=2)):
            found += draw(_lists((*folder, name)))
            found += [replace(one, folder=folder) for one in draw(st.lists(_FEEDS, max_size=1))]
    return found


@given(_lists(), hostile_text)
def test_what_is_written_is_read_again(outlines: list[Source], title: str) -> None:
    text = write(outlines, title)
    again, problems = read(text.encode(), "list.opml")
    assert again == outlines
    assert problems == [] or not outlines
    assert write(again, title) == text


def test_what_is_exported_gives_the_same_sources_in_an_empty_store() -> None:
    with open_store(MEMORY) as database:

        @given(_lists())
        def check(sources: list[Source]) -> None:
            found, _ = read(write(sources, "t").encode(), "list.opml")
            assert add_all(database, found) == (sources, [])
            assert [one.source for one in database.read(listed)] == sources
            database.write(remove, *(one.url for one in sources))

        check()


@given(
    st.lists(
        _FEEDS.flatmap(lambda feed: st.lists(_NAMES, max_size=3).map(lambda names: replace(feed, folder=tuple(names))))
    )
)
def test_feeds_of_one_folder_are_written_together_and_none_is_lost(outlines: list[Source]) -> None:
    again, _ = read(write(outlines, "t").encode(), "list.opml")
    assert sorted(again, key=lambda one: one.url) == sorted(outlines, key=lambda one: one.url)
    for folder in {one.folder for one in outlines}:
        of_folder = [one for one in outlines if one.folder == folder]
        assert [one for one in again if one.folder == folder] == of_folder


def test_what_is_written_is_opml_that_any_parser_reads() -> None:
    text = write([Source(url="https://w.example/feed", title="A \"B\" <C> & 'D'", folder=("X", "Y"))], "Mine & <yours>")
    root = ET.fromstring(text)
    assert (root.tag, root.get("version"), root.findtext("head/title")) == ("opml", "2.0", "Mine & <yours>")
    (outline,) = root.findall("body/outline[@text='X']/outline[@text='Y']/outline")
    assert outline.attrib == {
        "type": "rss",
        "text": "A \"B\" <C> & 'D'",
        "title": "A \"B\" <C> & 'D'",
        "xmlUrl": "https://w.example/feed",
    }


def test_ten_thousand_feeds_are_written_and_read_in_a_moment(labelled: Path) -> None:
    rows = [
        json.loads(line) for line in (labelled / "feeds" / "feed_urls.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    outlines = {
        row["feed"]: Source(url=row["feed"], folder=tuple(single_line(part) for part in row["category"].split("|")))
        for row in rows
        if row["feed"].startswith("http")
    }
    start = time.perf_counter()
    again, _ = read(write(outlines.values(), "all").encode(), "all.opml")
    assert time.perf_counter() - start < 5
    found = {one.url: one.folder for one in again}
    assert found == {one.url.strip().replace(" ", "%20"): one.folder for one in outlines.values()}


def _with_own(attributes: str) -> tuple[list[Source], list[str]]:
    outline = f'<outline xmlns:own="{NAMESPACE}" text="Winch" xmlUrl="https://w.example/feed" {attributes}/>'
    sources, problems = read(_opml(outline), "list.opml")
    return sources, [one.error for one in problems]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("text", "bogus"), ("text", ""), ("text", "PAGE"), ("max_items", "-5"), ("max_items", "0"),
        ("max_items", "1000001"), ("max_items", "1_0"), ("max_items", "\u0665"), ("max_items", ""),
        ("max_items", "9" * 5000), ("max_pages", "-1"), ("max_pages", "1.5"), ("max_pages", "many"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_left_out_and_told_with_its_outline(key: str, value: str) -> None:
    sources, (error,) = _with_own(f'own:{key}="{value}" own:owner="Group"')
    assert sources == [Source(url="https://w.example/feed", title="Winch", owner="Group")]
    assert error.startswith(f"Winch: {key}=")
    assert len(error) < 150


def test_a_name_of_the_readers_own_leaves_the_title_to_the_feed() -> None:
    feed = Source(url="https://w.example/feed")
    assert _with_own('own:name="Mine" title="The Winch"') == ([replace(feed, name="Mine", title="The Winch")], [])
    assert _with_own('own:name="Mine"') == ([replace(feed, name="Mine")], [])
    assert _with_own('own:name=" " title="The Winch"') == ([replace(feed, title="Winch")], [])


def test_attributes_of_others_and_of_later_versions_are_passed_by() -> None:
    feed = Source(url="https://w.example/feed", title="Winch")
    assert _with_own('own:colour="red" max_items="5" xmlns:x="urn:x" x:owner="them" x:text="page"') == ([feed], [])


@pytest.mark.parametrize("text", ["", 'text="https://me:canary@w.example/feed"'])
def test_a_setting_that_is_wrong_shows_no_password(text: str) -> None:
    outline = f'<outline xmlns:own="{NAMESPACE}" {text} xmlUrl="https://me:canary@w.example/feed" own:text="bogus"/>'
    _, (problem,) = read(_opml(outline), "list.opml")
    assert problem.error.startswith("https://w.example/feed: text='bogus'")


def test_a_source_without_a_name_comes_back_without_one_though_its_address_holds_a_password() -> None:
    source = Source(url="https://me:canary@w.example/feed")
    assert read(write([source], "t").encode(), "x") == ([source], [])


def test_a_kind_that_is_code_is_not_taken_from_a_list() -> None:
    assert _read('<outline text="W" type="os:system" xmlUrl="https://w.example/feed"/>')[0].kind == "feed"
