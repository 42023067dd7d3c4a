"""An article's text between a row of `article_versions` and `Article`, both ways."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from briefing.domain import Article, Span

_SAME = (
    "title",
    "body",
    "published",
    "published_from",
    "publisher",
    "owner",
    "url",
    "author",
    "language",
    "credit",
)


class Written(str):
    """A value as the driver takes it, whatever its column: what was made ready elsewhere."""

    __slots__ = ()


class Handed:
    """A dataclass with slots, pickled by its values: a run hands over thousands, and its own way takes longer."""

    __slots__: tuple[str, ...] = ()

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (type(self), *[getattr(self, name) for name in type(self).__slots__])


def _made(kind: Any, *values: Any) -> Any:
    return kind(**dict(zip(kind.__slots__, values, strict=True)))


def row_of(article: Article) -> dict[str, Any]:
    """The columns that an article fills. Its origin is none of them: that is found anew among what it is read with."""
    return {
        "article_id": article.id,
        "sha256": article.sha256,
        **{name: getattr(article, name) for name in _SAME},
        "flags": list(article.flags),
        "sentences": article.sentences,
    }


def article_of(row: Mapping[Any, Any]) -> Article:
    """The article of a row: `article_of(row_of(article))` is the article, with itself as its origin."""
    return Article(
        id=row["article_id"],
        flags=tuple(row["flags"]),
        sentences=tuple(Span(*span) for span in row["sentences"]),
        **{name: row[name] for name in _SAME},
    )
