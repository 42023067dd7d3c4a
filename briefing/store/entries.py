"""When an entry of a feed is an article that is known already.

An entry says up to three things of what it is: its address, its guid and its title. It is a known article where two of
them agree; or where its address agrees and a guid is missing, or the other way round, unless several entries share that
address or guid. So a reused guid, one address under many entries, and guids that change with every fetch neither merge
articles nor make new ones, and an edited title stays the same article.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from briefing.canonical import canonical, identifier
from briefing.ports import RawArticle
from briefing.text import single_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An entry of a source, and what it is known by: `link` is the canonical address, `digest` of all that it says."""

    raw: RawArticle
    digest: str
    guid: str | None
    link: str | None
    title: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An entry as it was stored, and the article that it stood for. `here`: it is of the same source."""

    article_id: str
    guid: str | None
    link: str | None
    title: str | None
    here: bool = True


def entry(raw: RawArticle) -> Entry:
    """What a source's entry is known by."""
    said = (raw.guid, raw.url, raw.title, raw.text, raw.published, raw.updated, raw.publisher, raw.author, raw.language)
    digest = hashlib.sha256(json.dumps(said).encode()).hexdigest()
    guid, title = (single_line(value) or None if value else None for value in (raw.guid, raw.title))
    return Entry(raw=raw, digest=digest, guid=canonical(guid) or guid, link=canonical(raw.url), title=title)


def same(new: Entry, known: Sequence[Known], shared: Collection[str] = ()) -> str | None:
    """The id of the known article that `new` is, the one with most in common; None where it is a new one.

    `known` are the stored entries with its address or guid, `shared` the addresses and guids under which the source
    shows several entries at once.
    """
    by_link = {one.article_id for one in known if one.link is not None and one.link == new.link}
    by_guid = {one.article_id for one in known if one.here and one.guid is not None and one.guid == new.guid}
    single = {
        "link": new.link not in shared and len(by_link) == 1,
        "guid": new.guid not in shared and len(by_guid) == 1,
    }
    scored = ((_common(new, one, single, link_is_shared=new.link in shared), one.article_id) for one in known)
    best = max(scored, default=(0, ""))
    return best[1] if best[0] else None


def shared_keys(entries: Iterable[Entry]) -> frozenset[str]:
    """The addresses and guids that more than one of a source's entries have."""
    seen: dict[str, set[str]] = defaultdict(set)
    for one in entries:
        for key in (one.link, one.guid):
            if key is not None:
                seen[key].add(one.digest)
    return frozenset(key for key, digests in seen.items() if len(digests) > 1)


def ids(source_url: str, new: Entry) -> tuple[str | None, str]:
    """The ids that an article of this entry may have: of its canonical address, and, where that will not do, of all."""
    short = identifier(new.link) if new.link is not None else None
    return short, identifier(source_url, new.link or "", new.guid or "", new.title or "", new.digest)


def _common(new: Entry, known: Known, single: Mapping[str, bool], *, link_is_shared: bool) -> int:
    """How many of address, guid and title agree; 0 where that is too few to be the same article."""
    link = _agree(new.link, known.link)
    guid = _agree(new.guid, known.guid) if known.here else None  # a guid means something within its source alone
    title = _agree(new.title, known.title)
    if link_is_shared and guid is False:
        link = None  # a page of many entries, each with its own guid: a live blog
    agreeing = sum(one is True for one in (link, guid, title))
    if not (link or guid):
        return 0
    enough = agreeing > 1 or (link and guid is None and single["link"]) or (guid and link is None and single["guid"])
    return agreeing if enough else 0


def _agree(one: str | None, other: str | None) -> bool | None:
    """Whether two statements agree; None where one is missing."""
    return None if one is None or other is None else one == other
