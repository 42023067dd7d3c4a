"""Answers in the form that the labelled data's scorer reads, one JSON object a line on standard output.

    python benchmarks/answers.py extract ../shared/data/extraction > TEXTS.jsonl
    python benchmarks/answers.py multidoc ../shared/data/multidoc > EVENTS.jsonl

Then `python ../shared/tools/score.py extract ../shared/data/extraction/pages.jsonl TEXTS.jsonl`, and likewise multidoc
with clusters.jsonl, whose summaries are made at the reference's own number of words.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from briefing.collect import Collected, clean
from briefing.collect.page import read
from briefing.dates import clock
from briefing.pipeline import Options, make
from briefing.ports import Document, RawArticle


def extract(folder: Path) -> Iterator[dict[str, Any]]:
    """The cleaned article of every page."""
    for row in _rows(folder / "pages.jsonl"):
        data = gzip.decompress((folder / row["html_file"]).read_bytes())
        for found in read(Document(row["id"], row["id"], data, row["url"])):
            if isinstance(found, RawArticle):
                article = clean(found)
                yield {"id": row["id"], "text": article.body, "title": article.title, "published": article.published}


def multidoc(folder: Path) -> Iterator[dict[str, Any]]:
    """The summary of every cluster."""
    for row in _rows(folder / "clusters.jsonl"):
        articles = tuple(
            clean(RawArticle(id=one["doc_id"], text=one["text"], title=one["title"], trusted_title=False))
            for one in row["documents"]
        )
        options = Options(clock=clock({}), words=len(row["reference"].split()), one_event=True)
        event = make(Collected(articles, ()), options).briefing.events[0]
        yield {"id": row["id"], "sentences": [asdict(sentence) for sentence in event.sentences]}


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    for line in file.read_text("utf-8").splitlines():
        yield json.loads(line)


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in ("extract", "multidoc"):
        sys.exit(__doc__)
    for answer in (extract if sys.argv[1] == "extract" else multidoc)(Path(sys.argv[2])):
        print(json.dumps(answer, ensure_ascii=False))
