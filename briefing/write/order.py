"""The order of chosen sentences: opens with the first chosen, then by day and place, kept with what they lean on."""

from __future__ import annotations

from collections.abc import Sequence

from briefing.dates import day
from briefing.write.candidates import Candidate


def reading_order(chosen: Sequence[Candidate]) -> list[Candidate]:
    """The candidates in the order to be read; `chosen` is in the order of choice.

    A sentence that leans back follows its predecessor directly. Undated articles stand where the first dated ones do:
    their place in time is not known, so only their place in their article orders them.
    """
    return [one for run in runs_in_order(chosen) for one in run]


def runs_in_order(chosen: Sequence[Candidate]) -> list[list[Candidate]]:
    """As `reading_order`, each sentence in one run with those that it leans on."""
    runs = _runs(chosen)
    if not runs:
        return []
    opening = next(run for run in runs if chosen[0] in run)
    dated = sorted(filter(None, (day(one.article.published) for one in chosen)))
    first_day = dated[0] if dated else ""

    def place(run: Sequence[Candidate]) -> tuple[bool, str, float, str, int]:
        one = run[0]
        depth = one.index / max(1, len(one.article.sentences))
        return run is not opening, day(one.article.published) or first_day, depth, one.article.id, one.index

    return sorted(runs, key=place)


def _runs(chosen: Sequence[Candidate]) -> list[list[Candidate]]:
    """Sentences joined with those that lean on them, each run in the article's order."""
    runs: list[list[Candidate]] = []
    for one in sorted(chosen, key=lambda one: (one.article.id, one.index)):
        last = runs[-1][-1] if runs else None
        if one.lead_in and last and last.article.id == one.article.id and last.index == one.index - 1:
            runs[-1].append(one)
        else:
            runs.append([one])
    return runs
