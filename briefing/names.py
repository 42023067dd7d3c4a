"""Proper names in running text, found by capitals: no model, no word list of names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from briefing.text import STOP_WORDS, stem, word_form


@dataclass(frozen=True, slots=True)
class Name:
    """A name as written, half-open offsets into the text, and its words' forms for comparison."""

    text: str
    start: int
    end: int
    words: tuple[str, ...]


# A capital letter by excluding what surely is none; the rest (Cyrillic, Greek ...) is asked of `str.isupper`.
_WORD = re.compile(
    "[^\x00-@\\[-`a-\u00bf×ß-öø-ÿ\u2000-\u2bff\u3000-\uffff][^\\W_]*(?:(?:['’&-]|(?<=\\b[^\\W\\d_])\\.(?=[^\\W\\d_]\\b))[^\\W_]+)*"
)
_JOINT = re.compile(r"[ \u00a0](?:(?:of|de|del|la|the|van|von|bin|al|der|den|du|di|da|dos|ibn) ){0,2}|\. ")
_TITLES = "Mr|Mrs|Ms|Dr|Sen|Gov|Rep|Gen|Col|Lt|Sgt|Prof|St|Rev|Capt|Maj|Hon"
_NUMBER_WORDS = frozenset(
    "thirteen fourteen fifteen sixteen seventeen eighteen nineteen thirty forty fifty sixty seventy eighty ninety "
    "eleventh twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split()
)
_ABBREVIATION = re.compile(rf"(?:[^\W\d_]\.)*[^\W\d_]|{_TITLES}|Jr|Sr")
_AFTER_TITLE = re.compile(rf"\b(?:{_TITLES})\.\s$")
_STARTS_SENTENCE = re.compile(r"(?:^\s*|[.!?:;…]['\"”’)»\]]*\s+|\n\s*|[\"“‘«(\[„]\s*|[—–•*]\s*|\s-\s+)$")
# Weekdays, months and forms of address are capitalised and name nobody.
_NO_NAMES = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june july august "
    "september october november december jan feb mar apr jun jul aug sep sept oct nov dec mon tue tues wed thu thur "
    "thurs fri sat sun mr mrs ms miss dr sen gov rep gen col lt sgt prof rev capt maj hon sir am pm".split()
)
# Words that open sentences in news and are no names, by stem; words in -ly, -ing, -tion and the like need no entry.
_OPENERS = frozenset(
    stem(word)
    for word in """
    aboard account accuracy across activist additional adult advocate agency ahead aid aide air aircraft airline
    airport allow almost alone along already always ambassador american amid analyst another anyone anyway apart
    app army around article artillery attack attempt attorney author authority ayatollah back ban bank batsman
    behind besides best better beyond big bishop black blast blue board body bomb border born borrower boy
    bridge brilliant bring built bus buy bystander cabinet cadet call caller campaigner captain captor cardinal
    cargo case casualty cause ceasefire cell certain chancellor change charge chat check checkpoint chief child
    children christian church citizen civilian claim clash clear clerk climate climber close cloud club coach
    colleague come command common commuter company complete concern congress congressional conservative consider
    consumer contact content continue contrast convoy copyright council counsel counterpart country court crash
    credit creditor crew crewman critic crowd crude cup current customer cyclist damage data date daughter dawn
    day dead deal dear death debate debris defendant defender defense delegate demand democrat deputy despite
    detail detective different diplomat direct director discount dissident district dock doctor dozen dramatic
    driver drone drought due earlier earthquake east eastern easy economic economist economy editor editorial
    effort eight electric electricity eleven elsewhere email emergency emperor employee employer end energy
    engineer enough envoy evacuee even eventual everybody everyone exact example except excerpt executive expert
    export factory fallen families fan far farmer fast father federal fellow felt female ferry fighter figure
    file final find fire firefighter firework firm first fish five fixture flag flight flood follow food footage
    force foreign former forty four free freight fresh friend frontier fuel full fund future game gas general
    get girl give given global go goalkeeper going gold golfer good got governor graduate grain grandfather
    grandmother graphic great ground group growth guest gun gunman hacker hail half harbor harbour hard head
    health hear heat heavy held helicopter hello help high highway hint holder home homeowner hospital host
    hostage hot hotel hour house household huge human hundreds hurricane husband image imam immediate immigrant
    import important individual industry initial inside inspector instead insurgent interest interior
    international internet invalid investor islamist issue item jihadist job join joint journalist judge juror
    jury justice keep keeper key kid kidnapper kill kind king know known labor labour lady land landlord large
    last late later latest law lawmaker lawyer lead leader leaflet league learn least led left legislator lender
    lesson let letter liberal life like little live local long look looter lord loss lot loud low made main
    major make male man manager many march marine mass material matter maybe mayor mean meanwhile measure media
    mediator medic medical member men message met metro mid midfielder migrant militant military militia million
    miner minister ministry minor minute missile money month moon moreover mother motorist motorway mourner move
    multiple municipal muslim naval near nearby need negotiator neighbor neighbour never new next nine nobody
    none normal north northern note nowhere number nurse observer obvious ocean offer office officer official
    often oil ok old online open opinion opponent order organizer original outbreak outside overall overnight
    owner paramedic parent part partial participant party passenger past pastor patient patrol pay peace
    pedestrian pensioner people perhaps person phone photo picture pier pilot place plaintiff plan plant player
    please plus pm point police policy political politician poll poor pope port post power preliminary premier
    present president presidential press pressure price priest prime prince princess prior prison prisoner
    private problem producer professor profit program project property proponent prosecutor protest protester
    proud public pupil put quake queen quick quite rabbi race rail railway rain rate rather raw read reader
    ready real reason rebel recent record recruit red referee refugee regard regional regulator relative release
    relief remain renter repeat report reporter representative republican rescue rescuer research researcher
    resident residential respondent response rest result retailer revenue rich rider right rioter river road
    rocket role round rule run runner sad safety sailor sale scene school scientist sea second secretary
    security see senate senator send senior separate sergeant service set settler seven several share
    shareholder sheikh shell shipyard shop short shot sign similar single site six skier sky small smoke
    smuggler snow social society software soldier somehow someone sometime somewhat somewhere son soon sorry
    source south southern speak speaker special spectator spokesman spokesperson spokeswoman sponsor staff start
    state statistics stay still stock stop stories storm street strike striker strong student study support
    supporter sure surgeon survey survivor suspect swimmer system take taken talk tanker tax taxpayer teacher
    team tech tell temperature ten tenant term terrorist test thank thereafter therefore thief thieves thing
    think third thousand threat three throughout thus ticket time today together told tomorrow tonight top total
    tourist town trade trader traffic trafficker train tram travel traveler traveller tree trial tribunal
    tribute troop tropical trouble truce truck true try tunnel turn turnout tv twelve twenty two typical
    unfortunate union unit unknown unlike unrest update use user using usual various vehicle veteran via victim
    video view viewer village villager visit visitor vital vote voter wage wait want war warm warplane watch
    watchdog water wave way weather website week welcome well west western whatever wheat whenever whilst white
    whole wide wife wild wildfire win wind winner witnesses wives woman women word work worker world worse
    worshipper worst year yes yesterday young youth accept agree approve arrive begin demand deny face hit lose meet
    offer pursue push reject return seek slam start travel urge vow warn""".split()
)
_COMMON_ENDINGS = re.compile(
    r"(?:[^\W\d_]{2}ly|[^\W\d_]{3}ing|tions?|sions?|ments?|ness|ships?|hoods?|isms?|ists|[^\W\d_]{3}ers|ators|ities|"
    r"[^\W\d_]{2}ances?|ences?|ful|less|able|ible|ously|ward|wards|ise|ised|ize|ized|[^\W\d_]{3}ed)$"
)
_NAMES_WITH_COMMON_ENDINGS = frozenset(
    "beijing boeing jinping sterling keeling browning pershing nanjing chongqing kunming italy emily kelly billy sally "
    "molly philly reilly kimberly beverly kennedy mohammed muhammad ahmed mohamed saeed reed sweden clement florence "
    "lawrence terence clarence provence valence lance france constance edward howard clements venables".split()
)


def names(text: str) -> list[Name]:
    """Names in `text`, in order: runs of capitalised words, joined over `of`, `van` and the like.

    None are: weekdays, months, forms of address, function words, and a lone word that opens a sentence, unless it has
    more capitals or stands capitalised inside a sentence of the same text. In a title-case line every word counts as
    an opening one.
    """
    return [name for name, sure in _candidates(text) if sure]


def openers(text: str) -> list[Name]:
    """Capitalised words that only open sentences in `text`, in order: names or not, capitals cannot tell.

    Those are left out that by their ending or by a list of words common in news are no names.
    """
    return [name for name, sure in _candidates(text) if not sure and not ordinary(name.words[0])]


def _candidates(text: str) -> list[tuple[Name, bool]]:
    """Each run of capitalised words, and whether it surely is a name; an unsure one is a single word."""
    runs = list(_runs(text))
    titles = _title_lines(text)
    inside: set[str] = set()
    openings = []
    for run in runs:
        start = run[0].start()
        titled = any(begin <= start < end for begin, end in titles)
        before = text[max(0, start - 8) : start]
        opens = titled or bool(_STARTS_SENTENCE.search(before) and not _AFTER_TITLE.search(before))
        openings.append((opens, titled))
        inside.update(word_form(m.group()) for m in run[opens and not titled :] if not titled)
    found = []
    for run, (opens, titled) in zip(runs, openings, strict=True):
        for part in [[match] for match in run] if titled else [run]:
            forms = tuple(word_form(match.group()) for match in part)
            if titled and forms[0] in STOP_WORDS:
                continue
            end = part[-1].end()
            sure = len(part) > 1 or not opens or forms[0] in inside or _certain(part[0].group())
            found.append((Name(text[part[0].start() : end], part[0].start(), end, forms), sure))
    return found


def _runs(text: str) -> Iterator[list[re.Match[str]]]:
    """Capitalised words that stand together as one name."""
    run: list[re.Match[str]] = []
    for match in _WORD.finditer(text):
        word = match.group()
        start = match.start()
        if (start and (text[start - 1].isalnum() or text[start - 1] in "_@")) or not word[0].isupper():
            continue
        form = word_form(word)
        if form in _NO_NAMES or (_function_word(form) and (word != form.upper() or len(word) < 2)):
            if run:
                yield run
            run = []
            continue
        if run and not _joined(text, run[-1], start):
            yield run
            run = []
        run.append(match)
    if run:
        yield run


def _joined(text: str, last: re.Match[str], start: int) -> bool:
    gap = text[last.end() : start]
    if not _JOINT.fullmatch(gap):
        return False
    return not gap.startswith(".") or bool(_ABBREVIATION.fullmatch(last.group()))


def _title_lines(text: str) -> list[tuple[int, int]]:
    """Spans of the lines set in title case or in capitals: there a capital tells nothing."""
    spans = []
    for match in re.finditer(r"[^\n]+", text):
        line = match.group()
        if len(line) > 200 or line.rstrip().endswith("."):
            continue
        parts = [word for word in line.split() if word[:1].isalpha() and word.casefold() not in STOP_WORDS]
        if len(parts) > 3 and sum(word[0].isupper() for word in parts) >= 0.8 * len(parts):
            spans.append(match.span())
    return spans


@lru_cache(maxsize=65536)
def _certain(word: str) -> bool:
    """Whether a word is a name even at a sentence's start: initials, or capitals inside it."""
    return len(word) > 1 and any(letter.isupper() for letter in word[1:])


@lru_cache(maxsize=65536)
def ordinary(form: str) -> bool:
    """Whether a word's form, by its ending or by a list of words common in news, is no name."""
    if _function_word(form) or stem(form) in _OPENERS or form in _NUMBER_WORDS:
        return True
    return bool(_COMMON_ENDINGS.search(form) and form not in _NAMES_WITH_COMMON_ENDINGS)


def _function_word(form: str) -> bool:
    """Whether a form is a function word, contracted ones (`I've`, `don't`) among them."""
    return form in STOP_WORDS or form.endswith("n't") or ("'" in form and form.partition("'")[0] in STOP_WORDS)
