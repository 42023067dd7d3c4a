"""Fetching while something is wrong: with the network, with a server, with what a feed says, with this machine."""

from __future__ import annotations

import base64
import json
import math
import resource
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import trafilatura  # noqa: F401 - pytest takes back, after a test, what loading sets to keep it quiet
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from briefing.domain import Article
from briefing.fetch.round import Round, Wishes
from briefing.fetch.run import fetch
from briefing.fetch.telling import in_lines, status_lines
from briefing.sources import Source, SourceState
from briefing.store import Database, open_store
from briefing.store.lookup import newest
from briefing.store.schema import articles, metadata
from briefing.store.sources import Kept, add, listed
from briefing.web import Answer as WebAnswer
from briefing.web import Ask, Limits, Resolve, Web
from tests.command import Answer, briefing, environment
from tests.newsroom import NOW, newsroom
from tests.stored import counts, rows
from tests.web_server import Handler, head, in_turn, redirect, reply, reset, serving

HOUR = timedelta(hours=1)
LOGIN = b"<!doctype html><html><body><form>Log in to the hotel's network <input name='room'></form></body></html>"
PUBLIC = "127.0.0.99"  # on no list: what is there may not be reached


class Desk:
    """A store, and rounds over its sources at any time."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, *urls: str, **wishes: Any) -> None:
        """Store sources, all of them with these wishes."""
        found = [Source(url=url, **{"text": "feed", **wishes}) for url in urls]
        self.database.write(lambda connection: [add(connection, one, NOW) for one in found])

    def round(
        self,
        at: datetime = NOW,
        *,
        timeout: float = 1.0,
        workers: int = 20,
        pages: bool = False,
        again: bool = False,
        resolve: Resolve | None = None,
        intranet: Sequence[str] = ("127.0.0.0/26", "127.0.1.0/24"),
    ) -> Round:
        """What one round comes to."""
        wishes = Wishes(workers=workers, pages_within=timedelta(days=2) if pages else None, again=again)
        with Web(Limits(timeout=timeout, intranet=frozenset(intranet)), resolve=resolve) as web:
            return fetch(self.database, web, wishes, lambda: at)

    def kept(self, number: int = 0) -> Kept:
        """A source as it is stored, by the order in which they were added."""
        return self.database.read(listed)[number]

    def state(self, number: int = 0) -> SourceState:
        """How a source fares."""
        return self.kept(number).state

    def articles(self) -> list[Article]:
        """All articles with their newest text."""
        known = self.database.read(lambda connection: connection.execute(select(articles.c.id)).scalars().all())
        return list(self.database.read(newest, known).values())

    def counts(self) -> dict[str, int]:
        """How much is stored."""
        return counts(self.database, "articles", "article_versions", "items")


@pytest.fixture
def desk(tmp_path: Path, migrated: dict[str, str]) -> Iterator[Desk]:
    shutil.copyfile(migrated["sqlite"], tmp_path / "store.sqlite")
    (tmp_path / "store.sqlite").chmod(0o600)
    with open_store(tmp_path / "store.sqlite") as database:
        yield Desk(database)


def feed_of(*entries: str) -> bytes:
    return f"<rss version='2.0'><channel><title>Paper</title>{''.join(entries)}</channel></rss>".encode()


def entry(guid: str, **fields: str) -> str:
    said = {"title": f"Pier {guid} opened in Lowick", "description": f"Pier {guid} opened.", **fields}
    return f"<item><guid>{guid}</guid>{''.join(f'<{key}>{value}</{key}>' for key, value in said.items())}</item>"


ONE = feed_of(entry("a"))


def run_as_user(folder: Path, *arguments: str, before: Sequence[str] = (), **changes: str) -> Answer:
    """A whole process, as `tests.command.briefing` is none."""
    own = environment(BRIEFING_STORE=str(folder / "store.sqlite"), BRIEFING_FETCH__INTRANET="127.0.0.0/8", **changes)
    command = [*before, sys.executable, "-m", "briefing", *arguments]
    done = subprocess.run(command, env=own, cwd=folder, capture_output=True, text=True, check=False, timeout=120)
    return Answer(done.returncode, done.stdout, done.stderr)


# --- hosts that hang ---------------------------------------------------------------------------------------------


def test_thirty_hosts_of_a_hundred_hang_and_the_run_ends_in_time_with_all_that_the_others_have(desk: Desk):
    timeout, workers, hanging = 4.0, 20, 30
    hosts = [f"127.0.1.{number}" for number in range(1, 101)]
    with newsroom(hosts, feeds=100, items=2) as room:
        for feed in range(0, 90, 3):
            room.fail("*", "hang", room.host(feed))
        desk.add(*room.addresses)
        began = time.monotonic()
        result = desk.round(timeout=timeout, workers=workers)
        taken = time.monotonic() - began
    assert taken < timeout * math.ceil(hanging / workers) * 1.2
    assert (result.asked, len(result.failed), result.stored.new) == (100, 30, 140)
    assert result.kinds == {"deadline": 30}


# --- what a server answers ---------------------------------------------------------------------------------------


def test_what_is_unchanged_is_neither_news_nor_a_failure(desk: Desk):
    with newsroom(items=3) as room:
        desk.add(*room.addresses)
        first, second = desk.round(), desk.round()
    assert (first.stored.new, first.unchanged) == (3, 0)
    assert (second.stored.new, second.unchanged, second.failed, second.notes) == (0, 1, [], [])


def test_the_same_body_under_another_etag_stores_nothing(desk: Desk):
    tagged = [reply(ONE, headers={"ETag": f'"{number}"'}) for number in range(2)]
    with serving({"/feed": in_turn(*tagged)}) as site:
        desk.add(site.url("/feed"))
        desk.round()
        before = desk.counts()
        result = desk.round()
    assert (result.stored.new, result.stored.edited, result.unchanged) == (0, 0, 0)
    assert desk.counts() == before
    assert desk.state().etag == '"1"'


@pytest.mark.parametrize(
    "handler", [reply(b""), reply(b"", 204), reply(b" \n")], ids=["empty", "no content", "only space"]
)
def test_an_answer_that_holds_nothing_is_a_failure_and_what_was_stored_stays(desk: Desk, handler: Handler):
    with serving({"/feed": in_turn(reply(ONE), handler)}) as site:
        desk.add(site.url("/feed"))
        desk.round()
        before = desk.counts()
        result = desk.round()
    assert len(result.failed) == 1
    assert desk.counts() == before
    assert desk.state().failing_since == NOW


@pytest.mark.parametrize("status", [301, 308])
def test_where_a_source_has_moved_to_for_good_is_told_and_taken_after_three_sightings(desk: Desk, status: int):
    with serving({"/old": redirect("/new", status), "/new": reply(ONE)}) as site:
        desk.add(site.url("/old"))
        told = []
        for hour in range(4):
            desk.round(NOW + hour * HOUR)
            told.append(next(iter(status_lines([desk.kept()], NOW, {}))))
        new = site.url("/new")
        assert site.paths == ["/old", "/new"] * 3 + ["/new"]
    assert f"moved to {new} (seen 1 time)" in told[0]
    assert f"now at {new}" in told[3]
    assert desk.kept().source.url.endswith("/old")
    assert desk.counts()["articles"] == 1


def test_a_source_that_has_moved_for_now_is_asked_where_it_was(desk: Desk):
    with serving({"/old": redirect("/new", 302), "/new": reply(ONE)}) as site:
        desk.add(site.url("/old"))
        for hour in range(4):
            desk.round(NOW + hour * HOUR)
        assert site.paths == ["/old", "/new"] * 4
    assert desk.state().address.endswith("/old")


def test_a_source_that_is_gone_is_never_asked_again_unless_that_is_wished(desk: Desk):
    with serving({"/feed": reply(b"", 410)}) as site:
        desk.add(site.url("/feed"))
        desk.round()
        later = desk.round(NOW + timedelta(days=30))
        assert site.paths == ["/feed"]
        assert desk.round(NOW + timedelta(days=30), again=True).asked == 1
    assert (later.asked, later.ended) == (0, 1)
    assert "gone for good" in next(iter(status_lines([desk.kept()], NOW, {})))


@pytest.mark.parametrize("status", [401, 403, 404, 451])
def test_a_source_that_refuses_is_asked_less_and_less_often_and_is_listed(desk: Desk, status: int):
    with serving({"/feed": reply(b"no", status)}) as site:
        desk.add(site.url("/feed"))
        asked = [desk.round(NOW + minutes * timedelta(minutes=1)).asked for minutes in range(0, 120, 5)]
    assert asked[:3] == [1, 1, 1]
    assert sum(asked) == 6  # after the third failure about 15 minutes later, then 30, then 60
    line = next(iter(status_lines([desk.kept()], NOW, {})))
    assert line.startswith("failing")
    assert str(status) in line
    assert "6 times in a row" in line


@pytest.mark.parametrize(
    ("stated", "least", "most"),
    [
        ("3600", 3600, 3600),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 1, 1),
        ("1000000000", 86400, 86400),
        ("-5", 1, 1),
        ("soon", 0, 0),
    ],
)
def test_a_server_that_says_when_to_come_again_is_obeyed_in_the_next_run_and_never_waited_for(
    desk: Desk, stated: str, least: int, most: int
):
    with serving({"/feed": reply(b"", 429, {"Retry-After": stated})}) as site:
        desk.add(site.url("/feed"))
        began = time.monotonic()
        desk.round(timeout=5)
        assert time.monotonic() - began < 2
        waits = ((desk.state().next_at or NOW) - NOW).total_seconds()
        assert least <= waits <= most
        if waits:
            assert desk.round(NOW + timedelta(seconds=waits - 0.5)).waiting == 1
        assert desk.round(NOW + timedelta(seconds=waits)).asked == 1
        assert len(site.paths) == 2


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_server_in_trouble_is_tried_three_times_in_a_run_and_again_in_the_next(desk: Desk, status: int):
    with serving({"/feed": reply(b"", status)}) as site:
        desk.add(site.url("/feed"))
        for hour in range(2):
            assert len(desk.round(NOW + hour * HOUR, timeout=5).failed) == 1
        assert len(site.paths) == 6
    assert desk.state().failures == 2


def test_a_server_that_comes_back_within_a_run_was_never_failing(desk: Desk):
    with serving({"/feed": in_turn(reply(b"", 502), reply(ONE))}) as site:
        desk.add(site.url("/feed"))
        result = desk.round(timeout=5)
    assert (result.failed, result.stored.new) == ([], 1)


def test_a_feed_that_is_reset_in_its_middle_is_tried_again_and_stored_whole_or_not_at_all(desk: Desk):
    whole = feed_of(*(entry(str(number)) for number in range(20)))
    broken = reset(head(200, {"Content-Length": str(len(whole))}) + whole[: len(whole) // 2])
    with serving({"/feed": in_turn(broken, broken, broken, broken, reply(whole))}) as site:
        desk.add(site.url("/feed"))
        assert desk.round(timeout=5).failed
        assert desk.counts() == {"articles": 0, "article_versions": 0, "items": 0}
        assert desk.state().error_kind == "connection"
        assert desk.round(NOW + HOUR, timeout=5).stored.new == 20
        assert len(site.paths) == 5


def test_names_that_are_not_found_that_fail_and_that_do_not_come_are_told_apart(desk: Desk):
    def resolve(host: str, port: int) -> Sequence[str]:
        if host == "slow.example":
            time.sleep(1.5)
        if host == "failed.example":
            raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    desk.add(*(f"http://{name}.example/feed" for name in ("unknown", "failed", "slow")))
    began = time.monotonic()
    result = desk.round(resolve=resolve, timeout=0.6)
    assert time.monotonic() - began < 1.4
    assert result.kinds == {"dns": 3}
    assert len({desk.state(number).error for number in range(3)}) == 3


# --- no way out --------------------------------------------------------------------------------------------------


def test_without_any_network_the_run_fails_soon_and_yesterdays_news_is_as_it_was(tmp_path: Path):
    if shutil.which("unshare") is None or subprocess.run(["unshare", "-rn", "true"], check=False).returncode:
        pytest.skip("unshare -rn is not allowed here")
    with newsroom(["127.0.0.2", "127.0.0.3"], feeds=4, items=3) as room:
        (tmp_path / "feeds.opml").write_bytes(room.opml())
        assert run_as_user(tmp_path, "import", "feeds.opml").code == 0
        assert run_as_user(tmp_path, "fetch", "--no-pages").code == 0
        with open_store(tmp_path / "store.sqlite") as database:
            before = [rows(database, name) for name in ("article_versions", "items")]
        began = time.monotonic()
        answer = run_as_user(tmp_path, "fetch", before=["unshare", "-rn"], SOURCE_DATE_EPOCH="1729663200")
        assert time.monotonic() - began < 60
        assert answer.code == 1
        assert "all 4 sources failed alike" in answer.err
        with open_store(tmp_path / "store.sqlite") as database:
            assert [rows(database, name) for name in ("article_versions", "items")] == before
            assert {row["page"] for row in rows(database, "articles")} == {"wanted"}  # to be had when it is back
            assert all(one.state.failing_since for one in database.read(listed))


def test_a_login_page_before_everything_is_told_once_as_what_it_is(desk: Desk):
    with serving(reply(LOGIN, headers={"Content-Type": "text/html"})) as site:
        desk.add(*(site.url(f"/feed/{number}") for number in range(5)))
        result = desk.round()
    told = list(in_lines(result))
    assert result.kinds == {"content": 5}
    assert len(told) == 2
    assert "all 5 sources failed alike" in told[0]
    assert "is no feed" in told[0]
    assert "login page" in told[0]


# --- pages -------------------------------------------------------------------------------------------------------

PAYWALL = b"""<!doctype html><html><head><title>Pier 1 opened in Lowick</title><script type="application/ld+json">
{"@type": "NewsArticle", "headline": "Pier 1 opened in Lowick", "isAccessibleForFree": false}</script></head><body>
<article><h1>Pier 1 opened in Lowick</h1><p>Pier 1 opened.</p><p>Subscribe to continue reading.</p></article></body>"""
SCRIPTED = b"<!doctype html><html><body><div id=root></div><noscript>Please enable JavaScript.</noscript><script>" + (
    b"var words = 'none of this is news';" * 200 + b"</script></body></html>"
)
HTML = {"Content-Type": "text/html; charset=utf-8"}


@pytest.mark.parametrize(
    ("handler", "flags"),
    [
        (reply(b"no", 403), {"feed-text"}),
        (reply(b""), {"feed-text"}),
        (reply(b"<!doctype html><html><body></body></html>", headers=HTML), {"feed-text"}),
        (reply(PAYWALL, headers=HTML), {"feed-text", "paywalled"}),
        (reply(SCRIPTED, headers=HTML), {"feed-text", "script-only"}),
    ],
    ids=["403", "empty", "without text", "paywall", "script"],
)
def test_where_the_page_gives_nothing_the_feeds_own_text_stands_and_says_so(
    desk: Desk, handler: Handler, flags: set[str]
):
    paths: dict[str, Handler] = {"/page": handler}
    with serving(paths) as site:
        paths["/feed"] = reply(feed_of(entry("1", link=site.url("/page"))))
        desk.add(site.url("/feed"), text="auto")
        result = desk.round(pages=True)
    (article,) = desk.articles()
    assert (result.pages, len(result.page_problems)) == (0, 1)
    assert article.body == "Pier 1 opened."
    assert set(article.flags) == flags


def test_a_page_that_robots_txt_closes_is_not_asked(desk: Desk):
    robots = reply(b"User-agent: *\nDisallow: /page\n", headers={"Content-Type": "text/plain"})
    paths: dict[str, Handler] = {"/robots.txt": robots}
    with serving(paths) as site:
        paths["/feed"] = reply(feed_of(entry("1", link=site.url("/page"))))
        desk.add(site.url("/feed"), text="auto")
        desk.round(pages=True)
        assert site.paths == ["/feed", "/robots.txt"]
    (row,) = rows(desk.database, "articles")
    assert (row["page"], "robots.txt" in row["page_error"]) == ("failed", True)


def test_no_page_is_asked_where_robots_txt_cannot_be_had(desk: Desk):
    paths: dict[str, Handler] = {"/robots.txt": reply(b"", 503), "/page": reply(PAYWALL)}
    with serving(paths) as site:
        paths["/feed"] = reply(feed_of(entry("1", link=site.url("/page"))))
        desk.add(site.url("/feed"), text="auto")
        desk.round(pages=True, timeout=3)
        assert "/page" not in site.paths
    assert [article.body for article in desk.articles()] == ["Pier 1 opened."]
    (row,) = rows(desk.database, "articles")
    assert (row["page"], row["page_after"] > NOW) == ("wanted", True)


def test_neither_a_feed_nor_a_page_leads_to_an_address_that_is_not_public(desk: Desk):
    paths: dict[str, Handler] = {}
    with serving(paths, ["127.0.0.1", PUBLIC]) as site:
        paths |= {
            "/feed": reply(feed_of(entry("1", link=site.url("/page")), entry("2", link=site.url("/secret", PUBLIC)))),
            "/other": redirect(site.url("/secret", PUBLIC)),
            "/page": redirect(site.url("/secret", PUBLIC)),
            "/secret": reply(PAYWALL, headers=HTML),
        }
        desk.add(site.url("/feed"), site.url("/other"), text="auto")
        result = desk.round(pages=True)
        assert "/secret" not in site.paths
        assert all(seen.host == "127.0.0.1" for seen in site.requests)
    assert result.kinds == {"address": 1}
    assert len(result.page_problems) == 2


# --- what a feed says --------------------------------------------------------------------------------------------


class Told:
    """In place of the web: the same answer to everything."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def get(self, ask: Ask) -> WebAnswer:
        return WebAnswer(status=200, url=ask.url, data=self.body)


GUIDS = st.sampled_from(
    ["", "1", "2", "http://a.example/1", "https://a.example/1", "urn:x", "ß" * 40, "<b>", " 1 ", "0"]
)
LINKS = st.sampled_from(
    [
        "",
        "http://a.example/1",
        "https://a.example/1",
        "https://a.example/1?utm_source=feed",
        "https://a.example/1#top",
        "https://a.example/2?id=7&amp;fbclid=x",
        "https://a.example/2?id=7",
        "/3",
        "https://a.example/",
        "mailto:desk@a.example",
    ]
)
TITLES = st.sampled_from(["", "Pier opened", "Pier closed", "Ferry late", "&amp;"])
TEXTS = st.sampled_from(["", "The pier of Lowick opened on Monday.", "The ferry was late by two hours."])
ENTRIES = st.lists(st.tuples(GUIDS, LINKS, TITLES, TEXTS), max_size=8)


def as_feed(entries: Sequence[tuple[str, str, str, str]]) -> bytes:
    from html import escape

    return feed_of(
        *(
            f"<item><guid>{escape(guid)}</guid><link>{link}</link><title>{title}</title>"
            f"<description>{text}</description></item>"
            for guid, link, title, text in entries
        )
    )


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory, migrated: dict[str, str]) -> Iterator[Database]:
    file = tmp_path_factory.mktemp("shelf") / "store.sqlite"
    shutil.copyfile(migrated["sqlite"], file)
    file.chmod(0o600)
    with open_store(file) as database:
        yield database


def emptied(database: Database) -> Desk:
    def empty(connection: Any) -> None:
        for table in reversed(metadata.sorted_tables):
            connection.execute(table.delete())

    database.write(empty)
    return Desk(database)


def asked(desk: Desk, body: bytes) -> Round:
    told: Any = Told(body)
    return fetch(desk.database, told, Wishes(pages_within=None, workers=1), lambda: NOW)


@given(entries=ENTRIES)
def test_whatever_ids_and_addresses_a_feed_gives_fetched_twice_it_stores_nothing_more(
    shelf: Database, entries: list[tuple[str, str, str, str]]
):
    desk = emptied(shelf)
    desk.add("http://a.example/feed")
    asked(desk, as_feed(entries))
    before, states = desk.counts(), rows(desk.database, "articles")
    second = asked(desk, as_feed(entries))
    third = asked(desk, as_feed(entries[::-1]))
    assert second.stored == third.stored == type(second.stored)()
    assert desk.counts() == before
    assert rows(desk.database, "articles") == states


@given(
    numbers=st.lists(st.integers(1, 9), unique=True, min_size=1, max_size=5),
    first=st.sampled_from(["http://a.example/{}", "https://a.example/{}?utm_source=x", "https://A.example/{}#top"]),
    second=st.sampled_from(["https://a.example/{}", "http://a.example/{}?fbclid=1&amp;utm_medium=y"]),
    guids=st.sampled_from(["none", "kept", "new"]),
)
def test_an_address_told_in_another_way_is_no_other_article(
    shelf: Database, numbers: list[int], first: str, second: str, guids: str
):
    desk = emptied(shelf)
    desk.add("http://a.example/feed")

    def body(link: str, turn: int) -> bytes:
        names = {"none": "", "kept": "g{}", "new": f"g{{}}-{turn}"}[guids]
        told = [(names.format(one), link.format(one), f"Case {one}", "The pier opened.") for one in numbers]
        return as_feed(told)

    asked(desk, body(first, 1))
    before = desk.counts()
    result = asked(desk, body(second, 2))
    after = desk.counts()
    assert result.stored.new == 0
    assert after["articles"] == before["articles"] == len(numbers)
    assert after["article_versions"] == before["article_versions"]


@given(entries=ENTRIES, more=ENTRIES)
def test_every_item_stands_for_an_article_whose_newest_text_is_there(
    shelf: Database, entries: list[tuple[str, str, str, str]], more: list[tuple[str, str, str, str]]
):
    desk = emptied(shelf)
    desk.add("http://a.example/feed")
    asked(desk, as_feed(entries))
    asked(desk, as_feed([*more, *entries[::2]]))
    known = {row["id"] for row in rows(desk.database, "articles")}
    assert {row["article_id"] for row in rows(desk.database, "items")} == known
    assert {article.id for article in desk.articles()} == known


def test_a_guid_that_is_used_again_for_another_article_is_another_article(desk: Desk):
    with newsroom(items=2) as room:
        desk.add(*room.addresses)
        desk.round()
        room.edit(0, 0, title="Another matter", path="/elsewhere", paragraphs=("It is quite another matter.",) * 2)
        result = desk.round()
    assert (result.stored.new, result.stored.edited) == (1, 0)


def test_an_item_that_is_edited_is_a_new_version_of_its_article(desk: Desk):
    with newsroom(items=2) as room:
        desk.add(*room.addresses)
        desk.round()
        room.edit(0, 0, paragraphs=("It was postponed after all.",) * 2)
        result = desk.round()
    assert (result.stored.new, result.stored.edited) == (0, 1)
    assert desk.counts() == {"articles": 2, "article_versions": 3, "items": 3}


@pytest.mark.parametrize(
    ("stated", "published", "counts_from"),
    [
        ("Tue, 22 Oct 2024 05:00:00 GMT", "2024-10-22T05:00:00+00:00", NOW),
        ("Fri, 18 Oct 2024 05:00:00 GMT", "2024-10-18T05:00:00+00:00", datetime(2024, 10, 18, 5, tzinfo=UTC)),
        ("Thu, 22 Oct 2099 05:00:00 GMT", "2024-10-22T06:00:00Z", NOW),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None, NOW),
        ("", None, NOW),
        ("Fri, 30 Feb 2024 05:00:00 GMT", None, NOW),
        ("Mon, 21 Oct 2024 05:00:00 +9999", None, NOW),
    ],
    ids=["today", "last week", "2099", "1970", "none", "30 February", "zone +9999"],
)
def test_a_date_that_cannot_be_is_not_taken_and_the_article_counts_from_its_fetch(
    desk: Desk, stated: str, published: str | None, counts_from: datetime
):
    with serving({"/feed": reply(feed_of(entry("1", pubDate=stated)))}) as site:
        desk.add(site.url("/feed"))
        desk.round()
    (article,), (row,) = desk.articles(), rows(desk.database, "articles")
    assert article.published == published
    assert row["counts_from"] == counts_from


@pytest.mark.parametrize("words", [0, 12])
def test_a_feed_of_a_hundred_thousand_items_is_cut_or_refused_within_ten_seconds_and_says_so(desk: Desk, words: int):
    text = "The pier opened. " * words
    parts = (f"<item><title>Case {n}</title><guid>{n}</guid>{text}</item>" for n in range(100_000))
    with serving({"/feed": reply(feed_of(*parts))}) as site:
        desk.add(site.url("/feed"))
        began = time.monotonic()
        result = desk.round(timeout=20)
        assert time.monotonic() - began < 10
    if words:
        assert result.kinds == {"size": 1}
    else:
        assert result.stored.new == 2000
        assert [note.error for note in result.notes] == ["holds more than 2,000 items; the first 2,000 are read"]


def test_hostile_feeds_go_the_whole_way_and_do_no_harm(desk: Desk, labelled: Path):
    lines = (labelled / "attacks" / "own_feed_cases.jsonl").read_text(encoding="utf-8").splitlines()
    cases = {row["name"]: base64.b64decode(row["b64"]) for row in map(json.loads, lines)}
    paths: dict[str, Handler] = {}
    with serving(paths) as site:
        paths |= {
            f"/{name}": reply(body.replace(b"{port}", str(site.port).encode()), headers={"Content-Type": "text/xml"})
            for name, body in cases.items()
        }
        desk.add(*(site.url(f"/{name}") for name in cases))
        first = desk.round(timeout=20)
        before = desk.counts()
        second = desk.round(NOW + HOUR, timeout=20)
        assert set(site.paths) == {f"/{name}" for name in cases}  # none of them made us ask for anything else
    assert first.asked == second.asked == len(cases)
    assert second.stored.new == second.stored.edited == 0
    assert desk.counts() == before
    known = {row["id"] for row in rows(desk.database, "articles")}
    assert {row["article_id"] for row in rows(desk.database, "items")} == known
    assert "root:" not in "".join(article.text for article in desk.articles())
    assert not any("<script" in article.body for article in desk.articles())


# --- this machine ------------------------------------------------------------------------------------------------


def test_a_thousand_articles_are_fetched_and_made_into_an_edition_in_300_megabytes(tmp_path: Path):
    peaks = {}
    with newsroom(["127.0.0.2", "127.0.0.3"], feeds=20, items=50) as room:
        (tmp_path / "feeds.opml").write_bytes(room.opml())
        assert run_as_user(tmp_path, "import", "feeds.opml").code == 0
        for verb in (["fetch"], ["build", "--max-events", "30"]):
            measured = (
                f"import os, sys; command = [sys.executable, '-m', 'briefing', *{verb}, '-q'];"
                "_, status, usage = os.wait4(os.posix_spawn(sys.executable, command, os.environ), 0);"
                "print(usage.ru_maxrss); sys.exit(os.waitstatus_to_exitcode(status))"
            )
            own = environment(BRIEFING_STORE=str(tmp_path / "store.sqlite"), BRIEFING_FETCH__INTRANET="127.0.0.0/8")
            done = subprocess.run(
                [sys.executable, "-c", measured], env=own, cwd=tmp_path, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, done.stderr
            peaks[verb[0]] = int(done.stdout.split()[-1]) / 1000
    with open_store(tmp_path / "store.sqlite") as database:
        assert counts(database, "articles") == {"articles": 1000}
    assert max(peaks.values()) < 300, peaks


def test_sixty_four_open_files_are_enough_for_a_hundred_hosts(tmp_path: Path):
    hosts = [f"127.0.1.{number}" for number in range(1, 101)]
    own = environment(BRIEFING_STORE=str(tmp_path / "store.sqlite"), BRIEFING_FETCH__INTRANET="127.0.0.0/8")
    with newsroom(hosts, feeds=100, items=1) as room:
        (tmp_path / "feeds.opml").write_bytes(room.opml())
        assert run_as_user(tmp_path, "import", "feeds.opml").code == 0
        done = subprocess.run(
            [sys.executable, "-m", "briefing", "fetch", "--no-pages"],
            env=own,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64)),
        )
    assert done.returncode == 0, done.stderr
    assert "100 articles new" in done.stderr


# --- for days ----------------------------------------------------------------------------------------------------


def test_half_of_the_sources_fail_for_three_days_and_each_edition_says_which_and_since_when(tmp_path: Path):
    store, day = str(tmp_path / "store.sqlite"), 86400

    def at(number: int, *arguments: str) -> Answer:
        epoch = str(int(NOW.timestamp()) + day * number)
        return briefing(
            *arguments, BRIEFING_STORE=store, BRIEFING_FETCH__INTRANET="127.0.0.0/8", SOURCE_DATE_EPOCH=epoch
        )

    with newsroom(["127.0.0.2", "127.0.0.3"], feeds=4, items=6) as room:
        at(0, "add", "--no-check", *room.addresses)
        for number in range(5):
            if number == 1:
                for feed in (1, 3):
                    room.fail(f"/feed/{feed}", 404, room.host(feed))
            if number:
                room.publish(2, timedelta(days=1))
            fetched = at(number, "fetch", "--no-pages")
            built = at(number, "build", "-q", "-o", str(tmp_path / "out"))
            assert (fetched.code, built.code) == ((3, 3) if number else (0, 0)), fetched.err + built.err
    found = json.loads((tmp_path / "out" / "2024-10-26.json").read_text(encoding="utf-8"))
    missing = {one["source"]: one["error"] for one in found["report"]["sources_failed"]}
    assert sorted(missing) == ["Paper 1", "Paper 3"]
    assert all("for 3 days" in error and "404" in error for error in missing.values())
    assert {one["publisher"] for one in found["articles"]} == {"Paper 0", "Paper 2"}
    assert "Paper 1" in (tmp_path / "out" / "2024-10-26.md").read_text(encoding="utf-8")
