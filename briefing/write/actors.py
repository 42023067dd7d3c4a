"""Who acts in a text: names of persons and bodies, taken only where the text itself says that they are such.

Capitals make a name, but Gaza, Hamas and a ferry have capitals alike. A name counts as a person's where a title or a
role stands before it or it speaks, as a body's where its last word says so (`League`, `Ministry`). What stands behind
`in` or `near` is a place unless a title says otherwise.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from briefing.names import Name, names, openers, ordinary

MOST = 3
_LONGEST = 60  # characters of a name with its titles
_TITLES = frozenset(
    "president vice prime minister secretary captain judge justice senator governor general mayor king queen prince "
    "princess pope director chief speaker chairman chairwoman chair professor doctor lord lady chancellor ambassador "
    "commissioner sergeant officer colonel major lieutenant inspector sheriff bishop archbishop rabbi sheikh leader "
    "premier deputy spokesman spokeswoman spokesperson congressman congresswoman superintendent constable "
    "admiral".split()
)
# What follows a title and is no surname: "Secretary of State", "Minister of Foreign Affairs".
_OFFICES = frozenset("state defense defence affairs treasury interior war staff finance health education".split())
_BODIES = frozenset(
    "company league association federation board ministry agency council union party group corporation authority "
    "commission committee nations police department court parliament university institute foundation organization "
    "organisation coalition alliance ferries airlines railways holdings inc ltd plc corp".split()
)
_ROLE_BEFORE = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Miss|Dr|Sir|Prof|Sen|Gov|Rep|Gen|Col|Lt|Sgt|Capt)\.?|\b(?:executive|spokesman|spokeswoman|"
    r"spokesperson|chairman|chairwoman|captain|leader|mayor|judge|minister|director|secretary|president|master|"
    r"founder|manager|lawyer|professor|inspector|commander|analyst|economist))\s$",
    re.IGNORECASE,
)
_SPEECH = "said|says|told|tells|added|adds|stated|warned|announced|argued|acknowledged|reiterated"
_SPEAKS = re.compile(rf",? (?:who )?(?:{_SPEECH})\b|, \d{{2}},")
_SPOKEN = re.compile(r"\b(?:said|says|added)\s$")
_ENDS_CLAUSE = re.compile(r"[,.;]|$")
_PLACED = re.compile(
    r"\b(?:in|near|off|outside|into|across|around)\s(?:the\s)?"
    r"(?:(?:northern|southern|eastern|western|central|occupied|port of|city of|town of)\s)?$",
    re.IGNORECASE,
)
_POSSESSIVE = re.compile(r"['’]s$")
_GOES_ON = re.compile(r"\s(?:[A-Z]|al-|el-|ul-)")  # "Theresa May", "Bashar al-Assad": no whole name yet
_OPENS = re.compile(r"(?:^|[.!?:;]['\"”’)]*\s+|\n|[\"“‘]\s*)$")


@dataclass(slots=True)
class _Actor:
    """What a text shows of everybody of one name, however short it is written."""

    titled: bool = False
    speaks: bool = False
    placed: bool = False
    body: bool = False
    first_names: set[str] = field(default_factory=set)

    @property
    def certain(self) -> bool:
        if len(self.first_names) > 1:  # two people of one surname
            return False
        return self.body or self.titled or (self.speaks and not self.placed)


def actors(sentences: Sequence[str], context: str) -> tuple[str, ...]:
    """The one to three persons and bodies that most `sentences` name, each in its fullest form among them.

    A name counts where two sentences and a third of all have it. `context` is all that the sources say, where it is
    seen what the names are; a name that is not surely a person's or a body's is left out.
    """
    named = [(number, name) for number, sentence in enumerate(sentences) for name in _names(sentence)]
    told: dict[str, set[int]] = defaultdict(set)
    for number, name in named:
        told[_key(name)].add(number)
    for number, sentence in enumerate(sentences):
        for opener in openers(sentence):  # a surname that opens the sentence
            told[opener.words[0]].add(number)
    least = max(2, -(-len(sentences) // 3))
    known, _ = _read(context, frozenset(key for key in told if len(told[key]) >= least))
    forms: dict[str, list[str]] = defaultdict(list)
    for number, name in named:
        key = _key(name)
        form = _form(name, sentences[number], body=known[key].body) if key in known and known[key].certain else ""
        if form and len(told[key]) >= least:
            forms[key].append(form)
    chosen = sorted(forms, key=lambda key: -len(told[key]))
    return tuple(max(forms[key], key=len) for key in chosen[:MOST])


def places(context: str, one: Name | None = None) -> frozenset[str]:
    """Names that stand behind `in`, `near` and the like, and are neither a person's nor a body's.

    Where `one` name is given, only it and names that may be the same one's are looked for.
    """
    known, found = _read(context, None if one is None else frozenset((_key(one),)))
    return frozenset(text for text, key in found.items() if not (known[key].titled or known[key].body))


def _read(context: str, keys: frozenset[str] | None) -> tuple[Mapping[str, _Actor], Mapping[str, str]]:
    """What a text shows of every name by its key, and the key of each name that stands where places do.

    `keys` bounds what is asked; None asks of all names.
    """
    known: dict[str, _Actor] = {}
    placed: dict[str, str] = {}
    for name in _names(context if keys is None else _only_lines_with(context, {key.split()[-1] for key in keys})):
        key = _key(name)
        if keys is not None and key not in keys:
            continue
        _learn(known.setdefault(key, _Actor()), name, context)
        if _PLACED.search(context, max(0, name.start - 40), name.start):
            placed[name.text] = key
    return known, placed


def _only_lines_with(text: str, words: Collection[str]) -> str:
    """The text with blanks for the lines that hold none of the words: offsets stay, and most of it costs nothing."""
    if not words:
        return ""
    lines = [(line, line.casefold().replace("’", "'")) for line in text.split("\n")]
    return "\n".join(line if any(word in folded for word in words) else " " * len(line) for line, folded in lines)


def _names(text: str) -> Iterator[Name]:
    """Names with `Workers' League` read as one, without a possessive ending; one inside a name ends it."""
    joined: list[Name] = []
    for name in names(text):
        last = joined[-1] if joined else None
        if last and text[last.end : name.start] in ("' ", "’ "):
            joined[-1] = Name(text[last.start : name.end], last.start, name.end, (*last.words, *name.words))
        else:
            joined.append(name)
    for name in joined:
        bare = _POSSESSIVE.sub("", name.text)
        if not re.search(r"['’]s\s", bare):
            yield Name(bare, name.start, name.start + len(bare), name.words)


def _key(name: Name) -> str:
    """Who is named: a body by all its words, anybody else by the last, which a person's short form keeps."""
    return " ".join(name.words) if name.words[-1] in _BODIES else name.words[-1]


def _learn(actor: _Actor, name: Name, text: str) -> None:
    before, after = text[max(0, name.start - 40) : name.start], text[name.end : name.end + 20]
    last = name.words[-1]
    if last in _BODIES:
        actor.body = len(name.words) > 1
        return
    if last in _TITLES or last in _OFFICES:
        actor.first_names.update(("an", "office"))  # nobody: never certain
        return
    actor.titled = actor.titled or bool(_TITLES & set(name.words[:-1]) or _ROLE_BEFORE.search(before))
    quoted = _SPOKEN.search(before) and _ENDS_CLAUSE.match(after)
    actor.speaks = actor.speaks or bool(_SPEAKS.match(after) or quoted)
    actor.placed = actor.placed or bool(_PLACED.search(before))
    if len(name.words) > 1 and name.words[-2] not in _TITLES | _OFFICES:
        actor.first_names.add(name.words[-2])


def _form(name: Name, text: str, *, body: bool) -> str:
    """The name as it is to be shown: with its titles, without an opening word that is no part of it; else empty."""
    torn = _GOES_ON.match(text, name.end) or len(set(name.words)) < len(name.words)
    if len(name.words) < 2 or len(name.text) > _LONGEST or torn:
        return ""
    opens = bool(_OPENS.search(text[max(0, name.start - 6) : name.start]))
    first = name.text.split()[0]
    belongs = name.words[0] in _TITLES or name.words[0] == "united" or (len(first) > 1 and first.isupper())
    if body or belongs or not (opens and ordinary(name.words[0])):
        return name.text
    start = next((place for place, word in enumerate(name.words[:-1]) if word in _TITLES), None)
    if start is None:
        return ""
    titled = re.search(rf"\b{re.escape(name.words[start])}\b", name.text, re.IGNORECASE)
    return name.text[titled.start() :] if titled else ""
