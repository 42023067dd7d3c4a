"""What an article says of itself: written by a machine, opinion, corrected, behind a paywall."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from urllib.parse import urlsplit

from briefing.collect.cleaning.rules import RULES
from briefing.text import sentence_spans

_MACHINE = (
    r"(?:an?\s+|the\s+)?(?:ai\b|a\.i\.|artificial\s+intelligence|(?:large\s+)?language\s+models?|chatgpt|machines?\b|computers?\b"
    r"|software|algorithms?|robots?\b|bots?\b|automation|automated\s+\w+|generative\s+ai)"
)
_MADE = r"(?:written|generated|produced|created|composed|compiled|drafted|authored|summari[sz]ed)"
_SELF = (
    r"(?:(?:this|these|our)\s+(?:\w+\s+){0,2}?"
    r"(?:article|story|stories|report|text|summary|summaries|content|post|page|piece|bulletin)s?|the\s+content)"
)
_AI_WRITTEN = re.compile(
    rf"""\b{_SELF}\b[^.]{{0,120}}?\b(?:
            {_MADE}\s+(?:\w+\s+){{0,2}}?(?:by|using|with(?:\s+the\s+(?:help|use)\s+of)?)\s+(?:\w+\s+){{0,2}}?{_MACHINE}
          | {_MADE}\s+(?:entirely\s+|fully\s+)?automatically | (?:automatically|machine-|ai-)\s?{_MADE})
      | ^[\[(*]*(?:{_MADE}\s+(?:entirely\s+)?(?:by|with|using)\s+{_MACHINE}
          | (?:ai|machine|automatically|computer)[-\s]generated\b(?:\s+\w+){{0,4}})[.)\]*]*$
      | \bdiese[rs]?\s+(?:text|artikel|beitrag|meldung)\s+(?:wurde|ist)\b[^.]{{0,80}}\b
          (?:automatisch|automatisiert|maschinell|(?:von|mit|durch)\s+(?:einer\s+|hilfe\s+(?:einer\s+|von\s+)?)?(?:ki|künstlicher\s+intelligenz))\b""",
    re.IGNORECASE | re.VERBOSE,
)
# What every sentence holds that tells of a machine's writing: nearly all blocks are told from it at once.
_WRITING = (
    *"written generated produced created composed compiled drafted authored summari automati maschinell".split(),
    "künstlich",
    " ki",
)
_REPORTED = re.compile(
    r"\b(?:said|says|admitted|told|according\s+to|claimed|alleged|reported\s+that)\b|[\"“„]", re.IGNORECASE
)
_QUOTATION = re.compile(r'"[^"]{1,600}"|“[^“”]{1,600}”|„[^„“”]{1,600}[“”]|«[^«»]{1,600}»')
_MACHINE_AUTHOR = re.compile(
    r"\b(?:ai[- ]?(?:bot|writer|reporter|desk|newsroom|generated|assistant)|chatgpt|gpt-?\d|newsbot|robot"
    r"|artificial\s+intelligence)\b",
    re.IGNORECASE,
)
_OPINION_WORD = (
    r"(?:opinion|op-ed|oped|editorial|column|commentary|comment|kommentar|meinung|leitartikel|kolumne|viewpoint"
    r"|guest\s+(?:essay|column)|letters?\s+to\s+the\s+editor)"
)
_OPINION_TITLE = re.compile(
    rf"^{_OPINION_WORD}\s*(?:[:|–—]|-\s)|\s(?:[|–—-])\s*{_OPINION_WORD}$|^\[{_OPINION_WORD}\]", re.IGNORECASE
)
_OPINION_LABEL = re.compile(
    r"(?:opinions?|op-ed|editorial|column|commentary|kommentar|meinung|leitartikel|kolumne|viewpoint|guest\s+essay)\s*[:|]?"
    r"|(?:the\s+)?(?:views|opinions)\s+expressed\b.{5,160}",
    re.IGNORECASE,
)
_OPINION_PATH = frozenset(
    "opinion opinions op-ed oped editorial editorials commentary commentisfree comment column columns columnists "
    "kommentar kommentare meinung kolumne kolumnen".split()
)
_CORRECTION = re.compile(
    r"(?:corrections?|clarifications?|korrektur|richtigstellung|corrected)\b(?:\s+(?:and|&)\s+clarifications?)?"
    r"(?:\s*,?\s*[\w., ]{2,24})?\s*[:–—-]"
    r"|(?:(?:editor['’]s\s+note|note|update)\s*:\s*)?(?:an\s+(?:earlier|previous)\s+version\s+of\s+this\b"
    r"|this\s+(?:article|story|report|piece)\s+(?:has\s+been|was)\s+(?:corrected|amended|updated\s+to\s+correct)"
    r"|in\s+einer\s+früheren\s+(?:version|fassung))",
    re.IGNORECASE,
)
_PAYWALL = next(rule for rule in RULES if rule.name == "subscribers-only")


def ai_written(blocks: Sequence[str], author: str | None) -> bool:
    """Whether the article's author is a machine, or a note at its head or foot says that a machine wrote it."""
    if author and _MACHINE_AUTHOR.search(author):
        return True
    folded = "\n".join(_head_and_foot(blocks)).casefold()
    for word in _WRITING:
        if word in folded:
            break
    else:
        return False
    return any(
        len(sentence) <= 400 and _AI_WRITTEN.search(sentence) and not _REPORTED.search(sentence)
        for block in _head_and_foot(blocks)
        if _AI_WRITTEN.search(block)
        for sentence in _head_and_foot(_sentences(block))
    )


def _head_and_foot(parts: Sequence[str]) -> Sequence[str]:
    return parts if len(parts) <= 14 else [*parts[:6], *parts[-8:]]


def _sentences(block: str) -> list[str]:
    """The sentences of a block, what stands in quotation marks left out: it may be several, said by somebody else."""
    own = _QUOTATION.sub('""', block)
    cuts = [0, *(span.end for span in sentence_spans(own)), len(own)]
    return [own[start:end].strip() for start, end in pairwise(cuts) if own[start:end].strip()]


def opinion(blocks: Iterable[str], title: str | None, url: str | None) -> bool:
    """Whether the title, a label among the head's blocks, or the address's path marks opinion."""
    if title and _OPINION_TITLE.search(title):
        return True
    if (
        url
        and not _OPINION_PATH.isdisjoint(url.casefold().split("/"))
        and _OPINION_PATH & set(urlsplit(url).path.casefold().split("/")[:-1])
    ):
        return True
    return any(len(block) <= 200 and _OPINION_LABEL.fullmatch(block) for block in blocks)


def corrected(blocks: Iterable[str]) -> bool:
    """Whether a block is a note that says what was corrected."""
    return any(_CORRECTION.match(block) for block in blocks)


def paywalled(blocks: Iterable[str]) -> bool:
    """Whether a block asks the reader to subscribe to read on."""
    return any(len(block) <= 180 and _PAYWALL.pattern.fullmatch(block) for block in blocks)
