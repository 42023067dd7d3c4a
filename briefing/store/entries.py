"""When an entry of a feed is an article that is known already.

An entry says up to three things of what it is: its address, its guid and its title. It is a known article where two of
them agree; or where its address agrees and a guid is missing, or the other way round, unless several entries share that
address or guid. So a reused guid, one address under many entries, and guids that change with every fetch neither merge
articles nor make new ones, and an edited title stays the same article. The front page of a site is no article's
address, neither as a link nor as a guid: it says nothing.

Where a source gives no guids, and an address is all that two of its entries have in common, they are one article only
if their titles share a word that has a meaning. An edited headline nearly always keeps a name or the thing; a page that
is used again for other news keeps neither. The two mistakes are not equal: an article that is split is told as one
event still, for its texts are alike; other news that becomes a version of an old article counts from the old one's day,
and no briefing ever has it. Once an address has stood for several articles, half of the words must be shared.

Within one source, the same title at the same moment of publication is the same article though address and guid have
both changed (session ids). A day is no moment, nor is midnight, which is how a day is often written: short news of one
day may share a title. Nor does it hold where several entries are shown with them at once, or where the address or the
guid is known to be another article's. An entry with neither address nor guid is the one of its title, unless another
publication is stated, or none where one was: the weather has the same title every day.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from json.encoder import encode_basestring_ascii
from typing import Any

from briefing.canonical import canonical, identifier
from briefing.dates import parse_stated
from briefing.ports import RawArticle
from briefing.store.versions import Handed
from briefing.text import content_words, single_line

UNKNOWN = "?"  # the publication of what was stored before publications were
_DAY = len("2026-03-02")
_HALF = 0.5
# Writing that puts no space between words: two characters stand for a word.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]+")
_LABELS = frozenset(content_words("live liveblog liveticker breaking news latest update updates updated video"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry(Handed):
    """An entry of a source by what it is known by: `link` is its address (`url`) canonical, `digest` of all it says.

    `published` is a day `2026-03-02`, or a moment as RFC 3339, in UTC where its zone is stated.
    """

    digest: str
    url: str | None
    guid: str | None
    link: str | None
    title: str | None
    published: str | None = None

    def known_as(self, article_id: str) -> Known:
        """This entry as it is known once it stands for an article."""
        return Known(article_id=article_id, guid=self.guid, link=self.link, title=self.title, published=self.published)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fresh(Handed):
    """An entry that was not seen in these words before, and the page to be fetched, if any.

    `version` is its article as cleaned, as `versions.row_of` gives it: what is read elsewhere comes ready to be stored.
    """

    entry: Entry
    version: Mapping[str, Any]
    page_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An entry as it was stored, and the article that it stood for. `here`: it is of the same source."""

    article_id: str
    guid: str | None
    link: str | None
    title: str | None
    here: bool = True
    published: str | None = None


def entry(raw: RawArticle) -> Entry:
    """What a source's entry is known by."""
    said = (raw.guid, raw.url, raw.title, raw.text, raw.published, raw.updated, raw.publisher, raw.author, raw.language)
    # as `json.dumps` writes a list, in half the time
    as_json = f"[{', '.join(['null' if one is None else encode_basestring_ascii(one) for one in said])}]"
    digest = hashlib.sha256(as_json.encode()).hexdigest()
    guid, title = _line(raw.guid), _line(raw.title)
    address = canonical(guid)
    return Entry(
        digest=digest,
        url=raw.url,
        guid=guid if address is None else _telling(address),
        link=canonical(raw.url),
        title=title,
        published=_publication(raw.published),
    )


def same(new: Entry, known: Sequence[Known], shared: Collection[str] = ()) -> str | None:
    """The id of the known article that `new` is, the one with most in common; None where it is a new one.

    `known` are the stored entries with its address, and those of its source with its guid or its title; `shared` is
    what `shared_keys` says of the entries that the source shows with it.
    """
    if not known:
        return None
    link = _telling(new.link)
    by_link = {one.article_id for one in known if link is not None and one.link == link}
    by_guid = {one.article_id for one in known if one.here and one.guid is not None and one.guid == new.guid}
    single = {"link": link not in shared and len(by_link) == 1, "guid": new.guid not in shared and len(by_guid) == 1}
    scored = ((_common(new, one, single, link_is_shared=new.link in shared), one.article_id) for one in known)
    best = max(scored, default=(0, ""))
    if best[0]:
        return best[1]
    elsewhere = (by_link if link not in shared else set()) | (by_guid if new.guid not in shared else set())
    return _by_title(new, known, shared, elsewhere)


def shared_keys(entries: Iterable[Entry]) -> frozenset[str]:
    """The addresses, guids and titles that more than one of a source's entries have, for `same`."""
    first: dict[str, str] = {}
    shared: set[str] = set()
    for one in entries:
        for key in (one.link, one.guid, _title_key(one)):
            if key is not None and first.setdefault(key, one.digest) != one.digest:
                shared.add(key)
    return frozenset(shared)


def ids(source_url: str, new: Entry) -> tuple[str | None, str]:
    """The ids that an article of this entry may have: of its canonical address, and, where that will not do, of all."""
    link = _telling(new.link)
    short = identifier(link) if link is not None else None
    return short, identifier(source_url, new.link or "", new.guid or "", new.title or "", new.digest)


def _common(new: Entry, known: Known, single: Mapping[str, bool], *, link_is_shared: bool) -> float:
    """How many of address, guid and title agree, a part of a title as a part; 0 where it is another article."""
    link = _agree(_telling(new.link), _telling(known.link))
    guid = _agree(new.guid, known.guid) if known.here else None  # a guid means something within its source alone
    title = _agree(new.title, known.title)
    if link_is_shared and guid is False:
        link = None  # a page of many entries, each with its own guid: a live blog
    agreeing = sum(one is True for one in (link, guid, title))
    if not (link or guid):
        return 0
    if link and title is False and known.here and new.guid is None and known.guid is None:
        return 0 if link_is_shared else _reworded(new, known, single_link=single["link"])
    enough = agreeing > 1 or (link and guid is None and single["link"]) or (guid and link is None and single["guid"])
    return agreeing if enough else 0


def _reworded(new: Entry, known: Known, *, single_link: bool) -> float:
    """For two entries that have no more than their address in common: 1 and the part of words that titles share."""
    mine, other = _pieces(new.title or ""), _pieces(known.title or "")
    part = len(mine & other) / max(1, min(len(mine), len(other)))
    if single_link and new.published is not None and new.published == known.published and len(new.published) > _DAY:
        return 1 + part
    return 1 + part if part >= _HALF or (part and single_link) else 0


def _pieces(title: str) -> set[str]:
    """The stems of a title that have a meaning; pairs of characters where words are not parted."""
    found = set(content_words(_UNSPACED.sub(" ", title))) - _LABELS
    for run in _UNSPACED.findall(title):
        found.update(run[at : at + 2] for at in range(max(1, len(run) - 1)))
    return found


def _by_title(new: Entry, known: Iterable[Known], shared: Collection[str], elsewhere: Collection[str]) -> str | None:
    """The one article of its source that has the title and, as far as it is needed, the moment of publication.

    `elsewhere` are the articles that its address or guid is known of: where another one is, these contradict.
    """
    key = _title_key(new)
    if key is None or key in shared:
        return None
    moment = new.published if new.published is not None and len(new.published) > _DAY else None
    found = {
        one.article_id
        for one in known
        if one.here
        and one.title == new.title
        and ((moment is not None and one.published == moment) or _is_bare(one, new))
    }
    return next(iter(found)) if len(found) == 1 and found >= set(elsewhere) else None


def _is_bare(known: Known, new: Entry) -> bool:
    """Whether a title is all that there is of both, and neither states another publication."""
    if any((known.link, known.guid, new.link, new.guid)):
        return False
    if known.published == UNKNOWN:
        return True
    if (known.published is None) != (new.published is None):
        return False
    one, other = known.published or "", new.published or ""
    shorter = min(len(one), len(other))
    return one[:shorter] == other[:shorter]


def _title_key(one: Entry) -> str | None:
    """What an entry goes by where its title tells: with its moment, or alone where it has nothing else."""
    published = one.published or ""
    tells = one.title is not None and (len(published) > _DAY or not (one.link or one.guid))
    return f"title\0{one.title}\0{published}" if tells else None


def _telling(link: str | None) -> str | None:
    """An address; None for a site's front page, which any of its entries may lead to."""
    return link if link is not None and ("/" in link or "?" in link or "#" in link) else None


def _publication(stated: str | None) -> str | None:
    """A stated date in one form: a moment in UTC where its zone is known, and a day for midnight."""
    read = parse_stated(stated)
    if read is None or len(read) <= _DAY:
        return read
    try:
        moment = datetime.fromisoformat(read)
    except ValueError:  # a zone of a hundred hours
        return None
    if moment.time() == time():
        return read[:_DAY]
    return moment.astimezone(UTC).isoformat() if moment.tzinfo else read


def _line(value: str | None) -> str | None:
    """As `single_line`, and quick for what is printable ASCII, as nearly all is; None for what says nothing."""
    if not value:
        return None
    line = " ".join(value.split()) if value.isascii() and value.isprintable() else single_line(value)
    return line or None


def _agree(one: str | None, other: str | None) -> bool | None:
    """Whether two statements agree; None where one is missing."""
    return None if one is None or other is None else one == other
