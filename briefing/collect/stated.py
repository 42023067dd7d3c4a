"""What JSON states of an article: the keys that are read, the value of a text, and the hash that stands in for an id.

Rows and feeds both need it; a JSON Feed may be given as rows are, so feeds know nothing of rows.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

KEYS = ("id", "title", "text", "published", "publisher", "url", "author", "language")


def parse(data: bytes) -> Any:
    """The JSON value of `data`. Raises ValueError that says what is wrong, whatever is."""
    try:
        return json.loads(data)
    except UnicodeDecodeError as error:
        raise ValueError("is not UTF-8; save it as UTF-8") from error
    except json.JSONDecodeError as error:
        where = f"column {error.colno}" if error.lineno == 1 else f"line {error.lineno}, column {error.colno}"
        raise ValueError(f"is no JSON: {error.msg} at {where}") from error
    except RecursionError as error:
        raise ValueError("is nested too deeply to be an article") from error


def content_hash(known: dict[str, str]) -> str:
    """Twelve hexadecimal digits of the SHA-256 of an article's stated keys as canonical JSON, its id left out."""
    canonical = json.dumps({k: v for k, v in known.items() if k != "id"}, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]
