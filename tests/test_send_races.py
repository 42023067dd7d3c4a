"""Several programs at once, signals at every stage, readers who leave meanwhile: everybody gets the edition once."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from briefing.deliver.way_out import token
from briefing.sources import Source
from briefing.store import Database, editions, open_store
from briefing.store.recipients import leave
from briefing.store.sources import add
from tests.endpoint import Answer, endpoint
from tests.mail_server import HANG, MailServer, mail_server
from tests.newsroom import Newsroom, newsroom
from tests.send_crash_forks import Run, Starter, warm
from tests.send_crash_outbox import NOW, READERS, at, check, copies, fill, in_state, outbox, settings, taken

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
ROUNDS = 50 if SOAK else 5
FEW = READERS[:3]
BUSY = "another `"


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
def room(papers: Newsroom) -> Iterator[Newsroom]:
    yield papers
    papers.mend()


@pytest.fixture
def empty(store: Database, place: str) -> str:
    """An empty store, which nobody has open."""
    store.close()
    return place


@pytest.fixture
def changes(server: MailServer, empty: str, tmp_path: Path) -> dict[str, str]:
    """The settings, of a store that is still empty."""
    place = empty
    return {**settings(server, place, tmp_path), "BRIEFING_PROFILES__MORNING__RECIPIENTS": ",".join(FEW)}


@pytest.fixture
def sourced(empty: str, room: Newsroom) -> str:
    """The store with sources, of which nothing was made yet."""
    _add_sources(empty, room)
    return empty


@pytest.fixture
def filled(empty: str) -> str:
    """The store with an edition that FEW wait for."""
    fill(empty, FEW)
    return empty


def _add_sources(place: str, room: Newsroom) -> None:
    with open_store(place) as database:
        database.write(lambda connection: [add(connection, Source(url=url), NOW) for url in room.addresses])


def _leave(place: str, reader: str) -> None:
    with open_store(place) as database:
        database.write(leave, "morning", reader, NOW)


def _made(place: str) -> int:
    """How many days of the profile have an edition."""
    with open_store(place) as database:
        return sum(one.state == "made" for one in database.read(editions.newest, "morning", 9))


def _until(holds: Callable[[], object], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.002)


def _finished(starter: Starter, folder: Path, *arguments: str, **changes: str) -> Run:
    """A run that nothing happens to. A database server needs a moment to notice that who held a lock is no more."""
    found: list[Run] = []

    def is_free() -> bool:
        found.append(starter.run(folder, *arguments, plan={"fetches": "run" in arguments}, **changes))
        return BUSY not in found[-1].err or "://" not in changes["BRIEFING_STORE"]

    _until(is_free)
    assert found[-1].code in {0, 3}, found[-1].err
    return found[-1]


@contextmanager
def _halted(server: MailServer, step: str) -> Iterator[threading.Event]:
    """The server stops at a step until the block ends; the event tells that somebody has come to it."""
    come, go = threading.Event(), threading.Event()

    def halt(_: object) -> None:
        come.set()
        go.wait(15)

    server.faults[step] = halt
    try:
        yield come
    finally:
        go.set()
        server.faults.pop(step)


# --- together ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "number"),
    [("sqlite", number) for number in range(ROUNDS)]
    + [("postgresql", number) for number in range(ROUNDS if SOAK else 2)],
    indirect=["place"],
)
def test_of_several_runs_started_together_one_works_and_the_others_say_so(
    starter: Starter, server: MailServer, sourced: str, changes: dict[str, str], tmp_path: Path, number: int
):
    count = random.Random(number).randint(2, 8) if SOAK else (8, 2, 3, 2, 4)[number]
    with _halted(server, "rcpt"):
        runs = [starter.begin(tmp_path, "run", "morning", plan={"fetches": True}, **changes) for _ in range(count)]
        _until(lambda: sum("another `run morning` is running" in one.err for one in runs) == count - 1)
    assert sorted(one.ended() for one in runs) == [0] + [1] * (count - 1)
    assert sorted(server.recipients) == list(FEW)
    assert _finished(starter, tmp_path, "run", "morning", **changes).code == 0
    assert sorted(server.recipients) == list(FEW)
    check(changes["BRIEFING_STORE"])


@pytest.mark.parametrize("number", range(ROUNDS if SOAK else 2))
def test_whatever_is_started_at_the_same_time_each_reader_gets_one(
    starter: Starter, server: MailServer, sourced: str, changes: dict[str, str], tmp_path: Path, number: int
):
    chance = random.Random(number)
    hour = {"BRIEFING_PROFILES__MORNING__HOUR": "05:55"}
    verbs = [("run", "morning"), ("send",), ("schedule", "due"), ("run", "morning")]
    runs = []
    for verb in chance.sample(verbs, 4) + chance.choices(verbs, k=2):
        runs.append(starter.begin(tmp_path, *verb, plan={"fetches": True}, **changes, **hour))
        time.sleep(chance.uniform(0, 0.15))
    for one in runs:
        assert one.ended() == 0 or (one.code == 1 and BUSY in one.err) or one.code == 3, one.err
        assert "Traceback" not in one.err
    _finished(starter, tmp_path, "run", "morning", **changes)
    assert sorted(server.recipients) == list(FEW)
    assert sorted(in_state(changes["BRIEFING_STORE"], "sent")) == list(FEW)


def test_beside_a_run_that_sends_no_other_sends_and_the_list_can_be_read(
    starter: Starter, server: MailServer, filled: str, changes: dict[str, str], tmp_path: Path
):
    with _halted(server, "rcpt") as come:
        run = starter.begin(tmp_path, "run", "morning", **changes)
        assert come.wait(15)
        for verb in (("send",), ("send", "--unknown", "resend"), ("send", "--unknown", "drop")):
            beside = starter.run(tmp_path, *verb, **changes)
            assert beside.code == 1
            assert "another `send` is running" in beside.err
        assert starter.run(tmp_path, "send", "--list", **changes).code == 0
    assert run.ended() == 0
    assert server.recipients == list(FEW)


def test_a_run_beside_one_that_sends_makes_its_edition_and_waits_for_its_turn_to_send_it(
    starter: Starter, server: MailServer, filled: str, sourced: str, changes: dict[str, str], tmp_path: Path
):
    later = {**changes, "SOURCE_DATE_EPOCH": at(timedelta(hours=20))}  # the next day
    with _halted(server, "rcpt") as come:
        sending = starter.begin(tmp_path, "send", **changes)
        assert come.wait(15)
        run = starter.begin(tmp_path, "run", "morning", plan={"fetches": True}, **later)
        _until(lambda: _made(filled) == 2)
        assert len(server.messages) < len(FEW)
    assert sending.ended() == 0
    assert run.ended() == 0, run.err
    assert taken(server)[0] == dict.fromkeys(FEW, 2)  # an edition a day


def test_a_run_beside_a_fetch_waits_for_its_news(
    starter: Starter, server: MailServer, room: Newsroom, sourced: str, changes: dict[str, str], tmp_path: Path
):
    room.fail("/feed/1", "hang", "127.0.0.3")
    asked = len(room.requests)
    fetch = starter.begin(tmp_path, "fetch", plan={"fetches": True}, **changes, BRIEFING_FETCH__TIMEOUT="1")
    _until(lambda: ("127.0.0.3", "/feed/1") in room.requests[asked:])
    run = starter.begin(tmp_path, "run", "morning", plan={"fetches": True}, **changes)
    room.mend()
    assert fetch.ended() in {0, 3}
    assert run.ended() == 0, run.err
    assert "another" not in run.err
    assert sorted(server.recipients) == list(FEW)


def test_what_a_killed_run_held_is_free_at_once(
    starter: Starter, server: MailServer, room: Newsroom, sourced: str, changes: dict[str, str], tmp_path: Path
):
    room.fail("/feed/1", "hang", "127.0.0.3")
    run = starter.begin(tmp_path, "run", "morning", **changes)
    _until(lambda: ("127.0.0.3", "/feed/1") in room.requests)
    room.mend()
    run.kill()
    began = time.monotonic()
    assert _finished(starter, tmp_path, "run", "morning", **changes).code == 0
    assert time.monotonic() - began < 10
    assert sorted(server.recipients) == list(FEW)
    room.requests.clear()


def test_a_lock_that_names_a_process_of_somebody_else_is_free(starter: Starter, server: MailServer, tmp_path: Path):
    place = tmp_path / "store.sqlite"
    fill(str(place), FEW)
    for name in ("run-morning", "send"):  # the number that the killed one had is another's now
        place.with_name(f"{place.name}.lock-{name}").write_text(f"{os.getpid()}\n")
    assert starter.run(tmp_path, "run", "morning", **settings(server, str(place), tmp_path)).code == 0
    assert server.recipients == list(FEW)


# --- signals -----------------------------------------------------------------------------------------------------


@dataclass
class Stopped:
    """What a signal came to at a stage, and how the next run fared."""

    code: int
    seconds: float
    err: str
    after: Run
    times: Counter[str]
    unknown: list[str]


SENDING = ("greeting", "mail", "rcpt", "data", "dot") if SOAK else ("rcpt", "dot")
STAGES = ("fetching", "making", *SENDING)


@pytest.fixture
def stopped(
    starter: Starter, papers: Newsroom, tmp_path_factory: pytest.TempPathFactory
) -> dict[tuple[str, int], Stopped]:
    """Every stage stopped by both signals, all at once, since a server that hangs is waited for some seconds."""
    top = tmp_path_factory.mktemp("signals")
    few = copies("sqlite", tmp_path_factory.mktemp("few"), lambda place: fill(place, FEW), None)

    fresh = copies("sqlite", tmp_path_factory.mktemp("fresh"), lambda place: _add_sources(place, papers), None)
    found: dict[tuple[str, int], Stopped] = {}
    with ExitStack() as stack:
        silent = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        model = {
            "BRIEFING_MODEL__BASE_URL": f"http://127.0.0.1:{silent.getsockname()[1]}/v1",
            "BRIEFING_MODEL__API_KEY": "none",
        }
        begun = []
        for stage, number in [(stage, number) for stage in STAGES for number in (signal.SIGTERM, signal.SIGINT)]:
            folder = top / f"{stage}-{number}"
            folder.mkdir()
            server = stack.enter_context(mail_server())
            if stage in SENDING:
                server.faults[stage] = HANG
            place = stack.enter_context((few if stage in SENDING else fresh).one(folder))
            changes = settings(server, place, folder, BRIEFING_PROFILES__MORNING__RECIPIENTS=",".join(FEW))
            if stage == "fetching":
                papers.fail("/feed/1", "hang", "127.0.0.3")
            asked = papers.requests.count(("127.0.0.3", "/feed/1"))
            further = model if stage == "making" else {}
            run = starter.begin(
                folder, "run", "morning", plan={"fetches": stage not in SENDING, "whole": True}, **changes, **further
            )
            _until(lambda: _has_come(stage, server, silent, papers, asked))  # noqa: B023 - called here
            papers.mend()
            begun.append((stage, number, folder, server, changes, run))
        began = time.monotonic()
        for _, number, _, _, _, run in begun:
            os.kill(run.process, number)
        for _, _, _, _, _, run in begun:
            run.ended(15)
        seconds = time.monotonic() - began
        for stage, number, folder, server, changes, run in begun:
            server.faults.clear()
            after = starter.run(folder, "run", "morning", plan={"fetches": True}, **changes)
            check(changes["BRIEFING_STORE"])
            found[stage, number] = Stopped(
                run.code or 0, seconds, run.err, after, taken(server)[0], in_state(changes["BRIEFING_STORE"], "unknown")
            )
    return found


def _has_come(stage: str, server: MailServer, silent: socket.socket, papers: Newsroom, asked: int) -> bool:
    if stage == "fetching":
        return papers.requests.count(("127.0.0.3", "/feed/1")) > asked
    if stage == "making":
        silent.settimeout(0.001)
        try:
            silent.accept()[0].detach()
        except TimeoutError:
            return False
        return True
    if stage == "greeting":
        return server.connections > 0
    return stage.upper() in server.verbs if stage != "dot" else "DATA" in server.verbs


def test_a_signal_at_any_stage_ends_it_within_ten_seconds_and_the_next_run_completes_it(
    stopped: dict[tuple[str, int], Stopped],
):
    assert len(stopped) == 2 * len(STAGES)
    for (stage, number), found in stopped.items():
        code = 128 - found.code if found.code < 0 else found.code  # as a shell has it
        assert code == 128 + number, (stage, found.err)
        assert found.seconds < 10, stage
        assert "Traceback" not in found.err
        is_in_doubt = stage in {"data", "dot"}
        assert found.after.code == (3 if is_in_doubt else 0), (stage, found.after.err)
        assert found.unknown == list(FEW[:is_in_doubt]), stage
        assert found.times == dict.fromkeys(FEW[is_in_doubt:], 1), stage
        assert (f"nobody knows whether {FEW[0]} got the mail" in found.after.err) == is_in_doubt


# --- readers who leave meanwhile ---------------------------------------------------------------------------------


KEY = SecretStr("the key of these tests")


@pytest.fixture
def endpoint_of_readers(starter: Starter, changes: dict[str, str], tmp_path: Path) -> Iterator[str]:
    """Where `briefing serve` listens."""
    changes["BRIEFING_MAIL__UNSUBSCRIBE_KEY"] = KEY.get_secret_value()
    run = starter.begin(tmp_path, "serve", "--port", "0", **changes)
    _until(lambda: "listening at http" in run.err)
    yield run.err.partition("listening at ")[2].partition(";")[0]
    os.kill(run.process, signal.SIGTERM)
    run.ended()


def _post(place: str, reader: str) -> None:
    address = f"{place}/unsubscribe/{token('morning', reader, KEY)}"
    request = urllib.request.Request(address, data=b"List-Unsubscribe=One-Click", method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def test_one_who_leaves_after_the_edition_was_made_gets_none(
    starter: Starter, server: MailServer, filled: str, changes: dict[str, str], tmp_path: Path,
    endpoint_of_readers: str,
):  # fmt: skip
    _post(endpoint_of_readers, FEW[1])
    run = starter.run(tmp_path, "run", "morning", **changes)
    assert run.code == 0
    assert "not sent to 1 reader who" in run.err
    assert server.recipients == [FEW[0], FEW[2]]
    assert server.verbs.count("DATA") == 2


def test_one_who_leaves_between_the_servers_word_on_rcpt_and_our_data_gets_none(
    starter: Starter, server: MailServer, filled: str, changes: dict[str, str], tmp_path: Path,
    endpoint_of_readers: str,
):  # fmt: skip
    def leave_now(reader: str) -> None:
        if reader == FEW[1]:
            _post(endpoint_of_readers, reader)

    server.faults["rcpt"] = leave_now
    assert starter.run(tmp_path, "send", **changes).code == 0
    assert server.recipients == [FEW[0], FEW[2]]
    ((state, why),) = [(one.state, one.answer) for one in outbox(changes["BRIEFING_STORE"]) if one.recipient == FEW[1]]
    assert (state, why) == ("failed", "has unsubscribed")


def test_one_who_leaves_while_the_message_waits_for_another_try_gets_none(
    starter: Starter, server: MailServer, filled: str, changes: dict[str, str], tmp_path: Path
):
    server.faults["rcpt"] = lambda reader: "450 4.2.0 come back later" if reader == FEW[0] else None
    assert starter.run(tmp_path, "run", "morning", **changes).code == 3
    _leave(filled, FEW[0].upper())
    server.faults.clear()
    assert _finished(starter, tmp_path, "send", **{**changes, "SOURCE_DATE_EPOCH": at(timedelta(hours=1))}).code == 0
    assert server.recipients == list(FEW[1:])


def test_one_who_leaves_while_a_program_dies_gets_none_from_the_next(
    starter: Starter, server: MailServer, filled: str, changes: dict[str, str], tmp_path: Path
):
    changes["BRIEFING_MAIL__UNKNOWN"] = "resend"
    plan = {"at": "briefing.deliver.dialogue:Dialogue.hand_over"}
    assert starter.run(tmp_path, "send", plan=plan, **changes).code == -signal.SIGKILL
    _leave(filled, FEW[0])
    _finished(starter, tmp_path, "send", **changes)
    assert server.recipients == list(FEW[1:])


# --- a store that one program opens twice ------------------------------------------------------------------------


@pytest.fixture
def file(migrated: dict[str, str], tmp_path: Path) -> str:
    """An empty store in a file."""
    place = tmp_path / "store.sqlite"
    shutil.copyfile(migrated["sqlite"], place)
    place.chmod(0o600)
    return str(place)


def test_what_a_program_writes_that_opens_its_store_twice_is_kept_while_others_come_and_go(
    starter: Starter, server: MailServer, file: str, tmp_path: Path
):
    changes = settings(server, file, tmp_path)
    with open_store(file) as first:
        first.write(leave, "morning", FEW[0], NOW)
        open_store(file).close()
        starter.run(tmp_path, "send", "--list", **changes)
        first.write(leave, "morning", FEW[1], NOW)
        listed = starter.run(tmp_path, "recipients", "morning", "--json", **changes).json["recipients"]
        assert [one["address"] for one in listed if not one["gets_mail"]] == list(FEW[:2])


def test_a_run_with_a_model_that_is_killed_has_sent_once_though_somebody_looked_at_the_outbox_meanwhile(
    starter: Starter, server: MailServer, room: Newsroom, file: str, tmp_path: Path
):
    _add_sources(file, room)
    changes = settings(server, file, tmp_path, BRIEFING_PROFILES__MORNING__RECIPIENTS=",".join(FEW))
    come, go = threading.Event(), threading.Event()

    def answer(_request: object, _number: int) -> Answer:
        come.set()
        go.wait(15)
        return Answer(401)

    with endpoint(answer) as model:
        written = {"BRIEFING_MODEL__API_KEY": "none", "BRIEFING_MODEL__BASE_URL": model.base_url}
        plan = {"fetches": True, "at": "briefing.deliver.outbox:_Pass._tell_doubts"}
        run = starter.begin(tmp_path, "run", "morning", plan=plan, **changes, **written)
        assert come.wait(15), run.err
        assert starter.run(tmp_path, "send", "--list", **changes).code == 0
        go.set()
        assert run.ended() == -signal.SIGKILL, run.err
    assert sorted(server.recipients) == list(FEW)
    starter.run(tmp_path, "run", "morning", plan={"fetches": True}, **changes)
    assert sorted(server.recipients) == list(FEW)
