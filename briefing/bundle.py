"""A recorded edition: everything that it was made from, so that it can be made again, byte for byte, without a network.

    BUNDLE/edition.json     clock, wishes, writer with its prompts, formats, and what could not be read
    BUNDLE/articles.jsonl   the articles as they were after cleaning, one a line
    BUNDLE/answers/         what the language model was asked and answered, one file a request
    BUNDLE/templates/       the user's own templates, where there were any

No key, no address of an endpoint and no setting that only concerns how it is reached is in it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, TypeAdapter, ValidationError

from briefing.author import model_author
from briefing.collect import Collected
from briefing.config import ModelSettings
from briefing.dates import Clock
from briefing.domain import Article
from briefing.errors import UsageError
from briefing.files import copy_new, write_whole
from briefing.llm.recording import Replayer
from briefing.pipeline import EXTRACTIVE, Options
from briefing.report import Problem
from briefing.write.model.prompts import Prompts

ANSWERS, ARTICLES, EDITION, TEMPLATES = "answers", "articles.jsonl", "edition.json", "templates"
VERSION = 1
# The settings of a model that the edition depends on; the others only concern how it was reached.
KEPT = ("name", "judge", "answer_tokens", "event_tokens", "fallback", "prices")
_PLAIN = ("title", "date", "words", "max_events", "with_text", "one_event", "by_arrival")


class _Wishes(BaseModel):
    """The member `options` of an edition: what is not of these types would fail much later, and unexplained."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    title: str
    date: Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")] | None
    words: PositiveInt
    max_events: PositiveInt | None
    with_text: bool
    one_event: bool
    by_arrival: bool = False
    since: Annotated[float, Field(ge=0, le=timedelta.max.total_seconds() // 2)] | None
    topics: list[str]


@dataclass(frozen=True, slots=True)
class Bundle:
    """A recorded edition, read: `options` hold an author that answers from the recording alone."""

    collected: Collected
    options: Options
    formats: tuple[str, ...]
    templates: Path | None = None


def save(
    folder: Path,
    collected: Collected,
    options: Options,
    formats: Sequence[str],
    model: tuple[ModelSettings, Prompts] | None,
    templates: Path | None = None,
) -> None:
    """Write the bundle beside its answers, which are there already; `model` is what a model's author was made of.

    `templates` is the user's own folder of templates.

    Raises UsageError for a folder that cannot be written.
    """
    edition = {
        "version": VERSION,
        "clock": options.clock.now.isoformat(),
        "options": {
            **{key: getattr(options, key) for key in _PLAIN},
            "since": options.since.total_seconds() if options.since is not None else None,
            "topics": list(options.topics),
        },
        "formats": list(formats),
        "model": None,
        "problems": [asdict(problem) for problem in collected.problems],
    }
    if model is not None:
        settings, prompts = model
        edition["model"] = {**settings.model_dump(mode="json", include=set(KEPT)), "prompts": _lines(prompts)}
    rows = (_articles().dump_python(article, mode="json") for article in collected.articles)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = "".join(json.dumps(_without_text(row), ensure_ascii=False) + "\n" for row in rows)
        write_whole(folder / ARTICLES, text)
        if templates is not None:
            copy_new(sorted(templates.glob("*.jinja")), folder / TEMPLATES)
        write_whole(folder / EDITION, json.dumps(edition, ensure_ascii=False, indent=1) + "\n")
    except OSError as error:
        raise UsageError(f"cannot write to {folder}: {error.strerror}; name another folder with --record") from error


def settings_in(folder: Path) -> dict[str, Any]:
    """The recorded edition's settings of its model, empty where `folder` holds answers alone or no model wrote."""
    if not (folder / EDITION).is_file():
        return {}
    model = _document(folder).get("model") or {}
    return {key: model[key] for key in KEPT if key in model}


def answers_in(folder: Path) -> Path:
    """Where the recorded answers of a bundle are, or of a folder that holds nothing else."""
    inner = folder / ANSWERS
    return inner if inner.is_dir() else folder


def read(folder: Path) -> Bundle:
    """The recorded edition in a folder. Raises UsageError that names what is missing or damaged."""
    document = _document(folder)
    try:
        wishes = _Wishes.model_validate(document["options"]).model_dump()
        since = wishes.pop("since")
        author = EXTRACTIVE
        if document["model"] is not None:
            model = dict(document["model"])
            prompts = Prompts(**{name: "\n".join(lines) for name, lines in model.pop("prompts").items()})
            author = model_author(ModelSettings(**model), prompts, Replayer(folder / ANSWERS))
        options = Options(
            clock=Clock(datetime.fromisoformat(document["clock"]), fixed=True),
            since=timedelta(seconds=since) if since is not None else None,
            topics=tuple(wishes.pop("topics")),
            author=author,
            **wishes,
        )
        problems = tuple(Problem(**one) for one in document["problems"])
        templates = folder / TEMPLATES if (folder / TEMPLATES).is_dir() else None
        return Bundle(Collected(_read_articles(folder), problems), options, tuple(document["formats"]), templates)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{folder / EDITION} is damaged ({error!r}): record the edition anew") from error


def _document(folder: Path) -> dict[str, Any]:
    try:
        document = json.loads((folder / EDITION).read_bytes())
    except OSError as error:
        raise UsageError(f"{folder} is no recorded edition: {EDITION}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{folder / EDITION} is damaged: {error}") from error
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise UsageError(f"{folder / EDITION} is of another version: record the edition anew")
    return document


def _read_articles(folder: Path) -> tuple[Article, ...]:
    found = []
    try:
        lines = (folder / ARTICLES).read_bytes().splitlines()
    except OSError as error:
        raise UsageError(f"{folder} is no recorded edition: {ARTICLES}: {error.strerror}") from error
    for number, line in enumerate(lines, start=1):
        try:
            found.append(_articles().validate_json(line))
        except ValidationError as error:
            raise UsageError(f"{folder / ARTICLES} line {number} is damaged: record the edition anew") from error
    return tuple(found)


def _without_text(row: dict[str, Any]) -> dict[str, Any]:
    """`text` is made of the title and the body."""
    return {key: value for key, value in row.items() if key != "text"}


def _lines(prompts: Prompts) -> dict[str, list[str]]:
    """The prompts as lists of lines: a bundle is read and compared by people."""
    return {name: text.split("\n") for name, text in asdict(prompts).items()}


@cache
def _articles() -> Any:
    return TypeAdapter(Article)
