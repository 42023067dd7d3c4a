"""Numbers the passages of a briefing in order of appearance: one number for one passage, however often cited."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from briefing.domain import Citation
from briefing.render.escape import inline
from briefing.render.links import passage_url
from briefing.render.view import ArticleView, Mark, Note

_CONTEXT = 400  # characters of the surrounding paragraph shown on either side of a passage


@dataclass(frozen=True, slots=True)
class Place:
    """A passage and every mark that cites it so far; `origins` is the least that a sentence among them counts."""

    citation: Citation
    marks: tuple[Mark, ...]
    origins: int


Places = dict[tuple[str, int, int], Place]  # in order of number, which starts at 1


def cite(places: Places, citations: Sequence[Citation], where: str, origins: int) -> tuple[Mark, ...]:
    """The marks for `citations` at `where`, added to `places`; a new passage gets the next number.

    `origins` is how many independent origins bear out what stands there, 0 where nobody counted.
    """
    marks: list[Mark] = []
    for citation in citations:
        key = (citation.article_id, citation.start, citation.end)
        place = places.get(key, Place(citation, (), 0))
        number = place.marks[0].number if place.marks else len(places) + 1
        if any(mark.number == number for mark in marks):
            continue
        suffix = f"-{len(place.marks) + 1}" if place.marks else ""
        mark = Mark(number, f"mark-{number}{suffix}", f"note-{number}", where)
        fewest = min(place.origins or origins, origins or place.origins)
        places[key] = replace(place, marks=(*place.marks, mark), origins=fewest)
        marks.append(mark)
    return tuple(marks)


def write_notes(places: Places, articles: Mapping[str, ArticleView], texts: Mapping[str, str]) -> tuple[Note, ...]:
    """Every passage in order of number, inside its paragraph where `texts` has its article's text."""
    notes = []
    for number, place in enumerate(places.values(), start=1):
        citation = place.citation
        text, start, end = texts.get(citation.article_id, ""), citation.start, citation.end
        if text[start:end] != citation.quote:
            text, start, end = citation.quote, 0, len(citation.quote)
        before, after = _paragraph(text, start, end)
        article = articles[citation.article_id]
        url = passage_url(article.url, text, start, end)
        quote = inline(citation.quote).strip()
        notes.append(Note(number, f"note-{number}", article, before, quote, after, url, place.origins, place.marks))
    return tuple(notes)


def _paragraph(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after `[start, end)` in its paragraph, shortened at a word with an ellipsis."""
    before = inline(text[text.rfind("\n", 0, start) + 1 : start])
    stop = text.find("\n", end)
    after = inline(text[end : stop if stop >= 0 else len(text)])
    if len(before) > _CONTEXT:
        before = "… " + re.sub(r"^\S*\s", "", before[-_CONTEXT:])
    if len(after) > _CONTEXT:
        after = re.sub(r"\s\S*$", "", after[:_CONTEXT]) + " …"
    return before.lstrip(), after.rstrip()
