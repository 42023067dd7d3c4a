"""What a timer calls: mail that waits goes out, what needs somebody is written to the operator, signals end it."""

from __future__ import annotations

import email
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from email import policy
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from briefing.config import MailSettings, ProfileSettings, Settings
from briefing.config.secrets import unsubscribe_key
from briefing.letters import Letter
from briefing.morning.due import run_due
from briefing.morning.posting import post_all
from briefing.morning.tools import Tools
from briefing.pipeline import EXTRACTIVE
from briefing.serve.app import app
from briefing.store import Database, editions, sends
from briefing.store.recipients import barred, leave
from briefing.store.sends import Send
from briefing.web import Web
from tests.listening import listening
from tests.mail_server import TAKE_AND_CLOSE, MailServer, mail_server

NOW = datetime(2024, 10, 22, 12, 0, tzinfo=UTC)
DAY = date(2024, 10, 22)
LETTER = Letter("Morning", "<p>https://unsubscribe.invalid/</p>", "https://unsubscribe.invalid/\n", NOW)
READERS = ("a@x.example", "b@x.example", "c@x.example")
OPERATOR = "operator@x.example"


@dataclass
class Office:
    """A store with an edition of this morning that nobody has got yet, a mail server, a clock."""

    database: Database
    mail: MailServer
    settings: Settings
    now: datetime = NOW
    said: list[str] = field(default_factory=list)

    def tools(self, **changes: Any) -> Tools:
        made = Tools(
            author=lambda _: EXTRACTIVE,
            web=lambda _: Web(),
            clock=lambda: self.now,
            tell=self.said.append,
            warn=self.said.append,
        )
        return replace(made, **changes)

    def look(self) -> int:
        return run_due(self.database, self.settings, self.tools())

    def mailed(self) -> list[str]:
        """What the operator was written, the subjects."""
        own = [message for message in self.mail.messages if message.recipient == OPERATOR]
        return [str(email.message_from_bytes(one.data, policy=policy.default)["Subject"]) for one in own]

    def words(self) -> str:
        """What the last letter to the operator says, on one line."""
        own = [message for message in self.mail.messages if message.recipient == OPERATOR]
        body = email.message_from_bytes(own[-1].data, policy=policy.default).get_body()
        assert body is not None
        return " ".join(body.get_content().split())

    def readers(self) -> list[str]:
        return [one for one in self.mail.recipients if one != OPERATOR]

    def every(self) -> list[Send]:
        return self.database.read(sends.in_state, "queued", "sending", "sent", "unknown", "failed")


@pytest.fixture
def office(store: Database, tmp_path: Path) -> Iterator[Office]:
    with mail_server() as server:
        mail = MailSettings(
            host=server.host,
            port=server.port,
            security="none",
            sender="Morning <us@x.example>",
            operator=OPERATOR,
            timeout=2,
            answer_timeout=2,
        )
        profile = ProfileSettings(recipients=READERS, time_zone="UTC", hour=time(11, 55))
        settings = Settings(state=tmp_path, output=tmp_path, mail=mail, profiles={"morning": profile})
        store.write(editions.known_since, "morning", NOW)
        entered = store.write(editions.note_made, "morning", DAY, None, LETTER, NOW)
        store.write(sends.queue, entered, [(one, f"<{one}>") for one in READERS], NOW)
        yield Office(store, server, settings)


def test_what_waits_goes_out_and_nobody_is_bothered(office):
    assert office.look() == 0
    assert office.readers() == list(READERS)
    assert office.mailed() == []
    assert office.look() == 0
    assert office.readers() == list(READERS)


def test_a_refused_reader_is_told_to_the_operator_once_with_the_servers_words(office):
    office.mail.faults["rcpt"] = lambda to: "550 5.1.1 no such user" if to == READERS[1] else None
    assert office.look() == 3
    assert office.mailed() == ["briefing: some mail did not go out"]
    assert f"not sent to {READERS[1]} (morning, 2024-10-22): 550 5.1.1 no such user" in office.words()
    assert office.look() == 0
    assert len(office.mailed()) == 1


def test_a_mailbox_that_was_refused_three_times_is_told_once_and_never_asked_again(office):
    office.mail.faults["rcpt"] = lambda to: "550 5.1.1 no such user" if to == READERS[1] else None
    for number in range(1, 6):
        day = DAY + timedelta(days=number)
        entered = office.database.write(editions.note_made, "morning", day, None, LETTER, office.now)
        office.database.write(sends.queue, entered, [(READERS[1], f"<{number}@x.example>")], office.now)
    office.look()
    asked = [line for _, line in office.mail.commands if line.startswith("RCPT") and READERS[1] in line]
    assert len(asked) == 3
    assert office.words().count("nothing is sent to b@x.example any more") == 1


@pytest.mark.parametrize(("policy_", "mails"), [("hold", 1), ("resend", 0)])
def test_mail_in_doubt_of_a_killed_program_is_told_to_the_operator_where_somebody_has_to_decide(office, policy_, mails):
    (first, *_) = office.every()
    office.database.write(sends.begin, first, NOW)  # and killed
    own = office.settings.mail.model_copy(update={"unknown": policy_})
    office.settings = office.settings.model_copy(update={"mail": own})
    assert office.look() == 3
    assert len(office.mailed()) == mails
    assert (READERS[0] in office.readers()) is (policy_ == "resend")


def test_an_answer_that_never_came_is_told_to_the_operator(office):
    office.mail.faults["dot"] = lambda message: TAKE_AND_CLOSE if message.recipient == READERS[2] else None
    assert office.look() == 3
    assert f"nobody knows whether {READERS[2]} got the mail" in office.words()
    assert "briefing send --unknown resend" in office.words()


def test_a_server_that_fails_as_a_whole_is_asked_ever_less_often_and_given_up_after_a_day_told(office):
    office.mail.faults["greeting"] = "554 no"
    asked = []
    while office.now < NOW + timedelta(hours=23):
        before = office.mail.connections
        code = office.look()
        asked += [office.now] if office.mail.connections > before else []
        assert code in {0, 6}
        office.now += timedelta(minutes=5)
    waits = [later - earlier for earlier, later in pairwise(asked)]
    assert 8 <= len(asked) <= 14
    assert waits[0] <= timedelta(minutes=10)
    assert max(waits) >= timedelta(hours=4)
    assert {one.state for one in office.every()} == {"queued"}
    del office.mail.faults["greeting"]
    office.now = NOW + timedelta(hours=29, minutes=5)
    office.database.write(editions.note_empty, "morning", DAY + timedelta(days=1), office.now)
    assert office.look() == 6
    assert office.mailed() == ["briefing: some mail did not go out"]
    assert "given up after" in office.words()
    assert "554 no" in office.words()


def test_by_hand_what_waits_is_tried_at_once(office):
    office.mail.faults["greeting"] = "554 no"
    assert office.look() == 6
    del office.mail.faults["greeting"]
    assert office.look() == 0
    assert office.readers() == []
    post_all(office.database, office.settings, office.tools(by_hand=True))
    assert office.readers() == list(READERS)


def test_days_that_were_missed_are_told_to_the_operator_once(office):
    office.look()
    office.now += timedelta(days=3, hours=7)
    office.look()
    assert office.mailed() == ["briefing: editions were missed"]
    assert "2024-10-23" in office.words()
    office.look()
    assert len(office.mailed()) == 1


def test_without_an_operator_it_is_said_here_alone(office):
    own = office.settings.mail.model_copy(update={"operator": None})
    office.settings = office.settings.model_copy(update={"mail": own})
    office.mail.faults["rcpt"] = "550 5.1.1 no such user"
    assert office.look() == 6
    assert office.mailed() == []
    assert sum("no such user" in line for line in office.said) == 3


def test_an_alarm_that_cannot_be_sent_is_said_and_ends_nothing(office):
    office.mail.faults["rcpt"] = lambda to: "550 5.1.1 no such user" if to in {OPERATOR, READERS[0]} else None
    assert office.look() == 3
    assert any(f"the alarm could not be sent to {OPERATOR}" in line for line in office.said)
    assert office.readers() == list(READERS[1:])


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_waiting_mail_goes_out_ends_it_all_after_the_message_under_way(office, number):
    with pytest.raises(SystemExit) as ended:
        run_due(office.database, office.settings, office.tools(progress=told_once(lambda: signal.raise_signal(number))))
    assert ended.value.code == 128 + number
    assert office.readers() == [READERS[0]]
    assert sorted(one.state for one in office.every()) == ["queued", "queued", "sent"]


def told_once(then: Callable[[], None]) -> Callable[[str, int, int], None]:
    """A progress that does something when the first message is sent."""
    calls: list[int] = []

    def progress(stage: str, done: int, _: int) -> None:
        if stage == "send" and done == 1 and not calls:
            calls.append(done)
            then()

    return progress


def test_the_link_in_a_delivered_mail_takes_its_reader_off_the_list_by_one_post(office):
    own = office.settings.mail.model_copy(update={"public_url": "https://news.x.example/briefing"})
    office.settings = office.settings.model_copy(update={"mail": own})
    office.look()
    raw = next(one.data for one in office.mail.messages if one.recipient == READERS[1])
    mail = email.message_from_bytes(raw, policy=policy.default)
    link = str(mail["List-Unsubscribe"]).strip("<>")
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    for part in ("plain", "html"):
        body = mail.get_body((part,))
        assert body is not None
        assert link in body.get_content().replace("\n", "")
    path = link.removeprefix("https://news.x.example/briefing")
    program = app(
        leave=lambda profile, address: office.database.write(leave, profile, address, NOW),
        rejoin=None,
        key=unsubscribe_key(office.settings),
        is_well=lambda: True,
    )
    with listening(program) as reader:
        assert reader.get(path).status_code == 200
        assert office.database.read(barred, "morning", READERS) == {}
        assert reader.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert list(office.database.read(barred, "morning", READERS)) == [READERS[1]]
    entered = office.database.write(editions.note_made, "morning", DAY + timedelta(days=1), None, LETTER, NOW)
    office.database.write(sends.queue, entered, [(one, f"<next-{one}>") for one in READERS], NOW)
    office.look()
    assert office.readers() == [*READERS, READERS[0], READERS[2]]


def test_the_mail_of_one_profile_bears_its_own_name_whoever_sends_it(office):
    evening = ProfileSettings(recipients=READERS, time_zone="UTC", title="Evening paper")
    office.settings = office.settings.model_copy(
        update={"profiles": {**office.settings.profiles, "evening": evening}, "title": "All news"}
    )
    entered = office.database.write(editions.note_made, "evening", DAY, None, LETTER, NOW)
    office.database.write(sends.queue, entered, [("d@x.example", "<d@x.example>")], NOW)
    office.look()
    lists = {one.recipient: email.message_from_bytes(one.data)["List-Id"] for one in office.mail.messages}
    assert lists["a@x.example"] == "All news <morning.x.example>"
    assert lists["d@x.example"] == "Evening paper <evening.x.example>"
