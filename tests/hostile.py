"""Hostile text in every field of a briefing, for the tests of the output formats."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from briefing.domain import Article, Briefing, Disagreement, Event, Problem, Sentence, Storyline, Version, Withheld
from tests import editions

CORPORA = (
    "patt_xss",
    "blns",
    "patt_xss_markdown_filter_bypass",
    "dompurify_fixtures",
    "patt_ssti",
    "patt_crlf",
)
OWN = (
    "<script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    '" onmouseover="alert(1)',
    "{{ 7 * 7 }}{% for x in y %}",
    "![x](https://evil.example/p.png)",
    "[x](https://evil.example) <https://evil.example> https://evil.example www.evil.example",
    "[^1]: fake\n\n[^1]",
    "# heading\n## heading\n- item\n\n```\ncode",
    "a\x00b\x1b[31mc\u202ed\u200be\U000e0041f\ud800g",
    "javascript:alert(1)",
    'https://evil.example/"><script>alert(1)</script>',
    "<!-- --> <![CDATA[ ]]> <? ?> &lt;script&gt; &#x3c;b&#x3e;",
    "Wow!",
    "\\",
)


def strings(folder: Path, names: Sequence[str] = CORPORA) -> list[str]:
    """The attack corpora, each string once, in order."""
    files = [(folder / "attacks" / f"{name}.jsonl").read_bytes() for name in names]
    rows = [json.loads(line) for data in files for line in data.splitlines()]
    return list(dict.fromkeys(row["text"] for row in rows))


def batches(texts: Sequence[str], size: int = 60) -> Iterator[tuple[Briefing, list[Article]]]:
    """Briefings of one event for each text."""
    usable = [text for text in texts if text.strip()]
    for first in range(0, len(usable), size):
        yield briefing(usable[first : first + size])


def briefing(texts: Sequence[str]) -> tuple[Briefing, list[Article]]:
    """A briefing with each text in every field of its own event and article."""
    sources = [_article(text, number) for number, text in enumerate(texts)]
    events = [_event(text, number, source) for number, (text, source) in enumerate(zip(texts, sources, strict=True))]
    edition = editions.briefing(
        events,
        sources,
        title=texts[0],
        storylines=[
            Storyline(f"s{first}", texts[first], tuple(event.id for event in events[first : first + 3]))
            for first in range(0, len(events), 3)
        ],
        withheld=tuple(Withheld(event.id, text, ("markup",)) for event, text in zip(events, texts, strict=True)),
        failed=tuple(Problem(text, text) for text in texts),
        model=texts[-1],
    )
    return edition, sources


def _article(text: str, number: int) -> Article:
    return Article(
        id=f"{number}{text}",
        title=text,
        body=f"Before {text} {text}\n{text}",
        publisher=text if number % 2 else None,
        author=text,
        url=text if number % 3 else f"https://paper.example/{text}",
        published=text if number % 2 else "2024-10-21",
        language=text if number % 2 else "en",
        origin=text,
        flags=("opinion",),
    )


def _event(text: str, number: int, source: Article) -> Event:
    title = editions.cite(source, 0, len(text))
    last = editions.cite(source, len(source.text) - len(text), len(source.text))
    told = (
        Sentence(text, "verbatim", 2, text, (last, title)),
        Sentence(f"{text} and {text}", "written", 1, None, (last,)),
    )
    versions = (Version(text, (title,)), Version(text, (last,)))
    differ = (Disagreement(text, "conflict" if number % 2 else "update", versions),)
    return editions.event(number, [source], told, caveats=("one-origin", "opinion"), disagreements=differ)
