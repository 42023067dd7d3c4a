"""One rule against page furniture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

_WORD = re.compile(r"[^\W_]+|©")


SHORT = 60  # characters of a block for which every rule is tried: its words may run together


@dataclass(frozen=True, slots=True)
class Rule:
    """`pattern` must match a whole block of at most `longest` characters.

    Every block of more than `SHORT` characters that it matches holds one of `words`, if any are given, and begins with
    one where `opens` is set: so most blocks need no look at most rules. `catches` are examples, `passes` is news that
    it must let pass.
    """

    name: str
    words: frozenset[str]
    opens: bool
    written: str
    longest: int
    catches: tuple[str, ...]
    passes: tuple[str, ...]

    @property
    def pattern(self) -> re.Pattern[str]:
        """What is `written`, compiled when it is first needed: most texts need few, and all take a while."""
        return _compiled(self.written)


@cache
def _compiled(written: str) -> re.Pattern[str]:
    return re.compile(written, re.IGNORECASE | re.VERBOSE)


def rule(name: str, words: str, pattern: str, longest: int, catches: tuple[str, ...], passes: tuple[str, ...]) -> Rule:
    """A rule; `words` are parted by spaces, in lower case, after `^ ` where a block must begin with one of them."""
    return Rule(
        name=name,
        words=frozenset(words.removeprefix("^ ").split()),
        opens=words.startswith("^ "),
        written=pattern,
        longest=longest,
        catches=catches,
        passes=passes,
    )


@lru_cache(maxsize=4096)
def held_words(block: str) -> frozenset[str]:
    """The words of a block in lower case, and its copyright sign: what tells most rules that they need no look."""
    return frozenset(_WORD.findall(block.casefold()))


def first_word(block: str) -> str:
    """The first word of a block in lower case; empty where it has none."""
    match = _WORD.search(block)
    return match.group().casefold() if match else ""
