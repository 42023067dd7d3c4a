"""How many tokens a text has, exactly and without a network: tiktoken over ranks that the package carries.

The ranks are those of o200k_base, the encoding of OpenAI's models since GPT-4o. Models of others cut text in other
ways; o200k_base stands in for theirs, and what such a call took in fact is read from its reply.
"""

from __future__ import annotations

import hashlib
import json
import logging
import lzma
import threading
from base64 import b64decode
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING

from briefing.ports import Request, load

if TYPE_CHECKING:
    from tiktoken import Encoding

RANKS = Path(__file__).with_name("o200k_base.tiktoken.xz")
RANKS_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
A_MESSAGE = 4  # tokens around every message: its two marks, its role and a line break
A_REPLY = 3  # tokens that open the answer

_log = logging.getLogger(__name__)
_loading = threading.Lock()


def counter(model: str) -> Callable[[str], int]:
    """A function that gives the tokens of a text as `model` reads it. Called from several threads at once.

    Exact for the models that read o200k_base. Never raises: where the ranks are damaged or tiktoken fails, it warns
    once and estimates. The first call takes about a second, in which the ranks are read.
    """

    def count(text: str) -> int:
        encoding = _encoding(model)
        if encoding is None:
            return estimate(text)
        try:
            return len(encoding.encode_ordinary(text))
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            with _loading:  # its pattern gives up on a million spaces, with a panic that is no Exception
                _warn(model, str(error))
            return estimate(text)

    return count


def of_request(request: Request, count: Callable[[str], int]) -> int:
    """Tokens of a request as it is sent: its messages with what stands around them, and its schema."""
    schema = json.dumps(request.body()["schema"], ensure_ascii=False)
    return sum(count(one.content) + A_MESSAGE for one in request.messages) + count(schema) + A_MESSAGE + A_REPLY


def estimate(text: str) -> int:
    """A third of the bytes of UTF-8, rounded up: more than the tokens of prose in any large language."""
    return -(-len(text.encode(errors="surrogatepass")) // 3)


def ranks() -> dict[bytes, int]:
    """Rank by token, of all tokens of o200k_base. Raises ValueError, OSError, LZMAError or EOFError if damaged."""
    data = lzma.decompress(RANKS.read_bytes())
    if hashlib.sha256(data).hexdigest() != RANKS_SHA256:
        raise ValueError(f"{RANKS.name} is not the file that it should be")
    return {b64decode(token): int(rank) for token, rank in map(bytes.split, data.splitlines())}


def _encoding(model: str) -> Encoding | None:
    with _loading:
        loaded = _loaded()
        if isinstance(loaded, str):
            _warn(model, loaded)
            return None
        return loaded


@cache
def _loaded() -> Encoding | str:
    """The encoding, or why there is none."""
    try:
        return _constructed()
    except Exception as error:  # noqa: BLE001 - whatever it is, no run ends because tokens cannot be counted
        return str(error)


def _constructed() -> Encoding:
    """The encoding as tiktoken defines it: its own constructor, run with a loader that reads our file instead."""
    import tiktoken

    def ours(*_: object, **__: object) -> dict[bytes, int]:
        return ranks()

    theirs = load("tiktoken_ext.openai_public:o200k_base")
    parts = FunctionType(theirs.__code__, {**theirs.__globals__, "load_tiktoken_bpe": ours})()
    return tiktoken.Encoding(**parts)


@cache
def _warn(model: str, why: str) -> None:
    _log.warning("the tokens of %s are estimated, for tiktoken failed (%s): install the package anew", model, why)
