"""Templates: where they are found, a user's own, and what happens where one is wrong or has no end."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from briefing import edition as data
from briefing.errors import BriefingError, UsageError
from briefing.render import FORMATS, copy_templates, render, sandbox, template_folder
from briefing.render import environment as environments
from tests import editions, hostile

EDITION, SOURCES = editions.harbour_briefing()


def own(folder: Path, text: str, name: str = "briefing.txt.jinja") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder


def plain(folder: Path) -> str:
    return render(EDITION, "txt", {}, folder)


def test_an_editable_install_takes_the_templates_of_the_repository(root: Path) -> None:
    assert template_folder() == root / "templates"


def test_a_wheel_takes_the_templates_inside_the_package(tmp_path: Path, root: Path) -> None:
    package = tmp_path / "site-packages" / "briefing"
    shutil.copytree(root / "templates", package / "templates")
    shutil.copytree(root / "templates", tmp_path / "site-packages" / "templates")
    assert template_folder(package) == package / "templates"


def test_an_install_without_templates_says_so(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="templates are missing"):
        template_folder(tmp_path / "briefing")


def test_our_templates_are_copied_to_be_edited(tmp_path: Path) -> None:
    copies = copy_templates(tmp_path / "mine")
    assert {"briefing.html.jinja", "briefing.md.jinja", "briefing.txt.jinja"} <= {path.name for path in copies}
    for form in ("html", "md", "txt", "story"):
        assert render(EDITION, form, {}, tmp_path / "mine") == render(EDITION, form, {})


def test_a_copy_never_overwrites(tmp_path: Path) -> None:
    edited = own(tmp_path, "mine") / "briefing.txt.jinja"
    with pytest.raises(UsageError, match=r"briefing\.txt\.jinja is there already"):
        copy_templates(tmp_path)
    assert edited.read_text(encoding="utf-8") == "mine"
    assert list(tmp_path.iterdir()) == [edited]


def test_a_copy_never_writes_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "style.css.jinja").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match=r"style\.css\.jinja is there already"):
        copy_templates(tmp_path)
    assert not (tmp_path / "elsewhere").exists()


def test_a_copy_to_a_place_that_is_no_folder_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(UsageError, match="cannot copy to"):
        copy_templates(tmp_path / "file" / "below")


def test_the_user_s_own_template_wins_over_ours(tmp_path: Path) -> None:
    assert plain(own(tmp_path, "{{ page.title }}: {{ page.events|length }}")) == "Daily briefing: 3"


def test_the_user_s_own_template_can_extend_ours(root: Path) -> None:
    text = render(EDITION, "html", {}, root / "examples" / "templates")
    assert "Harbour Office, morning paper" in text
    assert text.count('<article class="event"') == 3


def test_the_user_s_own_part_replaces_ours_within_our_page(tmp_path: Path) -> None:
    folder = own(tmp_path, "<p>{{ note.quote }}</p>", "note.html.jinja")
    assert "<p>Fourteen people were injured, the coast guard said.</p>" in render(EDITION, "html", {}, folder)


def test_the_user_s_own_page_is_escaped_like_ours(tmp_path: Path) -> None:
    edition, _ = hostile.briefing(["<script>alert(1)</script> [x](y)"])
    body = "{% for event in page.events %}{{ 'Read: ' ~ event.headline.text }}{% endfor %}"
    own(tmp_path, body, "briefing.html.jinja")
    own(tmp_path, body, "briefing.md.jinja")
    assert "<script" not in render(edition, "html", {}, tmp_path)
    assert "\\<script\\>" in render(edition, "md", {}, tmp_path)
    assert "\\[x\\](y)" in render(edition, "md", {}, tmp_path)


def test_what_a_macro_wrote_is_not_escaped_twice_when_joined(tmp_path: Path) -> None:
    body = "{% macro bold(x) %}**{{ x }}**{% endmacro %}{{ bold('a*b') ~ ' c*d ' ~ none }}"
    assert render(EDITION, "md", {}, own(tmp_path, body, "briefing.md.jinja")) == "**a\\*b** c\\*d "


def test_json_is_the_published_edition() -> None:
    assert render(EDITION, "json", {}) == data.to_json(EDITION)


def test_an_unknown_format_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="unknown format 'pdf': known are md, html, json, txt, story"):
        render(EDITION, "pdf", {})


def test_every_form_gives_the_same_bytes_again() -> None:
    for form in FORMATS:
        assert render(EDITION, form, editions.by_id(SOURCES)) == render(EDITION, form, editions.by_id(SOURCES[::-1]))


def test_an_event_that_cites_what_the_briefing_does_not_list_is_an_error() -> None:
    with pytest.raises(BriefingError, match="cites article 'gazette-1', which the briefing does not list"):
        render(editions.briefing(EDITION.events, SOURCES[1:]), "md", {})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("one\n{{ page.titel }}", r"briefing\.txt\.jinja:2: .*has no attribute 'titel'"),
        ("one\n\n{{ nothing }}", r"briefing\.txt\.jinja:3: 'nothing' is undefined"),
        ("{% for x in %}", r"briefing\.txt\.jinja:1: "),
        ("one\n{% endfor %}", r"briefing\.txt\.jinja:2: .*endfor"),
        ("one\n{{ 1 / 0 }}", r"briefing\.txt\.jinja:2: division by zero"),
        ("{{ page.title | nofilter }}", r"briefing\.txt\.jinja:1: No filter named 'nofilter'"),
        ("{% include 'absent.jinja' %}", r"briefing\.txt\.jinja:1: there is no template 'absent\.jinja' in "),
        ("{% include '../secret.txt' %}", r"there is no template '\.\./secret\.txt' in "),
        ("{% include 'briefing/../../secret.txt' %}", r"there is no template 'briefing/\.\./\.\./secret\.txt' in "),
        ("{% include '/etc/passwd' %}", r"there is no template '/etc/passwd' in "),
    ],
)
def test_a_wrong_template_is_named_with_its_line(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        plain(own(tmp_path / "mine", text))


def test_a_template_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    (tmp_path / "briefing.txt.jinja").write_bytes(b"caf\xe9")
    with pytest.raises(UsageError, match=r"briefing\.txt\.jinja is not UTF-8 \(byte 3\)"):
        plain(tmp_path)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="there is no template folder"):
        plain(tmp_path / "absent")


@pytest.mark.parametrize("form", ["txt", "html"])
def test_a_link_out_of_the_folder_is_refused(tmp_path: Path, form: str) -> None:
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / f"briefing.{form}.jinja").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(UsageError, match="leads out of its folder"):
        render(EDITION, form, {}, folder)


def test_a_link_within_the_folder_is_good(tmp_path: Path) -> None:
    own(tmp_path, "linked", "real.jinja")
    (tmp_path / "briefing.txt.jinja").symlink_to(tmp_path / "real.jinja")
    assert plain(tmp_path) == "linked"


@pytest.mark.parametrize(
    "text",
    [
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ page.__class__.__init__.__globals__ }}",
        "{{ ''['__class__']['__base__'] }}",
        "{{ (''|attr('__class__')).mro() }}",
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "{{ self.__init__.__globals__ }}",
        "{{ page.__setattr__('title', 'x') }}",
        "{{ '{0.__class__.__mro__}'.format(page) }}",
        "{{ [].append(1) }}",
        "{{ lipsum() }}",
        "{{ config }}",
        "{{ request }}",
    ],
)
def test_a_template_cannot_leave_the_sandbox(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"briefing\.txt\.jinja:1: "):
        plain(own(tmp_path, text))


def test_no_template_of_the_attack_corpus_reaches_the_machine(tmp_path: Path, labelled: Path) -> None:
    secrets = ("root:x:", "uid=", "<class", "<module", "<function", "<built-in", "__globals__")
    texts = [text for text in hostile.strings(labelled, ("patt_ssti",)) if "{{" in text or "{%" in text]
    assert len(texts) > 20
    for text in texts:
        try:
            shown = plain(own(tmp_path, text))
        except UsageError:
            continue
        # A payload of another engine is text to this one: what is printed then is the template's own text.
        assert not any(secret in shown and secret not in text for secret in secrets), text


@pytest.mark.parametrize(
    "text",
    [
        "{{ range(1000000000)|list }}",
        "{{ 'a' * 1000000000 }}",
        "{{ 1000000000 * 'a' }}",
        "{{ ['a'] * 1000000000 }}",
        "{{ 10 ** 1000000000 }}",
        "{% set n = namespace(x=9) %}{% for i in range(60) %}{% set n.x = n.x * n.x %}{% endfor %}",
        "{{ 'a'|center(1000000000) }}",
        "{{ 'a'.ljust(1000000000) }}",
        "{{ '%1000000000d' % 1 }}",
        "{{ '%*d' % (1000000000, 1) }}",
        "{{ '%1000000000d'|format(1) }}",
        "{{ '{:1000000000}'.format(1) }}",
        "{{ '{:{}}'.format(1, 1000000000) }}",
        "{{ 'a'|indent(1000000000, true) }}",
        "{% set n = namespace(x='aaaaaaaa') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}",
        "{% set n = namespace(x='aaaaaaaa') %}{% for i in range(60) %}{% set n.x = n.x + n.x %}{% endfor %}",
        "{% set n = namespace(x='a') %}{% for i in range(60) %}{% set n.x %}{{ n.x }}{{ n.x }}{% endset %}{% endfor %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{% include 'briefing.txt.jinja' %}",
        "{% extends 'briefing.txt.jinja' %}",
    ],
)
def test_a_template_that_asks_for_too_much_is_stopped(tmp_path: Path, text: str) -> None:
    with pytest.raises(UsageError, match=r"template .*briefing\.txt\.jinja"):
        plain(own(tmp_path, text))


def test_a_template_without_end_is_stopped_by_the_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "MAX_SECONDS", 0.2)
    text = "{% set r = range(90000) %}{% for a in r %}{% for b in r %}{% endfor %}{% endfor %}"
    with pytest.raises(UsageError, match="takes longer than"):
        plain(own(tmp_path, text))


def test_a_template_that_writes_too_much_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environments, "MAX_OUTPUT", 100_000)
    text = "{% for a in range(90000) %}{% for b in range(90000) %}ab{{ b }}{% endfor %}{% endfor %}"
    with pytest.raises(UsageError, match="writes more than 100,000 characters"):
        plain(own(tmp_path, text))


def test_a_loop_still_knows_its_length_and_place(tmp_path: Path) -> None:
    text = "{% for a in 'abc' %}{{ loop.index }}/{{ loop.length }}{{ '' if loop.last else ' ' }}{% endfor %}"
    assert plain(own(tmp_path, text)) == "1/3 2/3 3/3"
