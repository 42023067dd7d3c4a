"""The language model's endpoint: does it answer, take the key, and have the model."""

from __future__ import annotations

import json
from collections.abc import Iterator

from briefing.config import ModelSettings
from briefing.doctor.asking import Answer, Unreachable, get
from briefing.doctor.finding import Finding, Setup, bad, good, skipped, warn
from briefing.llm.endpoint import OPENAI
from briefing.llm.failures import Asked, moved, refused

_NAMED = 5
_LASTING = frozenset(("key", "quota", "request", "refusal"))


def check(setup: Setup) -> Iterator[Finding]:
    """Its list of models is asked for: that costs nothing."""
    settings = setup.settings
    model = settings.model
    writers = {own.writer or settings.writer for own in setup.profiles.values()} or {settings.writer}
    if writers == {"extractive"}:
        yield good("none is wanted: editions are in the articles' own sentences")
    elif not model.reachable and "model" in writers:
        yield bad("none is set up, and the writer is to be one", "set OPENAI_API_KEY, or OPENAI_BASE_URL for your own")
    elif not model.reachable:
        yield good("none is set up: editions are in the articles' own sentences")
    elif model.provider != "openai":
        yield skipped(f"the provider {model.provider} is your own: nothing is known of it here")
    else:
        yield from _endpoint(model)


def _endpoint(model: ModelSettings) -> Iterator[Finding]:
    key = model.api_key.get_secret_value().strip() if model.api_key is not None else ""
    url = (model.base_url or OPENAI).strip().rstrip("/")
    asked = Asked(url, model.name, key or None)
    try:
        answer = get(f"{url}/models", {"Authorization": f"Bearer {key}"} if key else None)
    except Unreachable as error:
        yield bad(
            f"{asked.place}: {asked.shown(str(error))}", "check OPENAI_BASE_URL, the network and the proxy settings"
        )
        return
    if 300 <= answer.status < 400:
        yield bad(str(moved(answer.status, answer.headers, asked)), "then run briefing doctor again")
    elif answer.status in {404, 405, 501}:
        yield warn(
            f"{asked.place} answers, and has no list of models ({answer.status})",
            "if the address is wrong (most end in /v1), set OPENAI_BASE_URL; some servers have no such list",
        )
    elif answer.status >= 400:
        yield _refused(answer, asked)
    else:
        yield from _listed(answer, model, asked)


def _refused(answer: Answer, asked: Asked) -> Finding:
    try:
        body: object = json.loads(answer.body)
    except (ValueError, RecursionError):
        body = answer.body.decode("utf-8", "replace")
    error = refused(answer.status, body, answer.headers, asked)
    if error.kind in _LASTING:
        return bad(str(error), "until then editions are in the articles' own sentences")
    return warn(str(error), "it may be for a while only: run briefing doctor again later")


def _listed(answer: Answer, model: ModelSettings, asked: Asked) -> Iterator[Finding]:
    try:
        document = json.loads(answer.body)
        names = [asked.shown(str(row["id"])) for row in document["data"]]
    except (ValueError, RecursionError, KeyError, TypeError):
        yield bad(f"what answers at {asked.place} is no model's endpoint", "check OPENAI_BASE_URL (most end in /v1)")
        return
    for wanted, setting in ((model.name, "OPENAI_MODEL or name under [model]"), (model.judge, "judge under [model]")):
        if wanted is None:
            continue
        if any(one in {wanted, f"models/{wanted}"} for one in names):
            yield good(f"{asked.place} has {wanted}")
        else:
            shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
            yield warn(
                f"{asked.place} does not list {wanted}; it has {shown or 'none'}", f"set {setting} to one of them"
            )
