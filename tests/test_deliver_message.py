"""Letters as messages: which fields there are, what they survive, and which addresses are taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.deliver.addresses import Mailbox, address, is_international, key, mailbox
from briefing.deliver.message import LINE, Envelope, notice, parcel
from briefing.errors import UsageError
from briefing.letters import UNSUBSCRIBE, Letter, Parcel
from briefing.text import single_line

MADE = datetime(2026, 11, 24, 6, 30, tzinfo=timezone(timedelta(hours=1)))
LETTER = Letter(
    subject="Tuesday in brief",
    html=f'<p>Größe</p>\n<a href="{UNSUBSCRIBE}">leave</a>\n',
    text=f"Größe\n\n.\nFrom here on.\nLeave: {UNSUBSCRIBE}\n",
    made_at=MADE,
)
ALL_FIELDS = [
    "From",
    "To",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "List-Id",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
]
HOSTILE = [
    "News\r\nBcc: evil@example.org",
    "News\nBcc: evil@example.org\n\nbody",
    "News\rBcc: evil@example.org",
    "=?utf-8?q?News=0D=0ABcc:_evil@example.org?=",
    "=?utf-8?b?TmV3cw0KQmNjOiBldmlsQGV4YW1wbGUub3Jn?= and more",
    "News\u2028Bcc: evil@example.org\u2029\x85Cc: x@example.org",
    "News\x00\x0b\x0c\x1c\x1d\x1eBcc: evil@example.org",
    "x" * 3_000,
    'a, b <evil@example.org>, c:; \\ "(',
    "\ud800 lone",
]


def envelope(**changes) -> Envelope:
    given = {
        "sender": "Daily briefing <briefing@example.org>",
        "reply_to": "Desk <desk@example.org>",
        "list_id": "Morning briefing <morning.example.org>",
        "message_id": "<1.ada@example.org>",
        "way_out": "https://news.example.org/leave?who=ada&key=1",
        "one_click": True,
    }
    return Envelope(**{**given, **changes})


def made(letter: Letter = LETTER, to: str = "ada@example.org", **changes) -> Parcel:
    return parcel(letter, to, envelope(**changes))


def titled(subject: str) -> Letter:
    return Letter(subject, LETTER.html, LETTER.text, MADE)


def read(data: bytes) -> EmailMessage:
    return message_from_bytes(data, policy=policy.default)


def fields(data: bytes) -> list[str]:
    """The names of the fields as they stand in the bytes, folded lines left out."""
    head = data.partition(b"\r\n\r\n")[0].decode()
    return [line.partition(":")[0] for line in head.split("\r\n") if not line.startswith(" ")]


def content(data: bytes, kind: str) -> str:
    part = read(data).get_body((kind,))
    assert part is not None
    text: str = part.get_content()
    return text.replace("\r\n", "\n")


def test_a_message_has_exactly_the_fields_that_a_list_has_to_have():
    message = read(made().data)
    assert fields(made().data) == ALL_FIELDS
    assert message["From"] == "Daily briefing <briefing@example.org>"
    assert message["To"] == "ada@example.org"
    assert message["Reply-To"] == "Desk <desk@example.org>"
    assert message["Date"] == "Tue, 24 Nov 2026 06:30:00 +0100"
    assert message["Message-ID"] == "<1.ada@example.org>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["List-Id"] == "Morning briefing <morning.example.org>"
    assert message["List-Unsubscribe"] == "<https://news.example.org/leave?who=ada&key=1>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_one_click_is_promised_only_where_it_is_there():
    by_mail = made(way_out="mailto:desk@example.org?subject=leave", one_click=False, reply_to=None)
    assert fields(by_mail.data) == [name for name in ALL_FIELDS if name not in ("List-Unsubscribe-Post", "Reply-To")]
    with pytest.raises(UsageError, match="takes no click"):
        made(way_out="mailto:desk@example.org", one_click=True)


def test_text_comes_first_then_html_each_with_this_readers_way_out():
    data = made().data
    message = read(data)
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert all(part.get_content_charset() == "utf-8" for part in message.iter_parts())
    assert all(part["MIME-Version"] is None for part in message.iter_parts())
    assert content(data, "plain") == LETTER.text.replace(UNSUBSCRIBE, "https://news.example.org/leave?who=ada&key=1")
    assert 'href="https://news.example.org/leave?who=ada&amp;key=1"' in content(data, "html")
    assert UNSUBSCRIBE.encode() not in data


def test_the_same_letter_gives_the_same_bytes():
    assert made().data == made().data
    assert made().data != made(message_id="<2.ada@example.org>").data


def test_lines_are_short_and_end_in_cr_lf():
    long = Letter("A title of words " * 30, "<p>" + "x" * 5_000 + "ü" * 3_000 + "</p>", "y" * 5_000 + " \t\n" * 3, MADE)
    for data in (made(long).data, made(long, sender=f'"{"Ünï, " * 30}" <a@example.org>').data):
        assert data.count(b"\r\n") == data.count(b"\r") == data.count(b"\n")
        assert max(map(len, data.split(b"\r\n"))) <= LINE
        assert data.isascii()


def test_a_long_way_out_stays_in_one_piece():
    way_out = "https://news.example.org/leave/" + "t" * 600
    data = made(way_out=way_out).data
    assert f"\r\nList-Unsubscribe: <{way_out}>\r\n".encode() in data


def test_what_is_mostly_beyond_ascii_goes_as_base64_because_that_is_shorter():
    russian = Letter("x", "<p>" + "Привет, мир. " * 500 + "</p>", "Hello.\n", MADE)
    encodings = [part["Content-Transfer-Encoding"] for part in read(made(russian).data).iter_parts()]
    assert encodings == ["quoted-printable", "base64"]


@pytest.mark.parametrize("subject", HOSTILE)
def test_a_subject_adds_no_field_and_arrives_as_it_looks(subject):
    data = made(titled(subject)).data
    assert fields(data) == ALL_FIELDS
    message = read(data)
    assert message["Bcc"] is None
    assert message["Cc"] is None
    assert message["Subject"] == single_line(subject)
    assert content(data, "plain").startswith("Größe")


def test_a_name_that_looks_like_an_encoded_word_arrives_as_it_looks():
    name = "=?utf-8?q?Bank=0D=0ABcc:_evil?="
    data = made(sender=f'"{name}" <briefing@example.org>', list_id=f"{name} <a.b>").data
    assert fields(data) == ALL_FIELDS
    (sender,) = read(data)["From"].addresses
    assert (sender.display_name, sender.addr_spec) == (name, "briefing@example.org")
    assert read(data)["List-Id"] == f"{name} <a.b>"


@given(st.text(max_size=300))
def test_any_subject_and_any_name_arrive_as_they_look(text):
    shown = single_line(text)
    quoted = shown.replace("\\", "\\\\").replace('"', '\\"')
    listed = shown.replace("<", "(").replace(">", ")")
    data = made(titled(text), sender=f'"{quoted}" <briefing@example.org>', list_id=f"{listed} <a.b>").data
    assert fields(data) == ALL_FIELDS
    message = read(data)
    assert message["Subject"] == shown
    assert len(message["From"].addresses) == 1
    assert message["From"].addresses[0].addr_spec == "briefing@example.org"
    assert max(map(len, data.split(b"\r\n"))) <= 160


@given(st.text(max_size=400), st.text(max_size=400))
def test_any_text_arrives_with_its_lines(html, text):
    data = made(Letter("x", html, text, MADE)).data
    for kind, given_text in (("plain", text), ("html", html)):
        sound = given_text.encode(errors="replace").decode()
        wanted = sound.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n")
        assert content(data, kind).removesuffix("\n") == wanted


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"message_id": "1@example.org"}, "no message's id"),
        ({"message_id": "<1@example.org>\r\nBcc: x@example.org"}, "no message's id"),
        ({"list_id": "morning.example.org"}, "no list's id"),
        ({"list_id": "x <a.b>, <c.d>"}, "no list's id"),
        ({"way_out": "http://news.example.org/leave"}, "no way to unsubscribe"),
        ({"way_out": "https:///leave"}, "no way to unsubscribe"),
        ({"way_out": "https://news.example.org/a\r\nBcc: x@example.org"}, "no way to unsubscribe"),
        ({"way_out": "https://news.example.org/a>,<b"}, "no way to unsubscribe"),
        ({"way_out": "https://news.example.org/" + "a" * 900}, "no way to unsubscribe"),
        ({"way_out": "https://user@news.example.org/"}, "no way to unsubscribe"),
        ({"sender": "nobody"}, "no mail address"),
        ({"reply_to": "a@example.org\r\nBcc: x@example.org"}, "no mail address"),
    ],
)
def test_what_stands_around_a_letter_is_checked(changes, told):
    with pytest.raises(UsageError, match=told):
        made(**changes)


def test_an_address_beyond_ascii_stands_as_it_is_and_is_told_of():
    sent = made(to="Grüße@bücher.example")
    assert sent.international
    assert sent.recipient == "Grüße@xn--bcher-kva.example"
    assert b"To: Gr\xc3\xbc\xc3\x9fe@xn--bcher-kva.example\r\n" in sent.data
    plain = made(to="ada@bücher.example")
    assert not plain.international
    assert plain.data.isascii()
    assert made(sender="Ünï <grüße@example.org>").international


def test_a_notice_is_plain_and_not_of_the_list():
    sent = notice("It failed\r\nBcc: x", "All of it: ü\n", "Ops <ops@example.org>", "b@example.org", "<9@e.org>", MADE)
    assert (sent.sender, sent.recipient) == ("b@example.org", "ops@example.org")
    assert set(fields(sent.data)) == {
        *("From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted"),
        *("MIME-Version", "Content-Type", "Content-Transfer-Encoding"),
    }
    assert read(sent.data)["Subject"] == "It failed Bcc: x"
    assert content(sent.data, "plain") == "All of it: ü\n"


@pytest.mark.parametrize(
    ("stated", "read_as"),
    [
        ("ada@example.org", Mailbox("ada@example.org")),
        ("  Ada.L+x@EXAMPLE.Org. ", Mailbox("Ada.L+x@example.org")),
        ("<ada@example.org>", Mailbox("ada@example.org")),
        ("Ada Lovelace <ada@example.org>", Mailbox("ada@example.org", "Ada Lovelace")),
        ('"Lovelace, \\"Ada\\"" <ada@example.org>', Mailbox("ada@example.org", 'Lovelace, "Ada"')),
        ("Grüße <grüße@bücher.example>", Mailbox("grüße@xn--bcher-kva.example", "Grüße")),
        ("gru\u0308\u00dfe@example.org", Mailbox("grüße@example.org")),
        ("ada@日本。example", Mailbox("ada@xn--wgv71a.example")),
        ("ada@faß.example", Mailbox("ada@xn--fa-hia.example")),
        ("ada@r3---sn.example", Mailbox("ada@r3---sn.example")),
        ("ada@localhost", Mailbox("ada@localhost")),
        ("o'hara{}~@example.org", Mailbox("o'hara{}~@example.org")),
        (f"{'a' * 64}@example.org", Mailbox(f"{'a' * 64}@example.org")),
    ],
)
def test_a_mailbox_is_read(stated, read_as):
    assert mailbox(stated) == read_as
    assert address(read_as.address) == read_as.address


@pytest.mark.parametrize(
    "stated",
    [
        *("", " ", "ada", "@example.org", "ada@", "ada@@example.org", "a b@example.org", "<>", "Ada <>", "Ada <ada>"),
        *("a@example.org, b@example.org", "a@example.org b@example.org", "a@example.org;b@example.org"),
        *("x@example.org, Ada <ada@example.org>", "Lovelace, Ada <ada@example.org>", "<a@example.org> <b@example.org>"),
        *("team: ada@example.org;", "ada@example.org (Ada)", "mailto:ada@example.org", '"a b"@example.org'),
        *("a@example.org\r\nBcc: b@example.org", "a\n@example.org", "a\x00@example.org", "a\u2028@example.org"),
        *(".a@example.org", "a.@example.org", "a..b@example.org", "a@-x.example", "a@x-.example", "a@x_y.example"),
        *("a@example..org", "a@.example", "a@127.0.0.1", "a@[127.0.0.1]", "a@xn--zz.example", "a@ex ample.org"),
        *("a\u200bb@example.org", "a\u00a0b@example.org", "a\u202eb@example.org", "a\ud800@example.org"),
        *(f"{'a' * 65}@example.org", f"{'ü' * 33}@example.org", f"a@{'b' * 64}.org", f"a@{'b.' * 130}org", "a" * 10**6),
    ],
)
def test_what_is_no_one_mailbox_is_refused_with_the_way_to_write_it(stated):
    with pytest.raises(
        UsageError, match=r"is no mail address: .* as ada@example.org or Ada <ada@example.org>"
    ) as caught:
        address(stated)
    assert len(str(caught.value)) < 400
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ada@Example.org", "ada@example.ORG"),
        ("Ada <ADA@example.org>", "ada@example.org."),
        ("ada@bücher.example", "ada@XN--BCHER-KVA.example"),
        ("GRÜßE@example.org", "gru\u0308sse@example.org"),
    ],
)
def test_two_spellings_of_a_mailbox_have_one_key(one, other):
    assert key(one) == key(other)
    assert key("ada.x@example.org") != key("adax@example.org")


@given(st.text(max_size=60))
def test_an_address_is_either_refused_or_one_safe_word(text):
    for stated in (text, f"{text}@example.org", f"a@{text}.example", f"{text} <a@example.org>"):
        try:
            found = address(stated)
        except UsageError:
            continue
        assert found.isprintable()
        assert not set(found) & set(' ,;:<>"\\()[]')
        assert found.count("@") == 1
        assert found.rpartition("@")[2].isascii()
        assert address(found) == found
        assert is_international(found) == (not found.isascii())


def test_dates_keep_their_zone():
    assert b"\r\nDate: Tue, 24 Nov 2026 05:30:00 +0000\r\n" in made(Letter("x", "x", "x", MADE.astimezone(UTC))).data
