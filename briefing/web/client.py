"""The client: one ask, its redirects, its tries, its manners."""

from __future__ import annotations

import re
import ssl
import traceback
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from briefing import HOMEPAGE, __version__
from briefing.errors import UsageError
from briefing.web import body, targets
from briefing.web.addresses import Intranet
from briefing.web.answering import Redirect, answered
from briefing.web.asking import Answer, Ask, Limits, Resolve
from briefing.web.deadline import Deadline, until
from briefing.web.failures import Fault
from briefing.web.resolving import by_system
from briefing.web.robots import READ, Robots
from briefing.web.targets import Target
from briefing.web.turns import Turns

if TYPE_CHECKING:
    from tenacity import RetryCallState

TRIES = 3  # of one ask
BASE = 0.5  # seconds: the longest first wait between two tries; it doubles
PERMANENT = frozenset((301, 308))

_FIELD = re.compile(r"[\x20-\x7e\xa0-\xff]+")  # what may stand in a header field


class Web:
    """Fetches from the public internet, and from what `limits.intranet` names. Shared by threads; a context manager.

    `resolve` stands in for the system's resolver, `verify` for the system's authorities. Raises UsageError where an
    entry of the intranet list, or the contact, cannot be read.
    """

    def __init__(
        self,
        limits: Limits = Limits(),  # noqa: B008 - it cannot change
        *,
        resolve: Resolve | None = None,
        verify: ssl.SSLContext | None = None,
    ) -> None:
        from briefing.web.transport import Transport

        if limits.contact is not None and not _FIELD.fullmatch(limits.contact):
            raise UsageError(
                f"contact: {limits.contact!r} cannot stand in a User-Agent; write it in one line of Latin-1"
            )
        contact = f"; {limits.contact}" if limits.contact is not None else ""
        self._agent = f"briefing/{__version__} (+{HOMEPAGE}{contact})"
        self._limits = limits
        self._intranet = Intranet.read(limits.intranet)
        self._transport = Transport(limits, self._intranet, resolve if resolve is not None else by_system, verify)
        self._turns = Turns()
        self._robots = Robots(self._robots_file)

    def get(self, ask: Ask) -> Answer:
        """The answer, a 200 that is not empty or a 304. Raises WebError and nothing else."""
        try:
            return self._tried(ask, Deadline(self._limits.timeout))
        except Fault as fault:
            traceback.clear_frames(fault.__traceback__)  # or an error that is kept would keep what was read by then
            raise fault.told(ask.url, self._limits.timeout) from fault

    def close(self) -> None:
        """Ends what is being waited for, and closes the connections."""
        self._turns.close()
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _tried(self, ask: Ask, deadline: Deadline, *, whole: bool = True) -> Answer:
        """Up to `TRIES` tries, with random waits ("full jitter") that stay within the deadline."""
        from tenacity import Retrying, retry_if_exception, wait_random_exponential

        def over(state: RetryCallState) -> bool:
            return state.attempt_number >= TRIES or state.upcoming_sleep >= deadline.left() or self._turns.closed

        retrying = Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, Fault) and error.again),
            wait=wait_random_exponential(multiplier=BASE),
            stop=over,
            reraise=True,
        )
        return retrying(self._followed, ask, deadline, whole=whole)

    def _followed(self, ask: Ask, deadline: Deadline, *, whole: bool) -> Answer:
        """The answer at the end of at most `limits.redirects` redirects, each judged like the first address."""
        way = _Way(targets.read(ask.url))
        first = way.target
        try:
            for _ in range(self._limits.redirects + 1):
                outcome = self._exchanged(ask, first, way.target, deadline, whole=whole)
                if isinstance(outcome, Answer):
                    return replace(outcome, url=way.target.url, moved=way.moved)
                way.go_on(outcome)
        except Fault as fault:
            fault.at = fault.at or (way.target.url if way.target is not first else None)
            raise
        raise Fault("redirects", f"more than {self._limits.redirects} redirects")

    def _exchanged(
        self, ask: Ask, first: Target, target: Target, deadline: Deadline, *, whole: bool
    ) -> Answer | Redirect:
        """One request, in its turn, and what it gave."""
        import httpx2

        delay = self._robots.permit(target, deadline) if ask.robots else 0.0
        is_own = self._intranet.knows(target.host, target.port)
        pause = 0.0 if is_own else self._limits.pause
        port = target.port if is_own else 0  # of a public host all ports are one
        fields, conditional = self._fields(ask, first, target)
        with self._turns.turn(target.host, port, max(pause, delay), deadline):
            until(ends := deadline.ends)
            request = httpx2.Request(
                "GET",
                target.url,
                headers=fields,
                extensions={"timeout": {"connect": ends, "read": ends, "write": ends}},
            )
            response = self._transport.handle_request(request)
            try:
                found = answered(ask, response, conditional=conditional, whole=whole)
            finally:
                response.close()
        if ask.robots and isinstance(found, Answer) and self._robots.is_answer_to_all(target, found.data):
            return replace(found, to_all=True)
        return found

    def _fields(self, ask: Ask, first: Target, target: Target) -> tuple[list[tuple[bytes, bytes]], bool]:
        """The header fields of a request, and whether it is conditional."""
        wanted = {
            "User-Agent": self._agent,
            "Accept": ask.accept,
            "Accept-Encoding": body.ACCEPTED,
        }
        if target.host == first.host:
            wanted |= {"If-None-Match": ask.etag or "", "If-Modified-Since": ask.last_modified or ""}
        if first.credentials is not None and _is_for(first, target):
            wanted["Authorization"] = first.credentials
        sent = {name: value for name, value in wanted.items() if _FIELD.fullmatch(value)}
        conditional = "If-None-Match" in sent or "If-Modified-Since" in sent
        return [(name.encode("ascii"), value.encode("latin-1")) for name, value in sent.items()], conditional

    def _robots_file(self, url: str, deadline: Deadline) -> bytes:
        return self._tried(Ask(url=url, limit=READ, accept="text/plain, */*;q=0.1"), deadline, whole=False).data


class _Way:
    """Where the redirects have led: `target`, and as long as they were permanent, `moved`."""

    def __init__(self, first: Target) -> None:
        self.target = first
        self.moved: str | None = None
        self._permanent = True
        self._seen = {first.url}

    def go_on(self, redirect: Redirect) -> None:
        """One redirect further. Raises Fault."""
        self.target = targets.onward(self.target, redirect.location)
        if self.target.url in self._seen:
            raise Fault("redirects", "redirects in a circle")
        self._seen.add(self.target.url)
        self._permanent = self._permanent and redirect.status in PERMANENT
        self.moved = self.target.url if self._permanent else self.moved


def _is_for(first: Target, target: Target) -> bool:
    """May the credentials of `first` be sent to `target`? To the same origin, or to its host over https."""
    return target.origin == first.origin or (target.host == first.host and target.origin[::2] == ("https", 443))
