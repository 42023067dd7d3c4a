"""The first stage: files in, clean articles out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from briefing.collect import inputs as given
from briefing.collect.cleaning.clean import clean
from briefing.collect.identity import Found, settle
from briefing.domain import Article
from briefing.errors import BriefingError, UsageError
from briefing.ports import Document, RawArticle, Reader, load
from briefing.report import Problem
from briefing.text import visible

__all__ = ["READERS", "Collected", "clean", "collect", "extract"]

READERS: dict[str, str] = {
    ".txt": "briefing.collect.plain:read",
    ".md": "briefing.collect.markdown:read",
    ".markdown": "briefing.collect.markdown:read",
    ".html": "briefing.collect.pages.read:read",
    ".htm": "briefing.collect.pages.read:read",
    ".jsonl": "briefing.collect.rows:read_lines",
    ".json": "briefing.collect.rows:read_document",
    ".xml": "briefing.collect.feeds.read:read",
    ".rss": "briefing.collect.feeds.read:read",
    ".atom": "briefing.collect.feeds.read:read",
}
Ask = Callable[[str], Iterable[RawArticle | Problem]]
"""Reads what an address on the web holds."""

_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|article|p)\b", re.IGNORECASE)
_EMPTY = "has neither title nor text"
FILE_LIMIT = 10 * 1024 * 1024  # bytes; JSON Lines are limited by the line


@dataclass(frozen=True, slots=True)
class Collected:
    """The articles in order of id, and what could not be read."""

    articles: tuple[Article, ...]
    problems: tuple[Problem, ...]


def collect(
    inputs: Sequence[str],
    *,
    stdin: BinaryIO | None = None,
    progress: Callable[[int, int], None] | None = None,
    ask: Ask | None = None,
) -> Collected:
    """Read and clean what `inputs` name: files, folders, addresses on the web, or `-` for JSON Lines on `stdin`.

    The order of `inputs` does not matter. `progress` is called with the documents read so far and their number, `ask`
    reads what an address holds. Raises UsageError for an empty INPUT, a missing path, an address where nobody can be
    asked, and two texts under one id in one INPUT.
    """
    addresses = sorted({one for one in inputs if given.is_address(one)})
    if addresses and ask is None:
        raise UsageError(f"{addresses[0]}: no page of the web is read here; save it and give the file")
    files, problems = given.files([one for one in inputs if not given.is_address(one)], READERS)
    from_stdin = given.STDIN in inputs and stdin is not None
    total = len(files) + from_stdin + len(addresses)
    found: list[Found] = []
    asked = ((address, ask(address)) for address in addresses if ask is not None)
    for done, (source, results) in enumerate(chain(_documents(files, stdin if from_stdin else None), asked), start=1):
        for result in results:
            if isinstance(result, Problem):
                problems.append(result)
            else:
                found.append(Found(result, source, is_input=Path(source).name == result.id))
        if progress is not None:
            progress(done, total)
    articles, empty = _cleaned(settle(found))
    return Collected(articles, tuple(sorted(problems + empty, key=lambda problem: (problem.source, problem.error))))


def extract(page: str, stdin: BinaryIO | None = None, url: str | None = None) -> Article:
    """The one cleaned article of a file, or of a page on `stdin`; `url` is its address where it states none.

    Raises UsageError where the file cannot be opened, BriefingError where it is empty, or holds no article or several.
    """
    path = Path(page)
    try:
        data = stdin.read() if stdin is not None else path.read_bytes()
    except OSError as error:
        raise UsageError(f"{page}: {error.strerror}") from error
    suffix = path.suffix.lower() if stdin is None else ".html" if _MARKUP.search(data[:4096]) else ".txt"
    if suffix not in READERS:
        raise UsageError(f"{page}: files ending in {suffix!r} are not read; read are {', '.join(READERS)}")
    if not data.strip():
        raise BriefingError(f"{page}: is empty")
    results = list(_reader(suffix)(Document(page, path.name, data, url)))
    raw = [result for result in results if isinstance(result, RawArticle)]
    articles = [clean(one) for one in raw]
    problems = [result.error for result in results if isinstance(result, Problem)]
    if len(articles) != 1:
        found = problems[0] if problems and not articles else f"holds {len(articles)} articles; give a page of one"
        raise BriefingError(f"{page}: {found}")
    if not articles[0].text:
        raise BriefingError(f"{page}: {_why_empty(raw[0])}")
    return articles[0]


def _documents(
    files: Sequence[given.File], stdin: BinaryIO | None
) -> Iterator[tuple[str, Iterable[RawArticle | Problem]]]:
    if stdin is not None:
        document = Document("standard input", "stdin", stdin.read())
        yield "stdin", _reader(".jsonl")(document)
    for file in files:
        suffix = Path(file.name).suffix.lower()
        try:
            if suffix != ".jsonl" and file.path.stat().st_size > FILE_LIMIT:
                yield file.source, [Problem(file.name, "is larger than 10 MiB; split it, or give JSON Lines")]
                continue
            data = file.path.read_bytes()
        except OSError as error:
            yield file.source, [Problem(file.name, f"cannot be read: {error.strerror}")]
            continue
        yield file.source, _reader(suffix)(Document(file.name, file.id, data))


def _reader(suffix: str) -> Reader:
    reader: Reader = load(READERS[suffix])
    return reader


def _cleaned(raw: Sequence[RawArticle]) -> tuple[tuple[Article, ...], list[Problem]]:
    articles, empty = [], []
    for one in raw:
        article = clean(one)
        if article.text:
            articles.append(article)
        else:
            empty.append(Problem(one.place, _why_empty(one)))
    return tuple(articles), empty


def _why_empty(raw: RawArticle) -> str:
    stated = visible(f"{raw.title or ''}{raw.text}").strip()
    return "holds nothing but page furniture: nothing of its text is left after cleaning" if stated else _EMPTY
