"""All that a user can set, as one value."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from briefing.config.profiles import ProfileSettings
from briefing.config.tables import FetchSettings, MailSettings, ModelSettings
from briefing.config.values import Count, FilePath, Formats, ProfileName
from briefing.errors import UsageError


class Settings(BaseSettings):
    """What a user can set, in `briefing.toml` or as `BRIEFING_` and the name in capitals."""

    model_config = SettingsConfigDict(
        env_prefix="BRIEFING_", env_nested_delimiter="__", extra="forbid", frozen=True, protected_namespaces=()
    )

    title: str = "Daily briefing"
    output: FilePath = Path("briefings")
    formats: Formats = ("md", "html", "json")
    writer: Literal["auto", "extractive", "model"] = "auto"
    max_events: Count | None = None
    words: Count = 160
    templates: FilePath | None = None
    prompts: FilePath | None = None
    state: Path | None = None
    store: Annotated[str | None, Field(repr=False, min_length=1)] = None  # an address may hold a password
    model: ModelSettings = ModelSettings()
    fetch: FetchSettings = FetchSettings()
    mail: MailSettings = MailSettings()
    profiles: dict[ProfileName, ProfileSettings] = {}

    @property
    def state_folder(self) -> Path:
        """Where the program keeps its state: as stated, else where this system keeps such things."""
        from platformdirs import user_state_path

        return self.state.expanduser() if self.state is not None else user_state_path("briefing", appauthor=False)

    @property
    def store_place(self) -> str | Path:
        """Where the store is: the address or the path that is stated, else a file in the state folder."""
        if self.store is None:
            return self.state_folder / "store.sqlite"
        return self.store if "://" in self.store else Path(self.store).expanduser()

    def profile(self, name: str) -> ProfileSettings:
        """The profile of a name. Raises UsageError that says which there are."""
        if name in self.profiles:
            return self.profiles[name]
        known = f"there are {', '.join(sorted(self.profiles))}" if self.profiles else "there is none yet"
        raise UsageError(f"no profile {name!r}: {known}; a profile is a table [profiles.{name}] in briefing.toml")

    def of_profile(self, name: str) -> Settings:
        """These settings as a profile has them: what it states itself wins."""
        own = self.profile(name)
        stated = {key: getattr(own, key) for key in ("title", "writer", "formats", "max_events", "words")}
        return self.model_copy(update={key: value for key, value in stated.items() if value is not None})
