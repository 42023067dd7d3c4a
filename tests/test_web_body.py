"""Decoding within a limit, and what servers ask to wait."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, formatdate

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from briefing.web.body import PIECE, read
from briefing.web.failures import Cut, Fault, refused_by, seconds_to_wait

BIG = 10 * 1024 * 1024


def bare(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-15)
    return engine.compress(data) + engine.flush()


CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate, identity": bare,
}


@given(st.binary(max_size=2000), st.sampled_from(sorted(CODINGS)), st.integers(1, 64), st.integers(1, 50))
def test_a_body_comes_back_as_it_was_however_it_was_cut_into_pieces(data, coding, size, times):
    encoded = CODINGS[coding](data * times)
    pieces = [encoded[start : start + size * times] for start in range(0, len(encoded), size * times)]
    assert read(pieces, coding, BIG) == (data * times, False)


@given(st.integers(1, 3), st.integers(-2, 300), st.sampled_from(["gzip", "deflate", "deflate, identity"]))
@example(1, 1, "deflate, identity")  # the last bytes wait inside the engine when all of the input has been taken
def test_a_body_about_as_long_as_what_is_decoded_at_once_is_whole(pieces, more, coding):
    data = b"x" * (pieces * PIECE + more)
    assert read([CODINGS[coding](data)], coding, BIG) == (data, False)


def test_gzip_in_several_members_is_read_to_its_end_and_what_follows_is_not():
    encoded = gzip.compress(b"one ", mtime=0) + gzip.compress(b"two", mtime=0)
    assert read([encoded], "gzip", BIG) == (b"one two", False)
    assert read([encoded + b"\0\0\0 rubbish"], "gzip", BIG) == (b"one two", False)
    assert read([encoded, b"more", b"rubbish"], "gzip", BIG) == (b"one two", False)


@given(st.binary(min_size=1, max_size=500), st.sampled_from(["gzip", "deflate"]), st.data())
def test_a_coding_that_is_cut_short_gives_what_came_as_damaged(data, coding, draw):
    encoded = CODINGS[coding](data)
    kept = draw.draw(st.integers(2, len(encoded) - 1))
    body, damaged = read([encoded[:kept]], coding, BIG)
    assert damaged
    assert data.startswith(body)


def test_a_connection_that_is_cut_gives_what_came_as_damaged():
    def pieces() -> Iterator[bytes]:
        yield b"so "
        yield b"far"
        raise Cut

    assert read(pieces(), "", BIG) == (b"so far", True)


@pytest.mark.parametrize(
    "coding", ["br", "zstd", "compress", "gzip, gzip", "gzip, br", "chunked", "nonsense", "gzip;q=1"]
)
def test_a_coding_that_was_not_asked_for_is_refused(coding):
    with pytest.raises(Fault, match="gzip, deflate") as caught:
        read([b"x"], coding, BIG)
    assert caught.value.kind == "coding"


@given(st.binary(min_size=2, max_size=300), st.sampled_from(["gzip", "deflate"]))
def test_bytes_that_do_not_decode_are_a_fault_of_the_coding_or_give_something(data, coding):
    try:
        outcome = len(read([data], coding, 1000)[0]) <= 1000
    except Fault as fault:
        outcome = fault.kind in ("coding", "size")
    assert outcome


def test_plain_text_that_calls_itself_gzip_is_a_fault_of_the_coding():
    with pytest.raises(Fault) as caught:
        read([b"<rss></rss>"], "gzip", BIG)
    assert caught.value.kind == "coding"


@pytest.mark.parametrize("coding", ["", "gzip", "deflate"])
def test_a_body_may_be_as_long_as_its_limit_and_not_one_byte_longer(coding):
    encoded = CODINGS[coding](b"x" * 1000)
    assert read([encoded], coding, 1000) == (b"x" * 1000, False)
    with pytest.raises(Fault) as caught:
        read([encoded], coding, 999)
    assert caught.value.kind == "size"
    assert read([encoded], coding, 999, whole=False)[0] == b"x" * 999


def test_reading_stops_at_the_limit():
    taken = []

    def pieces() -> Iterator[bytes]:
        for number in range(1000):
            taken.append(number)
            yield b"x" * 100

    with pytest.raises(Fault):
        read(pieces(), "", 250)
    assert taken == [0, 1, 2]


def test_compressed_blocks_that_hold_nothing_end_as_well():
    engine = zlib.compressobj(wbits=31)
    start = engine.compress(b"") + engine.flush(zlib.Z_SYNC_FLUSH)

    def pieces() -> Iterator[bytes]:
        yield start
        while True:
            yield b"\x00\x00\x00\xff\xff" * 1000

    with pytest.raises(Fault) as caught:
        read(pieces(), "gzip", 100_000)
    assert caught.value.kind == "size"


@pytest.mark.parametrize(
    ("field", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("1e9", None),
        ("Fri, 99 Foo 2026 00:00:00 GMT", None),
        ("2026-01-01T00:00:00Z", None),
        ("120", 120.0),
        (" 7.5 ", 7.5),
        ("0", 1.0),
        ("-5", 1.0),
        ("1000000000", 86400.0),
        ("9" * 5000, 86400.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 1.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 1.0),
        ("Sun Nov  6 08:49:37 1994", 1.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 86400.0),
    ],
)
def test_retry_after_is_read_in_all_its_forms_and_kept_within_a_day(field, seconds):
    assert seconds_to_wait(field) == seconds


def test_a_date_in_retry_after_is_that_far_away():
    later = datetime.now(UTC) + timedelta(minutes=10)
    assert seconds_to_wait(format_datetime(later, usegmt=True)) == pytest.approx(600, abs=10)
    assert seconds_to_wait(formatdate(later.timestamp())) == pytest.approx(600, abs=10)


@given(st.text(max_size=40))
def test_any_retry_after_is_a_wait_between_a_second_and_a_day_or_none(field):
    wanted = seconds_to_wait(field)
    assert wanted is None or 1.0 <= wanted <= 86400.0


@given(st.integers(100, 999))
def test_every_status_has_a_message(status):
    assert str(status) in refused_by(status, None).reason
