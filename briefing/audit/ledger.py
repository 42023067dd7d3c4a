"""Whether a briefing's parts fit together: storylines, what was withheld, what fell back, and the counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from briefing.audit.reading import Reading, clipped, shown
from briefing.domain import Reason

_COUNTED = ("articles", "events", "sentences", "cited", "verbatim", "withheld")
_COUNTED_LATER = ("written", "repaired", "replaced", "calls", "kept")  # absent in older briefings


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
    """Whatever was withheld has reasons, all of them known."""
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
    """The report's counts are what the file holds."""
    later = dict.fromkeys(_COUNTED_LATER, int)
    report = reading.part(parts["report"], "report", dict.fromkeys(_COUNTED, int), later)
    sentences = [value for event in events for value in event["sentences"] if isinstance(value, Mapping)]
    counts = {
        "articles": len(parts["articles"]),
        "events": len(events),
        "sentences": len(sentences),
        "cited": sum(bool(value.get("citations")) for value in sentences),
        "verbatim": sum(value.get("kind") == "verbatim" for value in sentences),
        "withheld": len(parts["withheld"]),
    }
    if "written" in parts["report"]:
        counts["written"] = sum(value.get("kind") == "written" for value in sentences)
    for key, count in counts.items():
        if report[key] != count:
            reading.note("report", "count", f"`{key}` says {shown(report[key])}, the file holds {count}")
    for key in _COUNTED_LATER:
        if report[key] < 0:
            reading.note("report", "count", f"`{key}` is {shown(report[key])}, must be at least 0")


def check_fallbacks(reading: Reading, parts: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> None:
    """Every fallback names an event of the file, or one that was withheld as a whole, and no event is named twice."""
    told = {event["id"] for event in events}
    told |= {value.get("event_id") for value in parts["withheld"] if isinstance(value, Mapping) and _named(value)}
    seen: set[str] = set()
    for number, value in enumerate(reading.part(parts["report"], "report", {}, {"fallbacks": list})["fallbacks"], 1):
        where = f"fallback {number}"
        name = reading.part(value, where, {"event_id": str, "kind": str, "message": str})["event_id"]
        if name not in told:
            reading.note(where, "count", f"event {clipped(name)} does not exist")
        elif name in seen:
            reading.note(where, "count", f"event {clipped(name)} is named twice")
        seen.add(name)


def _named(value: Mapping[str, Any]) -> bool:
    return isinstance(value.get("event_id"), str)
