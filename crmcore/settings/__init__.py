"""What an operator can set: one TOML file and `CRM_*` variables become typed structs, the core's and each plugin's."""

from crmcore.settings.load import load_settings, plugin_settings
from crmcore.settings.structs import GraphQL, Http, Log, Pages, RoleLimits, Settings, Subscriptions

__all__ = [
    "GraphQL",
    "Http",
    "Log",
    "Pages",
    "RoleLimits",
    "Settings",
    "Subscriptions",
    "load_settings",
    "plugin_settings",
]
