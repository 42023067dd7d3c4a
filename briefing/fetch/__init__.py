"""The reader's own sources, asked over the web and kept in the store.

`run` is one round: every source that is due is polled (`poll`), then the pages of new articles are fetched (`pages`). A
source kind is one file and one line here: a `ports.Reader` of what the source's address gives.
"""

from __future__ import annotations

KINDS: dict[str, str] = {
    "feed": "briefing.collect.feeds.read:read",
    "page": "briefing.collect.pages.read:read",
    "sitemap": "briefing.collect.feeds.sitemap:read",
}
