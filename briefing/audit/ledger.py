"""Whether a briefing's parts fit together: storylines, what was withheld, what fell back, and the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from briefing.audit.reading import Reading, clipped, shown
from briefing.domain import Reason

_COUNTED = ("articles", "events", "sentences", "cited", "verbatim", "withheld")


def check_storylines(reading: Reading, storylines: Sequence[Any], events: Sequence[Mapping[str, Any]]) -> None:
    """Every event has an id of its own and stands in one storyline, the one that it names."""
    held: dict[str, list[str]] = {}
    for number, storyline in enumerate(storylines, 1):
        where = f"storyline {number}"
        part = reading.part(storyline, where, {"id": str, "event_ids": list})
        for event_id in reading.words(part["event_ids"], where):
            held.setdefault(event_id, []).append(part["id"])
    names = Counter(event["id"] for event in events)
    for name, times in names.items():
        where = f"event {clipped(name)}"
        if times > 1:
            reading.note(where, "count", f"{times} events have this id")
        if len(held.get(name, [])) != 1:
            reading.note(where, "count", f"stands in {len(held.get(name, []))} storylines, must stand in one")
    for event in events:
        if held.get(event["id"], [event["storyline_id"]])[0] != event["storyline_id"]:
            message = f"names storyline {clipped(event['storyline_id'])}, stands in {clipped(held[event['id']][0])}"
            reading.note(f"event {clipped(event['id'])}", "count", message)
    for name in held:
        if name not in names:
            reading.note("storylines", "count", f"event {clipped(name)} does not exist")


def check_withheld(reading: Reading, withheld: Sequence[Any]) -> None:
    known = get_args(Reason)
    for number, value in enumerate(withheld, 1):
        where = f"withheld {number}"
        part = reading.part(value, where, {"event_id": str, "text": str, "reasons": list})
        if not part["reasons"]:
            reading.note(where, "schema", "has no reason")
        for reason in reading.words(part["reasons"], where):
            if reason not in known:
                reading.note(where, "schema", f"`{clipped(reason)}` is none of the reasons {', '.join(known)}")


def check_counts(reading: Reading, parts: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> None:
    report = reading.part(parts["report"], "report", dict.fromkeys(_COUNTED, int))
    sentences = [value for event in events for value in event["sentences"] if isinstance(value, Mapping)]
    counts = {
        "articles": len(parts["articles"]),
        "events": len(events),
        "sentences": len(sentences),
        "cited": sum(bool(value.get("citations")) for value in sentences),
        "verbatim": sum(value.get("kind") == "verbatim" for value in sentences),
        "withheld": len(parts["withheld"]),
    }
    for key, count in counts.items():
        if report[key] != count:
            reading.note("report", "count", f"`{key}` says {shown(report[key])}, the file holds {count}")
