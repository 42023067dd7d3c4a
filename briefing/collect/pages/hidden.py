"""What hides an element, and what says of an element that it is no part of the article."""

from __future__ import annotations

import re
from typing import Any

_COMMENTS = re.compile(
    r"(?:^|[\s_-])(?:comments?|commentlist|disqus|respond|kommentare?|leserkommentare)(?:$|[\s_-])"
    r"|(?<!\S)(?:responses|discussion|replies)(?!\S)",
    re.IGNORECASE,
)
_COMMENT_TYPE = re.compile(r"schema\.org/(?:User)?Comments?(?!\S)", re.IGNORECASE)
# Classes that style sheets of all the world hide by; their rules lie in files that are never fetched.
_HIDDEN_CLASSES = frozenset(
    "sr-only visually-hidden visuallyhidden screen-reader-text screen-reader-only a11y-hidden hidden".split()
)
_SHOWN_AGAIN = re.compile(r":(?:block|flex|grid|contents|table|inline(?:-\w+)?)$")  # `hidden md:block`
MOST = 0.6  # of the page's text: what holds more is the article, whatever its class says
# First or last part of a class or an id; `no-share` and `js-related` tell something else.
_FURNITURE = frozenset(
    "newsletter subscribe share sharing social teilen promo cookie cookies consent gdpr related recirc advert "
    "advertisement ad ads sponsored breadcrumb breadcrumbs authorbox bio".split()
)
_OF_AUTHOR = frozenset(("about-author", "author-about", "author-box", "author-bio", "about-the-author"))
_NEGATED = frozenset(("no", "has", "js", "is", "with", "without", "hide", "not"))
HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0|font-size\s*:\s*0|position\s*:\s*(?:absolute|fixed)"
    r"|text-indent\s*:\s*-|clip(?:-path)?\s*:|color\s*:\s*transparent|(?:max-)?(?:height|width)\s*:\s*0"
    r"|transform\s*:[^;}]*scale|filter\s*:[^;}]*opacity",
    re.IGNORECASE,
)
_FADED = re.compile(r"(?:opacity\s*:\s*0|visibility\s*:\s*hidden)", re.IGNORECASE)
_GONE = re.compile(r"display\s*:\s*none|position\s*:|text-indent|clip|transform|font-size|color\s*:", re.IGNORECASE)
_SIZES = ("height", "max-height", "width", "max-width")
_ZERO = re.compile(r"[+-]?(?:0+\.?0*|\.0+)(?:px|em|rem|%|pt|vh|vw)?")
_FAR = re.compile(r"-\s*(?:\d{4,}px|[1-9]\d{2,}(?:px|em|rem|%|vw|vh))|-\s*\d{2,}(?:em|rem|vw|vh)")
_NOTHING_LEFT = re.compile(r"\bscale(?:3d|[xy])?\(\s*(?:[^()]*,\s*)?0*\.?0*%?\s*[,)]")
_SEEN_THROUGH = re.compile(r"\bopacity\(\s*(?:0+\.?0*|\.0+)%?\s*\)")
_COLOUR = re.compile(r"#|rgb|hsl|(?!inherit|initial|unset|revert|currentcolor)[a-z]")
_WHITE = {
    "#ffffff": "#fff",
    "white": "#fff",
    "rgb(255,255,255)": "#fff",
    "#000000": "#000",
    "black": "#000",
    "rgb(0,0,0)": "#000",
}


def hides(element: Any) -> bool:
    """Whether an element's own attributes hide it from a reader."""
    if element.tag == "dialog" and element.get("open") is None:
        return True
    if element.get("hidden") is not None or element.get("aria-hidden", "").strip().lower() == "true":
        return True
    style = element.get("style")
    if not style or not (HIDING.search(style) or "background" in style):
        return False
    stated: dict[str, str] = {}
    for declaration in style.split(";"):
        name, _, value = declaration.partition(":")
        stated[name.strip().lower()] = re.sub(r"\s*!important|(?<=,)\s+", "", value.strip().lower())
    colour = stated.get("color", "")
    ground = stated.get("background-color") or stated.get("background", "")
    same = bool(_COLOUR.match(colour)) and _WHITE.get(colour, colour) == _WHITE.get(ground, ground)
    away = stated.get("position") in ("absolute", "fixed") and any(
        _FAR.match(stated.get(side, "")) for side in ("left", "right", "top", "bottom", "margin-left")
    )
    return (
        stated.get("display") == "none"
        or stated.get("visibility") in ("hidden", "collapse")
        or any(_ZERO.fullmatch(stated.get(name, "1")) for name in ("opacity", "font-size"))
        or bool(_NOTHING_LEFT.search(stated.get("transform", "")))
        or bool(_SEEN_THROUGH.search(stated.get("filter", "")))
        or colour == "transparent"
        or same
        or away
        or bool(_FAR.match(stated.get("text-indent", "")))
        or bool(
            re.match(
                r"rect\(\s*[01](?:px)?[, ]|inset\(\s*(?:50|100)%", stated.get("clip", "") or stated.get("clip-path", "")
            )
        )
        or (stated.get("overflow") == "hidden" and any(_ZERO.fullmatch(stated.get(s, "1")) for s in _SIZES))
    )


def fades_in(element: Any) -> bool:
    """Whether an element is made invisible in the way in which pages are that a script shows once they are there."""
    style = element.get("style") or ""
    return element.get("hidden") is None and bool(_FADED.search(style)) and not _GONE.search(style)


def is_furniture(element: Any, size: int, total: int) -> bool:
    """Whether an element says that it is hidden or holds readers' comments, or furniture and little of the page."""
    if element.tag in ("article", "main"):
        return False
    names = f"{element.get('class', '')} {element.get('id', '')}"
    classes = set(element.get("class", "").lower().split())
    hidden = classes & _HIDDEN_CLASSES and not any(_SHOWN_AGAIN.search(name) for name in classes)
    if hidden or _COMMENTS.search(names) or _COMMENT_TYPE.search(element.get("itemtype", "")):
        return size <= MOST * total
    if size >= 0.3 * total:
        return False
    for name in names.lower().replace("_", "-").split():
        parts = [part for part in name.split("-") if part]
        if name in _OF_AUTHOR or (parts and parts[0] not in _NEGATED and {parts[0], parts[-1]} & _FURNITURE):
            return True
    return False
