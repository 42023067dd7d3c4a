"""Addresses: the canonical form, by which two reports are known for one article, and what may be shown of one."""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache
from urllib.parse import parse_qsl, urlencode, urlsplit

# Parameters that say where a reader came from, beyond those that courlan takes away.
_TRACKING = frozenset(
    "at_medium at_campaign at_link_id at_link_origin at_link_type at_format at_ptr_name at_bbc_team cmp cmpid cid icid "
    "ns_campaign ns_mchannel ns_source ns_linkname smid smtyp xtor partner taid traffic_source".split()
)
_PLAIN = re.compile(r"[A-Za-z0-9._~/-]*")  # a path that has one spelling
_PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=8192)  # an entry's guid is most often its address
def canonical(url: str | None) -> str | None:
    """The host and path of an address without what may differ between two links to one page; None where it is none.

    Left out are the scheme (http and https twins), `www.`, a default port, credentials, the fragment (but `#!...`),
    tracking parameters and a slash at the end; the other parameters are sorted. It is a key and no address to be asked.
    """
    if not url or "://" not in url:
        return None
    try:
        given = urlsplit(url.strip())
        if given.scheme.lower() not in _PORTS or not given.hostname:
            return None
        port = f":{given.port}" if given.port and given.port != _PORTS[given.scheme.lower()] else ""
        plain = not given.query and _PLAIN.fullmatch(given.path) and "//" not in given.path
        parts = given if plain else urlsplit(_normal(url.strip()))
    except ValueError:
        return None
    host = given.hostname.rstrip(".").removeprefix("www.")
    pairs = sorted(pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0].lower() not in _TRACKING)
    query = f"?{urlencode(pairs)}" if pairs else ""
    place = f"#{given.fragment}" if given.fragment.startswith("!") else ""  # an address of old, read by scripts
    return f"{host}{port}{parts.path.rstrip('/')}{query}{place}"


def _normal(url: str) -> str:
    from courlan.clean import normalize_url  # takes 60 ms to import, and most addresses have one spelling

    normal: str = normalize_url(url)
    return normal


def site(url: str | None) -> str | None:
    """The registered domain of an address (`example.co.uk`), or its host where it has none; None where it is none."""
    from courlan import extract_domain

    if url is None or canonical(url) is None:
        return None
    host = urlsplit(url.strip()).hostname or ""
    return (extract_domain(url.strip()) if not host.replace(".", "").isdigit() and "." in host else None) or host


def without_credentials(url: str) -> str:
    """An address as it may be shown: user name and password left out, and of a malformed one all that may hold them."""
    scheme, mark, rest = url.partition("://")
    host, slash, path = rest.partition("/")
    if "@" in path and canonical(url) is None:
        return f"{scheme}{mark}…{rest.rpartition('@')[2]}"
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"


def identifier(*parts: str) -> str:
    """Sixteen hexadecimal digits of the SHA-256 of `parts`: what an article from the web goes by."""
    return hashlib.sha256("\0".join(parts).encode(errors="surrogatepass")).hexdigest()[:16]
