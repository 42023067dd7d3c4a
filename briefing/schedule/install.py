"""Puts the timer in its place, and takes it away: into systemd where that works for this user, else into cron."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from getpass import getuser
from pathlib import Path
from typing import Literal

from briefing.errors import BriefingError, UsageError
from briefing.files import write_together
from briefing.schedule.cron import cron_line, with_line, without_line
from briefing.schedule.job import Job
from briefing.schedule.units import SERVICE, TIMER, config_of, units

Place = Literal["user", "system", "cron"]
"""The user's own systemd, the system's, or the user's crontab."""

SYSTEM = Path("/etc/systemd/system")

_SECONDS = 60  # for a command of the system's
_OURS = ("BRIEFING_", "OPENAI_")


def text_of(job: Job, place: Place, folder: Path | None = None) -> str:
    """What `install` would write, each file under its path."""
    if place == "cron":
        return cron_line(job.words, job.config)
    texts = units(job, system=place == "system")
    return "\n".join(f"# {_folder(place, folder) / name}\n{text}" for name, text in texts.items())


def chosen() -> Place:
    """Where this user's timer goes. Raises UsageError where there is neither systemd nor cron."""
    if _works("systemctl", "--user", "show", "--property=Version"):
        return "user"
    if _table() is not None:
        return "cron"
    raise UsageError(
        "neither systemd nor cron works for this user: have `briefing schedule run` running (in a container, say), "
        "or install it as root for the whole system: briefing schedule install --system"
    )


def install(job: Job, place: Place, folder: Path | None = None) -> list[str]:
    """Write the timer and start it; what was done and what is left to do, a line each.

    What is there for the same configuration is replaced. Raises UsageError where a timer is there that is not ours, or
    for another configuration, and where it cannot be written; BriefingError where systemd or cron refuses it.
    `folder` is another than systemd's own.
    """
    if place == "cron":
        table = _table()
        if table is None:
            raise UsageError("there is no cron on this system: apt-get install cron, or leave --cron out")
        _set_table(with_line(table, cron_line(job.words, job.config)))
        return ["added to your crontab: every five minutes it looks at what is due", *_unseen(os.environ)]
    target = _folder(place, folder)
    texts = {target / name: text for name, text in units(job, system=place == "system").items()}
    for path in texts:
        _check_ours(path, job.config)
    try:
        target.mkdir(parents=True, exist_ok=True)
        write_together(texts)
    except OSError as error:
        why = f"cannot write to {target}: {error.strerror}"
        raise UsageError(f"{why}; run it as root, or see what it would write: --print") from error
    scope = () if place == "system" else ("--user",)
    return [f"wrote {path}" for path in texts] + _started(place, scope) + _left_to_do(job, place)


def remove(place: Place | None = None, folder: Path | None = None) -> list[str]:
    """Stop the timer and take away what `install` wrote there, or for this user; what was done, a line each.

    Raises UsageError where it may not be, and BriefingError where cron refuses it.
    """
    done: list[str] = []
    if place != "cron":
        wanted: Place = place or "user"
        done += _removed_units(_folder(wanted, folder), () if wanted == "system" else ("--user",))
    if place in {None, "cron"} and (table := _table()):
        kept = without_line(table)
        if kept != table:
            _set_table(kept)
            done.append("removed our line from your crontab")
    return done or ["nothing to remove: no timer of ours is there"]


def _removed_units(target: Path, scope: Sequence[str]) -> list[str]:
    ours = [path for path in (target / TIMER, target / SERVICE) if _stated(path) is not None]
    if not ours:
        return []
    running = _works("systemctl", *scope, "show", "--property=Version")
    if running:
        _call("systemctl", *scope, "disable", "--now", TIMER)
    try:
        for path in ours:
            path.unlink()
    except OSError as error:
        raise UsageError(f"cannot remove {path}: {error.strerror}; run it as root") from error
    if running:
        _call("systemctl", *scope, "daemon-reload")
    return [f"removed {path}" for path in ours]


def _folder(place: Place, folder: Path | None) -> Path:
    if folder is not None:
        return folder
    if place == "system":
        return SYSTEM
    stated = os.environ.get("XDG_CONFIG_HOME", "")
    return (Path(stated) if stated.startswith("/") else Path.home() / ".config") / "systemd" / "user"


def _stated(path: Path) -> Path | None:
    """The configuration that a unit was written for; None where there is none, or none of ours."""
    try:
        return config_of(path.read_text(encoding="utf-8", errors="replace"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


def _check_ours(path: Path, config: Path) -> None:
    stated = _stated(path)
    if stated is None and path.exists():
        raise UsageError(f"{path} is there already, and not written by us: move it away")
    if stated not in {None, config}:
        raise UsageError(
            f"{path} is there for {stated}: put its profiles into {config}, or take it away: briefing schedule remove"
        )


def _started(place: Place, scope: Sequence[str]) -> list[str]:
    """Start the timer where systemd runs; else say how."""
    steps = (("daemon-reload",), ("enable", TIMER), ("restart", TIMER))
    by_hand = " && ".join(" ".join(("systemctl", *scope, *step)) for step in steps)
    if not _works("systemctl", *scope, "show", "--property=Version"):
        return [f"systemd does not run here, or not for this user; where it does: {by_hand}"]
    for step in steps:
        code, said = _call("systemctl", *scope, *step)
        if code:
            raise BriefingError(f"systemctl {' '.join(step)} failed: {said}; the units are written; try: {by_hand}")
    return [f"started {TIMER}: systemctl {'' if place == 'system' else '--user '}list-timers {TIMER} shows it"]


def _left_to_do(job: Job, place: Place) -> list[str]:
    left = _unseen(os.environ)
    if place == "system":
        if not _works("id", "-u", job.user):
            home = job.writable[0] if job.writable else job.config.parent
            left.append(f"there is no user {job.user} yet: adduser --system --group --home {home} {job.user}")
        left.append(
            f"{job.user} has to be able to read {job.config} and to write to {', '.join(map(str, job.writable))}"
        )
    else:
        code, said = _call("loginctl", "show-user", "--property=Linger", "--value", getuser())
        if code or said.strip() != "yes":
            left.append("so that it also runs while you are logged out: loginctl enable-linger")
    return left


def _unseen(environment: Mapping[str, str]) -> list[str]:
    """What is set here, and not where a timer runs."""
    names = sorted(name for name in environment if name.startswith(_OURS) and not name.startswith("BRIEFING_TEST_"))
    if not names:
        return []
    told = f"a timer does not see what is set in this shell ({', '.join(names)})"
    return [f"{told}: put it into briefing.toml, a password into a file of its own that mail.password_file names"]


def _works(*words: str) -> bool:
    return _call(*words)[0] == 0


def _call(*words: str, stdin: str | None = None) -> tuple[int, str]:
    """A command's exit code, and what it said; 127 where there is none such."""
    try:
        done = subprocess.run(  # noqa: S603 - words of our own, and no shell
            words, input=stdin, capture_output=True, timeout=_SECONDS, check=False,
            encoding="utf-8", errors="surrogateescape", env={**os.environ, "LC_ALL": "C"},
        )  # fmt: skip
    except (FileNotFoundError, PermissionError):
        return 127, f"there is no command {words[0]}"
    except subprocess.TimeoutExpired:
        return 124, f"{words[0]} did not answer within {_SECONDS} s"
    return done.returncode, done.stdout if done.returncode == 0 else (done.stderr or done.stdout).strip()


def _table() -> str | None:
    """The user's crontab, empty where there is none; None where there is no cron.

    Raises BriefingError where it cannot be read: what is not known must not be replaced.
    """
    code, said = _call("crontab", "-l")
    if code == 127:
        return None
    if code and "no crontab" not in said:
        raise BriefingError(f"cannot read your crontab: {said}")
    return "" if code else said


def _set_table(table: str) -> None:
    code, said = _call("crontab", "-", stdin=table)
    if code:
        raise BriefingError(f"cron refuses the crontab: {said}")
