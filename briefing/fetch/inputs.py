"""An address given as an INPUT: what it holds, read once, nothing stored."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from briefing.canonical import canonical, identifier, without_credentials
from briefing.collect.feeds.discovery import kind_of
from briefing.fetch.news import UnreadableError
from briefing.fetch.poll import PAGE_TYPES, TO_ALL, document_of
from briefing.fetch.reading import found_in
from briefing.ports import RawArticle
from briefing.report import Problem
from briefing.web import Ask, Web, WebError


def ask(address: str, web: Web) -> Iterator[RawArticle | Problem]:
    """The article of a page, or the entries of a feed; each goes by a hash of its own canonical address."""
    shown = without_credentials(address)
    try:
        answer = web.get(Ask(url=address, accept=PAGE_TYPES, robots=True))
        document = document_of(shown, answer)
        kind = kind_of(document) or "page"
        found = found_in(kind, document)
    except (WebError, UnreadableError) as error:
        yield Problem(shown, str(error))
        return
    if answer.to_all:
        yield Problem(shown, TO_ALL)
        return
    for note in found.notes:
        yield Problem(shown, note)
    for raw in found.raws:
        own = address if kind == "page" else raw.url
        yield replace(
            raw, id=identifier(canonical(own) or raw.guid or raw.id), url=raw.url or shown, place=raw.place or shown
        )
