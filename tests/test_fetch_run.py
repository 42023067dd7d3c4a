"""A round over the sources: what goes on whatever befalls one of them."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing
from dataclasses import replace

import pytest

from briefing.fetch.round import Round, Wishes
from briefing.fetch.run import fetch
from briefing.sources import Source
from briefing.store import Database, open_store
from briefing.store.articles import save_entries
from briefing.store.sources import add, listed, remove
from briefing.web import Limits, Web
from tests.stored import NOW, rows
from tests.web_server import Handler, Seen, Wire, reply, serving


def feed(name: str) -> Handler:
    item = f"<item><title>{name}</title><guid>{name}</guid><description>What was said.</description></item>"
    return reply(f"<rss version='2.0'><channel><title>{name}</title>{item}</channel></rss>".encode())


def a_round(store: Database, workers: int = 1) -> Round:
    with Web(Limits(timeout=5, intranet=frozenset({"127.0.0.1"}))) as web:
        return fetch(store, web, Wishes(workers=workers, pages_within=None), lambda: NOW)


def titles(store: Database) -> set[str | None]:
    return {row["title"] for row in rows(store, "article_versions")}


@pytest.mark.parametrize("workers", [1, 3])
def test_a_source_that_the_store_will_not_have_costs_itself_alone(store, monkeypatch, workers):
    def refusing(connection, source, fresh, shared, now):
        if source[1].endswith("/b"):
            fresh = [replace(one, version={**one.version, "body": None}) for one in fresh]  # NOT NULL
        return save_entries(connection, source, fresh, shared, now)

    monkeypatch.setattr("briefing.fetch.keeping.kept_articles.save_entries", refusing)
    with serving({f"/{name}": feed(name) for name in "abc"}) as site:
        for name in "abc":
            store.write(add, Source(url=site.url(f"/{name}")), NOW)
        result = a_round(store, workers)
    assert titles(store) == {"a", "c"}
    assert [one.source for one in result.failed] == [site.url("/b")]
    states = {one.source.url[-1]: one.state for one in store.read(listed)}
    assert (states["b"].error_kind, states["b"].failures, states["a"].failures) == ("store", 1, 0)


def test_a_source_that_is_removed_meanwhile_stops_nobody(store):
    urls: list[str] = []

    def taken_out(seen: Seen, wire: Wire) -> bool | None:
        store.write(remove, urls[0])
        return feed("a")(seen, wire)

    with serving({"/a": taken_out, "/b": feed("b")}) as site:
        urls += [site.url("/a"), site.url("/b")]
        for url in urls:
            store.write(add, Source(url=url), NOW)
        a_round(store)
    assert titles(store) == {"b"}


def test_a_store_can_be_opened_and_read_while_another_program_writes(tmp_path):
    open_store(tmp_path / "s.sqlite").close()
    with closing(sqlite3.connect(tmp_path / "s.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with open_store(tmp_path / "s.sqlite") as database:
            assert database.read(listed) == []
        assert time.monotonic() - began < 5


def test_twenty_threads_load_the_model_of_languages_once(monkeypatch):
    import py3langid

    from briefing.collect.cleaning.language import language

    at_once: list[int] = []
    most: list[int] = []

    def rank(_text: str) -> list[tuple[str, float]]:
        at_once.append(1)
        most.append(len(at_once))
        time.sleep(0.01)
        at_once.pop()
        return [("de", 1.0)]

    monkeypatch.setattr(py3langid, "rank", rank)
    text = (
        "Der Rat der Stadt hat gestern beschlossen, dass die alte Brücke am Hafen im kommenden Jahr erneuert wird. " * 2
    )
    threads = [threading.Thread(target=language, args=(None, text)) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(most), max(most)) == (20, 1)
