"""Parcels over SMTP to a real server that goes wrong at every step: what is known of each message afterwards."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from briefing.deliver.dialogue import SHOWN
from briefing.deliver.message import Envelope, parcel
from briefing.deliver.smtp import Server, Smtp
from briefing.errors import DeliveryFailed
from briefing.letters import UNSUBSCRIBE, Letter, Parcel, Receipt
from tests.mail_server import CLOSE, DRIP, HANG, RESET, STALL, TAKE_AND_CLOSE, Fault, MailServer, Message, mail_server

BODY = b"From: b@example.org\r\nSubject: x\r\n\r\nHello.\r\n"
HOLDS = 0.2  # seconds for a step; what hangs, hangs for ever


def to(name: str = "ada", data: bytes = BODY) -> Parcel:
    return Parcel("b@example.org", f"{name}@example.org", data)


def at(server: MailServer, security: str = "none", **changes) -> Smtp:
    given = {"timeout": HOLDS, "answer_timeout": HOLDS, "local_name": "desk.example.org", **changes}
    return Smtp(Server(server.host, server.port, security, **given))  # type: ignore[arg-type]


def once(fault: Fault) -> Callable[[Any], Fault]:
    left = [fault]
    return lambda _: left.pop() if left else None


def always() -> bool:
    return True


def failure(carrier: Smtp, sent: Parcel | None = None) -> str:
    with carrier, pytest.raises(DeliveryFailed) as caught:
        carrier(sent or to(), always)
    text = str(caught.value)
    assert text.isprintable()
    return text


def test_many_parcels_go_over_one_connection_each_to_one_recipient():
    with mail_server() as server:
        with at(server) as carrier:
            receipts = [carrier(to(f"r{number}"), always) for number in range(5)]
        assert receipts == [Receipt("sent", "250 2.0.0 taken")] * 5
        assert server.connections == 1
        assert server.verbs == ["EHLO", *("MAIL", "RCPT", "DATA") * 5, "QUIT"]
        assert server.commands[0] == (False, "EHLO desk.example.org")
        assert server.messages == [Message("b@example.org", f"r{n}@example.org", BODY) for n in range(5)]


def test_no_server_is_asked_before_there_is_a_parcel():
    with mail_server() as server:
        with at(server):
            pass
        assert server.connections == 0


def test_a_connection_that_ended_in_between_is_made_anew_and_nothing_is_lost():
    with mail_server() as server:
        with at(server) as carrier:
            assert carrier(to("one"), always).outcome == "sent"
            faults: list[Fault] = ["421 4.4.2 idle for too long", CLOSE, RESET]
            for number, fault in enumerate(faults):
                server.faults["mail"] = once(fault)
                assert carrier(to(f"next{number}"), always).outcome == "sent"
        assert server.recipients == ["one@example.org", *(f"next{number}@example.org" for number in range(3))]
        assert server.connections == 4


ANSWERS = [
    ("mail", "451 4.7.1 wait", "later", False),
    ("mail", "452 4.3.1 no room", "later", False),
    ("mail", "552 5.3.4 too big for us", "refused", False),
    ("rcpt", "450 4.2.0 greylisted", "later", False),
    ("rcpt", "452 4.2.2 mailbox full", "later", False),
    ("rcpt", "550 5.1.1 no such user", "refused", True),
    ("rcpt", "550-5.1.1 no such user\r\n550 5.1.1 look it up", "refused", True),
    ("rcpt", "553 5.1.3 what is this", "refused", True),
    ("rcpt", "556 5.1.10 takes no mail", "refused", True),
    ("rcpt", "550 5.2.1 mailbox disabled", "refused", True),
    ("rcpt", "550 No such user here", "refused", True),
    ("rcpt", "551 User not local", "refused", True),
    ("rcpt", "550 5.7.1 not from you", "refused", False),
    ("rcpt", "550 5.1.8 bad sender", "refused", False),
    ("rcpt", "552 5.2.2 mailbox full", "refused", False),
    ("rcpt", "550 relaying denied", "refused", False),
    ("rcpt", "550 looks like spam", "refused", False),
    ("rcpt", "554 no", "refused", False),
    ("data", "451 4.3.0 later", "later", False),
    ("data", "554 5.5.1 no", "refused", False),
    ("data", "530 5.7.0 log in", "later", False),
    ("dot", "451 4.3.0 later", "later", False),
    ("dot", "550 5.1.1 no such user", "refused", False),
    ("dot", "554 5.6.0 not this", "refused", False),
]


@pytest.mark.parametrize(("step", "answer", "outcome", "bounced"), ANSWERS)
def test_an_answer_decides_and_the_next_parcel_goes_on(step, answer, outcome, bounced):
    with mail_server(**{step: answer}) as server:
        with at(server) as carrier:
            receipt = carrier(to("one"), always)
            del server.faults[step]
            assert carrier(to("two"), always).outcome == "sent"
        assert (receipt.outcome, receipt.bounced) == (outcome, bounced)
        assert receipt.answer is not None
        assert receipt.answer[:3] == answer[:3]
        assert server.recipients == ["two@example.org"]
        assert server.connections == 1
        assert "RSET" in server.verbs


ENDS = [CLOSE, RESET, HANG, DRIP, "421 4.3.2 closing", "not SMTP at all", "250-" + "x" * 20_000]
STEPS = [
    *((step, end, "later") for step in ("mail", "rcpt", "data") for end in ENDS),
    *(("dot", end, "unknown") for end in (CLOSE, RESET, HANG, DRIP, "not SMTP", "354 again", TAKE_AND_CLOSE)),
    ("dot", "421 4.3.2 closing", "later"),
    ("rcpt", "354 go on", "later"),
    ("data", "250 fine", "later"),
    ("data", "354 go on\r\n250 taken", "later"),
]


@pytest.mark.parametrize(("step", "end", "outcome"), STEPS)
def test_where_the_connection_ends_decides_what_is_known(step, end, outcome):
    began = time.monotonic()
    with mail_server(**{step: end}) as server:
        with at(server) as carrier:
            receipt = carrier(to("one"), always)
            del server.faults[step]
            assert carrier(to("two"), always).outcome == "sent"
        assert (receipt.outcome, receipt.bounced) == (outcome, False)
        assert receipt.answer
        assert server.recipients[-1] == "two@example.org"
        assert server.recipients.count("one@example.org") == (end is TAKE_AND_CLOSE)
        assert server.connections == 2
    assert time.monotonic() - began < HOLDS + 1


@pytest.mark.parametrize("step", ["rcpt", "dot"])
def test_two_ends_in_a_row_make_the_rest_of_the_list_wait(step):
    faults: dict[str, Any] = {step: CLOSE}
    with mail_server(**faults) as server:
        with at(server) as carrier:
            assert {carrier(to("one"), always).outcome, carrier(to("two"), always).outcome} <= {"later", "unknown"}
            for _ in range(2):
                with pytest.raises(DeliveryFailed, match=r"2 times in a row .*the rest waits"):
                    carrier(to("three"), always)
        assert server.connections == 2


def test_ends_that_are_not_in_a_row_are_borne():
    def every_second(message: Message) -> Fault:
        return CLOSE if message.recipient.startswith("bad") else None

    with mail_server(dot=every_second) as server, at(server) as carrier:
        outcomes = [carrier(to(name), always).outcome for name in ("bad1", "a", "bad2", "b", "bad3", "c")]
        assert outcomes == ["unknown", "sent"] * 3
        assert server.recipients == ["a@example.org", "b@example.org", "c@example.org"]


@pytest.mark.parametrize("step", ["greeting", "ehlo"])
@pytest.mark.parametrize("end", [CLOSE, HANG, DRIP, "421 4.3.2 not now", "554 5.7.1 not you"])
def test_a_server_that_cannot_be_begun_with_is_no_recipients_fault(step, end):
    faults: dict[str, Any] = {"greeting": end} if step == "greeting" else {"ehlo": end, "helo": end}
    with mail_server(**faults) as server:
        told = failure(at(server))
        assert f"127.0.0.1:{server.port}: " in told
        assert server.messages == []


def test_a_server_that_knows_only_helo_is_spoken_to_so():
    with mail_server(ehlo="502 5.5.1 what?") as server, at(server) as carrier:
        assert carrier(to(), always).outcome == "sent"
        assert server.verbs[:3] == ["EHLO", "HELO", "MAIL"]


def test_one_bad_recipient_of_fifty_changes_nothing_for_the_others():
    def one_bad(address: str) -> str | None:
        return "550 5.1.1 no such user" if address == "r17@example.org" else None

    with mail_server(rcpt=one_bad) as server:
        with at(server) as carrier:
            outcomes = [carrier(to(f"r{number}"), always).outcome for number in range(50)]
        assert outcomes == ["refused" if number == 17 else "sent" for number in range(50)]
        assert server.recipients == [f"r{number}@example.org" for number in range(50) if number != 17]


def test_a_parcel_is_asked_about_once_after_the_recipient_and_before_anything_of_it():
    with mail_server() as server, at(server) as carrier:
        asked: list[list[str]] = []

        def is_wanted() -> bool:
            asked.append(server.verbs)
            return len(asked) > 1

        assert carrier(to("gone"), is_wanted) == Receipt("dropped")
        assert carrier(to("stays"), is_wanted).outcome == "sent"
        assert asked == [["EHLO", "MAIL", "RCPT"], ["EHLO", "MAIL", "RCPT", "RSET", "MAIL", "RCPT"]]
        assert server.recipients == ["stays@example.org"]


def test_an_error_of_whoever_is_asked_ends_the_connection_and_sends_nothing():
    def fails() -> bool:
        raise KeyboardInterrupt

    with mail_server() as server:
        with at(server) as carrier:
            with pytest.raises(KeyboardInterrupt):
                carrier(to("one"), fails)
            assert carrier(to("two"), always).outcome == "sent"
        assert server.recipients == ["two@example.org"]


@pytest.mark.parametrize(("step", "answer"), [("mail", "550 5.7.1 not yours"), ("rcpt", "530 5.7.0 log in")])
def test_a_sender_who_may_not_send_is_no_recipients_fault(step, answer):
    with mail_server(**{step: answer}) as server:
        told = failure(at(server))
    assert answer in told
    assert "under [mail]" in told


def test_a_reader_who_takes_nothing_ends_in_time_and_nothing_was_handed_over():
    big = to(data=BODY + b"x" * 900 + b"\r\n" * 12 * 2**20)
    began = time.monotonic()
    with mail_server(data=STALL) as server, at(server, answer_timeout=5.0) as carrier:
        assert carrier(big, always).outcome == "later"
        assert time.monotonic() - began < 4


def test_thirty_megabytes_arrive():
    big = to(data=BODY + (b"." + b"y" * 900 + b"\r\n") * 33_000)
    with mail_server() as server, at(server, timeout=5.0, answer_timeout=20.0) as carrier:
        assert carrier(big, always).outcome == "sent"
        assert server.messages[0].data == big.data


def test_a_message_larger_than_the_server_takes_is_not_sent():
    with mail_server(size=10_000) as server, at(server) as carrier:
        receipt = carrier(to(data=BODY + b"z\r\n" * 5_000), always)
        assert receipt == Receipt(
            "refused",
            f"not sent: the message has {len(BODY) + 15_000:,} bytes, and 127.0.0.1:{server.port} takes 10,000 at most",
        )
        assert server.verbs == ["EHLO"]
        assert carrier(to(), always).outcome == "sent"


LINES = b".\r\n..\r\n.x\r\n\r\n.\r\n" + b"w" * 998 + b"\r\n. \r\n.."


def test_dots_at_the_beginning_of_lines_arrive_as_they_are():
    with mail_server() as server, at(server) as carrier:
        assert carrier(to(data=LINES), always).outcome == "sent"
        assert carrier(to(data=BODY), always).outcome == "sent"
        assert [message.data for message in server.messages] == [LINES + b"\r\n", BODY]


@pytest.mark.parametrize("end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r.\r\n", b"\r\n.\n", b"\r\n.\r", b"\r\n.\r\n"])
def test_no_second_message_is_smuggled_in_behind_an_end_that_some_servers_take_for_one(end):
    inside = b"MAIL FROM:<x@example.org>\r\nRCPT TO:<evil@example.org>\r\nDATA\r\n"
    with mail_server() as server, at(server) as carrier:
        assert carrier(to(data=BODY + b"x" + end + inside), always).outcome == "sent"
        assert server.verbs == ["EHLO", "MAIL", "RCPT", "DATA"]
        assert server.messages[0].data == BODY + b"x\r\n.\r\n" + inside


def test_a_hostile_subject_goes_to_one_recipient_with_our_fields_alone():
    hostile = (
        "News\r\nBcc: evil@example.org\r\n\r\n.\r\nRCPT TO:<evil@example.org> =?utf-8?q?=0D=0ABcc:_evil@example.org?="
    )
    letter = Letter(hostile, f"<p>{UNSUBSCRIBE}</p>", f"{hostile}\n{UNSUBSCRIBE}\n", datetime.now(UTC))
    envelope = Envelope(
        "B <b@example.org>", None, "B <b.example.org>", "<1@example.org>", "https://e.org/", one_click=True
    )
    sent = parcel(letter, "ada@example.org", envelope)
    with mail_server() as server, at(server) as carrier:
        assert carrier(sent, always).outcome == "sent"
        assert server.messages == [Message("b@example.org", "ada@example.org", sent.data)]
        head = server.messages[0].data.partition(b"\r\n\r\n")[0]
        assert b"\r\nBcc" not in head
        assert server.verbs.count("RCPT") == 1


def test_an_address_beyond_ascii_needs_a_server_that_knows_it():
    far = Parcel("b@example.org", "grüße@xn--bcher-kva.example", b"To: gr\xc3\xbc\xc3\x9fe\r\n\r\n", international=True)
    with mail_server() as server, at(server) as carrier:
        assert carrier(far, always).outcome == "sent"
        assert server.recipients == [far.recipient]
        assert server.commands[1][1].endswith("SIZE=15 BODY=8BITMIME SMTPUTF8")
        assert carrier(to(), always).outcome == "sent"
        assert server.commands[-3][1] == f"MAIL FROM:<b@example.org> SIZE={len(BODY)}"
    with mail_server(smtputf8=False) as server, at(server) as carrier:
        receipt = carrier(far, always)
        assert (receipt.outcome, receipt.bounced) == ("refused", False)
        assert "no SMTPUTF8" in str(receipt.answer)
        assert carrier(to(), always).outcome == "sent"


@pytest.mark.parametrize("recipient", ["a@e.org> <b@e.org", "a@e.org\r\nDATA", "a b@e.org", "a", "", "a@e.org SIZE=1"])
def test_what_is_no_address_says_nothing_to_the_server(recipient):
    with mail_server() as server, at(server) as carrier:
        assert carrier(Parcel("b@example.org", recipient, BODY), always).outcome == "refused"
        assert server.verbs == ["EHLO"]


def test_a_server_that_is_not_there_is_told_with_the_fix():
    with mail_server() as server:
        gone = at(server)
    assert "nothing listens there; check host and port under [mail]" in failure(gone)


def test_a_name_that_no_one_knows_is_told():
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    def slow(host: str, port: int) -> list[str]:
        time.sleep(1)
        return []

    server = Server("mail.example.invalid", 587, timeout=HOLDS)
    assert "mail.example.invalid:587: the name mail.example.invalid was not found" in failure(Smtp(server, unknown))
    assert "no name server answered in time" in failure(Smtp(server, slow))


def test_an_answer_is_told_in_one_short_printable_line():
    with mail_server(rcpt="550 5.7.1 \x1b[31mno\x00\x07\u202e " + "long " * 200) as server, at(server) as carrier:
        answer = carrier(to(), always).answer
    assert answer is not None
    assert answer.startswith("550 5.7.1 [31mno long")
    assert answer.isprintable()
    assert len(answer) <= SHOWN + 4


def test_the_answer_to_a_message_has_more_time_than_a_command():
    def slow(_: Message) -> None:
        time.sleep(2 * HOLDS)

    with mail_server(dot=slow) as server, at(server, answer_timeout=5.0) as carrier:
        assert carrier(to(), always).outcome == "sent"
        assert carrier(to(), always).outcome == "sent"
        assert server.connections == 1


@pytest.mark.parametrize("end", [CLOSE, HANG, "554 5.0.0 no"])
def test_a_reset_that_fails_costs_only_the_connection(end):
    with mail_server(rcpt=lambda address: "550 5.1.1 no" if address[0] == "x" else None, rset=end) as server:
        with at(server) as carrier:
            outcomes = [carrier(to(name), always).outcome for name in ("x1", "a", "x2", "x3", "x4", "b")]
        assert outcomes == ["refused", "sent", "refused", "refused", "refused", "sent"]
        assert server.recipients == ["a@example.org", "b@example.org"]


def test_a_server_that_does_not_say_goodbye_holds_nobody_up():
    began = time.monotonic()
    with mail_server(quit=HANG) as server:
        with at(server) as carrier:
            assert carrier(to(), always).outcome == "sent"
        assert server.verbs[-1] == "QUIT"
    assert time.monotonic() - began < HOLDS + 1


def test_a_hook_of_the_server_sees_a_message_when_its_answer_is_out():
    seen = []
    with mail_server() as server:
        server.on_sent(lambda message: seen.append((message, list(server.messages))))
        with at(server) as carrier:
            assert carrier(to(), always).outcome == "sent"
        assert seen == [(server.messages[0], server.messages)]
