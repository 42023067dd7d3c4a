"""Work on several items at once, in threads that never hold up the end of the program."""

from __future__ import annotations

import errno
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Hashable, Sequence
from queue import Empty, Queue, SimpleQueue
from typing import Generic, TypeVar, cast

Item = TypeVar("Item")
Result = TypeVar("Result")

# What an error says that is no MemoryError: of a thread that cannot be started, of a library that cannot be loaded, of
# code in C that fails and does not say of what.
_SAID_OF_MEMORY = (
    "can't start new thread",
    "failed to map segment",
    "cannot allocate memory",
    "without exception set",
    "without setting an exception",
)


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
    found: dict[int, Result] = {}
    for done in as_done(function, items, workers):
        for index, result in done:
            found[index] = result
            progress(len(found))
    return [found[index] for index in range(len(items))]


def as_done(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    workers: int,
    key: Callable[[Item], Hashable] | None = None,
) -> Generator[list[tuple[int, Result]]]:
    """`function` of every item with the item's position, as they are done, all that are at a time; otherwise as `each`.

    Of the items of one `key` one is worked on at a time, in order. Workers wait for a consumer that is slower.
    Where the system gives fewer threads, there are fewer workers; where it gives none, the caller's thread is the one.
    """
    work = _Work(function, items, workers, key) if workers > 1 and len(items) > 1 else None
    if work is None or not work.start():
        for index, item in enumerate(items):
            yield [(index, function(item))]
        return
    try:
        left = len(items)
        while left:
            done = work.handed_over()
            left -= len(done)
            yield done
    finally:
        work.stop()


def is_out_of_memory(error: BaseException) -> bool:
    """Whether it comes of too little memory, whatever its kind: a thread that cannot be started needs memory, too."""
    if isinstance(error, OSError):
        return error.errno == errno.ENOMEM
    if isinstance(error, RuntimeError | ImportError | SystemError):
        return any(words in str(error).lower() for words in _SAID_OF_MEMORY)
    return isinstance(error, MemoryError)


class _Work(Generic[Item, Result]):
    """Items in waiting lists, one for each key: a list goes to one worker at a time."""

    def __init__(
        self,
        function: Callable[[Item], Result],
        items: Sequence[Item],
        workers: int,
        key: Callable[[Item], Hashable] | None,
    ) -> None:
        self._function = function
        self._items = items
        self._over = threading.Event()
        self._waiting: dict[tuple[Hashable], deque[int]] = defaultdict(deque)
        for index, item in enumerate(items):
            self._waiting[(index,) if key is None else (key(item),)].append(index)
        self._left = len(items)
        self._lock = threading.Lock()
        self._ready: SimpleQueue[tuple[Hashable] | None] = SimpleQueue()  # None: nothing is left
        for name in self._waiting:
            self._ready.put(name)
        self._workers = workers
        self.ended: Queue[tuple[int, Result | BaseException]] = Queue(maxsize=workers)

    def start(self) -> bool:
        """Start the workers, as many as the system gives threads for; whether there is any."""
        for started in range(min(self._workers, len(self._items))):
            try:
                threading.Thread(target=self.run, daemon=True).start()
            except (RuntimeError, MemoryError):  # RuntimeError: no thread is to be had
                return started > 0
        return True

    def run(self) -> None:
        while not self._over.is_set():
            name = self._ready.get()
            if name is None:
                return
            index = self._waiting[name].popleft()
            try:
                self.ended.put((index, self._function(self._items[index])))
            except BaseException as error:  # noqa: BLE001 - raised again where it is waited for
                self._over.set()  # here, for until the caller hears of it this thread could begin several more
                self.ended.put((index, error))
            self._next(name)

    def _next(self, name: tuple[Hashable]) -> None:
        if self._waiting[name]:
            self._ready.put(name)
        with self._lock:
            self._left -= 1
            over = self._left == 0
        if over:
            self._end()

    def handed_over(self) -> list[tuple[int, Result]]:
        """What is done and was not handed over yet, at least one result. Raises the first error."""
        done = [self.ended.get()]
        while len(done) < self._workers:
            try:
                done.append(self.ended.get_nowait())
            except Empty:
                break
        for _, result in done:
            if isinstance(result, BaseException):
                raise result
        return cast("list[tuple[int, Result]]", done)

    def stop(self) -> None:
        """Begin nothing more, and let go whoever waits to hand something over."""
        self._over.set()
        self._end()
        while True:
            try:
                self.ended.get_nowait()
            except Empty:
                return

    def _end(self) -> None:
        for _ in range(self._workers):
            self._ready.put(None)
