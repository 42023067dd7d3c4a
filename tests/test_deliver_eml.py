"""Parcels as files: named safely, whole, for their owner alone."""

from __future__ import annotations

import stat

import pytest

from briefing.deliver import eml
from briefing.deliver.eml import Folder, name_of
from briefing.errors import DeliveryFailed
from briefing.letters import Parcel, Receipt


def message(identifier: str = "<1.ada@example.org>", text: str = "Hello.") -> Parcel:
    data = f"From: b@example.org\r\nMessage-ID: {identifier}\r\n\r\n{text} Gr\u00fc\u00dfe\r\n".encode()
    return Parcel("b@example.org", "ada@example.org", data)


def always() -> bool:
    return True


def test_a_message_is_one_file_byte_for_byte_and_private(tmp_path):
    folder = tmp_path / "out" / "mail"
    receipt = Folder(folder)(message(), always)
    (path,) = folder.iterdir()
    assert receipt == Receipt("sent", str(path))
    assert path.read_bytes() == message().data
    assert path.name.startswith("1.ada-example.org-")
    assert path.suffix == ".eml"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_the_same_message_written_twice_is_one_file_and_another_one_another(tmp_path):
    carrier = Folder(tmp_path)
    for parcel in (message(), message(text="Again."), message("<2.ada@example.org>")):
        carrier(parcel, always)
    assert len(list(tmp_path.iterdir())) == 2
    assert (tmp_path / name_of(message())).read_bytes() == message(text="Again.").data


def test_what_is_not_wanted_is_not_written(tmp_path):
    assert Folder(tmp_path)(message(), lambda: False) == Receipt("dropped")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "identifier",
    ["<../../etc/passwd@x>", "<.hidden@x>", "<a/b\\c:d@x>", "<con@x>", "<" + "a" * 900 + "@x>", "<a\u0000b@x>", "none"],
)
def test_a_name_is_safe_whatever_the_id(tmp_path, identifier):
    parcel = message(identifier)
    Folder(tmp_path)(parcel, always)
    (path,) = tmp_path.iterdir()
    assert path.name == name_of(parcel)
    assert len(path.name) < 100
    assert not path.name.startswith(".")
    assert set(path.name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")


def test_ids_that_look_alike_have_files_of_their_own():
    assert name_of(message("<a/b@x>")) != name_of(message("<a-b@x>"))
    assert name_of(message("none")) != name_of(message("none", "Other."))


def test_a_message_of_the_body_is_not_taken_for_its_own_id():
    quoted = message("none", "Message-ID: <other@x>")
    assert name_of(quoted) != name_of(message("<other@x>"))
    assert name_of(quoted)[:12].isalnum()


def test_a_link_in_its_place_is_replaced_and_not_followed(tmp_path):
    target = tmp_path / "precious"
    target.write_text("kept")
    folder = tmp_path / "mail"
    folder.mkdir()
    (folder / name_of(message())).symlink_to(target)
    Folder(folder)(message(), always)
    assert target.read_text() == "kept"
    assert (folder / name_of(message())).read_bytes() == message().data


def test_a_folder_that_cannot_be_written_to_is_told_before_anything_is_noted_down(tmp_path):
    (tmp_path / "file").write_text("x")
    asked: list[str] = []

    def is_wanted() -> bool:
        asked.append("asked")
        return True

    for folder in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(DeliveryFailed, match=r"cannot write to .*set folder under .mail."):
            Folder(folder)(message(), is_wanted)
    assert asked == []


def test_a_disk_that_is_full_in_the_middle_leaves_the_message_for_later(tmp_path, monkeypatch):
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(eml, "write_whole", full)
    receipt = Folder(tmp_path)(message(), always)
    assert receipt.outcome == "later"
    assert "make room" in str(receipt.answer)
