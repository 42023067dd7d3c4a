"""Weeks of mornings, unattended: feeds, a model and a mail server that fail, a program that is ended once a day.

A simulated clock, the real store, feeds over HTTP and mail over SMTP. It is 8 days in the usual run and 30, over the
end of summer time, in the soak.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from briefing.aside import here
from briefing.config import FetchSettings, MailSettings, ProfileSettings, Settings
from briefing.domain import Article, Cluster
from briefing.morning.due import run_due
from briefing.morning.tools import Tools
from briefing.pipeline import EXTRACTIVE
from briefing.ports import Author, Manuscript
from briefing.report import Fallback, WriterRecord
from briefing.sources import Source
from briefing.store import Database, editions, open_store, schema, sends
from briefing.store.schema import articles, citations
from briefing.store.sources import add
from briefing.web import Limits, Web
from tests.mail_server import TAKE_AND_CLOSE, MailServer, mail_server
from tests.newsroom import Newsroom, newsroom

DAYS = 30 if os.environ.get("HYPOTHESIS_PROFILE") == "soak" else 8
START = datetime(2024, 10, 18, 0, 10, tzinfo=UTC)  # summer time ends on the 27th
READERS = tuple(f"reader{number}@x.example" for number in range(5))
KEPT_DAYS = 4
TICK = timedelta(hours=6)


class Killed(BaseException):
    """What a SIGKILL leaves: nothing is done any more."""


@dataclass
class World:
    """A month of it, by a seed."""

    room: Newsroom
    mail: MailServer
    settings: Settings
    chance: random.Random
    now: datetime = START
    kill_in: int = -1
    said: list[str] = field(default_factory=list)
    kills: int = 0
    failed_events: int = 0

    def tools(self) -> Tools:
        return Tools(
            author=lambda _: Author(WriterRecord("model", "small", None), self.write),
            web=lambda _: Web(Limits(timeout=5, pause=0, intranet=frozenset({"127.0.0.1"}))),
            clock=lambda: self.now,
            tell=self.said.append,
            warn=self.said.append,
            progress=self.progress,
            call=here,
        )

    def write(self, cluster: Cluster, articles: Sequence[Article], words: int) -> Manuscript:
        """A language model that fails at every twentieth event: its articles' own sentences stand in."""
        made = EXTRACTIVE.write(cluster, articles, words)
        if self.chance.random() >= 0.05:
            return made
        self.failed_events += 1
        return replace(made, fallback=Fallback(cluster.id, "server", "the endpoint answered 503"))

    def progress(self, *_: object) -> None:
        """What is called now and then at every stage: the place to be killed."""
        self.kill_in -= 1
        if self.kill_in == 0:
            self.kills += 1
            raise Killed

    def tick(self, database: Database) -> None:
        if self.now.hour < 3:  # the first of a day
            self.kill_in = self.chance.randint(1, 40)
            self.room.publish(2, timedelta(days=1))
            self.room.mend()
            for feed in range(self.room.feeds):
                if self.chance.random() < 0.1:
                    self.room.fail(f"/feed/{feed}", 500)
        try:
            run_due(database, self.settings, self.tools())
        except Killed:
            run_due(database, self.settings, self.tools())
        self.now += TICK


def temperamental(chance: random.Random, lost: list[None]):
    """A mail server that turns 2 % away, and now and then takes a message and dies."""

    def rcpt(_: str) -> str | None:
        return "451 4.7.1 come back later" if chance.random() < 0.02 else None

    def dot(_: object) -> object:
        if chance.random() >= 0.02:
            return None
        lost.append(None)
        return TAKE_AND_CLOSE

    return {"rcpt": rcpt, "dot": dot}


@pytest.mark.parametrize("unknown", ["hold", "resend"])
def test_a_month_of_mornings_brings_each_reader_one_edition_a_day(tmp_path, unknown):
    chance = random.Random(unknown)
    lost: list[None] = []
    settings = Settings(
        output=tmp_path / "briefings",
        state=tmp_path / "state",
        fetch=FetchSettings(every=timedelta(hours=6), keep=timedelta(days=KEPT_DAYS)),
        mail=MailSettings(sender="Morning <us@x.example>", security="none", host="127.0.0.1", port=1, unknown=unknown),
        profiles={"morning": ProfileSettings(recipients=READERS, time_zone="Europe/Berlin", grace=timedelta(hours=9))},
    )
    with (
        newsroom(feeds=10, items=5, now=START) as room,
        mail_server(**temperamental(chance, lost)) as mail,
        open_store(tmp_path / "store.sqlite") as database,
    ):
        for address in room.addresses:
            database.write(add, Source(url=address), START)
        settings = settings.model_copy(update={"mail": settings.mail.model_copy(update={"port": mail.port})})
        world = World(room, mail, settings, chance)
        memory = []
        for _ in range(DAYS):
            for _ in range(4):
                world.tick(database)
            memory.append(resident())
        kept = {day: database.read(editions.edition_of, "morning", day) for day in days()}
        assert [one.state for one in kept.values() if one is not None] == ["made"] * DAYS
        received = Counter((subject_day(message.data), message.recipient) for message in mail.messages)
        doubtful = database.read(sends.in_state, "unknown")
        assert world.kills >= DAYS // 2
        assert world.failed_events > 0
        if DAYS == 30:
            assert memory[-1] < 1.1 * memory[DAYS // 2], memory
        if unknown == "hold":
            assert max(received.values()) == 1
            assert len(doubtful) <= world.kills + len(lost)
            missing = {(one.day, one.recipient) for one in database.read(sends.in_state, "queued", "unknown")}
            assert {(day, reader) for day in days() for reader in READERS} - set(received) <= missing
        else:
            assert doubtful == []
            assert set(received) >= {(day, reader) for day in days()[:-1] for reader in READERS}
            assert sum(received.values()) - len(received) <= 0.1 * len(received)
        assert database.read(uncited) <= 10 * (5 + 2 * (KEPT_DAYS + 2))  # what feeds show, and what is kept
        assert database.read(letters) <= 8 + 1 + len({one.day for one in doubtful})  # kept until it is decided on
        database.check()


def resident() -> int:
    """Memory of this process, in KB: the program, the papers, the mail server with all that it took."""
    return int(Path("/proc/self/status").read_text("utf-8").partition("VmRSS:")[2].split()[0])


def uncited(connection: Connection) -> int:
    """Articles that no briefing cites."""
    query = select(func.count()).select_from(articles).where(articles.c.id.not_in(select(citations.c.article_id)))
    return int(connection.execute(query).scalar_one())


def letters(connection: Connection) -> int:
    query = select(func.count()).select_from(schema.editions).where(schema.editions.c.html.is_not(None))
    return int(connection.execute(query).scalar_one())


def days() -> list[date]:
    return [START.date() + timedelta(days=number) for number in range(DAYS)]


def subject_day(data: bytes) -> date:
    """The day that a message's subject names."""
    subject = re.search(rb"Subject: (.*?)\r\n\S", data, re.DOTALL)
    assert subject is not None
    found = re.search(r"(\d{1,2}) (October|November)", re.sub(r"\s+", " ", subject[1].decode()))
    assert found is not None
    return date(2024, 10 if found[2] == "October" else 11, int(found[1]))
