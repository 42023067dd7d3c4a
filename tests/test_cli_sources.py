"""A reader's own sources on the command line: init, add, edit, remove, import, export, fetch, status."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from briefing.collect.feeds.opml import NAMESPACE
from briefing.store.engine import connect
from briefing.store.lock import held
from tests.command import DAY, Answer, briefing, environment
from tests.web_server import Handler, Site, redirect, reply, serving

DATE = "Mon, 21 Oct 2024 18:30:00 GMT"
STORIES = {
    "1": ("Ferry hits pier in Kestrel Bay", "The passenger ferry Marren Grace hit Pier 4 in Kestrel Bay on Monday."),
    "2": ("Council approves new library", "The council of Norderwiek approved a new library for 12 million euros."),
}
HTML = {"Content-Type": "text/html; charset=utf-8"}


def item(number: str, title: str, text: str, site: str) -> str:
    link = f"<link>{site}/news/{number}</link><guid>{number}</guid><pubDate>{DATE}</pubDate>"
    return f"<item><title>{title}</title>{link}<description>{text}</description></item>"


def feed(site: str, stories: dict[str, tuple[str, str]] = STORIES) -> bytes:
    items = "".join(item(number, title, text, site) for number, (title, text) in stories.items())
    return f'<rss version="2.0"><channel><title>Kestrel Bay Courier</title>{items}</channel></rss>'.encode()


MORE = {
    "Ferry": "The captain of the vessel reported that the engines did not answer before the quay. Divers looked at the "
    "bow below the waterline. Rescue crews brought passengers ashore in small boats. The coastguard closed it.",
    "Council": "Builders will start work on the reading rooms in spring. The old school in Mill Street will be pulled "
    "down. Members of the opposition wanted a swimming pool instead. The money comes from a loan of the state bank.",
}


def page(title: str, text: str) -> bytes:
    more = "".join(f"<p>{part}.</p>" for part in MORE[title.split(maxsplit=1)[0]].rstrip(".").split(". "))
    body = f"<article><h1>{title}</h1><p>{text}</p>{more}</article>"
    return f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>".encode()


@pytest.fixture
def site() -> Iterator[Site]:
    paths: dict[str, Handler] = {}
    with serving(paths) as running:
        paths |= {
            "/feed": _with_etag(lambda: feed(running.url(""))),
            "/": reply(
                b'<html><head><link rel="alternate" type="application/rss+xml" title="Courier" href="/feed">'
                b"</head><body><p>Hello</p></body></html>",
                headers=HTML,
            ),
            "/broken": reply(b"", 500),
            "/gone": reply(b"", 410),
            "/old": redirect("/feed", 301),
            "/lines": reply(b"Ferry hits pier\nCouncil meets\n"),
            **{f"/news/{number}": reply(page(*story), headers=HTML) for number, story in STORIES.items()},
        }
        running.paths_of = paths  # type: ignore[attr-defined]
        yield running


def _with_etag(body: Callable[[], bytes]) -> Handler:
    def handle(seen, wire):
        if seen.headers.get("if-none-match") == '"1"':
            return reply(b"", 304, {"ETag": '"1"'})(seen, wire)
        return reply(body(), headers={"ETag": '"1"', "Content-Type": "application/rss+xml"})(seen, wire)

    return handle


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Answer]:
    """The command in a folder of its own, with a store of its own, and leave to ask this machine."""
    monkeypatch.chdir(tmp_path)
    own = {"BRIEFING_STATE": str(tmp_path / "state"), "BRIEFING_FETCH__INTRANET": "127.0.0.1"}
    return lambda *arguments, **changes: briefing(*arguments, **{**own, **changes})


def opml(site: Site, *paths: str) -> bytes:
    inner = "".join(f'<outline type="rss" text="{path}" xmlUrl="{site.url(path)}"/>' for path in paths)
    return f'<opml version="2.0"><body><outline text="Local &amp; near">{inner}</outline></body></opml>'.encode()


def states(run: Callable[..., Answer]) -> dict[str, Any]:
    answer = run("status", "--json")
    if answer.code == 2 and "there is no store at" in answer.err:
        return {}
    return {one["url"].rpartition("/")[2]: one for one in answer.json["sources"]}


@pytest.mark.parametrize("verb", [["status"], ["fetch"], ["search", "ferry"], ["export"], ["remove", "x"]])
def test_where_no_store_is_none_is_made_by_a_verb_that_only_asks(run, tmp_path, verb):
    answer = run(*verb)
    assert answer.code == 2
    assert "make one with `briefing init` or `briefing add`" in answer.err
    assert not list(tmp_path.rglob("*.sqlite"))


def test_from_nothing_to_a_briefing_of_ones_own_sources(run, site, tmp_path):
    (tmp_path / "feeds.opml").write_bytes(opml(site, "/feed"))
    for verb in (["init"], ["import", "feeds.opml"], ["fetch"], ["build"]):
        answer = run(*verb)
        assert answer.code == 0, answer.err
    document = json.loads((tmp_path / "briefings" / f"{DAY}.json").read_text())
    titles = {event["headline"]["text"] for event in document["events"]}
    assert titles == {title for title, _ in STORIES.values()}
    assert {one["publisher"] for one in document["articles"]} == {"Kestrel Bay Courier"}
    told = " ".join(sentence["text"] for event in document["events"] for sentence in event["sentences"])
    assert "did not answer" in told  # of the pages, not only of the feed
    assert document["window"] == {"start": "2024-10-21T06:00:00Z", "end": "2024-10-22T06:00:00Z"}


def test_a_briefing_from_the_store_is_proven_again_from_the_store(run, site, tmp_path):
    run("add", site.url("/feed"))
    run("fetch")
    assert run("build").code == 0
    answer = run("audit", f"briefings/{DAY}.json")
    assert answer.code == 0, answer.out + answer.err
    assert " 0 without text, 0 findings" in answer.out


def test_init_writes_settings_that_hold_and_leaves_those_that_are_there(run, tmp_path):
    assert run("init").code == 0
    sample = (tmp_path / "briefing.toml").read_text()
    assert run("status").code == 0
    (tmp_path / "briefing.toml").write_text('title = "Mine"\n')
    assert "is there already" in run("init").err
    assert (tmp_path / "briefing.toml").read_text() == 'title = "Mine"\n'
    uncommented = re.sub(r"^# (?=\w+ =)", "", sample, flags=re.MULTILINE)
    (tmp_path / "briefing.toml").write_text(
        re.sub(r"^store = .*$", "", uncommented, flags=re.MULTILINE).replace("# [model]", "[model]")
    )
    assert run("status").code == 0  # every setting that it shows is one


def test_from_a_page_its_feed_is_found(run, site):
    answer = run("add", site.url("/"), "--tag", "local")
    assert answer.code == 0, answer.err
    (source,) = run("status", "--json").json["sources"]
    assert (source["url"], source["kind"], source["tags"]) == (site.url("/feed"), "feed", ["local"])
    assert "known already" in run("add", site.url("/")).err


def test_an_address_that_gives_nothing_is_not_added_unless_unseen(run, site):
    answer = run("add", site.url("/broken"))
    assert (answer.code, states(run)) == (1, {})
    assert "500" in answer.err
    assert run("add", site.url("/broken"), "--no-check").code == 0
    assert states(run)["broken"]["state"] == "new"


@pytest.mark.parametrize(
    ("address", "why"),
    [("http://127.0.0.1:9/x", "intranet"), ("file:///etc/passwd", "http"), ("ftp://a.example/", "http")],
)
def test_what_must_not_be_asked_is_refused_with_the_way_out(run, address, why):
    answer = run("add", address, BRIEFING_FETCH__INTRANET="")
    assert answer.code in {1, 2}
    assert why in answer.err


def test_a_page_itself_can_be_a_source_and_its_edits_are_versions(run, site):
    assert run("add", site.url("/news/1"), "--kind", "page").code == 0
    assert run("fetch", "--json").json["new"] == 1
    assert run("fetch", "--json").json["new"] == 0
    site.paths_of["/news/1"] = reply(page("Ferry hits pier in Kestrel Bay", "Pier 4 was hit on Sunday."), headers=HTML)
    result = run("fetch", "--json").json
    assert (result["new"], result["edited"]) == (0, 1)


def test_outlines_are_kept_from_import_to_export(run, site, tmp_path):
    assert run("import", "-", stdin=opml(site, "/feed", "/old")).err.endswith("2 added, 0 known already\n")
    assert "0 added, 2 known already" in run("import", "-", stdin=opml(site, "/feed", "/old")).err
    exported = run("export").out
    (tmp_path / "out.opml").write_text(exported)
    assert "Local &amp; near" in exported
    assert run("import", "out.opml", BRIEFING_STATE=str(tmp_path / "other")).err.startswith("briefing: 2 added")
    assert run("export", BRIEFING_STATE=str(tmp_path / "other")).out == exported


@pytest.mark.parametrize("content", [b"", b"<html></html>", b"<opml><body/></opml>"])
def test_a_list_that_names_no_feed_is_an_error_that_names_the_file(run, content, tmp_path):
    (tmp_path / "bad.opml").write_bytes(content)
    answer = run("import", "bad.opml")
    assert answer.code == 2
    assert "bad.opml" in answer.err


def test_fetched_twice_nothing_is_new(run, site):
    run("add", site.url("/feed"))
    first, second = run("fetch", "--json").json, run("fetch", "--json").json
    assert (first["asked"], first["new"], first["pages"]) == (1, 2, 2)
    assert (second["asked"], second["unchanged"], second["new"], second["pages"]) == (1, 1, 0, 0)


def test_a_source_that_fails_is_named_and_the_rest_goes_on(run, site):
    run("add", site.url("/feed"))
    run("add", site.url("/broken"), "--no-check", "--name", "The Broken")
    answer = run("fetch")
    assert answer.code == 3
    assert re.search(r"^briefing: The Broken: .*500", answer.err, re.MULTILINE)
    assert answer.err.splitlines()[-1].startswith("briefing: 2 sources asked, 1 failed, 2 articles new")


def test_status_tells_what_failed_since_when_and_why(run, site):
    run("add", site.url("/feed"), site.url("/broken"), site.url("/gone"), "--no-check")
    run("fetch")
    run("fetch", SOURCE_DATE_EPOCH="1729663200")  # a day later
    by_name = states(run)
    broken = by_name["broken"]
    assert (broken["state"], broken["failures"], broken["failing_since"]) == ("failing", 2, "2024-10-22T06:00:00Z")
    assert "500" in broken["error"]
    assert by_name["gone"]["state"] == "ended"
    assert by_name["feed"]["state"] == "good"
    lines = run("status").out.splitlines()
    assert lines[-1] == "3 sources: 1 good, 1 failing, 1 ended"
    assert any(line.startswith("failing") and "2024-10-22" in line and "500" in line for line in lines)


def test_a_source_that_is_gone_is_not_asked_again(run, site):
    run("add", site.url("/gone"), site.url("/feed"), "--no-check")
    run("fetch")
    before = site.paths.count("/gone")
    assert run("fetch", "--json").json["ended"] == 1
    assert site.paths.count("/gone") == before


def test_a_source_that_moved_for_good_is_asked_there_after_three_times(run, site):
    run("add", site.url("/old"), "--no-check")
    for _ in range(3):
        run("fetch")
    assert states(run)["old"]["address"] == site.url("/feed")
    before = site.paths.count("/old")
    run("fetch")
    assert site.paths.count("/old") == before


def test_all_sources_failing_alike_is_told_once_and_is_an_error(run, site):
    run("add", *(site.url(f"/broken?{number}") for number in range(4)), "--no-check")
    answer = run("fetch")
    assert answer.code == 1
    assert "all 4 sources failed alike" in answer.err
    assert len(answer.err.splitlines()) == 2


def test_only_the_named_sources_are_asked(run, site):
    run("add", site.url("/feed"), "--no-check", "--tag", "local")
    run("add", site.url("/broken"), "--no-check")
    assert run("fetch", "LOCAL", "--json").json["asked"] == 1


def test_without_sources_fetch_says_how_to_add_one(run):
    answer = run("fetch")
    assert answer.code == 2
    assert "briefing add" in answer.err


def test_a_source_that_is_removed_leaves_what_it_gave(run, site):
    run("add", site.url("/feed"))
    run("fetch")
    assert run("remove", site.url("/feed")).code == 0
    assert states(run) == {}
    assert run("search", "ferry", "--json").json["articles"][0]["title"] == "Ferry hits pier in Kestrel Bay"
    assert run("remove", site.url("/feed")).code == 2


@pytest.fixture
def three(run: Callable[..., Answer], site: Site) -> Callable[..., Answer]:
    """A reader with the sources `feed` and `old`, tagged `local`, and `broken`."""
    run("add", site.url("/feed"), "--no-check", "--tag", "local", "--name", "The Courier")
    run("add", site.url("/old"), "--no-check", "--tag", "local")
    run("add", site.url("/broken"), "--no-check")
    return run


def test_a_tag_takes_out_all_sources_that_have_it_and_each_is_told(three, site):
    answer = three("remove", "LOCAL")
    assert answer.code == 0
    assert set(states(three)) == {"broken"}
    assert re.findall(r"^briefing: removed .*?(http\S+);", answer.err, re.MULTILINE) == [
        site.url("/feed"),
        site.url("/old"),
    ]


def test_a_name_takes_out_its_source_alone(three):
    assert three("remove", "the courier").code == 0
    assert set(states(three)) == {"old", "broken"}


@pytest.mark.parametrize("verb", [["remove"], ["edit", "--owner", "Group"]])
def test_where_a_word_means_no_source_it_is_named_and_nothing_is_done_at_all(three, site, verb):
    before = states(three)
    answer = three(*verb, "local", "nosuch", site.url("/broken"), "nor-this")
    assert answer.code == 2
    assert "no such source: nosuch, nor-this;" in answer.err
    assert states(three) == before


def at_terminal(tmp_path: Path, typed: bytes, *arguments: str) -> tuple[int, str]:
    """What the command answers someone who types at a terminal: its exit code, and standard error."""
    ours, theirs = pty.openpty()
    try:
        os.write(ours, typed)
        done = subprocess.run(
            [sys.executable, "-m", "briefing", *arguments],
            cwd=tmp_path, env=environment(BRIEFING_STATE=str(tmp_path / "state")), stdin=theirs, capture_output=True,
            text=True, timeout=60, check=False,
        )  # fmt: skip
    finally:
        os.close(ours)
        os.close(theirs)
    return done.returncode, done.stderr


def test_on_a_terminal_it_asks_before_it_takes_out_several(three, site, tmp_path):
    code, told = at_terminal(tmp_path, b"n\n", "remove", "local")
    assert (code, len(states(three))) == (1, 3)
    assert f"The Courier: {site.url('/feed')}" in told
    assert "Take out these 2 sources? [y/N]" in told
    assert at_terminal(tmp_path, b"y\n", "remove", "local")[0] == 0
    assert set(states(three)) == {"broken"}


def test_on_a_terminal_it_does_not_ask_about_one_source_nor_where_yes_is_said(three, tmp_path):
    code, told = at_terminal(tmp_path, b"", "remove", "The Courier")
    assert (code, set(states(three))) == (0, {"old", "broken"})
    more = at_terminal(tmp_path, b"", "remove", "--yes", *(one["url"] for one in states(three).values()))
    assert (more[0], states(three)) == (0, {})
    assert "?" not in told + more[1]


def test_every_setting_of_a_source_can_be_changed_and_what_was_changed_is_told(three, site):
    answer = three(
        "edit", site.url("/feed"), "--name", "Courier", "--publisher", "Bay Press", "--owner", "Group", "--tag", "sea",
        "--tag", "news", "--untag", "LOCAL", "--text", "page", "--max-items", "7", "--max-pages", "0",
    )  # fmt: skip
    assert answer.code == 0, answer.err
    source = states(three)["feed"]
    assert {key: source[key] for key in SETTINGS} == {
        "own_name": "Courier", "title": None, "publisher": "Bay Press", "owner": "Group", "tags": ["sea", "news"],
        "folder": [], "text": "page", "max_items": 7, "max_pages": 0,
    }  # fmt: skip
    assert answer.err == (
        "briefing: changed The Courier: name: Courier (was The Courier); publisher: Bay Press (was not set); owner: "
        "Group (was not set); tags: sea, news (was local); text: page (was auto); max-items: 7 (was not set); "
        "max-pages: 0 (was not set)\n"
    )


SETTINGS = ("own_name", "title", "publisher", "owner", "tags", "folder", "text", "max_items", "max_pages")


@pytest.mark.parametrize(
    "back",
    [
        ["--name", "", "--publisher", " ", "--owner", "", "--untag", "local", "--text", "auto", "--max-items", "0"],
        ["--reset", "name", "--reset", "publisher", "--reset", "owner", "--reset", "tags", "--reset", "text",
         "--reset", "max-items"],
    ],
    ids=["emptied", "reset"],
)  # fmt: skip
def test_every_setting_can_be_taken_back(run, site, back):
    run("add", site.url("/feed"), "--no-check")
    plain = states(run)["feed"]
    run(
        "edit", site.url("/feed"), "--name", "C", "--publisher", "P", "--owner", "O", "--tag", "local",
        "--text", "page", "--max-items", "7", "--max-pages", "0",
    )  # fmt: skip
    assert run("edit", "C", *back, "--reset", "max-pages").code == 0
    assert states(run)["feed"] == plain


def test_a_tag_changes_all_sources_that_have_it_and_says_where_nothing_changed(three):
    three("edit", "The Courier", "--owner", "Group")
    answer = three("edit", "local", "--owner", "Group")
    assert {key: one["owner"] for key, one in states(three).items()} == {
        "feed": "Group",
        "old": "Group",
        "broken": None,
    }
    assert "The Courier: is so already" in answer.err
    assert len(answer.err.splitlines()) == 2
    assert three("edit", "local", "--owner", "Else", "-q").err == ""


def test_tags_that_are_reset_give_way_to_new_ones(three):
    three("edit", "The Courier", "--reset", "tags", "--tag", "sea")
    assert states(three)["feed"]["tags"] == ["sea"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ([], "nothing is to be changed: briefing edit SOURCE... with one of --name"),
        (["--text", "bogus"], "known are auto, feed, page"),
        (["--reset", "title"], "known are name, publisher, owner, tags, text, max-items, max-pages"),
        (["--reset", "owner", "--owner", "x"], "leave one of them out"),
        (["--reset", "tags", "--untag", "x"], "leave one of them out"),
        (["--tag", "a,b"], "has no comma"),
        (["--tag", " "], "is not empty"),
        (["--publisher", "x" * 301], "more than 300 characters"),
        (["--max-items", "-1"], "greater than or equal to 0"),
        (["--name", "Both"], "--name is for one source, and these are 2: The Courier, http://"),
        (["--url", "https://new.example/feed"], "--url is for one source"),
        (["--url", "new.example/feed"], "is no address"),
    ],
)
def test_what_cannot_be_changed_is_told_and_nothing_is(three, options, why):
    before = states(three)
    answer = three("edit", "local", *options)
    assert answer.code == 2
    assert why in answer.err
    assert states(three) == before


@pytest.mark.parametrize(("option", "value"), [("--tag", "a,b"), ("--tag", ""), ("--name", "x" * 301), ("--text", "x")])
def test_what_edit_refuses_add_refuses_too(run, site, option, value):
    answer = run("add", site.url("/feed"), option, value)
    assert (answer.code, states(run)) == (2, {})


def test_words_are_kept_as_they_are_shown(run, site):
    run("add", site.url("/feed"), "--no-check", "--name", " The\n Courier\u202e ", "--tag", " sea ", "--tag", "sea")
    assert (states(run)["feed"]["own_name"], states(run)["feed"]["tags"]) == ("The Courier", ["sea"])


def test_add_on_a_known_source_points_to_edit(run, site):
    run("add", site.url("/feed"), "--no-check")
    assert "briefing edit" in run("add", site.url("/feed"), "--no-check", "--tag", "x").err


def test_at_its_new_address_a_source_brings_nothing_twice(run, site):
    run("add", site.url("/feed"), "--name", "Courier")
    run("fetch")
    site.paths_of["/new"] = _with_etag(lambda: feed(site.url("")))
    added_at = states(run)["feed"]["added_at"]
    answer = run("edit", "Courier", "--url", site.url("/new"))
    assert f"url: {site.url('/new')} (was {site.url('/feed')})" in answer.err
    source = states(run)["new"]
    assert (source["address"], source["state"], source["added_at"]) == (site.url("/new"), "new", added_at)
    assert source["articles"] == 2
    result = run("fetch", "--json").json
    assert (result["asked"], result["unchanged"], result["new"], result["edited"]) == (1, 0, 0, 0)


def test_a_source_that_ended_is_asked_again_at_its_new_address(run, site):
    run("add", site.url("/gone"), "--no-check")
    run("fetch")
    run("edit", site.url("/gone"), "--url", site.url("/feed"))
    assert run("fetch", "--json").json["new"] == 2


def test_the_address_of_another_source_is_refused(three, site):
    answer = three("edit", "The Courier", "--url", site.url("/old"))
    assert answer.code == 2
    assert f"{site.url('/old')} is a source already" in answer.err
    assert set(states(three)) == {"feed", "old", "broken"}


def test_an_address_is_not_changed_while_it_is_asked(three, site, tmp_path):
    with connect(tmp_path / "state" / "store.sqlite") as database, held(database, "fetch"):
        answer = three("edit", "The Courier", "--url", site.url("/new"))
        assert three("edit", "The Courier", "--owner", "Group").code == 0
    assert answer.code == 1
    assert "another `fetch` is running" in answer.err
    assert "feed" in states(three)


def test_a_password_of_a_new_address_is_shown_nowhere(run, site):
    run("add", site.url("/feed"), "--no-check")
    secret = site.url("/feed").replace("http://", "http://reader:canary-7@")
    changed, back = run("edit", site.url("/feed"), "--url", secret), run("edit", secret, "--url", site.url("/old"))
    assert (changed.code, back.code) == (0, 0)
    assert "canary-7" not in changed.err + back.err


def test_what_a_smaller_bound_left_out_is_read_once_the_bound_is_gone_though_the_feed_is_the_same(run, site):
    run("add", site.url("/feed"), "--no-check", "--max-items", "1")
    assert run("fetch", "--json").json["new"] == 1
    run("edit", site.url("/feed"), "--reset", "max-items")
    assert run("fetch", "--json").json["new"] == 1


def test_the_case_of_a_path_tells_two_sources_apart(run, site):
    run("add", site.url("/feed"), site.url("/FEED"), "--no-check")
    run("remove", site.url("/FEED"))
    assert set(states(run)) == {"feed"}


def test_status_shows_how_many_articles_a_source_gave_and_when_the_last_came(run, site):
    run("add", site.url("/feed"), site.url("/broken"), "--no-check")
    run("fetch")
    site.paths_of["/feed"] = reply(feed(site.url(""), {**STORIES, "3": STORIES["1"]}))
    run("fetch", SOURCE_DATE_EPOCH="1729663200")
    by_name = states(run)
    assert (by_name["feed"]["articles"], by_name["feed"]["newest_at"]) == (3, "2024-10-23T06:00:00Z")
    assert (by_name["broken"]["articles"], by_name["broken"]["newest_at"]) == (0, None)


def test_status_in_words_shows_settings_where_they_are_asked_for(three):
    three("edit", "The Courier", "--publisher", "Bay Press", "--max-pages", "0")
    three("fetch")
    short, long = three("status"), three("status", "-v", "The Courier")
    assert "Bay Press" not in short.out
    line = long.out.splitlines()[1]
    assert re.fullmatch(
        r" {9}2 articles, the last new one 2024-10-22 \S+; calls itself: Kestrel Bay Courier; publisher: Bay Press; "
        r"tags: local; max-pages: 0",
        line,
    )
    assert "no article\n" in three("status", "-v").out


def test_status_shows_only_the_named_sources(three, site):
    assert [one["url"] for one in three("status", "--json", "local").json["sources"]] == [
        site.url("/feed"),
        site.url("/old"),
    ]
    assert three("status", "The Courier").out.splitlines()[-1].startswith("1 source: ")
    answer = three("status", "nosuch")
    assert (answer.code, answer.out) == (2, "")


def test_all_settings_survive_export_and_import(three, tmp_path):
    three("edit", "The Courier", "--publisher", "Bay Press", "--owner", "Group", "--text", "feed", "--max-items", "3",
          "--max-pages", "0")  # fmt: skip
    (tmp_path / "out.opml").write_text(three("export").out)
    other = {"BRIEFING_STATE": str(tmp_path / "other")}
    assert three("import", "out.opml", **other).code == 0
    again = {one["url"]: one for one in three("status", "--json", **other).json["sources"]}
    for source in states(three).values():
        assert {key: again[source["url"]][key] for key in SETTINGS} == {key: source[key] for key in SETTINGS}


def test_a_setting_of_a_list_that_cannot_be_is_told_and_its_source_is_added(run, site):
    outline = f'<outline xmlns:b="{NAMESPACE}" text="Bay" xmlUrl="{site.url("/feed")}" b:text="bogus"/>'
    answer = run("import", "-", stdin=f"<opml><body>{outline}</body></opml>".encode())
    assert answer.code == 3
    assert "Bay: text='bogus' is left out" in answer.err
    assert states(run)["feed"]["text"] == "auto"


def test_stored_articles_are_found_by_their_words(run, site):
    run("add", site.url("/feed"))
    run("fetch")
    assert "Council approves new library" in run("search", "library", "norderwiek").out
    assert run("search", "unheard").code == 4


def test_without_input_and_sources_build_says_how_to_get_some(run, tmp_path):
    answer = run("build")
    assert (answer.code, answer.out) == (2, "")
    assert "briefing add" in answer.err
    assert not (tmp_path / "state" / "store.sqlite").exists()


def test_with_nothing_new_build_says_so(run, site):
    run("add", site.url("/feed"))
    answer = run("build")
    assert answer.code == 4
    assert "briefing fetch" in answer.err


def test_an_edition_says_which_sources_it_has_to_do_without(run, site, tmp_path):
    run("add", site.url("/feed"))
    run("add", site.url("/broken"), "--no-check", "--name", "The Broken")
    run("fetch")
    answer = run("build")
    assert answer.code == 3
    document = json.loads((tmp_path / "briefings" / f"{DAY}.json").read_text())
    (failed,) = document["report"]["sources_failed"]
    assert failed["source"] == "The Broken"
    assert "500" in failed["error"]


@pytest.mark.parametrize("texts", [["One."], ["One.", "Another."]], ids=["new", "edited"])
def test_one_article_at_a_time_is_fetched_and_briefed(run, site, texts):
    """What nearly every hour brings."""
    for text in texts:
        site.paths_of["/one"] = reply(feed("", {"1": ("Ferry hits pier", f"{text} {MORE['Ferry']}")}))
        run("add", site.url("/one"), "--no-check", "-q")
        assert run("fetch", "--no-pages").code == 0
    assert run("search", "ferry").code == 0
    assert run("build").code == 0


def test_a_login_page_is_no_input_either(run, site):
    login = reply(
        page("Ferry hotel: please log in", "Please accept our terms before you use the network. " * 20), headers=HTML
    )
    site.paths_of |= dict.fromkeys(["/robots.txt", "/news/1"], login)
    answer = run("build", site.url("/news/1"))
    assert answer.code == 3
    assert "one page for every address" in answer.err
    assert run("add", site.url("/news/1"), "--kind", "page").code == 1


@pytest.mark.parametrize("body", [b"<rss version='2.0'><channel><title>New</title></channel></rss>"])
def test_a_note_about_a_source_that_could_be_read_is_no_failure(run, site, body):
    site.paths_of["/odd"] = reply(body)
    run("add", site.url("/odd"), "--no-check")
    answer = run("fetch")
    assert (answer.code, "is a feed without items" in answer.err) == (0, True)


def test_what_breaks_off_between_two_items_is_asked_for_again_whole(run, site):
    whole = b"<rss version='2.0'><channel><title>Cut</title><item><title>Ferry</title><guid>1</guid></item>"
    site.paths_of["/cut"] = reply(whole, headers={"ETag": '"1"'})
    run("add", site.url("/cut"), "--no-check")
    answer = run("fetch", "--no-pages")
    assert "breaks off before its end" in answer.err
    run("fetch", "--no-pages")
    assert "if-none-match" not in site.requests[-1].headers


def test_an_address_can_be_an_input(run, site, tmp_path):
    answer = run("build", site.url("/news/1"), site.url("/feed"))
    assert answer.code == 0, answer.err
    document = json.loads((tmp_path / "briefings" / f"{DAY}.json").read_text())
    assert {event["headline"]["text"] for event in document["events"]} == {title for title, _ in STORIES.values()}


def test_an_input_address_that_fails_is_named(run, site):
    answer = run("group", site.url("/broken"), site.url("/news/1"), "--json")
    assert answer.code == 3
    assert "500" in answer.err
    assert len(answer.json["events"]) == 1


def test_a_password_in_an_address_is_used_and_never_shown(run, site, tmp_path):
    secret = site.url("/feed").replace("http://", "http://reader:canary-7@")
    outputs = [run("add", secret, "--name", "Mine"), run("fetch"), run("status"), run("status", "--json"), run("build")]
    outputs.append(run("add", secret.replace("/feed", "/broken"), "--no-check"))
    outputs += [run("fetch", "-v"), run("status"), run("build", "-v")]
    assert site.requests[0].headers["authorization"].startswith("Basic ")
    written = b"".join(path.read_bytes() for path in (tmp_path / "briefings").iterdir())
    assert "canary-7" not in "".join(one.out + one.err for one in outputs)
    assert b"canary-7" not in written
    assert run("remove", site.url("/feed")).code == 0


@pytest.mark.parametrize(
    ("kind", "why"),
    [
        ("tests.kinds:broken", "cannot be read, which is a fault of briefing: AttributeError: "),
        ("tests.kinds:dying", "cannot be read: "),
    ],
)
def test_a_text_that_breaks_our_own_code_costs_its_source_alone(run, site, kind, why):
    run("add", site.url("/feed"), "--no-check", "--name", "Bad", "--kind", kind)
    run("add", site.url("/news/2"), "--no-check", "--kind", "page")
    answer = run("fetch", "--json")
    assert (answer.code, answer.json["new"]) == (3, 1)
    assert f"Bad: {why}" in answer.err


def test_a_login_page_in_between_is_no_news(run, site):
    """A network that wants a login first answers every address with its own page."""
    login = reply(
        page("Ferry hotel: please log in", "Please accept our terms before you use the network. " * 20), headers=HTML
    )
    site.paths_of |= dict.fromkeys(["/robots.txt", "/feed", "/news/1", "/news/2"], login)
    run("add", site.url("/feed"), "--no-check")
    for number in (1, 2):
        run("add", site.url(f"/news/{number}"), "--no-check", "--kind", "page")
    answer = run("fetch")
    assert answer.code == 1
    assert answer.err.count("all 3 sources failed alike") == 1
    assert "login page in between" in answer.err
    assert run("status", "--json").json["sources"][1]["articles"] == 0


def test_a_source_kind_of_ones_own_is_read(run, site):
    run("add", site.url("/lines"), "--no-check", "--kind", "tests.kinds:lines")
    answer = run("fetch", "--no-pages", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["new"] == 2


@pytest.mark.parametrize(
    "address", ["http://", "http://[foo/", "http://a:b:c/", "http://x y/", "https://exam\u2100.com/f"]
)
def test_what_is_no_address_is_not_added_even_unseen(run, address):
    answer = run("add", address, "--no-check")
    assert answer.code == 2
    assert "is no address" in answer.err
    assert states(run) == {}


def test_a_name_that_no_source_has_is_an_error(run, site):
    run("add", site.url("/feed"))
    answer = run("fetch", "nosuch")
    assert answer.code == 2
    assert "no such source: nosuch" in answer.err


def test_a_page_whose_feed_cannot_be_read_says_why(run, site):
    html = b'<html><head><link rel="alternate" type="application/rss+xml" href="/broken"></head></html>'
    site.paths_of["/names"] = reply(html, headers=HTML)
    answer = run("add", site.url("/names"))
    assert answer.code == 1
    assert "names a feed that cannot be read" in answer.err
    assert "500" in answer.err


def test_why_pages_gave_nothing_is_told(run, site):
    site.paths_of["/news/1"] = reply(b"no", 403)
    run("add", site.url("/feed"))
    answer = run("fetch", "-v")
    assert re.search(r"/news/1: .*403", answer.err)
    source = states(run)["feed"]
    assert (source["pages_failed"], "403" in source["page_error"]) == (1, True)
    assert "1 page gave nothing more, the last: " in run("status").out


def test_the_kind_of_a_source_survives_export_and_import(run, site, tmp_path):
    run("add", site.url("/news/1"), "--kind", "page")
    (tmp_path / "out.opml").write_text(run("export").out)
    other = {"BRIEFING_STATE": str(tmp_path / "other")}
    run("import", "out.opml", **other)
    assert [one["kind"] for one in run("status", "--json", **other).json["sources"]] == ["page"]


def test_a_password_of_an_input_is_shown_nowhere(run, site, tmp_path):
    secret = site.url("/broken").replace("http://", "http://reader:canary-8@")
    answer = run("build", secret, site.url("/news/1"))
    assert answer.code == 3
    written = b"".join(path.read_bytes() for path in (tmp_path / "briefings").iterdir())
    assert "canary-8" not in answer.out + answer.err
    assert b"canary-8" not in written


@pytest.mark.parametrize("address", ["http://reader:canary/9@a.example/f", "ftp://reader:canary/9@a.example/f"])
def test_nor_is_that_of_an_address_that_is_refused(run, address):
    for answer in (run("add", address, "--no-check"), run("remove", address), run("fetch", address)):
        assert answer.code == 2
        assert "canary" not in answer.out + answer.err


def test_what_a_sitemap_says_was_changed_long_ago_is_no_news(run, site):
    def urlset(day: str, number: int) -> str:
        return f"<url><loc>{site.url(f'/news/{number}')}</loc><lastmod>{day}</lastmod></url>"

    body = f"<urlset>{urlset('2015-01-01', 1)}{urlset('2024-10-21', 2)}</urlset>"
    site.paths_of["/map.xml"] = reply(body.encode(), headers={"Content-Type": "application/xml"})
    run("add", site.url("/map.xml"))
    assert run("fetch", "--json").json["new"] == 1


def test_a_source_that_ended_is_missed_for_a_day_and_no_longer(run, site):
    run("add", site.url("/feed"), site.url("/gone"), "--no-check")
    run("fetch")
    assert run("build").code == 3
    assert run("build", "--since", "3d", SOURCE_DATE_EPOCH=str(1729576800 + 2 * 86400)).code == 0


def test_the_whole_way_as_processes(site, tmp_path):
    (tmp_path / "feeds.opml").write_bytes(opml(site, "/feed"))
    own = environment(BRIEFING_STATE=str(tmp_path / "state"), BRIEFING_FETCH__INTRANET="127.0.0.1")
    for verb in (["init"], ["import", "feeds.opml"], ["fetch"], ["build"], ["audit", f"briefings/{DAY}.json"]):
        command = [sys.executable, "-m", "briefing", *verb]
        done = subprocess.run(command, cwd=tmp_path, env=own, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "state" / "store.sqlite").stat().st_mode & 0o777 == 0o600
