"""TF-IDF vectors and their products in numpy alone, a block of rows at a time."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]
Document = Mapping[Any, int]  # counts of terms, which may be strings or tuples
_RARE = 48  # a column with more rows than this is cheaper in a dense product


@dataclass(frozen=True, slots=True)
class Vectors:
    """A sparse matrix of n rows, split in two: `common` columns dense, n x c; the others as lists.

    Row r's entries in rare columns are `columns[row_start[r]:row_start[r + 1]]` with `values`; column c's rows are
    `rows[column_start[c]:column_start[c + 1]]` with `row_values`. Columns of a single row are left out: they meet
    nothing.
    """

    common: Floats
    row_start: Integers
    columns: Integers
    values: Floats
    column_start: Integers
    rows: Integers
    row_values: Floats


def tfidf(documents: Sequence[Document], parts: Sequence[float] = (1.0,)) -> Vectors:
    """TF-IDF rows of unit length: (1 + ln tf) (1 + ln((1 + n) / (1 + df))).

    With several `parts`, `documents` holds the first part's n documents, then the second's, and so on; row r is the
    parts' unit vectors side by side, each times the square root of its weight, so that a product of two rows is the
    weighted mean of the parts' cosines.
    """
    n = len(documents) // len(parts)
    entries = [_weighted(documents[part * n : (part + 1) * n], weight) for part, weight in enumerate(parts)]
    width = 0
    row, column, value = [], [], []
    for rows, columns, values, count in entries:
        row.append(rows)
        column.append(columns + width)
        value.append(values)
        width += count
    return _split(np.concatenate(row), np.concatenate(column), np.concatenate(value), n, width)


def presence(documents: Sequence[Document]) -> Vectors:
    """Rows of ones, so that a product counts what two rows share."""
    row, column, _, width = _entries(documents)
    return _split(row, column, np.ones(len(row)), len(documents), width)


def products(vectors: Vectors, start: int, stop: int) -> Floats:
    """Rows `start` to `stop` (half-open) times every row: (stop - start) x n."""
    result = vectors.common[start:stop] @ vectors.common.T
    n = len(vectors.common)
    entries = slice(vectors.row_start[start], vectors.row_start[stop])
    columns = vectors.columns[entries]
    first, sizes = vectors.column_start[columns], np.diff(vectors.column_start)[columns]
    # Each entry meets every row of its column: positions of all these meetings, laid end to end.
    meeting = np.repeat(first - (np.cumsum(sizes) - sizes), sizes) + np.arange(sizes.sum())
    own = np.repeat(np.arange(stop - start), np.diff(vectors.row_start[start : stop + 1]))
    flat = np.repeat(own * n, sizes) + vectors.rows[meeting]
    weight = np.repeat(vectors.values[entries], sizes) * vectors.row_values[meeting]
    rare = np.bincount(flat, weights=weight, minlength=(stop - start) * n)
    return np.asarray(result + rare.reshape(stop - start, n), dtype=np.float32)


def _entries(
    documents: Sequence[Document],
) -> tuple[Integers, Integers, NDArray[np.float64], int]:
    """Row, column and count of every entry, and the number of columns."""
    index: dict[Hashable, int] = {}
    columns = [index.setdefault(term, len(index)) for document in documents for term in document]
    counts = [count for document in documents for count in document.values()]
    rows = np.repeat(np.arange(len(documents)), [len(document) for document in documents])
    return rows, np.array(columns, dtype=np.int64), np.array(counts, dtype=np.float64), len(index)


def _weighted(documents: Sequence[Document], weight: float) -> tuple[Integers, Integers, NDArray[np.float64], int]:
    row, column, count, width = _entries(documents)
    n = len(documents)
    idf = 1 + np.log((1 + n) / (1 + np.bincount(column, minlength=width)))
    value = (1 + np.log(count)) * idf[column]
    length = np.sqrt(np.bincount(row, weights=value**2, minlength=n))
    return row, column, value / length[row] * np.sqrt(weight), width


def _split(row: Integers, column: Integers, value: NDArray[np.float64], n: int, width: int) -> Vectors:
    """The entries as `Vectors`."""
    by_row = np.argsort(row, kind="stable")
    row, column, value = row[by_row], column[by_row], value[by_row]
    frequency = np.bincount(column, minlength=width)
    common = np.flatnonzero(frequency > _RARE)
    place = np.zeros(width, dtype=np.int64)
    place[common] = np.arange(len(common))
    dense = np.zeros((n, len(common)), dtype=np.float32)
    is_common = frequency[column] > _RARE
    dense[row[is_common], place[column[is_common]]] = value[is_common]
    is_rare = (frequency[column] > 1) & ~is_common
    row, column, rare = row[is_rare], column[is_rare], value[is_rare].astype(np.float32)
    by_column = np.argsort(column, kind="stable")
    return Vectors(
        common=dense,
        row_start=_starts(np.bincount(row, minlength=n)),
        columns=column,
        values=rare,
        column_start=_starts(np.bincount(column, minlength=width)),
        rows=row[by_column],
        row_values=rare[by_column],
    )


def _starts(sizes: Integers) -> Integers:
    return np.concatenate((np.zeros(1, dtype=np.int64), np.cumsum(sizes)))
