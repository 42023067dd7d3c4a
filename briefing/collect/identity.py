"""Which id each article goes by, and what two articles under one id mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from briefing.collect.inputs import label
from briefing.errors import UsageError
from briefing.ports import RawArticle


@dataclass(frozen=True, slots=True)
class Found:
    """An article as read, and the INPUT that it came by; `is_input` where the INPUT is this one article's file."""

    article: RawArticle
    source: str
    is_input: bool = False


def settle(found: Sequence[Found]) -> list[RawArticle]:
    """The articles under ids of their own, in order of id.

    Repeated rows collapse; an id that two INPUTs use gets the INPUT's name in front, as many parts of its path as
    tell them apart. Raises UsageError where one INPUT has two different texts under one id.
    """
    by_id: dict[str, list[Found]] = defaultdict(list)
    for one in _distinct(found):
        by_id[one.article.id].append(one)
    taken: dict[str, RawArticle] = {}
    for identifier in sorted(by_id):
        for name, article in _named(identifier, by_id[identifier]):
            if name in taken:
                raise _two_under(name, taken[name], article)
            taken[name] = replace(article, id=name)
    return [taken[name] for name in sorted(taken)]


def _distinct(found: Iterable[Found]) -> Iterable[Found]:
    first: dict[tuple[str, str], Found] = {}
    for one in found:
        key = (one.source, one.article.id)
        known = first.setdefault(key, one)
        if (known.article.title, known.article.text) != (one.article.title, one.article.text):
            raise _two_under(one.article.id, known.article, one.article)
    return first.values()


def _named(identifier: str, sharing: list[Found]) -> Iterable[tuple[str, RawArticle]]:
    if len(sharing) == 1:
        return [(identifier, sharing[0].article)]
    for parts in range(1, 1 + max(len(one.source) for one in sharing)):
        names = []
        for one in sharing:
            # where the INPUT is the article's own file, its path ends in the id already
            front = label(one.source, parts)
            names.append(front if one.is_input and parts > 1 else f"{front}/{identifier}")
        if len(set(names)) == len(names):
            break
    return zip(names, (one.article for one in sharing), strict=True)


def _two_under(identifier: str, one: RawArticle, other: RawArticle) -> UsageError:
    return UsageError(
        f"two different texts have the id {identifier!r}: {one.place} and {other.place}; give each its own"
    )
