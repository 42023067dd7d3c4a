"""The real program and a mail server that is in trouble: every other reader gets one, and no secret gets anywhere."""

from __future__ import annotations

import base64
import re
import shutil
import ssl
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path
from typing import Any

import pytest
import trustme

from briefing.sources import Source
from briefing.store import open_store
from briefing.store.sources import add
from tests.endpoint import Answer, endpoint
from tests.mail_server import CLOSE, MailServer, mail_server
from tests.newsroom import Newsroom, newsroom
from tests.send_crash_forks import Run, Starter, warm
from tests.send_crash_outbox import NOW, READERS, at, fill, in_state, outbox, settings, taken


@pytest.fixture(scope="module")
def starter() -> Iterator[Starter]:
    with warm() as running:
        yield running


@pytest.fixture
def server() -> Iterator[MailServer]:
    with mail_server() as running:
        yield running


@pytest.fixture(scope="module")
def papers() -> Iterator[Newsroom]:
    with newsroom(["127.0.0.2", "127.0.0.3"], feeds=2, items=3, whole=True) as running:
        yield running


@pytest.fixture
def changes(server: MailServer, migrated: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """The settings, with an edition that fifty wait for."""
    place = tmp_path / "store.sqlite"
    shutil.copyfile(migrated["sqlite"], place)
    place.chmod(0o600)
    fill(str(place))
    return settings(server, str(place), tmp_path)


def _later(starter: Starter, changes: dict[str, str], folder: Path, minutes: int) -> Run:
    """What the timer calls, so long after the edition was made."""
    then = {**changes, "SOURCE_DATE_EPOCH": at(timedelta(minutes=minutes))}
    return starter.run(folder, "schedule", "due", **then)


# --- every other reader gets one ---------------------------------------------------------------------------------


def test_a_server_that_greylists_gets_each_message_again_after_the_wait_and_takes_it_once(
    starter: Starter, server: MailServer, changes: dict[str, str], tmp_path: Path
):
    seen: set[str] = set()

    def greylist(reader: str) -> str | None:
        if reader in seen:
            return None
        seen.add(reader)
        return "450 4.7.1 greylisted: come back in five minutes"

    server.faults["rcpt"] = greylist
    run = starter.run(tmp_path, "run", "morning", **changes)
    assert run.code == 3
    assert "50 messages" in run.err
    assert "450 4.7.1 greylisted" in run.err
    assert _later(starter, changes, tmp_path, 4).code == 0
    assert server.messages == []
    assert _later(starter, changes, tmp_path, 7).code == 0  # 5 minutes, and a quarter more at most
    assert server.recipients == list(READERS)
    assert _later(starter, changes, tmp_path, 600).code == 0
    assert len(server.messages) == 50
    assert {one.tries for one in outbox(changes["BRIEFING_STORE"])} == {2}


@pytest.mark.parametrize("step", ["rcpt", "dot"])
def test_one_bad_reader_of_fifty_is_told_and_all_others_get_one(
    starter: Starter, server: MailServer, changes: dict[str, str], tmp_path: Path, step: str
):
    server.faults[step] = lambda said: (
        "550 5.1.1 no such user" if getattr(said, "recipient", said) == READERS[20] else None
    )
    run = starter.run(tmp_path, "run", "morning", **changes)
    assert run.code == 3
    assert re.search(rf"not sent to {READERS[20]}\b.*: 550 5\.1\.1 no such user", run.err)
    assert starter.run(tmp_path, "run", "morning", **changes).code == 0
    assert taken(server)[0] == dict.fromkeys(set(READERS) - {READERS[20]}, 1)
    assert in_state(changes["BRIEFING_STORE"], "failed") == [READERS[20]]


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "dot"])
def test_a_server_that_shuts_down_in_the_middle_of_the_list_takes_each_message_once_in_the_end(
    starter: Starter, server: MailServer, changes: dict[str, str], tmp_path: Path, step: str
):
    calls: list[object] = []

    def shut_down(said: object) -> str | None:
        calls.append(said)
        return "421 4.3.2 shutting down" if len(calls) in {20, 31} else None

    server.faults[step] = shut_down
    first = starter.run(tmp_path, "run", "morning", **changes)
    assert first.code in {0, 3}, first.err
    waiting = in_state(changes["BRIEFING_STORE"], "queued")
    assert len(waiting) <= 2
    assert _later(starter, changes, tmp_path, 10).code == 0
    assert taken(server)[0] == dict.fromkeys(READERS, 1)
    assert server.connections >= 3


def test_a_server_that_is_gone_in_the_middle_of_the_list_has_the_rest_waited_for(
    starter: Starter, server: MailServer, changes: dict[str, str], tmp_path: Path
):
    def go(reader: str) -> str | None:
        if reader != READERS[10]:
            return None
        server.faults["greeting"] = CLOSE
        return "421 4.3.2 shutting down"

    server.faults["rcpt"] = go
    run = starter.run(tmp_path, "run", "morning", **changes)
    assert run.code == 3
    assert "40 messages" in run.err
    assert in_state(changes["BRIEFING_STORE"], "queued") == list(READERS[10:])
    server.faults.clear()
    assert _later(starter, changes, tmp_path, 15).code == 0
    assert taken(server)[0] == dict.fromkeys(READERS, 1)


# --- secrets -----------------------------------------------------------------------------------------------------


PASSWORD, KEY = "canary-password-7f3a", "canary-unsubscribe-9b1c"
FEED, MODEL = "canary-feed-2d8e", "sk-canary-model-5e6f"
ENCODED = [base64.b64encode(one.encode()).decode() for one in (PASSWORD, f"\0morning\0{PASSWORD}", f"reader:{FEED}")]
STAGES = [
    "nothing", "wrong password", "login echoed", "not encrypted", "bad certificate", "no such server",
    "refused readers", "shut down", "model", "sources", "killed",
]  # fmt: skip


@pytest.mark.parametrize("fault", STAGES)
def test_no_secret_is_in_anything_that_is_written(starter: Starter, papers: Newsroom, tmp_path: Path, fault: str):
    folder = tmp_path / "here"
    folder.mkdir()
    place = folder / "store.sqlite"
    with open_store(place) as database:
        own = [one.replace("://", f"://reader:{FEED}@") for one in papers.addresses]
        database.write(lambda connection: [add(connection, Source(url=url), NOW) for url in own])
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    troubles: dict[str, dict[str, Any]] = {
        "wrong password": {"login": "535 5.7.8 wrong"},
        "login echoed": {"login": lambda said: f"535 5.7.8 wrong: {said} {PASSWORD}"},
        "refused readers": {"rcpt": f"550 5.1.1 no such user, {PASSWORD}"},
        "shut down": {"mail": f"421 4.3.2 shutting down, {PASSWORD}"},
    }
    refusing = endpoint(lambda _body, _number: Answer(401, f'{{"error": {{"message": "bad key {MODEL}"}}}}'.encode()))
    with refusing as model, mail_server(context, ("morning", PASSWORD)) as server:
        server.faults |= troubles.get(fault, {})
        changes = settings(server, str(place), folder, BRIEFING_PROFILES__MORNING__RECIPIENTS=",".join(READERS[:3]))
        changes |= {
            "BRIEFING_MAIL__SECURITY": "starttls",
            "BRIEFING_MAIL__CERTIFICATES": str(tmp_path / "authority.pem"),
            "BRIEFING_MAIL__USERNAME": "morning",
            "BRIEFING_MAIL__PASSWORD": PASSWORD,
            "BRIEFING_MAIL__UNSUBSCRIBE_KEY": KEY,
            "BRIEFING_MAIL__OPERATOR": "operator@x.example",
            "BRIEFING_MODEL__API_KEY": MODEL,
            "BRIEFING_MODEL__BASE_URL": model.base_url,
        }
        if fault != "model":
            changes["BRIEFING_WRITER"] = "extractive"
        if fault == "not encrypted":
            changes["BRIEFING_MAIL__SECURITY"] = "none"
        if fault == "bad certificate":
            del changes["BRIEFING_MAIL__CERTIFICATES"]
        if fault == "no such server":
            changes["BRIEFING_MAIL__PORT"] = "1"
        if fault == "sources":
            papers.fail("/feed/0", 401, "127.0.0.2")
            papers.fail("/feed/1", 500, "127.0.0.3")
        plan: dict[str, Any] = {"fetches": True}
        if fault == "killed":
            plan |= {"at": "briefing.deliver.outbox:_taken", "when": "after"}
        runs = [starter.run(folder, "run", "morning", plan=plan, **changes)]
        papers.mend()
        verbs = ["schedule due", "send --list --json"]
        verbs += ["status -v", "config show --origin"] if fault in {"nothing", "sources"} else []
        runs += [starter.run(folder, *verb.split(), plan={"fetches": True}, **changes) for verb in verbs]
    assert (runs[0].code == 0) == (fault == "nothing"), runs[0].err
    _check_nothing_of(tmp_path, [message.data for message in server.messages], fault)


def _check_nothing_of(folder: Path, mails: list[bytes], fault: str) -> None:
    files = [one for one in folder.rglob("*") if one.is_file()]
    assert {one.suffix for one in files} >= {".sqlite", ".out", ".err"}
    written = {str(one): one.read_bytes() for one in files}
    decoded = [
        bytes(part.get_payload(decode=True) or b"")  # None of what has parts itself
        for one in mails
        for part in message_from_bytes(one).walk()
    ]
    written |= {f"mail {number}": one for number, one in enumerate([*mails, *decoded])}
    for name, data in written.items():
        for secret in (PASSWORD, KEY, MODEL, *ENCODED):
            assert secret.encode() not in data, (name, secret)
        if ".sqlite" not in name:  # the store has the address, or the source could not be asked
            assert FEED.encode() not in data, name
    if fault == "nothing":
        assert len(mails) == 3
        assert any(re.search(rb"^List-Unsubscribe: <https://", one, re.MULTILINE) for one in mails)
