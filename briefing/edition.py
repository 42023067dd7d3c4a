"""The briefing as data: the nouns of `domain` to JSON and back, and the published JSON Schema.

One artefact feeds every output. The types of `domain` are the schema: there is no second set to keep in step.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from briefing.domain import ArticleRecord, Briefing, Event
from briefing.errors import BriefingError


def to_json(briefing: Briefing) -> str:
    """The briefing as JSON text (UTF-8 when written), keys in the order of the schema, one final newline."""
    document: dict[str, Any] = _adapter(Briefing).dump_python(briefing, mode="json")
    document["articles"] = [_without_absent_text(article) for article in document["articles"]]
    return _dumps(document)


def event_to_json(event: Event, articles: tuple[ArticleRecord, ...]) -> str:
    """One event object with its `articles`, as `briefing summarize --json` prints it."""
    document: dict[str, Any] = _adapter(Event).dump_python(event, mode="json")
    records = _adapter(tuple[ArticleRecord, ...]).dump_python(articles, mode="json")
    return _dumps({**document, "articles": [_without_absent_text(article) for article in records]})


def from_json(data: str | bytes, name: str = "the briefing") -> Briefing:
    """A briefing from its JSON. Raises BriefingError that names every place where it is not one."""
    from pydantic import ValidationError

    try:
        briefing: Briefing = _adapter(Briefing).validate_json(data)
    except ValidationError as error:
        places = "; ".join(
            f"{'.'.join(str(part) for part in problem['loc']) or 'top'}: {problem['msg']}"
            for problem in error.errors(include_url=False)[:5]
        )
        raise BriefingError(f"{name} is no briefing of this version: {places}") from error
    return briefing


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of the briefing's JSON."""
    schema: dict[str, Any] = _adapter(Briefing).json_schema(mode="serialization")
    for noun in (schema, *schema["$defs"].values()):
        noun["required"] = list(noun["properties"])  # what has a default is written all the same
    schema["$defs"]["ArticleRecord"]["required"].remove("text")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _without_absent_text(article: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in article.items() if key != "text" or value is not None}


def _dumps(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


@cache
def _adapter(kind: Any) -> Any:
    from pydantic import TypeAdapter  # 50 ms: only the verbs that read or write JSON pay for it

    return TypeAdapter(kind)
