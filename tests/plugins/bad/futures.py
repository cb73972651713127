"""A plugin of tomorrow: it implements a hook that this crmcore does not have."""

from __future__ import annotations

from crmcore import hookimpl

plugin_name = "futures"


@hookimpl
def crm_dashboards() -> list[str]:
    return ["Tomorrow"]
