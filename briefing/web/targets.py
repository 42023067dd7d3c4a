"""From the text of an address to the host, port and path that are asked; and from a redirect to the next."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import TYPE_CHECKING
from urllib.parse import unquote_to_bytes

from briefing.web.addresses import NAME, numeric
from briefing.web.failures import Fault, shown

if TYPE_CHECKING:
    import httpx2

LONGEST = 8 * 1024  # characters

_DEFAULT_PORTS = {"http": 80, "https": 443}
_SCHEME = re.compile(r"([a-zA-Z][a-zA-Z0-9+.-]*):")
_AUTHORITY = re.compile(r"[^:/?#]+://([^/?#]*)")
_NUMERIC_HOST = re.compile(r"(?<=[/@])(?P<host>[0-9][0-9a-fx.]*)(?=(:[0-9]*)?$)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Target:
    """What is asked. `url` has no fragment and no credentials; `host` is ASCII, without brackets and final dot.

    `credentials` is the value of an Authorization field.
    """

    url: str
    scheme: str
    host: str
    port: int
    credentials: str | None = None

    @property
    def origin(self) -> tuple[str, str, int]:
        """Scheme, host and port."""
        return self.scheme, self.host, self.port

    def sibling(self, path: str) -> str:
        """The address of another path, with its leading slash, at the same origin."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}{path}"


def read(text: str) -> Target:
    """The target that `text` names. Raises Fault: `scheme` for all but http and https, `address` for what is malformed.

    httpx2 reads the address; what it passes is held to the letters of host names. A host of numbers becomes the
    address that it stands for.
    """
    text = text.strip(" \t\r\n")
    scheme = _SCHEME.match(text)
    if scheme is None:
        raise Fault("scheme", "no http or https address; put https:// in front of it")
    if scheme[1].lower() not in _DEFAULT_PORTS:
        raise Fault("scheme", f"{scheme[1][:20]} is not read, only http and https are")
    if len(text) > LONGEST:
        raise Fault("address", f"longer than {LONGEST} characters")
    url = _parsed(text)
    host = url.raw_host.decode("ascii").removesuffix(".")
    if not host:
        raise Fault("address", "it names no host")
    if ":" in host and "%" not in host:
        host = str(IPv6Address(host))
    elif not _is_name(host):
        raise Fault("address", f"{shown(host)} is no host name")
    port = url.port if url.port is not None else _DEFAULT_PORTS[url.scheme]
    if not 0 < port < 65536:
        raise Fault("address", f"{port} is no port")
    bare = Target("", url.scheme, host, port).sibling(url.raw_path.decode("ascii"))
    return Target(bare, url.scheme, host, port, _basic(url.userinfo))


def onward(current: Target, location: str | None) -> Target:
    """Where a redirect leads from `current`. Its credentials are dropped. Raises Fault as `read` does."""
    from urllib.parse import urljoin

    if location is None or not location.strip():
        raise Fault("redirects", "a redirect that does not say where to")
    location = location.strip(" \t\r\n")
    try:
        joined = location if _SCHEME.match(location) else urljoin(current.url, location)
    except ValueError as error:
        raise Fault("address", "a redirect to a malformed address") from error
    try:
        target = read(joined)
    except Fault as fault:
        raise Fault(fault.kind, f"a redirect to {shown(joined)}: {fault.reason}") from fault
    if current.scheme == "https" and target.scheme == "http":
        raise Fault("scheme", f"a redirect from https down to {shown(target.url)}")
    return Target(target.url, target.scheme, target.host, target.port)


def _parsed(text: str) -> httpx2.URL:
    import httpx2

    authority = _AUTHORITY.match(text)
    if authority is None:
        raise Fault("address", "it names no host")
    if "\\" in authority[1]:
        raise Fault("address", "a backslash before the host's end, which programs read differently")
    try:
        return httpx2.URL(_numbers_read(text, authority.end()))
    except (httpx2.InvalidURL, ValueError) as error:
        raise Fault("address", f"malformed: {str(error).partition(':')[0][:100]}") from error


def _numbers_read(text: str, end: int) -> str:
    """The text with a host of numbers in front of `end` as dotted decimals. Raises ValueError for what is none."""
    found = _NUMERIC_HOST.search(text, 0, end)
    address = numeric(found["host"]) if found is not None else None
    if found is None or address is None:
        return text
    return f"{text[: found.start()]}{address}{text[found.end() :]}"


def _is_name(host: str) -> bool:
    try:
        numeric(host)
    except ValueError:
        return False
    return NAME.fullmatch(host) is not None


def _basic(userinfo: bytes) -> str | None:
    """RFC 7617; what is percent-encoded in the address is sent as it is meant."""
    if not userinfo:
        return None
    user, _, password = userinfo.partition(b":")
    pair = unquote_to_bytes(user) + b":" + unquote_to_bytes(password)
    return f"Basic {base64.b64encode(pair).decode('ascii')}"
