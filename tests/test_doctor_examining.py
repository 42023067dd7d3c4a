"""`briefing doctor` as a whole: all checks at once, none of which can end it, and no secret in what it says."""

from __future__ import annotations

import logging
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from briefing.doctor import CHECKS
from briefing.doctor.examining import Examined, examine
from briefing.doctor.finding import Finding, Setup, bad, good, skipped, warn
from briefing.doctor.telling import as_dict, is_good, lines
from briefing.errors import BriefingError
from briefing.ports import load
from briefing.sources import Source
from briefing.store import open_store
from briefing.store.sources import Fetch, add, listed, log
from tests.command import EPOCH, briefing, environment
from tests.examined import NOW, setup

HERE = "tests.test_doctor_examining"
CANARY = "canary-7f3a91"
ROOT = Path(__file__).parent.parent


def one_good(_: Setup) -> Iterator[Finding]:
    yield good("well")


def one_of_each(_: Setup) -> list[Finding]:
    return [good("a"), warn("b", "do b"), bad("c", "do c"), skipped("d"), skipped("e", "do e")]


def breaks(_: Setup) -> Iterator[Finding]:
    yield good("so far")
    raise ZeroDivisionError("by\nnothing")


def breaks_in_words(_: Setup) -> list[Finding]:
    raise BriefingError("the store is away")


def hangs(_: Setup) -> list[Finding]:
    time.sleep(3)
    return []


def waits_a_little(_: Setup) -> list[Finding]:
    time.sleep(0.3)
    return [good("late")]


def tells_secrets(given: Setup) -> list[Finding]:
    logging.getLogger("briefing.store").warning("%s", CANARY)
    settings = given.settings
    key = settings.model.api_key.get_secret_value() if settings.model.api_key else ""
    password = settings.mail.password.get_secret_value() if settings.mail.password else ""
    stated = f"{key} and {password}, {settings.store}, {settings.model.base_url}\x1b[31m\u202e"
    stated += f" {unquote(settings.model.base_url or '')}"
    if settings.mail.unsubscribe_key_file is not None:
        stated += settings.mail.unsubscribe_key_file.read_text(encoding="utf-8")
    return [bad(stated, stated), warn(f"x{password}x bobcat", "a" * 2000)]


def found(folder: Path, *names: str, patience: float | None = None, **values: Any) -> dict[str, tuple[Finding, ...]]:
    checks = {name: f"{HERE}:{name}" for name in names}
    return {one.name: one.findings for one in examine(setup(folder, **values), checks=checks, patience=patience)}


def test_every_check_is_there():
    assert all(callable(load(place)) for place in CHECKS.values())


def test_what_checks_find_is_told_in_their_order_whichever_is_quicker(tmp_path):
    assert list(found(tmp_path, "waits_a_little", "one_good", "one_of_each")) == [
        "waits_a_little", "one_good", "one_of_each",
    ]  # fmt: skip


def notes_where_it_is_imported(folder: Path, name: str) -> str:
    """The place of a check in a module that says, when it is imported, in which thread that was."""
    (folder / f"{name}.py").write_text(
        "import threading\nTHREAD = threading.current_thread()\ndef check(_): return []\n", encoding="utf-8"
    )
    return f"{name}:check"


def test_all_checks_are_imported_in_the_thread_that_asks_before_any_of_them_runs(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    names = [f"check_of_{tmp_path.name}_{number}".replace("-", "_") for number in range(3)]
    examine(setup(tmp_path), checks={name: notes_where_it_is_imported(tmp_path, name) for name in names})
    assert {sys.modules.pop(name).THREAD for name in names} == {threading.current_thread()}


def test_no_check_imports_in_its_own_thread_what_another_may_import_at_that_moment(tmp_path):
    program = """
import sys, threading
from pathlib import Path
late = []
class Note:
    def find_spec(name, path=None, target=None):
        if threading.current_thread() is not threading.main_thread():
            late.append(name)
sys.meta_path.insert(0, Note)
from tests.examined import setup
from briefing.doctor.examining import examine
from briefing.store import open_store
folder = Path(sys.argv[1])
open_store(folder / "store.sqlite").close()
mail = {"host": "127.0.0.1", "port": 1, "sender": "b@paper.example.de", "public_url": "https://127.0.0.1:1/",
        "username": "ada", "password": "x"}
given = setup(folder, mail=mail, model={"base_url": "http://127.0.0.1:1/v1"}, name_servers=(("127.0.0.1", 1),),
              profiles={"morning": {"recipients": ["a@example.org"]}})
for name in [one for one in sys.modules if one.partition(".")[0] in {"dns", "httpx2", "httpcore2"}]:
    del sys.modules[name]  # the tests themselves have imported them
late.clear()
examine(given, patience=20)
print(*late)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path],
        cwd=ROOT, capture_output=True, text=True, env=environment(), timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert [one for one in done.stdout.split() if not one.startswith("tzdata.zoneinfo.")] == []


def test_all_are_looked_at_at_once(tmp_path):
    checks = {str(number): f"{HERE}:waits_a_little" for number in range(10)}
    began = time.monotonic()
    assert len(examine(setup(tmp_path), checks=checks)) == 10
    assert time.monotonic() - began < 2


def test_a_check_that_breaks_is_a_finding_in_one_line_and_the_others_go_on(tmp_path):
    findings = found(tmp_path, "breaks", "one_good")
    (broken,) = findings["breaks"]
    assert (broken.level, broken.what) == ("bad", "this could not be checked: ZeroDivisionError: by nothing")
    assert findings["one_good"] == (good("well"),)


def test_a_check_that_is_not_there_is_a_finding(tmp_path):
    (missing,) = examine(setup(tmp_path), checks={"mine": "nowhere.at.all:check"})
    assert [one.level for one in missing.findings] == ["bad"]


def test_an_error_of_ours_is_told_in_its_own_words(tmp_path):
    (said,) = found(tmp_path, "breaks_in_words")["breaks_in_words"]
    assert (said.level, said.what) == ("bad", "the store is away")


def test_a_check_that_hangs_is_left_at_its_time_and_is_a_finding(tmp_path):
    began = time.monotonic()
    findings = found(tmp_path, "hangs", "one_good", patience=0.3)
    assert time.monotonic() - began < 2
    assert [one.level for one in findings["hangs"]] == ["bad"]
    assert findings["hangs"][0].what == "no answer within 0.3 s"
    assert findings["one_good"] == (good("well"),)


def test_where_no_thread_is_to_be_had_the_checks_are_done_one_after_the_other(tmp_path, monkeypatch):
    def none(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none)
    assert found(tmp_path, "one_good", "breaks")["one_good"] == (good("well"),)


def test_progress_is_told_to_the_last(tmp_path):
    steps: list[tuple[str, int, int]] = []
    checks = {"a": f"{HERE}:one_good", "b": f"{HERE}:one_good"}
    examine(setup(tmp_path), lambda *step: steps.append(step), checks)
    assert steps == [("checking", 1, 2), ("checking", 2, 2)]


def test_no_finding_tells_a_secret_or_moves_the_cursor(tmp_path, caplog):
    values: dict[str, Any] = {
        "store": f"postgresql://jo:{CANARY}-db@127.0.0.1/x",
        "model": {"api_key": f"{CANARY}-key", "base_url": f"http://jo:{CANARY}%2Durl@127.0.0.1/v1"},
        "mail": {"password": "cat", "unsubscribe_key": f"{CANARY}-sign"},
    }
    first, second = found(tmp_path, "tells_secrets", **values)["tells_secrets"]
    assert "canary" not in repr((first, second))
    assert "canary" not in caplog.text
    assert "*** and ***, postgresql://jo:***@127.0.0.1/x, http://jo:***@127.0.0.1/v1" in first.what
    assert "\x1b" not in first.what
    assert "\u202e" not in first.what
    assert second.what == "xcatx bobcat"
    assert len(second.todo or "") == 600


def test_a_secret_in_a_file_is_not_told_either(tmp_path):
    (tmp_path / "key").write_text(f"{CANARY}-file\n", encoding="utf-8")
    values: dict[str, Any] = {"mail": {"password": "cat", "unsubscribe_key_file": tmp_path / "key"}}
    assert "canary" not in repr(found(tmp_path, "tells_secrets", **values))


def test_warnings_are_told_again_afterwards(tmp_path, caplog):
    found(tmp_path, "tells_secrets")
    logging.getLogger("briefing.store").warning("heard")
    assert [one.message for one in caplog.records] == ["heard"]


# telling


EXAMINED = [Examined("mail", tuple(one_of_each(None))), Examined("disk", (good("room"),))]  # type: ignore[arg-type]


def test_each_finding_is_a_line_and_what_to_do_another():
    assert list(lines(EXAMINED)) == [
        "good     mail: a",
        "warn     mail: b",
        "         -> do b",
        "BAD      mail: c",
        "         -> do c",
        "skipped  mail: d",
        "skipped  mail: e",
        "         -> do e",
        "good     disk: room",
        "2 good, 1 to look at, 1 bad, 2 not checked",
    ]


def test_the_same_as_plain_values():
    told = as_dict(EXAMINED)
    assert told["good"] is False
    assert told["findings"][2] == {"check": "mail", "level": "bad", "what": "c", "todo": "do c"}
    assert len(told["findings"]) == 6


def test_only_what_is_bad_is_not_good():
    assert is_good([Examined("x", (good("a"), warn("b", "c"), skipped("d")))])
    assert not is_good(EXAMINED)


# the verb


@pytest.fixture
def place(tmp_path: Path, monkeypatch) -> Path:
    """A folder to work in, on a machine without a timer."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home-state"))
    return tmp_path


def write(place: Path, text: str) -> None:
    (place / "briefing.toml").write_text(f'store = "store.sqlite"\nstate = "state"\n{text}', encoding="utf-8")
    (place / "briefing.toml").chmod(0o600)


def test_in_an_empty_folder_nothing_is_bad_and_nothing_is_made(place):
    answer = briefing("doctor", XDG_STATE_HOME=str(place / "home-state"))
    assert (answer.code, answer.err) == (0, "")
    assert "warn     configuration: there is no briefing.toml" in answer.out
    assert "         -> briefing init" in answer.out
    assert list(place.iterdir()) == []


def test_all_checks_are_told_in_their_order(place):
    answer = briefing("doctor", "--json", XDG_STATE_HOME=str(place / "home-state"))
    names = list(dict.fromkeys(one["check"] for one in answer.json["findings"]))
    assert names == list(CHECKS)


def test_a_sound_setup_is_good(place):
    write(place, '[mail]\nfolder = "mail"\nsender = "b@example.org"\noperator = "o@example.org"\n'
                 '[profiles.morning]\nrecipients = ["a@example.org"]\n')  # fmt: skip
    with open_store(place / "store.sqlite") as database:
        database.write(add, Source(url="https://a.example/feed", kind="feed"), NOW)
    answer = briefing("doctor")
    assert answer.code == 0, answer.out
    assert "good     profiles: morning: 1 reader, at 06:30 " in answer.out
    assert re.fullmatch(r"\d+ good, \d+ to look at, 0 bad, \d+ not checked", answer.out.splitlines()[-1])


def test_something_bad_is_exit_code_1(place):
    write(place, '[profiles.morning]\nrecipients = ["a@example.org"]\n')
    answer = briefing("doctor")
    assert answer.code == 1
    assert "BAD      mail: no way for mail to go out" in answer.out


def test_one_profile_alone_is_looked_at(place):
    text = ('[mail]\nfolder = "mail"\nsender = "b@example.org"\n[profiles.wrong]\nrecipients_file = "list.txt"\n'
            '[profiles.fine]\nrecipients = ["a@example.org"]\n')  # fmt: skip
    write(place, text)
    assert briefing("doctor").code == 1
    answer = briefing("doctor", "--profile", "fine")
    assert answer.code == 0
    assert "wrong" not in answer.out


@pytest.mark.parametrize(("hours", "told"), [(1, "good     store: last fetched 2024-10-22"), (96, "for 4 days")])
def test_ages_are_counted_by_the_clock_that_source_date_epoch_fixes(place, hours, told):
    write(place, "")
    at = datetime.fromtimestamp(int(EPOCH), UTC) - timedelta(hours=hours)
    with open_store(place / "store.sqlite") as database:
        database.write(add, Source(url="https://a.example/feed", kind="feed"), at)
        (source,) = database.read(listed)
        database.write(
            log, Fetch(run="r", source_id=source.id, url=source.source.url, at=at, seconds=0, outcome="read")
        )
    assert told in briefing("doctor").out


def test_a_profile_that_is_not_there_is_a_usage_error(place):
    write(place, "[profiles.morning]\n")
    answer = briefing("doctor", "--profile", "evening")
    assert (answer.code, answer.out) == (2, "")
    assert "there are morning" in answer.err


@pytest.mark.parametrize("text", ["[mail\n", "[mail]\nsendr = 1\n", f'[mail]\npassword = "{CANARY}"\n'])
@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_a_configuration_that_cannot_be_read_is_a_finding_with_its_line(place, text, flags):
    write(place, text)
    answer = briefing("doctor", *flags)
    assert (answer.code, answer.err) == (1, "")
    assert "briefing.toml line" in answer.out
    assert "canary" not in answer.out
    if flags:
        assert [one["level"] for one in answer.json["findings"]] == ["bad"]


def test_a_configuration_that_is_not_there_is_a_finding(place):
    answer = briefing("doctor", "--config", "nowhere.toml")
    assert answer.code == 1
    assert "BAD      configuration: cannot read the configuration nowhere.toml" in answer.out


@pytest.mark.parametrize("flags", [(), ("--json",)])
def test_with_everything_broken_it_still_ends_in_words_and_tells_no_secret(place, flags):
    (place / "store.sqlite").write_bytes(b"\0" * 5000)
    (place / "file").touch()
    (place / "password").write_text(f"{CANARY}-password\n", encoding="utf-8")
    write(
        place,
        f'output = "file/below"\ntemplates = "nowhere"\nformats = ["pdf"]\nwriter = "model"\n'
        f'[model]\nbase_url = "http://jo:{CANARY}-url@127.0.0.1:1/v1"\napi_key = "{CANARY}-key"\n'
        f'[mail]\nhost = "127.0.0.1"\nport = 1\nsender = "b@briefing.test"\nusername = "ada"\n'
        f'password_file = "password"\npublic_url = "https://jo:{CANARY}-public@127.0.0.1:1/"\n'
        f'[profiles.morning]\nsources = ["https://jo:{CANARY}-feed@x.example/"]\nrecipients = ["a@example.org"]\n',
    )
    answer = briefing("doctor", *flags, BRIEFING_MAIL__UNSUBSCRIBE_KEY=f"{CANARY}-sign")
    assert answer.code == 1
    assert "canary" not in answer.out + answer.err
    assert "Traceback" not in answer.out + answer.err
    assert answer.err == ""
    if flags:
        levels = {one["check"]: one["level"] for one in answer.json["findings"]}
        assert {name for name, level in levels.items() if level == "bad"} >= {"configuration", "store", "model", "mail"}


@pytest.mark.skipif(sys.platform != "linux", reason="the commands of the system are Linux's")
def test_it_calls_nothing_of_the_system_but_what_tells(place, monkeypatch):
    commands = place / "bin"
    commands.mkdir()
    for name in ("timedatectl", "crontab", "systemctl"):
        (commands / name).write_text(f'#!/bin/sh\necho {name} "$@" >> {place}/called\nexit 1\n', encoding="utf-8")
        (commands / name).chmod(0o755)
    (place / "config" / "systemd" / "user").mkdir(parents=True)
    (place / "config" / "systemd" / "user" / "briefing.timer").touch()
    write(place, "[profiles.morning]\n")
    briefing("doctor", PATH=f"{commands}{os.pathsep}/bin")
    called = (place / "called").read_text(encoding="utf-8").splitlines()
    assert set(called) <= {
        "timedatectl show --property=NTPSynchronized --value", "crontab -l",
        "systemctl --user is-active briefing.timer", "systemctl is-active briefing.timer",
    }  # fmt: skip
    assert len(called) >= 3
