"""The files for a small server: they say what the program does, name what is there, and hold no secret."""

from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import typer.main

from briefing.cli import app
from briefing.config import load_settings
from briefing.schedule.job import job_of
from briefing.schedule.units import SERVICE, TIMER, units

KNOWN = {  # of the Compose specification, what is used
    "image", "build", "restart", "init", "user", "read_only", "cap_drop", "cap_add", "security_opt", "tmpfs",
    "volumes", "mem_limit", "pids_limit", "shm_size", "stop_grace_period", "logging", "command", "environment",
    "secrets", "ports", "healthcheck", "profiles",
}  # fmt: skip


@pytest.fixture(scope="module")
def folder(root) -> Path:
    found: Path = root / "docs" / "server"
    return found


@pytest.fixture(scope="module")
def steps(folder) -> list[tuple[str, str]]:
    """The instructions of the container file, with their arguments."""
    text = re.sub(r"^#.*\n", "", (folder / "Containerfile").read_text(), flags=re.MULTILINE)
    rows = [row.strip() for row in text.replace("\\\n", " ").splitlines() if row.strip()]
    return [(name, rest.strip()) for name, _, rest in (row.partition(" ") for row in rows)]


@pytest.fixture(scope="module")
def compose(folder) -> dict[str, Any]:
    yaml = pytest.importorskip("yaml", reason="no PyYAML to read compose.yaml with: pip install pyyaml")
    found: dict[str, Any] = yaml.safe_load((folder / "compose.yaml").read_text())
    return found


def options_of(words: list[str]) -> None:
    """Raises where the program has no such verb or option."""
    command: Any = typer.main.get_command(app)
    while words and not words[0].startswith("-"):
        command = command.commands[words.pop(0)]
    known = {name for one in command.params for name in one.opts}
    stated = {word for word in words if word.startswith("-")}
    assert stated <= known, stated - known


def test_the_units_are_those_that_install_prints(folder):
    """Made anew by: briefing schedule install --system --print, for this briefing.toml in /etc/briefing."""
    file = folder / "briefing.toml"
    own = job_of(load_settings(file), file, system=True, command=("/opt/briefing/bin/briefing",))
    texts = units(replace(own, config=Path("/etc/briefing/briefing.toml")), system=True)
    assert texts == {name: (folder / name).read_text() for name in (SERVICE, TIMER)}


def test_all_that_is_copied_into_the_image_is_there(steps, root):
    copied = [word for name, rest in steps if name == "COPY" and "--from" not in rest for word in rest.split()[:-1]]
    assert {"pyproject.toml", "constraints.txt", "briefing", "templates", "prompts"} <= set(copied)
    assert [word for word in copied if not (root / word).exists()] == []


def test_what_the_image_is_built_of_is_not_ignored(steps, folder):
    rows = (folder / "Containerfile.dockerignore").read_text().splitlines()
    copied = [word for name, rest in steps if name == "COPY" and "--from" not in rest for word in rest.split()[:-1]]
    assert {f"!{word}" for word in copied} <= set(rows)
    assert rows.index("*") < min(rows.index(f"!{word}") for word in copied)


def test_the_image_installs_the_versions_that_were_tested_and_extras_that_there_are(steps, root):
    import tomllib

    (install,) = (json.loads(rest) for name, rest in steps if name == "RUN" and "pip" in rest)
    assert install[install.index("--constraint") + 1] == "constraints.txt"
    extras = re.fullmatch(r"\.\[(.+)\]", install[-1])
    assert extras is not None
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    assert set(extras[1].split(",")) <= set(project["optional-dependencies"])


def test_the_image_runs_as_a_user_without_rights_that_owns_its_folders(steps):
    users = [rest for name, rest in steps if name == "USER"]
    assert users == ["10001:10001"]
    last = max(number for number, (name, _) in enumerate(steps) if name == "FROM")
    after = [name for name, _ in steps[last:]]
    assert after.index("RUN") < after.index("USER") < after.index("ENTRYPOINT")
    (volumes,) = (json.loads(rest) for name, rest in steps if name == "VOLUME")
    made = next(rest for name, rest in steps[last:] if name == "RUN")
    assert all(f" {volume}" in made for volume in volumes)


def test_the_image_calls_a_verb_that_there_is_and_is_checked_by_the_file_that_it_touches(steps):
    entry, command = (json.loads(next(rest for name, rest in steps if name == kind)) for kind in ("ENTRYPOINT", "CMD"))
    assert entry == ["briefing"]
    options_of(list(command))
    check = next(rest for name, rest in steps if name == "HEALTHCHECK")
    assert command[command.index("--heartbeat") + 1] in check
    words = json.loads(check.partition("CMD ")[2])
    assert shlex.split(words[-1])[0] == "test"


@pytest.mark.parametrize("name", ["Containerfile", "compose.yaml", "briefing.toml", SERVICE])
def test_no_file_holds_a_secret(folder, name):
    text = (folder / name).read_text()
    stated = re.findall(
        r"(?im)^[^#\n]*?(\w*(?:api_key|passwd|password|unsubscribe_key|token))[ \t]*[=:][ \t]*[\"']?(\w\S*)", text
    )
    assert [pair for pair in stated if not pair[1].startswith("run/secrets")] == []
    assert not re.search(r"(?i)(?:ARG|ENV)\s+\w*(?:KEY|PASSWORD|TOKEN)", text)


def test_every_service_is_held_as_tight_as_it_can_be(compose):
    assert set(compose["services"]) == {"schedule", "web", "database"}
    for service in compose["services"].values():
        assert set(service) <= KNOWN
        assert service["cap_drop"] == ["ALL"]
        assert service["read_only"] is True
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service.get("privileged") is None
    for name in ("schedule", "web"):
        assert compose["services"][name]["user"] == "10001:10001"
        assert not compose["services"][name].get("cap_add")


def test_the_services_call_verbs_that_there_are(compose, folder):
    for name in ("schedule", "web"):
        options_of([str(word) for word in compose["services"][name]["command"]])
        build = compose["services"][name]["build"]
        context = (folder / build["context"]).resolve()
        assert (context / build["dockerfile"]).is_file()
        assert (context / "pyproject.toml").is_file()


def test_secrets_come_from_files_and_are_named_by_settings_that_there_are(compose, monkeypatch, tmp_path):
    secrets = compose["secrets"]
    assert all(set(one) == {"file"} for one in secrets.values())
    for service in compose["services"].values():
        assert set(service["secrets"]) <= set(secrets)
        for value in service["environment"].values():
            if str(value).startswith("/run/secrets/"):
                assert Path(value).name in service["secrets"]
    for key, value in compose["services"]["schedule"]["environment"].items():
        monkeypatch.setenv(key, str(value))
    monkeypatch.chdir(tmp_path)
    assert load_settings().mail.password_file == Path("/run/secrets/mail_password")


def test_nothing_is_reached_from_outside_but_by_a_proxy_on_the_machine(compose):
    ports = [port for service in compose["services"].values() for port in service.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
