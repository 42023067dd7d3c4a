"""The verbs of the digest: what is told of the outbox and of its readers, and what can be decided about them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from briefing.letters import Letter
from briefing.store import editions, open_store, sends
from briefing.store.recipients import leave
from tests.command import Answer, briefing

NOW = datetime(2024, 10, 22, 6, 0, tzinfo=UTC)  # what SOURCE_DATE_EPOCH says
DAY = date(2024, 10, 22)
READERS = ("Ada@x.example", "grace@x.example", "jean@x.example")
LETTER = Letter("Morning", "<p>https://unsubscribe.invalid/</p>", "https://unsubscribe.invalid/\n", NOW)
SETTINGS = """
store = "store.sqlite"
state = "state"
[profiles.morning]
recipients = ["Ada Lovelace <Ada@X.example>", "grace@x.example", "jean@x.example", "GRACE@x.example"]
[mail]
sender = "Morning <us@x.example>"
folder = "mails"
"""


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A working folder with settings and an edition that three readers wait for; of Ada's mail nobody knows."""
    monkeypatch.chdir(tmp_path)
    Path("briefing.toml").write_text(SETTINGS)
    with open_store(Path("store.sqlite")) as database:
        entered = database.write(editions.note_made, "morning", DAY, None, LETTER, NOW)
        database.write(sends.queue, entered, [(one, f"<{one[:3]}@x.example>") for one in READERS], NOW)
        (ada, *_) = database.read(sends.due, NOW)
        database.write(sends.begin, ada, NOW)
    return Path(tmp_path)


def states() -> dict[str, str]:
    listed = briefing("send", "--list", "--json").json
    return {one["recipient"].partition("@")[0]: one["state"] for one in listed["sends"]}


def mails() -> list[str]:
    return sorted(path.name[:3] for path in Path("mails").glob("*.eml"))


def test_the_outbox_is_listed_and_nothing_sent(folder):
    answer = briefing("send", "--list")
    assert answer.code == 0
    assert [line.split()[2:4] for line in answer.out.splitlines()] == [
        ["sending", "Ada@x.example"],
        ["queued", "grace@x.example"],
        ["queued", "jean@x.example"],
    ]
    assert not Path("mails").exists()


def test_what_waits_is_sent_and_what_is_in_doubt_is_told_and_held(folder):
    answer = briefing("send")
    assert answer.code == 3
    assert "sent to 2 readers" in answer.err
    assert "nobody knows whether Ada@x.example got the mail" in answer.err
    assert states() == {"Ada": "unknown", "grace": "sent", "jean": "sent"}
    assert mails() == ["gra", "jea"]


@pytest.mark.parametrize(("decision", "state", "sent"), [("resend", "sent", True), ("drop", "failed", False)])
def test_the_owner_decides_on_what_is_in_doubt(folder, decision, state, sent):
    briefing("send")
    answer = briefing("send", "--unknown", decision)
    assert answer.code == 0, answer.err
    assert "1 of unknown fate" in answer.err
    assert states()["Ada"] == state
    assert ("Ada" in mails()) is sent


def test_what_had_failed_can_be_sent_after_all(folder):
    with open_store(Path("store.sqlite")) as database:
        (ada,) = database.read(sends.in_state, "sending")
        database.write(sends.refuse, ada, "554 relay denied", NOW)
    assert briefing("send", "--failed").code == 0
    assert mails() == ["Ada", "gra", "jea"]


def test_what_was_dropped_in_doubt_stays_dropped(folder):
    briefing("send", "--unknown", "drop")
    briefing("send", "--failed")
    assert mails() == ["gra", "jea"]


def test_a_decision_that_is_none_is_told_with_those_that_are(folder):
    answer = briefing("send", "--unknown", "maybe")
    assert (answer.code, "say resend or drop" in answer.err) == (2, True)


def test_an_empty_outbox_is_said_to_be_so(folder):
    briefing("send", "--unknown", "resend")
    assert "nothing waits" in briefing("send").err
    assert briefing("send", "-q").err == ""


def test_each_mailbox_is_listed_once_with_why_it_gets_no_mail(folder):
    with open_store(Path("store.sqlite")) as database:
        database.write(leave, "morning", "grace@x.example", NOW)
    assert briefing("recipients", "morning").out.splitlines() == [
        "Ada@x.example",
        "grace@x.example  no mail since 2024-10-22: has unsubscribed",
        "jean@x.example",
    ]
    rows = briefing("recipients", "morning", "--json").json["recipients"]
    assert [(one["address"], one["gets_mail"]) for one in rows][1] == ("grace@x.example", False)


def test_a_reader_is_taken_off_the_list_and_put_back_by_hand(folder):
    assert "no mail since" in briefing("recipients", "morning", "--remove", "Jean@X.example").out
    assert "sent to 1 reader" in briefing("send").err
    assert "no mail" not in briefing("recipients", "morning", "--restore", "jean@x.example").out


def test_a_file_of_members_is_read_with_its_remarks_and_a_bad_line_named(folder):
    Path("members.txt").write_text("# the team\nada@x.example  # chair\n\nnew@x.example\n")
    settings = SETTINGS.replace(
        'recipients = ["Ada Lovelace <Ada@X.example>"', 'recipients_file = "members.txt"\nx = ["a"'
    )
    lines = [line for line in settings.splitlines() if not line.startswith("x = ")]
    Path("briefing.toml").write_text("\n".join(lines))
    assert briefing("recipients", "morning").out.split() == ["ada@x.example", "new@x.example"]
    Path("members.txt").write_text("ada@x.example\nnobody\n")
    answer = briefing("recipients", "morning")
    assert (answer.code, answer.out) == (0, "ada@x.example\n")
    assert "members.txt line 2: 'nobody' is no mail address" in answer.err


def test_who_is_not_named_is_said_to_be_so_and_noted_all_the_same(folder):
    answer = briefing("recipients", "morning", "--remove", "typo@x.example")
    assert "typo@x.example is not among the recipients of morning" in answer.err


def test_without_a_way_out_nothing_is_sent_and_the_setting_is_named(folder):
    Path("briefing.toml").write_text(SETTINGS.replace('folder = "mails"', ""))
    assert (briefing("send").code, states()["grace"]) == (2, "queued")
    assert "host (and username) under [mail]" in briefing("send").err


def test_a_profile_that_is_not_there_ends_a_run_before_anything_is_done(folder):
    answer: Answer = briefing("run", "evening")
    assert answer.code == 2
    assert "no profile 'evening': there are morning" in answer.err


def test_settings_are_shown_with_their_origin_and_masked(folder):
    answer = briefing("config", "show", "--origin", "--changed", BRIEFING_MAIL__PASSWORD="canary")
    assert "mail.folder" in answer.out
    assert "(briefing.toml line 8)" in answer.out
    assert "(BRIEFING_MAIL__PASSWORD)" in answer.out
    assert "canary" not in answer.out + answer.err
    everything = briefing("config", "show", "--json").json["settings"]
    assert {"name": "profiles.morning.hour", "value": "06:30", "origin": "default"} in everything
