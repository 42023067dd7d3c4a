"""Page furniture out of an article's blocks: share lines, comment rules, related posts, notices. Never news."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from itertools import accumulate

from briefing.collect.cleaning.byline import Byline, is_media, parse
from briefing.collect.cleaning.rule import SHORT, first_word, held_words
from briefing.collect.cleaning.rules import COMMENTS, RELATED, RULES, Rule
from briefing.text import words

BYLINE, TAIL_BYLINE, PUBLISHER, TITLE = "byline", "tail-byline", "publisher", "repeated-title"
_WHOLE_REPORT = 500  # characters
_LONGEST = max(rule.longest for rule in RULES)
_WORDLESS = tuple(one for one in RULES if not one.words)
_CLOSING = "\"'”’»)]"
_SENTENCE_ENDS = (".", "!", "?", "…", "。", "！", "？")
_COUNTED = re.compile(r"\d")

Removed = tuple[str, str]  # the block, and the name of the rule that took it


def strip(
    blocks: Sequence[str], *, title: str | None = None, author: str | None = None
) -> tuple[tuple[str, ...], tuple[Removed, ...]]:
    """What is news among `blocks`, and what was removed by which rule, both in the order of the page.

    Cleaning what is kept once more removes nothing.
    """
    kept = list(blocks)
    removed: dict[int, str] = {}
    places = list(range(len(kept)))
    while True:
        taken = _pass([kept[place] for place in places], title, author)
        if not taken:
            break
        removed |= {places[index]: name for index, name in taken.items()}
        places = [place for index, place in enumerate(places) if index not in taken]
    return tuple(kept[place] for place in places), tuple((kept[place], removed[place]) for place in sorted(removed))


def _places(*, opens: bool) -> dict[str, tuple[int, ...]]:
    """The places in the table of the rules that a word may belong to, those for short blocks left out."""
    rules = [(place, one) for place, one in enumerate(RULES) if one.opens == opens and one.longest > SHORT]
    return {
        word: tuple(place for place, one in rules if word in one.words)
        for word in frozenset[str]().union(*(one.words for _, one in rules))
    }


_OPENING = _places(opens=True)
_HOLDING = _places(opens=False)
_HELD = frozenset(_HOLDING)
# So few of these rules are for long blocks that to look for their words would take longer than to try them.
_WIDE = 200  # characters
_FOR_WIDE = tuple(place for place, one in enumerate(RULES) if not one.opens and one.words and one.longest > _WIDE)


@lru_cache(maxsize=4096)
def rule_for(block: str) -> str | None:
    """The name of the rule that takes this block wherever it stands; None if none does."""
    if len(block) > _LONGEST:
        return None
    return next(
        (one.name for one in _likely(block) if len(block) <= one.longest and one.pattern.fullmatch(block)), None
    )


def _likely(block: str) -> Iterable[Rule]:
    """The rules that can match, in order."""
    if len(block) <= SHORT:
        return RULES
    opening = first_word(block)
    if not opening:
        return _WORDLESS
    places = set(_OPENING.get(opening, ()))
    if len(block) > _WIDE:
        places.update(_FOR_WIDE)
    else:
        for word in held_words(block) & _HELD:
            places.update(_HOLDING[word])
    return [RULES[place] for place in sorted(places)] if places else ()


def is_prose(block: str) -> bool:
    """Whether a block reads like running text: it ends like a sentence, or is longer than a heading ever is."""
    return len(block) > 160 or (len(block) > 40 and block.rstrip(_CLOSING)[-1:] in _SENTENCE_ENDS)


@lru_cache(maxsize=64)
def title_words(title: str) -> tuple[str, ...]:
    """The words of a title, which several blocks of its article are held against."""
    return tuple(words(title))


def repeats(block: str, wanted: Sequence[str]) -> bool:
    """Whether a block's words are those wanted, of which there is one at least."""
    # most blocks lack one of them, and to find out is quicker than to part a block into words
    folded = block.casefold().replace("’", "'")
    return bool(wanted) and wanted[0] in folded and wanted[-1] in folded and words(block) == list(wanted)


def _pass(blocks: Sequence[str], title: str | None, author: str | None) -> dict[int, str]:
    """Index and rule of the blocks that one pass takes."""
    taken: dict[int, str] = {}
    repeated = title_words(title) if title else None
    for index, block in enumerate(blocks):
        if repeated and len(block) < 400 and repeats(block, repeated):
            taken[index] = TITLE
        elif name := rule_for(block):
            taken[index] = name
    lines = _head(blocks, taken)
    author = author or next((line.author for line in lines.values() if line.author), None)
    opening = next((index for index, block in enumerate(blocks) if index not in taken and is_prose(block)), 0)
    taken |= dict.fromkeys(lines, BYLINE)
    for index in range(opening):
        if index in taken:
            continue
        if blocks[index] == author:
            taken[index] = BYLINE
        elif is_media(blocks[index]) and (index + 1 in lines or index - 1 in lines):
            taken[index] = PUBLISHER
    return taken | _tail(blocks, taken, author)


def _head(blocks: Sequence[str], taken: dict[int, str]) -> dict[int, Byline]:
    """Bylines and date lines before the first running text, and a byline right after it (a standfirst)."""
    lines: dict[int, Byline] = {}
    seen_prose = False
    for index, block in enumerate(blocks):
        if index in taken:
            continue
        line = parse(block)
        if line is not None and (line.author or line.labelled or not seen_prose or index - 1 in lines):
            lines[index] = line
        elif seen_prose:
            break
        else:
            seen_prose = is_prose(block)
    return lines if seen_prose else {}


def _tail(blocks: Sequence[str], taken: dict[int, str], author: str | None) -> dict[int, str]:
    """What follows the article: sections of comments and related posts, author's names, dates."""
    cut: dict[int, str] = {}
    end = _trailing(blocks, len(blocks), taken, author, cut)
    sections = [index for index in sorted(taken, reverse=True) if taken[index] in (COMMENTS, RELATED)]
    if not sections:
        return cut
    left = [None if index in taken else block for index, block in enumerate(blocks)]
    length = [0, *accumulate(len(block or "") for block in left)]  # of what is left above each block
    prose = [0, *accumulate(block is not None and is_prose(block) for block in left)]
    for index in sections:
        above, below = length[index], length[max(index, end)] - length[index]
        if not above or not below:
            continue
        if taken[index] == RELATED:
            ends = below <= above and prose[end] == prose[index]
        else:  # a heading with their number below a whole report; a counter above it is none
            ends = below <= above or (bool(_COUNTED.search(blocks[index])) and above >= _WHOLE_REPORT)
        if ends:
            cut |= {later: f"after-{taken[index]}" for later in range(index + 1, end) if later not in taken}
            end = _trailing(blocks, index, taken, author, cut)
    return cut


def _trailing(blocks: Sequence[str], end: int, taken: dict[int, str], author: str | None, cut: dict[int, str]) -> int:
    """The index after the last block of the article; the author's name and date lines at its end go to `cut`."""
    while end > 0:
        block = blocks[end - 1]
        if end - 1 not in taken:
            line = parse(block)
            if not (line is not None and (line.author or line.published or line.updated)) and block != author:
                break
            cut[end - 1] = TAIL_BYLINE
        end -= 1
    return end
