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
# every = "1h"                 # how often the schedule asks the sources; "0h": only for an edition

# [model]                      # see README, "A model"
# name = "gpt-5-mini"

[profiles.morning]             # `briefing run morning`; as many profiles as you like, each with its own table
hour = "06:30"                 # the schedule makes and sends it then: briefing schedule install
# time_zone = "Europe/Berlin"  # this machine's own, where it is not stated
# title = "Morning briefing"
# sources = ["local", "https://example.org/feed"]   # addresses, names or tags; all, where it is not stated
# topics = ["harbour"]         # only articles on one of these
# recipients = ["you@example.org"]                  # nobody: the edition is only written to output
# recipients_file = "members.txt"                   # or one address a line
# max_events = 12
# grace = "6h"                 # an edition that was missed is still made so long after its hour
# empty = "skip"               # "send": also on a day without news

[mail]                         # where recipients are named; see docs/operate.md
# sender = "Morning briefing <briefing@example.org>"
# host = "smtp.example.org"    # with STARTTLS at port 587; security = "tls" for port 465
# username = "briefing"        # its password from BRIEFING_MAIL__PASSWORD, password_file or the keyring, never here
# folder = "mails"             # instead of host: each message becomes a file here, to look at
# operator = "you@example.org" # is written to when nothing goes out
# public_url = "https://briefing.example.org"       # where `briefing serve` is reached, to unsubscribe with one click
# archive_url = "https://example.org/briefings"     # where the files in output can be seen
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
