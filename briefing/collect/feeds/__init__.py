"""Feeds of every kind, news sitemaps, and lists of feeds."""
