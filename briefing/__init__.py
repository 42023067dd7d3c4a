"""Turns many news articles into one daily briefing in which every sentence carries its sources."""

__version__ = "0.1.0"
