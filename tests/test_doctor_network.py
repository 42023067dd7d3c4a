"""The doctor on what others answer: the model's endpoint, the mail server, the way out, the clock. All on loopback."""

from __future__ import annotations

import json
import re
import ssl
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from zoneinfo import ZoneInfoNotFoundError

import pytest
import trustme
import tzlocal

from briefing.doctor import asking, clock, mail, model, way_out
from briefing.doctor.clock import of_difference
from tests.examined import command, levels, one, setup, told
from tests.mail_server import HANG, mail_server
from tests.web_server import Site, drip, endless, hang, redirect, reply, reset, serving

KEY = "sk-canary-0123456789"
SENDER = "Daily briefing <briefing@harbour-office.test>"


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> tuple[trustme.CA, str]:
    made = trustme.CA()
    file = tmp_path_factory.mktemp("authority") / "authority.pem"
    made.cert_pem.write_to_path(file)
    return made, str(file)


def certified(authority, name: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority[0].issue_cert(name).configure_cert(context)
    return context


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(asking, "SECONDS", 0.5)
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


# the model


MODELS = json.dumps({"object": "list", "data": [{"id": "small"}, {"id": "models/large"}]}).encode()


def pointing(site: Site, **values: object) -> dict[str, object]:
    return {"base_url": site.url("/v1"), "api_key": KEY, "name": "small", **values}


@pytest.mark.parametrize(
    ("values", "level", "words"),
    [
        ({}, "good", "none is set up"),
        ({"writer": "extractive", "model": {"api_key": KEY}}, "good", "none is wanted"),
        ({"profiles": {"a": {"writer": "extractive"}}, "model": {"api_key": KEY}}, "good", "none is wanted"),
        ({"writer": "model"}, "bad", "none is set up, and the writer is to be one"),
        ({"profiles": {"a": {"writer": "model"}}}, "bad", "none is set up, and the writer is to be one"),
        ({"model": {"api_key": KEY, "provider": "mine:Attempt"}}, "skipped", "mine:Attempt is your own"),
    ],
)
def test_where_no_endpoint_is_meant_none_is_asked(tmp_path, values, level, words):
    found = one(model.check, setup(tmp_path, **values))
    assert (found.level, words in found.what) == (level, True)


@pytest.mark.parametrize("name", ["small", "large"])
def test_an_endpoint_that_has_the_model_is_good_and_was_sent_the_key(tmp_path, name):
    with serving({"/v1/models": reply(MODELS)}) as site:
        found = one(model.check, setup(tmp_path, model=pointing(site, name=name)))
    assert (found.level, found.what) == ("good", f"{site.url('/v1')} has {name}")
    assert [seen.headers["authorization"] for seen in site.requests] == [f"Bearer {KEY}"]


def test_a_local_endpoint_needs_no_key(tmp_path):
    with serving({"/v1/models": reply(MODELS)}) as site:
        found = one(model.check, setup(tmp_path, model={"base_url": site.url("/v1/"), "name": "small"}))
    assert found.level == "good"
    assert "authorization" not in site.requests[0].headers


def test_an_endpoint_without_the_model_says_which_it_has(tmp_path):
    with serving({"/v1/models": reply(MODELS)}) as site:
        text = told(model.check, setup(tmp_path, model=pointing(site, name="huge", judge="small")))
    assert "does not list huge; it has small, models/large -> set OPENAI_MODEL" in text
    assert text.splitlines()[1].startswith("good: ")


def test_a_judge_that_is_not_there_is_told_too(tmp_path):
    with serving({"/v1/models": reply(MODELS)}) as site:
        text = told(model.check, setup(tmp_path, model=pointing(site, judge="huge")))
    assert "does not list huge" in text
    assert "set judge under [model]" in text


def error_of(message: str) -> bytes:
    return json.dumps({"error": {"message": message}}).encode()


@pytest.mark.parametrize(
    ("answer", "level", "words"),
    [
        (reply(error_of(f"Incorrect key {KEY}"), 401), "bad", "the key was refused"),
        (reply(error_of("insufficient funds"), 402), "bad", "nothing is left to spend"),
        (reply(error_of("slow down"), 429), "warn", "is busy"),
        (reply(b"<html>oops", 500), "warn", "failed"),
        (reply(b"", 404), "warn", "has no list of models"),
        (redirect("https://elsewhere.example/"), "bad", "sends on to https://elsewhere.example/"),
        (reply(b"<html>Log in"), "bad", "is no model's endpoint"),
        (reply(b'{"data": 3}'), "bad", "is no model's endpoint"),
        (reply(b'{"data": []}'), "warn", "it has none"),
        (reply(b"[" * 100_000), "bad", "is no model's endpoint"),
        (hang(), "bad", "no answer within 0.5 s"),
        (drip(), "bad", "its answer has no end"),
        (endless(b"x" * 65536), "bad", "its answer has no end"),
        (reset(), "bad", "check OPENAI_BASE_URL"),
    ],
)
def test_what_an_endpoint_answers_is_told_with_what_to_do_and_without_the_key(tmp_path, answer, level, words):
    with serving({"/v1/models": answer}) as site:
        found = one(model.check, setup(tmp_path, model=pointing(site)))
    assert (found.level, words in f"{found.what} -> {found.todo}") == (level, True), found
    assert "canary" not in repr(found)


def test_an_endpoint_that_is_not_there_is_bad(tmp_path):
    found = one(model.check, setup(tmp_path, model={"base_url": "http://jo:canary@127.0.0.1:1/v1"}))
    assert (found.level, found.what.startswith("http://127.0.0.1:1/v1: no connection")) == ("bad", True)
    assert "canary" not in repr(found)


def test_an_endpoint_whose_certificate_is_not_trusted_is_bad(tmp_path, authority):
    with serving({"/v1/models": reply(MODELS)}, tls=certified(authority)) as site:
        found = one(model.check, setup(tmp_path, model=pointing(site)))
    assert (found.level, "no trust: its certificate comes from an authority" in found.what) == ("bad", True)


# the mail


def test_without_a_way_for_mail_there_is_nothing_to_look_at(tmp_path):
    assert one(mail.check, setup(tmp_path)).level == "skipped"


def test_a_folder_for_mail_is_good_where_it_can_be_written(tmp_path):
    settings = {"sender": SENDER, "operator": "op@example.org"}
    assert one(mail.check, setup(tmp_path, mail={"folder": tmp_path / "mail", **settings})).level == "good"
    assert not (tmp_path / "mail").exists()
    found = one(mail.check, setup(tmp_path, mail={"folder": "/proc/mail", **settings}))
    assert (found.level, found.what.startswith("nothing can be written to /proc/mail: ")) == ("bad", True)


def at(server, **changes: object) -> dict[str, object]:
    return {"host": server.host, "port": server.port, "sender": SENDER, "operator": "op@example.org", "timeout": 0.5,
            **changes}  # fmt: skip


def test_a_server_that_takes_the_login_is_good_and_gets_no_mail(tmp_path, authority):
    with mail_server(certified(authority), auth=("ada", KEY)) as server:
        login = {"username": "ada", "password": KEY, "certificates": authority[1]}
        found = one(mail.check, setup(tmp_path, mail=at(server, **login)))
    assert (found.level, found.what) == (
        "good", f"127.0.0.1:{server.port} answers, its certificate verified, logged in as ada",
    )  # fmt: skip
    assert server.messages == []
    assert not {"MAIL", "RCPT", "DATA"} & set(server.verbs)
    assert server.verbs[-1] == "QUIT"


def test_the_password_may_be_in_a_file(tmp_path, authority):
    (tmp_path / "password").write_text(f"{KEY}\n", encoding="utf-8")
    with mail_server(certified(authority), auth=("ada", KEY)) as server:
        login = {"username": "ada", "password_file": tmp_path / "password", "certificates": authority[1]}
        assert one(mail.check, setup(tmp_path, mail=at(server, **login))).level == "good"


def test_nobody_to_be_told_of_failures_is_to_be_looked_at(tmp_path):
    with mail_server() as server:
        found = list(mail.check(setup(tmp_path, mail=at(server, security="none", operator=None))))
    assert levels(found) == ["warn", "good"]
    assert "not encrypted, no login" in found[1].what


def test_a_wrong_password_is_bad_and_not_told(tmp_path, authority):
    with mail_server(certified(authority), auth=("ada", "right")) as server:
        login = {"username": "ada", "password": KEY, "certificates": authority[1]}
        found = one(mail.check, setup(tmp_path, mail=at(server, **login)))
    assert (found.level, "user name or the password is wrong" in found.what) == ("bad", True)
    assert "canary" not in repr(found)


def test_a_server_that_is_not_trusted_is_bad(tmp_path, authority):
    with mail_server(certified(authority)) as server:
        found = one(mail.check, setup(tmp_path, mail=at(server)))
    assert (found.level, "no trust" in found.what) == ("bad", True)


@pytest.mark.parametrize(
    ("faults", "words"),
    [
        ({}, "offers no STARTTLS"),
        ({"greeting": HANG}, "0.5 s were over before it answered"),
        ({"greeting": "554 go away"}, "554 go away"),
    ],
)
def test_what_a_server_lacks_is_told(tmp_path, faults, words):
    with mail_server(**faults) as server:
        found = one(mail.check, setup(tmp_path, mail=at(server)))
    assert (found.level, words in found.what) == ("bad", True), found


def test_a_server_that_is_not_there_is_bad(tmp_path):
    given = setup(tmp_path, mail={"host": "127.0.0.1", "port": 1, "sender": SENDER, "operator": "op@example.org"})
    found = one(mail.check, given)
    assert (found.level, "127.0.0.1:1: the connection was refused" in found.what) == ("bad", True)


def test_a_password_that_would_go_in_the_clear_is_bad(tmp_path):
    settings = {"host": "127.0.0.1", "security": "none", "username": "ada", "password": KEY, "operator": "o@x.example"}
    found = one(mail.check, setup(tmp_path, mail=settings))
    assert (found.level, "in the clear" in found.what) == ("bad", True)


# the way out


WELL = reply(b'{"status": "good"}')


@pytest.fixture
def trusted(authority, monkeypatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", authority[1])


def public(url: str) -> dict[str, object]:
    return {"folder": "/tmp", "sender": SENDER, "public_url": url}


def test_without_mail_no_way_out_is_needed(tmp_path):
    assert one(way_out.check, setup(tmp_path)).level == "skipped"


@pytest.mark.parametrize(
    ("url", "words"), [(None, "one click is not offered"), ("http://127.0.0.1:1", "is no https address")]
)
def test_a_way_out_without_https_is_to_be_looked_at(tmp_path, url, words):
    found = one(way_out.check, setup(tmp_path, mail={"folder": "/tmp", "sender": SENDER, "public_url": url}))
    assert (found.level, words in found.what) == ("warn", True)


def test_a_way_out_that_answers_by_https_is_good(tmp_path, authority, trusted):
    with serving({"/news/health": WELL}, tls=certified(authority)) as site:
        found = one(way_out.check, setup(tmp_path, mail=public(f"{site.url('/news/')}")))
    assert (found.level, found.what) == ("good", f"{site.url('/news')} answers and is well")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (reply(b'{"status": "bad"}', 503), "cannot use its store"),
        (reply(b"Bad gateway", 502), "is not briefing serve (status 502)"),
        (reply(b"<html>Welcome to nginx"), "is not briefing serve (status 200)"),
        (reply(b'["good"]'), "is not briefing serve (status 200)"),
        (reply(b'{"status": "good"}', 500), "is not briefing serve (status 500)"),
        (redirect("/login"), "is not briefing serve (status 302)"),
        (hang(), "no answer within 0.5 s"),
    ],
)
def test_a_way_out_that_leads_elsewhere_is_bad(tmp_path, authority, trusted, answer, words):
    with serving({"/health": answer}, tls=certified(authority)) as site:
        found = one(way_out.check, setup(tmp_path, mail=public(site.url())))
    assert (found.level, words in found.what) == ("bad", True)


def test_a_way_out_whose_certificate_is_for_another_name_is_bad(tmp_path, authority, trusted):
    with serving({"/health": WELL}, tls=certified(authority, "other.example")) as site:
        found = one(way_out.check, setup(tmp_path, mail=public(site.url())))
    assert (found.level, "its certificate is for another" in found.what) == ("bad", True)


# the clock


@pytest.fixture
def commands(tmp_path, monkeypatch):
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    return tmp_path / "bin"


def test_a_clock_that_the_system_keeps_right_is_good(tmp_path, commands):
    command(commands, "timedatectl", "yes\n")
    assert one(clock.check, setup(tmp_path)).what == "kept right over the network (NTP)"


@pytest.mark.parametrize("code", [0, 1])
def test_a_clock_that_nobody_keeps_right_cannot_be_known(tmp_path, commands, code):
    command(commands, "timedatectl", "no\n", code)
    assert one(clock.check, setup(tmp_path)).level == "skipped"


@pytest.mark.parametrize(("minutes", "level"), [(0, "good"), (2, "warn"), (-2, "warn"), (9, "bad"), (-9, "bad")])
def test_a_clock_is_compared_with_another_machines(tmp_path, commands, minutes, level):
    stated = format_datetime(datetime.now(UTC) - timedelta(minutes=minutes), usegmt=True)
    with serving({"/v1": reply(b"", 404, {"Date": stated})}) as site:
        found = one(clock.check, setup(tmp_path, model={"base_url": site.url("/v1"), "api_key": KEY}))
    assert found.level == level
    assert "authorization" not in site.requests[0].headers
    if minutes:
        assert re.match(r"\d+ s (ahead of|behind) another machine's", found.what)
        assert ("ahead" in found.what) == (minutes > 0)


@pytest.mark.parametrize("date", ["", "yesterday", "Tue, 99 Nov 2026 99:99:99 GMT"])
def test_an_answer_without_a_date_says_nothing_of_the_clock(tmp_path, commands, date):
    with serving({"/v1": reply(b"", 200, {"Date": date})}) as site:
        assert one(clock.check, setup(tmp_path, model={"base_url": site.url("/v1")})).level == "skipped"


def test_a_difference_counts_from_half_a_minute_on():
    assert of_difference(timedelta(seconds=30)).level == "good"
    assert of_difference(timedelta(seconds=-31)).level == "warn"
    assert of_difference(timedelta(seconds=301)).level == "bad"


@pytest.mark.parametrize("year", [1970, 2024, 2106])
def test_a_year_that_cannot_be_is_bad(tmp_path, commands, monkeypatch, year):
    class Then(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(year, 1, 1, tzinfo=tz)

    monkeypatch.setattr(clock, "datetime", Then)
    assert f"bad: this machine says that it is the year {year}" in told(clock.check, setup(tmp_path))


def test_time_zones_without_data_are_bad(tmp_path, commands, monkeypatch):
    given = setup(tmp_path, profiles={"a": {"time_zone": "Asia/Kolkata"}})
    assert "bad" not in told(clock.check, given)

    def missing(name: str) -> None:
        raise ZoneInfoNotFoundError(name)

    monkeypatch.setattr(clock, "ZoneInfo", missing)
    assert "bad: no data of the time zone Asia/Kolkata -> pip install tzdata" in told(clock.check, given)


def test_a_time_zone_of_this_machine_that_cannot_be_read_is_bad(tmp_path, commands, monkeypatch):
    def unreadable() -> None:
        raise ZoneInfoNotFoundError("tzlocal() does not support non-zoneinfo timezones")

    monkeypatch.setattr(tzlocal, "get_localzone", unreadable)
    given = setup(tmp_path, profiles={"a": {}})
    assert "bad: this machine's own time zone cannot be read" in told(clock.check, given)


def test_an_answer_is_waited_for_so_long_and_no_longer():
    with serving(hang()) as site:
        began = time.monotonic()
        with pytest.raises(asking.Unreachable, match=r"within 0\.5 s"):
            asking.get(site.url())
        assert time.monotonic() - began < 2
