"""The tables `[profiles.NAME]`: several named briefings, each with its own sources, readers and hour."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from briefing.config.values import Age, Count, FilePath, Formats, Grace, Hour, Mailboxes, Words, Zone


class ProfileSettings(BaseModel):
    """One briefing of several. What it does not state is as the general settings have it.

    `sources` are addresses, names or tags (none: all). An edition is due each day at `hour` in `time_zone` (None: this
    machine's own), and is caught up within `grace` where that moment was missed. It covers what came since the edition
    before it, or the time `since`. `empty`: what to do on a day without news.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: str | None = None
    sources: Words = ()
    topics: Words = ()
    writer: Literal["auto", "extractive", "model"] | None = None
    formats: Formats | None = None
    recipients: Mailboxes = ()
    recipients_file: FilePath | None = None
    hour: Hour = time(6, 30)
    time_zone: Zone | None = None
    since: Age | None = None
    grace: Grace = timedelta(hours=6)
    max_events: Count | None = None
    words: Count | None = None
    empty: Literal["skip", "send"] = "skip"

    @property
    def zone(self) -> ZoneInfo:
        """The time zone that its days and its hour are in."""
        if self.time_zone is not None:
            return ZoneInfo(self.time_zone)
        from tzlocal import get_localzone

        return get_localzone()
