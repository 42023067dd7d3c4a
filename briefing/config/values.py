"""Kinds of values that settings have, as they are written in a file or in a variable of the environment."""

from __future__ import annotations

import re
from datetime import time, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import NoDecode

from briefing.dates import parse_age


def _split(value: object) -> object:
    return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value


def _number(value: object) -> object:
    """Refuses `true`, which would be read as 1."""
    if isinstance(value, bool):
        raise ValueError("Input should be a whole number")  # noqa: TRY004 - what pydantic turns into its own error
    return value


def _age(value: object) -> object:
    return parse_age(value) if isinstance(value, str) else value


def _hour(value: object) -> object:
    if isinstance(value, time):
        return value
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", value) if isinstance(value, str) else None
    if found is None or int(found[1]) > 23 or int(found[2]) > 59:
        raise ValueError('an hour of the day is written as "06:30"')
    return time(int(found[1]), int(found[2]))


def _whole_minute(value: time) -> time:
    if value.second or value.microsecond or value.tzinfo is not None:
        raise ValueError('an hour of the day is written as "06:30", its zone in time_zone')
    return value


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError('there is no such time zone; write it as "Europe/Berlin"') from error
    return value


def _profile_name(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", value):
        raise ValueError(
            f'a profile is named with up to 40 small letters, digits and -, as "tech-weekly", not {value!r}'
        )
    return value


def _grace(value: timedelta) -> timedelta:
    if not timedelta(0) < value < timedelta(hours=24):
        raise ValueError("it has to be more than nothing and less than 24h: the next day has an edition of its own")
    return value


def _mailbox(value: str) -> str:
    """Only what is plainly wrong is found here, where its line is known; `deliver.addresses` reads the rest."""
    local, at, domain = value.rpartition("@")
    if not (local and at and domain) or not value.isprintable():
        raise ValueError(f'{value!r} is no mail address; write it as "name@example.org"')
    return value


def _host(value: str) -> str:
    if not value or "@" in value or "/" in value or not value.isprintable() or " " in value:
        raise ValueError('the name of a host alone, as "smtp.example.org"; its user goes into username')
    return value


def _sender(value: str) -> str:
    if "@" not in value or not value.isprintable():
        raise ValueError('no mail address; write it as "Daily briefing <briefing@example.org>"')
    return value


FilePath = Annotated[Path, AfterValidator(Path.expanduser)]
ProfileName = Annotated[str, AfterValidator(_profile_name)]
Words = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]
Age = Annotated[timedelta, BeforeValidator(_age)]
Grace = Annotated[Age, AfterValidator(_grace)]
Count = Annotated[int, BeforeValidator(_number), Field(ge=1)]
Amount = Annotated[float, BeforeValidator(_number), Field(ge=0)]
Seconds = Annotated[float, BeforeValidator(_number), Field(gt=0)]
Address = Annotated[str, Field(pattern=r"^https?://")]
Port = Annotated[int, BeforeValidator(_number), Field(ge=1, le=65535)]
Hour = Annotated[time, BeforeValidator(_hour), AfterValidator(_whole_minute)]
Zone = Annotated[str, AfterValidator(_zone)]
Mailbox = Annotated[str, AfterValidator(_mailbox)]
Mailboxes = Annotated[tuple[Mailbox, ...], NoDecode, BeforeValidator(_split)]
HostName = Annotated[str, AfterValidator(_host)]
Sender = Annotated[str, AfterValidator(_sender)]
Formats = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split), Field(min_length=1)]
