"""Hosts that are left alone for the rest of a run: they do not answer, or ask for time."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from briefing.web import WebError
from briefing.web.asking import UNANSWERED
from briefing.web.failures import Fault, shown
from briefing.web.targets import read

_TOO_MANY = 429


class Hosts:
    """What a run knows of the hosts that it asked. Safe between threads; made anew for each run.

    A host that did not answer (`UNANSWERED`) so many times in a row is left alone, and at once one that answers 429 or
    names a time to come again. Any other answer ends a row. What failed where a redirect led says nothing of the host
    that was asked: a redirector is not dead with what it leads to.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}

    def left(self, url: str, after: int = 2) -> WebError | None:
        """Why `url` is not to be asked any more in this run; None where it is.

        The error is of kind `status` where its host asks for time, and has its `retry_after`; else of the kind of the
        host's last failure, when there were `after` in a row. Two are right for sources: the first may be one bad feed,
        or a moment's trouble, and a source that is not asked counts as failed. One is right for pages, which a later
        run asks for without loss.
        """
        with self._lock:
            host = self._hosts.get(host_of(url))
            if host is None or host.error is None or not (host.asks_for_time or host.silences >= after):
                return None
        if host.asks_for_time:
            why = f"not asked, since its host asks for time: {host.error}"
            return WebError(
                "status", f"{shown(url)}: {why}", status=host.error.status, retry_after=host.error.retry_after
            )
        return WebError(host.error.kind, f"{shown(url)}: not asked, since its host does not answer: {host.error}")

    def note(self, url: str, error: WebError | None) -> None:
        """What came of asking `url`: the error, or None for any answer that came whole."""
        if error is not None and error.elsewhere:
            return
        with self._lock:
            host = self._hosts.setdefault(host_of(url), _Host())
            if error is not None and (error.status == _TOO_MANY or error.retry_after is not None):
                host.error, host.asks_for_time = error, True
            elif error is not None and error.kind in UNANSWERED:
                host.silences += 1
                host.error = host.error if host.asks_for_time else error
            else:
                host.silences = 0


@dataclass(slots=True)
class _Host:
    silences: int = 0  # in a row
    error: WebError | None = None  # the last that counts
    asks_for_time: bool = False


def host_of(url: str) -> str:
    """Host and port of an address, as it is asked one request at a time; the address itself where it is none."""
    try:
        target = read(url)
    except Fault:
        return url
    return f"{target.host}:{target.port}"
