"""The endpoint: a page that asks on GET, the deed on POST (RFC 8058), and whether all is well.

What a reader's mail program or a scanner of links fetches by itself changes nothing. Nothing is noted down of who came:
no token, no address, no cookie.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import anyio
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from briefing.deliver.way_out import read_token
from briefing.serve.pages import Made, Pages

LARGEST_BODY = 10 * 1024  # octets of a POST; RFC 8058's has 26
SLOWEST_BODY = 10.0  # seconds that it may take to come
_AGAIN = "300"  # seconds after which one who could not be served may try again
_HEADERS = (
    (b"content-security-policy", b"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex, nofollow"),
    (b"cache-control", b"no-store"),
)

Deed = Callable[[str, str], None]
"""What is done for a profile and an address; it may wait, and may be done again."""

_log = logging.getLogger(__name__)


def app(
    leave: Deed,
    rejoin: Deed | None,
    key: SecretStr,
    is_well: Callable[[], bool],
    templates: Path | None = None,
    title_of: Callable[[str], str] = str,
) -> Starlette:
    """The server's program. Without `rejoin` nobody can come back by it; `templates` is the user's own folder.

    `title_of` says what a profile's mails are called.

    The functions are called in threads of their own. Raises UsageError where the page's template cannot be used.
    """
    pages = Pages(templates, returns=rejoin is not None, title_of=title_of)
    routes = [
        Route("/unsubscribe/{token}", _Desk(pages, key, leave, "left", asks=True).answer, methods=["GET", "POST"]),
        Route("/health", _health(is_well), methods=["GET"]),
    ]
    if rejoin is not None:
        desk = _Desk(pages, key, rejoin, "back", asks=False)
        routes.append(Route("/subscribe/{token}", desk.answer, methods=["POST"]))
    made = Starlette(
        routes=routes,
        middleware=[Middleware(_Guarded)],
        exception_handlers={HTTPException: _refused},
    )
    made.router.redirect_slashes = False
    return made


@dataclass(frozen=True, slots=True)
class _Desk:
    """Answers for one deed: asks first where it `asks`, and says that it is done."""

    pages: Pages
    key: SecretStr
    deed: Deed
    done: Literal["left", "back"]
    asks: bool

    async def answer(self, request: Request) -> Response:
        token = request.path_params["token"]
        reader = read_token(token, self.key)
        if reader is None:
            return _page(self.pages.fixed("unknown"), 404)
        if request.method == "POST":
            if (refused := await _body_refused(request)) is not None:
                return refused
            if not await run_in_threadpool(self._do, *reader):
                return _page(self.pages.fixed("failed"), 503)
        kind = self.done if request.method == "POST" else "ask"
        return _page(await run_in_threadpool(self.pages.of_reader, kind, *reader, token), 200)

    def _do(self, profile: str, address: str) -> bool:
        try:
            self.deed(profile, address)
        except Exception as error:  # noqa: BLE001 - whatever it is, its words may hold the reader's address
            _log.error("a reader's wish could not be stored (%s); briefing doctor tells more", type(error).__name__)
            return False
        return True


async def _body_refused(request: Request) -> Response | None:
    """Takes the body, whatever it says: who holds the token means it. Refused is one that is too large or too slow."""
    size = 0
    try:
        with anyio.fail_after(SLOWEST_BODY):
            async for piece in request.stream():
                size += len(piece)
                if size > LARGEST_BODY:
                    return PlainTextResponse("Too large.\n", 413, {"connection": "close"})
    except TimeoutError:
        return PlainTextResponse("Too slow.\n", 408, {"connection": "close"})
    except ClientDisconnect:
        return PlainTextResponse("Cut off.\n", 400, {"connection": "close"})
    return None


def _health(is_well: Callable[[], bool]) -> Callable[[Request], object]:
    def asked() -> bool:
        try:
            return is_well()
        except Exception:  # noqa: BLE001 - not well, whatever it is
            return False

    async def health(_: Request) -> Response:
        good = await run_in_threadpool(asked)
        return JSONResponse({"status": "good" if good else "bad"}, 200 if good else 503)

    return health


def _page(made: Made, status: int) -> Response:
    headers = {"content-security-policy": made.policy} | ({"retry-after": _AGAIN} if status == 503 else {})
    return HTMLResponse(made.html, status, headers)


async def _refused(_: Request, error: Exception) -> Response:
    """What is no page of ours, or no method for it."""
    assert isinstance(error, HTTPException)  # noqa: S101 - it is registered for nothing else
    return PlainTextResponse(f"{error.detail}.\n", error.status_code, error.headers)


class _Guarded:
    """Puts the headers that keep a page to itself on every answer that does not state them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                stated = {name.lower() for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"], *(one for one in _HEADERS if one[0] not in stated),
                ]  # fmt: skip
            await send(message)

        await self._app(scope, receive, guarded)
