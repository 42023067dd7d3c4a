"""Labelled pages, with floors pinned under the figures of docs/quality.md, which says how far above they are."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

from briefing.collect.cleaning.clean import clean
from briefing.collect.pages.read import read
from briefing.domain import Article
from briefing.ports import Document, RawArticle

FLOORS = {"must": 0.950, "must not": 0.902, "title": 0.795, "date": 0.857}  # trafilatura's own on the same pages


def extracted(folder: Path, identifier: str) -> Article:
    (file,) = folder.glob(f"html/{identifier}*")
    data = gzip.decompress(file.read_bytes()) if file.suffix == ".gz" else file.read_bytes()
    raws = [one for one in read(Document(identifier, identifier, data)) if isinstance(one, RawArticle)]
    return clean(raws[0]) if raws else Article(id=identifier, title=None, body="")


def squeezed(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")


def test_pages_are_read_no_worse_than_by_the_library_beneath(labelled):
    folder = labelled / "extraction"
    told: dict[str, list[bool]] = {name: [] for name in FLOORS}
    for line in (folder / "pages.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        article = extracted(folder, row["id"])
        body = squeezed(article.body)
        told["must"] += [squeezed(one) in body for one in row.get("must_contain") or ()]
        told["must not"] += [squeezed(one) not in body for one in row.get("must_not_contain") or ()]
        if row.get("title"):
            told["title"].append(squeezed(row["title"]).casefold() in squeezed(article.title).casefold())
        if row.get("date"):
            told["date"].append((article.published or "")[:10] == str(row["date"])[:10])
    shares = {name: sum(values) / len(values) for name, values in told.items()}
    assert {name: share for name, share in shares.items() if share < FLOORS[name]} == {}
