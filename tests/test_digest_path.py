"""From an empty folder to a digest in a mailbox, by the command line alone; and what goes wrong on the way."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from tests.command import EPOCH, Answer, environment
from tests.command import briefing as called
from tests.mail_server import mail_server
from tests.newsroom import Newsroom, newsroom

ONE_DAY = timedelta(days=1)
READERS = ["ada@example.test", "ben@example.test"]
HOURS = 3600


class Desk:
    """An empty folder, and a user who works in it; so many `hours` have gone by since the first morning."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = folder / "briefing.toml"
        self.hours = 0.0

    @property
    def environment(self) -> dict[str, str]:
        now = int(EPOCH) + int(self.hours * HOURS)
        return {"XDG_STATE_HOME": str(self.folder / "state"), "SOURCE_DATE_EPOCH": str(now)}

    def typed(self, *words: str) -> Answer:
        """What `briefing WORDS` answers, as a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "briefing", *words],
            cwd=self.folder,
            env=environment(**self.environment),
            capture_output=True,
            text=True,
            check=False,
        )
        return Answer(done.returncode, done.stdout, done.stderr)

    def __call__(self, *words: str) -> Answer:
        """The same, in this process, which is quicker."""
        return called(*words, stdin=b"", **self.environment)

    def edit(self, **values: str) -> None:
        """Turn settings on in the file that `init` wrote, each where it stands."""
        text = self.settings.read_text(encoding="utf-8")
        for name, value in values.items():
            text, found = re.subn(rf"(?m)^# {name} = .*$", f"{name} = {value}", text)
            assert found == 1, name
        self.settings.write_text(text, encoding="utf-8")

    def change(self, name: str, value: str) -> None:
        """Change a setting that is on."""
        text, found = re.subn(rf"(?m)^{name} = .*$", f"{name} = {value}", self.settings.read_text(encoding="utf-8"))
        assert found == 1, name
        self.settings.write_text(text, encoding="utf-8")

    def append(self, text: str) -> None:
        with self.settings.open("a", encoding="utf-8") as file:
            file.write(text)

    @property
    def mails(self) -> list[EmailMessage]:
        """The messages in the folder `mails`, in order of recipient."""
        files = (self.folder / "mails").glob("*.eml")
        return sorted((message_of(file.read_bytes()) for file in files), key=lambda one: str(one["To"]))

    def take(self) -> list[EmailMessage]:
        """The messages in the folder `mails`, which is empty then."""
        found = self.mails
        for file in (self.folder / "mails").glob("*.eml"):
            file.unlink()
        return found


@pytest.fixture
def room() -> Iterator[Newsroom]:
    """Three papers at two hosts: 0 and 2 at the first, 1 at the second."""
    with newsroom(["127.0.0.2", "127.0.0.3"], feeds=3, items=4) as started:
        yield started


@pytest.fixture
def desk(tmp_path: Path, room: Newsroom, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A folder with settings and sources, from which mail goes into a folder."""
    monkeypatch.chdir(tmp_path)
    made = Desk(tmp_path)
    set_up(made, room, made)
    made.edit(folder='"mails"', operator='"boss@example.test"')
    return made


def set_up(desk: Desk, room: Newsroom, briefing: Callable[..., Answer]) -> None:
    """The README's first steps: settings and sources."""
    assert briefing("init").code == 0
    desk.edit(intranet='["127.0.0.0/8"]', pause="0", timeout="2", time_zone='"Europe/Berlin"')
    desk.edit(recipients=json.dumps(READERS), sender='"Morning briefing <briefing@example.test>"')
    (desk.folder / "feeds.opml").write_bytes(room.opml())
    added = briefing("import", "feeds.opml")
    assert (added.code, "3 added" in added.err) == (0, True)


def message_of(data: bytes) -> EmailMessage:
    message = BytesParser(policy=default).parsebytes(data)
    assert isinstance(message, EmailMessage)
    return message


def text_of(message: EmailMessage, kind: str = "plain") -> str:
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def told(message: EmailMessage) -> set[int]:
    """The numbers of the newsroom's stories that a message links to, in both its forms."""
    plain, page = (set(map(int, re.findall(r"/story-(\d+)", text_of(message, kind)))) for kind in ("plain", "html"))
    assert plain == page
    return plain


def stories(room: Newsroom, newest: int, *feeds: int) -> set[int]:
    return {one.number for feed in feeds or range(room.feeds) for one in room.stories(feed)[:newest]}


def edition(desk: Desk, name: str) -> Any:
    return json.loads((desk.folder / "briefings" / f"{name}.json").read_text(encoding="utf-8"))


def read_by(document: Any) -> set[int]:
    """The numbers of the stories that an edition was made from."""
    return {int(one["url"].rpartition("-")[2]) for one in document["articles"]}


def test_from_an_empty_folder_a_digest_goes_to_each_reader_and_the_next_day_has_only_what_is_new(
    tmp_path: Path, room: Newsroom
):
    desk = Desk(tmp_path)
    set_up(desk, room, desk.typed)
    desk.edit(folder='"mails"')
    first = desk.typed("run", "morning")
    assert first.code == 0, first.err
    assert "sent to 2 readers" in first.err
    mails = desk.take()
    assert [one["To"] for one in mails] == READERS
    assert all(one["Subject"].startswith("Daily briefing, 22 October: ") for one in mails)
    before = stories(room, 4)
    assert told(mails[0]) == told(mails[1])
    assert set() < told(mails[0]) <= before
    room.publish(2, later=ONE_DAY)
    desk.hours = 24
    second = desk.typed("run", "morning")
    assert second.code == 0, second.err
    mails = desk.take()
    assert [one["To"] for one in mails] == READERS
    assert all(one["Subject"].startswith("Daily briefing, 23 October: ") for one in mails)
    assert set() < told(mails[0]) <= stories(room, 2)
    assert read_by(edition(desk, "2024-10-23-morning")) == stories(room, 2)
    assert desk.typed("run", "morning").code == 0
    assert desk.mails == []
    written = sorted(file.name for file in (tmp_path / "briefings").iterdir())
    assert written == [f"2024-10-{day}-morning.{ending}" for day in (22, 23) for ending in ("html", "json", "md")]
    for day in (22, 23):
        proven = desk.typed("audit", f"briefings/2024-10-{day}-morning.json")
        assert (proven.code, "0 findings" in proven.out) == (0, True)


def test_from_an_empty_folder_a_digest_goes_out_by_a_mail_server(tmp_path: Path, room: Newsroom):
    desk = Desk(tmp_path)
    set_up(desk, room, desk.typed)
    with mail_server() as server:
        desk.edit(host='"127.0.0.1"')
        desk.append(f'port = {server.port}\nsecurity = "none"\n')
        assert desk.typed("run", "morning").code == 0
        assert desk.typed("run", "morning").code == 0
    assert server.recipients == READERS
    assert [str(message_of(one.data)["To"]) for one in server.messages] == READERS
    assert told(message_of(server.messages[0].data)) <= stories(room, 4)
    sent = json.loads(desk.typed("send", "--list", "--json").out)["sends"]
    ids = {one["recipient"]: one["message_id"] for one in sent}
    assert ids == {one.recipient: message_of(one.data)["Message-ID"] for one in server.messages}


@pytest.mark.parametrize("how", ["hang", 500])
def test_a_source_that_fails_is_named_in_the_mail_that_goes_out_all_the_same(desk: Desk, room: Newsroom, how: Any):
    room.fail("/feed/1", how, "127.0.0.3")
    answer = desk("run", "morning")
    assert answer.code == 3
    assert "Paper 1" in answer.err
    assert [one["To"] for one in desk.mails] == READERS
    for mail in desk.mails:
        assert "Paper 1" in text_of(mail)
        assert "Paper 1" in text_of(mail, "html")
        assert told(mail) <= stories(room, 4, 0, 2)


def test_where_all_sources_fail_readers_get_nothing_and_the_operator_is_told_once(desk: Desk, room: Newsroom):
    for feed in range(3):
        room.fail(f"/feed/{feed}", 500, room.host(feed))
    first = desk("run", "morning")
    assert first.code == 1
    assert "no source could be read" in first.err
    (alarm,) = desk.mails
    assert alarm["To"] == "boss@example.test"
    assert alarm["Subject"] == "briefing morning, 2024-10-22: nothing went out"
    assert "no source could be read" in text_of(alarm)
    assert desk("run", "morning").code == 1
    assert len(desk.take()) == 1
    room.mend()
    desk.hours = 2
    assert desk("run", "morning").code == 0
    assert [one["To"] for one in desk.mails] == READERS


def test_where_all_sources_of_a_profile_fail_the_operator_is_told_though_others_are_well(desk: Desk, room: Newsroom):
    desk.edit(sources='["Paper 1"]')
    room.fail("/feed/1", 500, "127.0.0.3")
    assert desk("run", "morning").code == 1
    assert [one["To"] for one in desk.mails] == ["boss@example.test"]


def test_without_news_no_mail_goes_out_and_what_comes_later_is_told_the_day_after(desk: Desk, room: Newsroom):
    desk("run", "morning")
    assert len(desk.take()) == 2
    desk.hours = 24
    answer = desk("run", "morning")
    assert answer.code == 4
    assert "nothing new" in answer.err
    assert desk.mails == []
    room.publish(1, later=2 * ONE_DAY)
    desk.hours = 48
    assert desk("run", "morning").code == 0
    assert told(desk.mails[0]) == stories(room, 1)


def test_a_profile_that_wants_to_be_told_so_is_told_that_there_is_no_news(desk: Desk):
    desk("run", "morning")
    first = desk.take()
    desk.edit(empty='"send"')
    desk.hours = 24
    assert desk("run", "morning").code == 0
    assert [one["To"] for one in desk.mails] == READERS
    (mail, _) = desk.mails
    assert mail["Subject"] != first[0]["Subject"]
    assert told(mail) == set()
    for kind in ("plain", "html"):
        assert "Nothing to report." in text_of(mail, kind)


def test_profiles_have_sources_and_readers_of_their_own(desk: Desk, room: Newsroom):
    assert desk("edit", "Paper 1", "--tag", "local").code == 0
    desk.edit(sources='["local"]')
    desk.append(
        "\n[profiles.evening]\n"
        'title = "Evening paper"\ntime_zone = "Europe/Berlin"\nhour = "18:00"\n'
        'sources = ["Paper 0", "Paper 2"]\nrecipients = ["cora@example.test"]\n'
    )
    assert desk("run", "morning").code == 0
    mails = desk.take()
    assert [one["To"] for one in mails] == READERS
    assert read_by(edition(desk, "2024-10-22-morning")) == stories(room, 4, 1)
    assert told(mails[0]) <= stories(room, 4, 1)
    assert desk("run", "evening").code == 0
    (mail,) = desk.take()
    assert mail["To"] == "cora@example.test"
    assert mail["List-Id"] == "Evening paper <evening.example.test>"
    assert mail["Subject"].startswith("Evening paper, 22 October: ")
    assert told(mail) <= stories(room, 4, 0, 2)
    assert read_by(edition(desk, "2024-10-22-evening")) == stories(room, 4, 0, 2)


def test_what_could_not_go_out_goes_out_once_when_the_server_is_there_again(desk: Desk, room: Newsroom):
    (desk.folder / "mails").write_text("in the way")
    assert desk("run", "morning").code == 6
    (desk.folder / "mails").unlink()
    assert desk("schedule", "due").code == 0
    assert desk.mails == []  # a timer waits
    desk.hours = 0.2
    assert desk("schedule", "due").code == 0
    assert [one["To"] for one in desk.take()] == READERS
    assert desk("run", "morning").code == 0
    assert desk("send").code == 0
    assert desk.mails == []


def test_an_edition_begins_where_the_one_before_it_ended_though_the_clocks_were_changed_between(desk: Desk):
    desk.edit(empty='"send"')
    for hours in (0, 5 * 24):  # 22 and 27 October: summer time ended that night
        desk.hours = hours
        assert desk("run", "morning").code == 0
    assert edition(desk, "2024-10-27-morning")["window"] == {
        "start": "2024-10-22T06:00:00Z",
        "end": "2024-10-27T06:00:00Z",
    }


def test_an_edition_that_is_caught_up_after_midnight_has_the_news_up_to_now_and_nothing_is_told_twice(
    desk: Desk, room: Newsroom
):
    text = desk.settings.read_text(encoding="utf-8")
    desk.settings.write_text(text.replace('hour = "06:30"', 'hour = "23:30"'), encoding="utf-8")
    for hours in (14, 15.5, 40.5, 63.5):  # at 22:00, at 23:30, late at 00:30 of the second day, and at 23:30 again
        desk.hours = hours
        room.publish(1, later=timedelta(hours=16 if hours > 14 else 0))
        assert desk("schedule", "due").code == 0
    editions = [edition(desk, f"2024-10-{day}-morning") for day in (22, 23, 24)]
    windows = [(one["window"]["start"][8:16], one["window"]["end"][8:16]) for one in editions]
    assert windows == [("21T21:30", "22T21:30"), ("22T21:30", "23T22:30"), ("23T22:30", "24T21:30")]
    assert [len(read_by(one)) for one in editions] == [15, 3, 3]
    assert len(set().union(*map(read_by, editions))) == 21


def test_the_timer_that_is_printed_calls_what_makes_and_sends_the_edition_at_its_hour(desk: Desk, room: Newsroom):
    printed = desk("schedule", "install", "--cron", "--print")
    assert printed.code == 0
    assert "schedule due" in printed.out
    assert str(desk.settings) in printed.out
    desk.hours = -4  # 04:00 in Berlin
    assert desk("schedule", "due").code == 0
    assert desk.mails == []
    room.publish(1)
    desk.hours = -1
    assert desk("schedule", "due").code == 0
    assert [one["To"] for one in desk.take()] == READERS
    desk.hours = 3
    assert desk("schedule", "due").code == 0
    assert desk.mails == []


def test_the_doctor_finds_nothing_bad_on_the_way(desk: Desk):
    desk("run", "morning")
    looked = desk("doctor")
    assert looked.code == 0, looked.out
    assert "2 readers, at 06:30 Europe/Berlin" in looked.out
    assert not re.search(r"(?m)^BAD", looked.out)


@pytest.mark.parametrize("verb", [("run", "morning"), ("send",)])
def test_who_has_set_it_right_and_asks_for_it_has_the_mail_go_out_at_once(desk: Desk, verb: tuple[str, ...]):
    (desk.folder / "mails").write_text("in the way")
    assert desk("run", "morning").code == 6
    (desk.folder / "mails").unlink()
    desk(*verb)
    assert [one["To"] for one in desk.take()] == READERS


def test_an_edition_that_was_made_for_nobody_goes_to_those_who_are_named_then(desk: Desk):
    desk.change("recipients", "[]")
    answer = desk("run", "morning")
    assert (answer.code, desk.mails) == (0, [])
    assert "nobody is named under [profiles.morning]" in answer.err
    desk.change("recipients", '["ada@example.test"]')
    assert desk("run", "morning").code == 0
    assert [one["To"] for one in desk.take()] == ["ada@example.test"]
    desk.change("recipients", '["ada@example.test", "new@example.test"]')
    assert desk("run", "morning").code == 0
    assert desk.mails == []  # who is added later gets the next one


def test_today_s_edition_can_be_sent_to_one_more_and_once(desk: Desk):
    assert desk("run", "morning", "--to", "me@example.test").code == 0
    assert [one["To"] for one in desk.take()] == [*READERS, "me@example.test"]
    assert desk("run", "morning", "--to", "me@example.test", "--to", "you@example.test").code == 0
    assert [one["To"] for one in desk.take()] == ["you@example.test"]
    assert desk("run", "morning", "--to", "nobody").code == 2


def test_a_template_that_cannot_be_read_is_told_before_anything_is_asked(desk: Desk, room: Newsroom):
    own = desk.folder / "own"
    own.mkdir()
    (own / "mail.html.jinja").write_text("{% if %}")
    before = len(room.requests)
    desk.settings.write_text('templates = "own"\n' + desk.settings.read_text(encoding="utf-8"), encoding="utf-8")
    answer = desk("run", "morning")
    assert answer.code == 2
    assert "mail.html.jinja:1" in answer.err
    assert len(room.requests) == before


def test_a_bad_line_in_the_file_of_readers_stops_nobody_else(desk: Desk):
    (desk.folder / "members.txt").write_text("eva@@example.test\nada@example.test\n")
    desk.change("recipients", "[]")
    desk.edit(recipients_file='"members.txt"')
    answer = desk("run", "morning")
    assert answer.code == 3
    assert "members.txt line 1: 'eva@@example.test' is no mail address" in answer.err
    assert "ada@example.test" in [one["To"] for one in desk.take()]


def test_no_reader_sees_the_key_of_a_feed_that_failed(desk: Desk, room: Newsroom):
    assert desk("add", "--no-check", room.url("/private.xml?token=canary-1")).code == 0
    answer = desk("run", "morning")
    assert answer.code == 3
    written = [path.read_text(encoding="utf-8") for path in (desk.folder / "briefings").iterdir()]
    mails = [part.get_content() for mail in desk.take() for part in mail.iter_parts()]
    assert any("404" in one for one in written)
    assert [one for one in (*written, *mails) if "canary-1" in one] == []
