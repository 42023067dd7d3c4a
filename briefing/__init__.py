"""Turns many news articles into one daily briefing in which every sentence carries its sources."""

__version__ = "0.1.0"

# The project has no public address yet: this stands in the User-Agent, so that a site's owner can read who asks.
HOMEPAGE = "https://briefing.example/fetcher"
