"""Settings: flag over environment over file over default, and messages that name the place and the fix."""

from __future__ import annotations

from pathlib import Path

import pytest

from briefing.config import Settings, load_settings
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
        ("max_events = true", 1, "max_events = True: Value error, Input should be a whole number"),
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
