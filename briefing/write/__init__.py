"""Writers: from an event's articles to drafts that cite passages.

A further writer is one file and one line in `WRITERS`.
"""

from __future__ import annotations

WRITERS: dict[str, str] = {
    "extractive": "briefing.write.extractive:write",
    "model": "briefing.write.model.writer:ModelWriter",
}
