"""HTML as a reader sees it: what is hidden, scripted or furniture by its element goes before any text is taken."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from briefing.text import single_line

SIZE_LIMIT = 5 * 1024 * 1024  # bytes of a page
# libxml2 reads elements to this depth and leaves out what lies deeper, so that no page can exhaust the stack.
DEPTH_LIMIT = 256
_STYLE_LIMIT = 256 * 1024  # characters of style rules that are looked through
_ELEMENT_LIMIT = 20_000  # elements to which style rules are applied

_NEVER_TEXT = (
    "script style template noscript iframe object embed svg canvas audio video map button select textarea datalist head"
).split()
_NEVER_ARTICLE = ("nav", "aside", "footer", "form")
# Elements that begin and end a line, in pages and in what trafilatura makes of them.
_BLOCKS = frozenset(
    "address article blockquote body br center dd details div dl dt fieldset figcaption figure form h1 h2 h3 h4 "
    "h5 h6 header hr html li main ol p pre section summary table tbody td tfoot th thead tr ul head item lb list "
    "quote row".split()
)
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
_MOST = 0.6  # of the page's text: what holds more is the article, whatever its class says
# First or last part of a class or an id; `no-share` and `js-related` tell something else.
_FURNITURE = frozenset(
    "newsletter subscribe share sharing social teilen promo cookie cookies consent gdpr related recirc advert "
    "advertisement ad ads sponsored breadcrumb breadcrumbs authorbox bio".split()
)
_OF_AUTHOR = frozenset(("about-author", "author-about", "author-box", "author-bio", "about-the-author"))
_NEGATED = frozenset(("no", "has", "js", "is", "with", "without", "hide", "not"))
_HIDING = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|opacity\s*:\s*0|font-size\s*:\s*0|position\s*:\s*(?:absolute|fixed)"
    r"|text-indent\s*:\s*-|clip(?:-path)?\s*:|color\s*:\s*transparent|(?:max-)?(?:height|width)\s*:\s*0"
    r"|transform\s*:[^;}]*scale|filter\s*:[^;}]*opacity",
    re.IGNORECASE,
)
_BEARS = re.compile(
    r"display|visibility|opacity|font-size|position|left|right|top|text-indent|clip|color|background|height|width|overflow"
    r"|transform|filter",
    re.IGNORECASE,
)
_SIZES = ("height", "max-height", "width", "max-width")
_RULE = re.compile(r"[^{}]{1,2000}\{[^{}]{1,4000}\}")
# A tag as the HTML standard reads it: quotes only count after an equals sign.
_TAG = re.compile(r"""<[a-zA-Z](?:=\s*+"[^"]*+"|=\s*+'[^']*+'|[^>])*+""")
_LONG_TAG = 20_000  # characters
_ATTRIBUTE = re.compile(r"""(?<![\s/])[\s/]++[^\s/="'>]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'))?""")
_ATTRIBUTE_LIMIT = 3000
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


def parse(text: str) -> tuple[Any, bool]:
    """The tree of a page, None where it holds none, and whether elements below `DEPTH_LIMIT` were left out.

    Nothing but `text` is opened: no address in it is followed.
    """
    from lxml import etree
    from lxml.html import HTMLParser

    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)
    try:
        tree = etree.fromstring(_without_crowded_tags(text).encode("utf-8", errors="replace"), parser=parser)
    except etree.XMLSyntaxError:
        return None, False
    return tree, any(entry.type_name == "ERR_RESOURCE_LIMIT" for entry in parser.error_log)


def visible(tree: Any) -> Any:
    """The tree without what a reader does not see, and without what by its element is no article. Consumes `tree`."""
    tree = _styled(tree)
    for element in list(tree.iter(*_NEVER_TEXT)):
        _drop(element)
    sizes = _sizes(tree)
    for element in list(tree.iter(*_NEVER_ARTICLE)):
        # pages exist whose form or footer wraps everything: it stays
        if sizes[element] < _MOST * sizes[tree]:
            _drop(element)
    for element in list(tree.iter()):
        if element.tag not in ("html", "body") and (
            _hidden(element) or _is_furniture(element, sizes[element], sizes[tree])
        ):
            _drop(element)
    return tree


def blocks(tree: Any) -> list[str]:
    """The text of a tree, a block element a line, in order; table cells of a row are kept apart by a bar."""
    lines: list[list[str]] = [[]]
    for event, element in _walk(tree):
        if element.tag in _BLOCKS and lines[-1]:
            lines.append([])
        elif element.tag == "cell" and event == "end":
            lines[-1].append(" | ")
        lines[-1].append((element.text if event == "start" else element.tail) or "")
    joined = (single_line("".join(line)).strip("| ") for line in lines)
    return [line for line in joined if line]


def _without_crowded_tags(text: str) -> str:
    """The page without tags of thousands of attributes, on which the parser's time grows with the square."""
    if max(map(len, text.split(">"))) < _LONG_TAG:
        return text

    def crowded(tag: str) -> bool:
        return len(tag) >= _LONG_TAG and len(_ATTRIBUTE.findall(tag)) > _ATTRIBUTE_LIMIT

    return _TAG.sub(lambda match: "" if crowded(match.group()) else match.group(), text)


def plain(value: str) -> str:
    """A field that may hold markup, as one line of visible text; literally what it says where nothing is left."""
    if "<" not in value and "&" not in value:
        return single_line(value)
    import nh3

    return single_line(html.unescape(nh3.clean(value, tags=set()))) or single_line(value)


def fragment_blocks(text: str) -> list[str]:
    """The lines of a piece of HTML, such as a feed's content."""
    tree, _ = parse(f"<html><body>{text}</body></html>")
    return [] if tree is None else blocks(visible(tree))


def _walk(tree: Any) -> Iterator[tuple[str, Any]]:
    from lxml import etree

    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if isinstance(element.tag, str) and not (event == "end" and element is tree):
            yield event, element


def _styled(tree: Any) -> Any:
    """The page with the declarations of its own style blocks on its elements, where these can hide something.

    Only rules whose declarations bear on visibility are looked at, and a remote style sheet never is. A page with
    more rules or elements than any article has keeps its blocks unread: the time that this takes is bounded.
    """
    # a block inside `noscript` holds only for readers without scripts
    css = "".join(style.text or "" for style in tree.iter("style") if style.getparent().tag != "noscript")
    if not _HIDING.search(css) or len(css) > _STYLE_LIMIT or sum(1 for _ in tree.iter()) > _ELEMENT_LIMIT:
        return tree
    from css_inline import CSSInliner, InlineError
    from lxml import etree

    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    rules = "".join(rule for rule in _RULE.findall(_outside_at_rules(css)) if _BEARS.search(rule))
    for element in list(tree.iter("style", "link", "script")):
        _drop(element)
    inliner = CSSInliner(inline_style_tags=False, load_remote_stylesheets=False, extra_css=rules)
    try:
        styled, _ = parse(inliner.inline(etree.tostring(tree, encoding="unicode", method="html")))
    except (InlineError, ValueError):
        return tree
    return tree if styled is None else styled


def _outside_at_rules(css: str) -> str:
    """Style rules that hold on every medium: a block of `@media print` or for narrow screens hides nothing here."""
    kept: list[str] = []
    depth = start = 0
    inside_at = False
    for match in re.finditer(r"[{}@;]", css):
        mark = match.group()
        if mark == "@" and depth == 0 and not inside_at:
            kept.append(css[start : match.start()])
            inside_at = True
        elif mark == "{":
            depth += 1
        elif mark == "}":
            depth = max(0, depth - 1)
        if inside_at and depth == 0 and mark in "};":
            inside_at, start = False, match.end()
    return "".join(kept) + ("" if inside_at else css[start:])


def _hidden(element: Any) -> bool:
    if element.tag == "dialog" and element.get("open") is None:
        return True
    if element.get("hidden") is not None or element.get("aria-hidden", "").strip().lower() == "true":
        return True
    style = element.get("style")
    if not style or not (_HIDING.search(style) or "background" in style):
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


def _is_furniture(element: Any, size: int, total: int) -> bool:
    """Whether an element says that it is hidden or holds readers' comments, or furniture and little of the page."""
    if element.tag in ("article", "main"):
        return False
    names = f"{element.get('class', '')} {element.get('id', '')}"
    classes = set(element.get("class", "").lower().split())
    hidden = classes & _HIDDEN_CLASSES and not any(_SHOWN_AGAIN.search(name) for name in classes)
    if hidden or _COMMENTS.search(names) or _COMMENT_TYPE.search(element.get("itemtype", "")):
        return size <= _MOST * total
    if size >= 0.3 * total:
        return False
    for name in names.lower().replace("_", "-").split():
        parts = [part for part in name.split("-") if part]
        if name in _OF_AUTHOR or (parts and parts[0] not in _NEGATED and {parts[0], parts[-1]} & _FURNITURE):
            return True
    return False


def _sizes(tree: Any) -> dict[Any, int]:
    """Characters of text inside each element, in one pass."""
    from lxml import etree

    sizes: dict[Any, int] = {}
    for _, element in etree.iterwalk(tree, events=("end",)):
        sizes[element] = len(element.text or "") + sum(sizes[child] + len(child.tail or "") for child in element)
    return sizes


def _drop(element: Any) -> None:
    """Remove an element, not the text after it."""
    if element.getparent() is not None:
        element.drop_tree()
