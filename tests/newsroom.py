"""A small world of news on loopback: papers with feeds, pages, robots.txt, a sitemap of news, a list of their feeds.

    with newsroom(hosts=["127.0.0.2", "127.0.0.3"], feeds=4, items=10) as room:
        room.fail("/feed/1", "hang")
        room.publish(2)  # two new items in every feed; as many old ones drop out

Everything is made from a seed and from the clock that it is given, so that two rooms of one seed say the same. Feeds
are RSS, Atom and JSON Feed in turn; they have an ETag and answer 304. It runs in a thread, or as a process of its own
(`apart`), where it answers some thousands of requests a second: then it is told what to do over its standard input.
"""

from __future__ import annotations

import asyncio
import hashlib
import html
import json
import random
import socket
import struct
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Literal

NOW = datetime(2024, 10, 22, 6, 0, tzinfo=UTC)
KINDS = ("rss", "atom", "json")
TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml", "json": "application/feed+json"}

_TOWNS = "Aldmere Brackwater Corran Dunlow Eastholm Farrowby Glenmoor Hexley Ilmarsh Kirkness Lowick Marwen".split()
_BODIES = (
    "council",
    "harbour board",
    "water company",
    "school board",
    "fire service",
    "bus operator",
    "museum",
    "court",
)
_DEEDS = ("approved", "postponed", "rejected", "opened", "closed", "reviewed", "extended", "repaired")
_THINGS = (
    "the ferry line",
    "a flood wall",
    "the night bus",
    "the old mill",
    "a new clinic",
    "the grain store",
    "the pier",
)
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_SYLLABLES = "ba dor fen gil har jun kel lim mor nat os pel rin sol tav ul ver wen yar zet".split()
_ENDS = (
    "Work on {where} Street begins within {n} weeks and is to cost {m} million crowns",
    "The decision passed by {n} votes, said {who} of the {where} office after the meeting",
    "About {m}00 households near {where} are affected, according to a first count",
    "Residents of {where} had asked for it since the storm of last winter, which flooded {n} streets",
    "A spokeswoman, {who}, said that {n} people had worked on the plan for {m} months",
    "The next report on {where} is expected on {day}, when engineers have checked {m} bridges",
)

Fault = Literal["hang", "reset"] | int


@dataclass(frozen=True, slots=True)
class Story:
    """One article: what a feed says of it, and its whole text."""

    number: int
    title: str
    paragraphs: tuple[str, ...]
    published: datetime
    guid: str
    path: str
    whole: bool = False

    @property
    def told(self) -> str:
        """What the feed gives, as HTML: a teaser, or the whole text."""
        if self.whole:
            return "".join(f"<p>{one}</p>" for one in self.paragraphs)
        return f"<p>{' '.join(self.paragraphs[:2])}</p>"


@dataclass(frozen=True, slots=True)
class Reply:
    """What an address answers."""

    body: bytes
    kind: str = "text/html; charset=utf-8"
    status: int = 200
    headers: tuple[tuple[str, str], ...] = ()

    def data(self, etag: str = "") -> bytes:
        """The answer's bytes; a 304 where the client has it already."""
        own = f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"' if self.status == 200 else ""
        same = bool(own) and etag == own
        body = b"" if same else self.body
        fields = [("Content-Type", self.kind), ("Content-Length", str(len(body))), *self.headers]
        fields += [("ETag", own)] if own else []
        lines = [
            f"HTTP/1.1 {304 if same else self.status} Told",
            *(f"{name}: {value}" for name, value in fields),
            "",
            "",
        ]
        return "\r\n".join(lines).encode() + body


@dataclass
class Newsroom:
    """What the papers have published, and how they answer. A feed lives at one host; so do its pages."""

    hosts: tuple[str, ...]
    feeds: int
    items: int
    seed: int = 1
    now: datetime = NOW
    latency: float = 0.0
    paragraphs: int = 6
    whole: bool = False
    port: int = 0
    faults: dict[tuple[str, str], Fault] = field(default_factory=dict)
    replies: dict[tuple[str, str], Reply] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)
    at_once: Counter[str] = field(default_factory=Counter)
    most_at_once: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._stories: list[list[Story]] = []
        self._numbers = 0
        for feed in range(self.feeds):
            self._stories.append([self._story(feed, age) for age in range(self.items)])

    def host(self, feed: int) -> str:
        """Where a feed lives."""
        return self.hosts[feed % len(self.hosts)]

    def url(self, path: str, host: str | None = None) -> str:
        """The address of a path."""
        return f"http://{host or self.hosts[0]}:{self.port}{path}"

    @property
    def addresses(self) -> list[str]:
        """The feeds' addresses."""
        return [self.url(f"/feed/{feed}", self.host(feed)) for feed in range(self.feeds)]

    def stories(self, feed: int) -> list[Story]:
        """What a feed shows now, the newest first."""
        return self._stories[feed]

    def publish(self, count: int, later: timedelta = timedelta(0)) -> None:
        """New items at the head of every feed, `later` than the last; as many old ones drop out."""
        self.now += later
        for feed, shown in enumerate(self._stories):
            new = [self._story(feed, age) for age in range(count)]
            self._stories[feed] = [*new, *shown][: self.items]
            self._forget(feed)

    def edit(self, feed: int, index: int, **changes: Any) -> None:
        """Change what a feed says of an item: its `title`, `paragraphs`, `guid`, `path` ..."""
        one = self._stories[feed][index]
        values = {name: changes.get(name, getattr(one, name)) for name in Story.__slots__}
        self._stories[feed][index] = Story(**values)
        self._forget(feed)
        self.replies.pop((self.host(feed), one.path), None)

    def fail(self, path: str, how: Fault, host: str | None = None) -> None:
        """Let an address hang, break off in the middle, or answer with a status."""
        self.faults[host or self.hosts[0], path] = how

    def mend(self) -> None:
        """Let every address answer again."""
        self.faults.clear()

    def put(self, path: str, reply: Reply | bytes, host: str | None = None) -> str:
        """Answer so at a path; its address."""
        made = reply if isinstance(reply, Reply) else Reply(reply)
        self.replies[host or self.hosts[0], path] = made
        return self.url(path, host)

    def opml(self) -> bytes:
        """The list of all feeds, in outlines by host and kind."""
        by_host = []
        for host in self.hosts:
            inner = "".join(
                f'<outline text="Paper {feed}" type="rss" xmlUrl="{self.addresses[feed]}"/>'
                for feed in range(self.feeds)
                if self.host(feed) == host
            )
            by_host.append(f'<outline text="Region {host}"><outline text="Daily">{inner}</outline></outline>')
        body = "".join(by_host)
        return f'<opml version="2.0"><head><title>Papers</title></head><body>{body}</body></opml>'.encode()

    def reply(self, host: str, path: str) -> Reply:
        """What an address answers when nothing is wrong with it."""
        if (host, path) not in self.replies:
            self.replies[host, path] = self._made(host, path)
        return self.replies[host, path]

    def _made(self, host: str, path: str) -> Reply:
        if path == "/robots.txt":
            return Reply(f"User-agent: *\nAllow: /\nSitemap: {self.url('/news.xml', host)}\n".encode(), "text/plain")
        own = [feed for feed in range(self.feeds) if self.host(feed) == host]
        if path == "/news.xml":
            return Reply(
                sitemap([(self._link(f, one), one) for f in own for one in self._stories[f]]), "application/xml"
            )
        if path.startswith("/feed/") and int(path[6:]) in own:
            feed = int(path[6:])
            kind = KINDS[feed % len(KINDS)]
            entries = [(self._link(feed, one), one) for one in self._stories[feed]]
            return Reply(WRITERS[kind](f"Paper {feed}", entries), TYPES[kind])
        for feed in own:
            for one in self._stories[feed]:
                if one.path == path:
                    return Reply(page(f"Paper {feed}", one))
        return Reply(b"not here", "text/plain", 404)

    def _link(self, feed: int, one: Story) -> str:
        return self.url(one.path, self.host(feed))

    def _forget(self, feed: int) -> None:
        self.replies.pop((self.host(feed), f"/feed/{feed}"), None)
        self.replies.pop((self.host(feed), "/news.xml"), None)

    def _story(self, feed: int, age: int) -> Story:
        self._numbers += 1
        number = self._numbers
        say = random.Random(f"{self.seed} {number}")
        town, body, deed, thing = (say.choice(words) for words in (_TOWNS, _BODIES, _DEEDS, _THINGS))
        paragraphs = tuple(_paragraph(say, town, body) for _ in range(self.paragraphs))
        title = f"{town}: {body} {deed} {thing} of {_name(say)}, case {number}"
        day = self.now - timedelta(minutes=7 * age + feed % 7)
        return Story(
            number,
            title,
            paragraphs,
            day,
            f"tag:paper{feed}.example,2024:{number}",
            f"/{feed}/story-{number}",
            self.whole,
        )


def _paragraph(say: random.Random, town: str, body: str) -> str:
    first = f"The {body} of {town} {say.choice(_DEEDS)} {say.choice(_THINGS)} on {say.choice(_DAYS)}."
    rest = (
        say.choice(_ENDS).format(
            n=say.randint(2, 40), m=say.randint(2, 90), day=say.choice(_DAYS), who=_name(say), where=_name(say)
        )
        + "."
        for _ in range(3)
    )
    return " ".join([first, *rest])


def _name(say: random.Random) -> str:
    """A name that nobody has: without many of them all stories would be about the same."""
    return "".join(say.choice(_SYLLABLES) for _ in range(3)).capitalize()


def rss(name: str, entries: Sequence[tuple[str, Story]]) -> bytes:
    """An RSS 2.0 feed."""
    items = "".join(
        f"<item><title>{html.escape(one.title)}</title><link>{link}</link>"
        f'<guid isPermaLink="false">{html.escape(one.guid)}</guid>'
        f"<pubDate>{format_datetime(one.published)}</pubDate>"
        f"<description>{html.escape(one.told)}</description></item>"
        for link, one in entries
    )
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>{name}</title>{items}</channel></rss>'.encode()


def atom(name: str, entries: Sequence[tuple[str, Story]]) -> bytes:
    """An Atom feed."""
    items = "".join(
        f'<entry><title>{html.escape(one.title)}</title><link rel="alternate" href="{link}"/>'
        f"<id>{html.escape(one.guid)}</id>"
        f"<published>{one.published.isoformat()}</published><updated>{one.published.isoformat()}</updated>"
        f'<summary type="html">{html.escape(one.told)}</summary></entry>'
        for link, one in entries
    )
    head = f"<title>{name}</title><id>tag:{name}</id><updated>2024-10-22T06:00:00Z</updated>"
    return f'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">{head}{items}</feed>'.encode()


def json_feed(name: str, entries: Sequence[tuple[str, Story]]) -> bytes:
    """A JSON Feed."""
    items = [
        {
            "id": one.guid,
            "url": link,
            "title": one.title,
            "content_html": one.told,
            "date_published": one.published.isoformat(),
        }
        for link, one in entries
    ]
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": name, "items": items}).encode()


WRITERS = {"rss": rss, "atom": atom, "json": json_feed}


def sitemap(entries: Sequence[tuple[str, Story]]) -> bytes:
    """A sitemap of news."""
    urls = "".join(
        f"<url><loc>{link}</loc><news:news><news:publication><news:name>Paper</news:name>"
        f"<news:language>en</news:language></news:publication>"
        f"<news:publication_date>{one.published.isoformat()}</news:publication_date>"
        f"<news:title>{html.escape(one.title)}</news:title></news:news></url>"
        for link, one in entries
    )
    spaces = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    return f'<?xml version="1.0"?><urlset {spaces}>{urls}</urlset>'.encode()


def page(name: str, one: Story) -> bytes:
    """The page of a story, with what stands around a text on such a page."""
    text = "".join(f"<p>{html.escape(paragraph)}</p>" for paragraph in one.paragraphs)
    more = "".join(
        f'<li><a href="/more/{number}">Another report of ours, number {number}</a></li>' for number in range(12)
    )
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{html.escape(one.title)} | {name}</title>'
        f'<meta property="og:title" content="{html.escape(one.title)}"><meta property="og:site_name" content="{name}">'
        f'<meta property="article:published_time" content="{one.published.isoformat()}"></head><body>'
        '<nav><a href="/">Home</a> <a href="/local">Local</a> <a href="/sport">Sport</a></nav>'
        f"<main><article><h1>{html.escape(one.title)}</h1><p class='share'>Share this on your pages</p>{text}</article>"
        f"<aside><h2>Most read</h2><ul>{more}</ul></aside></main>"
        f"<footer>{name}. All rights reserved. <a href='/privacy'>Privacy</a></footer></body></html>"
    ).encode()


class _Talk(asyncio.Protocol):
    """A connection."""

    def __init__(self, room: Newsroom) -> None:
        self._room = room
        self._buffer = b""

    def connection_made(self, transport: Any) -> None:
        self._wire = transport
        self._host = transport.get_extra_info("sockname")[0]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while b"\r\n\r\n" in self._buffer:
            asked, _, self._buffer = self._buffer.partition(b"\r\n\r\n")
            line, *fields = asked.decode("latin-1").split("\r\n")
            etag = next((one[14:].strip() for one in fields if one.lower().startswith("if-none-match:")), "")
            self._begin(line.split(" ")[1], etag)

    def _begin(self, path: str, etag: str) -> None:
        room, host = self._room, self._host
        room.requests.append((host, path))
        room.at_once[host] += 1
        room.most_at_once[host] = max(room.most_at_once[host], room.at_once[host])
        if room.latency:
            asyncio.get_running_loop().call_later(room.latency, self._answer, path, etag)
        else:
            self._answer(path, etag)

    def _answer(self, path: str, etag: str) -> None:
        room, host = self._room, self._host
        room.at_once[host] -= 1
        fault = room.faults.get((host, path)) or room.faults.get((host, "*"))
        if fault == "hang" or self._wire.is_closing():
            return
        if isinstance(fault, int):
            self._wire.write(Reply(b"Something is wrong here.", "text/plain", fault).data())
            return
        data = room.reply(host, path).data(etag)
        if fault == "reset":
            self._wire.write(data[: len(data) // 2])
            asyncio.get_running_loop().call_later(0.02, self._break)
            return
        self._wire.write(data)

    def _break(self) -> None:
        plain = self._wire.get_extra_info("socket")
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._wire.abort()


@contextmanager
def newsroom(
    hosts: Sequence[str] = ("127.0.0.1",), feeds: int = 1, items: int = 10, **wishes: Any
) -> Iterator[Newsroom]:
    """A newsroom that answers, in a thread, until the end of the block."""
    room = Newsroom(tuple(hosts), feeds, items, **wishes)
    loop = asyncio.new_event_loop()
    listeners = _listening(room)
    thread = threading.Thread(target=_serve, args=(loop, room, listeners), daemon=True)
    thread.start()
    try:
        yield room
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)


def _serve(loop: asyncio.AbstractEventLoop, room: Newsroom, listeners: Sequence[socket.socket]) -> None:
    asyncio.set_event_loop(loop)
    wires: list[_Talk] = []

    def talk() -> _Talk:
        wires.append(_Talk(room))
        return wires[-1]

    servers = [loop.run_until_complete(loop.create_server(talk, sock=one, backlog=512)) for one in listeners]
    loop.run_forever()
    for server in servers:
        server.close()
    for wire in wires:
        wire._wire.abort()
    loop.run_until_complete(asyncio.sleep(0))
    loop.close()


def _listening(room: Newsroom) -> list[socket.socket]:
    for _ in range(20):
        made: list[socket.socket] = []
        try:
            for host in room.hosts:
                made.append(socket.create_server((host, made[0].getsockname()[1] if made else 0), backlog=512))
        except OSError:  # the port is taken at another of the addresses
            for one in made:
                one.close()
        else:
            room.port = made[0].getsockname()[1]
            return made
    raise OSError("no port is free at all the addresses")


class Apart:
    """A newsroom in a process of its own."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.told: dict[str, Any] = self._heard()

    def publish(self, count: int) -> None:
        """As `Newsroom.publish`."""
        self._say("publish", count)

    def counts(self) -> dict[str, int]:
        """`requests` so far, and `most` of them at once at one host."""
        counts: dict[str, int] = self._say("counts", 0)
        return counts

    def put(self, path: str, file: Path) -> None:
        """Answer with a file's bytes at a path of the first host."""
        self._say("put", [path, str(file)])

    def _say(self, verb: str, value: Any) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([verb, value]) + "\n")
        self._process.stdin.flush()
        return self._heard()

    def _heard(self) -> Any:
        assert self._process.stdout is not None
        return json.loads(self._process.stdout.readline())


@contextmanager
def apart(hosts: Sequence[str], feeds: int, items: int, **further: Any) -> Iterator[Apart]:
    """A newsroom in a process of its own, with `further` of its fields; `told` has its `port`, `addresses`, `pages`."""
    wishes = {"hosts": list(hosts), "feeds": feeds, "items": items, "latency": 0.005, **further}
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__)), json.dumps(wishes)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Apart(process)
        finally:
            process.kill()


def _obey() -> None:
    """Serve what the command line asks for; then do what each line of standard input says, and answer with a line."""
    with newsroom(now=datetime.now(UTC), **json.loads(sys.argv[1])) as room:
        pages = [room._link(feed, one) for feed in range(room.feeds) for one in room.stories(feed)]
        for feed in range(room.feeds):
            room.reply(room.host(feed), f"/feed/{feed}")
        _tell(json.dumps({"port": room.port, "addresses": room.addresses, "pages": pages[:1000]}))
        for line in sys.stdin:
            verb, value = json.loads(line)
            if verb == "put":
                room.put(value[0], Reply(Path(value[1]).read_bytes(), TYPES["rss"]))
            if verb == "publish":
                room.publish(value)
                for feed in range(room.feeds):
                    room.reply(room.host(feed), f"/feed/{feed}")
            counts = {"requests": len(room.requests), "most": max(room.most_at_once.values(), default=0)}
            _tell(json.dumps(counts))


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _obey()
