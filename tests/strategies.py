"""Hypothesis strategies shared by the tests."""

from __future__ import annotations

from hypothesis import strategies as st

from briefing.domain import Article
from briefing.text import sentence_spans, visible

# Any text that a hostile source might send: every Unicode character, surrogates and controls included.
hostile_text = st.text(alphabet=st.characters(), max_size=200)

_WORD = st.sampled_from(
    "ferry pier harbour council strike court ruling minister mayor Kestrel Brandt Aurora Monday 14 17 2.4 million "
    "said denied told reported injured agreed rejected the a of in on after before not may".split()
)
sentence_text = st.lists(_WORD, min_size=3, max_size=18).map(lambda parts: " ".join(parts).capitalize() + ".")
body_text = st.lists(st.lists(sentence_text, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=6).map(
    "\n".join
)


@st.composite
def articles(draw: st.DrawFn, identifier: str | None = None) -> Article:
    """A clean article of plausible news sentences."""
    title = draw(st.none() | sentence_text.map(lambda text: text.rstrip(".")))
    body = visible(draw(body_text))
    article = Article(id=identifier or draw(st.uuids().map(str)), title=title, body=body)
    spans = tuple(span for span in sentence_spans(article.text, "en") if span.start >= article.body_start)
    return Article(id=article.id, title=title, body=body, sentences=spans, language="en")
