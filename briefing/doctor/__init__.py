"""The checks of `briefing doctor`: what is set up, whether it works, and what to do about what does not.

A check is one function from a `Setup` to findings, and one line in `CHECKS`. It changes nothing, sends no mail, shows
no secret.
"""

from __future__ import annotations

CHECKS: dict[str, str] = {
    "configuration": "briefing.doctor.configuration:check",
    "profiles": "briefing.doctor.profiles:check",
    "store": "briefing.doctor.kept:check",
    "sources": "briefing.doctor.asked:check",
    "outbox": "briefing.doctor.outbox:check",
    "model": "briefing.doctor.model:check",
    "mail": "briefing.doctor.mail:check",
    "sender": "briefing.doctor.sender:check",
    "way out": "briefing.doctor.way_out:check",
    "secrets": "briefing.doctor.secrets:check",
    "disk": "briefing.doctor.disk:check",
    "clock": "briefing.doctor.clock:check",
    "timer": "briefing.doctor.timer:check",
}
"""The checks by their names, in the order that they are told."""
