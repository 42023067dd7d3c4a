"""A briefing as mail: the letter that every recipient gets, in HTML and in plain text.

Mail clients cut a message that is too long (Gmail at 102 KB of HTML), wherever that falls. So the letter is kept below
that by leaving out whole stories from its end, and its way out of the list stands before the first story, too.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import accumulate
from pathlib import Path

from markupsafe import Markup

from briefing.canonical import without_credentials
from briefing.domain import Article, Briefing
from briefing.errors import UsageError
from briefing.letters import UNSUBSCRIBE, Letter
from briefing.render.environment import Form, fill
from briefing.render.letterhead import Entry, cited, entry, letterhead, said_above, subject
from briefing.render.links import Url, safe_url
from briefing.render.page import page_of
from briefing.render.view import EventView, Page, StorylineView

# Bytes of UTF-8, lines ended by CR LF. As delivered, HTML is to have 90,000 at most: a reader's own way out, of up to
# 900 characters, twice takes the place of a short stand-in.
HTML_LIMIT = 88_000
TEXT_LIMIT = 200_000


@dataclass(frozen=True, slots=True)
class Story:
    """An event in its storyline, as `mail_story` templates see it: the `first` shown of its storyline has its title.

    `event.notes` are all passages that it cites, `said_above` the numbers of those whose words stand in it as they are.
    Where it is not `whole`, `entry` alone is to be told.
    """

    event: EventView
    storyline: StorylineView
    first: bool
    entry: Entry
    said_above: frozenset[int]
    whole: bool = True

    @property
    def weight(self) -> int:
        """Bytes of its texts: about what it takes at least."""
        return _size(*_texts(self.event, self.said_above)) if self.whole else _size(self.entry.text)


@dataclass(frozen=True, slots=True)
class Part:
    """One of the two forms of a letter; `headlines` are the most in its contents, `hint` is where the way out goes."""

    form: Form
    limit: int
    headlines: int
    finish: Callable[[str], str]
    stray: str
    hint: str

    @property
    def template(self) -> str:
        """The name of its template."""
        return f"mail.{self.form}.jinja"


@dataclass(frozen=True, slots=True)
class Press:
    """Prints one part of the letter of a page."""

    part: Part
    page: Page
    full_edition: Url | None
    templates: Path | None
    text_whole: bool = False

    def pieces(self, stories: Sequence[Story], left_out: Sequence[EventView] = ()) -> list[str]:
        """The finished part in pieces: what stands before the stories, each story, what stands behind them.

        Marks that nobody can guess hold the places meanwhile, so that no article's text can pass for one of them.
        """
        part = self.part
        mark = secrets.token_hex(16)
        way_out = Url(f"https://{mark[::-1]}.invalid/")
        mail = letterhead(
            self.page,
            left_out,
            unsubscribe=way_out,
            full_edition=self.full_edition,
            contents=part.headlines,
            text_whole=self.text_whole,
        )
        values = {"page": self.page, "mail": mail}
        story_values = {**values, "stories": stories, "cut": mark}
        told = Markup(fill(f"mail_stories.{part.form}.jinja", part.form, story_values, self.templates))  # noqa: S704
        whole = fill(part.template, part.form, {**values, "stories": told}, self.templates)
        finished = part.finish(whole)
        if way_out not in finished:
            raise UsageError(f"template {part.template} has no way out of the list: {part.hint}")
        pieces = finished.replace(UNSUBSCRIBE, part.stray).replace(way_out, UNSUBSCRIBE).split(mark)
        if len(pieces) != len(stories) + 2:
            raise UsageError(
                f"template {part.template} or mail_stories.{part.form}.jinja does not print each story once: "
                "put {{ stories }} where they stand, and {{ cut }} before each story and behind the last"
            )
        return pieces


def letter(
    briefing: Briefing,
    articles: Mapping[str, Article],
    *,
    full_edition: str | None = None,
    templates: Path | None = None,
    made_at: datetime,
) -> Letter:
    """The briefing as mail. `articles` are those whose full text is at hand, by id; the page is at `full_edition`.

    Its HTML has at most `HTML_LIMIT` bytes, its text `TEXT_LIMIT`. Raises UsageError where a template cannot be
    filled, leaves out the way out of the list, or is too long before any story is told.
    """
    page = page_of(briefing, articles)
    address = page_address(full_edition)
    stories = list(_stories(page, address))
    text, whole = _fitted(Press(_TEXT, page, address, templates), stories)
    html, _ = _fitted(Press(_HTML, page, address, templates, text_whole=whole), stories)
    return Letter(subject(page), html, text, made_at)


def _fitted(press: Press, stories: Sequence[Story]) -> tuple[str, bool]:
    """The part with as many stories as it has room for, and whether these are all, each whole.

    A story that would not even fit alone is told by its headline, so that it does not take those behind it away. Only
    so many stories are printed as may fit by their texts, twice as many with each round: work grows with what is shown.
    """
    limit = reach = press.part.limit
    stories = [replace(story, whole=story.weight <= limit) for story in stories]
    alone = limit - _size(*press.pieces((), [story.event for story in stories[1:]]))
    while True:
        weights = accumulate(story.weight for story in stories)
        looked_at = [story for story, weight in zip(stories, weights, strict=True) if weight <= reach]
        printed = press.pieces(looked_at)
        fits = _size(*printed) <= limit
        large = {
            number for number, piece in enumerate(printed[1:-1]) if looked_at[number].whole and _size(piece) > alone
        }
        if not large and (not fits or len(looked_at) == len(stories)):
            break
        stories = [replace(story, whole=story.whole and number not in large) for number, story in enumerate(stories)]
        reach *= 2
    if not fits:
        printed = _cut(press, stories, printed[1:-1])
    if _size(*printed) > limit:
        raise UsageError(
            f"template {press.part.template} writes {_size(*printed):,} bytes without a story: {limit:,} are the most"
        )
    return "".join(printed), fits and all(story.whole for story in stories)


def _cut(press: Press, stories: Sequence[Story], printed: Sequence[str]) -> list[str]:
    """The part with as many of the first stories, `printed`, as have room beside the list of those left out."""
    sizes = [0, *accumulate(_size(piece) for piece in printed)]

    def frame(count: int) -> list[str]:
        return press.pieces((), [story.event for story in stories[count:]])

    least, most = 0, len(printed)
    while least < most:
        count = -(-(least + most) // 2)
        if _size(*frame(count)) + sizes[count] <= press.part.limit:
            least = count
        else:
            most = count - 1
    before, after = frame(least)
    return [before, *printed[:least], after]


def _stories(page: Page, full_edition: Url | None) -> list[Story]:
    notes = {note.number: note for event in page.events for note in event.notes}
    return [
        Story(whole, storyline, number == 0, entry(event, full_edition), said_above(whole))
        for storyline in page.storylines
        for number, event in enumerate(storyline.events)
        for whole in [replace(event, notes=cited(event, notes))]
    ]


def _texts(event: EventView, said_above: frozenset[int]) -> list[str]:
    texts = [event.headline.text, *(sentence.text for paragraph in event.paragraphs for sentence in paragraph)]
    texts += [note.quote for note in event.notes if note.number not in said_above]
    texts += [text for note in event.notes for text in (note.article.label, note.url or "")]
    texts += [version.value for item in event.disagreements for version in item.versions]
    texts += [article.label for origin in event.reported_by for article in origin.articles]
    return texts


def page_address(stated: str | None) -> Url | None:
    """The page's address as a mail links it, without a fragment: each story's own is put behind it.

    Raises UsageError where it cannot be linked.
    """
    address = safe_url(stated)
    if stated is not None and address is None:
        shown = without_credentials(stated)
        raise UsageError(
            f"a mail cannot link {shown!r}: archive_url under [mail] has to be an https address without a password"
        )
    return None if address is None else Url(address.partition("#")[0])


def _inlined(html: str) -> str:
    """Rules written to the elements themselves, where every client reads them; those of `@media` stay in the head."""
    from css_inline import CSSInliner  # a compiled library: imported where it is used, so that `--help` stays light

    return str(CSSInliner(keep_at_rules=True, minify_css=True, load_remote_stylesheets=False).inline(html))


def _as_it_is(text: str) -> str:
    return text


def _size(*texts: str) -> int:
    """Bytes as UTF-8 with lines ended by CR LF, as a message has them."""
    return sum(len(text.encode()) + text.count("\n") for text in texts)


# An article's text that reads like the stand-in of a recipient's way out must not become one.
_HTML = Part(
    "html",
    HTML_LIMIT,
    20,
    _inlined,
    UNSUBSCRIBE.replace("//", "/&#47;"),
    'put <a href="{{ mail.unsubscribe }}">Unsubscribe</a> before {{ stories }}',
)
_TEXT = Part(
    "txt",
    TEXT_LIMIT,
    100,
    _as_it_is,
    UNSUBSCRIBE.replace("//", "/ /"),
    "put {{ mail.unsubscribe }} on a line of its own before {{ stories }}",
)
