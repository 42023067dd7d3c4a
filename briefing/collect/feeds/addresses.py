"""Addresses that others wrote: resolved, and kept only where they lead to the web."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from briefing.text import single_line

# What nearly every address is: nothing in it needs a second look.
_PLAIN = re.compile(r"https?://[a-zA-Z0-9][a-zA-Z0-9.-]*(?::(?:[1-9]\d{0,3}|[1-5]\d{4}))?(?:[/?#][!-~]*)?")
LENGTH_LIMIT = 2_000  # characters of an address, and of a feed's own id


def resolved(address: str, base: str | None) -> str:
    """`address` against `base`, empty where the two make none; what is not relative stays as it is."""
    if address.startswith(("https://", "http://")):
        return address
    try:
        return urljoin(base, address.strip()) if base and address.strip() else address.strip()
    except ValueError:
        return ""


def web_address(value: str | None, base: str | None = None) -> str | None:
    """`value` as an absolute http or https address, resolved against `base`; None where it is no such address.

    Line breaks inside it are how feeds wrap their lines, and go; a space is written `%20`, as browsers do. What else
    cannot be seen makes it none: it was written to be taken for another one.
    """
    address = "".join((value or "").split("\n")).strip()
    if len(address) <= LENGTH_LIMIT and _PLAIN.fullmatch(address):
        return address
    if not address or len(address) > LENGTH_LIMIT or single_line(address) != address:
        return None
    address = resolved(address.replace(" ", "%20"), base)
    try:
        parts = urlsplit(address)
        known = parts.scheme in ("http", "https") and parts.hostname and "%" not in parts.netloc and parts.port != 0
    except ValueError:
        return None
    return address if known else None
