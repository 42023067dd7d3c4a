"""HTML as a reader sees it: what is hidden, scripted or furniture by its element goes before any text is taken."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from briefing.collect.pages.hidden import HIDING, MOST, fades_in, hides, is_furniture
from briefing.text import single_line

SIZE_LIMIT = 5 * 1024 * 1024  # bytes of a page
# libxml2 reads elements to this depth and leaves out what lies deeper, so that no page can exhaust the stack.
DEPTH_LIMIT = 256
_STYLE_LIMIT = 256 * 1024  # characters of style rules that are looked through
_WHOLE = 0.95  # of the page's text: an invisible element with so much of it is the page before its scripts have run
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
_BEARS = re.compile(
    r"display|visibility|opacity|font-size|position|left|right|top|text-indent|clip|color|background|height|width|overflow"
    r"|transform|filter",
    re.IGNORECASE,
)
_RULE = re.compile(r"[^{}]{1,2000}\{[^{}]{1,4000}\}")
# A tag as the HTML standard reads it: quotes only count after an equals sign.
_TAG = re.compile(r"""<[a-zA-Z](?:=\s*+"[^"]*+"|=\s*+'[^']*+'|[^>])*+""")
_LONG_TAG = 20_000  # characters
_ATTRIBUTE = re.compile(r"""(?<![\s/])[\s/]++[^\s/="'>]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'))?""")
_ATTRIBUTE_LIMIT = 3000


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
        if sizes[element] < MOST * sizes[tree]:
            _drop(element)
    for element in list(tree.iter()):
        if element.tag not in ("html", "body") and (
            (hides(element) and not (sizes[element] > _WHOLE * sizes[tree] and fades_in(element)))
            or is_furniture(element, sizes[element], sizes[tree])
        ):
            _drop(element)
    return tree


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page: its text, the element that its first words stand in, and how many characters are links."""

    text: str
    element: Any
    linked: int


def lines(tree: Any) -> list[Line]:
    """The text of a tree, a block element a line, in order; table cells of a row are kept apart by a bar."""
    found: list[Line] = []
    parts: list[str] = []
    owner: Any = None
    linked = inside = 0

    def close() -> None:
        nonlocal owner, linked
        text = single_line("".join(parts)).strip("| ")
        if text:
            found.append(Line(text, owner, linked))
        parts.clear()
        owner, linked = None, 0

    for event, element in _walk(tree):
        if element.tag in _BLOCKS and parts:
            close()
        elif element.tag == "cell" and event == "end":
            parts.append(" | ")
        if element.tag in ("a", "ref"):
            inside += 1 if event == "start" else -1
        text = (element.text if event == "start" else element.tail) or ""
        if text and owner is None and not text.isspace():
            owner = element if event == "start" else element.getparent()
        linked += len(text) if inside else 0
        parts.append(text)
    close()
    return found


def blocks(tree: Any) -> list[str]:
    """The texts of `lines`."""
    return [line.text for line in lines(tree)]


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
    if not HIDING.search(css) or len(css) > _STYLE_LIMIT or sum(1 for _ in tree.iter()) > _ELEMENT_LIMIT:
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
