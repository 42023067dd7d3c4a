"""The timer: the units and the line that are written, and how they come to their place and leave it."""

from __future__ import annotations

import os
import shlex
import shutil
import string
import subprocess
from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.config import load_settings
from briefing.errors import BriefingError, UsageError
from briefing.schedule.cron import cron_line, with_line, without_line
from briefing.schedule.install import chosen, install, remove, text_of
from briefing.schedule.job import Job, job_of
from briefing.schedule.units import SERVICE, TIMER, calendar, config_of, units

CONFIG = """
[profiles.morning]
hour = "06:30"
time_zone = "Europe/Berlin"
recipients = ["a@example.org"]

[profiles.evening]
hour = "18:00"
recipients = ["a@example.org"]
"""
ODD = 'it\'s 5% of $HOME \\n "x" ; `id` #é'
JOB = Job(command=("/opt/briefing/bin/briefing",), config=Path("/etc/briefing/briefing.toml"))
TABLE = "# mine\nMAILTO=me@example.org\n\n0 3 * * * backup --all  # 100\\%\n"

# systemctl and crontab as they answer; what they are asked is written down. `state/` says what works.
SYSTEMCTL = """#!/bin/sh
echo "systemctl $*" >> "$STATE/calls"
case "$*" in
  --user*) test -e "$STATE/user-works" || { echo "Failed to connect to bus: No medium found" >&2; exit 1; } ;;
  *) test -e "$STATE/system-works" || { echo "System has not been booted with systemd" >&2; exit 1; } ;;
esac
case "$*" in *enable*) test ! -e "$STATE/refuses" || { echo "Access denied" >&2; exit 4; } ;; esac
"""
LOGINCTL = """#!/bin/sh
test -e "$STATE/lingers" && echo yes || echo no
"""
CRONTAB = """#!/bin/sh
if [ "$1" = -l ]; then
  test ! -e "$STATE/forbidden" || { echo "You (me) are not allowed to use this program" >&2; exit 1; }
  test -e "$STATE/table" || { echo "no crontab for me" >&2; exit 1; }
  cat "$STATE/table"
else
  cat > "$STATE/table"
fi
"""


def job(folder: Path, **settings: object) -> Job:
    file = folder / "briefing.toml"
    file.write_text(CONFIG, encoding="utf-8")
    return job_of(load_settings(file, **settings), file, command=("/opt/briefing/bin/briefing",))


class Machine:
    """A machine on which these commands are there, and what they were asked."""

    def __init__(self, folder: Path) -> None:
        self.state = folder / "machine"
        self.state.mkdir()

    def has(self, *states: str) -> None:
        for name in states:
            (self.state / name).touch()

    @property
    def calls(self) -> list[str]:
        file = self.state / "calls"
        return [one for one in file.read_text().splitlines() if " show " not in one] if file.exists() else []

    @property
    def table(self) -> str:
        return (self.state / "table").read_bytes().decode()


@pytest.fixture
def machine(tmp_path, monkeypatch) -> Machine:
    found = Machine(tmp_path)
    bin_folder = tmp_path / "bin"
    bin_folder.mkdir()
    for name, text in (("systemctl", SYSTEMCTL), ("crontab", CRONTAB), ("loginctl", LOGINCTL)):
        (bin_folder / name).write_text(text)
        (bin_folder / name).chmod(0o755)
    for name in ("sh", "cat", "id"):
        (bin_folder / name).symlink_to(shutil.which(name) or name)
    for name in [one for one in os.environ if one.startswith(("BRIEFING_", "OPENAI_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", str(bin_folder))
    monkeypatch.setenv("STATE", str(found.state))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return found


# the units


def test_the_service_calls_the_one_verb_that_does_what_is_due_with_absolute_paths(tmp_path):
    service = units(job(tmp_path))[SERVICE].splitlines()
    file = tmp_path / "briefing.toml"
    assert f"ExecStart=/opt/briefing/bin/briefing schedule due --config {file} --quiet" in service
    assert f"WorkingDirectory={tmp_path}" in service
    assert {"Type=oneshot", "TimeoutStartSec=30min", "NoNewPrivileges=yes"} <= set(service)


def test_the_timer_has_each_hour_in_its_zone_and_looks_every_ten_minutes_and_after_a_start(tmp_path):
    timer = units(job(tmp_path))[TIMER].splitlines()
    stated = [one for one in timer if one.startswith("OnCalendar=")]
    assert stated == [
        "OnCalendar=*-*-* 06:30:00 Europe/Berlin", "OnCalendar=*-*-* 18:00:00", "OnCalendar=*:0/10",
    ]  # fmt: skip
    assert {"Persistent=true", "AccuracySec=1s", "OnActiveSec=10s", "WantedBy=timers.target"} <= set(timer)


def test_an_hour_of_several_profiles_is_stated_once():
    assert calendar([(time(6, 5), "UTC"), (time(6, 5), "UTC"), (time(6, 5), None)]) == [
        "*-*-* 06:05:00", "*-*-* 06:05:00 UTC",
    ]  # fmt: skip


def test_a_unit_of_the_system_keeps_its_store_where_the_system_lets_it(tmp_path):
    file = tmp_path / "briefing.toml"
    file.write_text(CONFIG + '\n[mail]\npassword_file = "secret"\n', encoding="utf-8")
    settings = load_settings(file, output=Path("/srv/editions"))
    service = units(job_of(settings, file, system=True, user="news"), system=True)[SERVICE].splitlines()
    assert {
        "User=news", "StateDirectory=briefing", "Environment=BRIEFING_STATE=/var/lib/briefing",
        "ReadWritePaths=/srv/editions", "ProtectSystem=strict", f"LoadCredential=mail-password:{tmp_path / 'secret'}",
        "Environment=BRIEFING_MAIL__PASSWORD_FILE=%d/mail-password",
    } <= set(service)  # fmt: skip


@pytest.mark.parametrize(
    ("file", "home", "temporary"),
    [("/etc/briefing.toml", "yes", "yes"), ("/home/me/b.toml", "read-only", "yes"), ("/tmp/b.toml", "yes", "no")],
)
def test_what_is_used_is_not_hidden_from_the_service(file, home, temporary):
    service = units(Job(command=("/usr/bin/briefing",), config=Path(file)), system=True)[SERVICE].splitlines()
    assert {f"ProtectHome={home}", f"PrivateTmp={temporary}"} <= set(service)


def test_a_users_own_unit_asks_for_nothing_that_needs_a_name_space():
    service = units(JOB)[SERVICE]
    assert not [
        one for one in ("ProtectSystem", "ProtectHome", "PrivateTmp", "User=", "LoadCredential") if one in service
    ]


def test_odd_characters_in_paths_reach_systemd_as_they_are():
    folder = Path("/srv") / ODD
    service = units(Job(command=("/opt/a%b$c/briefing",), config=folder / "b.toml"), system=True)[SERVICE]
    escaped = ODD.replace("%", "%%").replace("\\", "\\\\").replace('"', '\\"')
    assert (
        f'ExecStart="/opt/a%%b$c/briefing" schedule due --config "/srv/{escaped.replace("$", "$$")}/b.toml"' in service
    )
    assert f"WorkingDirectory=/srv/{ODD.replace('%', '%%')}\n" in service


def test_a_program_whose_path_systemd_refuses_is_called_by_another():
    service = units(Job(command=("/home/mike's/briefing",), config=Path("/b.toml")))[SERVICE]
    assert 'ExecStart=/usr/bin/env "/home/mike\'s/briefing" schedule due' in service


@pytest.mark.parametrize("path", ["/a\nb/x.toml", "/a\x1b/x.toml", "/a /x ", "/a/x\\", "/a/\udcff.toml"])
def test_a_path_that_cannot_be_written_in_a_unit_is_refused(path):
    with pytest.raises(UsageError, match="rename it"):
        units(Job(command=("/usr/bin/briefing",), config=Path(path)))


def test_a_unit_says_whose_it_is():
    for text in units(JOB).values():
        assert config_of(text) == JOB.config
    assert config_of("[Unit]\nDescription=Another\n") is None


@pytest.mark.parametrize("system", [True, False])
def test_systemd_finds_nothing_wrong_with_them(tmp_path, system):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("no systemd-analyze: apt-get install systemd")
    folder = tmp_path / "o'd %n $x"
    folder.mkdir()
    program = folder / "briefing"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    own = Job(
        command=(str(program),), config=folder / "a b.toml", hours=((time(6, 30), "Europe/Berlin"), (time(7), None)),
        writable=(folder / "st ate", Path("/var/lib/briefing")), secrets=(("mail.password_file", folder / "p w"),),
        user="root",
    )  # fmt: skip
    for name, text in units(own, system=system).items():
        (tmp_path / name).write_text(text)
    command = ["systemd-analyze", "verify", "--man=no", f"{tmp_path / SERVICE}", f"{tmp_path / TIMER}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


# the line of cron


def as_cron_does(command: str) -> str:
    """The command that cron gives to the shell: up to the first % that no backslash is before (do_command.c)."""
    given: list[str] = []
    escaped = False
    for one in command:
        if escaped:
            if one == "%":
                given.pop()
            escaped = False
        elif one == "\\":
            escaped = True
        elif one == "%":
            break
        given.append(one)
    return "".join(given)


@given(word=st.text(string.printable[:95] + "%%%%\\\\''é", min_size=1, max_size=30))
def test_whatever_the_path_cron_and_the_shell_together_read_it_as_it_is(word):
    folder = "/x" + word.replace("/", "_").strip()
    words = ("/opt/briefing", "schedule", "due", "--config", f"{folder}/b.toml")
    mark, line, end = cron_line(words, Path(f"{folder}/b.toml")).split("\n")
    fields, command = line[:11], line[12:]
    assert (fields, end, mark.startswith("#")) == ("*/5 * * * *", "", True)
    assert shlex.split(as_cron_does(command)) == ["cd", folder, "&&", *words]


def test_a_real_shell_reads_it_so_too(tmp_path):
    folder = tmp_path / ODD
    folder.mkdir()
    program = folder / "say"
    program.write_text('#!/bin/sh\npwd\nfor one; do printf "%s\\n" "$one"; done\n')
    program.chmod(0o755)
    own = Job(command=(str(program),), config=folder / "b.toml")
    command = cron_line(own.words, own.config).splitlines()[1].removeprefix("*/5 * * * * ")
    done = subprocess.run(["/bin/sh", "-c", as_cron_does(command)], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [str(folder), "schedule", "due", "--config", str(folder / "b.toml"), "--quiet"]


@pytest.mark.parametrize("config", ["/a\nb/x.toml", "/a\r/x.toml", "/" + "a" * 600 + "/x.toml"])
def test_a_path_that_cannot_be_written_in_a_line_is_refused(config):
    with pytest.raises(UsageError):
        cron_line(("/opt/briefing", "schedule", "due", "--config", config), Path(config))


@pytest.mark.parametrize("table", ["", TABLE, TABLE.rstrip("\n"), "\n\n" + TABLE + "\n\n", "a\x0bb\n\u2028c\n"])
def test_the_line_comes_and_goes_and_leaves_the_others_as_they_were(table):
    line = cron_line(JOB.words, JOB.config)
    with_it = with_line(table, line)
    assert with_it.endswith(line)
    assert with_line(with_it, line) == with_it
    without = without_line(with_it, JOB.config)
    assert without == (table + "\n" if table and not table.endswith("\n") else table)


def test_the_lines_for_several_configurations_stand_beside_each_other():
    other = cron_line(("/opt/briefing", "schedule", "due", "--config", "/b.toml"), Path("/b.toml"))
    both = with_line(with_line(TABLE, cron_line(JOB.words, JOB.config)), other)
    assert without_line(both, Path("/b.toml")) == with_line(TABLE, cron_line(JOB.words, JOB.config))
    assert without_line(both) == TABLE


# putting them in their place


def test_with_systemd_the_units_are_written_and_started(machine, tmp_path):
    machine.has("user-works", "lingers")
    assert chosen() == "user"
    told = install(job(tmp_path), "user")
    folder = tmp_path / "config" / "systemd" / "user"
    assert sorted(path.name for path in folder.iterdir()) == [SERVICE, TIMER]
    assert machine.calls == [
        "systemctl --user daemon-reload", f"systemctl --user enable {TIMER}", f"systemctl --user restart {TIMER}",
    ]  # fmt: skip
    assert not [one for one in told if "linger" in one]
    assert text_of(job(tmp_path), "user") == "\n".join(
        f"# {folder / name}\n{(folder / name).read_text()}" for name in (SERVICE, TIMER)
    )


def test_who_does_not_linger_is_told_to(machine, tmp_path):
    machine.has("user-works")
    assert any("loginctl enable-linger" in one for one in install(job(tmp_path), "user"))


def test_without_systemd_it_is_cron_and_the_rest_of_the_table_stays(machine, tmp_path):
    (machine.state / "table").write_text(TABLE)
    assert chosen() == "cron"
    for _ in range(2):
        install(job(tmp_path), "cron")
    assert machine.table == TABLE + text_of(job(tmp_path), "cron")
    assert machine.table.count("schedule due") == 1
    assert remove() == ["removed our line from your crontab"]
    assert machine.table == TABLE


def test_a_user_without_a_crontab_gets_one(machine, tmp_path):
    install(job(tmp_path), "cron")
    assert machine.table == text_of(job(tmp_path), "cron")


def test_a_crontab_that_cannot_be_read_is_not_replaced(machine, tmp_path):
    machine.has("forbidden")
    with pytest.raises(BriefingError, match="not allowed"):
        install(job(tmp_path), "cron")
    assert not (machine.state / "table").exists()


def test_with_neither_it_says_what_else_there_is(machine, tmp_path):
    (tmp_path / "bin" / "crontab").unlink()
    with pytest.raises(UsageError, match="schedule run"):
        chosen()
    with pytest.raises(UsageError, match="no cron"):
        install(job(tmp_path), "cron")


def test_what_systemd_refuses_is_told_with_what_to_try(machine, tmp_path):
    machine.has("user-works", "refuses")
    with pytest.raises(BriefingError, match=r"Access denied.*systemctl --user daemon-reload &&"):
        install(job(tmp_path), "user")


def test_where_systemd_does_not_run_the_units_of_the_system_are_written_all_the_same(machine, tmp_path):
    told = install(job(tmp_path), "system", tmp_path / "units")
    assert (tmp_path / "units" / TIMER).exists()
    assert any(f"systemctl daemon-reload && systemctl enable {TIMER}" in one for one in told)
    assert any("adduser --system" in one for one in told)
    assert machine.calls == []


def test_a_unit_that_is_not_ours_is_left_alone(machine, tmp_path):
    machine.has("user-works")
    folder = tmp_path / "units"
    folder.mkdir()
    (folder / SERVICE).write_text("[Unit]\nDescription=Briefings of the army\n")
    with pytest.raises(UsageError, match="not written by us"):
        install(job(tmp_path), "user", folder)
    assert remove("user", folder) == ["nothing to remove: no timer of ours is there"]
    assert [path.name for path in folder.iterdir()] == [SERVICE]


def test_the_timer_of_another_configuration_is_not_replaced(machine, tmp_path):
    machine.has("user-works")
    other = tmp_path / "other"
    other.mkdir()
    install(job(other), "user")
    with pytest.raises(UsageError, match=r"is there for .*other/briefing\.toml"):
        install(job(tmp_path), "user")


def test_remove_stops_the_timer_and_takes_the_units_away(machine, tmp_path):
    machine.has("user-works")
    install(job(tmp_path), "user")
    told = remove()
    assert len(told) == 2
    assert list((tmp_path / "config" / "systemd" / "user").iterdir()) == []
    assert machine.calls[-2:] == [f"systemctl --user disable --now {TIMER}", "systemctl --user daemon-reload"]
    assert remove() == ["nothing to remove: no timer of ours is there"]


def test_what_the_timer_will_not_see_is_named_and_never_shown(machine, tmp_path, monkeypatch):
    monkeypatch.setenv("BRIEFING_MAIL__PASSWORD", "canary-1")
    monkeypatch.setenv("OPENAI_API_KEY", "canary-2")
    told = "\n".join(install(job(tmp_path), "cron"))
    assert "BRIEFING_MAIL__PASSWORD, OPENAI_API_KEY" in told
    assert "canary" not in told + machine.table


def test_where_units_cannot_be_written_it_says_who_may(machine, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="run it as root"):
        install(job(tmp_path), "system", tmp_path / "file" / "units")


# what is called


def test_without_a_configuration_or_a_profile_there_is_nothing_to_install(tmp_path):
    with pytest.raises(UsageError, match="briefing init"):
        job_of(load_settings(), tmp_path / "briefing.toml")
    (tmp_path / "briefing.toml").touch()
    with pytest.raises(UsageError, match=r"profiles\.morning"):
        job_of(load_settings(tmp_path / "briefing.toml"), tmp_path / "briefing.toml")


def test_the_program_that_is_called_is_the_one_that_installs(tmp_path):
    (tmp_path / "briefing.toml").write_text(CONFIG)
    found = job_of(load_settings(tmp_path / "briefing.toml"), tmp_path / "briefing.toml")
    command = [*found.command, "--version"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=True).stdout.strip()


@pytest.mark.parametrize("user", ["", "a b", "x\nUser=root", "-x", "Ü"])
def test_what_is_no_name_of_a_user_is_refused(tmp_path, user):
    (tmp_path / "briefing.toml").write_text(CONFIG)
    with pytest.raises(UsageError, match="--user"):
        job_of(load_settings(tmp_path / "briefing.toml"), tmp_path / "briefing.toml", system=True, user=user)


def test_all_that_is_written_to_is_writable(tmp_path):
    own = job(tmp_path, state=tmp_path / "s", store="db/x.sqlite", output=Path("out"), mail={"folder": "mail"})
    assert own.writable == (tmp_path / "s", tmp_path / "db", tmp_path / "out", tmp_path / "mail")
