"""The briefing.toml that `init` writes."""

from __future__ import annotations

from pathlib import Path

from briefing.errors import UsageError

SAMPLE = """\
# Settings of briefing. What begins with # is off and shows the default. The environment wins over this file
# (BRIEFING_TITLE, BRIEFING_FETCH__TIMEOUT), a flag over both.

# title = "Daily briefing"
# output = "briefings"
# formats = ["md", "html", "json"]
# words = 160                  # an event, at most
# store = "/var/lib/briefing/store.sqlite"   # or "postgresql://user@host/briefing"; the password from PGPASSWORD

[fetch]
# contact = "you@example.org"  # told to the sites that are asked, so that they can write to you
# timeout = 30                 # seconds for one address, redirects and slow bytes included
# workers = 20                 # hosts asked at once; one host is asked one thing at a time
# pause = 1.0                  # seconds between two requests to one host
# intranet = ["wiki.corp", "10.0.0.0/8"]   # hosts of your own that have no public address; all others are refused
# pages = true                 # fetch the page where a feed gives no more than a teaser
# pages_within = "2d"          # of articles no older than this
# keep = "90d"                 # articles older than this that no briefing cites are forgotten

# [model]                      # see README, "A model"
# name = "gpt-5-mini"
"""


def write_sample(path: Path) -> bool:
    """Write the sample where no file is; False where one is already. Raises UsageError where it cannot be written."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(SAMPLE)
    except FileExistsError:
        return False
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror}") from error
    return True
