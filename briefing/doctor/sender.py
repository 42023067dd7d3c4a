"""What the sender's domain says in the DNS about its mail: SPF, DKIM, DMARC. Large providers refuse mail without."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from briefing.canonical import site
from briefing.deliver.addresses import mailbox
from briefing.doctor.finding import Finding, Setup, bad, good, skipped, warn
from briefing.errors import UsageError
from briefing.parallel import each

if TYPE_CHECKING:
    from dns.resolver import Resolver

SECONDS = 3.0  # for a question
SELECTORS = (
    "selector1", "selector2", "default", "mail", "dkim", "google", "k1", "k2", "s1", "s2", "smtp", "key1", "fm1",
)  # fmt: skip
"""Names under which DKIM keys often lie: which one a domain uses stands only in the mail that it signs."""

_RESERVED = re.compile(
    r"(?:.*\.)?(?:test|example|invalid|localhost|local|internal|lan|home\.arpa|example\.(?:com|net|org))"
)


class _Unanswered(Exception):
    """No answer that says yes or no."""


def check(setup: Setup) -> Iterator[Finding]:
    """Asks the system's resolver, where there is one, for a few records."""
    mail = setup.settings.mail
    if mail.sender is None or mail.folder is not None:
        yield skipped("no mail goes to a server" if mail.folder is not None else "no sender is set under [mail]")
        return
    try:
        domain = mailbox(mail.sender).address.rpartition("@")[2]
    except UsageError as error:
        yield bad(str(error), "correct sender under [mail]")
        return
    if "." not in domain or _RESERVED.fullmatch(domain) or _is_address(domain):
        yield skipped(f"{domain} is a name for use at home or in examples: nobody can look it up")
        return
    try:
        resolver = _resolver(setup.name_servers)
        records = _texts(resolver, domain)
        policy = _texts(resolver, f"_dmarc.{domain}")
        above = site(f"https://{domain}/") or domain
        if not _of("v=dmarc1", policy) and above != domain:
            policy = _texts(resolver, f"_dmarc.{above}")
        yield _spf(domain, _of("v=spf1", records))
        yield _dmarc(domain, _of("v=dmarc1", policy))
        yield _dkim(domain, _keys(resolver, domain))
    except ImportError:
        yield skipped("the records of the domain are not looked up", "that needs dnspython: pip install dnspython")
    except _Unanswered as error:
        yield skipped(f"the records of {domain} could not be looked up: {error}", "does a name server answer here?")


def _spf(domain: str, records: list[str]) -> Finding:
    if not records:
        return warn(
            f"{domain} has no SPF record: receivers cannot tell whether your server may send for it",
            f'add the TXT record your provider names to {domain}, such as "v=spf1 include:... -all"',
        )
    if len(records) > 1:
        return bad(f"{domain} has {len(records)} SPF records, which counts as an error", "put them into one")
    if re.search(r"(?:^|\s)\+?all(?:\s|$)", records[0]):
        return warn(f"{domain}: its SPF record lets everybody send for it", "end it with -all or ~all")
    return good(f"{domain} has an SPF record")


def _dmarc(domain: str, records: list[str]) -> Finding:
    if not records:
        return warn(
            f"{domain} has no DMARC record: large providers want one of whoever sends to many",
            f'add a TXT record to _dmarc.{domain}: "v=DMARC1; p=none; rua=mailto:you@{domain}"',
        )
    if len(records) > 1:
        return warn(f"{domain} has {len(records)} DMARC records, so none counts", "leave one of them")
    policy = re.search(r";\s*p\s*=\s*(\w+)", records[0])
    if policy is None:
        return warn(f"{domain}: its DMARC record has no policy", "add p=none, p=quarantine or p=reject to it")
    return good(f"{domain} has a DMARC record, p={policy[1].lower()}")


def _dkim(domain: str, keys: dict[str, str]) -> Finding:
    usable = [name for name, record in keys.items() if re.search(r"(?:^|;)\s*p\s*=\s*[^;\s]", record)]
    if usable:
        return good(f"{domain} has a DKIM key ({', '.join(usable)})")
    if keys:
        return warn(
            f"{domain}: its DKIM key ({', '.join(keys)}) is withdrawn", "have your mail server sign with a new one"
        )
    return skipped(
        f"{domain} has no DKIM key under a usual name, which need not mean anything",
        "see a mail that went out: DKIM-Signature has to be there, with d= of your domain",
    )


def _keys(resolver: Resolver, domain: str) -> dict[str, str]:
    """By selector, what is a DKIM key."""

    def of_name(selector: str) -> str | None:
        found = _texts(resolver, f"{selector}._domainkey.{domain}")
        return next((one for one in found if re.search(r"(?:^|;)\s*(?:v\s*=\s*DKIM1|p\s*=)", one)), None)

    records = each(of_name, SELECTORS, workers=len(SELECTORS))
    return {name: record for name, record in zip(SELECTORS, records, strict=True) if record is not None}


def _of(version: str, records: list[str]) -> list[str]:
    """Records of a kind, by how they begin."""
    return [one for one in records if re.match(rf"{version}(?:[\s;]|$)", one, re.IGNORECASE)]


def _resolver(name_servers: tuple[tuple[str, int], ...]) -> Resolver:
    from dns.exception import DNSException
    from dns.nameserver import Do53Nameserver
    from dns.resolver import Resolver

    try:
        resolver = Resolver(configure=not name_servers)
    except (DNSException, OSError) as error:
        raise _Unanswered("no resolver is set up here") from error
    if name_servers:
        resolver.nameservers = [Do53Nameserver(address, port) for address, port in name_servers]
    resolver.lifetime = SECONDS
    return resolver


def _texts(resolver: Resolver, name: str) -> list[str]:
    """The TXT records of a name, each in one piece; none where there is none. Raises _Unanswered."""
    from dns.exception import DNSException, Timeout
    from dns.resolver import NXDOMAIN, NoAnswer

    try:
        answer = resolver.resolve(f"{name}.", "TXT", raise_on_no_answer=True)
    except (NXDOMAIN, NoAnswer):
        return []
    except Timeout as error:
        raise _Unanswered(f"no answer within {SECONDS:g} s") from error
    except (DNSException, OSError) as error:
        raise _Unanswered(f"the name server failed ({type(error).__name__})") from error
    return [b"".join(row.strings).decode("utf-8", "replace") for row in answer]


def _is_address(domain: str) -> bool:
    try:
        ipaddress.ip_address(domain.strip("[]"))
    except ValueError:
        return False
    return True
