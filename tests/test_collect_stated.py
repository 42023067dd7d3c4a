"""What JSON states of an article is read alike wherever it stands."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from briefing.collect import feeds, rows
from briefing.collect.feeds import read as feed
from briefing.collect.stated import KEYS, content_hash, parse
from briefing.ports import Document, RawArticle
from tests.command import environment

ITEMS = [{"id": "a", "title": "Ferry hits pier", "content_text": "The ferry hit."}, {"content_text": "No id."}]
FEED = {"version": "https://jsonfeed.org/version/1.1", "title": "Harbour Post", "items": ITEMS}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"\xff", "is not UTF-8; save it as UTF-8"),
        (b"{", "is no JSON: Expecting property name enclosed in double quotes at column 2"),
        (b"[\n1,\n}", "is no JSON: Expecting value at line 3, column 1"),
        (b"[" * 100_000, "is nested too deeply to be an article"),
    ],
    ids=["bytes", "cut", "lines", "deep"],
)
def test_what_is_no_value_is_told_in_words(data, said):
    with pytest.raises(ValueError, match="^" + said):
        parse(data)


@given(st.dictionaries(st.sampled_from(KEYS), st.text()))
def test_the_hash_is_of_all_that_is_stated_but_the_id_in_any_order(known):
    turned = dict(reversed(known.items()))
    assert content_hash(known) == content_hash({**turned, "id": "other"})
    assert content_hash(known) != content_hash({**known, "text": known.get("text", "") + "x"})


def test_a_json_feed_gives_the_same_articles_under_either_name():
    document = Document("feed", "feed", json.dumps(FEED).encode())
    read = [one for one in rows.read_document(document) if isinstance(one, RawArticle)]
    assert read == list(feed.read(document))
    assert [one.id for one in read] == ["a", f"feed#{content_hash({'text': 'No id.', 'publisher': 'Harbour Post'})}"]


def test_reading_feeds_knows_nothing_of_rows():
    program = f"import sys; import {feeds.__name__}.read; sys.exit({rows.__name__!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False, env=environment()).returncode == 0
