"""An edition that waits for many readers, the settings to send it with, and what has become of each of them."""

from __future__ import annotations

import hashlib
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from briefing.letters import UNSUBSCRIBE, Letter
from briefing.store import Database, editions, open_store, sends
from briefing.store.sends import Send
from tests.command import EPOCH
from tests.mail_server import MailServer
from tests.postgres import Server, name_of

NOW = datetime.fromtimestamp(int(EPOCH), UTC)
DAY = date(2024, 10, 22)  # where the readers are, too
READERS = tuple(f"reader{number}@x.example" for number in range(50))

_LINE = "<p>The harbour board said that the ferry line opens again on Tuesday, and that two piers were repaired.</p>\n"
LETTER = Letter(
    "Ferry line opens again", f"{_LINE * 300}<a href='{UNSUBSCRIBE}'>no more</a>", f"News. {UNSUBSCRIBE}", NOW
)


def settings(server: MailServer, place: str, folder: Path, **further: str) -> dict[str, str]:
    """The environment of a profile `morning` with READERS, whose mail goes to the server."""
    mail = {
        "HOST": server.host,
        "PORT": str(server.port),
        "SECURITY": "none",
        "SENDER": "Morning <morning@news.example>",
        "PUBLIC_URL": "https://briefing.news.example",
        "TIMEOUT": "20",
    }
    return {
        "BRIEFING_STORE": place,
        "BRIEFING_STATE": str(folder / "state"),
        "BRIEFING_OUTPUT": str(folder / "briefings"),
        "BRIEFING_PROFILES__MORNING__RECIPIENTS": ",".join(READERS),
        "BRIEFING_PROFILES__MORNING__TIME_ZONE": "UTC",
        "BRIEFING_FETCH__INTRANET": "127.0.0.0/8",
        "BRIEFING_FETCH__PAUSE": "0",
        "BRIEFING_FETCH__PAGES": "false",
        **{f"BRIEFING_MAIL__{key}": value for key, value in mail.items()},
        **further,
    }


def fill(place: str, readers: tuple[str, ...] = READERS, day: date = DAY) -> None:
    """Enter the edition of a day, which its readers wait for."""

    def enter(database: Database) -> None:
        entered = database.write(editions.note_made, "morning", day, None, LETTER, NOW)
        named = [(one, f"<{day}-{one.partition('@')[0]}@news.example>") for one in readers]
        database.write(sends.queue, entered, named, NOW)

    with open_store(place) as database:
        enter(database)


@dataclass
class Copies:
    """Stores of one's own of one kind, each a copy of a template."""

    template: str
    server: Server | None

    @contextmanager
    def one(self, folder: Path) -> Iterator[str]:
        if self.server is None:
            place = folder / "store.sqlite"
            shutil.copyfile(self.template, place)
            place.chmod(0o600)
            yield str(place)
            return
        address = self.server.fresh(name_of(self.template))
        yield address
        self.server.command(f"DROP DATABASE {name_of(address)} WITH (FORCE)")


def copies(kind: str, folder: Path, make: Callable[[str], None], server: Callable[[], Server] | None) -> Copies:
    """Copies of a store that `make` has filled, of the kind `sqlite` or `postgresql`."""
    own = server() if server is not None and kind == "postgresql" else None
    place = own.fresh() if own is not None else str(folder / "template.sqlite")
    make(place)
    return Copies(place, own)


def outbox(place: str) -> list[Send]:
    """All its messages."""
    with open_store(place) as database:
        return database.read(sends.in_state, "queued", "sending", "sent", "unknown", "failed")


def in_state(place: str, state: str) -> list[str]:
    """The readers whose messages are in a state."""
    return [one.recipient for one in outbox(place) if one.state == state]


def check(place: str) -> None:
    """Nothing in the store is broken."""
    if "://" in place:
        return
    with closing(sqlite3.connect(place)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def taken(server: MailServer) -> tuple[Counter[str], dict[str, set[str]]]:
    """How often the server has taken a message for each reader, and how many different ones, by their hashes."""
    texts: dict[str, set[str]] = {}
    for message in server.messages:
        texts.setdefault(message.recipient, set()).add(hashlib.sha256(message.data).hexdigest())
    return Counter(server.recipients), texts


def at(delay: timedelta) -> str:
    """SOURCE_DATE_EPOCH so long after the edition was made."""
    return str(int((NOW + delay).timestamp()))
