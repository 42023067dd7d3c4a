"""A body, decoded piece by piece, so that no answer takes more memory than its limit."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

from briefing.web.failures import Cut, Fault

PIECE = 64 * 1024  # bytes decoded at once
ACCEPTED = "gzip, deflate"

_GZIP = b"\x1f\x8b"


def read(pieces: Iterable[bytes], coding: str, limit: int, *, whole: bool = True) -> tuple[bytes, bool]:
    """The decoded body and whether it is damaged: cut short, by the connection or inside its coding.

    `coding` is what Content-Encoding says, in lower case, "" for none. Raises Fault: `coding` for any but one of gzip
    and deflate, and for what does not decode; `size` for more than `limit` bytes decoded, or clearly more before.
    Unless `whole` is wanted, the first `limit` bytes are enough.
    """
    decoder = _decoder(coding)
    body = bytearray()
    received = 0
    cut = False
    try:
        for piece in pieces:
            received += len(piece)
            for decoded in decoder.feed(piece):
                body += decoded
                if len(body) > limit:
                    break
            if len(body) > limit or received > _allowance(limit):
                break
    except Cut:
        cut = True
    if whole and (len(body) > limit or received > _allowance(limit)):
        raise too_long(limit)
    return bytes(body[:limit]), cut or not decoder.ended


def too_long(limit: int) -> Fault:
    """What is raised of a body longer than `limit` bytes."""
    return Fault("size", f"longer than the {limit} bytes that are read of it")


def _allowance(limit: int) -> int:
    """Bytes before decoding: what cannot be compressed grows a little, and empty blocks must not go on for ever."""
    return limit + limit // 16 + 4096


class _Plain:
    ended = True

    def feed(self, piece: bytes) -> Iterator[bytes]:
        yield piece


class _Deflated:
    """gzip (RFC 1952, several members in a row too) or deflate (RFC 1950, and bare RFC 1951, which some servers send).

    `ended`: the last member was whole, or nothing came at all.
    """

    def __init__(self, coding: str) -> None:
        self._gzip = coding == "gzip"
        self._engine: zlib._Decompress | None = None
        self._members = 0  # that were read whole
        self._over = False  # what follows is not ours to read
        self.ended = True

    def feed(self, piece: bytes) -> Iterator[bytes]:
        while piece and not self._is_over(piece):
            engine = self._started(piece)
            try:
                decoded = engine.decompress(piece, PIECE)
            except zlib.error as error:
                raise Fault("coding", "compressed in another way than it says") from error
            piece = engine.unconsumed_tail
            yield decoded
            while len(decoded) == PIECE and not piece and not engine.eof:
                decoded = engine.decompress(b"", PIECE)
                yield decoded
            if engine.eof:
                piece = engine.unused_data
                self.ended, self._engine, self._members = True, None, self._members + 1

    def _is_over(self, piece: bytes) -> bool:
        """After a whole member only another one of gzip is read."""
        between = self._engine is None and self._members > 0
        self._over = self._over or (between and not (self._gzip and _GZIP.startswith(piece[:2])))
        return self._over

    def _started(self, piece: bytes) -> zlib._Decompress:
        if self._engine is None:
            self._engine = zlib.decompressobj(31 if self._gzip else 15 if _has_zlib_header(piece) else -15)
            self.ended = False
        return self._engine


def _has_zlib_header(piece: bytes) -> bool:
    """By the check bits of RFC 1950, 2.2; a first byte that comes alone is taken for the half of one."""
    if piece[0] & 0x0F != 8:
        return False
    return len(piece) == 1 or (piece[0] * 256 + piece[1]) % 31 == 0


def _decoder(coding: str) -> _Plain | _Deflated:
    named = [name for part in coding.split(",") if (name := part.strip()) not in ("", "identity")]
    if not named:
        return _Plain()
    only = named[0].removeprefix("x-")
    if len(named) > 1 or only not in ("gzip", "deflate"):
        raise Fault("coding", f"compressed as {coding[:40]!r}, though only {ACCEPTED} was asked for")
    return _Deflated(only)
