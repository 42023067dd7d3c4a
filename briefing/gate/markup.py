"""A claim is plain text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from briefing.domain import Reason
from briefing.ports import Claim, Passage
from briefing.text import has_invisible

# What is never plain text, whoever wrote it: it would be an instruction to a browser or to a Markdown reader wherever
# an escape was forgotten. `www.` is among it because Markdown readers make a link of it.
_NEVER = re.compile(
    r"""
    <(?:/?[A-Za-z]|[!?])                            # a tag, a comment, a declaration, an autolink
    | !\[                                           # an image
    | \]\( | \]\[(?!\d)                               # a link, inline or by reference; [1][2] refers to sources
    | ^\s{0,3}\[[^\]]+\]:\s*\S                      # a link's definition
    | \[\^[^\]\s]{1,60}\]                           # a footnote
    | (?<!`)`[^`\n]*[^`\s]`(?![`\w]) | ``` | ^\s{0,3}~~~      # code
    | ^\s{0,3}\#{1,6}\s                             # a heading
    | \b[a-z][a-z0-9+.\-]{1,19}://                  # an address of any scheme
    | \b(?:javascript|vbscript|data|mailto|file|tel|blob):[^\s]
    | \bwww\.\w
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_TOP_LEVELS = (
    "com|org|net|edu|gov|mil|int|info|biz|io|ai|app|dev|co|tv|test|example|onion|xyz|top|online|site|shop|club|news|"
    "link|click|live|uk|de|fr|es|nl|ru|cn|jp|br|au|ca|eu|ch|se|fi|dk|pl|cz|pt|gr|tr|ir|il|za|mx|ar|ua|kr|ie|nz|hk|ly|gg"
)
# A bare domain or an e-mail address: names like Booking.com are news, so what a passage says may be told.
_ADDRESS = re.compile(
    rf"\b(?:[a-z0-9](?:[a-z0-9\-]{{0,61}}[a-z0-9])?\.){{1,9}}(?:{_TOP_LEVELS})\b(?!\.[a-z])|[\w.+%\-]{{1,64}}@[\w\-]{{1,63}}\.\w",
    re.IGNORECASE,
)


def check(claim: Claim, passages: Sequence[Passage]) -> Reason | None:
    """`markup` where a claim holds tags, Markdown, addresses that no passage holds, or invisible characters.

    Tags, Markdown links, images, code and headings, and addresses with a scheme or `www.` are refused even where they
    stand in a passage: a verbatim sentence is not safer than another. Bare domains and e-mail addresses pass where a
    passage holds them. Caught: "See [here](https://example.test)." Passed: "Booking.com rose 5%." from a passage that
    names Booking.com; "Profit < 5% and > 2%"; "the [sic] vote (2-1)".
    """
    if has_invisible(claim.text) or _NEVER.search(claim.text):
        return "markup"
    for match in _ADDRESS.finditer(claim.text):
        if not any(match.group().casefold() in passage.text.casefold() for passage in passages):
            return "markup"
    return None
