"""The table of page furniture: what each rule takes, an example of it, and news that it must let pass.

A rule matches a whole block (a line of cleaned text), from its first character to its last, up to a length. A rule
that could match a sentence of news is wrong: add the sentence to its `passes` and narrow it.
"""

from __future__ import annotations

from briefing.collect.cleaning.rule import Rule
from briefing.collect.cleaning.rules_page import PAGE
from briefing.collect.cleaning.rules_reader import COMMENTS, READER, RELATED

__all__ = ["COMMENTS", "RELATED", "RULES", "Rule"]

RULES: tuple[Rule, ...] = (*PAGE, *READER)
