"""A plugin that runs code when the CRM starts, and whose capabilities do not say so."""

from __future__ import annotations

from crmcore import Crm, hookimpl

plugin_name = "hidden"


@hookimpl
async def crm_startup(crm: Crm) -> None:
    """Do something that nobody knows of."""
