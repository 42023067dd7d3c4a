"""The tables of the configuration: [model], [fetch], [mail]."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, SecretStr

from briefing.config.values import (
    Address,
    Age,
    Amount,
    Count,
    FilePath,
    HostName,
    Mailbox,
    Port,
    Seconds,
    Sender,
    Words,
)


class PriceSettings(BaseModel):
    """What a model costs, in money for a million tokens."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    input: Amount
    output: Amount


class ModelSettings(BaseModel):
    """The table `[model]`: which language model writes, and what it may cost."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = "gpt-5-mini"
    provider: str = "openai"
    base_url: Address | None = None
    api_key: SecretStr | None = None
    judge: str | None = None
    timeout: Seconds = 120
    calls: Count = 4
    answer_tokens: Count | None = None
    event_tokens: Count = 6000
    fallback: bool = True
    prices: dict[str, PriceSettings] = {}
    tokens_per_run: Count | None = None
    tokens_per_day: Count | None = None
    cost_per_run: Amount | None = None
    cost_per_day: Amount | None = None

    @property
    def caps(self) -> dict[str, float | None]:
        """The caps by their names."""
        names = ("tokens_per_run", "tokens_per_day", "cost_per_run", "cost_per_day")
        return {name: getattr(self, name) for name in names}

    @property
    def reachable(self) -> bool:
        """Whether a key or an address says that there is a model to ask."""
        return bool(self.base_url or (self.api_key and self.api_key.get_secret_value()))


class FetchSettings(BaseModel):
    """The table `[fetch]`: how the reader's sources are asked, and how often the schedule does so."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    timeout: Seconds = 30
    workers: Count = 20
    pause: Amount = 1.0
    intranet: Words = ()
    contact: str | None = None
    pages: bool = True
    pages_within: Age = timedelta(days=2)
    keep: Age = timedelta(days=90)
    every: Age = timedelta(hours=1)


class MailSettings(BaseModel):
    """The table `[mail]`: which way letters go out, who sends them, and what is done where that fails.

    `folder` takes the place of a server: each message becomes a file there. `security` says how the connection to the
    server is encrypted; `port` is 587 with `starttls`, 465 with `tls`, 25 with `none` where it is not stated.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    host: HostName | None = None
    port: Port | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str | None = None
    password: SecretStr | None = None
    password_file: Path | None = None
    certificates: FilePath | None = None
    local_name: str | None = None
    folder: FilePath | None = None
    sender: Sender | None = None
    reply_to: Sender | None = None
    operator: Mailbox | None = None
    public_url: Address | None = None
    archive_url: Address | None = None
    unsubscribe_key: SecretStr | None = None
    unsubscribe_key_file: Path | None = None
    unknown: Literal["hold", "resend"] = "hold"
    timeout: Seconds = 60
    answer_timeout: Seconds = 600
    give_up: Age = timedelta(hours=24)

    @property
    def reachable(self) -> bool:
        """Whether there is a way for letters to go out."""
        return self.host is not None or self.folder is not None
