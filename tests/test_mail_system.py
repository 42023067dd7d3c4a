"""A morning through a real mail system: Postfix takes it on, and its readers read it by IMAP from Dovecot."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from briefing.collect import collect
from tests.command import Answer, environment
from tests.mail_system import HOST, USER, VARIABLE, System, lacking, running
from tests.newsroom import Newsroom, Reply, newsroom

DAY = "2026-03-04"
EPOCH = 1772607600  # 2026-03-04T07:00:00Z
MAILBOXES = {
    "ada@example.test": "ada",
    "ben@example.test": "ben",
    "emil@xn--kste-0ra.example": "emil",
    "zoë@example.test": "zoe",
    "fay@example.test": "fay",
    "gus@example.test": "gus",
    "briefing@example.test": "sender",
}
FIELDS = (
    "From To Reply-To Subject Date Message-ID Auto-Submitted List-Id List-Unsubscribe MIME-Version Content-Type".split()
)
SETTINGS = """\
[fetch]
intranet = ["127.0.0.0/8"]
pause = 0
pages = false

[profiles.morning]
title = "Morning briefing"
since = "3d"
time_zone = "Europe/London"
recipients = {recipients}

[mail]
host = "{host}"
port = {port}
username = "{user}"
password_file = "password"
certificates = "{authority}"
sender = "Kestrel Bay Müller & Co. <briefing@example.test>"
reply_to = "Desk <desk@example.test>"
"""


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    """A mail system; the tests are skipped, saying so, where its programs are not installed."""
    why = lacking()
    if why is not None:
        if os.environ.get(VARIABLE) == "required":
            pytest.fail(f"a mail system is required: {why}")
        pytest.skip(why)
    with running(MAILBOXES) as started:
        yield started


@pytest.fixture(scope="module")
def room(root: Path) -> Iterator[Newsroom]:
    """The papers of the example, each with a feed that has the whole texts."""
    with newsroom() as started:
        for number, paper in enumerate(papers(root / "examples" / "harbour")):
            started.put(f"/paper/{number}", Reply(json.dumps(paper).encode(), "application/feed+json"))
        yield started


def papers(folder: Path) -> list[dict[str, Any]]:
    """The articles of the example as JSON Feeds, one for each publisher."""
    by_name: dict[str, list[dict[str, Any]]] = {}
    for number, one in enumerate(collect([str(folder)]).articles):
        name = one.publisher or "Leaflet"
        item = {"id": one.id, "url": one.url or f"https://leaflet.example/{number}", "title": one.title}
        text = "".join(f"<p>{paragraph}</p>" for paragraph in one.body.split("\n\n"))
        by_name.setdefault(name, []).append({**item, "content_html": text, "date_published": one.published})
    return [{"version": "https://jsonfeed.org/version/1.1", "title": name, "items": by_name[name]} for name in by_name]


def set_up(folder: Path, system: System, room: Newsroom, recipients: list[str], password: str) -> None:
    """A folder with settings, a password and sources."""
    words = {"host": HOST, "port": system.submission, "user": USER, "authority": system.authority}
    settings = SETTINGS.format(recipients=json.dumps(recipients, ensure_ascii=False), **words)
    (folder / "briefing.toml").write_text(settings, encoding="utf-8")
    state_password(folder, password)
    addresses = [room.url(path) for _, path in room.replies if path.startswith("/paper/")]
    assert briefing(folder, "init").code == 0
    assert briefing(folder, "add", "--no-check", *addresses).code == 0


def state_password(folder: Path, password: str) -> None:
    file = folder / "password"
    file.touch(mode=0o600)
    file.write_text(f"{password}\n", encoding="utf-8")


def briefing(folder: Path, *arguments: str, later: int = 0) -> Answer:
    """What the program says, in a process of its own; `later` are minutes."""
    done = subprocess.run(
        [sys.executable, "-m", "briefing", *arguments],
        cwd=folder,
        env=environment(XDG_STATE_HOME=str(folder / "state"), SOURCE_DATE_EPOCH=str(EPOCH + 60 * later)),
        capture_output=True,
        text=True,
        check=False,
    )
    return Answer(done.returncode, done.stdout, done.stderr)


def messages(system: System, name: str) -> list[EmailMessage]:
    """The messages in a mailbox."""
    return [BytesParser(policy=default).parsebytes(one) for one in system.letters(name)]


def only(system: System, name: str) -> EmailMessage:
    """The one message in a mailbox."""
    (message,) = messages(system, name)
    return message


def content(message: EmailMessage, kind: str) -> str:
    """One of the message's two forms, as a mail program decodes it."""
    part = message.get_body((kind,))
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


_UNREAD = frozenset(("style", "title", "sup"))


class _Words(HTMLParser):
    """The words of a page that are seen, without marks."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []
        self.links: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden += tag in _UNREAD
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in _UNREAD

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.seen.append(data)


def read(page: str) -> tuple[str, list[str]]:
    """A page's words, without the marks between them, and its links."""
    words = _Words()
    words.feed(page)
    return plain("".join(words.seen)), words.links


def plain(text: str) -> str:
    """Text without the ends of its lines, and without marks."""
    return "".join(re.sub(r"\[\d+\]", "", text).split())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("team")


@pytest.fixture(scope="module")
def morning(folder: Path, system: System, room: Newsroom) -> Answer:
    """What a morning said that went to four mailboxes, and to a fifth that is none."""
    recipients = ["ada@example.test", "gone@example.test", "ben@example.test", "emil@küste.example", "zoë@example.test"]
    set_up(folder, system, room, recipients, system.password)
    answer = briefing(folder, "run", "morning")
    system.settled()
    return answer


@pytest.fixture(scope="module")
def edition(folder: Path, morning: Answer) -> dict[str, Any]:
    """The edition's own file."""
    loaded: dict[str, Any] = json.loads((folder / "briefings" / f"{DAY}-morning.json").read_text(encoding="utf-8"))
    assert len(loaded["events"]) == 4
    return loaded


@pytest.fixture(scope="module")
def outbox(folder: Path, morning: Answer) -> dict[str, Mapping[str, Any]]:
    """The outbox as it is told, by recipient."""
    return {one["recipient"]: one for one in briefing(folder, "send", "--list", "--json").json["sends"]}


def test_a_morning_brings_each_mailbox_one_message_and_names_the_one_that_is_none(
    system: System, morning: Answer, outbox: Mapping[str, Mapping[str, Any]]
):
    assert morning.code == 3
    assert "sent to 4 readers" in morning.err
    assert re.search(r"not sent to gone@example.test \(morning, [\d-]+\): 550 5.1.1", morning.err)
    assert [len(messages(system, name)) for name in ("ada", "ben", "emil", "zoe")] == [1, 1, 1, 1]
    assert messages(system, "sender") == []  # nothing came back
    states = {recipient: one["state"] for recipient, one in outbox.items()}
    assert states == {
        "ada@example.test": "sent",
        "gone@example.test": "failed",
        "ben@example.test": "sent",
        "emil@xn--kste-0ra.example": "sent",
        "zoë@example.test": "sent",
    }


@pytest.mark.parametrize("name", ["ada", "ben", "emil", "zoe"])
def test_each_message_has_its_own_fields_and_no_others(
    system: System, outbox: Mapping[str, Mapping[str, Any]], name: str
):
    message = only(system, name)
    own = [field for field in message if field not in {"Return-Path", "X-Original-To", "Delivered-To", "Received"}]
    assert sorted(own) == sorted(FIELDS)
    address = next(address for address, mailbox in MAILBOXES.items() if mailbox == name)
    assert message["To"] == address
    assert message["From"] == '"Kestrel Bay Müller & Co." <briefing@example.test>'
    assert message["Reply-To"] == "Desk <desk@example.test>"
    assert message["Return-Path"] == "<briefing@example.test>"
    assert message["Message-ID"] == outbox[address]["message_id"]
    assert message["Message-ID"].endswith("@example.test>")
    assert parsedate_to_datetime(message["Date"]).timestamp() == EPOCH
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "Morning briefing <morning.example.test>"
    assert message["List-Unsubscribe"] == "<mailto:desk@example.test?subject=unsubscribe%20morning>"
    assert message["Subject"].startswith("Morning briefing, 4 March: ")
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message.defects == [] == [defect for part in message.iter_parts() for defect in part.defects]


def test_both_forms_hold_every_sentence_of_the_edition_and_the_passages_that_it_rests_on(
    system: System, edition: Mapping[str, Any]
):
    message = only(system, "ada")
    text, (page, links) = plain(content(message, "plain")), read(content(message, "html"))
    sentences = [one for event in edition["events"] for one in (event["headline"], *event["sentences"])]
    assert len(sentences) > 20
    for one in sentences:
        assert plain(one["text"]) in text
        assert plain(one["text"]) in page
        for citation in one["citations"]:
            assert plain(citation["quote"]) in text
            assert plain(citation["quote"]) in page
    addresses = {one["url"] for one in edition["articles"] if one["url"] and "leaflet" not in one["url"]}
    assert any(link.startswith(tuple(addresses)) for link in links)
    assert "mailto:desk@example.test?subject=unsubscribe%20morning" in links
    assert "mailto:desk@example.test?subject=unsubscribe%20morning" in content(message, "plain")


def test_run_again_it_adds_nothing_to_any_mailbox_and_none_waits(folder: Path, system: System, morning: Answer):
    again = briefing(folder, "run", "morning", later=1)
    assert again.code == 0
    assert "was made before" in again.err
    assert system.queue() == []
    assert [len(messages(system, name)) for name in ("ada", "ben", "emil", "zoe", "sender")] == [1, 1, 1, 1, 0]


def test_with_a_wrong_password_nothing_goes_out_and_once_it_is_right_each_reader_has_one(
    tmp_path: Path, system: System, room: Newsroom
):
    wrong = "not-the-right-one"
    set_up(tmp_path, system, room, ["fay@example.test", "gus@example.test"], wrong)
    failed = briefing(tmp_path, "run", "morning")
    assert failed.code == 6
    assert f"{HOST}:{system.submission}: the user name or the password is wrong" in failed.err
    assert "2 messages wait in the outbox" in failed.err
    listed = briefing(tmp_path, "send", "--list")
    assert listed.out.count("queued") == 2
    assert wrong not in failed.err + failed.out + listed.out + listed.err
    assert messages(system, "fay") == messages(system, "gus") == []
    state_password(tmp_path, system.password)
    corrected = briefing(tmp_path, "run", "morning", later=10)
    assert corrected.code == 0, corrected.err
    assert "sent to 2 readers" in corrected.err
    system.settled()
    assert len(messages(system, "fay")) == len(messages(system, "gus")) == 1
    kept = [file.read_bytes() for file in tmp_path.rglob("*") if file.is_file() and file.name != "password"]
    assert len(kept) >= 5
    assert not any(word.encode() in data for data in kept for word in (wrong, system.password))
