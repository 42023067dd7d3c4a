"""robots.txt (RFC 9309): read once per origin and run, and obeyed."""

from __future__ import annotations

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from briefing.web.asking import UNANSWERED, WebFailure
from briefing.web.deadline import Deadline
from briefing.web.failures import Fault
from briefing.web.targets import Target

if TYPE_CHECKING:
    from protego import Protego

PRODUCT = "briefing"  # the token that a site names us by
READ = 512 * 1024  # bytes: what stands behind them is not read (RFC 9309 wants 500 KiB at least)
KEPT = 24 * 3600.0  # seconds after which it is read anew (RFC 9309, 2.4)
SLOWEST = 30.0  # seconds: no longer Crawl-delay is obeyed

Fetch = Callable[[str, Deadline], bytes]
"""The first `READ` bytes of an address. Raises Fault."""
_TOO_MANY = 429


class Robots:
    """Who allows what. `fetch` reads a robots.txt; several threads share this, and one origin is read by one of them.

    A 4xx but 429 allows all. Where it could not be read otherwise, nothing is allowed for as long as this is kept.
    """

    def __init__(self, fetch: Fetch, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetch = fetch
        self._clock = clock
        self._lock = threading.Lock()
        self._origins: dict[tuple[str, str, int], _Origin] = {}

    def permit(self, target: Target, deadline: Deadline) -> float:
        """Seconds that the site wants between two requests.

        Raises Fault("robots") where the target is not allowed, Fault("robots-unread") where nothing is for now, and a
        fault of the host's own kind, one of `UNANSWERED`, where it does not answer.

        Reading counts to `deadline`; waiting until another thread has read does not.
        """
        rules = self._rules(target, deadline)
        if rules.reason is not None:
            why = f"not asked, since its robots.txt could not be read: {rules.reason}"
            raise Fault(rules.kind, why, retry_after=rules.retry_after)
        if rules.parsed is None:
            return 0.0
        if not rules.parsed.can_fetch(target.url, PRODUCT):
            raise Fault("robots", f"not asked: its robots.txt does not allow it to {PRODUCT}")
        return min(rules.parsed.crawl_delay(PRODUCT) or 0.0, SLOWEST)

    def is_answer_to_all(self, target: Target, data: bytes) -> bool:
        """Whether a page is what its host gives for robots.txt, too: a login page before everything, for one."""
        rules = self._origins[target.origin].rules
        return rules is not None and rules.digest is not None and rules.digest == _digest(data[:READ])

    def _rules(self, target: Target, deadline: Deadline) -> _Rules:
        began = time.monotonic()
        with self._lock:
            origin = self._origins.setdefault(target.origin, _Origin())
        with origin.lock:
            deadline.extend(time.monotonic() - began)
            if origin.rules is None or self._clock() - origin.rules.read > KEPT:
                origin.rules = self._read(target, deadline)
            return origin.rules

    def _read(self, target: Target, deadline: Deadline) -> _Rules:
        from protego import Protego

        now = self._clock()
        try:
            data = self._fetch(target.sibling("/robots.txt"), deadline)
        except Fault as fault:
            if fault.status is not None and fault.status != _TOO_MANY and fault.status // 100 in {2, 4}:
                return _Rules(now)
            is_hosts = fault.kind in UNANSWERED and fault.at is None  # not of where a redirect led: that was an answer
            kind = fault.kind if is_hosts else "robots-unread"
            return _Rules(now, reason=fault.reason, kind=kind, retry_after=fault.retry_after)
        return _Rules(now, Protego.parse(data.decode("utf-8-sig", "replace")), digest=_digest(data) if data else None)


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


@dataclass(frozen=True, slots=True)
class _Rules:
    read: float  # when, by the clock
    parsed: Protego | None = None  # None: all is allowed, or nothing where there is a reason
    reason: str | None = None  # why it could not be read
    kind: WebFailure = "robots-unread"
    retry_after: float | None = None  # as in `WebError`
    digest: bytes | None = None  # of the file


class _Origin:
    __slots__ = ("lock", "rules")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.rules: _Rules | None = None
