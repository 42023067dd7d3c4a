"""The outbox: what each answer of a carrier comes to, and what is left by one that ended in the middle."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from briefing.deliver import stopping
from briefing.deliver.outbox import FIRST_WAIT, LONGEST_WAIT, Posted, Terms, post, wait_after
from briefing.errors import DeliveryFailed
from briefing.letters import Letter, Parcel, Receipt
from briefing.store import Database, editions, sends
from briefing.store.lock import AlreadyRunning, held
from briefing.store.recipients import bounced, leave
from briefing.store.sends import Send
from tests.stored import NOW
from tests.test_store_editions import LETTER, MONDAY

READERS = tuple(f"{name}@x.example" for name in "abc")


@dataclass
class Postman:
    """A carrier that answers as it is told, and keeps what it was handed."""

    answers: dict[str, Receipt | BaseException] = field(default_factory=dict)
    before: Callable[[Parcel], None] = lambda _: None
    handed: list[str] = field(default_factory=list)

    def __call__(self, parcel: Parcel, is_wanted: Callable[[], bool]) -> Receipt:
        answer = self.answers.get(parcel.recipient, Receipt("sent", "250 taken"))
        if isinstance(answer, DeliveryFailed):
            raise answer
        if isinstance(answer, Receipt) and answer.bounced:
            return answer
        self.before(parcel)
        if not is_wanted():
            return Receipt("dropped")
        self.handed.append(parcel.recipient)
        if isinstance(answer, BaseException):
            raise answer
        return answer


@dataclass
class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def filled(store: Database) -> Database:
    """A store with an edition that three readers wait for."""
    entered = store.write(editions.note_made, "morning", MONDAY, None, LETTER, NOW)
    store.write(sends.queue, entered, [(one, f"<{one}>") for one in READERS], NOW)
    return store


def compose(send: Send, letter: Letter) -> Parcel:
    return Parcel("us@x.example", send.recipient, f"{send.message_id} {letter.subject}".encode())


def posted(store: Database, postman: Postman, clock: Callable[[], datetime] = lambda: NOW, **terms) -> Posted:
    return post(store, postman, compose, clock, Terms(**terms))


def states(store: Database) -> list[str]:
    every = store.read(sends.in_state, "queued", "sending", "sent", "unknown", "failed")
    return [one.state for one in every]


def test_each_reader_is_sent_to_once_and_a_second_pass_has_nothing_to_do(filled):
    postman = Postman()
    assert [one.recipient for one in posted(filled, postman).sent] == list(READERS)
    assert posted(filled, postman) == Posted()
    assert postman.handed == list(READERS)


def test_more_messages_than_are_looked_up_at_once_all_go_out(store):
    entered = store.write(editions.note_made, "morning", MONDAY, None, LETTER, NOW)
    store.write(sends.queue, entered, [(f"{n}@x.example", f"<{n}>") for n in range(230)], NOW)
    postman = Postman()
    assert len(posted(store, postman).sent) == len(set(postman.handed)) == 230


def test_one_bad_address_never_stops_the_rest(filled):
    postman = Postman({READERS[0]: Receipt("refused", "550 no such user", bounced=True)})
    result = posted(filled, postman)
    assert [one.recipient for one, _ in result.refused] == [READERS[0]]
    assert states(filled) == ["failed", "sent", "sent"]
    assert filled.read(bounced)[READERS[0]].answer == "550 no such user"


def test_three_refusals_of_a_mailbox_in_a_row_suppress_it(filled):
    postman = Postman({READERS[0]: Receipt("refused", "550 no such user", bounced=True)})
    for number in range(3):
        day = MONDAY + timedelta(days=number + 1)
        entered = filled.write(editions.note_made, "morning", day, None, LETTER, NOW)
        filled.write(sends.queue, entered, [(READERS[0], f"<{day}>")], NOW)
    result = posted(filled, postman)
    assert result.suppressed == [READERS[0]]
    assert len(result.refused) == 3
    assert [one.recipient for one in result.dropped] == [READERS[0]]  # the fourth is not even asked for
    assert postman.handed == list(READERS[1:])


def test_a_refusal_that_is_not_the_mailboxes_does_not_count_against_it(filled):
    posted(filled, Postman({READERS[0]: Receipt("refused", "554 5.7.1 spam")}))
    assert filled.read(bounced) == {}


def test_a_mailbox_that_takes_a_message_has_no_refusals_any_more(filled):
    posted(filled, Postman({READERS[0]: Receipt("refused", "550", bounced=True)}))
    entered = filled.write(editions.note_made, "evening", MONDAY, None, LETTER, NOW)
    filled.write(sends.queue, entered, [(READERS[0], "<again>")], NOW)
    posted(filled, Postman())
    assert filled.read(bounced) == {}


def test_what_is_turned_away_is_tried_later_and_at_ever_longer_intervals(filled):
    postman, clock = Postman({READERS[0]: Receipt("later", "450 greylisted")}), Clock()
    waits = []
    for _ in range(4):
        posted(filled, postman, clock)
        (waiting,) = filled.read(sends.in_state, "queued")
        waits.append(waiting.next_at - clock.now)
        assert posted(filled, postman, clock).later == []
        clock.now = waiting.next_at
    assert [wait >= FIRST_WAIT * 2**n for n, wait in enumerate(waits)] == [True] * 4
    postman.answers.clear()
    assert [one.recipient for one in posted(filled, postman, clock).sent] == [READERS[0]]


def test_no_wait_is_longer_than_its_bound():
    waits = [wait_after(tries) for tries in range(60)]
    assert min(waits) >= FIRST_WAIT
    assert max(waits) <= LONGEST_WAIT * 1.25


def test_what_was_turned_away_for_a_day_is_given_up_and_told(filled):
    postman, clock = Postman({one: Receipt("later", "450 busy") for one in READERS}), Clock()
    refused: list[str] = []
    while clock.now < NOW + timedelta(hours=30):
        refused += [one.recipient for one, _ in posted(filled, postman, clock).refused]
        assert clock.now <= NOW + timedelta(hours=24) or states(filled) == ["failed"] * 3
        clock.now += timedelta(minutes=30)
    assert refused == list(READERS)
    tries = [one.tries for one in filled.read(sends.in_state, "failed")]
    assert min(tries) >= 8


def test_a_server_that_cannot_be_used_keeps_all_in_the_outbox(filled):
    result = posted(filled, Postman({READERS[1]: DeliveryFailed("mail.example:587: refused")}))
    assert (len(result.sent), result.failure, result.unsent) == (1, "mail.example:587: refused", 2)
    assert states(filled) == ["sent", "queued", "queued"]
    later = Clock(NOW + timedelta(minutes=10))
    assert len(posted(filled, Postman(), later).sent) == 2


def test_a_message_that_no_answer_came_to_is_unknown_and_held(filled):
    postman = Postman({READERS[0]: Receipt("unknown", "no answer")})
    assert [one.recipient for one in posted(filled, postman).unknown] == [READERS[0]]
    (unknown,) = filled.read(sends.in_state, "unknown")
    assert posted(filled, postman) == Posted(held=[unknown])  # told until somebody decides
    assert postman.handed == list(READERS)


def test_with_resend_it_goes_out_again_under_the_id_that_it_had(filled):
    seen: list[bytes] = []
    postman = Postman({READERS[0]: Receipt("unknown", "no answer")}, before=lambda parcel: seen.append(parcel.data))
    posted(filled, postman, resend_unknown=True)
    postman.answers.clear()
    assert [one.recipient for one in posted(filled, postman, resend_unknown=True).sent] == [READERS[0]]
    assert seen.count(seen[0]) == 2
    assert states(filled) == ["sent"] * 3


def test_one_who_unsubscribes_between_the_servers_word_and_ours_gets_nothing(filled):
    def unsubscribe(parcel: Parcel) -> None:
        if parcel.recipient == READERS[1]:
            filled.write(leave, "morning", READERS[1], NOW)

    postman = Postman(before=unsubscribe)
    assert [one.recipient for one in posted(filled, postman).dropped] == [READERS[1]]
    assert postman.handed == [READERS[0], READERS[2]]


def test_a_program_that_ended_in_the_middle_leaves_one_message_in_doubt_and_the_rest_to_the_next(filled):
    with pytest.raises(KeyboardInterrupt):
        posted(filled, Postman({READERS[1]: KeyboardInterrupt()}))
    assert states(filled) == ["sent", "sending", "queued"]
    result = posted(filled, Postman())
    assert [one.recipient for one in result.doubted] == [READERS[1]]
    assert [one.recipient for one in result.sent] == [READERS[2]]
    assert states(filled) == ["sent", "unknown", "sent"]


def test_while_one_program_sends_another_says_so_and_sends_nothing(filled):
    postman = Postman()
    with held(filled, "send"), pytest.raises(AlreadyRunning):
        posted(filled, postman)
    assert postman.handed == []


def test_a_letter_that_is_kept_no_longer_is_told_and_not_sent(filled):
    posted(filled, Postman({READERS[0]: Receipt("unknown", None)}))
    (unknown,) = filled.read(sends.in_state, "unknown")
    filled.write(sends.drop_unknown, NOW)
    filled.write(editions.forget_letters, NOW + timedelta(days=8))
    filled.write(
        lambda connection: connection.exec_driver_sql("UPDATE sends SET state = 'queued' WHERE state = 'failed'")
    )
    postman = Postman()
    ((refused, why),) = posted(filled, postman).refused
    assert (refused.id, postman.handed) == (unknown.id, [])
    assert "kept no longer" in str(why)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_pass_after_the_message_under_way(filled, number):
    postman = Postman(before=lambda _: signal.raise_signal(number))
    result = posted(filled, postman)
    assert result.stopped == number
    assert states(filled) == ["sent", "queued", "queued"]


def test_a_signal_ends_a_message_that_takes_too_long_and_leaves_it_in_doubt(filled, monkeypatch):
    monkeypatch.setattr(stopping, "PATIENCE", 0.1)
    release = threading.Event()

    def hang(_: Parcel) -> None:
        filled.write(sends.begin, filled.read(sends.due, NOW)[0], NOW)
        os.kill(os.getpid(), signal.SIGTERM)
        release.wait(30)

    with pytest.raises(SystemExit) as ended:
        posted(filled, Postman(before=hang))
    assert ended.value.code == 128 + signal.SIGTERM
    assert states(filled) == ["sending", "queued", "queued"]
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
