"""Which addresses may be reached: those of the public internet, and those that the operator named."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from briefing.errors import UsageError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PORTS = frozenset((80, 443, 8080, 8443))
"""The ports of public hosts that may be reached."""

NAME = re.compile(r"(?!.{254})[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*")
"""A host name in ASCII and lower case, without a final dot (RFC 1035, and the underscore that some use)."""

# What is no address of one public host, by the IANA special-purpose registries (RFC 6890) and what clouds put there.
# Relays and translators (6to4, Teredo, NAT64, anycast) carry another address inside: whoever runs them decides where
# they lead. Where all of IPv4 is reached through NAT64, its prefix belongs on the intranet list. The ranges stand here,
# since what `ipaddress` holds for global differs from one Python to the next.
_RANGES_4: tuple[tuple[str, str], ...] = (
    ("0.0.0.0/8", "this host"),
    ("10.0.0.0/8", "a private network"),
    ("100.64.0.0/10", "a provider's own network"),
    ("127.0.0.0/8", "this machine"),
    ("168.63.129.16/32", "a cloud's platform service"),
    ("169.254.0.0/16", "the local link, where clouds keep their metadata"),
    ("172.16.0.0/12", "a private network"),
    ("192.0.0.0/24", "reserved for protocols"),
    ("192.0.2.0/24", "for documentation"),
    ("192.31.196.0/24", "anycast"),
    ("192.52.193.0/24", "a relay"),
    ("192.88.99.0/24", "a relay"),
    ("192.168.0.0/16", "a private network"),
    ("192.175.48.0/24", "anycast"),
    ("198.18.0.0/15", "for benchmarks"),
    ("198.51.100.0/24", "for documentation"),
    ("203.0.113.0/24", "for documentation"),
    ("224.0.0.0/4", "multicast"),
    ("240.0.0.0/4", "reserved"),
)
_RANGES_6: tuple[tuple[str, str], ...] = (
    ("::/128", "this host"),
    ("::1/128", "this machine"),
    ("::ffff:0:0/96", "an IPv4 address in IPv6"),
    ("::/96", "an IPv4 address in IPv6"),
    ("64:ff9b::/96", "a NAT64 translator"),
    ("64:ff9b:1::/48", "a NAT64 translator"),
    ("2001:db8::/32", "for documentation"),
    ("2001::/32", "a Teredo relay"),
    ("2001::/23", "reserved for protocols"),
    ("2002::/16", "a 6to4 relay"),
    ("2620:4f:8000::/48", "anycast"),
    ("3fff::/20", "for documentation"),
    ("fc00::/7", "a private network"),
    ("fe80::/10", "the local link"),
    ("fec0::/10", "a private network"),
    ("ff00::/8", "multicast"),
)
_NETWORKS_4 = tuple((IPv4Network(text), why) for text, why in _RANGES_4)
_NETWORKS_6 = tuple((IPv6Network(text), why) for text, why in _RANGES_6)
_UNICAST_6 = IPv6Network("2000::/3")  # all that IANA has opened for global unicast

_PORTED = re.compile(r"\[(?P<six>[^\]]+)\](?::(?P<port6>\d{1,5}))?|(?P<host>[^:]+)(?::(?P<port>\d{1,5}))?")
_NUMBER = re.compile(r"0x[0-9a-f]*|[0-9]+", re.IGNORECASE)


def why_not_public(address: Address) -> str | None:
    """What the address is instead of a globally routable unicast address; None where it is one."""
    if isinstance(address, IPv4Address):
        special = next((why for network, why in _NETWORKS_4 if address in network), None)
    elif address.scope_id is not None:
        special = "bound to a network interface"
    else:
        special = next((why for network, why in _NETWORKS_6 if address in network), None)
        if special is None and address not in _UNICAST_6:
            special = "reserved"
    if special is None and not address.is_global:
        special = "not public"
    return special


def numeric(host: str) -> IPv4Address | None:
    """The IPv4 address that a host of numbers stands for; None where its last label is no number.

    One to four parts, each decimal, octal (0...) or hexadecimal (0x...), the last filling the rest: as `inet_aton` and
    the URL Standard ("IPv4 parser") read it, so that what is judged is what the system would connect to. Raises
    ValueError where the last label is a number and the whole is no address.
    """
    labels = host.removesuffix(".").split(".")
    if not _NUMBER.fullmatch(labels[-1]):
        return None
    if len(labels) > 4 or not all(_NUMBER.fullmatch(label) for label in labels):
        raise ValueError("a host that ends in a number and is no IPv4 address")
    values = [_value(label) for label in labels]
    *head, last = values
    if any(value > 255 for value in head) or last >= 256 ** (5 - len(values)):
        raise ValueError("a host that is a number beyond those of IPv4")
    return IPv4Address(sum(value << (24 - 8 * place) for place, value in enumerate(head)) + last)


def _value(label: str) -> int:
    if len(label) > 32:
        raise ValueError("a number too long for an address")
    if label[:2].lower() == "0x":
        return int(label[2:] or "0", 16)
    return int(label, 8 if len(label) > 1 and label[0] == "0" else 10)


@dataclass(frozen=True, slots=True)
class Intranet:
    """Hosts that may be reached although they are not public; the port is None where any will do."""

    names: frozenset[tuple[str, int | None]] = frozenset()
    networks: tuple[tuple[Network, int | None], ...] = ()

    @classmethod
    def read(cls, entries: Iterable[str]) -> Intranet:
        """The list as an operator writes it: see `Limits.intranet`. Raises UsageError for what is none of these."""
        names: set[tuple[str, int | None]] = set()
        networks: list[tuple[Network, int | None]] = []
        for entry in entries:
            host, port = _parted(entry)
            try:
                networks.append((ip_network(host, strict=False), port))
            except ValueError as error:
                name = host.lower().removesuffix(".")
                if not NAME.fullmatch(name) or "/" in entry:
                    raise _unreadable(entry) from error
                names.add((name, port))
        return cls(frozenset(names), tuple(networks))

    def has_name(self, host: str, port: int) -> bool:
        """Whether the host is named, for this port."""
        return (host, None) in self.names or (host, port) in self.names

    def has_address(self, address: Address, port: int) -> bool:
        """Whether a network of the list holds the address, for this port."""
        return any(address in network and wanted in (None, port) for network, wanted in self.networks)

    def why_not(self, host: str, address: Address, port: int) -> str | None:
        """Why `host` may not be reached at `address` and `port`; None where it may."""
        if self.has_name(host, port) or self.has_address(address, port):
            return None
        special = why_not_public(address)
        if special is not None:
            return f"{address} is not a public address ({special})"
        return None if port in PORTS else f"port {port} is none of {', '.join(map(str, sorted(PORTS)))}"

    def knows(self, host: str, port: int) -> bool:
        """Whether `host`, a name or an address, is itself on the list. What a name resolves to is not asked."""
        if not self.names and not self.networks:
            return False
        try:
            return self.has_address(ip_address(host), port) or self.has_name(host, port)
        except ValueError:
            return self.has_name(host, port)


def _parted(entry: str) -> tuple[str, int | None]:
    """Host and port of an entry; a bare IPv6 address or network has none."""
    text = entry.strip()
    if text.count(":") > 1 and not text.startswith("["):
        return text, None
    found = _PORTED.fullmatch(text)
    if found is None:
        raise _unreadable(entry)
    port = found["port6"] or found["port"]
    return found["six"] or found["host"], int(port) if port else None


def _unreadable(entry: str) -> UsageError:
    return UsageError(
        f"intranet: {entry!r} is no host; write a name, an address or a network, such as wiki.corp, 10.0.0.0/8 or "
        "127.0.0.1:8000"
    )
