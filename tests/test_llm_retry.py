"""Trying again within one deadline; time is told by a clock of the test's own."""

from __future__ import annotations

import threading
import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.errors import ModelError
from briefing.llm.endpoint import Endpoint
from briefing.llm.failures import LONGEST_WAIT, Cut, retry_after
from briefing.llm.retry import BASE, LONGEST, Patient
from briefing.ports import Reply, Request
from tests.endpoint import completion, cut, endpoint, error, reset

REQUEST = Request(prompt="event", about="x", model="small", messages=(), schema={}, max_tokens=10)
REPLY = Reply(text="{}", model="small", tokens_in=1, tokens_out=1)

PASSING = ["timeout", "connection", "busy", "server"]
LASTING = ["quota", "key", "model", "request", "context", "body", "refusal", "length", "answer", "circuit"]
LASTING += ["cap", "rehearsal"]


class Script:
    """A clock, a way to sleep on it, and an attempt that fails as told before it succeeds."""

    def __init__(self, *errors: ModelError, takes: float = 0.0) -> None:
        self.now = 0.0
        self.errors = list(errors)
        self.takes = takes
        self.given: list[float] = []
        self.slept: list[float] = []

    def __call__(self, _: Request, seconds: float) -> Reply:
        self.given.append(seconds)
        self.now += self.takes
        if self.errors:
            raise self.errors.pop(0)
        return REPLY

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def patient(self, **options: float) -> Patient:
        return Patient(self, sleep=self.sleep, clock=self.clock, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", PASSING)
def test_what_passes_is_tried_again(kind):
    script = Script(ModelError(kind, "no"), ModelError(kind, "no"))
    assert script.patient()(REQUEST) == REPLY
    assert len(script.given) == 3


def test_a_cut_answer_is_tried_again():
    assert Script(Cut("half of it")).patient()(REQUEST) == REPLY


@pytest.mark.parametrize("kind", LASTING)
def test_what_lasts_is_tried_once(kind):
    script = Script(ModelError(kind, "no"))
    with pytest.raises(ModelError, match="no"):
        script.patient()(REQUEST)
    assert (len(script.given), script.slept) == (1, [])


def test_the_last_error_is_raised_after_so_many_tries():
    script = Script(*(ModelError("server", f"failure {number}") for number in range(1, 9)))
    with pytest.raises(ModelError, match="failure 4"):
        script.patient(tries=4)(REQUEST)
    assert (len(script.given), len(script.slept)) == (4, 3)


def test_waits_are_random_within_a_bound_that_doubles():
    waits: list[list[float]] = []
    for _ in range(200):
        script = Script(*(ModelError("server", "no") for _ in range(7)))
        script.patient(tries=8, deadline=1000)(REQUEST)
        waits.append(script.slept)
    for place, several in enumerate(zip(*waits, strict=True)):
        bound = min(LONGEST, BASE * 2**place)
        assert bound * 0.8 < max(several) <= bound
        assert min(several) < bound * 0.2


def test_a_server_that_asks_for_twenty_seconds_is_given_them():
    script = Script(ModelError("busy", "slow down", retry_after=20.0))
    assert script.patient()(REQUEST) == REPLY
    assert script.slept == [20.0]


def test_a_wait_that_passes_the_deadline_is_not_begun():
    script = Script(ModelError("busy", "slow down", retry_after=20.0), takes=101)
    with pytest.raises(ModelError, match="slow down"):
        script.patient(deadline=120)(REQUEST)
    assert script.slept == []


def test_a_try_is_given_what_is_left():
    script = Script(*(ModelError("busy", "no", retry_after=10.0) for _ in range(5)), takes=10)
    with pytest.raises(ModelError):
        script.patient(deadline=60)(REQUEST)
    assert script.given == [36, 40, 20]  # the first may take six tenths, so that one which hangs leaves time


@given(
    st.lists(st.tuples(st.sampled_from(PASSING), st.none() | st.floats(0, 60)), max_size=8),
    st.floats(0, 50),
    st.floats(1, 120),
)
def test_tries_and_waits_together_never_begin_after_the_deadline(failures, takes, deadline):
    script = Script(*(ModelError(kind, "no", retry_after=wait) for kind, wait in failures), takes=takes)
    try:
        assert script.patient(deadline=deadline)(REQUEST) == REPLY
    except ModelError:
        assert failures
    assert all(0 < seconds <= deadline for seconds in script.given)
    assert len(script.given) <= 6
    assert sum(script.slept) <= deadline


def test_stopping_ends_a_wait_and_no_further_try_is_made():
    stop = threading.Event()
    script = Script(*(ModelError("busy", "slow down", retry_after=60.0) for _ in range(5)))
    threading.Timer(0.1, stop.set).start()
    began = time.monotonic()
    with pytest.raises(ModelError):
        Patient(script, stop=stop)(REQUEST)
    assert time.monotonic() - began < 10
    assert len(script.given) == 1


def test_a_stopped_run_asks_nothing():
    stop = threading.Event()
    stop.set()
    script = Script()
    with pytest.raises(ModelError, match="stopped"):
        Patient(script, stop=stop)(REQUEST)
    assert script.given == []


# What a server asks for


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "20"}, 20.0),
        ({"retry-after": " 0.5 "}, 0.5),
        ({"retry-after": "0"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "86400"}, LONGEST_WAIT),
        ({"retry-after-ms": "1500"}, 1.5),
        ({"retry-after-ms": "1500", "retry-after": "20"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "20"}, 20.0),
        ({"retry-after": formatdate(1_700_000_030, usegmt=True)}, 30.0),
        ({"retry-after": formatdate(1_600_000_000, usegmt=True)}, 0.0),
        ({"retry-after": formatdate(1_800_000_000, usegmt=True)}, LONGEST_WAIT),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "Mon, 99 Foo 2026 99:99:99 GMT"}, None),
    ],
)
def test_what_a_server_asks_to_wait_is_read_as_seconds(headers, seconds):
    assert retry_after(headers, now=1_700_000_000) == seconds


@given(st.text())
def test_nonsense_in_the_header_is_never_more_than_no_wait(text):
    assert (
        retry_after({"retry-after": text, "retry-after-ms": text}) is None
        or 0 <= (retry_after({"retry-after": text}) or 0) <= LONGEST_WAIT
    )


# Over HTTP


def test_five_failures_of_a_server_and_then_an_answer_are_an_answer():
    waits: list[float] = []
    with endpoint(lambda _, number: completion("well") if number > 5 else error(500)) as fake:
        patient = Patient(Endpoint(fake.base_url, None, len), sleep=waits.append)
        assert patient(REQUEST).text == "well"
        assert len(fake.requests) == 6
    assert len(waits) == 5


def test_a_reset_a_cut_and_a_limit_of_rate_are_got_over():
    answers = [reset(completion("x" * 500)), cut(completion("x")), error(429, headers={"Retry-After": "20"})]
    waits: list[float] = []
    with endpoint(lambda _, number: answers[number - 1] if number <= 3 else completion("well")) as fake:
        assert Patient(Endpoint(fake.base_url, None, len), sleep=waits.append)(REQUEST).text == "well"
    assert waits[2] == 20.0


def test_a_spent_quota_ends_the_calls_at_once():
    with endpoint(lambda *_: error(429, code="insufficient_quota", headers={"Retry-After": "1"})) as fake:
        with pytest.raises(ModelError) as raised:
            Patient(Endpoint(fake.base_url, None, len))(REQUEST)
        assert len(fake.requests) == 1
    assert raised.value.kind == "quota"


@pytest.mark.parametrize("answer", [completion("", finish="content_filter"), completion(None, refusal="I will not")])
def test_a_refusal_starts_no_storm_of_retries(answer):
    with endpoint(lambda *_: answer) as fake:
        with pytest.raises(ModelError) as raised:
            Patient(Endpoint(fake.base_url, None, len))(REQUEST)
        assert len(fake.requests) == 1
    assert raised.value.kind == "refusal"
