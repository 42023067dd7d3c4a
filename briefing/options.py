"""What a run is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from briefing.dates import Clock
from briefing.ports import Author
from briefing.report import WriterRecord
from briefing.write import extractive

EXTRACTIVE = Author(WriterRecord("extractive", None, None), extractive.write)


@dataclass(frozen=True, slots=True)
class Options:
    """What a run is asked for. `words` bounds an event's sentences, the headline apart.

    `by_arrival`: the articles were chosen by when they came, so that `since` leaves none of them out. `to_now`: the
    window ends now, also where `date` is a day that is over: an edition that is made late.
    """

    clock: Clock
    title: str = "Daily briefing"
    date: str | None = None
    since: timedelta | None = None
    topics: tuple[str, ...] = ()
    author: Author = EXTRACTIVE
    words: int = 160
    max_events: int | None = None
    with_text: bool = False
    one_event: bool = False
    by_arrival: bool = False
    to_now: bool = False

    def window(self, since: timedelta) -> tuple[datetime, datetime]:
        """The window of `--since`: up to now, or up to the end of the day that `--date` names, if that is earlier."""
        end = self.clock.now
        if self.date is not None and not self.to_now:
            named = datetime.fromisoformat(self.date).replace(tzinfo=end.tzinfo) + timedelta(days=1)
            end = min(end, named)
        return (end.astimezone(UTC) - since).astimezone(end.tzinfo), end  # hours that pass, not those of a wall clock
