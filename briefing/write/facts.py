"""The fact box of the writer that needs no model: a few words of the articles for who, where, when and how many.

Every fact is a snippet of a sentence that is told, and cites the passages that it stands in. Whatever is not certain
is left out: an empty line is no mistake, a wrong one is. There is no "what", for the headline is that.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from briefing.domain import Article, Aspect, Citation, Draft
from briefing.gate import examine
from briefing.names import names, ordinary
from briefing.ports import Claim, Passage
from briefing.text import STOP_WORDS, content_words
from briefing.write.actors import actors, places
from briefing.write.counted import Count, counts

MOST = 3  # facts of one kind, and passages of one fact
_OPENING = 2  # sentences that tell when and where the event was; later ones tell of what came before or after
_ON_THE_NEWS = 2  # words shared with the headline: a sentence with fewer may tell of another matter
_WEEKDAY = "(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DATE = rf"(?:\d{{1,2}} {_MONTH}|{_MONTH} \d{{1,2}})(?:,? \d{{4}})?(?!\d)"
_DAY = rf"(?:{_WEEKDAY}(?: (?:morning|afternoon|evening|night))?(?:,? {_DATE})?|{_DATE})"
_TIME = r"at (?:about |around )?(?:\d{1,2}(?:[.:]\d{2})?(?: ?[ap]\.?m\.?)?|noon|midnight)"
_WHEN = re.compile(rf"\b(?:{_TIME} )?(?:(?:early|late) )?[oO]n (?P<day>{_DAY})(?![\w’'-])")
_AREAS = "harbour|harbor|port|city|town|village|province|region|district|county|island"
_DIRECTIONS = "northern|southern|eastern|western|central|occupied"
_PLACE_BEFORE = re.compile(
    rf"\b(?P<sure>[iI]n)?(?(sure)|(?:at|near|off|outside)) (?:the )?(?:(?:inner |outer )?(?:{_AREAS}) of (?:the )?)?"
    rf"(?:(?:{_DIRECTIONS}) )?$"
)
_PLACE_BEHIND = re.compile(rf" (?:{_AREAS}|airport)\b")
_GEOGRAPHY = frozenset("port bay cove island islands river lake mount point beach valley harbour creek county".split())
_VERBS = frozenset("left ran met began took went led fell rose saw hit made held".split())
# What turns a phrase behind it into background, another's words, or a plan.
_ELSEWHERE = re.compile(
    r"\b(?:after|since|following|before|amid|as|for|against|between|over|about|during|despite|until|ahead|that|which|"
    r"who|whose|where|when|while|if|because|had|not|no|never|will|would|could|(?-i:may)|might|due|expected|scheduled|plan|"
    r"plans|planned|set|said|says|told|tells|repeated|announced|stated|emphasi[sz]ed|warned|added|reported|claims?|"
    r"claimed|denied|citing|interview|conference)\b|,\s\w+ing\b|[\"“”]",
    re.IGNORECASE,
)
_NO_PLACES = frozenset("congress parliament senate english french german spanish arabic hebrew russian".split())


def facts(drafts: Sequence[Draft], articles: Sequence[Article]) -> tuple[tuple[Aspect, Draft], ...]:
    """Facts from an event's drafts, the headline first, each a verbatim draft that passes the gate.

    `articles` are the event's. Only reports in English are read: capitals and weekdays mean something else elsewhere.
    Three facts at most for who and how many, one for where and when; a kind without a certain fact is absent.
    """
    sources = {one.id: one for one in articles if _read(one)}
    read = [one for one in drafts[1:] if _usable(one, sources)]
    context = "\n".join(one.text for one in sources.values())
    news = [one for one in read if _shared(one, drafts[0]) >= _ON_THE_NEWS]
    opening = [one for place, one in enumerate(read[:_OPENING]) if _shared(one, drafts[0]) >= _ON_THE_NEWS + place]
    found: list[tuple[Aspect, Draft]] = [("who", one) for one in _who(read, context, sources)]
    found += [("where", one) for one in _where([*drafts[:1], *opening], context, sources)]
    found += [("when", one) for one in _when(opening)]
    found += [("how many", one) for one in _how_many(news, context)]
    return tuple((aspect, one) for aspect, one in found if _passes(one, sources))


def _read(article: Article) -> bool:
    return (article.language or "en").startswith("en") and "opinion" not in article.flags


def _usable(draft: Draft, sources: Mapping[str, Article]) -> bool:
    """Whether a draft is a report in words of its source: an opinion states nothing."""
    own = draft.citations[0].article_id if draft.citations else ""
    return draft.kind == "verbatim" and draft.attributed_to is None and own in sources


def _shared(one: Draft, other: Draft) -> int:
    return len(set(content_words(one.text)) & set(content_words(other.text)))


def _passes(draft: Draft, sources: Mapping[str, Article]) -> bool:
    cited = [(sources[one.article_id], one) for one in draft.citations if one.article_id in sources]
    passages = [Passage(one.quote, article.published, article.language) for article, one in cited]
    return len(passages) == len(draft.citations) and not examine(Claim(draft.text, draft.kind), passages)


def _snippet(text: str, citations: Iterable[Citation]) -> Draft | None:
    """The snippet with those passages that it stands in as whole words, one an article; None where it is in none."""
    whole = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)")
    found: dict[str, Citation] = {}
    for citation in citations:
        if whole.search(citation.quote):
            found.setdefault(citation.article_id, citation)
    return Draft(text, tuple(found.values())[:MOST], "verbatim") if found else None


def _who(read: Sequence[Draft], context: str, sources: Mapping[str, Article]) -> Iterator[Draft]:
    citations = [one for draft in read for one in draft.citations if one.article_id in sources]
    for name in actors([draft.text for draft in read], context):
        draft = _snippet(name, citations)
        if draft is not None:
            yield draft


def _when(opening: Sequence[Draft]) -> Iterator[Draft]:
    """The fullest statement of a day in the opening sentences, where they do not name two days."""
    found: list[tuple[str, Draft]] = []
    for draft in opening:
        match = _WHEN.search(draft.text)
        if match is None or _ELSEWHERE.search(draft.text[: match.start()]):
            continue
        snippet = _snippet(match.group(), draft.citations)
        if snippet is not None:
            found.append((match["day"].split()[0].rstrip(","), snippet))
    if len({day for day, _ in found}) == 1:
        yield max((snippet for _, snippet in found), key=lambda one: len(one.text))


def _where(opening: Sequence[Draft], context: str, sources: Mapping[str, Article]) -> Iterator[Draft]:
    """The first place that the headline, else an opening sentence, names in its main clause."""
    for draft in opening:
        if not _usable(draft, sources) or _title_case(draft.text):
            continue
        text = _place(draft.text, context)
        snippet = _snippet(text, draft.citations) if text else None
        if snippet is not None:
            yield snippet
            return


def _place(text: str, context: str) -> str:
    """`in the port of Kestrel Bay`: a preposition and a name; empty where the first such phrase is not certain."""
    for name in names(text):
        before = _PLACE_BEFORE.search(text[: name.start])
        if before is None:
            continue
        bare = re.sub(r"['’]s$", "", name.text)
        if bare != name.text or _ELSEWHERE.search(text[: before.start()]):
            return ""
        area = _PLACE_BEHIND.match(text, name.end)
        end = area.end() if area else name.end
        last = name.words[-1]
        certain = len(name.words) > 1 and bool(_GEOGRAPHY & {name.words[0], last})
        if not before.group().startswith("off") and name.text in places(context, name):
            lone = len(name.words) == 1 and before.group().lower() == "in the "  # "in the Chase", "in the Commons"
            certain = certain or not (lone or last in _NO_PLACES or ordinary(last))
        return text[before.start() : end] if certain and _ends_phrase(text, end) else ""
    return ""


def _ends_phrase(text: str, end: int) -> bool:
    """Whether a phrase ends at `end`, so that no noun behind it makes another thing of it: `in Gaza talks`."""
    match = re.match(r"\s([\w’'-]+)", text[end:])
    if match is None:
        return not text[end : end + 1].isalnum() and text[end : end + 1] not in ("-", "'", "’")
    word = match[1]
    if word in ("and", "of"):
        return False
    return word in STOP_WORDS or word in _VERBS or (word.islower() and word.endswith("ed"))


def _title_case(text: str) -> bool:
    """Whether a headline writes every word with a capital, so that capitals tell nothing."""
    words = [word for word in text.split() if word[0].isalpha() and word.lower() not in STOP_WORDS]
    return len(words) > 3 and sum(word[0].isupper() for word in words) >= 0.8 * len(words)


def _how_many(read: Sequence[Draft], context: str) -> Iterator[Draft]:
    """Counts that nothing in the sources gives another number: casualties first, then in the order told."""
    found: dict[tuple[str, ...], tuple[Count, Draft]] = {}
    for draft in read:
        for count in counts(draft.text):
            snippet = _snippet(count.text, draft.citations)
            if snippet is not None:
                found.setdefault(count.key, (count, snippet))
    if not found:
        return
    values: dict[tuple[str, ...], set[object]] = defaultdict(set)
    for count in counts(context, strict=False):
        values[count.key].add(count.value)
    ranked = sorted((pair for key, pair in found.items() if len(values[key]) == 1), key=lambda pair: not pair[0].harmed)
    yield from (snippet for _, snippet in ranked[:MOST])
