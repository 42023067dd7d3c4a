"""The circuit breaker: time is told by a clock of the test's own, except where threads are what is tested."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from briefing.errors import ModelError
from briefing.llm.circuit import Circuit
from briefing.llm.endpoint import Endpoint
from briefing.llm.retry import Patient
from briefing.ports import Reply, Request
from tests.endpoint import closed_port

REQUEST = Request(prompt="event", about="x", model="small", messages=(), schema={}, max_tokens=10)
REPLY = Reply(text="{}", model="small", tokens_in=1, tokens_out=1)

DOWN = ["timeout", "connection", "server", "body"]
LIVE = ["busy", "request", "context", "refusal", "length", "answer"]


class World:
    """A clock, and an endpoint behind a circuit: `answers` are the kinds of its errors, "" a reply; the last stays."""

    def __init__(self, *answers: str) -> None:
        self.now = 0.0
        self.answers = list(answers)
        self.asked: list[float] = []
        self.given: list[float] = []
        self.circuit = Circuit(self.attempt, clock=lambda: self.now, sleep=self.sleep)

    def attempt(self, _request: Request, seconds: float) -> Reply:
        self.asked.append(self.now)
        self.given.append(seconds)
        kind = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if kind == "a bug":
            raise ZeroDivisionError
        if kind:
            raise ModelError(kind, f"said {kind}")  # type: ignore[arg-type]
        return REPLY

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += seconds

    def ask(self, seconds: float = 120) -> str:
        """The kind of what comes of a call: "" for a reply."""
        try:
            self.circuit(REQUEST, seconds)
        except ModelError as error:
            return error.kind
        return ""


@pytest.mark.parametrize("kind", DOWN)
def test_after_five_failures_in_a_row_the_endpoint_is_left_alone_for_two_seconds(kind):
    world = World(*[kind] * 5, "")
    assert [world.ask() for _ in range(5)] == [kind] * 5
    assert world.ask() == ""
    assert world.asked == [0] * 5 + [pytest.approx(2.0, abs=0.1)]


def test_four_failures_and_a_success_start_the_count_again():
    world = World(*(["server"] * 4 + [""]) * 3)
    assert [world.ask() for _ in range(15)] == (["server"] * 4 + [""]) * 3
    assert world.now == 0


@pytest.mark.parametrize("kind", LIVE)
def test_an_answer_of_a_live_endpoint_is_no_failure_and_starts_the_count_again(kind):
    world = World(*(["connection"] * 4 + [kind]) * 3)
    for _ in range(15):
        world.ask()
    assert world.now == 0


@pytest.mark.parametrize("kind", ["cap", "rehearsal"])
def test_a_call_that_was_never_made_says_nothing_of_the_endpoint(kind):
    world = World(*["connection", kind] * 4, "connection", "")
    for _ in range(9):
        world.ask()
    assert world.now == 0
    assert world.ask() == ""
    assert world.now == pytest.approx(2.0, abs=0.1)


def test_a_failed_probe_makes_the_next_wait_four_times_as_long_and_two_are_the_last():
    world = World("connection")
    kinds = [world.ask() for _ in range(30)]
    assert kinds == ["connection"] * 6 + ["circuit"] * 24
    assert world.asked[5:] == [pytest.approx(2.0, abs=0.1), pytest.approx(10.0, abs=0.2)]
    with pytest.raises(ModelError, match="failed 7 times in a row: said connection"):
        world.circuit(REQUEST, 120)


def test_a_probe_that_succeeds_lets_all_go_on_and_the_count_starts_again():
    world = World(*["connection"] * 5, "", *["connection"] * 4, "")
    assert [world.ask() for _ in range(11)] == ["connection"] * 5 + [""] + ["connection"] * 4 + [""]
    assert world.now == pytest.approx(2.0, abs=0.1)


def test_a_probe_that_a_failing_server_answers_is_repeated_before_it_counts():
    world = World(*["server"] * 7, "")
    assert [world.ask() for _ in range(8)] == ["server"] * 7 + [""]
    assert world.now == pytest.approx(2.0, abs=0.1)


def test_a_server_that_answers_every_probe_with_an_error_is_left_alone_for_good():
    world = World("server")
    assert [world.ask() for _ in range(20)] == ["server"] * 10 + ["circuit"] * 10
    assert world.now == pytest.approx(10.0, abs=0.2)


def test_nobody_waits_longer_than_they_may():
    world = World("connection")
    for _ in range(5):
        world.ask()
    assert world.ask(seconds=1.0) == "circuit"
    assert world.now == pytest.approx(1.0)
    assert len(world.asked) == 5


@pytest.mark.parametrize("kind", ["key", "quota", "model"])
def test_what_no_later_call_can_get_over_is_asked_once_in_a_run(kind):
    world = World(kind, "")
    assert [world.ask() for _ in range(20)] == [kind] * 20
    assert len(world.asked) == 1
    with pytest.raises(ModelError, match=f"said {kind}"):
        world.circuit(REQUEST, 120)


def test_an_attempt_is_given_what_the_wait_left():
    world = World(*["connection"] * 5, "")
    for _ in range(6):
        world.ask(seconds=10)
    assert world.given == [10] * 5 + [pytest.approx(8.0, abs=0.1)]


def test_a_probe_that_breaks_off_leaves_its_place_to_another():
    world = World(*["connection"] * 5, "a bug", "")
    for _ in range(5):
        world.ask()
    with pytest.raises(ZeroDivisionError):
        world.ask()
    assert world.ask() == ""


def in_threads(call: Callable[[int], str], calls: int) -> list[str]:
    with ThreadPoolExecutor(4) as pool:
        return list(pool.map(call, range(calls)))


def test_one_probes_while_the_others_wait():
    tries: list[int] = []
    begun_during_the_probe: list[int] = []

    def attempt(_request: Request, _seconds: float) -> Reply:
        tries.append(0)
        number = len(tries)
        if number <= 5:
            raise ModelError("connection", "no")
        if number == 6:
            time.sleep(0.2)
            begun_during_the_probe.append(len(tries) - 6)
        return REPLY

    circuit = Circuit(attempt, cooldown=0.1)
    for _ in range(5):
        with pytest.raises(ModelError):
            circuit(REQUEST, 10)
    assert in_threads(lambda _: circuit(REQUEST, 10).text, 8) == ["{}"] * 8
    assert begun_during_the_probe == [0]


def test_a_probe_that_fails_after_another_call_got_its_reply_counts_as_one_failure():
    begun, slow, probing, probe = (threading.Event() for _ in range(4))
    kinds = iter(["slow", *["connection"] * 5, "probe", ""])

    def attempt(_request: Request, _seconds: float) -> Reply:
        kind = next(kinds)
        if kind == "slow":
            begun.set()
            slow.wait(10)
            return REPLY
        if kind == "probe":
            probing.set()
            probe.wait(10)
        if kind:
            raise ModelError("connection", "no")
        return REPLY

    circuit = Circuit(attempt, cooldown=0.0, probes=1)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(circuit, REQUEST, 10)
        assert begun.wait(10)
        for _ in range(5):
            with pytest.raises(ModelError):
                circuit(REQUEST, 10)
        second = pool.submit(circuit, REQUEST, 10)
        assert probing.wait(10)
        slow.set()
        assert first.result() == REPLY
        probe.set()
        with pytest.raises(ModelError):
            second.result()
    assert circuit(REQUEST, 10) == REPLY


def test_when_the_run_is_stopped_nobody_waits():
    stop = threading.Event()
    circuit = Circuit(Endpoint("http://127.0.0.1:9/v1", None, len, stop), failures=1, cooldown=60, stop=stop)
    stop.set()
    for _ in range(2):
        began = time.monotonic()
        with pytest.raises(ModelError):
            circuit(REQUEST, 60)
        assert time.monotonic() - began < 10


def outcome(patient: Patient) -> str:
    try:
        patient(REQUEST)
    except ModelError as error:
        return error.kind
    return ""


@pytest.mark.parametrize("seed", range(20))
def test_with_three_failures_in_ten_calls_at_random_nearly_all_come_to_a_reply(seed):
    chance = random.Random(seed)
    world = World("")

    def attempt(request: Request, seconds: float) -> Reply:
        world.now += 1.0
        if chance.random() < 0.3:
            raise ModelError("server", "said 503")
        return REPLY

    circuit = Circuit(attempt, clock=lambda: world.now, sleep=world.sleep)
    patient = Patient(circuit, sleep=world.sleep, clock=lambda: world.now)
    assert [outcome(patient) for _ in range(200)].count("") >= 198


def test_with_a_closed_port_twenty_events_on_four_threads_are_soon_over():
    with closed_port() as url:
        patient = Patient(Circuit(Endpoint(url, None, len), cooldown=0.2))
        began = time.monotonic()
        kinds = in_threads(lambda _: outcome(patient), 20)
        assert time.monotonic() - began < 10
    assert set(kinds) <= {"circuit", "connection"}
    assert kinds.count("circuit") >= 18


def test_an_endpoint_that_is_busy_again_and_again_is_left_alone_for_the_rest_of_the_run():
    world = World("busy")
    assert [world.ask() for _ in range(30)] == ["busy"] * 30
    assert len(world.asked) == 20


def test_one_answer_between_makes_a_busy_endpoint_a_live_one():
    world = World(*(["busy"] * 19 + [""]) * 3)
    for _ in range(60):
        world.ask()
    assert len(world.asked) == 60
