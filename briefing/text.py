"""Pure helpers on text: what is visible, where sentences are, which words matter."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from briefing.domain import Span

# Controls other than tab and newline, bidirectional overrides and isolates, tag characters, zero-width
# space, word joiner, invisible operators, BOM and soft hyphen: nothing a reader can see, all of it usable to
# hide or to disguise text. ZWNJ and ZWJ stay: Persian, Indic scripts and emoji need them.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
)
_SPACES = re.compile("[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_WORD = re.compile(r"[^\W_]+(?:(?:['’\-.]|(?<=\d),(?=\d{3}))[^\W_]+)*")
# The splitter takes "19 May." for an abbreviation; a month's whole name with its day before it ends a sentence.
_AFTER_MONTH = re.compile(
    r"(?<=\d )(?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r"\.\s+(?=[^\W\d_a-zß-ÿ])"
)
_MONTH_ENDS = ("uary.", "March.", "April.", "May.", "June.", "July.", "August.", "ber.")  # looked for first: quicker
_MONTH_END = re.compile("|".join(map(re.escape, _MONTH_ENDS)))
_PARAGRAPH = re.compile(r"\S(?:[^\n]*\S)?")
_ENDS, _CLOSES = frozenset(".!?…。！？"), "\"'”’»)]"

# Function words of English: closed classes, so the list can be complete enough to be trusted.
STOP_WORDS = frozenset(
    """a about above after again against all also although am among an and any are as at be because been before
    being below between both but by can could did do does doing down during each either else ever every few for from
    further had has have having he her here hers herself him himself his how however i if in into is it its itself
    just may me might mine more most much must my myself neither no nor not now of off on once one only onto or other
    our ours ourselves out over own per said same say says shall she should since so some such than that the their
    theirs them themselves then there these they this those though through to too under until up upon us very was we
    were what when where whether which while who whom whose why will with within without would yet you your yours
    yourself yourselves""".split()
)


def visible(text: str) -> str:
    """Text as a reader sees it: composed (NFC), one kind of newline, one kind of space, nothing invisible.

    Idempotent: `visible(visible(x)) == visible(x)`.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n")
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text.replace("\x0c", "\n").replace("\x0b", "\n")))
    return unicodedata.normalize("NFC", text)


def has_invisible(text: str) -> bool:
    """Whether `text` holds a character that `visible` would remove or turn into a line break."""
    return bool(_INVISIBLE.search(text))


def single_line(text: str) -> str:
    """Visible text on one line, outer space removed."""
    return " ".join(visible(text).split())


def words(text: str) -> list[str]:
    """Case-folded words and numbers, in order; possessive endings and inner apostrophes are kept apart.

    `Blinken’s 1,300 U.S. troops` gives `blinken 1,300 u.s troops`.
    """
    folded = text.casefold().replace("’", "'")  # at once: a call for every word would take most of the time
    return [word.removesuffix("'s") if "'" in word else word for word in _WORD.findall(folded)]


def word_form(word: str) -> str:
    """A word's form for comparison: case-folded, straight apostrophes, no possessive ending."""
    form = word.casefold().replace("’", "'")
    return form.removesuffix("'s")


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """A light English stem for matching inflections: strips plural, -ed, -ing and -ly, no more.

    Meant for recall when two wordings are compared, never for display. After S-stemming (Harman 1991), extended by
    the three regular verb and adverb endings.
    """
    for ending, least in (("ingly", 8), ("edly", 7), ("ing", 6), ("ied", 5), ("ies", 5), ("ed", 5), ("ly", 5)):
        if word.endswith(ending) and len(word) >= least:
            base = word[: -len(ending)]
            if ending in ("ied", "ies"):
                return base + "y"
            if len(base) > 3 and base[-1] == base[-2] and base[-1] not in "lsz":
                base = base[:-1]
            return base.removesuffix("e") if len(base) > 3 else base
    if word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 4 else word


def content_words(text: str) -> list[str]:
    """Stems of the words that carry meaning, in order, function words left out."""
    return [stem(word) for word in words(text) if word not in STOP_WORDS]


def paragraph_spans(text: str) -> list[Span]:
    """Spans of the non-empty lines of `text`: cleaned bodies hold one paragraph a line."""
    return [Span(match.start(), match.end()) for match in _PARAGRAPH.finditer(text)]


def sentence_spans(text: str, language: str | None = None) -> list[Span]:
    """Spans of the whole sentences of `text`, in order, outer space excluded.

    A line that does not end like a sentence (a sub-heading, a list item) has none. `language` is an ISO 639-1 code;
    None is read as English, whose abbreviations are the likeliest in news.
    """
    import sentencex  # a compiled library: imported where it is used, so that `--help` stays light

    spans = []
    has_month = _MONTH_END.search(text) is not None
    for match in _PARAGRAPH.finditer(text):
        line, start_of_line = match.group(), match.start()
        ends = [boundary["end_index"] for boundary in sentencex.get_sentence_boundaries(language or "en", line)]
        if has_month:
            ends = sorted({*ends, *(match.end() for match in _AFTER_MONTH.finditer(line))})
        first = 0
        for last in ends:
            stripped = line[first:last].strip()
            if stripped[-1:] in _ENDS or stripped.rstrip(_CLOSES)[-1:] in _ENDS:
                start = line.index(stripped, first) + start_of_line
                spans.append(Span(start, start + len(stripped)))
            first = last
    return spans
