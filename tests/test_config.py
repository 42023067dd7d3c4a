"""Settings: flag over environment over file over default, and messages that name the place and the fix."""

from __future__ import annotations

import re
from datetime import time
from pathlib import Path

import keyring
import keyring.backend
import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.config import MailSettings, Settings, load_settings
from briefing.config.origin import settings_in_force
from briefing.config.places import line_of
from briefing.config.secrets import mail_password, unsubscribe_key
from briefing.errors import UsageError


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    """An empty working folder and no variable of ours."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(f"BRIEFING_{name.upper()}", raising=False)


def write(text: str | bytes, name: str = "mine.toml") -> Path:
    path = Path(name)
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def message(path: Path | None, **flags: object) -> str:
    with pytest.raises(UsageError) as raised:
        load_settings(path, **flags)
    assert raised.value.exit_code == 2
    return str(raised.value)


def test_without_file_variable_or_flag_the_defaults_hold():
    settings = load_settings()
    assert (settings.title, settings.output, settings.formats) == (
        "Daily briefing",
        Path("briefings"),
        ("md", "html", "json"),
    )
    assert (settings.writer, settings.max_events, settings.templates) == ("auto", None, None)


def test_the_file_of_the_working_folder_is_read_without_being_named():
    write("title = 'Morning'", "briefing.toml")
    assert load_settings().title == "Morning"


def test_a_named_file_takes_the_place_of_the_working_folders():
    write("title = 'Morning'\nwords = 5", "briefing.toml")
    settings = load_settings(write("title = 'Evening'"))
    assert (settings.title, settings.words) == ("Evening", Settings().words)


def test_a_flag_wins_over_the_environment_over_the_file_over_the_default(monkeypatch):
    path = write("words = 20")
    assert load_settings(None).words == Settings().words
    assert load_settings(path).words == 20
    monkeypatch.setenv("BRIEFING_WORDS", "30")
    assert load_settings(path).words == 30
    assert load_settings(path, words=40).words == 40


def test_a_flag_that_was_not_given_leaves_the_rest_in_force():
    assert load_settings(write("words = 20"), words=None).words == 20


def test_formats_are_a_list_in_the_file_and_words_between_commas_elsewhere(monkeypatch):
    path = write("formats = ['md', 'txt']")
    assert load_settings(path).formats == ("md", "txt")
    assert load_settings(path, formats="html").formats == ("html",)
    monkeypatch.setenv("BRIEFING_FORMATS", "json, html,")
    assert load_settings(path).formats == ("json", "html")


def test_a_file_from_windows_is_read_like_any_other():
    settings = load_settings(write(b"\xef\xbb\xbftitle = 'M\xc3\xa4rz'\r\nwords = 20\r\n"))
    assert (settings.title, settings.words) == ("März", 20)


def test_a_tilde_in_a_path_is_the_users_own_folder(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    settings = load_settings(write("output = '~/news'\n[mail]\nfolder = '~/mails'"))
    assert (settings.output, settings.mail.folder) == (Path("/home/me/news"), Path("/home/me/mails"))


def test_an_empty_file_changes_nothing():
    assert load_settings(write("")).model_dump() == Settings().model_dump()


@pytest.mark.parametrize(
    ("text", "line", "named"),
    [
        ("words = 20\ntitle =\n", 2, "write it as key = value"),
        ("words = 20\njust words\n", 2, "write it as key = value"),
        ("title = 'a'\ntitle = 'b'", 2, "Cannot overwrite"),
        ("title = 'a'\n\ntitel = 'b'\n", 3, "unknown setting 'titel'; known are title, output"),
        ("# notes\n[sources]\nurl = 'x'\n", 2, "unknown setting 'sources'"),
        ("title = 'a'\nwords = 'many'\n", 2, "words = 'many': Input should be a valid integer"),
        ("\nwords = 0", 2, "words = 0: Input should be greater than or equal to 1"),
        ("max_events = true", 1, "max_events = True: Input should be a whole number"),
        ("words = 20.5", 1, "words = 20.5"),
        ("\n\ntitle = 5", 3, "title = 5: Input should be a valid string"),
        ("writer = 'gpt'", 1, "writer = 'gpt': Input should be 'auto', 'extractive' or 'model'"),
        ("formats = []", 1, "formats = []"),
        ("formats = ['md', 1]", 1, "Input should be a valid string"),
        ("\n'words' = 'x'", 2, "words = 'x'"),
        ("\ufeff\r\nwords = 'x'\r\n", 2, "words = 'x'"),
        (b"title = 'a'\noutput = '\xff'", 2, "save it as UTF-8"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_file_line_and_fix(text, line, named):
    told = message(write(text))
    assert told.startswith(f"mine.toml line {line}")
    assert named in told
    assert "\n" not in told


def test_a_file_that_cannot_be_read_is_named_with_the_fix(tmp_path):
    for path in (Path("absent.toml"), tmp_path):
        told = message(path)
        assert str(path) in told
        assert "--config" in told


def test_a_wrong_variable_is_named_and_not_the_line_that_it_overrides(monkeypatch):
    monkeypatch.setenv("BRIEFING_WORDS", "many")
    assert message(write("words = 20")).startswith("BRIEFING_WORDS: words = 'many'")
    assert message(None).startswith("BRIEFING_WORDS: ")


def test_a_wrong_flag_is_named_and_not_the_line_that_it_overrides():
    assert message(write("max_events = 20"), max_events=0).startswith("--max-events: max_events = 0")


def test_settings_do_not_change_once_read():
    with pytest.raises(ValueError, match="frozen"):
        load_settings().title = "Other"


@pytest.mark.parametrize("text", ['[model]\napi_key = "k"\n', 'store = "postgresql://user:pw@host/db"\n'])
@pytest.mark.parametrize(("mode", "warned"), [(0o644, True), (0o600, False)])
def test_a_file_with_a_secret_that_others_can_read_is_warned_of(tmp_path, caplog, text, mode, warned):
    path = tmp_path / "briefing.toml"
    path.write_text(text)
    path.chmod(mode)
    load_settings(path)
    assert ("chmod 600" in caplog.text) is warned


def test_a_file_without_a_secret_may_be_read_by_all(tmp_path, caplog):
    path = tmp_path / "briefing.toml"
    path.write_text('title = "Mine"\nstore = "postgresql://user@host/db"\n')
    path.chmod(0o644)
    load_settings(path)
    assert caplog.text == ""


PROFILE = """
[profiles.morning]
hour = "06:30"
time_zone = "Europe/Berlin"
recipients = ["a@x.example", "b@x.example"]
words = 80
"""


def test_a_profile_is_as_the_general_settings_but_for_what_it_states():
    settings = load_settings(write("title = 'All'\nwords = 100\n" + PROFILE))
    own = settings.of_profile("morning")
    assert (own.title, own.words, own.profile("morning").hour, str(own.profile("morning").zone)) == (
        "All",
        80,
        time(6, 30),
        "Europe/Berlin",
    )


def test_a_profile_that_is_not_there_is_told_with_those_that_are():
    with pytest.raises(UsageError, match=r"no profile 'evening': there are morning; .*\[profiles.evening\]"):
        load_settings(write(PROFILE)).profile("evening")
    with pytest.raises(UsageError, match="there is none yet"):
        load_settings(None).profile("evening")


def test_an_hour_can_be_a_local_time_of_toml_and_a_list_words_between_commas(monkeypatch):
    monkeypatch.setenv("BRIEFING_PROFILES__MORNING__RECIPIENTS", "c@x.example, d@x.example")
    own = load_settings(write(PROFILE.replace('"06:30"', "07:15:00"))).profile("morning")
    assert (own.hour, own.recipients) == (time(7, 15), ("c@x.example", "d@x.example"))


@pytest.mark.parametrize(
    ("text", "line", "named"),
    [
        (PROFILE.replace('"06:30"', '"25:00"'), 3, 'an hour of the day is written as "06:30"'),
        (PROFILE.replace('"06:30"', "6"), 3, 'an hour of the day is written as "06:30"'),
        (PROFILE.replace('"06:30"', "06:30:15"), 3, "time_zone"),
        (PROFILE.replace("Berlin", "Berlín"), 4, 'no such time zone; write it as "Europe/Berlin"'),
        (PROFILE.replace("Europe/Berlin", "../../etc/passwd"), 4, "no such time zone"),
        (PROFILE.replace("b@x", "b at x"), 5, "is no mail address"),
        (PROFILE.replace("b@x.example", "b@x.example\\nBcc: c@x.example"), 5, "is no mail address"),
        (PROFILE.replace("words", "wrds"), 6, "unknown setting 'profiles.morning.wrds'; known are title, sources"),
        (PROFILE + "grace = '25h'\n", 7, "profiles.morning.grace"),
        (PROFILE.replace("morning", "../up"), 2, "valid TOML"),
        (PROFILE.replace("morning", '"../up"'), 2, 'as "tech-weekly"'),
        (PROFILE.replace("morning", "Morning"), 2, 'as "tech-weekly"'),
        ("[mail]\nhots = 'x'\n", 2, "unknown setting 'mail.hots'; known are host, port"),
        ("[mail]\n\nport = 99999\n", 3, "mail.port = 99999"),
        ("[mail]\nsecurity = 'ssl'\n", 2, "'starttls', 'tls' or 'none'"),
        ("[model]\nname = 'm'\n[mail]\nunknown = 'never'", 4, "'hold' or 'resend'"),
        ("mail.password = 'x'", 1, "does not belong in this file: set BRIEFING_MAIL__PASSWORD"),
        ("[mail]\nhost = 'h'\nunsubscribe_key = 'x'", 3, "set BRIEFING_MAIL__UNSUBSCRIBE_KEY"),
    ],
)
def test_what_is_wrong_in_a_profile_or_the_mail_table_is_told_with_its_line(text, line, named):
    told = message(write(text))
    assert told.startswith(f"mine.toml line {line}")
    assert named in told
    assert "'x'" not in told


@given(
    st.lists(st.sampled_from(["title = 'x'", "# note", "", "[fetch]", "[model]", "text = '''\n[mail]\nport = 1\n'''"]))
)
def test_a_line_is_found_whatever_stands_around_it(around):
    before = [one for one in around if not one.startswith(("title", "text"))]
    text = "\n".join([*before, "[profiles.morning]", "# hour", 'hour = "06:30"', *before])
    number = text.splitlines().index('hour = "06:30"') + 1
    assert line_of(text, ("profiles", "morning", "hour")) == number
    assert line_of(text, ("profiles", "morning", "grace")) == number - 2
    assert line_of(text, ("words",)) is None


def test_all_settings_are_shown_with_where_they_come_from_and_no_secret(monkeypatch):
    monkeypatch.setenv("BRIEFING_MAIL__PASSWORD", "canary-1")
    monkeypatch.setenv("OPENAI_API_KEY", "canary-2")
    path = write("words = 20\nstore = 'postgresql://me:canary-3@host/db'\n" + PROFILE)
    shown = {one.name: (one.value, one.origin) for one in settings_in_force(path)}
    assert shown["words"] == (20, "mine.toml line 1")
    assert shown["store"] == ("postgresql://***@host/db", "mine.toml line 2")
    assert shown["title"] == ("Daily briefing", "default")
    assert shown["model.api_key"] == ("***", "OPENAI_API_KEY")
    assert shown["mail.password"] == ("***", "BRIEFING_MAIL__PASSWORD")
    assert shown["profiles.morning.hour"] == ("06:30", "mine.toml line 5")
    assert shown["profiles.morning.grace"] == ("6h", "default")
    assert "canary" not in str(shown)


class Ring(keyring.backend.KeyringBackend):
    """A keyring that knows one password."""

    priority = 1.0

    def __init__(self) -> None:
        """Without the settings of a user's own keyring."""

    def get_password(self, service: str, username: str) -> str | None:
        return "from the ring" if (service, username) == ("briefing", "me") else None

    def set_password(self, service: str, username: str, password: str) -> None: ...

    def delete_password(self, service: str, username: str) -> None: ...


def test_a_mail_password_comes_from_the_environment_then_its_file_then_the_keyring(tmp_path, monkeypatch):
    before = keyring.get_keyring()
    keyring.set_keyring(Ring())
    try:
        file = tmp_path / "password"
        file.write_text("from the file\n")
        file.chmod(0o600)
        assert secret(MailSettings(username="me")) == "from the ring"
        assert secret(MailSettings(username="other")) is None
        monkeypatch.setenv("SECRETS", str(tmp_path))
        assert secret(MailSettings(username="me", password_file=Path("$SECRETS/password"))) == "from the file"
        monkeypatch.setenv("BRIEFING_MAIL__PASSWORD", "from the environment")
        assert (
            secret(load_settings(None, mail={"username": "me", "password_file": file}).mail) == "from the environment"
        )
    finally:
        keyring.set_keyring(before)


def secret(mail: MailSettings) -> str | None:
    found = mail_password(mail)
    return found.get_secret_value() if found is not None else None


@pytest.mark.parametrize("content", [None, "", "\n", b"\xff"])
def test_a_password_file_that_holds_none_is_named(tmp_path, content):
    file = tmp_path / "password"
    if content is not None:
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UsageError, match=re.escape(str(file))):
        mail_password(MailSettings(password_file=file))


def test_the_key_of_unsubscribing_is_made_once_for_its_owner_alone_and_kept(tmp_path):
    settings = Settings(state=tmp_path / "state")
    key = unsubscribe_key(settings).get_secret_value()
    assert len(key) >= 32
    assert unsubscribe_key(settings).get_secret_value() == key
    (file,) = (tmp_path / "state").iterdir()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("model = 'canary'", {}),
        ("[profiles]\na = 'canary'", {}),
        ("[model]\nbase_url = 'u:canary@h'", {}),
        ("[mail]\npublic_url = 'u:canary@h'", {}),
        ("[mail]\nhost = 'u:canary@smtp.example'", {}),
        ("", {"BRIEFING_MAIL": "canary"}),
        ("", {"BRIEFING_MODEL": "{canary"}),
    ],
)
def test_a_wrong_setting_that_may_be_a_secret_is_not_shown(text, variables, monkeypatch):
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert "canary" not in message(write(text))


@pytest.mark.parametrize("store", ["postgresql://u:can/ary@h/db", "postgresql://u:can@ary@h/db?password=canary"])
def test_no_part_of_a_stores_password_is_shown(store):
    shown = [str(one) for one in settings_in_force(write(f"store = '{store}'"))]
    assert [one for one in shown if "can" in one or "ary" in one] == []
