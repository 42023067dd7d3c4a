"""Answers in the form that the labelled data's scorer reads, one JSON object a line on standard output.

    python benchmarks/answers.py extract ../shared/data/extraction > TEXTS.jsonl
    python benchmarks/answers.py multidoc ../shared/data/multidoc > EVENTS.jsonl
    python benchmarks/answers.py written ../shared/data/multidoc FOLDER > EVENTS.jsonl

`written` lets a language model write the first twelve clusters. It takes the answers that are recorded in FOLDER; with
OPENAI_BASE_URL it asks for those that are not, and records them there.

Then `python ../shared/tools/score.py extract ../shared/data/extraction/pages.jsonl TEXTS.jsonl`, and likewise multidoc
with clusters.jsonl, whose summaries are made at the reference's own number of words.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any

from briefing.author import connect, model_author
from briefing.collect import Collected
from briefing.collect.cleaning.clean import clean
from briefing.collect.pages.read import read
from briefing.config import ModelSettings, load_settings
from briefing.dates import clock
from briefing.errors import UsageError
from briefing.llm.recording import Recorder, Replayer
from briefing.llm.tokens import counter
from briefing.parallel import each
from briefing.pipeline import Options, make
from briefing.ports import Document, Provider, RawArticle, Reply, Request
from briefing.store import open_store
from briefing.write.model.prompts import load_prompts


def extract(folder: Path) -> Iterator[dict[str, Any]]:
    """The cleaned article of every page."""
    for row in rows(folder / "pages.jsonl"):
        data = gzip.decompress((folder / row["html_file"]).read_bytes())
        for found in read(Document(row["id"], row["id"], data, row["url"])):
            if isinstance(found, RawArticle):
                article = clean(found)
                yield {"id": row["id"], "text": article.body, "title": article.title, "published": article.published}


def multidoc(folder: Path) -> Iterator[dict[str, Any]]:
    """The summary of every cluster."""
    for row in rows(folder / "clusters.jsonl"):
        articles = tuple(
            clean(RawArticle(id=one["doc_id"], text=one["text"], title=one["title"], trusted_title=False))
            for one in row["documents"]
        )
        options = Options(clock=clock({}), words=len(row["reference"].split()), one_event=True)
        event = make(Collected(articles, ()), options).briefing.events[0]
        yield {"id": row["id"], "sentences": [asdict(sentence) for sentence in event.sentences]}


def written(folder: Path, recordings: Path) -> Iterator[dict[str, Any]]:
    """What a language model makes of the first twelve clusters."""
    settings = load_settings(model={"name": "relay", "timeout": 3600.0}).model
    asked = recorded(settings, recordings)
    author = model_author(settings, load_prompts(), asked)
    count = counter(settings.name)

    def summary(row: dict[str, Any]) -> dict[str, Any]:
        articles = tuple(
            clean(RawArticle(id=one["doc_id"], text=one["text"], title=one["title"], trusted_title=False))
            for one in row["documents"]
        )
        options = Options(clock=clock({}), words=len(row["reference"].split()), one_event=True, author=author)
        briefing = make(Collected(articles, ()), options).briefing
        report = {key: value for key, value in asdict(briefing.report).items() if key != "sources_failed"}
        tokens = sum(map(count, (article.body for article in articles)))
        event = asdict(briefing.events[0])
        return {**event, "id": row["id"], "report": report, "withheld": briefing.withheld, "source_tokens": tokens}

    yield from each(summary, list(islice(rows(folder / "clusters.jsonl"), 12)), 12)


def recorded(settings: ModelSettings, folder: Path) -> Provider:
    """The answers that `folder` holds; what it lacks is asked where there is a model, and kept there."""
    known = Replayer(folder) if folder.is_dir() else None
    ask = None
    if settings.reachable:
        ask = Recorder(connect(settings, open_store(folder.parent / "state" / "store.sqlite")), folder)

    def answer(request: Request) -> Reply:
        if known is None or ask is None:
            return (known or ask or Replayer(folder))(request)
        try:
            return known(request)
        except UsageError:
            return ask(request)

    return answer


def rows(file: Path) -> Iterator[dict[str, Any]]:
    """The objects of a file, one a line."""
    for line in file.read_text("utf-8").splitlines():
        yield json.loads(line)


if __name__ == "__main__":
    mode, *folders = sys.argv[1:] or [""]
    if len(folders) != {"extract": 1, "multidoc": 1, "written": 2}.get(mode):
        sys.exit(__doc__)
    paths = [Path(folder) for folder in folders]
    answers = written(*paths) if mode == "written" else extract(*paths) if mode == "extract" else multidoc(*paths)
    for answer in answers:
        print(json.dumps(answer, ensure_ascii=False, default=asdict))
