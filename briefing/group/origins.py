"""Whom a report comes from: copies of one report have one origin, however many papers print it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from briefing.domain import Article
from briefing.group.copies import copy_groups
from briefing.group.order import in_time


def resolve_origins(articles: Sequence[Article]) -> tuple[Article, ...]:
    """The same articles in the same order, each with its `origin`; copies of a credited report are flagged `wire`.

    An origin is one key per group of copies: the news agency that a member credits (the earliest member's), else the
    earliest member's owner or publisher, else the earliest member's id. So two reports of one publisher, and those of
    papers that one owner has, share an origin, a wire report in fourteen papers is one origin, and a paper's own report
    beside its wire report is another.
    """
    ordered = in_time(articles)
    origin: dict[str, str] = {}
    wire: set[str] = set()
    for group in copy_groups(ordered):
        members = [ordered[position] for position in group]
        first = members[0]
        credited = [member.credit for member in members if member.credit]
        key = credited[0] if credited else first.owner or first.publisher or first.id
        origin.update((member.id, key) for member in members)
        wire.update(member.id for member in members if credited)
    return tuple(
        replace(
            article,
            origin=origin[article.id],
            flags=(*article.flags, "wire") if article.id in wire and "wire" not in article.flags else article.flags,
        )
        for article in articles
    )
