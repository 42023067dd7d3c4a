"""Briefings made by hand, for the tests of what is done with a finished one."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from briefing.domain import (
    Article,
    ArticleRecord,
    Briefing,
    Caveat,
    Citation,
    Disagreement,
    Event,
    Fact,
    Headline,
    Sentence,
    Status,
    Storyline,
    Version,
    When,
    Withheld,
)
from briefing.report import Fallback, Problem, Report, Window, WriterRecord
from briefing.text import sentence_spans


def article(identifier: str, title: str | None, body: str, **fields: object) -> Article:
    """An article with its sentences."""
    bare = Article(id=identifier, title=title, body=body)
    spans = tuple(span for span in sentence_spans(bare.text) if span.start >= bare.body_start)
    return Article(id=identifier, title=title, body=body, sentences=spans, **fields)  # type: ignore[arg-type]


def cite(source: Article, start: int, end: int) -> Citation:
    return Citation(source.id, start, end, source.text[start:end])


def cite_words(source: Article, words: str) -> Citation:
    start = source.text.index(words)
    return cite(source, start, start + len(words))


def verbatim(source: Article, number: int, *others: Citation, attributed_to: str | None = None) -> Sentence:
    """The sentence of an article with that number, word for word."""
    span = source.sentences[number]
    citation = cite(source, span.start, span.end)
    return Sentence(citation.quote, "verbatim", 1 + len(others), attributed_to, (citation, *others))


def headline(source: Article) -> Headline:
    """The article's title, or its first sentence where it has none."""
    if source.title:
        return Headline(source.title, "verbatim", 1, (cite(source, 0, len(source.title)),))
    first = verbatim(source, 0)
    return Headline(first.text, "verbatim", 1, first.citations)


def written(text: str, *citations: Citation) -> Sentence:
    """A sentence in a model's words."""
    return Sentence(text, "written", len(citations), None, citations)


def event(
    number: int,
    sources: Sequence[Article],
    sentences: Sequence[Sentence],
    *,
    status: Status = "new",
    caveats: tuple[Caveat, ...] = (),
    disagreements: tuple[Disagreement, ...] = (),
    storyline: str = "s1",
) -> Event:
    """An event told from `sources`."""
    days = sorted(source.published for source in sources if source.published)
    return Event(
        id=f"e{number}",
        storyline_id=storyline,
        rank=number,
        status=status,
        when=When(days[0], days[-1]) if days else When(None, None),
        article_ids=tuple(source.id for source in sources),
        origins=len({source.origin for source in sources}),
        headline=headline(sources[0]),
        sentences=tuple(sentences),
        disagreements=disagreements,
        caveats=caveats,
    )


def record(source: Article, *, with_text: bool = False) -> ArticleRecord:
    return ArticleRecord(
        id=source.id,
        title=source.title,
        publisher=source.publisher,
        url=source.url,
        published=source.published,
        author=source.author,
        language=source.language,
        flags=source.flags,
        origin=source.origin,
        sha256=hashlib.sha256(source.text.encode(errors="surrogatepass")).hexdigest(),
        text=source.text if with_text else None,
    )


def briefing(
    events: Sequence[Event],
    sources: Sequence[Article],
    *,
    title: str = "Daily briefing",
    storylines: Sequence[Storyline] | None = None,
    withheld: tuple[Withheld, ...] = (),
    failed: tuple[Problem, ...] = (),
    model: str | None = None,
    fallbacks: tuple[Fallback, ...] = (),
) -> Briefing:
    """A whole edition of 22 October 2024; one storyline of all events unless told otherwise."""
    if storylines is None:
        storylines = [Storyline("s1", "One matter", tuple(event.id for event in events))] if events else []
    sentences = [sentence for event in events for sentence in event.sentences]
    return Briefing(
        schema_version=1,
        id="b1",
        title=title,
        date="2024-10-22",
        generated_at="2024-10-22T06:30:00Z",
        window=Window(None, None),
        writer=WriterRecord("model" if model else "extractive", model, "0123456789abcdef" * 4 if model else None),
        storylines=tuple(storylines),
        events=tuple(events),
        withheld=withheld,
        articles=tuple(record(source) for source in sources),
        report=Report(
            articles=len(sources),
            events=len(events),
            sentences=len(sentences),
            cited=len(sentences),
            verbatim=sum(sentence.kind == "verbatim" for sentence in sentences),
            withheld=len(withheld),
            sources_failed=failed,
            tokens_in=1200 if model else 0,
            tokens_out=300 if model else 0,
            cost=0.0042 if model else 0.0,
            seconds=None,
            written=sum(sentence.kind == "written" for sentence in sentences),
            repaired=1 if model else 0,
            replaced=2 if model else 0,
            calls=3 if model else 0,
            kept=4 if model else 0,
            fallbacks=fallbacks,
        ),
    )


def by_id(sources: Sequence[Article]) -> Mapping[str, Article]:
    return {source.id: source for source in sources}


def seed_articles(folder: Path) -> list[Article]:
    """The sample articles, cleaned only as far as these tests need: title, then paragraphs of whole sentences."""
    found = []
    for path in sorted(folder.glob("*.txt")):
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        title = next(line for line in lines if line.startswith(("Blinken", "US")))
        body = "\n".join(line for line in lines if line.endswith((".", "”")) and "AiBot" not in line)
        machine = "AiBot" in path.read_text(encoding="utf-8")
        found.append(
            article(
                path.name,
                title,
                body,
                language="en",
                published="2024-01-10" if machine else None,
                flags=("ai-written",) if machine else (),
                publisher="AiBot" if machine else None,
            )
        )
    return found


def seed_briefing(folder: Path) -> tuple[Briefing, list[Article]]:
    """Five events of one storyline, as the seeds are."""
    sources = seed_articles(folder)
    events = []
    for number, source in enumerate(sources, start=1):
        caveats: tuple[Caveat, ...] = ("one-origin",)
        caveats += ("ai-written",) if "ai-written" in source.flags else ()
        caveats += () if source.published else ("undated",)
        told = [verbatim(source, position) for position in range(min(6, len(source.sentences)))]
        events.append(event(number, [source], told, caveats=caveats))
    return briefing(events, sources), sources


def harbour_briefing() -> tuple[Briefing, list[Article]]:
    """Every feature of a page: two storylines, agreement, a wire report, a conflict, an opinion, another language."""
    gazette = article(
        "gazette-1",
        "Ferry runs aground off Kestrel Point",
        "The ferry Aurora ran aground off Kestrel Point at 6.40 on Monday. Fourteen people were injured, the coast "
        "guard said. The ship was carrying 212 passengers.\nThe pier stays closed until Wednesday.",
        publisher="The Kestrel Gazette",
        url="https://gazette.example/news/ferry-aground?page=1&view=full",
        published="2024-10-21T09:15:00+02:00",
        author="Ada Brandt",
        language="en",
    )
    courier = article(
        "courier-1",
        "Seventeen hurt as ferry hits rocks",
        "Seventeen people were hurt when the ferry Aurora hit rocks near Kestrel Point on Monday. "
        "The ship was carrying 212 passengers, its owner said.",
        publisher="Harbour Courier",
        url="https://courier.example/a#top",
        published="2024-10-21",
        language="en",
        flags=("wire",),
        credit="Northern Wire",
        origin="Northern Wire",
    )
    evening = article(
        "evening-1",
        "Ferry hits rocks, seventeen hurt",
        "Seventeen people were hurt when the ferry Aurora hit rocks near Kestrel Point on Monday, it is reported. "
        "The ship was carrying 212 passengers, its owner said.",
        publisher="Evening Post",
        published="2024-10-22",
        language="en",
        flags=("wire", "correction"),
        origin="Northern Wire",
    )
    bote = article(
        "bote-1",
        "Hafen bleibt bis Mittwoch gesperrt",
        "Der Hafen von Kestrel bleibt bis Mittwoch gesperrt. Das teilte die Behörde am Dienstag mit.",
        publisher="Küstenbote",
        url="https://bote.example/hafen",
        published="2024-10-22",
        language="de",
    )
    column = article(
        "column-1",
        None,
        "This was an accident that everybody saw coming. The council has saved in the wrong place for ten years.",
        publisher="The Kestrel Gazette",
        published="2024-10-23",
        author="Tom Farrow",
        language="en",
        flags=("opinion",),
    )
    conflict = Disagreement(
        "people injured",
        "conflict",
        (
            Version("14", (cite_words(gazette, "Fourteen people were injured, the coast guard said."),)),
            Version("17", (cite_words(courier, "Seventeen people were hurt"), cite_words(evening, "Seventeen people"))),
        ),
    )
    owner = cite_words(courier, "The ship was carrying 212 passengers, its owner said.")
    told = [verbatim(gazette, 0), verbatim(gazette, 2, owner), verbatim(courier, 0), verbatim(gazette, 1)]
    events = [
        event(1, [gazette, courier, evening], told, disagreements=(conflict,), status="updated"),
        event(2, [bote], [verbatim(bote, 0), verbatim(bote, 1)], caveats=("one-origin",)),
        event(
            3,
            [column],
            [verbatim(column, 1, attributed_to="Tom Farrow")],
            caveats=("one-origin", "opinion"),
            storyline="s2",
        ),
    ]
    storylines = [Storyline("s1", "The Aurora at Kestrel Point", ("e1", "e2")), Storyline("s2", "Column", ("e3",))]
    withheld = (
        Withheld("e1", "Forty people were injured.", ("number",)),
        Withheld("e1", "The captain fled.", ("support", "name")),
        Withheld("e1", "Fifty people were injured.", ("number",)),
    )
    failed = (Problem("feeds/late.xml", "not well-formed (line 3): the file ends inside <item>"),)
    sources = [gazette, courier, evening, bote, column]
    return briefing(events, sources, storylines=storylines, withheld=withheld, failed=failed), sources


def model_briefing() -> tuple[Briefing, list[Article]]:
    """What a language model makes of the harbour: one event written, with a fact box, and one that fell back."""
    plain, sources = harbour_briefing()
    gazette, courier = sources[0], sources[1]
    struck = cite_words(gazette, "The ferry Aurora ran aground off Kestrel Point at 6.40 on Monday.")
    hurt = cite_words(gazette, "Fourteen people were injured, the coast guard said.")
    hurt_too = cite_words(courier, "Seventeen people were hurt when the ferry Aurora hit rocks")
    carried = cite_words(gazette, "The ship was carrying 212 passengers.")
    owner = cite_words(courier, "The ship was carrying 212 passengers, its owner said.")
    pier = cite_words(gazette, "The pier stays closed until Wednesday.")
    told = [
        written("The ferry Aurora ran aground off Kestrel Point on Monday.", struck),
        written("The coast guard put the number of injured at fourteen.", hurt),
        written("When the Aurora hit rocks, seventeen people were hurt.", hurt_too),
        written("On board were 212 passengers.", carried, owner),
        Sentence(pier.quote, "verbatim", 1, None, (pier,)),
    ]
    facts = (
        Fact("where", "off Kestrel Point", "verbatim", 1, (struck,)),
        Fact("who", "The ferry Aurora", "verbatim", 2, (struck, hurt_too)),
        Fact("when", "at 6.40 on Monday", "verbatim", 1, (struck,)),
        Fact("how many", "Fourteen people were injured", "verbatim", 1, (hurt,)),
        Fact("how many", "212 passengers", "verbatim", 2, (carried, owner)),
    )
    first, second, _ = plain.events
    fallback = Fallback("e2", "connection", "127.0.0.1: connection refused")
    return (
        briefing(
            [replace(first, sentences=tuple(told), facts=facts), second],
            sources,
            storylines=[Storyline("s1", "The Aurora at Kestrel Point", ("e1", "e2"))],
            model="some-model",
            fallbacks=(fallback,),
        ),
        sources,
    )
