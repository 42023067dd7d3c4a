"""Which files are read, under which ids, and what is said of those that cannot be."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path

import pytest

from briefing.collect import READERS, Collected, collect, extract
from briefing.errors import BriefingError, UsageError
from briefing.report import Problem

_TEXT = "Ferry hits pier\n\nA ferry hit a pier in Kestrel Bay on Monday, the coastguard said.\n"


def _write(path: Path, content: str | bytes = _TEXT) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def _rows(*rows: object) -> str:
    return "\n".join(json.dumps(row) for row in rows)


def _ids(collected: Collected) -> list[str]:
    return [article.id for article in collected.articles]


def _only_problem(collected: Collected) -> Problem:
    assert len(collected.problems) == 1, collected.problems
    return collected.problems[0]


# What is read


def test_a_folder_is_walked_and_each_file_has_its_path_below_the_folder_as_id(tmp_path: Path) -> None:
    for name in ("b.txt", "a/two.md", "a/one.txt"):
        _write(tmp_path / name, f"Report {name}\n\nSomething happened in {name} on Monday.")
    assert _ids(collect([str(tmp_path)])) == ["a/one.txt", "a/two.md", "b.txt"]


def test_a_file_given_by_name_has_its_name_as_id(tmp_path: Path) -> None:
    assert _ids(collect([str(_write(tmp_path / "deep" / "one.txt"))])) == ["one.txt"]


@pytest.mark.parametrize("name", ["README.md", "readme.txt", "LICENSE.txt", "truth.json", ".hidden.txt", ".git/x.txt"])
def test_what_accompanies_articles_in_a_folder_is_no_article(tmp_path: Path, name: str) -> None:
    _write(tmp_path / "one.txt")
    _write(tmp_path / name, "Something else\n\nThis is not news at all, whatever it says.")
    assert _ids(collect([str(tmp_path)])) == ["one.txt"]


def test_a_readme_given_by_name_is_read(tmp_path: Path) -> None:
    assert _ids(collect([str(_write(tmp_path / "README.md"))])) == ["README.md"]


def test_other_endings_in_a_folder_are_passed_over_in_silence(tmp_path: Path) -> None:
    _write(tmp_path / "one.txt")
    _write(tmp_path / "picture.png", b"\x89PNG")
    assert collect([str(tmp_path)]).problems == ()


def test_endings_are_read_whatever_their_case(tmp_path: Path) -> None:
    assert _ids(collect([str(_write(tmp_path / "ONE.TXT"))])) == ["ONE.TXT"]


def test_links_out_of_the_folder_are_not_followed(tmp_path: Path) -> None:
    secret = _write(tmp_path / "elsewhere" / "secret.txt")
    _write(tmp_path / "news" / "one.txt")
    (tmp_path / "news" / "link.txt").symlink_to(secret)
    (tmp_path / "news" / "folder").symlink_to(secret.parent)
    collected = collect([str(tmp_path / "news")])
    assert _ids(collected) == ["one.txt"]
    assert [Path(problem.source).name for problem in collected.problems] == ["folder", "link.txt"]
    assert all("leads outside the folder" in problem.error for problem in collected.problems)


def test_a_link_within_the_folder_is_the_same_article(tmp_path: Path) -> None:
    one = _write(tmp_path / "one.txt")
    (tmp_path / "a-link.txt").symlink_to(one)
    assert _ids(collect([str(tmp_path)])) == ["one.txt"]


def test_json_lines_are_read_from_standard_input() -> None:
    rows = _rows({"id": "a", "text": "A ferry hit a pier on Monday."})
    collected = collect(["-"], stdin=io.BytesIO(rows.encode()))
    assert _ids(collected) == ["a"]


def test_a_broken_line_on_standard_input_is_named() -> None:
    problem = _only_problem(collect(["-"], stdin=io.BytesIO(b"{")))
    assert problem.source == "standard input line 1"


def test_progress_is_told_by_file(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        _write(tmp_path / name)
    told: list[tuple[int, int]] = []
    collect([str(tmp_path)], progress=lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


def test_the_order_of_the_inputs_does_not_matter(tmp_path: Path) -> None:
    inputs = [
        str(_write(tmp_path / name / "x.txt", f"Report of {name}\n\nNews of {name} only.").parent) for name in "abc"
    ]
    assert collect(inputs) == collect(inputs[::-1])


# Ids


def test_rows_keep_their_own_ids(tmp_path: Path) -> None:
    path = _write(tmp_path / "n.jsonl", _rows({"id": "2", "text": "B."}, {"id": "1", "text": "A."}))
    assert _ids(collect([str(path)])) == ["1", "2"]


def test_a_row_without_an_id_goes_by_file_and_content_wherever_it_stands(tmp_path: Path) -> None:
    row = {"title": "Ferry hits pier", "text": "A ferry hit a pier."}
    path = _write(tmp_path / "n.jsonl", _rows(row, {"id": "z", "text": "Z."}))
    (identifier, _) = _ids(collect([str(path)]))
    file, _, digits = identifier.partition("#")
    assert file == "n.jsonl"
    assert len(digits) == 12
    assert set(digits) <= set("0123456789abcdef")
    _write(path, _rows({"id": "z", "text": "Z."}, {**row, "id": None, "extra": 1}))
    assert identifier in _ids(collect([str(path)]))


def test_a_json_file_of_one_object_has_its_path_where_it_states_no_id(tmp_path: Path) -> None:
    _write(tmp_path / "one.json", json.dumps({"text": "A ferry hit a pier."}))
    _write(tmp_path / "two.json", json.dumps({"id": "own", "text": "Dockers went on strike."}))
    assert _ids(collect([str(tmp_path)])) == ["one.json", "own"]


@pytest.mark.parametrize("wrap", [lambda rows: rows, lambda rows: {"articles": rows}])
def test_a_json_file_may_hold_many(tmp_path: Path, wrap: object) -> None:
    assert callable(wrap)
    rows = [{"id": "a", "text": "A ferry."}, {"id": "b", "text": "A strike."}]
    assert _ids(collect([str(_write(tmp_path / "x.json", json.dumps(wrap(rows))))])) == ["a", "b"]


def test_equal_ids_from_two_inputs_get_the_inputs_name_in_front(tmp_path: Path) -> None:
    for folder in ("monday", "tuesday"):
        _write(tmp_path / folder / "x.txt", f"News of {folder}\n\nIt rained all {folder}, people said.")
    _write(tmp_path / "monday" / "y.txt")
    collected = collect([str(tmp_path / "tuesday"), str(tmp_path / "monday")])
    assert _ids(collected) == ["monday/x.txt", "tuesday/x.txt", "y.txt"]


def test_inputs_of_one_name_are_told_apart_by_more_of_their_paths(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        _write(tmp_path / folder / "news" / "x.txt", f"News of {folder}\n\nIt rained in {folder}, people said.")
    collected = collect([str(tmp_path / folder / "news") for folder in ("a", "b")])
    assert _ids(collected) == ["a/news/x.txt", "b/news/x.txt"]


def test_two_files_of_one_name_are_told_apart_by_their_paths(tmp_path: Path) -> None:
    inputs = [str(_write(tmp_path / f / "x.txt", f"News of {f}\n\nIt rained in {f}.")) for f in ("a", "b")]
    assert _ids(collect(inputs)) == ["a/x.txt", "b/x.txt"]


def test_equal_ids_in_two_row_files_get_the_files_name(tmp_path: Path) -> None:
    inputs = [str(_write(tmp_path / f"{f}.jsonl", _rows({"id": "1", "text": f"News of {f}."}))) for f in ("a", "b")]
    assert _ids(collect(inputs)) == ["a.jsonl/1", "b.jsonl/1"]


def test_repeated_rows_collapse(tmp_path: Path) -> None:
    row = {"id": "a", "text": "A ferry hit a pier."}
    assert _ids(collect([str(_write(tmp_path / "n.jsonl", _rows(row, row)))])) == ["a"]


def test_two_texts_under_one_id_in_one_input_are_an_error_that_names_both(tmp_path: Path) -> None:
    _write(tmp_path / "n.jsonl", _rows({"id": "a", "text": "One."}, {"id": "b", "text": "Two."}))
    _write(tmp_path / "o.jsonl", _rows({"id": "a", "text": "Three."}))
    with pytest.raises(UsageError, match=r"id 'a'.*n\.jsonl line 1.*o\.jsonl line 1"):
        collect([str(tmp_path)])


def test_a_file_reached_through_two_inputs_is_read_once(tmp_path: Path) -> None:
    path = _write(tmp_path / "deep" / "x.txt")
    for inputs in ([str(tmp_path), str(path)], [str(path), str(tmp_path)], [str(path), str(path)]):
        assert len(_ids(collect(inputs))) == 1
    assert _ids(collect([str(path), str(tmp_path)])) == ["deep/x.txt"]


# What cannot be read


def test_a_missing_path_is_an_error_of_use(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gone\.txt: no such file") as caught:
        collect([str(_write(tmp_path / "one.txt")), str(tmp_path / "gone.txt")])
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("empty", ["", " "])
def test_an_empty_input_is_an_error_of_use(empty: str) -> None:
    with pytest.raises(UsageError, match="an INPUT is empty"):
        collect([empty])


@pytest.mark.parametrize("content", ["", " \n"])
def test_extracting_an_empty_file_is_an_error(tmp_path: Path, content: str) -> None:
    with pytest.raises(BriefingError, match=r"x\.txt: is empty"):
        extract(str(_write(tmp_path / "x.txt", content)))


def test_a_whole_number_is_an_id(tmp_path: Path) -> None:
    assert _ids(collect([str(_write(tmp_path / "n.jsonl", _rows({"id": 5, "text": "A."})))])) == ["5"]


@pytest.mark.parametrize("value", ["not a date", "2024-02-31"])
def test_a_date_that_is_none_is_told_and_the_row_is_kept(tmp_path: Path, value: str) -> None:
    collected = collect([str(_write(tmp_path / "n.jsonl", _rows({"id": "a", "text": "A.", "published": value})))])
    assert [(article.id, article.published) for article in collected.articles] == [("a", None)]
    assert f'"published" is no date: {value!r}' in _only_problem(collected).error


def test_a_text_of_which_cleaning_leaves_nothing_is_told_so(tmp_path: Path) -> None:
    path = _write(tmp_path / "n.jsonl", _rows({"id": "a", "text": "Share this article"}))
    assert "nothing of its text is left after cleaning" in _only_problem(collect([str(path)])).error


@pytest.mark.parametrize("url", ["https://example.org/a", "HTTP://example.org/a.html"])
def test_an_address_on_the_web_is_an_error_that_says_what_to_do(url: str) -> None:
    with pytest.raises(UsageError, match="no page of the web is read here; save it"):
        collect([url])


def test_a_folder_without_articles_says_which_endings_are_read(tmp_path: Path) -> None:
    _write(tmp_path / "picture.png")
    problem = _only_problem(collect([str(tmp_path)]))
    assert problem.source == str(tmp_path)
    assert all(ending in problem.error for ending in READERS)


def test_a_file_of_another_kind_given_by_name_is_told(tmp_path: Path) -> None:
    problem = _only_problem(collect([str(_write(tmp_path / "paper.docx"))]))
    assert "'.docx' are not read" in problem.error


@pytest.mark.parametrize("content", [b"\x00\x01\x02\xff" * 50, b"%PDF-1.7\n1 0 obj", b"PK\x03\x04" + b"x" * 60])
@pytest.mark.parametrize("name", ["x.txt", "x.md", "x.html", "x.json"])
def test_a_binary_file_is_told_and_the_rest_goes_on(tmp_path: Path, content: bytes, name: str) -> None:
    _write(tmp_path / name, content)
    _write(tmp_path / "good.txt")
    collected = collect([str(tmp_path)])
    assert _ids(collected) == ["good.txt"]
    assert _only_problem(collected).source.endswith(name)
    assert "binary file" in _only_problem(collected).error


def test_an_encoding_that_cannot_be_told_is_told(tmp_path: Path) -> None:
    problem = _only_problem(collect([str(_write(tmp_path / "x.txt", bytes(range(128, 256)) * 3))]))
    assert problem.error == "its encoding cannot be told; save it as UTF-8"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_usual_encodings_are_read(tmp_path: Path, encoding: str) -> None:
    text = "Fähre rammt Anleger\n\nEine Fähre hat am Montag in der Bucht einen Anleger gerammt – zwei Verletzte."
    (article,) = collect([str(_write(tmp_path / "x.txt", text.encode(encoding)))]).articles
    assert article.text == text


@pytest.mark.parametrize("name", ["x.txt", "x.md", "x.html", "x.jsonl", "x.json", "x.xml"])
def test_an_empty_file_is_no_crash_and_no_article(tmp_path: Path, name: str) -> None:
    collected = collect([str(_write(tmp_path / name, ""))])
    assert collected.articles == ()
    assert len(collected.problems) == (0 if name == "x.jsonl" else 1)


def test_a_title_without_text_is_kept_and_flagged(tmp_path: Path) -> None:
    (article,) = collect(
        [str(_write(tmp_path / "n.jsonl", _rows({"id": "a", "title": "Ferry hits pier", "text": ""})))]
    ).articles
    assert article.flags == ("no-text",)
    assert article.text == "Ferry hits pier\n\n"


def test_neither_title_nor_text_is_told_with_its_line(tmp_path: Path) -> None:
    path = _write(tmp_path / "n.jsonl", _rows({"id": "b", "text": "B."}, {"id": "a", "text": " \n"}))
    problem = _only_problem(collect([str(path)]))
    assert problem == Problem(f"{path} line 2", "has neither title nor text")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ('{"text": "cut', "is no JSON: Unterminated string"),
        ("not json", "is no JSON"),
        ("[1, 2]", "is a list, not an object"),
        ('"text"', "is a string, not an object"),
        ("null", "is null, not an object"),
        ('{"text": 5}', '"text" is a number; it must be a string or null'),
        ('{"text": "A.", "title": ["x"]}', '"title" is a list; it must be a string or null'),
        ('{"text": "A.", "id": 7.5}', '"id" is a number; it must be a string or null'),
        ('{"text": "A.", "id": true}', '"id" is a boolean; it must be a string or null'),
        ('{"text": "A.", "author": true}', '"author" is a boolean; it must be a string or null'),
        ('{"text": NaN}', '"text" is a number'),
        ('{"id": "a\\nb", "text": "A."}', '"id" holds line breaks'),
        ("[" * 200_000, "is nested too deeply"),
        ('{"a":' * 100_000, "is nested too deeply"),
        ("9" * 5000, "digits"),
        ('{"text": "' + "x" * (5 * 1024 * 1024) + '"}', "is longer than 5 MiB"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_bad_line_is_told_by_its_number_and_the_others_go_on(tmp_path: Path, line: str, error: str) -> None:
    path = _write(tmp_path / "n.jsonl", '{"id": "1", "text": "A."}\n' + line + '\n{"id": "3", "text": "C."}')
    collected = collect([str(path)])
    assert _ids(collected) == ["1", "3"]
    assert _only_problem(collected).source == f"{path} line 2"
    assert error in _only_problem(collected).error


def test_bytes_that_are_no_utf8_in_one_line_spoil_only_that_line(tmp_path: Path) -> None:
    path = _write(tmp_path / "n.jsonl", b'{"id": "1", "text": "caf\xe9"}\n{"id": "2", "text": "A."}')
    collected = collect([str(path)])
    assert _ids(collected) == ["2"]
    assert _only_problem(collected) == Problem(f"{path} line 1", "is not UTF-8; save it as UTF-8")


def test_repeated_keys_other_keys_null_bom_and_crlf_are_no_trouble(tmp_path: Path) -> None:
    lines = ['{"text": "Old.", "text": "New.", "id": "1", "x": NaN}', "", '{"id": "2", "text": "B.", "title": null}']
    path = _write(tmp_path / "n.jsonl", b"\xef\xbb\xbf" + "\r\n".join(lines).encode())
    collected = collect([str(path)])
    assert collected.problems == ()
    assert [article.body for article in collected.articles] == ["New.", "B."]


def test_a_binary_row_file_is_told_once(tmp_path: Path) -> None:
    assert "binary" in _only_problem(collect([str(_write(tmp_path / "n.jsonl", b"\0\1\2\n" * 50))])).error


def test_broken_json_says_where(tmp_path: Path) -> None:
    problem = _only_problem(collect([str(_write(tmp_path / "x.json", '{\n "text": }'))]))
    assert "line 2, column 10" in problem.error


def test_json_lines_in_a_json_file_are_told_apart(tmp_path: Path) -> None:
    problem = _only_problem(collect([str(_write(tmp_path / "x.json", '{"text": "A."}\n{"text": "B."}'))]))
    assert "name the file .jsonl" in problem.error


def test_a_briefing_without_texts_says_so(tmp_path: Path) -> None:
    edition = {"schema_version": 1, "articles": [{"id": "a", "title": "Ferry hits pier", "flags": []}]}
    problem = _only_problem(collect([str(_write(tmp_path / "x.json", json.dumps(edition)))]))
    assert "is a briefing without texts" in problem.error


def test_a_briefing_with_texts_gives_back_its_articles(tmp_path: Path) -> None:
    text = "Ferry hits pier\n\nA ferry hit a pier on Monday."
    edition = {
        "schema_version": 1,
        "articles": [{"id": "a", "title": "Ferry hits pier", "flags": ["wire"], "text": text}],
    }
    (article,) = collect([str(_write(tmp_path / "x.json", json.dumps(edition)))]).articles
    assert article.text == text


def test_a_file_too_large_is_told(tmp_path: Path) -> None:
    path = _write(tmp_path / "x.txt", b"word " * (2 * 1024 * 1024 + 10))
    assert "larger than 10 MiB" in _only_problem(collect([str(path)])).error


def test_row_files_may_be_larger_as_long_as_their_lines_are_not(tmp_path: Path) -> None:
    rows = [{"id": str(n), "text": f"Report {n}. " + "x" * 4_000_000} for n in range(3)]
    assert len(_ids(collect([str(_write(tmp_path / "n.jsonl", _rows(*rows)))]))) == 3


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_a_file_that_may_not_be_read_is_told(tmp_path: Path) -> None:
    path = _write(tmp_path / "x.txt")
    path.chmod(0)
    assert "cannot be read" in _only_problem(collect([str(path)])).error


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "x.txt")
    _write(tmp_path / "one.txt")
    collected = collect([str(tmp_path)])
    assert _ids(collected) == ["one.txt"]
    assert _only_problem(collected) == Problem(str(tmp_path / "x.txt"), "is no regular file")
    assert "no regular file" in _only_problem(collect([str(tmp_path / "x.txt")])).error


# Plain text and Markdown


def test_wrapped_lines_become_paragraphs_again(tmp_path: Path) -> None:
    text = """Ferry hits pier

A ferry carrying commuters from Holm Island struck a pier in Kestrel Bay
harbour shortly before eight on Monday morning. Fourteen people were hurt, the
ambulance service said, and one of them was flown to hospital.

The pier is closed until further notice. Sailings to the island go from the
other side of the harbour.
"""
    (article,) = collect([str(_write(tmp_path / "x.txt", text))]).articles
    assert article.body.count("\n") == 1
    assert "Kestrel Bay harbour shortly" in article.body


def test_lines_that_were_not_wrapped_stay_apart(tmp_path: Path) -> None:
    facts = "Fourteen people were hurt\nThree people are missing\nOne pier is closed"
    text = f"Hurt and missing\n\n{facts}\n\nThe search goes on."
    (article,) = collect([str(_write(tmp_path / "x.txt", text))]).articles
    assert article.body.split("\n")[0] == "Fourteen people were hurt"


@pytest.mark.parametrize(
    ("first", "is_title"),
    [
        ("Ferry hits pier", True),
        ("Is the pier safe?", True),
        ('"We formed a chain": how porters emptied the ferry', True),
        ("Pier closed after accident in the U.S.", True),
        ("A ferry hit a pier in Kestrel Bay on Monday, the coastguard said.", False),
        ("The harbour master said:", False),
        ("x" * 300, False),
    ],
)
def test_the_first_line_is_the_title_if_it_reads_like_one(
    tmp_path: Path,
    first: str,
    is_title: bool,  # noqa: FBT001 - a parametrised truth
) -> None:
    (article,) = collect(
        [str(_write(tmp_path / "x.txt", f"{first}\n\nFourteen people were hurt, police said."))]
    ).articles
    assert (article.title == first) is is_title
    assert first in article.text


def test_front_matter_is_read_and_the_markup_is_gone(tmp_path: Path) -> None:
    text = """---
title: "Ferry: what we know"
date: 2026-03-02
author: Anna Reyes
publisher: The Harbour Post
url: https://harbourpost.example/1
language: en
draft: [not, read]
---
# Another heading

A **ferry** hit a [pier](https://evil.example/x "t") in `Kestrel Bay`. ![a picture](x.png)

- fourteen hurt
- none missing

<script>alert(1)</script>
<p style="display:none">The ferry sank.</p>

Text <span hidden>and more of it</span> to the end.
"""
    (article,) = collect([str(_write(tmp_path / "x.md", text))]).articles
    assert article.title == "Ferry: what we know"
    assert (article.published, article.author, article.publisher) == ("2026-03-02", "Anna Reyes", "The Harbour Post")
    assert (article.url, article.language) == ("https://harbourpost.example/1", "en")
    assert article.body.split("\n") == [
        "Another heading",
        "A ferry hit a pier in Kestrel Bay.",
        "fourteen hurt",
        "none missing",
        "Text to the end.",
    ]
