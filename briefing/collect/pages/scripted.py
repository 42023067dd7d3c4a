"""Pages whose text is made by scripts: saved or fetched without running them, they hold none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from briefing.collect.cleaning.furniture import is_prose
from briefing.collect.pages.markup import Line

_LITTLE = 200  # characters of running text, which a notice or two may have
_BARE = 400  # characters of a whole page that holds a frame and no more
_HEAVY = 20_000  # characters of script in a page
_ASKS = re.compile(
    r"(?:enable|activate|turn\s+on|requires?|needs?|without|aktivier\w*|benötigt|ohne|activ\w+|habilit\w+|necesita|abilit\w+)"
    r"\b.{0,60}\bjavascript|\bjavascript\b.{0,60}\b(?:enabled?|disabled|required|on|aktivier\w*|deaktiviert|benötigt|activ\w+"
    r"|désactivé|habilit\w+|necesari\w+|abilit\w+)\b",
    re.IGNORECASE | re.DOTALL,
)
_CODE = re.compile(r"(?:javascript|module)$", re.IGNORECASE)  # other types hold data
_ROOTS = frozenset("root app __next __nuxt app-root react-root main-app ember-app gatsby-focus-wrapper svelte".split())


@dataclass(frozen=True, slots=True)
class Scripts:
    """What a page says of its need for scripts: it asks for them, has an empty frame for them, and holds so many."""

    asks: bool
    frame: bool
    size: int
    files: int


def scripts(tree: Any) -> Scripts:
    """What a page as it came says of its scripts."""
    notices = " ".join(one.text_content() for one in tree.iter("noscript"))
    ours = [one for one in tree.iter("script") if _CODE.search(one.get("type") or "javascript")]
    frames = tree.iter("div", "main", "app-root")
    return Scripts(
        asks=bool(_ASKS.search(notices)),
        frame=any(one.get("id") in _ROOTS and not one.text_content().strip() for one in frames),
        size=sum(len(one.text or "") for one in ours),
        files=sum(one.get("src") is not None for one in ours),
    )


def is_script_only(known: Scripts, page: Sequence[Line], told: Sequence[str]) -> bool:
    """Whether a page's article is nowhere in it, and scripts would have made it."""
    if sum(len(line) for line in told if is_prose(line)) >= _LITTLE or sum(map(len, told)) >= _BARE:
        return False
    if known.asks or known.frame or any(_ASKS.search(line.text) for line in page):
        return bool(known.files or known.size)
    return sum(len(line.text) for line in page) < _BARE and known.size >= _HEAVY
