"""The pages of new articles: the whole text in place of a teaser, or why there is none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta

import pytest

from briefing.aside import here
from briefing.domain import Article
from briefing.fetch.hosts import Hosts
from briefing.fetch.news import Reading
from briefing.fetch.pages import AGAIN, PAGES, Page, Pages, bounded
from briefing.sources import Source
from briefing.store.lookup import Wanted
from briefing.web import Limits, Web, WebError
from tests.stored import NOW
from tests.web_server import Handler, Site, hang, redirect, reply, reset, serving

PARAGRAPH = "The council met again on Monday and agreed on the repair of the old pier in the harbour of the town. "
BODY = "".join(f"<p>{PARAGRAPH * 3}</p>" for _ in range(4))
TITLE = "Pier to be repaired"
HEAD = f"<!doctype html><html><head><title>{TITLE}</title></head>"
ARTICLE = f"{HEAD}<body><article><h1>{TITLE}</h1>{BODY}</article></body></html>"
HTML = {"Content-Type": "text/html; charset=utf-8"}
SOURCES = {1: Source(url="http://a.test/feed")}


def wanted(url: str, tries: int = 0, source_id: int = 1) -> Wanted:
    article = Article(id="seven", title="Pier to be repaired", body="A teaser.", flags=("feed-text",))
    return Wanted(article=article, url=url, source_id=source_id, tries=tries)


def pages_of(handlers: Mapping[str, Handler], use: Callable[[Pages, Site], Page], timeout: float = 5.0) -> Page:
    limits = Limits(timeout=timeout, intranet=frozenset({"127.0.0.1"}))
    with serving({"/robots.txt": reply(b"", 404), **handlers}) as site, Web(limits) as web:
        return use(Pages(web, Reading(here), SOURCES, NOW), site)


def one(handler: Handler, timeout: float = 5.0, tries: int = 0) -> Page:
    return pages_of({"/7": handler}, lambda pages, site: pages(wanted(site.url("/7"), tries)), timeout)


def test_a_page_gives_the_whole_text():
    page = one(reply(ARTICLE.encode(), headers=HTML))
    assert page.error is None
    assert page.article is not None
    assert page.article.body.startswith("The council met again")
    assert "feed-text" not in page.article.flags


def test_and_is_asked_once_more_half_a_day_later_for_news_is_corrected():
    first = one(reply(ARTICLE.encode(), headers=HTML))
    assert (first.state, first.after) == ("wanted", NOW + AGAIN)
    assert first.article is not None
    known = replace(wanted(""), article=first.article, tries=1)
    handlers = {"/7": reply(ARTICLE.replace("Monday", "Tuesday").encode(), headers=HTML), "/8": reply(b"", 404)}
    again = pages_of(handlers, lambda pages, site: pages(replace(known, url=site.url("/7"))))
    assert again.article is not None
    assert (again.state, "Tuesday" in again.article.body) == ("had", True)
    emptied = {"/7": reply(b"<html><body><p>Subscribe to continue reading</p></body></html>", headers=HTML)}
    empty = pages_of(emptied, lambda pages, site: pages(replace(known, url=site.url("/7"))))
    assert (empty.state, empty.article) == ("had", None)  # neither lost nor marked
    lost = pages_of(handlers, lambda pages, site: pages(replace(known, url=site.url("/8"))))
    assert (lost.state, lost.article) == ("had", None)


def test_a_host_that_asks_for_time_gets_it():
    def use(pages: Pages, site: Site) -> Page:
        pages(wanted(site.url("/7")))
        return pages(wanted(site.url("/8")))

    busy = reply(b"", 429, {"Retry-After": "7200"})
    page = pages_of({"/7": busy, "/8": reply(ARTICLE.encode(), headers=HTML)}, use)
    assert (page.state, page.after) == ("wanted", NOW + timedelta(hours=2))


def test_a_page_that_moved_is_known_by_where_it_is_now():
    page = pages_of(
        {"/7": redirect("/8"), "/8": reply(ARTICLE.encode(), headers=HTML)},
        lambda pages, site: pages(wanted(site.url("/7"))),
    )
    assert page.article is not None
    assert (page.article.url or "").endswith("/8")


@pytest.mark.parametrize("status", [401, 402, 403, 404, 410, 451])
def test_a_page_that_is_kept_from_us_is_not_asked_for_again(status):
    page = one(reply(b"no", status))
    assert (page.state, page.article, page.after) == ("failed", None, None)
    assert str(status) in (page.error or "")


def test_a_page_that_fails_for_now_is_asked_for_later_and_later():
    first = one(reply(b"", 500))
    third = one(reply(b"", 500), tries=2)
    assert first.state == third.state == "wanted"
    assert first.after is not None
    assert third.after is not None
    assert NOW < first.after < third.after <= NOW + timedelta(days=1)


def test_and_at_last_not_any_more():
    assert one(reply(b"", 500), tries=3).state == "failed"


@pytest.mark.parametrize(
    "body", [b"", b"<html><body></body></html>", b"<html><body><p>Please log in.</p></body></html>"]
)
def test_a_page_without_more_text_leaves_the_teaser(body):
    page = one(reply(body, headers=HTML))
    assert page.state in {"failed", "wanted"}
    assert page.article is None or page.article.body == "A teaser."


def test_a_page_behind_a_paywall_is_marked_and_not_padded():
    html = (
        "<html><body><article><h1>Pier</h1><p>Teaser.</p><p>Subscribe to continue reading</p></article></body></html>"
    )
    page = one(reply(html.encode(), headers=HTML))
    assert page.article is not None
    assert page.article.body == "A teaser."


def test_what_robots_txt_forbids_is_not_asked_for():
    robots = reply(b"User-agent: *\nDisallow: /7", headers={"Content-Type": "text/plain"})
    with serving({"/robots.txt": robots}) as site, Web(Limits(intranet=frozenset({"127.0.0.1"}))) as web:
        page = Pages(web, Reading(here), SOURCES, NOW)(wanted(site.url("/7")))
        assert site.paths == ["/robots.txt"]
    assert page.state == "failed"
    assert "robots" in (page.error or "")


def test_where_robots_txt_cannot_be_read_the_page_is_asked_for_later():
    robots = reply(b"", 500)
    with serving({"/robots.txt": robots}) as site, Web(Limits(intranet=frozenset({"127.0.0.1"}))) as web:
        page = Pages(web, Reading(here), SOURCES, NOW)(wanted(site.url("/7")))
    assert page.state == "wanted"
    assert "robots.txt could not be read" in (page.error or "")


def test_a_host_whose_sources_do_not_answer_is_not_asked_for_pages():
    hosts = Hosts()
    with serving({"/7": reply(b"")}) as site, Web(Limits(intranet=frozenset({"127.0.0.1"}))) as web:
        hosts.note(site.url("/feed"), WebError("deadline", "no whole answer"))
        page = Pages(web, Reading(here), SOURCES, NOW, hosts=hosts)(wanted(site.url("/7")))
        assert site.requests == []
    assert (page.state, page.asked) == ("wanted", False)


@pytest.mark.parametrize("silent", [hang(), reset()], ids=["hangs", "resets"])
def test_a_host_that_does_not_answer_is_asked_once_in_a_run(silent):
    def use(pages: Pages, site: Site) -> Page:
        pages(wanted(site.url("/7")))
        before = len(site.requests)
        second = pages(wanted(site.url("/8")))
        assert len(site.requests) == before
        return second

    page = pages_of({"/7": silent, "/8": reply(ARTICLE.encode(), headers=HTML)}, use, timeout=0.5)
    assert page.state == "wanted"
    assert page.after is not None


def test_of_a_source_so_many_pages_are_fetched_in_a_run_the_newest_first():
    many = [wanted(f"http://a.test/{number}") for number in range(PAGES + 5)]
    others = [wanted(f"http://b.test/{number}", source_id=2) for number in range(3)]
    sources = {**SOURCES, 2: replace(SOURCES[1], max_pages=1)}
    chosen = bounded([*many, *others], sources)
    assert [one.url for one in chosen] == [one.url for one in many[:PAGES]] + ["http://b.test/0"]


def test_a_page_that_says_what_its_entry_says_is_had_and_leaves_the_text_as_it_is():
    said = [f"In the {year}s the council agreed on the repair of pier {year} of the old harbour." for year in range(6)]
    body = "".join(f"<p>{one}</p>" for one in said)
    html = f"{HEAD}<body><article><h1>{TITLE}</h1>{body}</article></body></html>"

    def ask(pages: Pages, site: Site) -> Page:
        entry = Article(id="seven", title=TITLE, body=" ".join(said), flags=("feed-text",))
        return pages(Wanted(article=entry, url=site.url("/7"), source_id=1, tries=0))

    page = pages_of({"/7": reply(html.encode(), headers=HTML)}, ask)
    assert page.article is not None
    assert (page.state, page.error, page.article.flags, page.article.body) == ("had", None, (), " ".join(said))


def test_a_text_that_breaks_our_own_code_costs_its_page_alone(monkeypatch):
    def broken(*_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("briefing.fetch.reading.from_page", broken)
    page = one(reply(ARTICLE.encode(), headers=HTML))
    assert page.state == "failed"
    assert "RuntimeError: a bug" in (page.error or "")
