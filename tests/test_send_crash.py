"""`briefing send` and `briefing run` are killed at any moment: nobody is missed, and nobody gets two.

What can be in doubt is one message a kill. It is held and told, or it is sent again, the same under the same id, as the
settings say.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from briefing.sources import Source
from briefing.store import editions, open_store
from briefing.store.sources import add
from tests.mail_server import CLOSE, RESET, TAKE_AND_CLOSE, MailServer, Message, mail_server
from tests.newsroom import Newsroom, newsroom
from tests.postgres import Server
from tests.send_crash_forks import Run, Starter, warm
from tests.send_crash_outbox import (
    DAY,
    NOW,
    READERS,
    Copies,
    at,
    check,
    copies,
    fill,
    in_state,
    outbox,
    settings,
    taken,
)

SOAK = os.environ.get("HYPOTHESIS_PROFILE") == "soak"
KILLS = 150 if SOAK else 5  # of each policy, on each kind of database
FEW = READERS[:5]
EVERY = [(kind, policy) for kind in ("sqlite", "postgresql") for policy in ("hold", "resend")]
CROSSED = EVERY if SOAK else [("sqlite", "hold"), ("postgresql", "resend")]
BUSY = "another `"


@pytest.fixture(scope="module")
def starter() -> Iterator[Starter]:
    with warm() as running:
        yield running


@pytest.fixture(scope="module")
def room() -> Iterator[Newsroom]:
    with newsroom(["127.0.0.2", "127.0.0.3"], feeds=2, items=3, whole=True) as running:
        yield running


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def kind(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def many(kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Copies:
    """Stores with an edition that fifty wait for."""
    return _copies(kind, tmp_path_factory, request, fill)


@pytest.fixture(scope="module")
def few(kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Copies:
    """Stores with an edition that five wait for."""
    return _copies(kind, tmp_path_factory, request, lambda place: fill(place, FEW))


@pytest.fixture(scope="module")
def fresh(
    kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest, room: Newsroom
) -> Copies:
    """Stores with sources, that nothing was made of yet."""

    def make(place: str) -> None:
        with open_store(place) as database:
            database.write(lambda connection: [add(connection, Source(url=url), NOW) for url in room.addresses])

    return _copies(kind, tmp_path_factory, request, make)


def _copies(kind: str, folders: pytest.TempPathFactory, request: pytest.FixtureRequest, make: Any) -> Copies:
    def server() -> Server:
        running: Server = request.getfixturevalue("postgresql")
        return running

    return copies(kind, folders.mktemp("template"), make, server)


# --- at any moment -----------------------------------------------------------------------------------------------


@dataclass
class Figures:
    """What came of it all; `talking` are the kills while a message was under way over a connection."""

    kills: int = 0
    talking: int = 0
    editions: int = 0
    unknown: int = 0
    lost: int = 0
    doubles: int = 0


@pytest.mark.parametrize("policy", ["hold", "resend"])
def test_killed_again_and_again_while_it_sends_to_fifty_it_misses_nobody(
    starter: Starter, many: Copies, tmp_path: Path, kind: str, policy: str, capsys: pytest.CaptureFixture[str]
):
    figures, chance = Figures(), random.Random(f"{kind} {policy}")
    slow = random.Random(1)

    def dawdle(_: Any) -> None:
        time.sleep(slow.uniform(0, 0.004))

    with mail_server(mail=dawdle, rcpt=dawdle, data=dawdle, dot=dawdle) as server:
        while figures.kills < KILLS:
            folder = tmp_path / str(figures.editions)
            folder.mkdir()
            with many.one(folder) as place:
                changes = settings(server, place, folder, BRIEFING_MAIL__UNKNOWN=policy)
                _edition(starter, server, place, folder, changes, figures, chance)
            figures.editions += 1
            server.messages.clear()
            server.commands.clear()
    assert figures.talking >= figures.kills * 0.6
    assert figures.unknown <= figures.kills
    assert figures.doubles <= figures.kills
    assert (figures.lost if policy == "resend" else figures.doubles) == 0
    if SOAK:
        with capsys.disabled():
            sys.stdout.write(f"\n{kind} {policy}: {figures}\n")


def _edition(
    starter: Starter,
    server: MailServer,
    place: str,
    folder: Path,
    changes: dict[str, str],
    figures: Figures,
    chance: random.Random,
) -> None:
    """An edition whose sending is killed up to ten times, and what came of it in the end."""
    doubted: list[str] = []
    kills = 0
    for _ in range(min(10, KILLS - figures.kills)):
        run, is_talking = _killed(starter, server, folder, changes, chance)
        check(place)
        if run.code == -signal.SIGKILL:
            kills += 1
            figures.talking += is_talking
        else:
            assert run.code in {0, 3} or BUSY in run.err, run.err
        rows = outbox(place)
        assert len(rows) == len(READERS)
        tries = {one.recipient: one.tries for one in rows if one.state in {"sending", "unknown"}}
        new = [one for one, times in tries.items() if times > doubted.count(one)]
        assert len(new) <= (run.code == -signal.SIGKILL)
        doubted += new
        if all(one.state != "queued" for one in rows):
            break
    figures.kills += kills
    last = _finished(starter, folder, "run", "morning", **changes)
    check(place)
    times, texts = taken(server)
    assert all(len(one) == 1 for one in texts.values())  # under the same id, the same bytes
    missed = {one for one in READERS if not times[one]}
    extra = sum(times.values()) - len(times)
    figures.lost += len(missed)
    figures.doubles += extra
    if changes["BRIEFING_MAIL__UNKNOWN"] == "hold":
        unknown = _unknown(starter, folder, changes)
        figures.unknown += len(unknown)
        assert extra == 0
        assert missed <= unknown
        assert len(unknown) <= kills
        assert not unknown or _names(last.err, unknown), (last.err, unknown)
    else:
        figures.unknown += len(set(doubted))
        assert not missed
        assert set(in_state(place, "sent")) == set(READERS)
        assert all(times[one] <= 1 + doubted.count(one) for one in READERS)
        assert extra <= kills


def _killed(
    starter: Starter, server: MailServer, folder: Path, changes: dict[str, str], chance: random.Random
) -> tuple[Run, bool]:
    """A run that was killed at some moment, and whether a message was under way; now and then while it still starts."""
    before, said = server.connections, len(server.commands)
    run = starter.begin(folder, *chance.choice([("send",), ("run", "morning"), ("schedule", "due")]), **changes)
    if chance.random() < 0.15:
        time.sleep(chance.uniform(0, 0.2))
    else:
        end = time.monotonic() + 3
        while server.connections == before and time.monotonic() < end:
            time.sleep(0.0005)
        time.sleep(chance.uniform(0, 0.25))
    run.kill()
    verbs = server.verbs[said:]
    return run, "MAIL" in verbs and "QUIT" not in verbs


def _finished(starter: Starter, folder: Path, *arguments: str, plan: Any = None, **changes: str) -> Run:
    """A run that nothing happens to. A database server needs a moment to notice that who held a lock is no more."""
    end = time.monotonic() + 20
    while True:
        run = starter.run(folder, *arguments, plan=plan, **changes)
        if not (run.code == 1 and BUSY in run.err) or changes["BRIEFING_STORE"].startswith("/"):
            assert run.code in {0, 3}, run.err
            return run
        assert time.monotonic() < end
        time.sleep(0.05)


def _unknown(starter: Starter, folder: Path, changes: dict[str, str]) -> set[str]:
    """Whose fate nobody knows, as `briefing send --list` tells it."""
    listed = starter.run(folder, "send", "--list", "--json", **changes).json["sends"]
    assert {one["state"] for one in listed} <= {"sent", "unknown"}
    return {one["recipient"] for one in listed if one["state"] == "unknown"}


def _names(told: str, unknown: set[str]) -> bool:
    """Whether the run's own line tells of them, by name as far as five of them."""
    lines = [line for line in told.splitlines() if "nobody knows whether" in line and "held" in line]
    named = {one for one in unknown if any(f"{one}," in line or f"{one} " in line for line in lines)}
    return len(named) == len(unknown) or (len(named) == 5 and any(f"{len(unknown) - 5} more" in one for one in lines))


# --- at exact places ---------------------------------------------------------------------------------------------


PLACES = [  # where it dies; whether that leaves a message in doubt, and whether the server has taken that one
    ("mail", "before the server's answer to MAIL", 0, 0),
    ("rcpt", "before the server's answer to RCPT", 0, 0),
    ("data", "before the server's answer to DATA", 1, 0),
    ("dot", "between the final dot and the server's 250", 1, 1),
    ({"at": "briefing.deliver.smtp:opened"}, "before the first connection", 0, 0),
    ({"at": "briefing.deliver.outbox:_Pass._send", "nth": 2}, "before the second message", 0, 0),
    ({"at": "briefing.store.sends:begin", "when": "after", "nth": 2}, "before it is noted as under way", 0, 0),
    ({"at": "briefing.deliver.smtp:Smtp._handed_over", "nth": 2}, "after it was noted, before DATA", 1, 0),
    ({"at": "briefing.deliver.dialogue:Dialogue.hand_over", "nth": 2}, "after the 354", 1, 0),
    (
        {"at": "briefing.deliver.dialogue:Dialogue.hand_over", "nth": 2, "when": "half"},
        "half-way through the body",
        1,
        0,
    ),
    ({"at": "briefing.deliver.dialogue:Dialogue.hand_over", "nth": 2, "when": "after"}, "before the dot", 1, 0),
    ({"at": "briefing.deliver.outbox:_Pass._note", "nth": 2}, "between the 250 and our commit", 1, 1),
    ({"at": "briefing.deliver.outbox:_taken", "nth": 2, "when": "after"}, "just before our commit", 1, 1),
    ({"at": "briefing.deliver.outbox:_Pass._note", "nth": 2, "when": "after"}, "after our commit", 0, 1),
    ({"at": "briefing.deliver.outbox:_Pass._tell_doubts", "nth": 1}, "after the last message", 0, 1),
]


@pytest.mark.parametrize(
    ("kind", "policy", "where", "is_in_doubt", "is_taken"),
    [
        pytest.param(kind, policy, where, *rest, id=f"{kind}-{policy}-{name}")
        for kind, policy in EVERY
        for where, name, *rest in PLACES
        if SOAK or (kind, policy) == ("sqlite", "hold") or ((kind, policy) == ("postgresql", "resend") and rest[0])
    ],
    indirect=["kind"],
    scope="module",
)
def test_killed_there_it_leaves_what_can_be_known(
    starter: Starter, few: Copies, tmp_path: Path, policy: str, where: Any, is_in_doubt: int, is_taken: int
):
    plan = where if isinstance(where, dict) else None
    with mail_server() as server, few.one(tmp_path) as place:
        changes = settings(server, place, tmp_path, BRIEFING_MAIL__UNKNOWN=policy)
        held, run_of = threading.Event(), list[Run]()
        if plan is None:
            _kill_at(server, where, run_of, held)
        run = starter.begin(tmp_path, "send", plan=plan, **changes)
        if plan is None:
            run_of.append(run)
            held.set()
        assert run.ended() == -signal.SIGKILL
        check(place)
        doubted = in_state(place, "sending")
        assert len(doubted) == is_in_doubt
        server.faults.clear()
        last = _finished(starter, tmp_path, "send", **changes)
        times, texts = taken(server)
        assert all(len(one) == 1 for one in texts.values())
        if policy == "hold":
            assert in_state(place, "unknown") == doubted
            assert set(FEW) - set(times) == (set() if is_taken else set(doubted))
            assert set(times.values()) == {1}
        else:
            assert in_state(place, "sent") == list(FEW)
            assert times == {one: 2 if one in doubted and is_taken else 1 for one in FEW}
        assert last.code == (3 if doubted else 0)
        assert all(one in last.err for one in doubted)


def _kill_at(server: MailServer, step: str, run_of: list[Run], known: threading.Event) -> None:
    """Let the server kill its client when it comes to a step for the second reader."""
    calls: list[object] = []

    def kill(said: object) -> None:
        calls.append(said)
        if len(calls) == 2:
            known.wait(10)
            os.kill(run_of[0].process, signal.SIGKILL)

    server.faults[step] = kill


def test_killed_by_the_server_right_after_its_250_at_most_that_message_is_in_doubt(
    starter: Starter, few: Copies, tmp_path: Path
):
    with mail_server() as server, few.one(tmp_path) as place:
        changes = settings(server, place, tmp_path)
        known, run_of = threading.Event(), list[Run]()

        def kill(message: Message) -> None:
            if message.recipient == FEW[2]:
                known.wait(10)
                os.kill(run_of[0].process, signal.SIGKILL)

        server.on_sent(kill)
        run_of.append(run := starter.begin(tmp_path, "send", **changes))
        known.set()
        assert run.ended() == -signal.SIGKILL
        assert set(in_state(place, "sending")) <= {FEW[2]}
        _finished(starter, tmp_path, "send", **changes)
        assert server.recipients == list(FEW)
        assert set(in_state(place, "unknown")) <= {FEW[2]}


@pytest.mark.parametrize("how", [TAKE_AND_CLOSE, CLOSE, RESET])
@pytest.mark.parametrize(("kind", "policy"), CROSSED, indirect=["kind"], scope="module")
def test_a_server_that_dies_between_the_dot_and_its_250_leaves_that_message_unknown(
    starter: Starter, few: Copies, tmp_path: Path, how: Any, policy: str
):
    with mail_server() as server, few.one(tmp_path) as place:
        changes = settings(server, place, tmp_path, BRIEFING_MAIL__UNKNOWN=policy)

        def die(message: Message) -> Any:
            if message.recipient != FEW[1]:
                return None
            server.faults["greeting"] = CLOSE  # it does not come back
            return how

        server.on_data(die)
        run = starter.run(tmp_path, "send", **changes)
        assert run.code == 3
        assert in_state(place, "unknown") == [FEW[1]]
        assert in_state(place, "queued") == list(FEW[2:])
        assert f"nobody knows whether {FEW[1]} got the mail" in run.err
        server.faults.clear()
        _finished(starter, tmp_path, "send", **{**changes, "SOURCE_DATE_EPOCH": at(timedelta(hours=1))})
        times, texts = taken(server)
        once = 1 if how is TAKE_AND_CLOSE else 0
        assert times[FEW[1]] == (once if policy == "hold" else once + 1)
        assert [times[one] for one in FEW if one != FEW[1]] == [1] * 4
        assert all(len(one) == 1 for one in texts.values())


MORNING = [
    ({"at": "briefing.morning.run:refresh", "when": "after"}, "after the sources were asked"),
    ({"at": "briefing.morning.making:letter"}, "in the middle of making"),
    ({"at": "os:replace", "when": "after", "nth": 2}, "in the middle of writing its files"),
    ({"at": "briefing.morning.making:write_edition", "when": "after"}, "after the files, before the entry"),
    ({"at": "briefing.morning.making:_enter", "when": "after"}, "before the entry is committed"),
    ({"at": "briefing.morning.run:make_edition", "when": "after"}, "after the entry"),
    ({"at": "briefing.morning.run:post_all"}, "before anything is sent"),
]


@pytest.mark.parametrize(
    ("kind", "where"),
    [
        pytest.param(kind, where, id=f"{kind}-{name}")
        for kind in ("sqlite", "postgresql")
        for where, name in MORNING
        if SOAK or kind == "sqlite" or "committed" in name
    ],
    indirect=["kind"],
    scope="module",
)
def test_a_morning_killed_there_is_made_and_sent_once_by_the_next_run(
    starter: Starter, fresh: Copies, tmp_path: Path, where: dict[str, Any]
):
    with mail_server() as server, fresh.one(tmp_path) as place:
        few = ",".join(FEW)
        changes = settings(server, place, tmp_path, BRIEFING_PROFILES__MORNING__RECIPIENTS=few)
        run = starter.run(tmp_path, "run", "morning", plan={"fetches": True, **where}, **changes)
        assert run.code == -signal.SIGKILL, run.err
        assert server.messages == []
        check(place)
        for _ in range(2):
            assert _finished(starter, tmp_path, "run", "morning", plan={"fetches": True}, **changes).code == 0
            assert sorted(server.recipients) == sorted(FEW)
        check(place)
        with open_store(place) as database:
            found = database.read(editions.edition_of, "morning", DAY)
        assert found is not None
        assert found.state == "made"
        (document,) = (tmp_path / "briefings").glob("*.json")
        assert json.loads(document.read_text())["id"] == found.briefing_id
        assert starter.run(tmp_path, "audit", str(document), **changes).code == 0
