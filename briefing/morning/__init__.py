"""The whole morning of a profile: fetch, make the day's edition, send it to its readers, keep it."""
