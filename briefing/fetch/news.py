"""What reading a source's answer comes to. The reading itself is in `reading`, which a process of its own runs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from briefing.aside import AsideError, Call
from briefing.domain import Article
from briefing.ports import Document, RawArticle
from briefing.sources import Source
from briefing.store.entries import Fresh

READERS = ("briefing.fetch.reading",)  # what a process that reads needs


class UnreadableError(Exception):
    """What a source gave holds nothing of what it should. The message says what it is instead."""


def unreadable(error: Exception) -> str:
    """What is said of a text that breaks a reader: a fault of ours, whatever the text is."""
    return f"cannot be read, which is a fault of briefing: {type(error).__name__}: {error}"[:300]


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a source shows: `fresh` are the entries that it did not show last time, `shown` the digests of all.

    `shared` are as in `store.entries.same`, `title` is what the source calls itself, `notes` are what was wrong with an
    answer that could be read. `is_cut`: the document breaks off, whatever the transfer said of its length.
    """

    fresh: tuple[Fresh, ...] = ()
    shown: frozenset[str] = frozenset()
    shared: frozenset[str] = frozenset()
    title: str | None = None
    notes: tuple[str, ...] = ()
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """The entries that an answer holds, in words what was wrong with it, and the sitemaps that it leads to."""

    raws: tuple[RawArticle, ...]
    notes: tuple[str, ...] = ()
    leads_to: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """The functions of `reading`, called by `call`; they raise UnreadableError where the call itself fails, too."""

    call: Call

    def news(
        self, source: Source, document: Document, before: frozenset[str], now: datetime, wrong: tuple[str, ...]
    ) -> News:
        """What a source shows that is no sitemap."""
        news: News = self._called("news", source, document, before, now, wrong)
        return news

    def chosen(
        self, source: Source, found: Found, before: frozenset[str], now: datetime, wrong: tuple[str, ...]
    ) -> News:
        """What a source shows, by what was found."""
        news: News = self._called("chosen", source, found, before, now, wrong)
        return news

    def found_in(self, kind: str, document: Document) -> Found:
        """What a document of a kind holds."""
        found: Found = self._called("found_in", kind, document)
        return found

    def page(
        self, document: Document, address: str, source: Source | None, known: Article, now: datetime
    ) -> tuple[Article, bool]:
        """The article of a page, and whether its text is the page's."""
        page: tuple[Article, bool] = self._called("page", document, address, source, known, now)
        return page

    def _called(self, name: str, *args: Any) -> Any:
        try:
            return self.call(f"briefing.fetch.reading:{name}", *args)
        except AsideError as error:
            raise UnreadableError(f"cannot be read: {error}") from error
        except MemoryError as error:  # of the text, which was read elsewhere
            raise UnreadableError("cannot be read: it takes more memory than there is") from error
