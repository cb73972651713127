"""A plugin that opens something when the CRM starts and closes it when it stops."""

from __future__ import annotations

from crmcore import Crm, hookimpl

plugin_name = "lamps"

told: list[str] = []


@hookimpl
async def crm_startup(crm: Crm) -> None:
    told.append("on")


@hookimpl
async def crm_shutdown() -> None:
    told.append("off")
