"""The endpoint over real HTTP on loopback: what a reader, a mail program and a scanner of links get from it."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urljoin

import httpx2
import pytest
from pydantic import SecretStr

from briefing.deliver.way_out import token
from briefing.errors import UsageError
from briefing.serve.app import LARGEST_BODY, app
from briefing.serve.listening import bound, place_of, server_of
from briefing.serve.pages import masked
from briefing.store import open_store
from briefing.store.recipients import barred, leave
from tests.command import briefing, environment
from tests.listening import listening

KEY = SecretStr("a key of some thirty random letters")
ADA = "ada.lovelace@example.org"
TOKEN = token("morning", ADA, KEY)
NOW = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


class Readers:
    """Who has left, as a store would know it."""

    def __init__(self) -> None:
        self.gone: set[tuple[str, str]] = set()
        self.calls: list[str] = []
        self.threads: set[str] = set()
        self.well = True
        self.error: Exception | None = None

    def leave(self, profile: str, address: str) -> None:
        self._note("leave")
        self.gone.add((profile, address))

    def rejoin(self, profile: str, address: str) -> None:
        self._note("rejoin")
        self.gone.discard((profile, address))

    def is_well(self) -> bool:
        if self.error is not None:
            raise self.error
        return self.well

    def _note(self, call: str) -> None:
        self.threads.add(threading.current_thread().name)
        if self.error is not None:
            raise self.error
        self.calls.append(call)


@contextmanager
def serving(
    readers: Readers, *, returns: bool = True, templates: Path | None = None, title_of: Callable[[str], str] = str
) -> Iterator[httpx2.Client]:
    """A client of a running server."""
    program = app(readers.leave, readers.rejoin if returns else None, KEY, readers.is_well, templates, title_of)
    with listening(program) as client:
        yield client


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[httpx2.Client, Readers]]:
    readers = Readers()
    with serving(readers) as client:
        yield client, readers


@pytest.fixture
def readers(running: tuple[httpx2.Client, Readers]) -> Readers:
    found = running[1]
    found.gone.clear()
    found.calls.clear()
    found.well, found.error = True, None
    return found


@pytest.fixture
def client(running: tuple[httpx2.Client, Readers], readers: Readers) -> httpx2.Client:
    return running[0]


# asking


def test_get_shows_a_form_and_changes_nothing(client, readers):
    answer = client.get(f"/unsubscribe/{TOKEN}")
    assert answer.status_code == 200
    assert '<form method="post" action="">' in answer.text
    assert readers.calls == []


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_scanner_that_fetches_the_link_again_and_again_takes_nobody_off(client, readers, method):
    for _ in range(20):
        answer = client.request(method, f"/unsubscribe/{TOKEN}", headers={"User-Agent": "LinkScanner/1.0"})
        assert answer.status_code == 200
    assert readers.calls == []


def test_head_has_no_body(client):
    assert client.head(f"/unsubscribe/{TOKEN}").content == b""


def test_the_page_knows_the_reader_by_a_masked_address_alone(client):
    page = client.get(f"/unsubscribe/{TOKEN}").text
    assert "a…@example.org" in page
    assert "lovelace" not in page


@pytest.mark.parametrize(
    ("address", "shown"), [("a@example.org", "a…@example.org"), ("grüße@x.example", "g…@x.example"), ("", "…@")]
)
def test_an_address_is_masked(address, shown):
    assert masked(address) == shown


# leaving


def test_the_mail_programs_one_click_takes_its_reader_off(client, readers):
    answer = client.post(f"/unsubscribe/{TOKEN}", data=ONE_CLICK)
    assert answer.status_code == 200
    assert readers.gone == {("morning", ADA)}


def test_one_click_as_multipart_does_too(client, readers):
    answer = client.post(f"/unsubscribe/{TOKEN}", files={"List-Unsubscribe": (None, "One-Click")})
    assert answer.request.headers["content-type"].startswith("multipart/form-data")
    assert answer.status_code == 200
    assert readers.gone == {("morning", ADA)}


def test_so_does_the_pages_own_form(client, readers):
    page = client.get(f"/unsubscribe/{TOKEN}")
    fields = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]+)">', page.text))
    (action,) = re.findall(r'<form method="post" action="([^"]*)">', page.text)
    answer = client.post(urljoin(str(page.url), action), data=fields)
    assert answer.status_code == 200
    assert "You have left" in answer.text
    assert readers.gone == {("morning", ADA)}


@pytest.mark.parametrize("body", [b"", b"x=y", b"\xff\xfe", b"{}"])
def test_whatever_the_body_says_who_holds_the_token_means_it(client, readers, body):
    assert client.post(f"/unsubscribe/{TOKEN}", content=body).status_code == 200
    assert readers.gone == {("morning", ADA)}


def test_to_leave_twice_is_fine(client, readers):
    assert [client.post(f"/unsubscribe/{TOKEN}", data=ONE_CLICK).status_code for _ in range(3)] == [200] * 3
    assert readers.gone == {("morning", ADA)}


def test_who_left_by_mistake_comes_back_by_the_form_on_the_page(client, readers):
    left = client.post(f"/unsubscribe/{TOKEN}", data=ONE_CLICK)
    (action,) = re.findall(r'<form method="post" action="([^"]+)">', left.text)
    back = client.post(urljoin(str(left.url), action))
    assert back.status_code == 200
    assert "Welcome back" in back.text
    assert readers.gone == set()
    (action,) = re.findall(r'<form method="post" action="([^"]+)">', back.text)
    assert client.post(urljoin(str(back.url), action)).status_code == 200
    assert readers.gone == {("morning", ADA)}


def test_the_forms_lead_right_behind_a_proxys_path_too(client):
    left = client.post(f"/unsubscribe/{TOKEN}")
    (action,) = re.findall(r'<form method="post" action="([^"]+)">', left.text)
    behind = f"https://example.org/news/unsubscribe/{TOKEN}"
    assert urljoin(behind, action) == f"https://example.org/news/subscribe/{TOKEN}"


def test_where_nobody_comes_back_there_is_no_form_for_it():
    with serving(Readers(), returns=False) as client:
        assert "<form" not in client.post(f"/unsubscribe/{TOKEN}").text
        assert client.post(f"/subscribe/{TOKEN}").status_code == 404


def test_the_store_is_asked_in_a_thread_of_its_own(client, readers):
    readers.threads.clear()
    client.post(f"/unsubscribe/{TOKEN}")
    assert len(readers.threads) == 1
    assert "server" not in readers.threads


def test_a_hundred_readers_leave_at_once():
    readers = Readers()
    with serving(readers) as client:
        failed: list[int] = []

        def go(number: int) -> None:
            status = client.post(f"/unsubscribe/{token('morning', f'{number}@example.org', KEY)}").status_code
            if status != 200:
                failed.append(status)

        threads = [threading.Thread(target=go, args=(number,)) for number in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failed == []
    assert len(readers.gone) == 100


# what is not to be


WRONG = [
    "x",
    "%00",
    TOKEN[:-2],
    TOKEN + "A",
    token("morning", ADA, SecretStr("another key, quite as long")),
    "a" * 4000,
]


@pytest.mark.parametrize("wrong", WRONG)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_wrong_token_gets_a_page_that_says_what_to_do_and_nothing_more(client, readers, wrong, method):
    answer = client.request(method, f"/unsubscribe/{wrong}")
    assert answer.status_code == 404
    assert "answer one of the mails" in answer.text
    assert readers.calls == []
    assert client.post(f"/subscribe/{wrong}").status_code == 404


def test_all_wrong_tokens_get_the_same_answer_whoever_is_known(client):
    unknown = token("nobody", "nobody@example.org", SecretStr("another key, quite as long"))
    assert len({client.get(f"/unsubscribe/{wrong}").content for wrong in (*WRONG, unknown)}) == 1


@pytest.mark.parametrize(
    "path", ["/", "/unsubscribe", "/unsubscribe/", f"/unsubscribe/{TOKEN}/", f"/unsubscribe/{TOKEN}/x", "/health/",
             "/subscribe/", "/favicon.ico", "/robots.txt", "/../etc/passwd", "/docs", "/openapi.json", "/%2e%2e/x"],
)  # fmt: skip
def test_everything_else_is_not_there(client, readers, path):
    for method in ("GET", "POST"):
        answer = client.request(method, path)
        assert (answer.status_code, answer.headers.get("location")) == (404, None)
    assert readers.calls == []


@pytest.mark.parametrize(
    ("path", "methods", "allowed"),
    [
        (f"/unsubscribe/{TOKEN}", ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO"), {"GET", "HEAD", "POST"}),
        (f"/subscribe/{TOKEN}", ("GET", "HEAD", "PUT", "DELETE", "OPTIONS"), {"POST"}),
        ("/health", ("POST", "PUT", "OPTIONS"), {"GET", "HEAD"}),
    ],
)
def test_no_other_method_is_taken(client, readers, path, methods, allowed):
    for method in methods:
        answer = client.request(method, path)
        assert answer.status_code == 405
        assert set(answer.headers["allow"].split(", ")) == allowed
    assert readers.calls == []


def test_every_answer_keeps_to_itself(client, readers):
    answers = [
        client.get(f"/unsubscribe/{TOKEN}"), client.post(f"/unsubscribe/{TOKEN}"), client.post(f"/subscribe/{TOKEN}"),
        client.get("/unsubscribe/x"), client.get("/"), client.put("/health"), client.get("/health"),
        client.post(f"/unsubscribe/{TOKEN}", content=b"x" * (LARGEST_BODY + 1)),
    ]  # fmt: skip
    assert [one.status_code for one in answers] == [200, 200, 200, 404, 404, 405, 200, 413]
    for one in answers:
        assert one.headers["content-security-policy"].startswith("default-src 'none'; ")
        assert "frame-ancestors 'none'" in one.headers["content-security-policy"]
        assert one.headers["referrer-policy"] == "no-referrer"
        assert one.headers["x-robots-tag"] == "noindex, nofollow"
        assert one.headers["cache-control"] == "no-store"
        assert one.headers["x-content-type-options"] == "nosniff"
        assert not {"set-cookie", "server", "location", "access-control-allow-origin"} & set(one.headers)


def test_a_page_loads_nothing_and_runs_nothing(client):
    for page in (client.get(f"/unsubscribe/{TOKEN}").text, client.get("/unsubscribe/x").text):
        assert not re.search(r"<script|<img|<link|<iframe|src=|url\(|@import|\son\w+=|style=", page)


def test_the_pages_call_the_mails_what_they_call_themselves():
    with serving(Readers(), title_of=lambda name: f"The <{name.title()}> daily") as client:
        answers = [client.get(f"/unsubscribe/{TOKEN}"), client.post(f"/unsubscribe/{TOKEN}"),
                   client.post(f"/subscribe/{TOKEN}")]  # fmt: skip
    for page in (one.text for one in answers):
        assert "<b>The &lt;Morning&gt; daily</b>" in page
        assert "morning" not in page


def test_what_a_profile_is_called_is_text_on_the_page(client):
    page = client.get(f"/unsubscribe/{token('<script>alert(1)</script>', '<b>@x.example', KEY)}").text
    assert "<script" not in page
    assert "&lt;script&gt;" in page


def test_a_body_of_ten_kilobytes_is_taken_and_a_larger_one_is_not(client, readers):
    assert client.post(f"/unsubscribe/{TOKEN}", content=b"x" * LARGEST_BODY).status_code == 200
    readers.gone.clear()
    assert client.post(f"/unsubscribe/{TOKEN}", content=b"x" * (LARGEST_BODY + 1)).status_code == 413
    assert client.post(f"/unsubscribe/{TOKEN}", content=iter([b"x" * 6000] * 2)).status_code == 413  # chunked
    assert readers.gone == set()


def test_a_body_that_drips_is_not_waited_for(client, readers, monkeypatch):
    monkeypatch.setattr("briefing.serve.app.SLOWEST_BODY", 0.1)
    with socket.create_connection((client.base_url.host, client.base_url.port), 5) as wire:
        wire.sendall(f"POST /unsubscribe/{TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab".encode())
        assert wire.recv(100).startswith(b"HTTP/1.1 408")
    assert readers.calls == []


def test_a_body_that_is_cut_off_takes_nobody_off(client, readers):
    with socket.create_connection((client.base_url.host, client.base_url.port), 5) as wire:
        wire.sendall(f"POST /unsubscribe/{TOKEN} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nab".encode())
    assert client.get("/health").status_code == 200
    time.sleep(0.05)
    assert readers.calls == []


def test_where_it_cannot_be_stored_the_reader_is_told_to_try_again_and_the_log_has_no_address(client, readers, caplog):
    readers.error = RuntimeError(f"could not write {ADA} {TOKEN}")
    answer = client.post(f"/unsubscribe/{TOKEN}", data=ONE_CLICK)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "300")
    assert "could not be stored" in answer.text
    assert "RuntimeError" in caplog.text
    assert "lovelace" not in caplog.text + answer.text
    assert TOKEN not in caplog.text


def test_health_is_good_or_bad(client, readers):
    assert (client.get("/health").status_code, client.get("/health").json()) == (200, {"status": "good"})
    readers.well = False
    assert (client.get("/health").status_code, client.get("/health").json()) == (503, {"status": "bad"})
    readers.error = RuntimeError("canary")
    answer = client.get("/health")
    assert answer.status_code == 503
    assert "canary" not in answer.text


# templates


def test_a_users_own_template_wins(tmp_path):
    own = "{% extends 'briefing/unsubscribe.html.jinja' %}{% block main %}Ours: {{ kind }}{% endblock %}"
    (tmp_path / "unsubscribe.html.jinja").write_text(own, encoding="utf-8")
    with serving(Readers(), templates=tmp_path) as client:
        assert "Ours: ask" in client.get(f"/unsubscribe/{TOKEN}").text


def test_a_users_own_template_that_fails_is_told_before_anything_is_served(tmp_path):
    (tmp_path / "unsubscribe.html.jinja").write_text("{{ nothing }}", encoding="utf-8")
    with pytest.raises(UsageError, match=r"unsubscribe\.html\.jinja:1: 'nothing' is undefined"):
        app(Readers().leave, None, KEY, lambda: True, tmp_path)


# the verb


@contextmanager
def called(folder: Path, *arguments: str, **changes: str) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """`briefing serve` in a process of its own, its address, and what it said before."""
    process = subprocess.Popen(
        [sys.executable, "-m", "briefing", "serve", "--port", "0", *arguments],
        cwd=folder, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(**changes),
    )  # fmt: skip
    assert process.stderr is not None
    said: list[str] = []
    try:
        for line in process.stderr:
            said.append(line)
            if found := re.search(r"listening at (http://\S+);", line):
                yield process, found[1], said
                return
        raise AssertionError("".join(said))
    finally:
        process.kill()
        process.communicate()


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "briefing.toml").write_text('store = "store.sqlite"\nstate = "state"\n', encoding="utf-8")
    return tmp_path


def ended(process: subprocess.Popen[str], number: int) -> tuple[int, str]:
    process.send_signal(number)
    out, err = process.communicate(timeout=15)
    return process.returncode, out + err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_verb_serves_the_store_of_the_settings_until_a_signal_ends_it(place, number):
    secret = "canary-key-of-thirty-random-letters"
    mine = token("morning", ADA, SecretStr(secret))
    with called(place, BRIEFING_MAIL__UNSUBSCRIBE_KEY=secret) as (process, url, said):
        with httpx2.Client(base_url=url, timeout=5, trust_env=False) as client:
            assert client.get("/health").json() == {"status": "good"}
            assert client.get(f"/unsubscribe/{mine}").status_code == 200
            assert client.post(f"/unsubscribe/{mine}", data=ONE_CLICK).status_code == 200
            with open_store(place / "store.sqlite") as database:
                assert set(database.read(barred, "morning", [ADA])) == {ADA}
            assert client.post(f"/subscribe/{mine}").status_code == 200
            assert client.get("/unsubscribe/wrong").status_code == 404
        code, rest = ended(process, number)
    with open_store(place / "store.sqlite") as database:
        assert database.read(barred, "morning", [ADA]) == {}
    assert code == 0
    told = "".join(said) + rest
    assert "https" in told
    assert "public_url under [mail] is not set" in told
    assert not any(word in told for word in (mine, ADA, "lovelace", "canary", "/unsubscribe", "Traceback"))


def test_the_verb_calls_the_mails_by_the_title_of_their_profile_else_by_the_general_one(place):
    with (place / "briefing.toml").open("a", encoding="utf-8") as file:
        file.write('title = "All the news"\n[profiles.morning]\ntitle = "Harbour at dawn"\n[profiles.evening]\n')
    titles = {"morning": "Harbour at dawn", "evening": "All the news", "gone": "All the news"}
    with called(place, BRIEFING_MAIL__UNSUBSCRIBE_KEY=KEY.get_secret_value()) as (_, url, _said):
        for profile, title in titles.items():
            page = httpx2.get(f"{url}/unsubscribe/{token(profile, ADA, KEY)}", trust_env=False).text
            assert f"<b>{title}</b> comes by mail to" in page


def test_the_key_is_made_once_and_kept_so_that_links_go_on_working(place):
    with called(place) as (_, url, _said):
        key = SecretStr((place / "state" / "unsubscribe.key").read_text(encoding="utf-8").strip())
        mine = token("morning", ADA, key)
        assert httpx2.get(f"{url}/unsubscribe/{mine}", trust_env=False).status_code == 200
    with called(place) as (_, url, _said):
        assert httpx2.get(f"{url}/unsubscribe/{mine}", trust_env=False).status_code == 200


def test_a_store_that_was_moved_away_is_told_by_health(place):
    with called(place) as (_, url, _said):
        assert httpx2.get(f"{url}/health", trust_env=False).status_code == 200
        for file in place.glob("store.sqlite*"):
            file.write_bytes(b"no database any more")
        assert httpx2.get(f"{url}/health", trust_env=False).status_code == 503


@pytest.mark.parametrize(
    ("url", "told"), [("http://briefing.example.org", "is no https address"), ("https://briefing.example.org", "")]
)
def test_the_verb_says_where_a_public_address_leads_nobody(place, url, told):
    with called(place, BRIEFING_MAIL__PUBLIC_URL=url) as (_, _url, said):
        assert ("public_url" in "".join(said)) == bool(told)
        assert told in "".join(said)


def test_a_port_that_is_taken_is_told_with_the_way_out(place, monkeypatch):
    monkeypatch.chdir(place)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        answer = briefing("serve", "--port", str(taken.getsockname()[1]))
    assert answer.code == 2
    assert "Address already in use; choose others with --host and --port" in answer.err


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_without_its_libraries_the_verb_names_them(place, monkeypatch, missing):
    monkeypatch.chdir(place)
    for name in [one for one in sys.modules if one.startswith("briefing.serve.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, missing, None)
    for name in [one for one in sys.modules if one.startswith(f"{missing}.")]:
        monkeypatch.setitem(sys.modules, name, None)
    answer = briefing("serve")
    assert answer.code == 2
    assert "pip install starlette uvicorn\n" in answer.err


def test_one_who_left_meanwhile_is_known_by_another_program_at_once(tmp_path):
    with open_store(tmp_path / "store.sqlite") as database, open_store(tmp_path / "store.sqlite") as other:
        program = app(lambda profile, address: database.write(leave, profile, address, NOW), None, KEY, lambda: True)
        listener = bound("127.0.0.1", 0)
        server = server_of(program)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            url = f"{place_of(listener)}/unsubscribe/{TOKEN}"
            assert httpx2.post(url, data=ONE_CLICK, trust_env=False).status_code == 200
            assert set(other.read(barred, "morning", [ADA.upper()])) == {ADA}
        finally:
            server.should_exit = True
            thread.join(10)
            listener.close()
