"""The doctor on what is set up: configuration, profiles, secrets, disk."""

from __future__ import annotations

import re
from datetime import date

import pytest

from briefing.doctor import configuration, disk, mail, profiles, secrets
from briefing.doctor.disk import of_free
from briefing.letters import Letter
from briefing.sources import Source
from briefing.store import open_store
from briefing.store.editions import note_made
from briefing.store.sends import begin, due, queue, settle
from briefing.store.sources import add
from tests.examined import NOW, levels, one, setup, told

MAIL = {"host": "127.0.0.1", "sender": "Daily briefing <briefing@example.org>"}


@pytest.fixture
def fed(tmp_path):
    """A store with one source."""
    with open_store(tmp_path / "store.sqlite") as database:
        database.write(add, Source(url="https://a.example/feed", kind="feed", tags=("local",)), NOW)
    return tmp_path


# configuration


def test_a_configuration_that_is_read_and_an_output_that_can_be_written_are_good(tmp_path):
    (tmp_path / "briefing.toml").touch()
    assert levels(configuration.check(setup(tmp_path))) == ["good", "good"]
    given = setup(tmp_path, profiles={"morning": {}})
    assert "briefing.toml is read, with 1 profile " in told(configuration.check, given)


def test_a_folder_without_a_configuration_is_told_of_init(tmp_path):
    text = told(configuration.check, setup(tmp_path))
    assert text.startswith(f"warn: there is no {tmp_path}/briefing.toml: only defaults")
    assert "briefing init" in text


def test_looking_makes_nothing(tmp_path):
    given = setup(tmp_path, profiles={"morning": {}})
    for check in (configuration, profiles, secrets, disk):
        list(check.check(given))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["templates", "prompts"])
def test_a_folder_of_the_users_own_that_is_not_there_is_bad_and_told_once(tmp_path, name):
    given = setup(tmp_path, profiles={"morning": {}, "evening": {}}, **{name: tmp_path / "mine"})
    text = told(configuration.check, given) + told(profiles.check, given)
    assert text.count("bad: ") == 1
    assert re.search(
        rf"bad: {name}: there is no .*folder {tmp_path}/mine.*briefing {name} {tmp_path}/mine`? makes", text
    )
    (tmp_path / "mine").mkdir()
    assert "bad" not in told(configuration.check, setup(tmp_path, **{name: tmp_path / "mine"}))


@pytest.mark.parametrize("output", ["/proc/briefings", "/proc/self/x/y", "file/below"])
def test_an_output_that_cannot_be_written_is_bad(tmp_path, output):
    (tmp_path / "file").touch()
    text = told(configuration.check, setup(tmp_path, output=tmp_path / output))
    assert "bad: output: nothing can be written to" in text


def test_a_format_that_is_none_is_bad_and_told_by_whom_it_is_wanted(tmp_path):
    own = {"morning": {"formats": ["html", "pdf"]}, "evening": {}}
    given = setup(tmp_path, formats=["md", "doc"], profiles=own)
    assert "bad: formats: unknown format 'doc': known are md," in told(configuration.check, given)
    text = told(profiles.check, given)
    assert "bad: morning: unknown format 'pdf': known are md," in text
    assert text.count("bad: ") == 1


def test_a_template_of_the_users_own_that_cannot_be_read_is_bad_with_its_line(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "mail.txt.jinja").write_text("{{ title }}\n{% if x %}\n", encoding="utf-8")
    text = told(configuration.check, setup(tmp_path, templates=tmp_path / "mine"))
    assert f"bad: templates: template {tmp_path}/mine/mail.txt.jinja:2: " in text


def test_an_archive_that_no_mail_can_link_is_bad_for_the_profile_whose_mails_would(tmp_path):
    own = {"morning": {"formats": ["html"]}, "evening": {"formats": ["md"]}}
    given = setup(tmp_path, mail={"archive_url": "http://jo:canary@a.example/"}, profiles=own)
    text = told(profiles.check, given)
    assert text.count("bad: ") == 1
    assert "bad: morning: a mail cannot link" in text
    assert "canary" not in text


# profiles


def test_without_a_profile_there_is_nothing_to_look_at(tmp_path):
    found = one(profiles.check, setup(tmp_path))
    assert (found.level, "[profiles.morning]" in (found.todo or "")) == ("skipped", True)


def test_a_profile_with_sources_and_readers_is_good(fed):
    morning = {"sources": ["LOCAL", "https://a.example/feed"], "recipients": ["a@example.org", "A@Example.ORG"],
               "hour": "06:30", "time_zone": "Europe/Berlin"}  # fmt: skip
    found = one(profiles.check, setup(fed, profiles={"morning": morning}, mail=MAIL))
    assert (found.level, found.what) == ("good", "morning: 1 reader, at 06:30 Europe/Berlin")


def test_a_profile_of_sources_that_are_not_there_is_bad(fed):
    given = setup(fed, profiles={"morning": {"sources": ["local", "sport", "https://jo:canary@b.example/x"]}})
    text = told(profiles.check, given)
    assert "bad: morning: profiles.morning.sources: no such source: sport, https://b.example/x;" in text
    assert "canary" not in text


def test_a_profile_without_any_source_to_brief_is_bad(tmp_path):
    open_store(tmp_path / "store.sqlite").close()
    text = told(profiles.check, setup(tmp_path, profiles={"morning": {}}))
    assert "bad: morning: there are no sources to brief -> briefing add URL" in text


def test_a_profile_for_nobody_is_to_be_looked_at(fed):
    text = told(profiles.check, setup(fed, profiles={"morning": {"time_zone": "Asia/Kolkata"}}))
    assert text.startswith("warn: morning: at 06:30 Asia/Kolkata, for nobody -> name recipients")


@pytest.mark.parametrize(
    ("lines", "why"),
    [(b"\xff\xfe", "is not UTF-8"), (None, "cannot read")],
)
def test_a_list_of_recipients_that_cannot_be_read_is_bad(fed, lines, why):
    if lines is not None:
        (fed / "list.txt").write_bytes(lines)
    text = told(profiles.check, setup(fed, profiles={"morning": {"recipients_file": fed / "list.txt"}}))
    assert text.startswith("bad: morning: ")
    assert why in text


def test_a_line_that_is_no_address_is_to_be_looked_at_and_the_others_are_readers(fed):
    (fed / "list.txt").write_text("a@example.org\nno address\n", encoding="utf-8")
    text = told(profiles.check, setup(fed, profiles={"morning": {"recipients_file": fed / "list.txt"}}))
    assert text.startswith(f"warn: morning: {fed}/list.txt line 2: ")
    assert "good: morning: 1 reader, at 06:30" in text


def test_what_is_wrong_with_a_profiles_sources_hides_nothing_else(fed):
    given = setup(fed, profiles={"morning": {"sources": ["sport"], "formats": ["pdf"]}})
    assert levels(profiles.check(given)) == ["bad", "bad", "warn"]


@pytest.mark.parametrize(
    ("settings", "why"), [({}, "no way for mail to go out"), ({"host": "127.0.0.1"}, "nobody is named to send")]
)
def test_readers_whom_nobody_can_write_to_are_bad_and_told_once(fed, settings, why):
    morning, evening = {"recipients": ["a@example.org"]}, {"recipients": ["b@example.org"]}
    given = setup(fed, profiles={"morning": morning, "evening": evening}, mail=settings)
    found = one(mail.check, given)
    assert (found.level, why in found.what) == ("bad", True)
    assert "bad" not in levels(profiles.check(given))
    assert "bad" not in levels(mail.check(setup(fed, profiles={"morning": {}})))


# secrets


def test_without_secrets_in_files_there_is_nothing_to_look_at(tmp_path):
    assert one(secrets.check, setup(tmp_path)).level == "skipped"


@pytest.mark.parametrize(("mode", "level"), [(0o600, "good"), (0o400, "good"), (0o640, "warn"), (0o604, "bad")])
@pytest.mark.parametrize("name", ["password_file", "unsubscribe_key_file"])
def test_a_file_of_a_secret_is_for_its_owner_alone(tmp_path, mode, level, name):
    file = tmp_path / "canary"
    file.write_text("canary-secret-value\n", encoding="utf-8")
    file.chmod(mode)
    found = one(secrets.check, setup(tmp_path, mail={name: file}))
    assert (found.level, f"mail.{name}: " in found.what) == (level, True)
    assert (f"chmod 600 {file}" in (found.todo or "")) == (level != "good")
    assert "secret-value" not in repr(found)


@pytest.mark.parametrize(("make", "why"), [(False, "cannot read"), (True, "is empty")])
def test_a_file_of_a_secret_that_has_none_is_bad(tmp_path, make, why):
    if make:
        (tmp_path / "password").touch(0o600)
    found = one(secrets.check, setup(tmp_path, mail={"password_file": tmp_path / "password"}))
    assert (found.level, why in found.what) == ("bad", True)


def test_the_key_that_was_made_is_looked_at_where_none_is_named(tmp_path):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "unsubscribe.key").write_text("x" * 43, encoding="utf-8")
    (tmp_path / "state" / "unsubscribe.key").chmod(0o644)
    assert "bad: the key of unsubscribing: all can read" in told(secrets.check, setup(tmp_path))


def test_a_key_of_unsubscribing_that_can_be_guessed_is_to_be_looked_at(tmp_path):
    text = told(secrets.check, setup(tmp_path, mail={"unsubscribe_key": "canary"}))
    assert "warn: the key of unsubscribing is short" in text
    assert "canary" not in text
    assert "short" not in told(secrets.check, setup(tmp_path, mail={"unsubscribe_key": "x" * 32}))


PUBLIC = {**MAIL, "public_url": "https://briefing.example.org"}


def mail_went_out(folder, outcome="sent") -> None:
    with open_store(folder / "store.sqlite") as database:
        edition = database.write(note_made, "morning", date(2026, 11, 24), None, Letter("s", "h", "t", NOW), NOW)
        database.write(queue, edition, [("a@example.org", "<1@x>")], NOW)
        (send,) = database.read(due, NOW)
        database.write(begin, send, NOW)
        database.write(settle, send, outcome, None, NOW)


def test_a_key_that_is_gone_though_mail_went_out_with_it_is_to_be_looked_at_and_none_is_made(tmp_path):
    mail_went_out(tmp_path)
    given = setup(tmp_path, mail=PUBLIC, profiles={"morning": {"recipients": ["a@example.org"]}})
    found = one(secrets.check, given)
    assert (found.level, "its links to leave are dead" in found.what) == ("warn", True)
    assert (str(tmp_path / "state" / "unsubscribe.key") in found.what, "backup" in (found.todo or "")) == (True, True)
    list(mail.check(given))
    assert not (tmp_path / "state").exists()


def test_a_key_that_is_gone_is_no_matter_where_no_link_was_signed_with_it(tmp_path):
    assert one(secrets.check, setup(tmp_path, mail=PUBLIC)).level == "skipped"
    mail_went_out(tmp_path, "failed")
    assert one(secrets.check, setup(tmp_path, mail=PUBLIC)).level == "skipped"
    (tmp_path / "store.sqlite").unlink()
    mail_went_out(tmp_path)
    assert one(secrets.check, setup(tmp_path, mail=MAIL)).level == "skipped"
    assert one(secrets.check, setup(tmp_path, mail={**PUBLIC, "unsubscribe_key": "x" * 32})).level == "skipped"


def test_a_key_that_could_not_be_kept_is_bad(tmp_path):
    found = one(secrets.check, setup(tmp_path, mail=MAIL, state="/proc/briefing"))
    assert (found.level, "BRIEFING_MAIL__UNSUBSCRIBE_KEY" in (found.todo or "")) == ("bad", True)


@pytest.mark.parametrize(
    "text",
    ['[model]\napi_key = "canary"\n', 'store = "postgresql://jo:canary@db/x"\n',
     '[model]\nbase_url = "https://jo:canary@host/v1"\n'],
)  # fmt: skip
def test_a_configuration_with_a_secret_in_it_is_for_its_owner_alone(tmp_path, text):
    file = tmp_path / "briefing.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o644)
    assert told(secrets.check, setup(tmp_path)).startswith("bad: the configuration, with a secret in it: all can read")
    file.chmod(0o600)
    assert one(secrets.check, setup(tmp_path)).level == "good"


def test_a_configuration_without_a_secret_may_be_read_by_all(tmp_path):
    (tmp_path / "briefing.toml").write_text('title = "Morning"\n[model]\nname = "x"\n', encoding="utf-8")
    assert one(secrets.check, setup(tmp_path)).level == "skipped"


# disk


@pytest.mark.parametrize(
    ("free", "level"), [(99_999_999, "bad"), (100_000_000, "warn"), (999_999_999, "warn"), (1_000_000_000, "good")]
)
def test_room_is_bad_under_100_mb_and_to_be_looked_at_under_1_gb(tmp_path, free, level):
    assert of_free(free, tmp_path).level == level


def test_a_disk_is_looked_at_once_whether_its_folders_are_there_yet_or_not(tmp_path):
    (found,) = disk.check(setup(tmp_path, mail={"folder": tmp_path / "mail" / "below"}))
    assert found.what.endswith(f" free at {tmp_path}")


def test_two_disks_are_both_looked_at(tmp_path):
    findings = list(disk.check(setup(tmp_path, output="/dev/shm/briefings")))
    assert len(findings) == 2
    assert findings[1].what.endswith(" free at /dev/shm")
