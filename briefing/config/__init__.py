"""Settings: flag over environment over file over default.

A `briefing.toml` in the working folder, or the file that `--config` names, sets what a user would otherwise repeat on
every call. `BRIEFING_TITLE` and the like set the same from the environment; a name within a table has two underscores
before it (`BRIEFING_MODEL__TIMEOUT`). A language model's name, address and key are read from `OPENAI_MODEL`,
`OPENAI_BASE_URL` and `OPENAI_API_KEY` too, as other programs read them.
"""

from briefing.config.loading import DEFAULT_FILE, load_settings
from briefing.config.profiles import ProfileSettings
from briefing.config.settings import Settings
from briefing.config.tables import FetchSettings, MailSettings, ModelSettings, PriceSettings

__all__ = [
    "DEFAULT_FILE",
    "FetchSettings",
    "MailSettings",
    "ModelSettings",
    "PriceSettings",
    "ProfileSettings",
    "Settings",
    "load_settings",
]
