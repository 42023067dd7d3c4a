"""Caps and the ledger: whatever happens, no more is spent than a call beyond the cap, and nothing is forgotten."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.errors import Failure, ModelError, UsageError
from briefing.llm.caps import Budget, Caps, Price, cost
from briefing.ports import Message, Reply, Request
from briefing.store import StoreError, open_store
from briefing.store.spending import Spending

DAY = "2024-10-22"
NONE = Caps()
PRICE = Price(input=1.0, output=10.0)


def request(words: int = 100, max_tokens: int = 50, model: str = "m") -> Request:
    text = "x" * words
    return Request(
        prompt="write", about="Ferry", model=model, messages=(Message("user", text),), schema={}, max_tokens=max_tokens
    )


def length(one: Request) -> int:
    return len(one.messages[0].content)


class Model:
    """An endpoint: what it is asked costs `takes` tokens in and out, or comes to nothing."""

    def __init__(self, takes: tuple[int, int] = (100, 50), error: ModelError | None = None) -> None:
        self.takes, self.error = takes, error
        self.tokens, self.calls = 0, 0
        self.lock = threading.Lock()

    def __call__(self, one: Request, _: float) -> Reply:
        with self.lock:
            self.calls += 1
            if self.error is not None:
                raise ModelError(
                    self.error.kind, str(self.error), tokens_in=self.error.tokens_in, tokens_out=self.error.tokens_out
                )
            self.tokens += sum(self.takes)
        return Reply(text="{}", model=one.model, tokens_in=self.takes[0], tokens_out=self.takes[1])


def budget(
    model: Callable[[Request, float], Reply],
    caps: Caps = NONE,
    ledger: Spending | None = None,
    price: Mapping[str, Price] | None = None,
    **fields: Any,
) -> Budget:
    given_fields = {"count": length, "day": lambda: DAY, "run": "r1", **fields}
    return Budget(model, caps, ledger or Ledger(), price or {}, **given_fields)


def Ledger(place: str | Path = ":memory:") -> Spending:  # noqa: N802 - a ledger of a store of its own
    return Spending(open_store(place))


SHARED = Ledger()


def spent(ledger: Spending) -> tuple[int, float]:
    tokens, money = ledger.spent(DAY)
    return tokens, round(money, 9)


def until_capped(ask: Budget, one: Request | None = None, most: int = 1000) -> int:
    """How many tries were made before the cap."""
    for number in range(most):
        try:
            ask(one or request(), 1.0)
        except ModelError as error:
            if error.kind == "cap":
                return number
    return most


# Price


def test_a_price_is_for_a_million_tokens():
    assert cost(Price(0.25, 2.0), 2_000_000, 500_000) == 1.5
    assert cost(None, 5, 5) is None


# What a call counts


def test_an_answer_counts_what_it_took():
    ledger = Ledger()
    budget(Model((80, 5)), ledger=ledger, price={"m": PRICE})(request(), 1.0)
    assert spent(ledger) == (85, 130e-6)


def test_while_a_call_is_made_it_counts_in_full():
    ledger = Ledger()
    seen = []

    def look(one: Request, _: float) -> Reply:
        seen.append(spent(ledger))
        return Reply(text="", model="m", tokens_in=1, tokens_out=1)

    budget(look, ledger=ledger, price={"m": PRICE})(request(), 1.0)
    assert seen == [(150, 600e-6)]


@pytest.mark.parametrize(
    "kind", ["connection", "busy", "quota", "key", "model", "request", "context", "server", "refusal", "circuit"]
)
def test_a_failure_that_costs_nothing_counts_nothing(kind: Failure):
    ledger = Ledger()
    with pytest.raises(ModelError, match="no"):
        budget(Model(error=ModelError(kind, "no")), ledger=ledger)(request(), 1.0)
    assert ledger.spent(DAY) == (0, 0.0)


@pytest.mark.parametrize("kind", ["timeout", "body"])
def test_a_failure_that_may_have_been_paid_counts_in_full(kind: Failure):
    ledger = Ledger()
    with pytest.raises(ModelError):
        budget(Model(error=ModelError(kind, "no")), ledger=ledger)(request(), 1.0)
    assert ledger.spent(DAY).tokens == 150


@pytest.mark.parametrize("kind", ["timeout", "body", "server", "refusal", "length", "answer", "connection"])
def test_a_failure_that_says_what_it_took_counts_that(kind: Failure):
    ledger = Ledger()
    failing = Model(error=ModelError(kind, "no", tokens_in=90, tokens_out=3))
    with pytest.raises(ModelError):
        budget(failing, ledger=ledger, price={"m": PRICE})(request(), 1.0)
    assert spent(ledger) == (93, 120e-6)


def test_a_call_that_ends_in_a_bug_or_an_interrupt_counts_in_full():
    ledger = Ledger()

    def interrupted(*_: object) -> Reply:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        budget(interrupted, ledger=ledger)(request(), 1.0)
    assert ledger.spent(DAY).tokens == 150


# The caps


@pytest.mark.parametrize(
    ("caps", "setting"),
    [
        (Caps(tokens_per_run=1000), "tokens_per_run"),
        (Caps(tokens_per_day=1000), "tokens_per_day"),
        (Caps(cost_per_run=0.004), "cost_per_run"),
        (Caps(cost_per_day=0.004), "cost_per_day"),
    ],
)
def test_a_cap_stops_calls_before_it_is_passed_and_names_its_setting(caps, setting):
    model, ledger = Model(), Ledger()
    ask = budget(model, caps, ledger, {"m": PRICE})
    assert until_capped(ask) == 6
    with pytest.raises(ModelError, match=f"raise {setting}") as caught:
        ask(request(), 1.0)
    assert caught.value.kind == "cap"
    assert model.calls == 6
    assert ledger.spent(DAY).tokens == 900


def test_what_just_fits_is_asked_in_money_as_in_tokens():
    assert until_capped(budget(Model(), Caps(tokens_per_run=450))) == 3
    tenths = Price(input=100_000.0, output=0.0)
    assert until_capped(budget(Model((1, 0)), Caps(cost_per_run=0.3), price={"m": tenths}), request(1, 0)) == 3


def test_a_smaller_request_may_fit_where_a_larger_one_does_not():
    ask = budget(Model((10, 5)), Caps(tokens_per_run=100))
    with pytest.raises(ModelError):
        ask(request(90, 50), 1.0)
    ask(request(50, 50), 1.0)


def test_without_a_cap_nothing_stops_and_everything_is_counted():
    ledger = Ledger()
    assert until_capped(budget(Model(), ledger=ledger), most=50) == 50
    assert ledger.spent(DAY).tokens == 50 * 150


def test_the_cap_of_a_run_is_its_own_and_that_of_a_day_is_everybodys():
    ledger, caps = Ledger(), Caps(tokens_per_run=300, tokens_per_day=750)
    assert [until_capped(budget(Model(), caps, ledger, run=f"r{n}")) for n in range(4)] == [2, 2, 1, 0]


def test_a_new_day_begins_at_zero_even_within_a_run():
    days = iter(["2024-10-22"] * 3 + ["2024-10-23"] * 3)
    ask = budget(Model(), Caps(tokens_per_day=300), day=lambda: next(days))
    ask(request(), 1.0)
    ask(request(), 1.0)
    with pytest.raises(ModelError):
        ask(request(), 1.0)
    ask(request(), 1.0)


@pytest.mark.parametrize("caps", [Caps(cost_per_run=1.0), Caps(cost_per_day=1.0)])
def test_a_cap_in_money_wants_a_price(caps):
    with pytest.raises(UsageError, match="set prices"):
        budget(Model(), caps)
    with pytest.raises(UsageError, match=r"'judge'.*prices"):
        budget(Model(), caps, price={"m": PRICE}, models=("m", "judge"))
    model = Model()
    with pytest.raises(UsageError, match=r"'other'.*prices"):
        budget(model, caps, price={"m": PRICE})(request(model="other"), 1.0)
    assert model.calls == 0


# Runaways


@pytest.mark.parametrize("takes", [(100, 50), (20, 5), (250, 50)], ids=["as counted", "less", "more than counted"])
def test_eight_threads_at_once_spend_no_more_than_a_call_beyond_the_cap(takes):
    model, cap = Model(takes), 20_000
    ask = budget(model, Caps(tokens_per_day=cap), Ledger())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: until_capped(ask, most=300), range(8)))
    assert cap - 600 <= model.tokens <= cap + sum(takes)


def test_every_try_of_a_retry_loop_is_reserved():
    model = Model(error=ModelError("timeout", "no answer"))
    assert until_capped(budget(model, Caps(tokens_per_run=1000))) == 6
    assert model.calls == 6


def test_ten_times_the_articles_cost_no_more_than_the_cap():
    taken = []
    for requests in (10, 100):
        model = Model()
        until_capped(budget(model, Caps(tokens_per_run=3000)), most=requests)
        taken.append(model.tokens)
    assert taken == [1500, 3000]


def test_a_price_that_rises_between_runs_holds_for_what_is_spent_from_then_on(tmp_path):
    caps, path = Caps(cost_per_day=0.006), tmp_path / "store.sqlite"
    dear = Price(PRICE.input * 10, PRICE.output * 10)
    cheap_calls = until_capped(budget(Model(), caps, Ledger(path), {"m": PRICE}), most=5)
    dear_calls = until_capped(budget(Model(), caps, Ledger(path), {"m": dear}, run="r2"))
    assert (cheap_calls, dear_calls) == (5, 0)
    assert Ledger(path).spent(DAY).cost == pytest.approx(0.003)


def test_what_was_spent_without_a_price_counts_at_the_highest_price_once_there_is_one(tmp_path):
    path = tmp_path / "store.sqlite"
    until_capped(budget(Model(), ledger=Ledger(path)), most=4)  # 600 tokens: at most 0.006
    caps = Caps(cost_per_day=0.0072)
    assert until_capped(budget(Model(), caps, Ledger(path), {"m": PRICE}, run="r2")) == 2


def test_a_crash_loop_stops_at_the_cap_of_the_day(tmp_path):
    calls = []

    def crash(*_: object) -> Reply:
        calls.append(1)
        raise SystemExit

    for number in range(20):
        ask = budget(crash, Caps(tokens_per_day=1000), Ledger(tmp_path / "store.sqlite"), run=f"r{number}")
        with pytest.raises(SystemExit if number < 6 else ModelError):
            ask(request(), 1.0)
    assert len(calls) == 6


@given(
    st.lists(st.tuples(st.integers(1, 300), st.integers(0, 100), st.floats(0, 1)), max_size=40), st.integers(0, 3000)
)
def test_no_row_of_calls_passes_the_cap_where_none_takes_more_than_counted(calls, cap):
    ledger, own = SHARED, uuid4().hex  # a day of its own
    for words, most, share in calls:
        takes = (words, int(most * share))
        before, model = ledger.spent(own).tokens, Model(takes)
        asked = until_capped(
            budget(model, Caps(tokens_per_day=cap), ledger, day=lambda: own), request(words, most), most=1
        )
        assert asked == model.calls == (before + words + most <= cap)
    assert ledger.spent(own).tokens <= cap


# A ledger that fails


def test_a_paid_answer_is_not_lost_where_the_ledger_fails_after_it(monkeypatch, caplog):
    ledger = Ledger()

    def fail(*_: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(ledger, "settle", fail)
    with caplog.at_level(logging.WARNING):
        assert budget(Model(), ledger=ledger)(request(), 1.0).text == "{}"
    assert "the disk is full" in caplog.text
    assert ledger.spent(DAY).tokens == 150
