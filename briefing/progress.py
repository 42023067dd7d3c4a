"""Progress bars on standard error, and only on a terminal."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

_WORDS = {
    "fetch": "asking sources",
    "pages": "fetching pages",
    "read": "reading",
    "group": "grouping",
    "write": "writing",
}


class Bar:
    """One bar a stage: `bar(stage, done, total)`. A context manager that does nothing where it is not shown."""

    def __init__(self, *, shown: bool) -> None:
        self._shown = shown
        self._progress: Progress | None = None
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        if self._shown:
            from rich.console import Console
            from rich.progress import Progress

            progress = Progress(console=Console(stderr=True), transient=True)
            try:
                progress.start()
            except (RuntimeError, MemoryError):  # no thread is to be had for it: the work goes on without a bar
                progress.stop()
            else:
                self._progress = progress
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Move the stage's bar; a stage told for the first time gets one."""
        if self._progress is None:
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._progress.add_task(_WORDS.get(stage, stage), total=total)
        self._progress.update(self._tasks[stage], completed=done, total=total)
