"""One event, written by a language model: asked, proven, mended once, and what still fails replaced or withheld."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from briefing.domain import Aspect, Draft, Reason, Withheld
from briefing.errors import ModelError
from briefing.ports import Manuscript
from briefing.report import Fallback
from briefing.text import sentence_spans, visible, words
from briefing.write import extractive
from briefing.write.candidates import told_from
from briefing.write.model.answer import Answer, Said, read_answer, read_repairs, read_verdict
from briefing.write.model.citing import proven
from briefing.write.model.evidence import Evidence
from briefing.write.model.replacement import Replacements
from briefing.write.model.requests import MOST_CITED, MOST_FACTS, Refused, Requests, sentences_for
from briefing.write.model.talk import Talk

LEAST_WORDS = 3  # of a sentence
HEADLINE, FACT = 0, -1  # the headline's number, and that of every line of the fact box; sentences count from 1
_OPEN = frozenset("a an and as because but if nor or than that the their without".split())  # more has to follow
_ENDS = re.compile(r"[.!?…。！？]['\"”’»)\]]*$")


@dataclass(slots=True)
class Event:
    """The event while it is written. `drafts` have passed; both they and `refused` go by number."""

    evidence: Evidence
    words: int
    requests: Requests
    talk: Talk
    drafts: dict[int, Draft] = field(default_factory=dict)
    refused: dict[int, Refused] = field(default_factory=dict)
    withheld: list[Withheld] = field(default_factory=list)
    repaired: int = 0
    replaced: int = 0
    unjudged: str | None = None

    def written(self) -> Manuscript:
        """The manuscript. Raises ModelError where the model gave no answer that can be read."""
        answer, asked_twice = self._first_answer()
        most = sentences_for(self.words)
        said = {HEADLINE: answer.headline} if answer.headline else {}
        said |= dict(enumerate(answer.sentences[:most], start=1))
        for surplus in answer.sentences[most:]:
            self._withhold(surplus.text, ("length",))
        for number, one in said.items():
            draft, reasons = self._examined(number, one)
            if reasons:
                self.refused[number] = Refused(number, one, reasons)
            else:
                self.drafts[number] = draft
        if self.refused and not asked_twice:
            self._repair()
        self._replace()
        return self._manuscript(answer)

    def _first_answer(self) -> tuple[Answer, bool]:
        """The answer, and whether it took two calls: one that cannot be read is asked for once more."""
        try:
            return read_answer(self.talk.ask(self.requests.write(self.evidence, self.words)).text), False
        except ModelError as error:
            if error.kind not in ("answer", "length"):
                raise
            request = self.requests.write(self.evidence, self.words, problem=error.public)
        return read_answer(self.talk.ask(request).text), True

    def _examined(self, number: int, said: Said) -> tuple[Draft, tuple[Reason, ...]]:
        """The draft and every reason against it; a second model is asked only where there is none yet."""
        by_id = self.evidence.by_id
        citations = [by_id[name].citation for name in said.cites if name in by_id][:MOST_CITED]
        articles = {article.id: article for article in self.evidence.articles}
        others = [slot.citation for slot in self.evidence.slots]
        draft, reasons = proven(said.text, citations, articles, told_from(self.evidence.articles), others)
        told = [one.text for place, one in self.drafts.items() if place not in (HEADLINE, number)]
        if not reasons and (_is_cut(draft, whole=number > HEADLINE) or (number > HEADLINE and draft.text in told)):
            reasons = ("length",)
        if not reasons and draft.kind == "written" and not self._agreed(draft):
            reasons = ("judge",)
        return draft, reasons

    def _agreed(self, draft: Draft) -> bool:
        """Whether the second model finds the draft in its passages, where one is asked; one that fails does not."""
        if not self.requests.judge_model:
            return True
        request = self.requests.judge(self.evidence.cluster.title, draft.text, draft.citations)
        try:
            return read_verdict(self.talk.ask(request).text) == "full"
        except ModelError as error:
            self.unjudged = error.public
            return False

    def _repair(self) -> None:
        """Ask once for all that was refused; a model that fails now has at least written the rest."""
        request = self.requests.repair(self.evidence, list(self.refused.values()))
        try:
            repairs = read_repairs(self.talk.ask(request).text)
        except ModelError:
            return
        for number, said in repairs.items():
            if number not in self.refused:
                continue
            draft, reasons = self._examined(number, said)
            if reasons:
                self.refused[number] = Refused(number, said, reasons)
            else:
                self.drafts[number] = draft
                self.repaired += number != HEADLINE
                del self.refused[number]

    def _replace(self) -> None:
        """A passage in the place of what was refused twice. What was refused stays on record either way."""
        replacements = Replacements.of(self.evidence)
        for number, one in sorted(self.refused.items()):
            self._withhold(one.said.text, one.reasons)
            told = [draft.text for number, draft in self.drafts.items() if number != HEADLINE]
            draft = replacements.find(one.said, told) if number != HEADLINE else None
            if draft is not None:
                self.drafts[number] = draft
                self.replaced += 1

    def _manuscript(self, answer: Answer) -> Manuscript:
        drafts = self._within_words([self.drafts[number] for number in sorted(self.drafts) if number != HEADLINE])
        own = extractive.write(self.evidence.cluster, self.evidence.articles, self.words)
        if not drafts or (len(self.refused) > len(drafts) and 2 * len(drafts) < len(own.drafts) - 1):
            return replace(own, withheld=tuple(self.withheld), fallback=self._failed(), unjudged=self.unjudged)
        headline = self.drafts.get(HEADLINE) or next(iter(own.drafts), None)
        return Manuscript(
            drafts=(headline, *drafts) if headline else tuple(drafts),
            facts=self._facts(answer) if answer.facts else own.facts,
            withheld=tuple(self.withheld),
            repaired=self.repaired,
            replaced=self.replaced,
            unjudged=self.unjudged,
        )

    def _failed(self) -> Fallback:
        """Why the event is told in its articles' own sentences: most of what the model wrote was refused."""
        reasons = [reason for one in self.refused.values() for reason in one.reasons]
        if reasons.count("language") * 2 > len(self.refused):
            return Fallback(self.evidence.cluster.id, "language", "the model wrote in another language")
        return Fallback(self.evidence.cluster.id, "gate", "next to nothing that the model wrote passed its check")

    def _facts(self, answer: Answer) -> tuple[tuple[Aspect, Draft], ...]:
        """The lines of the fact box that pass, each once; nobody is asked to mend the others."""
        facts: dict[tuple[Aspect, str], Draft] = {}
        for place, (aspect, said) in enumerate(answer.facts):
            draft, reasons = self._examined(FACT, said)
            if place >= MOST_FACTS or (aspect, draft.text) in facts:
                reasons = ("length",)
            if reasons:
                self._withhold(said.text, reasons)
            else:
                facts[aspect, draft.text] = draft
        return tuple((aspect, draft) for (aspect, _), draft in facts.items())

    def _within_words(self, drafts: Sequence[Draft]) -> list[Draft]:
        """The drafts, as long as they fit in the words; the rest is withheld for its length."""
        left, kept = self.words, []
        for draft in drafts:
            length = len(draft.text.split())
            if length <= left:
                kept.append(draft)
                left -= length
            else:
                self._withhold(draft.text, ("length",))
        return kept

    def _withhold(self, text: str, reasons: tuple[Reason, ...]) -> None:
        self.withheld.append(Withheld(self.evidence.cluster.id, text or "(no words)", reasons))


def _is_cut(draft: Draft, *, whole: bool) -> bool:
    """Whether a text breaks off: a `whole` sentence without its beginning or end, any text within a word.

    A line that is no sentence runs on where one ends in it: it is two, and the second mostly a beginning.
    """
    text = draft.text
    if whole and (not _ENDS.search(text) or text[:1].islower() or len(words(text)) < LEAST_WORDS):
        return True
    if not whole and len(sentence_spans(f"{visible(text).rstrip('.!?…')}.")) > 1:
        return True
    last = text.rpartition(" ")[2]
    if text[-1:] in ",;:-–—" or last.rstrip(".!?…").casefold() in _OPEN:
        return True
    ends = (citation.quote.partition(text)[2] for citation in draft.citations if text in citation.quote)
    return any(_goes_on(last, after) for after in ends)


def _goes_on(last: str, after: str) -> bool:
    """Whether a text's last word is not whole where its passage has it, or stands within a name there."""
    if after[:1].isalnum() and last[-1:].isalnum():
        return True
    within_initials = after[:1] == "." and "." in last  # "U.S"
    return within_initials or bool(last[:1].isupper() and last[-1:].isalnum() and re.match(r" [A-Z][a-z]", after))
