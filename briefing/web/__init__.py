"""The one HTTP client of the program: deadlines, caps, and no way into the network that it runs in.

    with Web(Limits(contact="desk@example.org")) as web:
        answer = web.get(Ask(url="https://example.org/feed.xml", etag='"7"'))

Each concern is one file. `targets` reads addresses, `addresses` judges them, `resolving` asks for names, `network`
opens the sockets and holds every one of their operations to the deadline, `transport` speaks HTTP over them,
`answering` and `body` read what comes, `turns` and `robots` are the manners, `client` puts them together. No proxy and
no `.netrc` is read from the environment; the certificates to trust are the system's. Cookies are never kept.
"""

from __future__ import annotations

from briefing.web.asking import Answer, Ask, Limits, Resolve, WebError, WebFailure
from briefing.web.client import Web

__all__ = ["Answer", "Ask", "Limits", "Resolve", "Web", "WebError", "WebFailure"]
