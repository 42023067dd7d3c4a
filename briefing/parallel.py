"""Work on several items at once, in threads that never hold up the end of the program."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def each(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    workers: int,
    progress: Callable[[int], None] = lambda _: None,
) -> list[Result]:
    """`function` of every item, in the order of the items; `progress` is told how many are done.

    The first error ends the work: what is not begun is not begun any more, and the error is raised. The threads are
    daemons, so that Ctrl-C need not wait for a call that is under way.
    """
    if workers == 1 or len(items) < 2:
        results = []
        for done, item in enumerate(items, start=1):
            results.append(function(item))
            progress(done)
        return results
    waiting: SimpleQueue[int] = SimpleQueue()
    for index in range(len(items)):
        waiting.put(index)
    ended: SimpleQueue[tuple[int, Result | BaseException]] = SimpleQueue()
    over = threading.Event()
    for _ in range(min(workers, len(items))):
        threading.Thread(target=_work, args=(function, items, waiting, ended, over), daemon=True).start()
    found: dict[int, Result] = {}
    try:
        while len(found) < len(items):
            index, result = ended.get()
            if isinstance(result, BaseException):
                raise result
            found[index] = result
            progress(len(found))
    finally:
        over.set()
    return [found[index] for index in range(len(items))]


def _work(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    waiting: SimpleQueue[int],
    ended: SimpleQueue[tuple[int, Result | BaseException]],
    over: threading.Event,
) -> None:
    while not over.is_set():
        try:
            index = waiting.get_nowait()
        except Empty:
            return
        try:
            ended.put((index, function(items[index])))
        except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
            over.set()  # here, for until the caller hears of it this thread could begin several more
            ended.put((index, error))
