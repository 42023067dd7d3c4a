"""What a language model answered, read strictly: JSON as it was asked for, or ModelError.

A fence around the JSON, a sentence before it and a thinking part in tags are taken off; anything else that is not the
one object asked for is refused as a whole, for what else is wrong with it cannot be known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn, get_args

from briefing.domain import Aspect
from briefing.errors import ModelError
from briefing.text import single_line

MOST_BYTES = 64 * 1024
_THOUGHT = re.compile(r"\A\s*<(think|thinking|reasoning)>.*?</\1>", re.DOTALL)
_FENCE = re.compile(r"\A```[\w-]*\s*\n(.*?)\n?```\s*\Z", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence as the model gave it, visible text on one line; `cites` may name anything."""

    text: str
    cites: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer to the prompt `write`; `headline` is None where the model gave none."""

    headline: Said | None
    sentences: tuple[Said, ...]
    facts: tuple[tuple[Aspect, Said], ...]


def read_answer(text: str) -> Answer:
    """The answer to `write`. Raises ModelError("answer") where it is not one."""
    document = one_object(text)
    sentences = [_said(value, "sentence") for value in _list(document, "sentences")]
    if not sentences:
        _refuse("holds no sentence")
    headline = document.get("headline")
    facts: list[tuple[Aspect, Said]] = []
    for value in _list(document, "facts", needed=False):
        said = _said(value, "fact")
        aspect = next((known for known in get_args(Aspect) if known == value.get("aspect")), None)
        if aspect is not None:  # a line of the box that nobody asked for is no reason to lose the text
            facts.append((aspect, said))
    return Answer(_said(headline, "headline") if headline is not None else None, tuple(sentences), tuple(facts))


def read_repairs(text: str) -> dict[int, Said]:
    """The answer to `repair`: sentences by the number of the refused one. Raises ModelError("answer")."""
    repairs: dict[int, Said] = {}
    for value in _list(one_object(text), "sentences"):
        said = _said(value, "sentence")
        number = value.get("number")
        if type(number) is not int:
            _refuse("has a sentence without its number")
        repairs.setdefault(number, said)
    return repairs


def read_verdict(text: str) -> str:
    """The answer to `judge`: `full`, `part` or `none`. Raises ModelError("answer")."""
    verdict = one_object(text).get("verdict")
    if verdict not in ("full", "part", "none"):
        _refuse("has no verdict")
    return str(verdict)


def one_object(text: str) -> dict[str, Any]:
    """The one JSON object of a text. Raises ModelError("answer") that says what else it is."""
    if len(text.encode(errors="surrogatepass")) > MOST_BYTES:
        _refuse(f"is longer than {MOST_BYTES // 1024} KiB")
    bare = _THOUGHT.sub("", text).strip()
    fenced = _FENCE.match(bare)
    bare = fenced[1] if fenced else bare
    start = bare.find("{")
    if start < 0:
        _refuse("is empty" if not bare else "holds no JSON object")
    decoder = json.JSONDecoder(object_pairs_hook=_unique, parse_constant=_no_constant)
    try:
        document, end = decoder.raw_decode(bare, start)
    except (ValueError, RecursionError) as error:
        _refuse(f"is no JSON: {error}")
    if not isinstance(document, dict) or bare[end:].strip().strip("`"):
        _refuse("holds more than one JSON object")
    return document


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise ValueError("a key stands twice")
    return document


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")


def _list(document: Mapping[str, Any], key: str, *, needed: bool = True) -> list[Any]:
    value = document.get(key)
    if value is None and not needed:
        return []
    if not isinstance(value, list):
        _refuse(f"has no list of {key}")
    return value


def _said(value: Any, what: str) -> Said:
    if not isinstance(value, dict) or not isinstance(value.get("text"), str):
        _refuse(f"has a {what} that is no object with a text")
    cites = value.get("cites")
    if not isinstance(cites, list) or not all(isinstance(one, str) for one in cites):
        _refuse(f"has a {what} whose `cites` is no list of ids")
    return Said(single_line(value["text"]), tuple(dict.fromkeys(cites)))


def _refuse(why: str) -> NoReturn:
    raise ModelError("answer", f"the model's answer {why}")
