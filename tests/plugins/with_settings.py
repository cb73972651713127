"""A plugin that has settings."""

from __future__ import annotations

import msgspec

from crmcore import hookimpl

plugin_name = "weather"


class WeatherSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the weather is asked.

    Attributes:

        city: whose weather.
    """

    city: str = "Vienna"


@hookimpl
def crm_settings() -> type[WeatherSettings]:
    return WeatherSettings
