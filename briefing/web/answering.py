"""From an HTTP response to an answer, a redirect, or a fault."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from briefing.web import body
from briefing.web.asking import Answer, Ask
from briefing.web.failures import Cut, Fault, refused_by

if TYPE_CHECKING:
    import httpx2

REDIRECTS = frozenset((301, 302, 303, 307, 308))

_CHARSET = re.compile(r""";\s*charset\s*=\s*["']?([^\s"';]+)""", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Redirect:
    """An answer that names another address, as it stands in its Location field."""

    status: int
    location: str | None


def answered(ask: Ask, response: httpx2.Response, *, conditional: bool, whole: bool) -> Answer | Redirect:
    """What a response gives; the address is for the caller to fill in.

    Unless `whole` is wanted, the first `ask.limit` bytes are enough, and none at all will do. Raises Fault.
    """
    status, fields = response.status_code, response.headers
    if status in REDIRECTS:
        return Redirect(status, next(iter(fields.get_list("location")), None))
    if status == 304 and not conditional:
        raise Fault("protocol", "it says that nothing changed (304) since an answer that was never had", status=304)
    etag, last_modified = fields.get("etag"), fields.get("last-modified")
    if status == 304:
        return Answer(status=304, url="", etag=etag or ask.etag, last_modified=last_modified or ask.last_modified)
    if status != 200:
        raise refused_by(status, fields.get("retry-after"))
    coding = fields.get("content-encoding", "").lower()
    if whole and not coding and _length(fields.get("content-length")) > ask.limit:
        raise body.too_long(ask.limit)
    data, damaged = body.read(response.iter_raw(), coding, ask.limit, whole=whole)
    if whole and not data:
        raise Cut() if damaged else Fault("protocol", "an empty answer", status=200)
    kind = fields.get("content-type", "")
    charset = _CHARSET.search(kind)
    return Answer(
        status=200,
        url="",
        data=data,
        content_type=kind.partition(";")[0].strip().lower() or None,
        charset=charset[1].lower() if charset is not None else None,
        etag=etag,
        last_modified=last_modified,
        damaged=damaged,
    )


def _length(field: str | None) -> int:
    return int(field) if field is not None and field.isascii() and field.isdigit() and len(field) < 20 else 0
