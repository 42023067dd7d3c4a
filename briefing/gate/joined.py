"""What no article says is not made of pieces of several, and nobody says what somebody else has said."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache

from briefing.domain import Reason
from briefing.gate import date, name, number
from briefing.gate.compare import beginnings, clauses, in_english, sentences_of, stands_whole, stems
from briefing.gate.support import support_score
from briefing.names import names
from briefing.ports import Claim, Passage
from briefing.text import content_words, stem, words

LEAST = 3  # content words that make a part of a claim a statement of its own
SHARE = 0.6  # of a part's words, weighed as `support_score` does, that one article or one sentence must have

_DIFFER = re.compile(
    r"\b(?:sources|reports|accounts|estimates|figures)\ (?:differ|vary|disagree|conflict)\b[^:,;.]*[:,;.]?\s*",
    re.IGNORECASE,
)
_SPEAKS = re.compile(
    r"""\b(?:said|says|told|tells|announced?s?|according\ to|stated|added|warned|denied|denies|confirmed|claimed|argued
    |wrote|insisted|reported|called|described|acknowledged|promised|vowed|declared|testified|predicted|accused|praised
    |criticised|criticized|condemned|rejected|demanded|urged|blamed)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_ASIDE = re.compile(r",[^,]*,\s*$")  # "Piet Larsen, who leads the inquiry, said"
# Who is only pointed to: his or her name stands elsewhere.
_POINTS = re.compile(
    r"""\b(?:he|she|it|they|his|hers?|its|their|we|our)\b
    |\b(?:the|that)\ (?:[\w-]+\ ){0,2}?(?:company|firm|group|ministry|court|man|woman|suspect|victim|agency|union
        |government|party|league|club|team|bank|school|university|hospital|department|actor|actress|singer|star
        |president|minister|secretary|mayor|senator|governor|officer|official|driver|player|author|soldier|student
        |couple|operator|network|paper|professor|lawyer|spokesman|spokeswoman|documents?|report|study|suit)\b""",
    re.IGNORECASE | re.VERBOSE,
)


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`support` where a part of a written claim is made of pieces of several articles, or given to another speaker.

    A claim may tell in each of its parts what another article says, but of each part one article's passages must have
    most words and all names, numbers and days. In English, one sentence of them has to have most of what somebody says
    and the speaker, too, and the one that is nearest to a part what that is about, unless it only points there ("he",
    "the company"). What all passages together lack is another layer's. Caught: "Mayor Brandt announced the closure on
    Friday." from one paper's "Mayor Brandt called the closure necessary" and another's "the council announced on
    Friday". Passed: "Police said 14 people were hurt, while the hospital said 17." from two.
    """
    if claim.kind != "written" or stands_whole(claim.text, passages) or _lacks(claim, passages):
        return None
    articles = [
        [passage for passage in passages if passage.article == article]
        for article in dict.fromkeys(passage.article for passage in passages)
    ]
    text = _DIFFER.sub("", claim.text)
    if any(_says(replace(claim, text=text), article) for article in articles):
        return None
    parts = [replace(claim, text=part) for part in clauses(text) if len(content_words(part)) >= LEAST]
    if all(any(_says(part, article) for article in articles) for part in parts):
        return None
    return "support"


def _says(part: Claim, article: Sequence[Passage]) -> bool:
    """Whether one article's passages say a part of a claim, by the right speaker."""
    if _lacks(part, article):
        return False
    if not in_english(article):
        return True
    speakers = list(_speakers(part.text))
    sentences = [sentence for passage in article for sentence in sentences_of(passage.text)]
    scores = [support_score(part, [Passage("\n".join((sentence, *speakers)))]) for sentence in sentences]
    enough = SHARE if speakers else max(scores)
    holding = [sentence for score, sentence in zip(scores, sentences, strict=True) if score >= enough]
    wanted = [word for speaker in speakers for word in content_words(speaker)] or _subject(part.text, article)
    called = _called("\n".join(passage.text for passage in article))
    return any(_POINTS.search(sentence) or _names(sentence, wanted, called) for sentence in holding)


def _names(sentence: str, wanted: Sequence[str], called: Sequence[tuple[frozenset[str], str]]) -> bool:
    """Whether a sentence has all words of who speaks or acts, or a name that stands with them elsewhere."""
    known = stems(sentence).union(*(stems(phrase) for name_words, phrase in called if name_words & stems(sentence)))
    return all(word in known or word[:5] in beginnings(sentence) for word in wanted)


def _subject(text: str, article: Sequence[Passage]) -> list[str]:
    """What a part of a claim is about: its first word of content, if it is no name.

    One that the passages lack counts where it is the very first word ("Passengers found cracks"): "the couple" may be
    anybody that they name.
    """
    named = frozenset().union(*(stems(one.text) | frozenset(one.words) for one in names(text)))
    first = [word.removesuffix("'s").removesuffix("’s") for word in content_words(text)[:1]]
    opens = any(stem(word) in first and not word.endswith("ly") for word in words(text)[:1])
    said = opens or any(word in stems(passage.text) for word in first for passage in article)
    return [word for word in first if said and word not in named]


def _lacks(part: Claim, passages: Sequence[Passage]) -> bool:
    """Whether passages lack much of a part of a claim, or a name, a number or a day of it."""
    layers = (name.check, number.check, date.check)
    return support_score(part, passages) < SHARE or any(refuses(part, passages) for refuses in layers)


def _speakers(text: str) -> Iterator[str]:
    """Who speaks in a part of a claim: the words before "said", or behind it where nothing stands before."""
    for match in _SPEAKS.finditer(text):
        before = _ASIDE.sub("", text[: match.start()]).rpartition(",")[2].split()[-4:]
        behind = text[match.end() :].split()[:4]
        yield " ".join(behind if match.group().casefold() == "according to" or not before else before)


@lru_cache(maxsize=1024)
def _called(text: str) -> tuple[tuple[frozenset[str], str], ...]:
    """Every name of a text: the stems of its words, and the phrase that it stands in."""
    found = []
    for one in names(text):
        before = re.search(r"(?:[\w’'-]+,?\ ){0,8}$", text[: one.start])
        found.append((stems(one.text), text[before.start() if before else one.start : one.end]))
    return tuple(found)
