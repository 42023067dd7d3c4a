"""The pages of the way out, each whole in itself: nothing is loaded, nothing runs."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from briefing.render.environment import fill
from briefing.text import single_line

TEMPLATE = "unsubscribe.html.jinja"
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)

Kind = Literal["ask", "left", "back", "unknown", "failed"]
"""`ask`: shall it end? `left`, `back`: it is done. `unknown`: the token is none of ours. `failed`: try later."""


@dataclass(frozen=True, slots=True)
class Made:
    """A page, and the policy that allows its own style and forms and nothing else."""

    html: str
    policy: str


@dataclass(slots=True)
class Pages:
    """Makes the pages. `returns`: a reader who left may come back. Raises UsageError where a user's template fails.

    `title_of` says what the mails of a profile are called.
    """

    templates: Path | None = None
    returns: bool = True
    title_of: Callable[[str], str] = str
    _fixed: dict[Kind, Made] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for kind in ("ask", "left", "back"):  # a template that fails is told at the start
            self.of_reader(kind, "morning", "ada@example.org", "token")
        for fixed in ("unknown", "failed"):
            self._fixed[fixed] = self._made(fixed, {})

    def of_reader(self, kind: Literal["ask", "left", "back"], profile: str, address: str, token: str) -> Made:
        """A page for the reader who holds the token."""
        title = single_line(self.title_of(profile))
        about = {"title": title, "profile": single_line(profile), "address": masked(address), "token": token}
        return self._made(kind, about)

    def fixed(self, kind: Literal["unknown", "failed"]) -> Made:
        """A page that is the same for all."""
        return self._fixed[kind]

    def _made(self, kind: Kind, about: dict[str, str]) -> Made:
        none = {"title": "", "profile": "", "address": "", "token": ""}
        values = {"kind": kind, "returns": self.returns, **none, **about}
        html = fill(TEMPLATE, "html", values, self.templates)
        hashes = [base64.b64encode(hashlib.sha256(one.encode()).digest()).decode() for one in _STYLE.findall(html)]
        styles = " ".join(f"'sha256-{one}'" for one in hashes) or "'none'"
        policy = f"default-src 'none'; style-src {styles}; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
        return Made(html, policy)


def masked(address: str) -> str:
    """An address as one who has it knows it again, and nobody else learns it: `a…@example.org`."""
    local, _, host = single_line(address).rpartition("@")
    return f"{local[:1]}…@{host}"
