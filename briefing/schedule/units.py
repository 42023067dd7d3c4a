"""The text of the units that have systemd look at what is due."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import time
from pathlib import Path
from textwrap import dedent

from briefing.errors import UsageError
from briefing.schedule.job import STATE, Job

SERVICE, TIMER = "briefing.service", "briefing.timer"
_MARK = "# Written by `briefing schedule install` for "
_PLAIN = re.compile(r"[\w@+=:,./-]+", re.ASCII)
_REFUSED = re.compile(r"[\"'\\]")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

# What needs no name space of its own: a user's manager may be refused one, and the unit would not start.
_USER = """
    NoNewPrivileges=yes
    LockPersonality=yes
    MemoryDenyWriteExecute=yes
    RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
    RestrictNamespaces=yes
    RestrictRealtime=yes
    RestrictSUIDSGID=yes
    SystemCallArchitectures=native
    SystemCallErrorNumber=EPERM
    SystemCallFilter=@system-service
    SystemCallFilter=~@privileged
    UMask=0077
    MemoryMax=2G
    TasksMax=512
"""
_SYSTEM = """
    CapabilityBoundingSet=
    DevicePolicy=closed
    KeyringMode=private
    PrivateDevices=yes
    ProcSubset=pid
    ProtectClock=yes
    ProtectControlGroups=yes
    ProtectHostname=yes
    ProtectKernelLogs=yes
    ProtectKernelModules=yes
    ProtectKernelTunables=yes
    ProtectProc=invisible
    ProtectSystem=strict
    RemoveIPC=yes
"""


def units(job: Job, *, system: bool = False) -> dict[str, str]:
    """The service and its timer, by their file names: of the user's own systemd, or of the system's.

    Raises UsageError where a path cannot be written in a unit.
    """
    for path in (*job.words, *map(str, job.writable), *(str(file) for _, file in job.secrets)):
        _check(path)
    return {SERVICE: _service(job, system=system), TIMER: _timer(job)}


def config_of(unit: str) -> Path | None:
    """The configuration that a unit was written for; None where it is none of ours."""
    first = unit.partition("\n")[0]
    return Path(first.removeprefix(_MARK)) if first.startswith(_MARK) else None


def _service(job: Job, *, system: bool) -> str:
    lines = [f"{_MARK}{job.config}", "[Unit]", "Description=Briefing: fetch, make and send what is due"]
    if system:
        lines += ["Wants=network-online.target", "After=network-online.target"]
    # a quote or a backslash in the program's own path is refused, in that of an argument it is not
    command, *rest = ("/usr/bin/env", *job.words) if _REFUSED.search(job.command[0]) else job.words
    start = [_word(command), *(_word(one, variables=True) for one in rest)]
    lines += [
        "",
        "[Service]",
        "Type=oneshot",
        f"ExecStart={' '.join(start)}",
        f"WorkingDirectory={_specifiers(str(job.config.parent))}",
        "TimeoutStartSec=30min",
        "# 3: a part failed and is told, the rest went out. 4: there was nothing new.",
        "SuccessExitStatus=3 4",
        *(_for_system(job) if system else ()),
        *dedent(_USER).split("\n")[1:-1],
    ]
    return "\n".join(lines) + "\n"


def _for_system(job: Job) -> list[str]:
    lines = [f"User={job.user}"]
    if job.keeps_state:
        lines.append(f"Environment=BRIEFING_STATE={STATE}")
    if any(path.is_relative_to(STATE) for path in job.writable):
        lines += [f"StateDirectory={STATE.name}", "StateDirectoryMode=0700"]
    for setting, file in job.secrets:
        name = setting.removesuffix("_file").replace("_", "-").replace(".", "-")
        lines.append(f"LoadCredential={name}:{_specifiers(str(file))}")
        lines.append(f"Environment=BRIEFING_{setting.upper().replace('.', '__')}=%d/{name}")
    others = [path for path in job.writable if not path.is_relative_to(STATE)]
    if others:
        lines.append(f"ReadWritePaths={' '.join(_word(str(path)) for path in others)}")
    used = (*map(Path, job.command[:1]), job.config, *job.writable, *job.readable)
    homes = any(_is_below(path, "/home", "/root", "/run/user") for path in used)
    lines.append(f"ProtectHome={'read-only' if homes else 'yes'}")
    lines.append(f"PrivateTmp={'no' if any(_is_below(path, '/tmp', '/var/tmp') for path in used) else 'yes'}")  # noqa: S108
    return [*lines, *dedent(_SYSTEM).split("\n")[1:-1]]


def _timer(job: Job) -> str:
    lines = [
        f"{_MARK}{job.config}",
        "[Unit]",
        "Description=Briefing: look at what is due",
        "",
        "[Timer]",
        "# Each profile's hour, to be on time; an hour that is changed holds without this, within ten minutes.",
        *(f"OnCalendar={one}" for one in calendar(job.hours)),
        "# What failed is tried again, what was missed is caught up, and sources are fetched.",
        "OnCalendar=*:0/10",
        "OnActiveSec=10s",
        "Persistent=true",
        "AccuracySec=1s",
        "",
        "[Install]",
        "WantedBy=timers.target",
    ]
    return "\n".join(lines) + "\n"


def calendar(hours: Iterable[tuple[time, str | None]]) -> list[str]:
    """The hours as systemd writes them, each once (systemd.time(7))."""
    stated = (f"*-*-* {hour:%H:%M}:00{f' {zone}' if zone else ''}" for hour, zone in hours)
    return sorted(dict.fromkeys(stated))


def _is_below(path: Path, *folders: str) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _specifiers(text: str) -> str:
    """As a setting that takes all of its line: only % has a meaning (systemd.unit(5))."""
    return text.replace("%", "%%")


def _word(text: str, *, variables: bool = False) -> str:
    r"""As one word of several, in quotes where it needs them; `variables`: in the arguments of a call, $ has a meaning.

    Only \\ and \" are escaped, which every list of words reads alike (systemd.syntax(7)).
    """
    escaped = _specifiers(text.replace("$", "$$") if variables else text)
    if _PLAIN.fullmatch(escaped):
        return escaped
    return '"' + escaped.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _check(path: str) -> None:
    if _CONTROL.search(path):
        raise UsageError(f"{path!r} has a line break or the like in it, which no timer can name: rename it")
    if path != path.strip() or path.endswith("\\"):
        raise UsageError(f"{path!r} begins or ends with a space, or ends with a backslash: rename it")
