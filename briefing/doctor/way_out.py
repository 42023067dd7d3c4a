"""The way out of the list: does the link in the mails lead to `briefing serve`."""

from __future__ import annotations

import json
from collections.abc import Iterator

from briefing.deliver.way_out import public_place
from briefing.doctor.asking import Unreachable, get
from briefing.doctor.finding import Finding, Setup, bad, good, skipped, warn


def check(setup: Setup) -> Iterator[Finding]:
    """Its health is asked for by the public address, as seen from this machine."""
    mail = setup.settings.mail
    if not mail.reachable:
        yield skipped("no mail goes out")
        return
    if mail.public_url is None:
        yield warn(
            "readers leave by writing to the sender: no public_url is set, and one click is not offered",
            "run briefing serve behind an https proxy, and set public_url under [mail] to its address",
        )
        return
    place = public_place(mail.public_url)
    if not place.startswith("https://"):
        yield warn(
            f"{place} is no https address, so mails do not lead there", "put it behind a proxy that speaks https"
        )
        return
    try:
        answer = get(f"{place}/health")
    except Unreachable as error:
        yield bad(f"{place}: {error}", "is briefing serve running, and the proxy before it, and the name in the DNS?")
        return
    try:
        document = json.loads(answer.body)
        status = document.get("status") if isinstance(document, dict) else None
    except (ValueError, RecursionError):
        status = None
    if answer.status == 200 and status == "good":
        yield good(f"{place} answers and is well")
    elif status == "bad":
        yield bad(f"{place} answers and cannot use its store", "see store, above; it may have another configuration")
    else:
        yield bad(
            f"what answers at {place} is not briefing serve (status {answer.status})",
            "have the proxy pass on /health, /unsubscribe/ and /subscribe/ to it",
        )
