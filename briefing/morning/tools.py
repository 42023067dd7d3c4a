"""What a morning needs from the one who starts it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from briefing.aside import Call
from briefing.config import Settings
from briefing.ports import Author
from briefing.web import Web

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tools:
    """Who writes, the way to the web, the clock; where it is said how things go (`tell`), and what is wrong (`warn`).

    `by_hand`: somebody is waiting, so that mail which is to be tried later is tried now.
    `fixed`: the clock does not run, so that nothing may tell how long a run took. `call` calls what reads the sources'
    answers; None: in processes of their own.
    """

    author: Callable[[Settings], Author]
    web: Callable[[Settings], Web]
    clock: Callable[[], datetime]
    tell: Callable[[str], None]
    warn: Callable[[str], None]
    progress: Progress = lambda *_: None
    fixed: bool = False
    by_hand: bool = False
    call: Call | None = None
