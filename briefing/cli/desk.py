"""Which writer a run has, and what is done with its exchanges: made, rehearsed, recorded or replayed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from briefing.console import tell
from briefing.errors import UsageError

if TYPE_CHECKING:
    from briefing.collect import Collected
    from briefing.config import ModelSettings, Settings
    from briefing.llm.rehearsal import Rehearsal
    from briefing.pipeline import Options
    from briefing.ports import Author, Provider
    from briefing.write.model.prompts import Prompts


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanges:
    """What the flags of a run ask to be done with the exchanges with a language model."""

    record: Path | None = None
    replay: Path | None = None
    rehearse: bool = False
    model_named: bool = False  # by --model, --judge or --no-fallback


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The author of a run, with what it was made of; `model` is None where no model writes."""

    author: Author
    model: tuple[ModelSettings, Prompts] | None = None
    record: Path | None = None
    rehearsal: Rehearsal | None = None

    def save(
        self, collected: Collected, options: Options, formats: Sequence[str], templates: Path | None = None
    ) -> None:
        """Complete the bundle, where one was asked for; `templates` is the user's own folder of templates."""
        if self.record is not None:
            from briefing.bundle import save

            save(self.record, collected, options, formats, self.model, templates)


def desk(settings: Settings, exchanges: Exchanges, *, quiet: bool) -> Desk:
    """The desk that settings and flags ask for. Raises UsageError where they contradict each other."""
    if exchanges.record is not None and exchanges.replay is not None:
        raise UsageError("--record and --replay at once: record a run, or replay one")
    if exchanges.replay is not None and exchanges.model_named:
        raise UsageError("a recording answers for its own model: leave --model, --judge and --no-fallback out")
    if exchanges.record is not None:
        _check_new(exchanges.record)
    wanted = settings.writer
    if wanted == "auto":
        wanted = "model" if settings.model.reachable or exchanges.replay is not None else "extractive"
        if wanted == "extractive" and exchanges.model_named:
            raise UsageError(
                "no language model is set up: set OPENAI_API_KEY or OPENAI_BASE_URL, or leave the flags out"
            )
        if wanted == "extractive" and not quiet:
            tell("no language model is set up: the sentences are the articles' own (extractive); see README, “A model”")
    if wanted == "extractive":
        from briefing.pipeline import EXTRACTIVE

        if settings.prompts is not None:
            from briefing.write.model.prompts import load_prompts

            load_prompts(settings.prompts)  # so that a folder that is not there is told, with or without a model

        if exchanges.replay is not None:
            raise UsageError("--replay answers a language model's requests: say --writer model, or leave --replay out")
        return Desk(author=EXTRACTIVE, record=exchanges.record)
    return _model_desk(settings, exchanges)


def _model_desk(settings: Settings, exchanges: Exchanges) -> Desk:
    from briefing.author import connect, counted, kept, model_author
    from briefing.bundle import ANSWERS, answers_in, settings_in
    from briefing.llm.recording import Recorder, Replayer
    from briefing.llm.rehearsal import Rehearsal
    from briefing.store import open_store, peek
    from briefing.write.model.prompts import load_prompts

    model, prompts = settings.model, load_prompts(settings.prompts)
    rehearsal: Rehearsal | None = None
    ask: Provider
    if exchanges.replay is not None:
        model = model.model_validate({**model.model_dump(), **settings_in(exchanges.replay)})
        ask = Replayer(answers_in(exchanges.replay))
    elif exchanges.rehearse:
        rehearsal = Rehearsal(lambda request: counted(settings.model, request))
        store = peek(settings.store_place)
        ask = rehearsal if store is None else kept(rehearsal, store, model)
        model = model.model_copy(update={"fallback": True})
    else:
        ask = connect(model, open_store(settings.store_place))
    if exchanges.record is not None and not exchanges.rehearse:
        ask = Recorder(ask, exchanges.record / ANSWERS)
    return Desk(
        author=model_author(model, prompts, ask), model=(model, prompts), record=exchanges.record, rehearsal=rehearsal
    )


def _check_new(folder: Path) -> None:
    from briefing.bundle import EDITION

    if (folder / EDITION).exists():
        raise UsageError(f"{folder} holds a recorded edition: name another folder, or remove it")
