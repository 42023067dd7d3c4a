"""From a briefing to the page that templates see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from briefing.domain import Article, Briefing, Event
from briefing.errors import BriefingError
from briefing.render.agreement import with_agreement
from briefing.render.apparatus import article_views, failures, made_by, proof, scorecard, withheld_views
from briefing.render.event import Setting, event_view
from briefing.render.fallback import banner
from briefing.render.notes import Places, write_notes
from briefing.render.view import ArticleView, EventView, Page, StorylineView
from briefing.render.wording import FELL_BACK, count, day_words, iso_day
from briefing.text import single_line

LANGUAGE = "en"  # of our own words on the page
PAGE = Setting()
STORY = Setting(paragraph=3, facts=True)


def page_of(briefing: Briefing, articles: Mapping[str, Article], setting: Setting = PAGE) -> Page:
    """The page of a briefing; `articles` are those whose full text is at hand, by id.

    Raises BriefingError where an event names an article that the briefing does not list.
    """
    views = article_views(briefing)
    _require_listed(briefing, views)
    stories = list(_stories(briefing))
    events = _events([event for _, told in stories for event in told], briefing, views, articles, setting)
    storylines = tuple(_storyline(title, tuple(events[event.id] for event in told)) for title, told in stories)
    day = iso_day(briefing.date)
    return Page(
        title=single_line(briefing.title) or "Briefing",
        day=day,
        day_words=day_words(day, weekday=True),
        language=LANGUAGE,
        inside=_inside(briefing),
        storylines=storylines,
        withheld=withheld_views(briefing, events),
        failed=failures(briefing),
        scorecard=scorecard(briefing),
        made=made_by(briefing),
        proof=proof(briefing),
        articles=tuple(views.values()),
        edition=single_line(briefing.id),
        banner=banner(briefing),
    )


def _stories(briefing: Briefing) -> Iterator[tuple[str, list[Event]]]:
    """Storylines as told: a title, empty for a lone event, and the events; an event outside any stands alone."""
    events = {event.id: event for event in briefing.events}
    told = [(line.title, line.event_ids) for line in briefing.storylines]
    for title, identifiers in [*told, *(("", (identifier,)) for identifier in events)]:
        members = [event for name in identifiers if (event := events.get(name)) is not None]
        events = {name: event for name, event in events.items() if event not in members} if members else events
        if members:
            yield single_line(title) if len(members) > 1 else "", members


def _storyline(title: str, events: tuple[EventView, ...]) -> StorylineView:
    """A title that is one of the headlines below it says nothing more, and would stand there twice."""
    told = {event.headline.text.casefold() for event in events}
    dated = all(event.day is not None for event in events)
    return StorylineView("One storyline" if title.casefold() in told else title, events, dated)


def _events(
    told: list[Event],
    briefing: Briefing,
    views: Mapping[str, ArticleView],
    articles: Mapping[str, Article],
    setting: Setting,
) -> dict[str, EventView]:
    """Events by id, each with the passages that it is the first to cite."""
    records = {record.id: record for record in briefing.articles}
    origins = {name: record.origin for name, record in records.items()}
    texts = {record.id: record.text for record in briefing.articles if record.text is not None}
    texts.update((name, article.text) for name, article in articles.items())
    fell_back = {fallback.event_id for fallback in briefing.report.fallbacks}
    places: Places = {}
    drafts = []
    sentences = 0
    for number, event in enumerate(told, start=1):
        first = len(places)
        agreed = with_agreement(event, records)
        view = event_view(agreed, number, sentences, views, origins, places, setting)
        if event.id in fell_back:
            view = replace(view, tags=(*view.tags, FELL_BACK))
        drafts.append((event.id, view, first, len(places)))
        sentences += len(event.sentences)
    notes = write_notes(places, views, texts)
    return {name: replace(view, notes=notes[first:last]) for name, view, first, last in drafts}


def _require_listed(briefing: Briefing, listed: Mapping[str, ArticleView]) -> None:
    for event in briefing.events:
        cited = [*event.headline.citations]
        cited += [citation for sentence in event.sentences for citation in sentence.citations]
        cited += [citation for fact in event.facts for citation in fact.citations]
        cited += [citation for item in event.disagreements for side in item.versions for citation in side.citations]
        for name in (*event.article_ids, *(citation.article_id for citation in cited)):
            if name not in listed:
                raise BriefingError(f"event {event.id} cites article {name!r}, which the briefing does not list")


def _inside(briefing: Briefing) -> str:
    articles = count(len(briefing.articles), "article")
    if not briefing.events:
        return f"Nothing to report from {articles}." if briefing.articles else "Nothing to report."
    told = {name for event in briefing.events for name in event.article_ids}
    origins = len({record.origin for record in briefing.articles if record.id in told})
    return f"{count(len(briefing.events), 'event')} from {articles} by {count(origins, 'independent origin')}."
